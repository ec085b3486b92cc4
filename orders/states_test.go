package orders_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/internal/timestamp"
	"process-orders/orders"
)

// statesOf is a line for each state of an order that is in the columns: its number, its
// position, and all that there is of it but its digest, which is checked.
func statesOf(t *testing.T, text string, o orders.Options) string {
	t.Helper()
	var all strings.Builder
	err := orders.ScannedStates(source("in", text), o, func(b *columns.Orders, reasons []string) {
		if m := o.Mapping; b.HasIDs != (len(m.ID) > 0) || b.ByTime != m.ByTime() || b.Versioned != (len(m.ID) > 0 || m.ByTime()) {
			t.Errorf("has ids: %t, by time: %t, versioned: %t", b.HasIDs, b.ByTime, b.Versioned)
		}
		for i := range b.Len() {
			fmt.Fprintln(&all, stateOf(t, b, i, reasons))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// stateOf is a state in a line.
func stateOf(t *testing.T, b *columns.Orders, i int, reasons []string) string {
	d := b.Detail(i)
	s := fmt.Sprintf("%d", b.Number(i))
	if d.ID != 0 {
		s += fmt.Sprintf(" #%s", b.ID(i))
	}
	if placed := b.Placed(i); placed != timestamp.None {
		s += " placed " + moment(placed)
	} else if b.All[i].Time != 0 {
		s += fmt.Sprintf(" placed %q", b.Time(i))
	}
	if d.Updated != timestamp.None {
		s += " changed " + moment(d.Updated)
	}
	reason := ""
	if d.Skipped > 0 {
		reason = reasons[d.Skipped-1]
		s += " " + reason
	}
	if phone := b.Phone(i); len(phone)+len(b.Name(i)) > 0 {
		s += " by " + words(phone, b.Name(i))
	}
	from, to := b.LineRange(i)
	for j := from; j < to; j++ {
		s += " [" + words(b.Item(j), b.Price(j), b.Quantity(j), b.OwnCurrency(j)) + "]"
	}
	if d.First != -1 || b.First(i) != b.Position(i) {
		t.Errorf("the first state of %s is at %d, %d; it is at %d", s, d.First, b.First(i), b.Position(i))
	}
	want := uint64(0)
	if d.ID != 0 {
		want = slowDigest(b, i, reason)
	}
	if d.Digest != want {
		t.Errorf("the digest of %s is %x, want %x", s, d.Digest, want)
	}
	return s
}

// words are the texts that are not empty.
func words(texts ...[]byte) string {
	return string(bytes.Join(slices.DeleteFunc(texts, func(text []byte) bool { return len(text) == 0 }), []byte(" ")))
}

func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("06-01-02 15:04") }

// slowDigest is a digest, made from its description.
func slowDigest(b *columns.Orders, i int, reason string) uint64 {
	var pairs [][2]uint64
	text := func(s string) {
		if len(s) < 16 {
			bytes := append([]byte(s), make([]byte, 16-len(s))...)
			bytes[15] = byte(len(s))
			s = string(bytes)
		} else {
			pairs = append(pairs, [2]uint64{uint64(len(s)), 0xff << 56})
		}
		for at := 0; at < len(s); at += 16 {
			at := min(at, len(s)-16)
			pairs = append(pairs, [2]uint64{binary.LittleEndian.Uint64([]byte(s[at : at+8])), binary.LittleEndian.Uint64([]byte(s[at+8 : at+16]))})
		}
	}
	two := func(s, t []byte) {
		if len(s) > 7 || len(t) > 7 {
			text(string(s))
			text(string(t))
			return
		}
		var pair [16]byte
		copy(pair[:], s)
		copy(pair[8:], t)
		pair[7], pair[15] = byte(len(s)), 0x80+byte(len(t))
		pairs = append(pairs, [2]uint64{binary.LittleEndian.Uint64(pair[:8]), binary.LittleEndian.Uint64(pair[8:])})
	}
	text(string(b.Phone(i)))
	text(string(b.Name(i)))
	if ms := b.Placed(i); ms != timestamp.None {
		pairs = append(pairs, [2]uint64{uint64(ms), 0xfe << 56})
	} else {
		text(string(b.Time(i)))
	}
	two(b.OrderCurrency(i), b.Text(b.Detail(i).Region))
	if reason != "" {
		pairs = append(pairs, [2]uint64{0, 0xfd << 56})
		text(reason)
	}
	from, to := b.LineRange(i)
	pairs = append(pairs, [2]uint64{uint64(to - from), 0xfc << 56})
	for j := from; j < to; j++ {
		text(string(b.Item(j)))
		two(b.Price(j), b.Quantity(j))
		two(b.OwnCurrency(j), b.Total(j))
	}
	number := func(hex string) *big.Int {
		n, _ := new(big.Int).SetString(hex, 16)
		return n
	}
	below := func(n *big.Int) *big.Int { return new(big.Int).And(n, number("ffffffffffffffff")) }
	sum := number("243f6a8885a308d3")
	for _, pair := range pairs {
		n := new(big.Int).Xor(new(big.Int).SetUint64(pair[0]), number("13198a2e03707344"))
		n.Mul(n, new(big.Int).Xor(new(big.Int).SetUint64(pair[1]), number("c0ac29b7c97c50dd")))
		n.Xor(below(n), new(big.Int).Rsh(n, 64))
		turned := new(big.Int).Lsh(sum, 23)
		turned.Or(below(turned), new(big.Int).Rsh(sum, 64-23))
		sum = below(n.Mul(n.Xor(n, turned), number("452821e638d01377")))
	}
	sum = below(new(big.Int).Mul(sum.Xor(sum, new(big.Int).Rsh(sum, 32)), number("3f84d5b5b5470917")))
	return sum.Xor(sum, new(big.Int).Rsh(sum, 29)).Uint64()
}

// A digest never changes, as stores keep them.
func TestDigest(t *testing.T) {
	m := stateMapping(nil)
	m.Region = orders.Field{"country"}
	const lines = `"lines":[{"item":"Masala Dosa","price":10.95,"qty":2,"cur":"EUR"},{"item":"Tea","price":"3"}]`
	for _, c := range []struct {
		text string
		want uint64
	}{
		{`{"id":1,"lines":[]}`, 0x1f0a10bb0e669bc4},
		{`{"id":1,"phone":"732-555-5509","name":"Damodhar","at":"2026-01-02T03:04:05Z","cur":"USD","country":"US",` + lines + `}`, 0x74896997e4f46ec7},
		{`{"id":1,"phone":"732-555-5509","name":"Damodhar","at":"noon",` + lines + `}`, 0x97154a26f08d41e8},
		{`{"id":1,"phone":"732-555-5509","name":"Damodhar Sai of Edison, New Jersey","lines":[{"item":"Temple Sambar Rice","price":1},{"item":"Masala Vada Rice","price":1234567.25},{"item":"Masala Vada Tea","price":1}]}`, 0xce2bf6c1fd2b608a},
		{`{"id":1,"state":"cancelled","at":"2026-01-02T03:04:05Z"}`, 0xe580fe7ae0285f3d},
	} {
		err := orders.ScannedStates(source("in", c.text), orders.Options{Mapping: &m}, func(b *columns.Orders, _ []string) {
			if got := b.Details[0].Digest; got != c.want {
				t.Errorf("%s: got %#x, want %#x", c.text, got, c.want)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stateMapping is a mapping of orders whose states come one after the other.
func stateMapping(change func(*orders.Mapping)) orders.Mapping {
	m := orders.Mapping{
		ID: orders.Field{"id", "meta.id"}, IDPrefixes: []string{"gid://shop/Order/"}, Time: orders.Field{"at"}, Currency: orders.Field{"cur"},
		Updated: []string{"updated", "meta.changed", `"sent.on"`, "events[].at", "pair[1]", "parcels{}.at", "marks[]"},
		Phone:   orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"lines[]"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}, Quantity: orders.Field{"qty"}, LineCurrency: orders.Field{"cur"}},
		Skip: []orders.Condition{
			{Reason: "cancelled", Path: "state", Values: []string{"cancelled", "void"}},
			{Reason: orders.ReasonHold, Path: "state", Values: []string{"open"}},
		},
		NoPhone: orders.NoPhoneSkip,
	}
	if change != nil {
		change(&m)
	}
	return m
}

// stateTable is such a mapping of a table.
var stateTable = orders.Mapping{
	CSV: true, Group: orders.Field{"No"}, ID: orders.Field{"Id", "No"}, Time: orders.Field{"At"}, Updated: []string{"Updated", "Sent"},
	Phone: orders.Field{"Phone"}, Name: orders.Field{"Name"},
	LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}},
	Skip:       []orders.Condition{{Reason: "cancelled", Path: "Cancelled", Values: []string{"*"}}},
	NoPhone:    orders.NoPhoneSkip,
}

// stateRows is such a mapping of an object for an order, and of one for each of its lines.
var stateRows = orders.Mapping{
	Group: orders.Field{"__parentId", "id"}, ID: orders.Field{"id"}, Updated: []string{"updatedAt", "sent[].at"},
	Phone: orders.Field{"phone"}, LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}},
	Skip:    []orders.Condition{{Reason: "cancelled", Path: "cancelled", Values: []string{"*"}}},
	NoPhone: orders.NoPhoneSkip,
}

const stateHead = "No,Id,At,Updated,Sent,Phone,Name,Item,Price,Cancelled\n"

// A stateCase is a text that comes several times, each with another number for $, so that
// the fast path has seen it and has enough data ahead; what it is each time; and what is
// counted in all.
type stateCase struct {
	name       string
	mapping    orders.Mapping
	text, want string
	counted    string
}

// present is the present of these tests.
var present = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func (c *stateCase) check(t *testing.T) {
	t.Helper()
	text, want := "", ""
	if c.mapping.CSV {
		text = stateHead
	}
	for n := range times {
		text += strings.ReplaceAll(c.text, "$", fmt.Sprint(100+n)) + "\n"
		if c.want != "" {
			want += fmt.Sprintf("%d %s\n", n+1, strings.ReplaceAll(c.want, "$", fmt.Sprint(100+n)))
		}
	}
	if !c.mapping.CSV {
		text += strings.Repeat(" ", 600)
	}
	for _, way := range []string{"slow", "fast", "portable"} {
		for _, size := range []int{len(text) + 2, len(text)/2 + 1, 61} {
			o := orders.Ways[way](orders.Options{Mapping: &c.mapping, BlockBytes: size, Now: present})
			if got := statesOf(t, text, o); got != want {
				t.Errorf("%s, the %s way, in blocks of %d bytes:\ngot\n%swant\n%s", c.name, way, size, got, want)
				return
			}
			r := setup{Options: o, ahead: 1}.read(text)
			got := countedOf(&r.totals)
			if r.err != nil {
				got += r.err.Error()
			}
			if got != c.counted {
				t.Errorf("%s, the %s way, in blocks of %d bytes: counted %s, want %s", c.name, way, size, got, c.counted)
				return
			}
		}
	}
}

// countedOf is what is counted beside orders.
func countedOf(t *orders.Totals) string {
	var all []string
	for _, reason := range []string{"cancelled", orders.ReasonHold, orders.ReasonNoPhone} {
		if n := t.Skipped[reason]; n > 0 {
			all = append(all, fmt.Sprintf("%d %s (%s)", n, reason, t.SkippedAt[reason].String()))
		}
	}
	if t.Rejected > 0 {
		all = append(all, fmt.Sprintf("%d rejected", t.Rejected))
	}
	for _, c := range []struct {
		what string
		n    int64
		at   orders.Place
	}{{"times unread", t.TimesUnread, t.TimesUnreadAt}, {"changes unread", t.UpdatedUnread, t.UpdatedUnreadAt}, {"in the future", t.Future, t.FutureAt}} {
		if c.n > 0 {
			all = append(all, fmt.Sprintf("%d %s (%s)", c.n, c.what, c.at.String()))
		}
	}
	for _, n := range t.Notes {
		all = append(all, n.Text)
	}
	return strings.Join(all, "; ")
}

// When an order last changed is the latest of all times that are there and can be read.
func TestUpdated(t *testing.T) {
	const order = `{"id":$,"phone":"1",`
	const line = `"lines":[{"item":"Tea","price":1,"updated":"2027"}]}`
	const unread = `16 changes unread (in:1:1: order 1)`
	plain := stateMapping(nil)
	for _, c := range []stateCase{
		{"none", plain, order + line, `#$ by 1 [Tea 1]`, ""},
		{"one", plain, order + `"updated":"2026-03-04T05:06:07+02:00",` + line, `#$ changed 26-03-04 03:06 by 1 [Tea 1]`, ""},
		{"behind the lines", plain, order + `"lines":[],"updated":"2026-03-04"}`, `#$ changed 26-03-04 00:00 by 1`, ""},
		{"a number", plain, order + `"updated":1767225600,` + line, `#$ changed 26-01-01 00:00 by 1 [Tea 1]`, ""},
		{"the latest of two", plain, order + `"updated":"2026-03-04","meta":{"changed":"2026-04-01"},` + line, `#$ changed 26-04-01 00:00 by 1 [Tea 1]`, ""},
		{"the latest of two, the other way round", plain, order + `"updated":"2026-04-01","meta":{"changed":"2026-03-04"},` + line, `#$ changed 26-04-01 00:00 by 1 [Tea 1]`, ""},
		{"a key with a dot", plain, order + `"sent.on":"2026-03-04","sent":{"on":"2026-04-01"},` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of an array", plain, order + `"events":[{"at":"2026-01-01"},{"at":"2026-03-04"},{"x":1},{"at":"2026-02-02"}],` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of an array behind the lines", plain, order + `"lines":[{"item":"Tea","price":1}],"events":[{"at":"2026-01-01"},{"at":"2026-03-04"}]}`, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of an array before the lines, and one behind", plain, order + `"events":[{"at":"2026-01-01"},{"at":"2026-03-04"}],"lines":[{"item":"Tea","price":1}],"marks":["2026-02-03"]}`, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of one in place of an array", plain, order + `"events":{"at":"2026-03-04"},` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"elements", plain, order + `"marks":["2026-01-01","2026-03-04","2026-02-02",null],` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"one element", plain, order + `"pair":["2026-04-04","2026-03-04","2026-05-02"],` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of an object's values", plain, order + `"parcels":{"a":{"at":"2026-01-01"},"b":{"at":"2026-03-04"},"c":{"at":"2026-02-02"}},` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"nothing", plain, order + `"updated":null,"meta":{"changed":" "},"events":[],"marks":[false,""],` + line, `#$ by 1 [Tea 1]`, ""},
		{"what cannot be read", plain, order + `"updated":"lately",` + line, `#$ by 1 [Tea 1]`, unread},
		{"an object", plain, order + `"updated":{"on":"2026-03-04"},` + line, `#$ by 1 [Tea 1]`, unread},
		{"the days of a spreadsheet", plain, order + `"updated":45000,` + line, `#$ by 1 [Tea 1]`, unread},
		{"what cannot be read beside what can", plain, order + `"updated":"lately","marks":["2026-03-04","soon"],` + line, `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"several that cannot be read", plain, order + `"updated":"lately","marks":["now","soon"],` + line, `#$ by 1 [Tea 1]`, unread},
		{"what could be two times", plain, order + `"updated":"03/04/2026",` + line, `#$ by 1 [Tea 1]`,
			unread + "; 16 times could be day or month first, the first at in:1:1: order 1: --day-first decides, or time_format in a mapping"},
		{"what could be two times, and is known", stateMapping(func(m *orders.Mapping) { m.TimeFormats = []string{orders.DayFirst} }), order + `"updated":"03/04/2026",` + line, `#$ changed 26-04-03 00:00 by 1 [Tea 1]`, ""},
		{"no id", plain, `{"phone":"1","updated":"2026-03-04",` + line, `changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"the time too", stateMapping(func(m *orders.Mapping) { m.Updated = append(m.Updated, "at") }), order + `"at":"2026-03-04","marks":["2026-01-02"],` + line, `#$ placed 26-03-04 00:00 changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"one that decides about lines too", stateMapping(func(m *orders.Mapping) {
			m.Lines, m.Updated = []string{"checks[].lines[]"}, []string{"checks[].voided", "updated"}
			m.SkipLines = []orders.Condition{{Reason: "void", Path: "checks[].voided", Values: []string{"*"}}}
		}), order + `"updated":"2026-01-02","checks":[{"lines":[{"item":"Tea","price":1}]},{"voided":"2026-01-03","lines":[{"item":"Bun","price":1}]},{"voided":"2026-01-04"}]}`,
			`#$ changed 26-01-04 00:00 by 1 [Tea 1]`, ""},
		{"of a rejected order", plain, order + `"updated":"lately","lines":[{}]}`, "", "16 rejected"},

		{"of a table", stateTable, "$,,,2026-01-02,2026-03-04,1,,Tea,1,", `#$ changed 26-03-04 00:00 by 1 [Tea 1]`, ""},
		{"of rows", stateTable, "$,,,2026-01-02,,1,,Tea,1,\n$,,,2026-04-04,,1,,Tea,2,\n$,,,,2026-03-04,1,,Tea,3,\n$,,,2026-04-04,,,,,,", `#$ changed 26-04-04 00:00 by 1 [Tea 1] [Tea 2] [Tea 3]`, ""},
		{"of rows, the first the latest", stateTable, "$,,,2026-04-04,,1,,Tea,1,\n$,,,2026-01-02,,1,,Tea,2,", `#$ changed 26-04-04 00:00 by 1 [Tea 1] [Tea 2]`, ""},
		{"of rows, one cannot be read", stateTable, "$,,,lately,,1,,Tea,1,\n$,,,2026-01-02,,1,,Tea,2,", `#$ changed 26-01-02 00:00 by 1 [Tea 1] [Tea 2]`, ""},
		{"of rows, none can be read", stateTable, "$,,,lately,,1,,Tea,1,\n$,,,soon,,1,,Tea,2,", `#$ by 1 [Tea 1] [Tea 2]`, "16 changes unread (in:2:1: order 1)"},
		{"blank cells", stateTable, "$,,, ,\"\",1,,Tea,1,", `#$ by 1 [Tea 1]`, ""},
		{"of rows of JSON", stateRows, `{"id":"$","phone":"1","updatedAt":"2026-01-02","sent":[{"at":"2026-01-04"},{"at":"2026-01-03"}]}` + "\n" +
			`{"__parentId":"$","item":"Tea","price":1,"updatedAt":"2026-02-02"}` + "\n" +
			`{"__parentId":"$","item":"Bun","price":1,"sent":[{"at":"2026-02-04"},{"at":"2026-02-05"},{"at":"2026-02-03"}]}`, `#$ changed 26-02-05 00:00 by 1 [Tea 1] [Bun 1]`, ""},
	} {
		c.check(t)
	}
}

// A skipped order that has an id is a state like any other. It needs no more than the id.
func TestSkippedStates(t *testing.T) {
	const lines = `"lines":[{"item":"Tea","price":1}]`
	const cancelled, noPhone, at = "16 cancelled (in:1:1: order 1)", "16 no phone (in:1:1: order 1)", "16 cancelled (in:2:1: order 1)"
	plain := stateMapping(nil)
	for _, c := range []stateCase{
		{"all is there", plain, `{"id":$,"at":"2026-01-02","updated":"2026-03-04","phone":"1","name":"Ann","cur":"EUR",` + lines + `,"state":"cancelled"}`,
			`#$ placed 26-01-02 00:00 changed 26-03-04 00:00 cancelled by 1 Ann`, cancelled},
		{"the condition first", plain, `{"state":"cancelled",` + lines + `,"phone":"1","updated":"2026-03-04","at":"2026-01-02","id":$}`,
			`#$ placed 26-01-02 00:00 changed 26-03-04 00:00 cancelled by 1`, cancelled},
		{"another reason", plain, `{"id":$,"state":"open","phone":"1",` + lines + `}`, `#$ hold by 1`, "16 hold (in:1:1: order 1)"},
		{"nothing but the id", plain, `{"id":$,"state":"cancelled"}`, `#$ cancelled`, cancelled},
		{"no lines in the array", plain, `{"id":$,"state":"cancelled","phone":"1","lines":[]}`, `#$ cancelled by 1`, cancelled},
		{"wrong lines", plain, `{"id":$,"phone":"1","lines":[{"item":"Tea","price":"much"}],"state":"cancelled"}`, `#$ cancelled by 1`, cancelled},
		{"lines that are none", plain, `{"id":$,"phone":"1","lines":5,"state":"cancelled"}`, `#$ cancelled by 1`, cancelled},
		{"a wrong phone, name and currency", plain, `{"id":$,"phone":{},"name":[],"cur":"x",` + lines + `,"state":"cancelled"}`, `#$ cancelled`, cancelled},
		{"a key twice", plain, `{"id":$,"phone":"1","phone":"2",` + lines + `,"state":"cancelled"}`, `#$ cancelled by 1`, cancelled},
		{"the second path of the id", plain, `{"id":null,"meta":{"id":"$"},"state":"void"}`, `#$ cancelled`, cancelled},
		{"with a prefix", plain, `{"id":"gid://shop/Order/$","state":"cancelled"}`, `#$ cancelled`, cancelled},
		{"a text with escapes", plain, `{"id":"\u0023$","state":"cancelled"}`, `##$ cancelled`, cancelled},
		{"times that cannot be read", plain, `{"id":$,"at":"noon","updated":"soon","state":"cancelled"}`, `#$ placed "noon" cancelled`, cancelled + "; 16 changes unread (in:1:1: order 1)"},

		{"no id", plain, `{"state":"cancelled","phone":"1",` + lines + `}`, ``, cancelled},
		{"a null id", plain, `{"id":null,"state":"cancelled"}`, ``, cancelled},
		{"a blank id", plain, `{"id":" ","state":"cancelled"}`, ``, cancelled},
		{"the id twice", plain, `{"id":1,"id":2,"state":"cancelled"}`, ``, cancelled},
		{"the id of something else", plain, `{"id":"gid://shop/DraftOrder/$","state":"cancelled"}`, ``, cancelled},
		{"no ids", stateMapping(func(m *orders.Mapping) { m.ID, m.Updated = nil, nil }), `{"id":$,"state":"cancelled","phone":"1",` + lines + `}`, ``, cancelled},

		{"no phone", plain, `{"id":$,"updated":"2026-03-04",` + lines + `}`, `#$ changed 26-03-04 00:00 no phone`, noPhone},
		{"no phone, and wrong lines", plain, `{"id":$,"lines":[{"item":"Tea"}]}`, `#$ no phone`, noPhone},
		{"no phone, no id", plain, `{` + lines + `}`, ``, noPhone},
		{"no phone, and no lines", plain, `{"id":$}`, ``,
			`in:1:1: no orders: this object has no "lines", which every order has; if the orders are elsewhere in it, a mapping says where`},
		{"no phone, that is fine", stateMapping(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems }), `{"id":$,` + lines + `}`, `#$ [Tea 1]`, ""},
		{"no phone, a reject", stateMapping(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneReject }), `{"id":$,` + lines + `}`, ``, "16 rejected"},

		{"a row", stateTable, "$,,2026-01-02,2026-03-04,,1,Ann,Tea,1,yes", `#$ placed 26-01-02 00:00 changed 26-03-04 00:00 cancelled by 1 Ann`, at},
		{"a row without a line", stateTable, "$,,,,,,,,,yes", `#$ cancelled`, at},
		{"rows, the first is skipped", stateTable, "$,7-$,,2026-03-04,,1,Ann,Tea,1,yes\n$,,,,,,,Bun,much,", `#7-$ changed 26-03-04 00:00 cancelled by 1 Ann`, at},
		{"rows, the last is skipped", stateTable, "$,,,,,1,Ann,Tea,much,\n$,7-$,,2026-03-04,,,,Bun,2,yes", `#7-$ changed 26-03-04 00:00 cancelled by 1 Ann`, at},
		{"rows with two ids", stateTable, "$,7-$,,,,1,Ann,Tea,1,yes\n$,8-$,,,,,,Bun,2,", ``, at},
		{"rows without a phone", stateTable, "$,,,,,,Ann,Tea,1,\n$,,,,,,,Bun,2,", `#$ no phone`, "16 no phone (in:2:1: order 1)"},
		{"rows without a key", stateTable, ",,,,,1,,Tea,1,yes", ``, at},
		{"an id that lost its digits", stateTable, "$,1.2E+11,,,,1,,Tea,1,yes", ``, at},
		{"an order of JSON rows", stateRows, `{"id":"$","phone":"1","cancelled":true,"updatedAt":"2026-03-04"}` + "\n" + `{"__parentId":"$","item":"Tea","price":1}`, `#$ changed 26-03-04 00:00 cancelled by 1`, cancelled},
		{"a line of JSON rows says so", stateRows, `{"id":"$","phone":"1"}` + "\n" + `{"__parentId":"$","id":"c$","item":"Tea","price":"much","cancelled":"x"}`, `#$ cancelled by 1`, cancelled},
		{"JSON rows without a phone", stateRows, `{"id":"$"}` + "\n" + `{"__parentId":"$","item":"Tea","price":1}`, `#$ no phone`, noPhone},
		{"no line in all of the JSON rows", stateRows, `{"id":"$","cancelled":true}`, `#$ cancelled`, cancelled},
	} {
		c.check(t)
	}
}

