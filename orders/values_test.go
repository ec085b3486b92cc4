package orders_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"process-orders/orders"
)

// till is a mapping of JSON in a shape of its own, and written one of a table.
var (
	till = orders.Mapping{
		ID: orders.Field{"no"}, Time: orders.Field{"at"}, Phone: orders.Field{"tel", "mobile"}, Name: orders.Field{"who"}, Lines: []string{"rows[]"}, KeepRefunds: true,
		LineFields: orders.LineFields{Item: orders.Field{"what"}, Price: orders.Field{"each"}, Quantity: orders.Field{"n"}},
	}
	written = orders.Mapping{
		CSV: true, KeepRefunds: true, Group: orders.Field{"no"}, ID: orders.Field{"no"}, Time: orders.Field{"at"}, Phone: orders.Field{"tel", "mobile"}, Name: orders.Field{"who"},
		LineFields: orders.LineFields{Item: orders.Field{"what"}, Price: orders.Field{"each"}, Quantity: orders.Field{"n"}},
	}
)

// cell is a value as a table writes it.
func cell(value string) string { return `"` + strings.ReplaceAll(value, `"`, `""`) + `"` }

// text is a value as JSON writes it.
func text(value string) string {
	b, _ := json.Marshal(value)
	return string(b)
}

// inAllWays reads a text in all ways and at all sizes of blocks, and wants the same.
func readInAllWays(t *testing.T, what string, m *orders.Mapping, text string) reading {
	t.Helper()
	var first reading
	for i, name := range []string{"fast", "portable", "slow", "mapped", "mapped slow"} {
		got := setup{Options: orders.Ways[name](orders.Options{Mapping: m}), ahead: 2}.sameAtSomeSizes(t, what+", "+name, text)
		got.totals = setup{Options: orders.Ways[name](orders.Options{Mapping: m}), ahead: 2}.read(text).totals
		if i == 0 {
			first = got
		} else if got.String() != first.String() || !reflect.DeepEqual(got.totals, first.totals) {
			t.Errorf("%s, %s: got\n%s%+v, want\n%s%+v", what, name, got, got.totals, first, first.totals)
		}
	}
	return first
}

