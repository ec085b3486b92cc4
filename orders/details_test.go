package orders_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// An order has what its mapping reads beside phone, name and lines. A clone keeps it, and
// the default shape has none of it.
func TestDetails(t *testing.T) {
	m := orders.Mapping{
		ID: orders.Field{"id"}, Time: orders.Field{"at"}, Currency: orders.Field{"in"},
		Phone: orders.Field{"tel"}, Lines: []string{"l[]"},
		LineFields: orders.LineFields{Item: orders.Field{"n"}, Price: orders.Field{"p"}, Quantity: orders.Field{"q"}, LineCurrency: orders.Field{"in"}},
	}
	const text = `{"id":7,"at":"noon","in":"USD","tel":"1","l":[{"n":"Tea","p":3,"q":2,"in":"EUR"},{"n":"Cup","p":4}]}` + "\n" +
		`{"tel":"2","id":null,"l":[{"n":"Jam","p":5,"q":"0.5","in":" "}]}` + "\n" +
		`{"id":"8","at":1,"in":"JPY","tel":"3","l":[]}`
	const want = "7 noon USD: Tea 2 EUR, Cup  USD, \n  : Jam 0.5 , \n8 1 JPY: \n"
	if got := details(t, text, orders.Options{Mapping: &m}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	const plain = `{"id":7,"phone":"1","currency":"USD","items":[{"name":"Tea","price":3,"quantity":2}]}`
	if got := details(t, plain, orders.Options{}); got != "  : Tea  , \n" {
		t.Errorf("got %s of the default shape", got)
	}
}

func details(t *testing.T, text string, o orders.Options) string {
	var clones []orders.Order
	sources := []input.Source{input.Reader("in", strings.NewReader(text))}
	for o, err := range orders.All(context.Background(), sources, o) {
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]byte{o.ID, o.Time, o.Currency} {
			if cap(part) != len(part) {
				t.Errorf("appending to %q would write over the input", part)
			}
		}
		for _, l := range o.Lines {
			if cap(l.Quantity) != len(l.Quantity) || cap(l.Currency) != len(l.Currency) {
				t.Errorf("appending to %q would write over the input", l)
			}
		}
		clone := o.Clone()
		for _, part := range [][]byte{o.ID, o.Time, o.Currency} {
			clear(part)
		}
		for _, l := range o.Lines {
			clear(l.Quantity)
		}
		clones = append(clones, clone)
	}
	var s strings.Builder
	for _, o := range clones {
		fmt.Fprintf(&s, "%s %s %s: ", o.ID, o.Time, o.Currency)
		for _, l := range o.Lines {
			fmt.Fprintf(&s, "%s %s %s, ", l.Item, l.Quantity, l.Currency)
		}
		s.WriteByte('\n')
	}
	return s.String()
}

func TestCheck(t *testing.T) {
	m := orders.Default()
	if err := m.Check(); err != nil {
		t.Errorf("the default shape: %v", err)
	}
	m.Phone = orders.Field{"a", "b..c"}
	var wrong *orders.PathError
	if err := m.Check(); !errors.As(err, &wrong) || wrong.Path != "b..c" || wrong.Reason != "want keys joined by dots" {
		t.Errorf("got %v", err)
	}
	m.Phone = nil
	if err := m.Check(); err == nil || err.Error() != "mapping: phone: want a path, or a person with one" {
		t.Errorf("got %v", err)
	}
}

// The total of a line is divided by its quantity. If the quotient does not end, the price
// has the digits of the line's or else the order's currency, which may come behind the
// lines.
func TestUnitPrices(t *testing.T) {
	m := orders.Detailed()
	m.PriceUnit = orders.Total
	for _, c := range []struct{ text, want string }{
		{`{"phone":"1","items":[{"name":"a","price":825.5,"quantity":12}],"currency":"USD"}`, `1: "1" ["a" 68.79]`},
		{`{"phone":"1","items":[{"name":"a","price":825.5,"quantity":12}]}`, `1: "1" ["a" 68.79]`},
		{`{"phone":"1","items":[{"name":"a","price":1000,"quantity":3}],"currency":"JPY"}`, `1: "1" ["a" 333]`},
		{`{"currency":"JPY","phone":"1","items":[{"name":"a","price":1000,"quantity":3,"currency":"KWD"},{"name":"b","price":1000}]}`, `1: "1" ["a" 333.333] ["b" 1000]`},
	} {
		got := setup{Options: orders.Options{Mapping: &m}}.sameAtSomeSizes(t, "total", c.text)
		if got.String() != c.want+"\n" {
			t.Errorf("%s:\ngot  %swant %s", c.text, got, c.want)
		}
	}
	got := setup{Options: orders.Options{Mapping: &m}}.read(`{"phone":"1","items":[{"name":"a","price":1,"quantity":0.0}]}`)
	if len(got.rejects) != 1 || got.rejects[0].Path != "items[0].price" {
		t.Errorf("a total for nothing: got %s", got)
	}
}
