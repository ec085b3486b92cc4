package records_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode/utf16"

	"pgregory.net/rapid"

	"process-orders/orders"
)

// An author writes orders and documents, as dice decide: roll(n) is 0 to n-1, and a
// lower number gives a simpler text. Property tests roll with rapid, the fuzz test with
// the fuzzer's bytes.
type author struct {
	roll func(n int) int
	// faulty reports whether some orders cannot be accepted.
	faulty bool
	// few reports whether a document has few orders, so that many can be tried.
	few bool
	// oneLine reports whether there are no newlines within an order.
	oneLine bool
	// Programs write all their orders alike: an author with a habit decides
	// once what does not depend on the values.
	ofOrder, ofLine *habit
}

// drawn lets an author draw something; only the result is printed.
func drawn[T any](t *rapid.T, label string, draw func(author) T) T {
	return rapid.Custom(func(t *rapid.T) T {
		return draw(author{roll: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "roll") }})
	}).Draw(t, label)
}

// rolling is an author who rolls with data, and behind it with what follows from
// it.
func rolling(data []byte) author {
	sum := fnv.New64()
	_, _ = sum.Write(data)
	more := rand.New(rand.NewPCG(sum.Sum64(), 0))
	next := func() (b int) {
		if len(data) == 0 {
			return more.IntN(256)
		}
		b, data = int(data[0]), data[1:]
		return b
	}
	return author{roll: func(n int) int {
		if n > 256 {
			return (next()<<8 + next()) % n
		}
		return next() % n
	}}
}

// A habit is rolls that are the same for each order, or for each of its lines.
type habit struct {
	rolls []int
	next  int
}

// layout is the author for what does not depend on an object's values.
func (a author) layout(h *habit) author {
	if h == nil {
		return a
	}
	h.next = 0
	fresh := a.roll
	a.roll = func(n int) int {
		if h.next == len(h.rolls) {
			h.rolls = append(h.rolls, fresh(256))
		}
		h.next++
		return h.rolls[h.next-1] % n
	}
	return a
}

func (a author) oneIn(n int) bool           { return a.roll(n) == n-1 }
func (a author) pick(from ...string) string { return from[a.roll(len(from))] }
func (a author) fault() bool                { return a.faulty && a.oneIn(24) }
func (a author) shuffled(parts []string) {
	for i := len(parts) - 1; i > 0; i-- {
		j := i - a.roll(i+1)
		parts[i], parts[j] = parts[j], parts[i]
	}
}