// Numbers in texts are read as people write them, by the sign in force. Numbers of JSON are
// what they are.
func TestNumbersByTheirSign(t *testing.T) {
	const (
		refused = "want a decimal number"
		either  = "decides too"
	)
	comma := func(number string) string {
		return ", which is " + number + ` with --decimal , or decimal = "," in the mapping`
	}
	point := func(number string) string {
		return ", which is " + number + ` with --decimal . or decimal = "." in the mapping`
	}
	for _, c := range []struct{ value, unknown, point, comma string }{
		{"4.50", "4.50", "4.50", point("4.50")},
		{"10.50 ", "10.50", "10.50", point("10.50")},
		{"4,50", comma("4.50"), comma("4.50"), "4.50"},
		{"1,299", either, "1299", "1.299"},
		{"1.299", "1.299", "1.299", "1299"},
		{"1,299.00", "1299.00", "1299.00", point("1299.00")},
		{"1.299,00 €", comma("1299.00"), comma("1299.00"), "1299.00"},
		{"1,234,567", "1234567", "1234567", point("a number")},
		{"\u00a0$-5\u202f", "-5", "-5", "-5"},
		{"($.50)", "-0.50", "-0.50", point("-0.50")},
		{"1e1", "10", "10", "10"},
		{"12%", refused, refused, refused},
		{"1/2", refused, refused, refused},
		{"5 - 6", refused, refused, refused},
		{"732-555-5509", "got a text of 12 characters", "got a text of 12 characters", "got a text of 12 characters"},
	} {
		for sign, want := range map[orders.Decimal]string{orders.DecimalUnknown: c.unknown, orders.DecimalPoint: c.point, orders.DecimalComma: c.comma} {
			json, table := till, written
			json.Decimal, table.Decimal = sign, sign
			standard := orders.Default()
			standard.Decimal = sign
			for _, in := range []struct {
				name    string
				mapping *orders.Mapping
				text    string
			}{
				{"JSON", &json, `{"no":1,"tel":"1","rows":[{"what":"a","each":` + text(c.value) + `}]}`},
				{"JSON, quantity", &json, `{"no":1,"tel":"1","rows":[{"what":"a","each":7,"n":` + text(c.value) + `}]}`},
				{"table", &table, "no,tel,what,each\n1,1,a," + cell(c.value) + "\n"},
				{"the default shape", &standard, item(`{"name":"a","price":` + text(c.value) + `}`)},
			} {
				what := fmt.Sprintf("%s, %q, sign %d", in.name, c.value, sign)
				got := readInAllWays(t, what, in.mapping, in.text)
				switch {
				case len(got.rejects) == 1 && len(got.orders) == 0:
					if reason := got.rejects[0].Reason; !strings.HasSuffix(reason, want) && !strings.HasPrefix(reason, want) {
						t.Errorf("%s: rejected as %q, want %s", what, reason, want)
					}
				case len(got.orders) != 1:
					t.Errorf("%s: got %s", what, got)
				case in.name == "JSON, quantity":
					one := setup{Options: orders.Options{Mapping: in.mapping}}.read(in.text)
					if quantity := string(one.orders[0].Lines[0].Quantity); quantity != want {
						t.Errorf("%s: got %s, want %s", what, quantity, want)
					}
				case string(got.orders[0].Lines[0].Price) != want:
					t.Errorf("%s: got %s, want %s", what, got.orders[0].Lines[0].Price, want)
				}
			}
			for _, number := range []string{"1.299", "4.50", "-0.5"} {
				got := readInAllWays(t, number, &json, `{"no":1,"tel":"1","rows":[{"what":"a","each":`+number+`,"n":`+number+`}]}`)
				if len(got.orders) != 1 || string(got.orders[0].Lines[0].Price) != number {
					t.Errorf("the number %s with sign %d: got %s", number, sign, got)
				}
			}
		}
	}
}

