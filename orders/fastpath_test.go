package orders_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/jsoncases"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// behind is white space behind an order, as the fast path is not taken near the end
// of the data.
var behind = strings.Repeat(" ", 600)

// ways reads a text in all ways and wants the same of each.
func ways(t *testing.T, text string, o orders.Options) {
	t.Helper()
	want := reported(text, orders.Ways["slow"](o))
	for name, way := range orders.Ways {
		if got := reported(text, way(o)); got != want {
			t.Errorf("%.300q, read the %s way:\n%s\nwant, as read by the slow path,\n%s", text, name, got, want)
		}
	}
}

// reported is all that reading a text reports.
func reported(text string, o orders.Options) string {
	var b strings.Builder
	o.Reject = func(r *orders.Reject) error {
		fmt.Fprintf(&b, "rejected %v %q\n", r, r.Text)
		return nil
	}
	for order, err := range orders.All(context.Background(), []input.Source{source("in", text)}, o) {
		if err != nil {
			fmt.Fprintf(&b, "error %v\n", err)
			break
		}
		fmt.Fprintf(&b, "%d %q %q %q %q %q %v", order.Number, order.Phone, order.Name, order.ID, order.Time, order.Currency, order.Placed)
		for _, l := range order.Lines {
			fmt.Fprintf(&b, " %q %q %q %q %q", l.Item, l.Price, l.Quantity, l.Currency, l.Total)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// usual are orders whose layouts a reader learns. Then come changed ones.
var usual = []string{
	`{"timestamp": 1702219784, "name": "Sunny", "phone": "732-555-5439", "items": [{"name": "Cheese Madurai Masala Dosa", "price": 13.95}, {"name": "Idli", "price": 6}], "notes": "extra spicy"}`,
	`{"timestamp": 1702219785, "phone": "732-555-5509", "items": [{"name": "Idli", "price": 6.00}], "notes": null}`,
	`{"phone":1,"items":[],"name":null,"x":{"a":[1,2,{"b":"c"}]},"y":true}`,
	"{\n    \"items\": [\n        {\n            \"price\": \"12.50\",\n            \"name\": \"Vada\"\n        }\n    ],\n    \"phone\": \"1\",\n    \"name\": \"Ann\"\n}",
	`{"ph\u006fne":"2","items":[{"name":"a","price":0.5,"size":"large"}]}`,
}

// Every text is tried where the reader knows what to expect: as a field that is not read,
// as a phone, a name, an item, a price, and instead of a literal.
func TestWaysOnCases(t *testing.T) {
	cases := slices.Concat(jsoncases.Accepted, jsoncases.Refused)
	places := []string{
		`{"phone":"1","x":%s,"items":[{"name":"a","price":1}]}`,
		`{"phone":%s,"items":[{"name":"a","price":1}]}`,
		`{"phone":"1","name":%s,"items":[{"name":"a","price":1}]}`,
		`{"phone":"1","items":[{"name":%s,"price":1}]}`,
		`{"phone":"1","items":[{"name":"a","price":%s}]}`,
		`{"phone":"1"%s,"items":[{"name":"a","price":1}]}`,
	}
	usual := func(n int) bool { // a third is enough
		part := (n/len(places) + n%len(places)) % 6
		return part == 0 || part == 1 && !testing.Short()
	}
	for n := range soak.Cases(t, "texts", len(cases)*len(places), usual) {
		c, place := cases[n/len(places)], places[n%len(places)]
		if len(c.Text) > 3000 {
			continue
		}
		known := strings.ReplaceAll(place, "%s", `"b"`) + "\n" + strings.ReplaceAll(place, "%s", "7") + "\n"
		text := known + known + strings.Replace(place, "%s", c.Text, 1) + "\n" + known + behind
		ways(t, text, orders.Options{RejectLines: len(c.Text)%2 == 0})
	}
}

// A byte changed, lost or added anywhere in an order that follows its like.
func TestWaysOnChanges(t *testing.T) {
	random := soak.Random(t)
	known := strings.Join(usual, "\n") + "\n"
	var changes [][2]int // an order and an offset in it
	for i, order := range usual {
		for at := range len(order) {
			changes = append(changes, [2]int{i, at})
		}
	}
	some := func(n int) bool {
		at := changes[n][1]
		return at%12 == 0 || at%4 == 0 && !testing.Short()
	}
	for n := range soak.Cases(t, "places", len(changes), some) {
		order, at := usual[changes[n][0]], changes[n][1]
		for _, put := range []string{"", `"`, `\`, "{", "}", "[", "]", ",", ":", "0", ".", "e", "-", " ", "\n", "\x00", "\xff", "é", `\u0000`, string(rune(random.IntN(128)))} {
			text := known + known + order[:at] + put + order[at+1:] + "\n" + known + behind
			ways(t, text, orders.Options{RejectLines: at%2 == 0, BlockBytes: at % 3 * 700})
		}
	}
}

// A key is known behind another one, and appears twice all the same.
func TestWaysOnKeysTwice(t *testing.T) {
	known := `{"phone":"1","name":"a","items":[],"x":1}
{"name":"a","phone":"1","items":[],"x":1}
{"items":[],"x":1,"name":"a","phone":"1"}
{"x":1,"phone":"1","items":[{"name":"a","price":1},{"price":1,"name":"a"}],"name":"a"}
`
	for _, text := range []string{
		`{"name":"a","phone":"1","name":"a","items":[],"x":1}`,
		`{"phone":"1","name":"a","items":[],"x":1,"name":"a"}`,
		`{"items":[],"x":1,"name":"a","phone":"1","items":[]}`,
		`{"x":1,"phone":"1","items":[{"name":"a","price":1,"name":"a"}],"name":"a"}`,
		`{"x":1,"phone":"1","items":[{"price":1,"name":"a","price":1}],"name":"a"}`,
	} {
		ways(t, known+known+text+"\n"+known+behind, orders.Options{})
	}
}

// Orders that are apart as before, and then something else where the next one should be, or
// before it.
func TestWaysOnGaps(t *testing.T) {
	known := `{"phone":"1","name":"a","items":[{"name":"b","price":1}],"paid":true}`
	others := []string{
		"", "]", "}", "x", ",", "null", "[", "[]", "{", "{}", "{]", "\x00", "\xff", " ", "\n", "\r\n", "  \n\n ", "1", `"a"`,
		known, known[:30], `{"phone":"1"}`, `{"orders":[` + known + "]}", `{"phone":"\u0031","name":"\u00e9","items":[]}`,
		strings.Replace(known, "1}", "1,}", 1), strings.Replace(known, "true", "tru", 1), known + known, known + " x",
	}
	for _, gap := range []string{"\n", "\r\n", "\n\n", " ", "", ",", ",\n", " , ", ",,", strings.Repeat(" ", 40) + "\n"} {
		for _, other := range others {
			orders3 := strings.Repeat(known+gap, 3)
			for i, text := range []string{orders3 + other + gap + orders3, "[" + orders3 + other + gap + orders3 + known + "]", orders3 + known + other} {
				for _, block := range []int{0, 300} {
					ways(t, text+behind, orders.Options{RejectLines: i == 0, BlockBytes: block})
				}
			}
		}
	}
}

// layouts scans a text as one chunk. It returns how many orders there were, how many
// vertices are known then, and a measure of how often they did not help.
func layouts(t *testing.T, text string, o orders.Options) (n, vertices, fails int) {
	t.Helper()
	o.BlockBytes = len(text) + 1
	reader, err := orders.NewReader(context.Background(), []input.Source{source("in", text)}, o)
	if err != nil {
		t.Fatal(err)
	}
	var chunk orders.Chunk
	if err := reader.Next(&chunk); err != nil {
		t.Fatal(err)
	}
	chunk.Scan()
	vertices, fails = chunk.Layouts()
	return chunk.Len(), vertices, fails
}

// The fast path is taken: a reader that has seen the usual orders knows them.
func TestLayouts(t *testing.T) {
	text := strings.Repeat(strings.Join(usual, "\n")+"\n", 200) + behind
	if n, vertices, fails := layouts(t, text, orders.Options{}); n != 1000 || vertices < 5 || vertices > 60 || fails > 200 {
		t.Errorf("%d orders; %d vertices are known, a measure of failure is %d", n, vertices, fails)
	}
}

// FuzzWays reads changed orders behind usual ones: each by the slow path and in one other
// way, and a sample, and what is kept, in all ways.
func FuzzWays(f *testing.F) {
	for _, order := range usual {
		f.Add(order, uint16(3), "x")
		f.Add(order, uint16(30), `\`)
	}
	f.Fuzz(func(t *testing.T, order string, at uint16, put string) {
		if len(order) > 2000 || len(put) > 100 {
			return
		}
		changed := order
		if len(order) > 0 {
			i := int(at) % len(order)
			changed = order[:i] + put + order[i+1:]
		}
		known := strings.Join(usual, "\n") + "\n" + order + "\n"
		fuzzed.start(order, put, strconv.Itoa(int(at)))
		fuzzed.check(t, nil, known+known, "", changed, "\n"+behind, int(at%3)*700, at%2 == 0)
		if !fuzzed.isWhole(64) {
			return
		}
		ways(t, known+known+changed+"\n"+known+behind, orders.Options{RejectLines: at%2 == 0})
	})
}

// Texts and numbers of every length, so that their ends are at every bit of the bitmaps,
// also far from where they start. A wrong end would fit no literal: the answers would be
// right, and the fast path seldom taken.
func TestWaysOnLengths(t *testing.T) {
	var b strings.Builder
	for n := range 300 {
		fmt.Fprintf(&b, `{"phone":"%s1","name":"a%s","items":[{"name":"%sa","price":%s1.5}],"x":"%s"}`+"\n",
			strings.Repeat("0", n*7%300), strings.Repeat("n", n), strings.Repeat("é", n*5%200), strings.Repeat("1", n%35), strings.Repeat("y", n*3%300))
	}
	text := b.String() + behind
	ways(t, text, orders.Options{})
	for name, way := range orders.Ways {
		if name == "slow" || name == "mapped slow" {
			continue
		}
		if n, _, fails := layouts(t, text, way(orders.Options{})); n != 300 || fails > 50 {
			t.Errorf("the %s way: %d orders, a measure of failure is %d", name, n, fails)
		}
	}
}

// What was seen at a vertex before says nothing of what is there now.
func TestValuesOfOtherKinds(t *testing.T) {
	m := orders.Mapping{
		ID: orders.Field{"id", "tags[]"}, Phone: orders.Field{"tel", "tels[]"}, Name: orders.Field{"first + last"},
		Lines: []string{"l[]"}, LineFields: orders.LineFields{Item: orders.Field{"n"}, Price: orders.Field{"p"}},
		Skip: []orders.Condition{{Reason: "cancelled", Path: "state", Values: []string{"c"}}},
	}
	many := func(lines ...string) string {
		return strings.Repeat(strings.Join(lines, "\n")+"\n", 8) + strings.Repeat(" ", 600)
	}
	for _, c := range []struct {
		name, text, want string
	}{
		{"null where a number was", many(`{"id":-5,"tel":"1","l":[]}`, `{"id":null,"tel":"2","l":[]}`), "1 2 2 2 2 2 2 2 2"},
		{"a text where a number was", many(`{"id":-5,"tel":"1","l":[]}`, `{"id":"-5","tel":"2","l":[]}`), "2"},
		{"a text of a condition where an object was", many(`{"state":{},"tel":"1","l":[]}`, `{"state":"c","tel":"2","l":[]}`), "1 1 1 1 1 1 1 1"},
		{"no lines where orders are passed over", many(`{"state":"c","tel":"1"}`, `{"state":"o","tel":"2"}`), ""},
		{"lines that are none where orders are passed over", many(`{"state":"c","tel":"1","l":5}`, `{"state":"o","tel":"2","l":5}`), ""},
		{"two arrays, either first", many(`{"tels":["","","1"],"tags":["",""],"l":[]}`, `{"tags":["","",""],"tels":["","","2"],"l":[]}`), "1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2"},
		{"null in an array", many(`{"tels":[null,"1"],"l":[]}`), "1 1 1 1 1 1 1 1"},
	} {
		for way, set := range orders.Ways {
			s := setup{Options: set(orders.Options{Mapping: &m})}
			if got := s.sameAtAllSizes(t, c.name, c.text); got.phones() != c.want || got.err != nil {
				t.Errorf("%s, %s: got %s, want orders of %s", c.name, way, got, c.want)
			}
		}
	}
	text := many(`{"tel":"1","first":{},"last":"Li","l":[]}`, `{"tel":"2","first":"Ann","last":"Li","l":[]}`)
	for _, o := range (setup{Options: orders.Options{Mapping: &m}}).read(text).orders {
		if string(o.Phone) == "2" && string(o.Name) != "Ann Li" {
			t.Errorf("got %q", o.Name)
		}
	}
}