// What is known of one order's rows says nothing of the next.
func TestStatesOfRows(t *testing.T) {
	for _, c := range []struct {
		mapping    *orders.Mapping
		text, want string
	}{
		{&stateTable, stateHead + "1,7,,,,1,,Tea,1,yes\n1,8,,,,,,,,\n2,9,,2026-01-02,,1,,Tea,1,yes\n3,10,,,,1,,Tea,1,", "2 #9 changed 26-01-02 00:00 cancelled by 1\n3 #10 by 1 [Tea 1]\n"},
		{&stateTable, stateHead + "1,7,,2026-04-02,,1,,Tea,1,\n1,7,,2026-04-05,,1,,Tea,1,\n2,8,,2026-01-02,,1,,Tea,1,\n2,8,,2026-01-01,,1,,Tea,1,",
			"1 #7 changed 26-04-05 00:00 by 1 [Tea 1] [Tea 1]\n2 #8 changed 26-01-02 00:00 by 1 [Tea 1] [Tea 1]\n"},
		{&stateRows, `{"id":1,"phone":"1","sent":[{"at":"2026-04-02"},{"at":"2026-04-05"}]}{"id":2,"phone":"2","sent":[{"at":"2026-01-02"},{"at":"2026-01-05"}]}{"id":3,"phone":"3"}`,
			"1 #1 changed 26-04-05 00:00 by 1\n2 #2 changed 26-01-05 00:00 by 2\n3 #3 by 3\n"},
		{&stateRows, `{"id":1,"id":5,"cancelled":true}{"id":2,"cancelled":true}{"id":3,"id":6,"cancelled":true}{"id":4,"cancelled":true}`, "2 #2 cancelled\n4 #4 cancelled\n"},
	} {
		for way, as := range orders.Ways {
			for _, size := range []int{1, 50, 1000} {
				if got := statesOf(t, c.text, as(orders.Options{Mapping: c.mapping, BlockBytes: size})); got != c.want {
					t.Errorf("%s, blocks of %d: %s:\ngot\n%swant\n%s", way, size, c.text, got, c.want)
				}
			}
		}
	}
}