// Times that are not read are counted, of those orders alone that are accepted, with the
// place of the first.
func TestTimesUnread(t *testing.T) {
	place := func(line, order int64) orders.Place {
		return orders.Place{Source: "in", Line: line, Column: 1, Order: order}
	}
	const decides = "--day-first decides, or time_format in a mapping"
	type row struct{ no, at string }
	for _, c := range []struct {
		name    string
		rows    []row
		formats []string
		times   string // of the orders, as days of August 2026
		unread  int64
		at      orders.Place
		notes   []string
	}{
		{"all can be read", []row{{"1", "2026-08-15"}, {"2", "15.08.2026"}, {"3", "Aug 15, 2026"}}, nil, "15 15 15", 0, orders.Place{}, nil},
		{"none is there", []row{{"1", ""}, {"2", " "}}, nil, "- -", 0, orders.Place{}, nil},
		{"two cannot be read", []row{{"1", "2026-08-15"}, {"2", "soon"}, {"3", "45000.5"}}, nil, "15 - -", 2, place(2, 2), nil},
		{"an order that comes again", []row{{"1", "soon"}, {"1", "later"}, {"2", "2026-08-15"}}, nil, "- 15", 1, place(2, 2), nil},
		{"one with two readings", []row{{"1", "soon"}, {"2", "08/07/2026"}}, nil, "- -", 2, place(1, 1), []string{"1 time could be day or month first (in:2:1: order 2): " + decides}},
		{"some with two readings", []row{{"1", "15/08/2026"}, {"2", "08/07/2026"}, {"3", "7.8.26"}}, nil, "15 - -", 2, place(2, 2), []string{"2 times could be day or month first, the first at in:2:1: order 2: " + decides}},
		{"the day is first", []row{{"1", "15/08/2026"}, {"2", "07/08/2026"}, {"3", "08/15/2026"}}, []string{orders.DayFirst}, "15 7 -", 1, place(3, 3), nil},
		{"the month is first", []row{{"1", "08/15/2026"}, {"2", "08/07/2026"}}, []string{orders.MonthFirst}, "15 7", 0, orders.Place{}, nil},
		{"patterns", []row{{"1", "15|08|26"}, {"2", "0815-2026"}, {"3", "15 08 26"}}, []string{"%d|%m|%y", "%m%d-%Y"}, "15 15 -", 1, place(3, 3), nil},
	} {
		json, table := till, written
		json.TimeFormats, table.TimeFormats = c.formats, c.formats
		var lines, rows strings.Builder
		rows.WriteString("no,tel,what,each,at,who,mobile,n\n")
		for _, r := range c.rows {
			fmt.Fprintf(&lines, `{"no":%s,"tel":"1","rows":[],"at":%s}`+"\n", r.no, text(r.at))
			fmt.Fprintf(&rows, "%s,1,,,%s\n", r.no, cell(r.at))
		}
		for name, in := range map[string]struct {
			mapping *orders.Mapping
			text    string
			down    int64 // by how many lines the places are further down
		}{
			"JSON":  {&json, lines.String(), 0},
			"table": {&table, rows.String(), 1},
		} {
			if name == "table" && c.name == "an order that comes again" {
				continue // rows of one order
			}
			got := readInAllWays(t, c.name+", "+name, in.mapping, in.text)
			at := c.at
			if at.Line > 0 {
				at.Line += in.down
			}
			if got.totals.TimesUnread != c.unread || got.totals.TimesUnreadAt != at {
				t.Errorf("%s, %s: %d times are unread, the first at %v, want %d, %v", c.name, name, got.totals.TimesUnread, got.totals.TimesUnreadAt, c.unread, at)
			}
			var notes []string
			for _, n := range got.totals.Notes {
				notes = append(notes, strings.Replace(n.Text, "in:3:1", "in:2:1", 1))
			}
			if !reflect.DeepEqual(notes, c.notes) {
				t.Errorf("%s, %s: got notes %q, want %q", c.name, name, notes, c.notes)
			}
			var times []string
			for _, o := range (setup{Options: orders.Options{Mapping: in.mapping}}).read(in.text).orders {
				day := "-"
				if !o.Placed.IsZero() {
					day = fmt.Sprint(o.Placed.Day())
					if o.Placed.Month() != time.August || o.Placed.Year() != 2026 {
						day = o.Placed.String()
					}
				}
				times = append(times, day)
			}
			if all := strings.Join(times, " "); all != c.times {
				t.Errorf("%s, %s: got times %s, want %s", c.name, name, all, c.times)
			}
		}
	}
}

// Orders before the first one that ends the reading count.
func TestTimesUnreadBeforeAReject(t *testing.T) {
	good, bad := `{"no":%d,"tel":"1","rows":[],"at":"soon"}`+"\n", `{"no":2,"rows":[],"at":"soon"}`+"\n"
	got := setup{Options: orders.Options{Mapping: &till}, stopAtReject: true, ahead: 1}.read(fmt.Sprintf(good, 1) + bad + fmt.Sprintf(good, 3))
	if got.err == nil || got.totals.TimesUnread != 1 || got.totals.Orders != 1 {
		t.Errorf("got %v, %+v", got.err, got.totals)
	}
}

func TestTimeFormatErrors(t *testing.T) {
	for _, c := range []struct {
		formats []string
		want    string
	}{
		{[]string{orders.DayFirst, orders.MonthFirst}, `mapping: "month-first": want either "day-first" or "month-first"`},
		{[]string{"dd.mm.yyyy"}, `mapping: "dd.mm.yyyy": want "day-first", "month-first", or a pattern with a day (%d), a month (%m, %b or %B) and a year (%Y or %y)`},
		{[]string{orders.DayFirst, "%d.%m.%Y %Q"}, `mapping: "%d.%m.%Y %Q": want no percent signs but these: %d %m %b %B %Y %y %H %M %S %I %p %z`},
		{[]string{orders.DayFirst, orders.DayFirst, "%d.%m.%Y"}, ""},
	} {
		m := till
		m.TimeFormats = c.formats
		got := ""
		if err := m.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.formats, got, c.want)
		}
	}
}

