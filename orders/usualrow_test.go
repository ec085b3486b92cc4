package orders_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// scannedRows are all that a scan finds in a text: also what no order shows, as quantities and
// where lines are. It is read in blocks of a size.
func scannedRows(t *testing.T, text string, o orders.Options, blockBytes int) string {
	t.Helper()
	o.BlockBytes = blockBytes
	var b strings.Builder
	err := orders.ScannedStates(source("in", text), o, func(c *columns.Orders, _ []string) {
		for i := range c.All {
			d := c.Detail(i)
			fmt.Fprintf(&b, "%q at %d to %d: %q %q %q %x %d %d\n", c.ID(i), c.Position(i), c.From+int64(c.All[i].End), c.Phone(i), c.Time(i), c.OrderCurrency(i), d.Digest, d.Updated, d.Skipped)
			for j, to := c.LineRange(i); j < to; j++ {
				at := int64(0)
				if o.Mapping.CSV { // in JSON it is any offset of the line
					at = c.LinePosition(j)
				}
				fmt.Fprintf(&b, " %d: %q %q %q %q\n", at, c.Item(j), c.Price(j), c.Quantity(j), c.Currency(i, j))
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sameRows reads a table in all ways, and in blocks of some sizes. It returns what is read.
func sameRows(t *testing.T, text string, m *orders.Mapping, rejectLines bool) string {
	t.Helper()
	o := orders.Options{Mapping: m, RejectLines: rejectLines}
	slow := orders.Ways["slow"](o)
	want := setup{Options: slow}.read(text).withExcerpts()
	found := scannedRows(t, text, slow, len(text)+1)
	for _, name := range otherWays[:2] {
		way := orders.Ways[name](o)
		sizes := []int{100 + len(text)%300, len(text) / 2, len(text) - 1}
		if got := (setup{Options: way}).sameAtSizes(t, name, text, sizes).withExcerpts(); got != want {
			t.Fatalf("%s, %q: got\n%swant\n%s", name, text, got, want)
		}
		if got := scannedRows(t, text, way, len(text)+1); got != found {
			t.Fatalf("%s, %q: found\n%swant\n%s", name, text, got, found)
		}
	}
	return want
}

// A wideTable makes tables of many columns at random, most of them like those of shops.
type wideTable struct {
	*rand.Rand
	names          []string
	comma, newline string
	odd            int // one of so many rows is odd
}

func newWideTable(random *rand.Rand) *wideTable {
	w := &wideTable{Rand: random, comma: ",", newline: "\n", odd: 4 + random.IntN(20)}
	w.comma = []string{",", ",", ";", "\t"}[w.IntN(4)]
	w.newline = []string{"\n", "\n", "\r\n", "\r"}[w.IntN(4)]
	read := []string{"Name", "Id", "Created at", "Currency", "Billing Phone", "Shipping Phone", "Phone", "Billing Name", "Cancelled at",
		"Lineitem name", "Lineitem price", "Lineitem quantity", "Financial Status"}
	if w.IntN(3) == 0 { // two columns for one value
		read = append(read, "Phone", "Billing Name", "Created at")
	}
	w.Shuffle(len(read), func(i, j int) { read[i], read[j] = read[j], read[i] })
	for _, name := range read {
		for range w.IntN([]int{1, 4, 10, 90}[w.IntN(4)]) { // runs of columns that nobody reads
			w.names = append(w.names, fmt.Sprintf("x%d", len(w.names)))
		}
		w.names = append(w.names, name)
	}
	return w
}

func (w *wideTable) one(of ...string) string { return of[w.IntN(len(of))] }

// value is that of a column, in one row of an order.
func (w *wideTable) value(name string, order, row int) string {
	switch name {
	case "Name":
		return fmt.Sprintf("#%d", order)
	case "Lineitem name":
		return w.one("Tea", "Tea", "Cake", `"Tea, green"`, `"5"" pipe"`, "Tip", "false", "Ünder", "")
	case "Lineitem price":
		if w.IntN(w.odd) == 0 {
			return w.one(`"3"`, "$4", "1e1", "-1", "x", "")
		}
		return w.one("1.50", "2", "12.25")
	case "Lineitem quantity":
		if w.IntN(w.odd) == 0 {
			return w.one("2.5", "0", "0.5", "-1", "")
		}
		return w.one("1", "2", "10")
	}
	if row > 0 && w.IntN(w.odd) > 0 {
		if name == "Created at" {
			return "2026-01-02 10:11:12 -0500"
		}
		return ""
	}
	switch name {
	case "Id":
		return fmt.Sprint(5_000_000 + order)
	case "Created at":
		return "2026-01-02 10:11:12 -0500"
	case "Currency":
		return "USD"
	case "Phone", "Billing Phone", "Shipping Phone":
		return w.one("+12125550101", "", "212 555 0102", "'2125550103", "n/a", "2.1E+09")
	case "Billing Name":
		return w.one("Ann Lee", "Bo", `"Lee, Ann"`, "Zoë", "")
	case "Cancelled at":
		return w.one("", "", "", "2026-01-03 10:11:12 -0500", " ")
	case "Financial Status":
		return w.one("paid", "paid", "paid", "voided")
	}
	return w.one("", "", "", "", "x", "12", `"a, b"`, `"two`+w.newline+`lines"`, "5\" pipe", "é", `"a ""b"""`)
}

// spoil makes a row odd: what is done to one value or its ends is done at any place.
func (w *wideTable) spoil(values []string) string {
	i := w.IntN(len(values))
	switch w.IntN(9) {
	case 0:
		values = values[:i+1]
	case 1:
		values = append(values, w.one("", "", "x"))
	case 2:
		values[i] = `"` + values[i]
	case 3:
		values[i] += `"`
		values[(i+1)%len(values)] += `"`
	case 4:
		values[i] = `"` + strings.ReplaceAll(strings.Trim(values[i], `"`), `"`, `""`) + `"`
	case 5:
		values[i] = w.one(`""`, `" "`, " ", "\u00a0", "\x00", "\xff", "'", `"x"y`, "\r", "\"\r\"")
	case 6:
		return strings.Repeat(w.comma, w.IntN(len(values)+2))
	case 7:
		return strings.Join(w.names, w.comma)
	case 8:
		values[i] = strings.Repeat("long ", w.IntN(60))
	}
	return strings.Join(values, w.comma)
}

func (w *wideTable) text(orders int) string {
	var b strings.Builder
	b.WriteString(strings.Join(w.names, w.comma) + w.newline)
	for order := range orders {
		for row := range 1 + w.IntN(3) {
			var values []string
			for _, name := range w.names {
				values = append(values, w.value(name, order, row))
			}
			line := strings.Join(values, w.comma)
			if w.IntN(w.odd) == 0 {
				line = w.spoil(values)
			}
			b.WriteString(line + w.newline)
		}
	}
	text := b.String()
	if w.IntN(3) == 0 {
		text = strings.TrimSuffix(text, w.newline)
	}
	return text
}

// Rows of many columns are read the same in all ways, whatever is odd in them, and however
// their values are spread over the words of the bitmaps.
func TestWideTables(t *testing.T) {
	t.Parallel()
	const seed = 21
	random := rand.New(rand.NewPCG(seed, 0))
	count := 30
	if soak.On() {
		count = 3000
	}
	read := 0
	for n := range count {
		m := shopTable
		m.NoPhone = []orders.NoPhone{orders.NoPhoneReject, orders.NoPhoneItems, orders.NoPhoneSkip}[random.IntN(3)]
		m.KeepRefunds = random.IntN(3) == 0
		m.Unquoted = random.IntN(9) == 0
		w := newWideTable(random)
		text := w.text(1 + random.IntN(12))
		read += strings.Count(sameRows(t, text, &m, n%2 == 0), "[")
		if t.Failed() {
			t.Fatalf("table %d of the seed %d: %q", n, seed, text)
		}
	}
	if read < count {
		t.Errorf("%d lines were read, want at least one a table", read)
	}
}

// However many values nobody reads are between others, each column has its own.
func TestRunsOfBlanks(t *testing.T) {
	for run := 0; run < 200; run += 1 + run/16 {
		blanks, names := strings.Repeat(",", run), ""
		for i := range run {
			names += fmt.Sprintf("x%d,", i)
		}
		text := "Order," + names + "Phone,Name,Item,Price\n"
		for i := range 3 {
			text += fmt.Sprintf("%d,%s555,Ann,Tea,%d\n%d,%s,,\"Cake, \"\"x\"\"\",%d\n", i, blanks, i, i, blanks, i+1)
		}
		want := ""
		for i := range 3 {
			want += fmt.Sprintf("%d: \"555\" \"Ann\" [\"Tea\" %d] [\"Cake, \\\"x\\\"\" %d]\n", i+1, i, i+1)
		}
		for name, way := range orders.Ways {
			if got := (setup{Options: way(orders.Options{Mapping: &sheet})}).read(text).String(); got != want {
				t.Fatalf("%s, %d blanks: got\n%swant\n%s", name, run, got, want)
			}
		}
	}
}

// A line is the same whether it is added as a usual one or judged field by field: in tables,
// and in JSON.
func TestUsualLines(t *testing.T) {
	items := []string{`Tea`, `Tip`, `false`, ` Tea`, ` `, ``, `Ünder`, "T\u0000", `null`, `&amp;`, `"`}
	numbers := []string{`1`, `0`, `10`, `0.5`, `00`, `01`, `-1`, `-0`, `1.`, `.5`, `1.50`, `1e2`, `$5`, `1,5`, `1,234.50`, `x`, ` 1`, ``, `false`, strings.Repeat("9", 41)}
	type values struct{ item, price, quantity string }
	var all []values
	for i := range items {
		for j := range numbers {
			for k := range numbers {
				if i == 0 || j < 2 || k < 2 {
					all = append(all, values{items[i], numbers[j], numbers[k]})
				}
			}
		}
	}
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	escape := strings.NewReplacer(`"`, `\"`, "\x00", `\u0000`)
	changes := []func(m *orders.Mapping){
		func(*orders.Mapping) {},
		func(m *orders.Mapping) { m.KeepRefunds = true },
		func(m *orders.Mapping) { m.Decimal = orders.DecimalComma },
		func(m *orders.Mapping) { m.HTML = true },
		func(m *orders.Mapping) { m.PriceUnit = orders.Minor },
		func(m *orders.Mapping) { m.QuantityDivisor = 100 },
		func(m *orders.Mapping) { m.Quantity = nil },
		func(m *orders.Mapping) { m.Quantity = orders.Field{"none", "q"} },
		func(m *orders.Mapping) { m.Item, m.Price = orders.Field{"i + q"}, orders.Field{"q", "p"} },
		func(m *orders.Mapping) { m.LineCurrency = orders.Field{"q", "c"} },
	}
	for c, change := range changes {
		table := orders.Mapping{
			CSV: true, Group: orders.Field{"o"}, ID: orders.Field{"o"}, Phone: orders.Field{"t"},
			LineFields: orders.LineFields{Item: orders.Field{"i"}, Price: orders.Field{"p"}, Quantity: orders.Field{"q"}},
			SkipLines:  []orders.Condition{{Reason: "tip", Path: "i", Values: []string{"Tip"}}},
		}
		change(&table)
		document := table
		document.CSV, document.Group, document.Lines = false, nil, []string{"lines[]"}
		rows, lines := "o,t,i,p,q,none,c\n", ""
		for n, v := range all {
			if c == 0 || n%7 == c%7 {
				rows += fmt.Sprintf("%d,555,Tea,1,1,,\n%d,,%s,%s,%s,,\n", n, n, quoted(v.item), quoted(v.price), quoted(v.quantity))
				price, quantity := `"`+v.price+`"`, `"`+v.quantity+`"`
				if n%2 == 0 && strings.Trim(v.price, "-0123456789.") == "" && strings.Trim(v.price, "-.") != "" {
					price = strings.Trim(strings.TrimLeft(v.price, "0")+"0", ".")
				}
				item := `"` + escape.Replace(v.item) + `"`
				if v.item == "null" || v.item == "false" {
					item = []string{item, v.item, "5", `{"x":"Tea"}`}[n%4]
				}
				lines += fmt.Sprintf(`{"o":"%d","t":"555","lines":[{"i":%s,"p":%s,"q":%s}]}`+"\n", n, item, price, quantity)
			}
		}
		sameRows(t, rows, &table, true)
		sameRows(t, lines, &document, true)
	}
}

// The id of a row is the same whether it is seen at once that nothing is around it, or not.
func TestUsualIDs(t *testing.T) {
	m := orders.Mapping{
		CSV: true, Group: orders.Field{"o"}, ID: orders.Field{"d", "o"}, Phone: orders.Field{"t"},
		LineFields: orders.LineFields{Item: orders.Field{"i"}, Price: orders.Field{"p"}},
	}
	text := "o,t,i,p,d\n"
	for i, id := range []string{"1", "#2", "#", " 3", "4 ", "'5", `"=""6"""`, "7E+12", "8.0", "##9", "a10", "\u00a011", "", " ", "https://12", "x-13"} {
		text += fmt.Sprintf("%d,555,Tea,1,%s\n", i, id)
	}
	sameRows(t, text, &m, true)
	m.IDPrefixes = []string{"#", "x-", "1"}
	sameRows(t, text, &m, true)
}