// Skipped states with and without ids are counted together, the first of them by its place.
func TestSkippedWithAndWithoutIDs(t *testing.T) {
	m := stateMapping(nil)
	const with, without, good = `{"id":1,"state":"cancelled"}` + "\n", `{"state":"void"}` + "\n", `{"id":7,"phone":"1","lines":[]}` + "\n"
	for text, want := range map[string]string{
		good + with + without: "2 cancelled (in:2:1: order 2)",
		good + without + with: "2 cancelled (in:2:1: order 2)",
	} {
		for _, size := range []int{1, 1000} {
			totals := setup{Options: orders.Options{Mapping: &m, BlockBytes: size}, ahead: 1}.read(text).totals
			if got := countedOf(&totals); got != want || totals.Orders != 1 {
				t.Errorf("%s: counted %s, and %d orders, want %s", text, got, totals.Orders, want)
			}
		}
	}
}

// Times that are more than a day after the present are counted, once for each order.
func TestFuture(t *testing.T) {
	const at = "16 in the future (in:1:1: order 1)"
	plain := stateMapping(nil)
	order := func(more string) string { return `{"id":$,"phone":"1","lines":[],` + more + `}` }
	for _, c := range []stateCase{
		{"a day", plain, order(`"at":"2026-05-02T12:00:00Z"`), `#$ placed 26-05-02 12:00 by 1`, ""},
		{"more than a day", plain, order(`"at":"2026-05-02T12:00:01Z"`), `#$ placed 26-05-02 12:00 by 1`, at},
		{"a change after a day", plain, order(`"updated":"2026-05-02T12:00:00Z"`), `#$ changed 26-05-02 12:00 by 1`, ""},
		{"a change after more than a day", plain, order(`"updated":"2026-05-02T12:00:01Z"`), `#$ changed 26-05-02 12:00 by 1`, at},
		{"both", plain, order(`"at":"2027-01-01","updated":"2028-01-01"`), `#$ placed 27-01-01 00:00 changed 28-01-01 00:00 by 1`, at},
		{"a skipped order that changed", plain, order(`"updated":"2028-01-01","state":"open"`), `#$ changed 28-01-01 00:00 hold by 1`, "16 hold (in:1:1: order 1); " + at},
		{"when a skipped order was placed", plain, order(`"at":"2028-01-01","state":"open"`), `#$ placed 28-01-01 00:00 hold by 1`, "16 hold (in:1:1: order 1)"},
		{"without an id", plain, `{"phone":"1","lines":[],"at":"2027-01-01"}`, `placed 27-01-01 00:00 by 1`, at},
		{"of a table", stateTable, "$,,2027-01-01,,,1,,Tea,1,", `#$ placed 27-01-01 00:00 by 1 [Tea 1]`, "16 in the future (in:2:1: order 1)"},
	} {
		c.check(t)
	}
	m := orders.Detailed()
	text := `{"phone":"1","items":[],"date":"` + time.Now().Add(47*time.Hour).UTC().Format(time.RFC3339) + `"}`
	totals := setup{Options: orders.Options{Mapping: &m}, ahead: 1}.read(text).totals
	if totals.Future != 1 || totals.FutureAt.String() != "in:1:1: order 1" {
		t.Errorf("by this computer's clock: %d in the future, at %s", totals.Future, totals.FutureAt)
	}
}