// Phones that a spreadsheet had.
func TestPhonesOfSpreadsheets(t *testing.T) {
	const lost = ""  // it is none
	const none = " " // it has no digits, so it is none too
	for _, c := range []struct{ value, table, text string }{
		{"732-555-5509", "732-555-5509", "732-555-5509"},
		{"0", "0", "0"},
		{" 555 ", " 555 ", " 555 "},
		{"555.0101", "555.0101", "555.0101"},
		{"1-800-FLOWERS", "1-800-FLOWERS", "1-800-FLOWERS"},
		{"٠٧٣٢٥٥٥", "٠٧٣٢٥٥٥", "٠٧٣٢٥٥٥"},
		{"tel: 5", "tel: 5", "tel: 5"},
		{"#5", "#5", "#5"},
		// Wrappers of tables.
		{"'+17325550101", "+17325550101", "'+17325550101"},
		{"'0732", "0732", "'0732"},
		{`="0732"`, "0732", `="0732"`},
		{`="'0732"`, "0732", `="'0732"`},
		{"'tel 5", "'tel 5", "'tel 5"},
		{`="5`, `="5`, `="5`},
		{"7325555439.0", "7325555439", "7325555439.0"},
		{"7325555439.00", "7325555439", "7325555439.00"},
		{"7325555439.", "7325555439.", "7325555439."},
		{"7325555439.5", "7325555439.5", "7325555439.5"},
		{`="7325555439.0"`, "7325555439", `="7325555439.0"`},
		// Exponents.
		{"7.325555439E9", "7325555439", "7325555439"},
		{"7.325555439e+09", "7325555439", "7325555439"},
		{"7,325555439E+09", "7325555439", "7325555439"},
		{"73255.55439E+05", "7325555439", "7325555439"},
		{"7.3255554390E9", "7325555439", "7325555439"},
		{"5E0", "5", "5"},
		{"8.80E+12", lost, lost},
		{"8,80E+12", lost, lost},
		{"7.32555543E9", lost, lost},
		{"7.3255554391E9", lost, lost},
		{"1E+99999999999999999999", lost, lost},
		{"-7.325555439E9", lost, lost},
		{"7.325555439E-9", lost, lost},
		{`'8.80E+12`, lost, `'8.80E+12`},
		{"5E", "5E", "5E"},
		{"5E5E5", "5E5E5", "5E5E5"},
		{"E5", "E5", "E5"},
		// What is no phone.
		{"#ERROR!", lost, lost},
		{"#DIV/0!", lost, lost},
		{"#NAME?", lost, lost},
		{"#N/A", lost, lost},
		{"####", lost, lost},
		{"N/A", none, none},
		{"-", none, none},
		{"none", none, none},
	} {
		json, table := till, written
		for _, in := range []struct {
			name, want, text string
			mapping          *orders.Mapping
			at               orders.Place
		}{
			{"table", c.table, "no,tel,mobile,what,each\n1," + cell(c.value) + ",,a,1\n", &table, orders.Place{Source: "in", Line: 2, Column: 1, Order: 1}},
			{"JSON", c.text, `{"no":1,"tel":` + text(c.value) + `,"rows":[]}`, &json, orders.Place{Source: "in", Line: 1, Column: 1, Order: 1}},
		} {
			what := fmt.Sprintf("%s, %q", in.name, c.value)
			got := readInAllWays(t, what, in.mapping, in.text)
			n, at, absent, why := int64(0), orders.Place{}, int64(0), ""
			switch in.want {
			case lost:
				n, at, absent, why = 1, in.at, 1, "the phone lost its digits in a spreadsheet: "
			case none:
				absent, why = 1, "want a phone, got a text without digits"
			}
			if got.totals.PhonesLost != n || got.totals.PhonesLostAt != at {
				t.Errorf("%s: %d phones are lost, the first at %v, want %d, %v", what, got.totals.PhonesLost, got.totals.PhonesLostAt, n, at)
			}
			switch {
			case absent == 0:
				if got.phones() != in.want || len(got.rejects) > 0 {
					t.Errorf("%s: got %s, want %q", what, got, in.want)
				}
			case len(got.rejects) != 1 || !strings.HasPrefix(got.rejects[0].Reason, why):
				t.Errorf("%s: got %s, want it rejected", what, got)
			case len(c.value) > 4 && strings.Contains(got.withExcerpts()[:strings.LastIndex(got.String(), ": ")], c.value[:4]):
				t.Errorf("%s: the message shows it: %s", what, got)
			}
			skips := *in.mapping
			skips.NoPhone = orders.NoPhoneSkip
			got = readInAllWays(t, what+", skipped", &skips, in.text)
			if got.totals.PhonesLost != n || got.totals.Skipped[orders.ReasonNoPhone] != absent || len(got.rejects) > 0 {
				t.Errorf("%s, skipped: got %s, %+v", what, got, got.totals)
			}
			skips.NoPhone = orders.NoPhoneItems
			got = readInAllWays(t, what+", items alone", &skips, in.text)
			if got.totals.PhonesLost != n || got.totals.NoPhone != absent || got.phones() != strings.TrimSpace(in.want) && in.want != c.value || len(got.orders) != 1 {
				t.Errorf("%s, items alone: got %s, %+v", what, got, got.totals)
			}
			// The next alternative is tried.
			other := strings.NewReplacer(",,a", ",555,a", `"rows"`, `"mobile":"555","rows"`).Replace(in.text)
			want := in.want
			if absent > 0 {
				want = "555"
			}
			if got = readInAllWays(t, what+", another", in.mapping, other); got.phones() != want || got.totals.PhonesLost != 0 {
				t.Errorf("%s, with another phone: got %s, %+v, want %s", what, got, got.totals, want)
			}
		}
		// The default shape keeps a text as it is.
		if got := readInAllWays(t, c.value, nil, `{"phone":`+text(c.value)+`,"items":[]}`); got.phones() != c.value || got.totals.PhonesLost != 0 {
			t.Errorf("%q in the default shape: got %s", c.value, got)
		}
		detailed := orders.Detailed()
		if got := readInAllWays(t, c.value, &detailed, `{"phone":`+text(c.value)+`,"items":[]}`); got.phones() != c.value || got.totals.PhonesLost != 0 {
			t.Errorf("%q in the default shape with details: got %s", c.value, got)
		}
	}
}

