package orders_test

import (
	"context"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

func TestMapping(t *testing.T) {
	nested := orders.Mapping{Orders: "data", Phone: "billing.phone", Name: "billing.person.name", Lines: "cart.lines", Item: "product.title", Price: "cost.each.amount"}
	renamed := orders.Mapping{Orders: "orders", Phone: "tel", Name: "who", Lines: "rows", Item: "what", Price: "how much"}
	swapped := orders.Mapping{Orders: "items", Phone: "name", Name: "phone", Lines: "orders", Item: "price", Price: "name"}
	for _, c := range []struct {
		name    string
		mapping orders.Mapping
		text    string
		want    string
	}{
		{"renamed", renamed, `{"tel":"1","who":"Ann","rows":[{"what":"a","how much":1}],"phone":5,"items":{}}`, "1: \"1\" \"Ann\" [\"a\" 1]\n"},
		{"renamed, missing", renamed, order("1"), "rejected in:1:1: order 1: tel: missing: " + quoted(order("1")) + "\n"},
		{"renamed, escaped", renamed, `{"\u0074el":"1","rows":[{"wh\u0061t":"a","how\u0020much":1}]}`, "1: \"1\" [\"a\" 1]\n"},
		{"names swapped", swapped, `{"items":[{"name":"1","phone":"Ann","orders":[{"price":"a","name":2}]}]}`, "1: \"1\" \"Ann\" [\"a\" 2]\n"},

		{"nested", nested, `{"billing":{"phone":"1","person":{"name":"Ann"}},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}}}]}}`, "1: \"1\" \"Ann\" [\"a\" 1]\n"},
		{"nested, the other way round", nested, `{"cart":{"x":1,"lines":[{"cost":{"y":{},"each":{"z":[],"amount":"1"}},"product":{"title":"a"}}]},"billing":{"person":{"name":"Ann"},"phone":7}}`, "1: \"7\" \"Ann\" [\"a\" 1]\n"},
		{"nested, escaped", nested, `{"b\u0069lling":{"ph\u006fne":"1"},"\u0063art":{"lines":[]}}`, "1: \"1\"\n"},
		{"nested, the flat names mean nothing", nested, `{"billing.phone":5,"phone":6,"billing":{"phone":"1"},"lines":7,"cart":{"lines":[]}}`, "1: \"1\"\n"},
		{"nested, wrapped", nested, `{"orders":[5],"data":[{"billing":{"phone":"1"},"cart":{"lines":[]}}]}`, "1: \"1\"\n"},
		{"nested, no name", nested, `{"billing":{"phone":"1","person":null},"cart":{"lines":[]}}`, "1: \"1\"\n"},
		{"nested, lines", nested, `{"billing":{"phone":"1"},"cart":{"lines":[]}}` + "\n" + `{"billing":{"phone":"2"},"cart":{"lines":[]}}`, "1: \"1\"\n2: \"2\"\n"},

		{"nested, null around the phone", nested, `{"billing":null,"cart":{"lines":[]}}`, "rejected in:1:1: order 1: billing.phone: missing"},
		{"nested, no object around the phone", nested, `{"billing":"555","cart":{"lines":[]}}`, "rejected in:1:12: order 1: billing: want an object, got a string"},
		{"nested, an array around the phone", nested, `{"billing":[{"phone":"1"}],"cart":{"lines":[]}}`, "rejected in:1:12: order 1: billing: want an object, got an array"},
		{"nested, an array around the name", nested, `{"billing":{"phone":"1","person":[]},"cart":{"lines":[]}}`, "rejected in:1:34: order 1: billing.person: want an object, got an array"},
		{"nested, a phone of the wrong type", nested, `{"billing":{"phone":true},"cart":{"lines":[]}}`, "rejected in:1:21: order 1: billing.phone: want a string or a whole number, got true"},
		{"nested, no lines", nested, `{"billing":{"phone":"1"},"cart":{}}`, "rejected in:1:1: order 1: cart.lines: missing"},
		{"nested, twice around the phone", nested, `{"billing":{"phone":"1"},"billing":{},"cart":{"lines":[]}}`, "rejected in:1:26: order 1: billing: the key stands twice in one object"},
		{"nested, the phone twice", nested, `{"billing":{"phone":"1","phone":"1"},"cart":{"lines":[]}}`, "rejected in:1:25: order 1: billing.phone: the key stands twice in one object"},
		{"nested, twice within a line", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"cost":{"each":{}},"cost":1}]}}`, "rejected in:1:63: order 1: cart.lines[0].cost: the key stands twice in one object"},
		{"nested, no price", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":null}}]}}`, "rejected in:1:43: order 1: cart.lines[0].cost.each.amount: missing"},
		{"nested, no object around the price", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":5}}]}}`, "rejected in:1:83: order 1: cart.lines[0].cost.each: want an object, got a number"},
		{"nested, a line that is none", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}}},0]}}`, "rejected in:1:98: order 1: cart.lines[1]: want an object, got a number"},
		{"nested, the first thing in a line is from the line before", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}}},{"product":{"title":"b"}}]}}`, "rejected in:1:98: order 1: cart.lines[1].cost.each.amount: missing"},

		{"another wrapper", orders.Mapping{Orders: "ord\"ers å", Phone: "phone", Name: "name", Lines: "items", Item: "name", Price: "price"},
			`{"orders":1,"ord\"ers \u00e5":[` + order("1") + "]}", "1: \"1\"\n"},
		{"another wrapper twice", orders.Mapping{Orders: "o", Phone: "phone", Name: "name", Lines: "items", Item: "name", Price: "price"},
			`{"orders":1,"o":[` + order("1") + `],"orders":2,"o":0}`, "1: \"1\"\nerror in:1:55: the key \"o\" stands twice\n"},
		{"a wrapper's key is a key, not a path", orders.Mapping{Orders: "a.b", Phone: "phone", Name: "name", Lines: "items", Item: "name", Price: "price"},
			`{"a":{"b":[5]},"a.b":[` + order("1") + "]}", "1: \"1\"\n"},
	} {
		s := setup{Options: orders.Options{Mapping: &c.mapping}}
		got := s.sameAtAllSizes(t, c.name, c.text)
		want := c.want
		if !strings.HasSuffix(want, "\n") {
			want += ": " + quoted(c.text) + "\n"
		}
		if got.String() != want {
			t.Errorf("%s: %s:\ngot  %swant %s", c.name, c.text, got, want)
		}
	}
}