// A note names the column of the last change that a table lacks, and not one that is there twice: the
// latest counts.
func TestUpdatedColumns(t *testing.T) {
	read := func(head, row string) (string, string) {
		text := head + "\n" + row
		o := orders.Options{Mapping: &stateTable}
		totals := setup{Options: o, ahead: 1}.read(text).totals
		return strings.TrimSpace(statesOf(t, text, o)), countedOf(&totals)
	}
	const head = "No,Id,At,Phone,Name,Item,Price,Cancelled"
	state, counted := read(head, "1,,,55,,Tea,1,")
	if !strings.HasPrefix(counted, `the table has no column "Updated" or "Sent", which the mapping reads as the time of the last change; its columns are`) {
		t.Errorf("got %s, %s", state, counted)
	}
	state, counted = read(head+",Updated,updated,Updated", "1,,,55,,Tea,1,,2026-01-02,,2026-03-04")
	if state != "1 #1 changed 26-03-04 00:00 by 55 [Tea 1]" || counted != "" {
		t.Errorf("got %s, %s", state, counted)
	}
	state, counted = read(head+",Updated,updated,Updated", "1,,,55,,Tea,1,,2026-01-02,2025-01-01,soon")
	if state != "1 #1 changed 26-01-02 00:00 by 55 [Tea 1]" || counted != "" {
		t.Errorf("got %s, %s", state, counted)
	}
	state, counted = read(head+",Updated,Updated", "1,,,55,,Tea,1,,soon,\n"+head+",Updated,Updated\n2,,,55,,Tea,1,,,\n3,,,55,,Tea,1,,,\n") // a header is no row
	if state != "1 #1 by 55 [Tea 1]\n2 #2 by 55 [Tea 1]\n3 #3 by 55 [Tea 1]" || counted != "1 changes unread (in:2:1: order 1)" {
		t.Errorf("got %s, %s", state, counted)
	}
}