// Phones that are numbers in JSON.
func TestPhonesThatAreNumbers(t *testing.T) {
	for _, c := range []struct{ number, standard, mapped string }{
		{"7325555439", "7325555439", "7325555439"},
		{"7325555439.0", "7325555439", "7325555439"},
		{"7325555439.000", "7325555439", "7325555439"},
		{"7325555439.5", "", ""},
		{"-7325555439", "", ""},
		{"7.325555439E9", "", "7325555439"},
		{"8.80E+12", "", ""},
	} {
		if got := readInAllWays(t, c.number, nil, `{"phone":`+c.number+`,"items":[]}`); got.phones() != c.standard || len(got.rejects)+len(got.orders) != 1 {
			t.Errorf("%s: got %s, want %q", c.number, got, c.standard)
		}
		if got := readInAllWays(t, c.number, &till, `{"no":1,"tel":`+c.number+`,"rows":[]}`); got.phones() != c.mapped || len(got.rejects)+len(got.orders) != 1 {
			t.Errorf("%s, mapped: got %s, want %q", c.number, got, c.mapped)
		}
	}
}

// An id of a table that lost its digits is no id, and may be that of several orders.
func TestLostIDs(t *testing.T) {
	m := &orders.Mapping{CSV: true, Group: orders.Field{"No"}, ID: orders.Field{"ID", "No"}, Phone: orders.Field{"Tel"}, LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}}}
	const lost = ": it lost its digits in a spreadsheet, so it may be that of several orders: export them again"
	for row, want := range map[string]string{
		"7,5.67891E+12": "rejected in:2:3: order 1: ID" + lost, "7,5E+1": "rejected in:2:3: order 1: ID" + lost, "1.2E+11,8": "rejected in:2:1: order 1: No" + lost, "1.2E+11,": "rejected in:2:1: order 1: No" + lost,
		"7,5.67E+2": "", "7,567E12": "", "7E5,": "", "7,E+5": "", "7,A1E+12": "", "7,'0567": "", `7,"=""0567"""`: "",
	} {
		text := "No,ID,Tel,Item,Price\n" + row + ",5,Tea,1\n"
		got := readInAllWays(t, row, m, text)
		if want == "" && len(got.orders) != 1 || want != "" && !strings.HasPrefix(got.String(), want) {
			t.Errorf("%s: got %s, want %s", row, got, want)
		}
	}
}