// A mapping that reads two fields from one place is refused before anything is
// read.
func TestMappingErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*orders.Mapping)
		want   string
	}{
		{"two at one place", func(m *orders.Mapping) { m.Name = "phone" }, `mapping: "phone": two fields are read from one place`},
		{"two at one nested place", func(m *orders.Mapping) { m.Phone, m.Name = "a.b", "a.b" }, `mapping: "a.b": two fields are read from one place`},
		{"a field below another", func(m *orders.Mapping) { m.Name = "phone.x" }, `mapping: "phone.x": two fields are read from one place`},
		{"a field above another", func(m *orders.Mapping) { m.Phone = "name.x" }, `mapping: "name": two fields are read from one place`},
		{"a field below the lines", func(m *orders.Mapping) { m.Phone = "items.x" }, `mapping: "items": two fields are read from one place`},
		{"the lines below a field", func(m *orders.Mapping) { m.Lines = "phone.items" }, `mapping: "phone.items": two fields are read from one place`},
		{"two at one place of a line", func(m *orders.Mapping) { m.Item = "price" }, `mapping: "price": two fields are read from one place`},
		{"a line's field below another", func(m *orders.Mapping) { m.Price = "name.x.y" }, `mapping: "name.x.y": two fields are read from one place`},
		{"an empty phone", func(m *orders.Mapping) { m.Phone = "" }, `mapping: "": want keys joined by dots`},
		{"an empty price", func(m *orders.Mapping) { m.Price = "" }, `mapping: "": want keys joined by dots`},
		{"a dot too many", func(m *orders.Mapping) { m.Lines = "a..b" }, `mapping: "a..b": want keys joined by dots`},
		{"a dot first", func(m *orders.Mapping) { m.Lines = ".a" }, `mapping: ".a": want keys joined by dots`},
		{"a dot last", func(m *orders.Mapping) { m.Name = "a." }, `mapping: "a.": want keys joined by dots`},
		{"the first of two", func(m *orders.Mapping) { m.Phone, m.Price = "x..", "" }, `mapping: "x..": want keys joined by dots`},
	} {
		m := orders.Default
		c.change(&m)
		opened := 0
		source := input.Source{Name: "in", Size: -1, Open: closing(order("1"), &opened)}
		o := orders.Options{Mapping: &m}
		reader, err := orders.NewReader(context.Background(), []input.Source{source}, o)
		if err == nil || err.Error() != c.want || reader != nil {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
		if got := (setup{Options: o}).readAll(source); got.String() != "error "+c.want+"\n" || opened > 0 {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Reading changes neither the default mapping nor the one that is given.
func TestMappingIsNotChanged(t *testing.T) {
	before := orders.Default
	m := orders.Default
	m.Phone = "tel"
	given := m
	got := setup{Options: orders.Options{Mapping: &m}}.read(`{"tel":"1","items":[]}`)
	if got.phones() != "1" || orders.Default != before || m != given {
		t.Errorf("got %s, mapping %v, default %v", got, m, orders.Default)
	}
}