// What is said of times is about what was read: nothing behind the end of the reading.
func TestRemarksEndWithTheReading(t *testing.T) {
	m := stateMapping(nil)
	text := `{"id":1,"phone":"1","lines":[],"updated":"soon"}{"id":2,"phone":"1","lines":[{}]}{"id":3,"phone":"1","lines":[],"updated":"later"}`
	for _, size := range []int{1, 1000} {
		r := setup{Options: orders.Options{Mapping: &m, BlockBytes: size}, stopAtReject: true, ahead: 1}.read(text)
		if r.err == nil || r.totals.UpdatedUnread != 1 {
			t.Errorf("blocks of %d: %d changes unread, %v", size, r.totals.UpdatedUnread, r.err)
		}
	}
}

// What differs in anything has another digest; what is written in another way and means the
// same has the same.
func TestDigestsDiffer(t *testing.T) {
	const good = `{"id":1,"phone":"55","name":"Ann","at":"2026-01-02","cur":"EUR","country":"DE","lines":[{"item":"Tea","price":1,"qty":2,"cur":"USD","total":5},{"item":"Bun","price":2}]}`
	m := stateMapping(func(m *orders.Mapping) {
		m.Region, m.Paid, m.NoPhone = orders.Field{"country"}, orders.Field{"total"}, orders.NoPhoneItems
	})
	digest := func(text string) (sum uint64) {
		o := orders.Options{Mapping: &m, Phone: func(dst, phone, _ []byte) ([]byte, bool) {
			return append(append(dst, '+'), strings.ReplaceAll(string(phone), " ", "")...), true
		}}
		err := orders.ScannedStates(source("in", text), o, func(b *columns.Orders, _ []string) { sum = b.Details[0].Digest })
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	changed := func(old, new string) string {
		if strings.Count(good, old) != 1 {
			t.Fatalf("%s is not once in %s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	first := digest(good)
	for _, same := range []string{
		changed(`"id":1`, `"id":2`), changed(`"2026-01-02"`, `"2026-01-02T01:00:00+01:00"`), changed(`"55"`, `55`), changed(`"55"`, `"5 5"`), changed(`"Ann"`, `"\u0041nn"`),
		changed(`"id":1`, `"id":1,"note":"x"`), changed(`"id":1`, `"id":1,"updated":"2026-02-02"`), changed(`"price":1`, `"price":"1"`),
	} {
		if digest(same) != first {
			t.Errorf("%s has another digest than\n%s", same, good)
		}
	}
	digests := map[uint64]string{first: good}
	for _, other := range []string{
		changed(`"55"`, `"56"`), changed(`"phone":"55",`, ``), changed(`"Ann"`, `"Anne"`), changed(`"Ann"`, `null`), changed(`"2026-01-02"`, `"2026-01-03"`), changed(`"2026-01-02"`, `"then"`),
		changed(`"2026-01-02"`, `null`), changed(`"EUR"`, `"GBP"`), changed(`"cur":"EUR",`, ``), changed(`"DE"`, `"FR"`), changed(`"item":"Tea"`, `"item":"Tee"`), changed(`"price":1`, `"price":1.0`),
		changed(`"qty":2`, `"qty":3`), changed(`"qty":2,`, ``), changed(`"USD"`, `"EUR"`), changed(`"total":5`, `"total":6`), changed(`,{"item":"Bun","price":2}`, ``),
		changed(`{"item":"Bun","price":2}`, `{"item":"Bun","price":2},{"item":"Bun","price":2}`), changed(`"Bun","price":2`, `"Bun","price":2,"qty":1`),
		changed(`"id":1`, `"id":1,"state":"void"`), changed(`"id":1`, `"id":1,"state":"open"`),
		changed(`"item":"Tea","price":1,"qty":2,"cur":"USD","total":5},{"item":"Bun","price":2`, `"item":"Bun","price":2},{"item":"Tea","price":1,"qty":2,"cur":"USD","total":5`),
		changed(`"55","name":"Ann"`, `"5","name":"5Ann"`), changed(`"EUR","country":"DE"`, `"EUR","country":"DEU"`), changed(`"cur":"EUR","country":"DE"`, `"country":"EUR"`),
	} {
		sum := digest(other)
		if same := digests[sum]; same != "" {
			t.Errorf("one digest of\n%s and\n%s", other, same)
		}
		digests[sum] = other
	}
	// Texts of all lengths, and where one ends and the next starts.
	digests = map[uint64]string{}
	for n := range 40 {
		for cut := range n {
			text := strings.Repeat("abcdefghijkl", 4)[:n]
			other := changed(`"item":"Tea","price":1,"qty":2,"cur":"USD","total":5`, fmt.Sprintf(`"item":"%s","price":1`, text[:cut+1]))
			other = strings.Replace(other, `"Ann"`, `"`+text[cut:]+`"`, 1)
			sum := digest(other)
			if same := digests[sum]; same != "" {
				t.Errorf("one digest of\n%s and\n%s", other, same)
			}
			digests[sum] = other
		}
	}
}

// A randomState is a state of an order as a system has it, and as it is to be read.
type randomState struct {
	id, cancelled, phone, name, at, updated, sent string
	lines                                         [][2]string
	want                                          string
}

// newState makes a state at random, and says what it is to be read as.
func newState(r *rand.Rand, n int) (s randomState) {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	times := []string{"2026-01-02T03:04:05Z", "2026-04-05 06:07:08", "1767225600", "lately", "03/04/2026", "", " "}
	read := map[string]string{times[0]: "26-01-02 03:04", times[1]: "26-04-05 06:07", times[2]: "26-01-01 00:00"}
	s = randomState{
		id: pick(fmt.Sprint(n), fmt.Sprint(n), fmt.Sprint(n/3), fmt.Sprintf("an-id-that-is-long-%d", n), "", " "), cancelled: pick("", "", "", "yes"),
		phone: pick("555-0101", "555-0102", "5550103", "55 5", ""), name: pick("Ann Lee", "Bo", "Günther", ""),
		at: pick(times...), updated: pick(times...), sent: pick(append(times, "", "", "")...),
	}
	hasFault := false
	for range r.IntN(4) {
		line := [2]string{pick("Tea", "Masala Dosa", "Crème Caramel", "Chili, \"hot\""), pick("1", "2.50", "10.95")}
		if r.IntN(15) == 0 {
			line[1], hasFault = "much", true
		}
		s.lines = append(s.lines, line)
	}
	reason := ""
	switch {
	case s.cancelled != "":
		reason = "cancelled"
	case s.phone == "":
		reason = orders.ReasonNoPhone
	}
	hasID := strings.TrimSpace(s.id) != ""
	if reason == "" && hasFault || reason != "" && !hasID {
		return s // rejected, or skipped without an id
	}
	s.want = " "
	if hasID {
		s.want += "#" + s.id + " "
	}
	if time := read[s.at]; time != "" {
		s.want += "placed " + time + " "
	} else if strings.TrimSpace(s.at) != "" {
		s.want += fmt.Sprintf("placed %q ", s.at)
	}
	if latest := max(read[s.updated], read[s.sent]); latest != "" {
		s.want += "changed " + latest + " "
	}
	if s.want += reason; s.phone == "" {
		return s
	}
	s.want = strings.TrimRight(s.want, " ") + " by " + words([]byte(s.phone), []byte(s.name))
	if reason == "" {
		for _, line := range s.lines {
			s.want += fmt.Sprintf(" [%s %s]", line[0], line[1])
		}
	}
	return s
}

// object is the state as an object. Orders of one program mostly have one layout.
func (s *randomState) object(r *rand.Rand, layout []string) string {
	quoted := func(text string) string {
		b, _ := json.Marshal(text)
		return string(b)
	}
	orNull := func(text string) string {
		if text == "" && r.IntN(2) == 0 {
			return "null"
		}
		return quoted(text)
	}
	lines := []string{}
	for _, line := range s.lines {
		lines = append(lines, fmt.Sprintf(`{"item":%s,"price":%s}`, quoted(line[0]), quoted(line[1])))
	}
	values := map[string]string{
		"id": orNull(s.id), "state": orNull(strings.Replace(s.cancelled, "yes", "cancelled", 1)), "phone": orNull(s.phone), "name": orNull(s.name), "at": orNull(s.at),
		"updated": orNull(s.updated), "events": `[{"at":null},{"x":"lately"},{"at":` + orNull(s.sent) + `},{"at":" "}]`, "lines": "[" + strings.Join(lines, ",") + "]",
	}
	var parts []string
	for _, key := range layout {
		parts = append(parts, fmt.Sprintf("%q:%s", key, values[key]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// rows are the state as rows of a table.
func (s *randomState) rows(r *rand.Rand, key int) string {
	quoted := func(text string) string {
		if strings.ContainsAny(text, `",`) || r.IntN(9) == 0 {
			return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		return text
	}
	lines := s.lines
	if len(lines) == 0 {
		lines = [][2]string{{}}
	}
	// Each value is in one of the rows, or in all.
	values := []string{fmt.Sprintf("k%d", key), s.id, s.at, s.updated, s.sent, s.phone, s.name, "", "", s.cancelled}
	in := make([]int, len(values))
	for i := range in {
		in[i] = r.IntN(len(lines)+1) - 1
	}
	in[0] = -1
	var b strings.Builder
	for n, line := range lines {
		var cells []string
		for i, value := range values {
			if in[i] >= 0 && in[i] != n {
				value = ""
			}
			cells = append(cells, quoted(value))
		}
		cells[7], cells[8] = quoted(line[0]), quoted(line[1])
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	return b.String()
}

// States are read as a second reader has them, which made them up, in all ways and blocks,
// as objects and as rows.
func TestRandomStates(t *testing.T) {
	document, table := stateMapping(nil), stateTable
	table.ID = orders.Field{"Id"}
	keys := []string{"at", "events", "id", "lines", "name", "phone", "state", "updated"}
	for l := soak.NewLoop(t, "documents", soak.Rounds{Short: 15, Default: 60, Soak: 20000}); l.Next(); {
		seed := uint64(l.Round)
		r := rand.New(rand.NewPCG(14, seed))
		text, rows, want := "", stateHead, ""
		layout := slices.Clone(keys)
		n := 1 + r.IntN(80)
		for i := range n {
			s := newState(r, i)
			if r.IntN(10) == 0 {
				r.Shuffle(len(layout), func(i, j int) { layout[i], layout[j] = layout[j], layout[i] })
			}
			text += s.object(r, layout) + "\n"
			rows += s.rows(r, i)
			if s.want != "" {
				want += fmt.Sprintf("%d%s\n", i+1, s.want)
			}
		}
		way := []string{"slow", "fast", "portable"}[r.IntN(3)]
		for _, c := range []struct {
			mapping *orders.Mapping
			text    string
		}{{&document, text}, {&document, "[" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",\n") + "]"}, {&table, rows}} {
			for _, size := range []int{len(c.text) + 1, cmp.Or(r.IntN(len(c.text)), 1), 50 + r.IntN(400)} {
				o := orders.Ways[way](orders.Options{Mapping: c.mapping, BlockBytes: size})
				if got := statesOf(t, c.text, o); got != want {
					t.Fatalf("seed %d, the %s way, blocks of %d: %s\n%s", seed, way, size, difference(got, want), abridged(c.text))
				}
			}
		}
	}
}