// Few, so that customers and items come again; several that are easily taken
// for each other, for white space, for JSON.
var (
	phones = []string{
		"1", "2", "732-555-5509", "732-555-5500", "+49 170 1", " 1", "\u0661", "null", "é", "e\u0301",
		"a\"b\\c/\n\r\t\b\f\x1b", "2\u2028\u2029\u0085", "😀\U0010ffff", "\x7f<&>", "\u200b", "Unknown",
		strings.Repeat("3", 40), `},{"phone":"9","items":[]},{`,
	}
	names = []string{
		"Priya", "Sunny", "ப்ரியா", "Unknown", "P", `"`, `\`, "\u2028|", "\u0001\u001f", "😀😀", " Jo ", "\u200b",
		strings.Repeat("Wolfeschlegelsteinhausen", 4), `{"phone":"9","items":[]}`, "\ufeff", "\ufffd",
	}
	blanks = []string{"", " ", "\t\n", "\u00a0\u2003\u3000", "\u0085"}
	items  = []string{"Idli", "Dosa", "idli", "Idli ", "Chef's \"Special\"", "ദോശ", "1", "\\u0041", "price", "\t|"}
	prices = []string{
		"1", "10.50", "10.5", "0", "-0", "0.00", "-2.50", "1234567890.123456789", "9007199254740993",
		strings.Repeat("9", 40), "0." + strings.Repeat("1", 39), "-12345678." + strings.Repeat("4", 32),
	}
	exponents = []string{
		"1e0", "1.2e1", "1.20e1", "1.25E1", "12e-1", "12E-5", "-1.50e+02", "0e5", "0.00e1", "-0.0e-3", "5e39", "1e-39",
		"0.001e2", "100e-2", "1.5e007", "0e999999999999999999999", "0.0000000000000000000000000000000000000000000001e46",
	}
)

// purchase is an order that can be accepted.
func (a author) purchase() purchase {
	p := purchase{phone: a.pick(phones...)}
	if a.oneIn(2) {
		p.name = a.pick(names...)
	}
	for range a.roll(4) {
		p.lines = append(p.lines, purchaseLine{a.pick(items...), a.pick(prices...)})
	}
	return p
}

func (a author) purchases(n int) (list []purchase) {
	for range a.roll(n + 1) {
		list = append(list, a.purchase())
	}
	return list
}

// order is a purchase as the package orders yields it.
func (p purchase) order() orders.Order {
	o := orders.Order{Phone: []byte(p.phone), Name: []byte(p.name)}
	for _, l := range p.lines {
		o.Lines = append(o.Lines, orders.Line{Item: []byte(l.item), Price: []byte(l.price)})
	}
	return o
}

// json is a purchase as JSON.
func (p purchase) json() string {
	var lines []string
	for _, l := range p.lines {
		lines = append(lines, fmt.Sprintf(`{"name":%s,"price":%s}`, quoted(l.item), l.price))
	}
	return fmt.Sprintf(`{"phone":%s,"name":%s,"items":[%s]}`, quoted(p.phone), quoted(p.name), strings.Join(lines, ","))
}

// order writes an order in any way that JSON allows.
func (a author) order() string {
	if a.fault() {
		return a.pick(`5`, `"x"`, `null`, `true`, `[]`, `[{"phone":"1","items":[]}]`, `{}`, `-1.5e3`)
	}
	layout := a.layout(a.ofOrder)
	parts := []string{layout.member("items", a.lines())}
	if !a.fault() {
		parts = append(parts, layout.member("phone", a.phone()))
	}
	if layout.oneIn(2) {
		parts = append(parts, layout.member("name", a.name()))
	}
	for layout.oneIn(3) {
		parts = append(parts, layout.member(layout.unreadKey(), a.unread()))
	}
	if a.fault() {
		parts = append(parts, a.pick(`"phone":"7"`, `"ph\u006fne":"7"`, `"name":null`, `"items":[]`, `"n\u0061me":"Second"`))
	}
	layout.shuffled(parts)
	return layout.object(parts)
}

func (a author) phone() string {
	switch {
	case a.fault():
		return a.pick(`""`, `" "`, `-5`, `1.0`, `1e3`, `null`, `true`, `{}`, `["1"]`, `"a\u0000"`)
	case a.oneIn(4):
		return a.pick("1", "2", "0", "7325555509", strings.Repeat("3", 40), strings.Repeat("4", 60))
	}
	return a.quote(a.pick(phones...))
}

func (a author) name() string {
	switch {
	case a.fault():
		return a.pick(`5`, `true`, `[]`, `{"first":"x"}`, `"\u0000"`, `" \u0000"`)
	case a.oneIn(4):
		return "null"
	case a.oneIn(4):
		return a.quote(a.pick(blanks...))
	}
	return a.quote(a.pick(names...))
}

func (a author) lines() string {
	if a.fault() {
		return a.pick(`null`, `{}`, `"x"`, `0`, `[5]`, `[[]]`, `[null]`, `[{}]`)
	}
	var parts []string
	for range a.roll(4) {
		parts = append(parts, a.line())
		if a.oneIn(6) { // an item twice in one order
			parts = append(parts, parts[0])
		}
	}
	layout := a.layout(a.ofLine)
	return "[" + layout.space() + strings.Join(parts, layout.space()+","+layout.space()) + layout.space() + "]"
}

func (a author) line() string {
	layout := a.layout(a.ofLine)
	parts := []string{layout.member("name", a.item()), layout.member("price", a.price())}
	if a.fault() {
		parts = parts[a.roll(2):][:1]
	}
	if layout.oneIn(4) {
		parts = append(parts, layout.member(layout.unreadKey(), a.unread()))
	}
	if a.fault() {
		parts = append(parts, a.pick(`"name":"Twice"`, `"price":1`, `"pr\u0069ce":null`))
	}
	layout.shuffled(parts)
	return layout.object(parts)
}

func (a author) item() string {
	if a.fault() {
		return a.pick(`""`, `"\u3000"`, `5`, `null`, `{}`, `"a\u0000b"`)
	}
	return a.quote(a.pick(items...))
}

func (a author) price() string {
	switch {
	case a.fault():
		return a.pick(`"abc"`, `""`, `" 5"`, `"5 "`, `"+5"`, `"01"`, `".5"`, `"5."`, `"NaN"`, `"1,5"`, `null`, `[]`, `1e40`, `1e-40`,
			strings.Repeat("9", 41), "0."+strings.Repeat("1", 40), `1e999999999999`, `"5\u0000"`, `"5e"`, `"-"`)
	case a.oneIn(4):
		return a.pick(exponents...)
	case a.oneIn(4):
		return a.quote(a.pick(append(exponents, prices...)...))
	}
	return a.pick(prices...)
}

// unreadKey is a key that nobody reads. It may look like one that is read.
func (a author) unreadKey() string {
	return a.pick("notes", "Phone", "phone ", "", "id", "nаme", strings.Repeat("long ", 110))
}

// unread is a value that nobody reads.
func (a author) unread() string {
	return a.pick(`""`, `null`, `12`, `"some text"`, `1e999`, `[[[[]]],{}]`, `"},{\"phone\":\"9\",\"items\":[]}"`,
		`{"phone":"9","items":[{"name":"Fake","price":1}]}`,
		`[{"phone":"9","items":[]},{"phone":"8","items":[{"name":"Fake","price":1}]}]`,
		`{"phone":1,"phone":2}`, `"\u0000"`, `"\\"`, `-0.0E-0`, `0.5`, `"é"`, `false`)
}

func (a author) member(key, value string) string {
	return a.quote(key) + a.space() + ":" + a.space() + value
}

func (a author) object(members []string) string {
	var out strings.Builder
	out.WriteString("{" + a.space())
	for i, m := range members {
		if i > 0 {
			out.WriteString(a.space() + "," + a.space())
		}
		out.WriteString(m)
	}
	out.WriteString(a.space() + "}")
	return out.String()
}

func (a author) space() string {
	if !a.oneIn(16) {
		return ""
	}
	if a.oneLine {
		return a.pick(" ", "\t", "\r", "  \t")
	}
	return a.pick(" ", "\t", "\r", "\n", "\r\n  ")
}

// quote writes a text as a JSON string, now and then with escapes that it does
// not need.
func (a author) quote(text string) string {
	escapeAll, escapeSome := false, false
	switch a.roll(8) {
	case 6:
		escapeAll = true
	case 7:
		escapeSome = true
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case escapeAll, escapeSome && a.oneIn(3):
			out.WriteString(escaped(r))
		case r < ' ', r == '"', r == '\\':
			q := quoted(string(r))
			out.WriteString(q[1 : len(q)-1])
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func escaped(r rune) string {
	if high, low := utf16.EncodeRune(r); high != '\ufffd' {
		return fmt.Sprintf(`\u%04x\u%04X`, high, low)
	}
	return fmt.Sprintf(`\u%04X`, r)
}

// document is a source's text, in any of the shapes that there are.
func (a author) document(maxOrders int) string {
	if a.oneIn(2) {
		a.ofOrder, a.ofLine = &habit{}, &habit{}
		maxOrders *= 3 // the reader needs some to know the habit
	}
	var list []string
	for range a.roll(maxOrders + 1) {
		if a.oneIn(40) {
			a.ofOrder, a.ofLine = &habit{}, &habit{}
		}
		list = append(list, a.order())
	}
	text := a.shape(list)
	if a.oneIn(8) {
		text = "\ufeff" + text
	}
	return text
}

func (a author) shape(list []string) string {
	array := "[" + strings.Join(list, a.space()+","+a.space()) + "]"
	shape := a.roll(7)
	if len(list) == 0 && shape > 2 {
		shape = 0 // nothing at all is no document
	}
	switch shape {
	case 1:
		var out bytes.Buffer
		if err := json.Indent(&out, []byte(array), "", a.pick("    ", "\t", "")); err != nil {
			panic(err)
		}
		return out.String() + a.pick("\n", "\r\n", "")
	case 2:
		before, after := "", ""
		for a.oneIn(2) {
			before += a.pick(`"version":1,`, `"made":{"phone":"0","items":[]},`, `"":"[{",`, `"more":[{"phone":"0"}],`) + a.space()
		}
		for a.oneIn(2) {
			after += a.space() + a.pick(`,"phone":"1"`, `,"count":3`, `,"lines":[{"phone":"0","items":[]}]`, `,"x":"]}"`)
		}
		return a.space() + "{" + before + `"orders"` + a.space() + ":" + a.space() + array + after + a.space() + "}" + a.space()
	case 3:
		return strings.Join(list, a.pick("\n", "\r\n", "\n\n", " \n\t")) + a.pick("\n", "")
	case 4:
		return strings.Join(list, a.pick("\n", "", " ", "\t")) // which is not a sequence if an order is no object
	case 5:
		return list[0]
	case 6: // pages
		var pages []string
		for len(list) > 0 {
			n := 1 + a.roll(len(list))
			pages = append(pages, `{"id":7,"orders":[`+strings.Join(list[:n], ",")+`],"next":null}`)
			list = list[n:]
		}
		if a.oneIn(2) {
			return "[" + strings.Join(pages, ",") + "]"
		}
		return strings.Join(pages, a.pick("\n", "", " ")) + a.pick("\n", "")
	}
	return a.space() + array + a.space()
}
