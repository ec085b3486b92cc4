package orders_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// detailed are mappings of the default shape that read more.
func detailed() map[string]orders.Mapping {
	some, states, always, same, both := orders.Detailed(), orders.Detailed(), orders.Detailed(), orders.Detailed(), orders.Detailed()
	states.ID, states.IDPrefixes, states.Updated = orders.Field{"id", "no"}, []string{"#"}, []string{"updated_at", "changes[].at"}
	states.KeepRefunds = false
	always.Currency, always.LineCurrency, always.Time = orders.Field{"=EUR"}, nil, nil
	same.ID = orders.Field{"phone"}
	both.ID = orders.Field{"timestamp"}
	return map[string]orders.Mapping{"detailed": some, "states": states, "constant": always, "one value for two": same, "the time is the id": both}
}

// usualDetailed are orders whose layouts a reader learns. Then come changed ones.
var usualDetailed = []string{
	`{"timestamp": 1702219784, "name": "Ann", "phone": "732-555-5439", "items": [{"name": "Idli", "price": 13.95, "x": 1}, {"name": "Vada", "price": 6, "x": 2}], "x": "y"}`,
	`{"id":7,"updated_at":"2026-01-02","created_at":"2026-01-01T00:00:00Z","currency":"USD","phone":1,"items":[{"quantity":2,"name":"Idli","price":"12.50"},{"name":"Vada","price":1,"currency":"EUR","quantity":"0.5"}],"x":true}`,
	`{"items":[{"currency":"JPY","price":5,"quantity":1.5,"name":"Cup","x":"y"}],"changes":[{"at":1702219784},{"at":"2026-01-02"}],"date":"noon","no":"#8","name":"Bob","phone":"1","x":3}`,
	`{"phone":"1","items":[],"name":null,"currency":null,"time":"1702219784"}`,
}

// Another value in each place of an order with details, and none. Each comes twice, as its
// layout may be known then.
func TestWaysOnDetails(t *testing.T) {
	others := []string{
		`null`, `true`, `false`, `0`, `-1`, `-0.0`, `0.5`, `2`, `1e2`, `3.25`, `12345678901234567890123456789012345678901234567890`,
		`""`, `" "`, `"x"`, `"0"`, `"2"`, `"-2"`, `"1,5"`, `"5.00 EUR"`, `"usd"`, `"false"`, `"\u0032"`, `"\u0000"`, `"E\u0055R"`, `"é"`, `"\u00a0"`,
		`"2026-03-04"`, `1702219785`, `"04/05/2026"`, `"#"`, `[]`, `{}`, `[1]`, `{"at":5}`,
	}
	value := regexp.MustCompile(`"[a-z_]+": ?("[^"]*"|[-0-9.]+|null|true|\[\])(, ?)?`)
	known := strings.Join(usualDetailed, "\n") + "\n"
	for _, order := range usualDetailed {
		for _, at := range value.FindAllStringSubmatchIndex(order, -1) {
			var text strings.Builder
			text.WriteString(known + known)
			for n := range 2 * (len(others) + 1) {
				changed := order[:at[0]] + order[at[1]:]
				if n/2 > 0 {
					changed = order[:at[2]] + others[n/2-1] + order[at[3]:]
				}
				id := fmt.Sprint(n) // else it is a state of an order before
				text.WriteString(strings.NewReplacer(`"id":7`, `"id":9`+id, `"#8"`, `"#9`+id+`"`).Replace(changed) + "\n" + order + "\n")
			}
			for _, m := range detailed() {
				ways(t, text.String()+known+behind, orders.Options{Mapping: &m})
			}
		}
	}
}

// A value is in one place in some orders and in another one in others: nothing of an order
// is left for the next one.
func TestDetailsOfTheOrderBefore(t *testing.T) {
	lines := []string{
		`{"phone":"1","timestamp":1702219784,"currency":"USD","items":[{"name":"a","price":1,"quantity":2},{"name":"b","price":2}]}`,
		`{"phone":"2","items":[{"name":"c","price":3},{"name":"d","price":4,"quantity":5,"currency":"EUR"}]}`,
		`{"phone":"3","time":"2026-01-02","items":[]}`,
		`{"phone":"4","time":"2026-01-02","timestamp":" ","items":[{"name":"e","price":6}]}`,
	}
	const want = `1 1702219784 USD 1702219784000: a 1 2 USD, b 2  USD, 
2   0: c 3  , d 4 5 EUR, 
3 2026-01-02  1767312000000: 
4 2026-01-02  1767312000000: e 6  , 
`
	text := strings.Repeat(strings.Join(lines, "\n")+"\n", 50)
	m := orders.Detailed()
	for name, way := range orders.Ways {
		for _, text := range []string{text + behind, "[" + strings.ReplaceAll(text[:len(text)-1], "\n", ",\n") + "]" + behind} {
			var b strings.Builder
			for o, err := range orders.All(t.Context(), []input.Source{source("in", text)}, way(orders.Options{Mapping: &m})) {
				if err != nil {
					t.Fatal(err)
				}
				placed := int64(0)
				if !o.Placed.IsZero() {
					placed = o.Placed.UnixMilli()
				}
				fmt.Fprintf(&b, "%s %s %s %d: ", o.Phone, o.Time, o.Currency, placed)
				for _, l := range o.Lines {
					fmt.Fprintf(&b, "%s %s %s %s, ", l.Item, l.Price, l.Quantity, l.Currency)
				}
				b.WriteByte('\n')
			}
			if got := b.String(); got != strings.Repeat(want, 50) {
				t.Errorf("the %s way: got\n%.600s\nwant, again and again,\n%s", name, got, want)
			}
		}
	}
}

// Orders with usual details are read by the fast path.
func TestLayoutsOfDetails(t *testing.T) {
	text := strings.Repeat(strings.Join(usualDetailed[:3], "\n")+"\n", 200) + behind
	for name, m := range detailed() {
		if name == "states" {
			continue // there the last order of the three has no good id
		}
		if n, vertices, fails := layouts(t, text, orders.Options{Mapping: &m}); n != 600 || vertices < 5 || vertices > 60 || fails > 200 {
			t.Errorf("%s: %d orders; %d vertices are known, a measure of failure is %d", name, n, vertices, fails)
		}
	}
}