// A person whose phone is lost is passed over, also in an array.
func TestLostPhonesOfPeople(t *testing.T) {
	m := till
	m.Phone, m.Name = nil, orders.Field{"who"}
	m.People = []orders.Person{
		{Phone: orders.Field{"to[].tel"}, Name: orders.Field{"to[].who"}},
		{Phone: orders.Field{"tel"}, Name: orders.Field{"from"}},
	}
	for text, want := range map[string]string{
		`{"no":1,"to":[{"tel":"8.80E+12","who":"Ann"},{"tel":"555","who":"Bo"}],"tel":"556","rows":[]}`: `1: "555" "Bo"`,
		`{"no":1,"to":[{"tel":"8.80E+12","who":"Ann"}],"tel":"556","from":"Cy","rows":[]}`:              `1: "556" "Cy"`,
	} {
		if got := readInAllWays(t, text, &m, text); got.String() != want+"\n" || got.totals.PhonesLost != 0 {
			t.Errorf("%s: got %s, %+v, want %s", text, got, got.totals, want)
		}
	}
	m.NoPhone = orders.NoPhoneItems
	const none = `{"no":1,"to":[{"tel":"8.80E+12","who":"Ann"}],"tel":"N/A","from":"Cy","rows":[]}`
	if got := readInAllWays(t, none, &m, none); got.totals.PhonesLost != 1 || got.totals.NoPhone != 1 {
		t.Errorf("%s: got %s, %+v", none, got, got.totals)
	}
}

// Lost phones count once for an order that comes again, and not for one that is skipped for
// another reason.
func TestLostPhonesOfOrdersThatDoNotCount(t *testing.T) {
	m := till
	m.NoPhone = orders.NoPhoneSkip
	m.Skip = []orders.Condition{{Reason: "test", Path: "test", Values: []string{"true"}}}
	const text = `{"no":1,"tel":"#N/A","rows":[],"test":true}` + "\n" + `{"no":2,"tel":"#N/A","rows":[{"what":"a","each":"x"}]}` + "\n" +
		`{"no":3,"tel":"#N/A","mobile":"1","rows":[]}` + "\n" + `{"no":4,"tel":" ","rows":[]}` + "\n" +
		`{"no":5,"tel":"#N/A","rows":[]}` + "\n" + `{"no":5,"tel":"2","rows":[]}` + "\n" + // the state without a phone is not the latest
		`{"no":2,"tel":"#N/A","rows":[{"what":"a","each":"x"}]}` + "\n"
	got := readInAllWays(t, "lost phones", &m, text)
	if got.totals.PhonesLost != 1 || got.totals.PhonesLostAt.Line != 2 {
		t.Errorf("got %+v", got.totals)
	}
}
