package orders_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

func TestMapping(t *testing.T) {
	nested := orders.Mapping{Orders: []string{"data"}, Phone: orders.Field{"billing.phone"}, Name: orders.Field{"billing.person.name"}, Lines: []string{"cart.lines[]"}, LineFields: orders.LineFields{Item: orders.Field{"product.title"}, Price: orders.Field{"cost.each.amount"}}}
	renamed := orders.Mapping{Orders: []string{"orders"}, Phone: orders.Field{"tel"}, Name: orders.Field{"who"}, Lines: []string{"rows[]"}, LineFields: orders.LineFields{Item: orders.Field{"what"}, Price: orders.Field{"how much"}}}
	swapped := orders.Mapping{Orders: []string{"items"}, Phone: orders.Field{"name"}, Name: orders.Field{"phone"}, Lines: []string{"orders[]"}, LineFields: orders.LineFields{Item: orders.Field{"price"}, Price: orders.Field{"name"}}}
	for _, c := range []struct {
		name    string
		mapping orders.Mapping
		text    string
		want    string
	}{
		{"renamed", renamed, `{"tel":"1","who":"Ann","rows":[{"what":"a","how much":1}],"phone":5,"items":{}}`, "1: \"1\" \"Ann\" [\"a\" 1]\n"},
		{"renamed, missing", renamed, order("1"), "error in:1:1: no orders: an empty array is at \"items\": if these are the orders, say orders = \"items\" in a mapping\n"},
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
		{"nested, an array around the name", nested, `{"billing":{"phone":"1","person":[0]},"cart":{"lines":[]}}`, "rejected in:1:34: order 1: billing.person: want an object, got an array"},
		{"nested, an empty array in place of an object", nested, `{"billing":{"phone":"1","person":[ ]},"cart":{"lines":[]}}` + "\n" + `{"billing":{"phone":"2","person":[ ]},"cart":{"lines":[]}}`,
			"1: \"1\"\n2: \"2\"\n"},
		{"nested, false in place of an object", nested, `{"billing":{"phone":"1","person":false},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}},"x":0}]}}`,
			"1: \"1\" [\"a\" 1]\n"},
		{"nested, false around the phone", nested, `{"billing":false,"cart":{"lines":[]}}`, "rejected in:1:1: order 1: billing.phone: missing"},
		{"nested, no word in place of an object", nested, `{"billing":{"phone":"1","person":falsy},"cart":{"lines":[]}}`, "error in:1:38: order 1: want the word false, got 'y'\n"},
		{"nested, a phone of the wrong type", nested, `{"billing":{"phone":true},"cart":{"lines":[]}}`, "rejected in:1:21: order 1: billing.phone: want a string or a whole number, got true"},
		{"nested, no lines", nested, `{"billing":{"phone":"1"},"cart":{}}`, "error in:1:1: no orders: this object has no \"cart.lines\", which every order has; if the orders are elsewhere in it, a mapping says where\n"},
		{"nested, twice around the phone", nested, `{"billing":{"phone":"1"},"billing":{},"cart":{"lines":[]}}`, "rejected in:1:26: order 1: billing: the key appears twice in one object"},
		{"nested, the phone twice", nested, `{"billing":{"phone":"1","phone":"1"},"cart":{"lines":[]}}`, "rejected in:1:25: order 1: billing.phone: the key appears twice in one object"},
		{"nested, twice within a line", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"cost":{"each":{}},"cost":1}]}}`, "rejected in:1:63: order 1: cart.lines[0].cost: the key appears twice in one object"},
		{"nested, no price", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":null}}]}}`, "rejected in:1:43: order 1: cart.lines[0].cost.each.amount: missing"},
		{"nested, no object around the price", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":5}}]}}`, "rejected in:1:83: order 1: cart.lines[0].cost.each: want an object, got a number"},
		{"nested, a line that is none", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}}},0]}}`, "rejected in:1:98: order 1: cart.lines[1]: want an object, got a number"},
		{"nested, the first thing in a line is from the line before", nested, `{"billing":{"phone":"1"},"cart":{"lines":[{"product":{"title":"a"},"cost":{"each":{"amount":1}}},{"product":{"title":"b"}}]}}`, "rejected in:1:98: order 1: cart.lines[1].cost.each.amount: missing"},

		{"another wrapper", orders.Mapping{Orders: []string{"orders å"}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"items[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}}},
			`{"orders":1,"orders \u00e5":[` + order("1") + "]}", "1: \"1\"\n"},
		{"another wrapper twice", orders.Mapping{Orders: []string{"o"}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"items[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}}},
			`{"orders":1,"o":[` + order("1") + `],"orders":2,"o":0}`, "1: \"1\"\nerror in:1:55: the key \"o\" appears twice\n"},
		{"a wrapper's key with a dot", orders.Mapping{Orders: []string{`"a.b"`}, Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"items[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}}},
			`{"a":{"b":[5]},"a.b":[` + order("1") + "]}", "1: \"1\"\n"},
	} {
		// However its fields are read.
		s := setup{Options: orders.Options{Mapping: &c.mapping}}
		got := s.sameAtAllSizes(t, c.name, c.text)
		if mapped := (setup{Options: orders.Ways["mapped"](s.Options)}).read(c.text); mapped.String() != got.String() {
			t.Errorf("%s: %s:\nmapped %splain  %s", c.name, c.text, mapped, got)
		}
		want := c.want
		if !strings.HasSuffix(want, "\n") {
			want += ": " + quoted(c.text) + "\n"
		}
		if got.String() != want {
			t.Errorf("%s: %s:\ngot  %swant %s", c.name, c.text, got, want)
		}
	}
}

// A mapping that cannot read any orders is refused before anything is read.
func TestMappingErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*orders.Mapping)
		want   string
	}{
		{"a field below the lines", func(m *orders.Mapping) { m.Phone = orders.Field{"items.x"} }, `mapping: "items.x": overlaps the path of another field`},
		{"a field that is the lines", func(m *orders.Mapping) { m.ID = orders.Field{"items"} }, `mapping: "items": the array of lines is there: want the path of one value`},
		{"an array and its elements", func(m *orders.Mapping) { m.ID, m.Time = orders.Field{"a"}, orders.Field{"a[]"} }, `mapping: "a[]": overlaps the path of another field`},
		{"an object and an array", func(m *orders.Mapping) { m.ID, m.Time = orders.Field{"a.x"}, orders.Field{"a[].x"} }, `mapping: "a[].x": overlaps the path of another field`},
		{"an order's field within the lines", func(m *orders.Mapping) { m.ID = orders.Field{"items[].id"} }, `mapping: "items[].id": overlaps the path of another field`},
		{"lines that are no array", func(m *orders.Mapping) { m.Lines = []string{"items"} }, `mapping: "items": want an array of lines, with [] at its end`},
		{"no phone", func(m *orders.Mapping) { m.Phone = nil }, `mapping: phone: want a path, or a person with one`},
		{"a person without a phone", func(m *orders.Mapping) {
			m.People = []orders.Person{{Phone: orders.Field{"a"}}, {Name: orders.Field{"b"}}}
		}, `mapping: person 2: phone: want a path`},
		{"no item", func(m *orders.Mapping) { m.Item = nil }, `mapping: line.item: want a path`},
		{"no price", func(m *orders.Mapping) { m.Price = nil }, `mapping: line.price: want a path, or one at line.total`},
		{"no price of a second line", func(m *orders.Mapping) {
			m.Lines, m.Group, m.Wide = nil, orders.Field{"id"}, []orders.LineFields{{Item: orders.Field{"b"}}}
		}, `mapping: line 2.price: want a path, or one at line 2.total`},
		{"several lines of no row", func(m *orders.Mapping) { m.Wide = []orders.LineFields{m.LineFields} }, `mapping: several lines in one row: want group, as only rows have them`},
		{"another unit", func(m *orders.Mapping) { m.PriceUnit = 3 }, `mapping: there is no PriceUnit 3`},
		{"another rule for no phone", func(m *orders.Mapping) { m.NoPhone = 3 }, `mapping: there is no NoPhone 3`},
		{"another rule for no group", func(m *orders.Mapping) {
			m.CSV, m.Lines, m.Group, m.NoGroup = true, nil, orders.Field{"id"}, 3
		}, `mapping: there is no NoGroup 3`},
		{"no group of what are no rows", func(m *orders.Mapping) { m.NoGroup = orders.NoGroupAbove }, `mapping: no_group: only rows with one path at group can lack it`},
		{"another decimal sign", func(m *orders.Mapping) { m.Decimal = 3 }, `mapping: there is no Decimal 3`},
		{"a header above the table", func(m *orders.Mapping) { m.HeaderRow = -1 }, `mapping: header_row: a row -1: want 1 or more, or 0`},
		{"thirds", func(m *orders.Mapping) { m.QuantityDivisor = 3 }, `mapping: quantity_divisor: want a product of 2s and 5s, as 1000, up to 1,000,000, got 3`},
		{"a negative divisor", func(m *orders.Mapping) { m.QuantityDivisor = -10 }, `mapping: quantity_divisor: want a product of 2s and 5s, as 1000, up to 1,000,000, got -10`},
		{"two units", func(m *orders.Mapping) { m.PriceUnit, m.Divisor = orders.Minor, orders.Field{"d"} }, `mapping: line.divisor: want none, as unit = "minor" divides prices already`},
		{"a condition without a value", func(m *orders.Mapping) { m.Skip = []orders.Condition{{Reason: "r", Path: "a"}} }, `mapping: "a": want at least one value`},
		{"a condition with too much", func(m *orders.Mapping) {
			m.Skip = []orders.Condition{{Reason: "r", Path: "a", Values: []string{"x"}, Presence: orders.Absent}}
		}, `mapping: "a": want either values or presence`},
		{"another presence", func(m *orders.Mapping) { m.Skip = []orders.Condition{{Reason: "r", Path: "a", Presence: 3}} }, `mapping: there is no Presence 3`},
		{"a path behind a constant", func(m *orders.Mapping) { m.Currency = orders.Field{"=EUR", "currency"} }, `mapping: "currency": never counts, as the constant before it is always there`},
		{"a blank constant", func(m *orders.Mapping) { m.Name = orders.Field{"= "} }, `mapping: "= ": want a constant that is not blank`},
		{"a constant that is no currency", func(m *orders.Mapping) { m.Currency = orders.Field{"=Euro"} }, `mapping: "=Euro": want a currency of three letters, as in USD`},
		{"a constant that is no number", func(m *orders.Mapping) { m.Quantity = orders.Field{"=one"} }, `mapping: "=one": want a decimal number above 0`},
		{"a person in two arrays", func(m *orders.Mapping) {
			m.People = []orders.Person{{Phone: orders.Field{"a[].p", "b[].p"}, Name: orders.Field{"a[].n", "b[].n"}}}
		}, `mapping: "a[].p": the phones of one person are in several arrays: list a person for each`},
		{"rows with a person in an array", func(m *orders.Mapping) {
			m.Lines, m.Group, m.People = nil, orders.Field{"id"}, []orders.Person{{Phone: orders.Field{"a[].p"}, Name: orders.Field{"a[].n"}}}
		}, `mapping: "a[].p": with group, this cannot be in an array`},
		{"an empty phone", func(m *orders.Mapping) { m.Phone = orders.Field{""} }, `mapping: "": want keys joined by dots`},
		{"an empty price", func(m *orders.Mapping) { m.Price = orders.Field{""} }, `mapping: "": want keys joined by dots`},
		{"an empty alternative", func(m *orders.Mapping) { m.Phone = orders.Field{"a", ""} }, `mapping: "": want keys joined by dots`},
		{"a dot too many", func(m *orders.Mapping) { m.Lines = []string{"a..b[]"} }, `mapping: "a..b[]": want keys joined by dots`},
		{"a dot first", func(m *orders.Mapping) { m.Lines = []string{".a[]"} }, `mapping: ".a[]": want keys joined by dots`},
		{"a dot last", func(m *orders.Mapping) { m.Name = orders.Field{"a."} }, `mapping: "a.": want keys joined by dots`},
		{"a quote without an end", func(m *orders.Mapping) { m.Name = orders.Field{`"a`} }, `mapping: "\"a": a quote has no end`},
		{"text behind a quote", func(m *orders.Mapping) { m.Name = orders.Field{`"a"b`} }, `mapping: "\"a\"b": want keys joined by dots`},
		{"a plus too many", func(m *orders.Mapping) { m.Name = orders.Field{"a + + b"} }, `mapping: "+ b": want keys joined by dots`},
		{"orders in several arrays", func(m *orders.Mapping) { m.Orders = []string{"data[].orders"} }, `mapping: "data[].orders": want the path of one array, without []`},
		{"orders too deep", func(m *orders.Mapping) { m.Orders = []string{"a.b.c.d.e.f.g.h.i"} }, `mapping: "a.b.c.d.e.f.g.h.i": more than 8 nested keys`},
		{"a deep path", func(m *orders.Mapping) { m.Phone = orders.Field{strings.Repeat("a.", 32) + "b"} }, `mapping: "` + strings.Repeat("a.", 32) + `b": more than 32 keys in one path`},
		{"a deep path of elements", func(m *orders.Mapping) { m.Phone = orders.Field{"a." + strings.Repeat("a[0].", 16) + "b"} }, `mapping: "a.` + strings.Repeat("a[0].", 15) + `a[0…": more than 32 keys in one path`},
		{"a deep path of another order", func(m *orders.Mapping) { m.Order = []string{strings.Repeat("a.", 32) + "b"} }, `mapping: "` + strings.Repeat("a.", 32) + `b": more than 32 keys in one path`},
		{"a long path", func(m *orders.Mapping) { m.Name = orders.Field{strings.Repeat("å", 513)} }, `mapping: "` + strings.Repeat("å", 40) + `…": longer than 1,024 bytes`},
		{"a long path of orders", func(m *orders.Mapping) { m.Orders = []string{strings.Repeat("å", 513)} }, `mapping: "` + strings.Repeat("å", 40) + `…": longer than 1,024 bytes`},
		{"many paths", func(m *orders.Mapping) { m.Name = slices.Repeat(orders.Field{"name"}, 252) }, `mapping: "price": more than 256 paths in one mapping`},
		{"many joined paths", func(m *orders.Mapping) { m.Name = slices.Repeat(orders.Field{"name + name"}, 126) }, `mapping: "price": more than 256 paths in one mapping`},
		{"lines and a group", func(m *orders.Mapping) { m.Group = orders.Field{"id"} }, `mapping: want either lines (each order has an array of them) or group (each line is a row)`},
		{"neither lines nor a group", func(m *orders.Mapping) { m.Lines = nil }, `mapping: want either lines (each order has an array of them) or group (each line is a row)`},
		{"a change that is always the same", func(m *orders.Mapping) { m.ID, m.Updated = orders.Field{"id"}, []string{"=2026-01-02"} },
			`mapping: "=2026-01-02": says of no order when it changed, as it is the same in all: want the path of a time`},
		{"a change of two texts", func(m *orders.Mapping) { m.ID, m.Updated = orders.Field{"id"}, []string{"at", "day + hour"} },
			`mapping: "day + hour": two texts are no time: want a list of paths, of which the latest time counts`},
		{"a change without an id", func(m *orders.Mapping) { m.Updated = []string{"at"} }, `mapping: updated: want a path at id too, as states of one order are known by it`},
		{"a change within the lines", func(m *orders.Mapping) { m.ID, m.Updated = orders.Field{"id"}, []string{"items[].at"} }, `mapping: "items[].at": overlaps the path of another field`},
		{"an empty path of a change", func(m *orders.Mapping) { m.ID, m.Updated = orders.Field{"id"}, []string{""} }, `mapping: "": want keys joined by dots`},
		{"a long path of a change", func(m *orders.Mapping) { m.Updated = []string{strings.Repeat("å", 513)} }, `mapping: "` + strings.Repeat("å", 40) + `…": longer than 1,024 bytes`},
		{"later by a time that is not there", func(m *orders.Mapping) { m.Later = orders.LaterTime },
			`mapping: later: "time" needs to know when an order was placed: want a path at time, or later = "position"`},
		{"another rule for what is later", func(m *orders.Mapping) { m.Later = 3 }, `mapping: there is no Later 3`},
		{"an order within a field", func(m *orders.Mapping) { m.Order = []string{"phone"} }, `mapping: "phone": want keys joined by dots that lead to no field`},
	} {
		m := orders.Default()
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

// A mapping that has as much as is allowed is read.
func TestGreatestMapping(t *testing.T) {
	m := orders.Default()
	m.Phone = orders.Field{strings.Repeat("a.", 31) + "b"}
	m.Item = orders.Field{strings.Repeat("å", 512)}
	m.Name = slices.Repeat(orders.Field{"name"}, 251)
	text := strings.Repeat(`{"a":`, 31) + `{"b":"1"}` + strings.Repeat("}", 30) +
		`,"name":"Ann","items":[{"` + strings.Repeat("å", 512) + `":"Tea","price":1}]}`
	if got := (setup{Options: orders.Options{Mapping: &m}}).read(text); got.String() != "1: \"1\" \"Ann\" [\"Tea\" 1]\n" {
		t.Errorf("got %s", got)
	}
}

// Reading changes neither the default mapping nor the one that is given. A change of a
// default mapping changes no other.
func TestMappingIsNotChanged(t *testing.T) {
	before := orders.Default()
	m := orders.Default()
	m.Orders[0] = "sales"
	m.Phone = orders.Field{"tel"}
	given := m
	got := setup{Options: orders.Options{Mapping: &m}}.read(`{"tel":"1","items":[]}`)
	if got.phones() != "1" || !reflect.DeepEqual(orders.Default(), before) || !reflect.DeepEqual(m, given) {
		t.Errorf("got %s, mapping %v, default %v", got, m, orders.Default())
	}
}

// An object has so many keys that are read, and no more, wherever they come from.
func TestKeysOfOneObject(t *testing.T) {
	m := orders.Default()
	for i := range 64 - 3 {
		key := fmt.Sprint("k", i)
		if i < 40 {
			m.Skip = append(m.Skip, orders.Condition{Reason: "r", Path: key, Values: []string{"x"}})
		} else {
			m.Order = append(m.Order, key)
		}
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	m.Order = append(m.Order, "one more")
	if err := m.Check(); err == nil || err.Error() != `mapping: "one more": more than 64 keys in one object` {
		t.Errorf("got %v", err)
	}
}

// What a preset skips for its missing phone is an order. What is not built like one is
// reported, as it may be the wrong preset.
func TestNoPhone(t *testing.T) {
	m := orders.Mapping{
		Phone: orders.Field{"tel"}, Name: orders.Field{"first + last"}, Lines: []string{"l[]"},
		LineFields: orders.LineFields{Item: orders.Field{"what"}, Price: orders.Field{"each"}}, NoPhone: orders.NoPhoneSkip,
	}
	for text, want := range map[string]string{
		`[{"l":[]},{"tel":"","l":[{"what":"a"}]},{"tel":null,"l":[]}]`: "",
		`[{"l":[]},{"tel":null}]`:                                      "rejected in:1:11: order 2: l: missing, so this is no order: \"{\\\"tel\\\":null}\"\n",
		`[5]`:                                                          "error in:1:2: no orders: an order is an object, and this is a number\n",
		`[{"l":"x"}]`:                                                  "rejected in:1:7: order 1: l: want an array, got a string: \"{\\\"l\\\":\\\"x\\\"}\"\n",
		`[{"tel":"1","first":{"a":1},"last":"Li","l":[]}]`: "rejected in:1:21: order 1: first: want a string, got an object: \"{\\\"tel\\\":\\\"1\\\",\\\"first\\\":{\\\"a\\\":1},\\\"last\\\":\\\"Li\\\",\\\"l\\\":[]}\"\n",
	} {
		if got := (setup{Options: orders.Options{Mapping: &m}}).sameAtAllSizes(t, "no phone", text); got.String() != want {
			t.Errorf("%s:\ngot  %swant %s", text, got, want)
		}
	}
}
