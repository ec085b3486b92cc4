package records_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"process-orders/orders"
	"process-orders/records"
)

// The rules of the fold, each with the exact bytes that come out. Where customers
// or items is "", the row is not about them.
var rules = []struct {
	rule      string
	in        string
	customers string
	items     string
}{
	{
		"a name is the latest that was provided",
		`{"phone": "1", "name": "First", "items": []}
		 {"phone": "1", "name": "Second", "items": []}`,
		"{\n    \"1\": \"Second\"\n}\n", "{}\n",
	},
	{
		"a missing name is not provided",
		`{"phone": "1", "name": "Kept", "items": []}
		 {"phone": "1", "items": []}`,
		"{\n    \"1\": \"Kept\"\n}\n", "{}\n",
	},
	{
		"null is no name",
		`{"phone": "1", "name": "Kept", "items": []}
		 {"phone": "1", "name": null, "items": []}`,
		"{\n    \"1\": \"Kept\"\n}\n", "{}\n",
	},
	{
		"white space is no name",
		`{"phone": "1", "name": "Kept", "items": []}
		 {"phone": "1", "name": "", "items": []}
		 {"phone": "1", "name": " \t\n ", "items": []}
		 {"phone": "1", "name": "\u00a0\u2003\u3000", "items": []}`,
		"{\n    \"1\": \"Kept\"\n}\n", "{}\n",
	},
	{
		"white space around a name is the name's",
		`{"phone": "1", "name": " Jo ", "items": []}`,
		"{\n    \"1\": \" Jo \"\n}\n", "{}\n",
	},
	{
		"who never provides a name is Unknown",
		`{"phone": "1", "items": []}
		 {"phone": "2", "name": null, "items": []}
		 {"phone": "3", "name": " ", "items": []}`,
		"{\n    \"1\": \"Unknown\",\n    \"2\": \"Unknown\",\n    \"3\": \"Unknown\"\n}\n", "{}\n",
	},
	{
		"a name that comes late takes the place of Unknown",
		`{"phone": "1", "items": []}
		 {"phone": "2", "name": "Two", "items": []}
		 {"phone": "1", "name": "One", "items": []}`,
		"{\n    \"1\": \"One\",\n    \"2\": \"Two\"\n}\n", "{}\n",
	},
	{
		"Unknown is a name too",
		`{"phone": "1", "name": "Jo", "items": []}
		 {"phone": "1", "name": "Unknown", "items": []}`,
		"{\n    \"1\": \"Unknown\"\n}\n", "{}\n",
	},
	{
		"a price is the latest",
		`{"phone": "1", "items": [{"name": "Idli", "price": 6}]}
		 {"phone": "2", "items": [{"name": "Idli", "price": 7}]}`,
		"", "{\n    \"Idli\": {\n        \"price\": 7,\n        \"orders\": 2\n    }\n}\n",
	},
	{
		"a price is written as the source wrote it",
		line("10.50"), "", item("10.50"),
	},
	{
		"the same price, written otherwise, is written otherwise",
		line("10.50", "10.5"), "",
		"{\n    \"Idli\": {\n        \"price\": 10.5,\n        \"orders\": 2\n    }\n}\n",
	},
	{"a price is no binary floating point", line("0.1000000000000000055511151231257827"), "", item("0.1000000000000000055511151231257827")},
	{"a price of 40 digits", line(strings.Repeat("9", 40)), "", item(strings.Repeat("9", 40))},
	{"a price of 40 digits, negative, with a point", line("-1." + strings.Repeat("9", 39)), "", item("-1." + strings.Repeat("9", 39))},
	{"a price past an exact float", line("9007199254740993"), "", item("9007199254740993")},
	{"a price below zero", line("-2.50"), "", item("-2.50")},
	{"zero", line("0"), "", item("0")},
	{"zero as the source wrote it", line("-0.00"), "", item("-0.00")},
	{"an exponent is written out", line("1.2e1"), "", item("12")},
	{"an exponent is written out with every digit of the source", line("1.20e1"), "", item("12.0")},
	{"an exponent below zero", line("125E-4"), "", item("0.0125")},
	{"an exponent that the digits do not fill", line("-1.5e+3"), "", item("-1500")},
	{"an exponent of 40 digits", line("1e39"), "", item("1" + strings.Repeat("0", 39))},
	{"an exponent of 40 digits behind the point", line("1e-39"), "", item("0." + strings.Repeat("0", 38) + "1")},
	{"zero with an exponent", line("0e7"), "", item("0")},
	{"an exponent that is a million times zero", line("0e99999999999999999999"), "", item("0")},
	{"a price as a string", line(`"12.50"`), "", item("12.50")},
	{"a price as a string with an exponent", line(`"1.2e1"`), "", item("12")},
	{"a price as a string with escapes", line(`"\u0031\u002e5"`), "", item("1.5")},
	{
		"an item's orders are lines: an item with two lines in an order counts 2",
		`{"phone": "1", "items": [{"name": "Idli", "price": 6}, {"name": "Dosa", "price": 9}, {"name": "Idli", "price": 7}]}`,
		"", "{\n    \"Idli\": {\n        \"price\": 7,\n        \"orders\": 2\n    },\n    \"Dosa\": {\n        \"price\": 9,\n        \"orders\": 1\n    }\n}\n",
	},
	{
		"keys come in the order of their first appearance",
		`{"phone": "9", "items": [{"name": "Z", "price": 1}, {"name": "A", "price": 1}]}
		 {"phone": "1", "items": [{"name": "A", "price": 1}, {"name": "M", "price": 1}]}
		 {"phone": "9", "items": []}`,
		"{\n    \"9\": \"Unknown\",\n    \"1\": \"Unknown\"\n}\n",
		"{\n    \"Z\": {\n        \"price\": 1,\n        \"orders\": 1\n    },\n    \"A\": {\n        \"price\": 1,\n        \"orders\": 2\n    },\n" +
			"    \"M\": {\n        \"price\": 1,\n        \"orders\": 1\n    }\n}\n",
	},
	{
		"a phone is kept exactly",
		`{"phone": " +1 (732) 555-5509 ", "items": []}
		 {"phone": "+1 (732) 555-5509", "items": []}
		 {"phone": "007", "items": []}`,
		"{\n    \" +1 (732) 555-5509 \": \"Unknown\",\n    \"+1 (732) 555-5509\": \"Unknown\",\n    \"007\": \"Unknown\"\n}\n", "{}\n",
	},
	{
		"a phone that is an integer is its digits",
		`{"phone": 7325555509, "name": "A", "items": []}
		 {"phone": "7325555509", "name": "B", "items": []}
		 {"phone": 9007199254740993, "items": []}
		 {"phone": 0, "items": []}`,
		"{\n    \"7325555509\": \"B\",\n    \"9007199254740993\": \"Unknown\",\n    \"0\": \"Unknown\"\n}\n", "{}\n",
	},
	{
		"keys differ if their bytes differ",
		`{"phone": "\u00e9", "items": []}
		 {"phone": "e\u0301", "items": []}
		 {"phone": "é", "name": "é", "items": []}
		 {"phone": "A", "items": []}
		 {"phone": "a", "items": []}`,
		"{\n    \"é\": \"é\",\n    \"e\u0301\": \"Unknown\",\n    \"A\": \"Unknown\",\n    \"a\": \"Unknown\"\n}\n", "{}\n",
	},
	{
		"unread fields are ignored, whatever they hold",
		`{"id": 1e999, "notes": {"phone": "9", "items": [{"name": "Fake", "price": 1}]}, "phone": "1", "Name": "N", "items":
		  [{"name": "Idli", "price": 6, "quantity": -5, "phone": [{}]}], "x": "},{"}`,
		"{\n    \"1\": \"Unknown\"\n}\n", item("6"),
	},
	{
		"an order without lines records its customer",
		`{"phone": "1", "name": "Jo", "items": []}`,
		"{\n    \"1\": \"Jo\"\n}\n", "{}\n",
	},
	{
		"orders of an order are unread too, behind its items",
		`{"phone": "1", "items": [], "orders": [{"phone": "9", "items": []}]}`,
		"{\n    \"1\": \"Unknown\"\n}\n", "{}\n",
	},
	{"no orders", `[]`, "{}\n", "{}\n"},
	{"no orders in an object", `{"orders": []}`, "{}\n", "{}\n"},
	{
		"only what JSON must escape is escaped",
		`{"phone": "\"\\\/\b\f\n\r\t\u0001\u001F\u007f", "name": "\u003c\u003e\u0026\u2028\u2029\ud83d\ude00é", "items": []}`,
		"{\n    \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\": \"<>&\u2028\u2029😀é\"\n}\n", "{}\n",
	},
}

// line is an order for each price, of the item Idli.
func line(prices ...string) string {
	var out strings.Builder
	for _, price := range prices {
		fmt.Fprintf(&out, "{\"phone\": \"1\", \"items\": [{\"name\": \"Idli\", \"price\": %s}]}\n", price)
	}
	return out.String()
}

// item is the items' file that holds Idli, ordered once.
func item(price string) string {
	return "{\n    \"Idli\": {\n        \"price\": " + price + ",\n        \"orders\": 1\n    }\n}\n"
}

func TestRules(t *testing.T) {
	for _, r := range rules {
		t.Run(r.rule, func(t *testing.T) {
			for _, o := range []records.Options{options(1, 0), options(4, 1), options(3, 50)} {
				all, _, err := records.Process(context.Background(), sourcesOf(documents(r.in)), o)
				if err != nil {
					t.Fatal(err)
				}
				if got := written(&all.Customers); r.customers != "" && got != r.customers {
					t.Errorf("customers:\n%s\nwant:\n%s", got, r.customers)
				}
				if got := written(&all.Items); r.items != "" && got != r.items {
					t.Errorf("items:\n%s\nwant:\n%s", got, r.items)
				}
			}
		})
	}
}

// The naive implementation, which the other tests trust, keeps the rules too.
func TestRulesOfTheNaiveFold(t *testing.T) {
	for _, r := range rules {
		read := readNaively(r.in)
		if !read.ok || len(read.rejected) > 0 {
			t.Errorf("%s: %+v", r.rule, read)
			continue
		}
		all := newNaive(read.purchases...)
		if got := all.customersJSON(); r.customers != "" && got != r.customers {
			t.Errorf("%s: customers:\n%s\nwant:\n%s", r.rule, got, r.customers)
		}
		if got := all.itemsJSON(); r.items != "" && got != r.items {
			t.Errorf("%s: items:\n%s\nwant:\n%s", r.rule, got, r.items)
		}
	}
}

// What is JSON and no order, and what is reported about it.
func TestRulesOfRejects(t *testing.T) {
	for _, r := range []struct{ in, want string }{
		{`{"items": []}`, "a.json:1:1: order 1: phone: missing"},
		{`{"phone": null, "items": []}`, "a.json:1:1: order 1: phone: missing"},
		{`{"phone": "", "items": []}`, "a.json:1:11: order 1: phone: blank"},
		{`{"phone": "\u3000", "items": []}`, "a.json:1:11: order 1: phone: blank"},
		{`{"phone": 1.5, "items": []}`, "a.json:1:11: order 1: phone: want a string or a whole number, got a number"},
		{`{"phone": "1", "items": {}}`, "a.json:1:25: order 1: items[0].name: missing"},
		{`{"phone": "1", "items": 5}`, "a.json:1:25: order 1: items: want an array, got a number"},
		{`{"phone": "1", "name": 5, "items": []}`, "a.json:1:24: order 1: name: want a string, got a number"},
		{`{"phone": "1", "name": "\u0000", "items": []}`, "a.json:1:24: order 1: name: holds a NUL character"},
		{`{"phone": "1", "items": [{"price": 1}]}`, "a.json:1:26: order 1: items[0].name: missing"},
		{`{"phone": "1", "items": [{"name": "Idli"}]}`, "a.json:1:26: order 1: items[0].price: missing"},
		{line("null"), "a.json:1:26: order 1: items[0].price: missing"},
		{line(`"six"`), `a.json:1:52: order 1: items[0].price: want a decimal number, got a text of 3 characters`},
		{line(`"06"`), `a.json:1:52: order 1: items[0].price: want a decimal number, got "06"`},
		{line(`"6,5"`), `a.json:1:52: order 1: items[0].price: want a decimal number, got "6,5", which is 6.5 with --decimal , or decimal = "," in the mapping`},
		{line(strings.Repeat("9", 41)), "a.json:1:52: order 1: items[0].price: more than 40 digits when written out"},
		{line("1e40"), "a.json:1:52: order 1: items[0].price: more than 40 digits when written out"},
		{line("1e-40"), "a.json:1:52: order 1: items[0].price: more than 40 digits when written out"},
		{`{"phone": "1", "items": [], "ph\u006fne": "1"}`, "a.json:1:29: order 1: phone: the key appears twice in one object"},
	} {
		out := outcomeOf(documents(r.in), options(2, 0))
		if out.err != r.want {
			t.Errorf("%s:\n got %s\nwant %s", r.in, out.err, r.want)
		}
		if naively := readNaively(r.in); !naively.ok || len(naively.rejected) != 1 {
			t.Errorf("%s: naively: %+v", r.in, naively)
		}
	}
}

// A source that says twice where its orders are is refused, whatever is there: one of the
// two would be lost without a word.
func TestTwoKeysWithOrdersAreRefused(t *testing.T) {
	for _, in := range []string{
		`{"orders": [], "orders": []}`,
		`{"orders": [], "orders": null}`,
		`{"orders": null, "orders": []}`,
		`{"orders": {"phone": "1", "items": []}, "orders": []}`,
		`{"\u006frders": 5, "orders": []}`,
	} {
		if out := outcomeOf(documents(in), options(1, 0)); !strings.Contains(out.err, `"orders" appears twice`) {
			t.Errorf("%s: error %q", in, out.err)
		}
	}
}

// A mapping says where the fields are.
func TestMapping(t *testing.T) {
	o := options(3, 7)
	o.Mapping = &orders.Mapping{
		Orders: []string{"data"}, Phone: orders.Field{"buyer.phone"}, Name: orders.Field{"buyer.full.name"},
		Lines: []string{"cart.lines[]"}, LineFields: orders.LineFields{Item: orders.Field{"product.title"}, Price: orders.Field{"unit"}},
	}
	out := outcomeOf(documents(`{"n": 2, "data": [
		{"phone": 5, "buyer": {"phone": "1", "full": {"name": "Jo"}}, "cart": {"lines": [{"unit": "2.50", "product": {"title": "Tea"}}]}},
		{"cart": {"lines": []}, "buyer": {"full": null, "phone": 2}}]}`), o)
	if want := "{\n    \"1\": \"Jo\",\n    \"2\": \"Unknown\"\n}\n"; out.customers != want || out.err != "" {
		t.Errorf("customers:\n%s\nwant:\n%s\nerror: %s", out.customers, want, out.err)
	}
	if want := "{\n    \"Tea\": {\n        \"price\": 2.50,\n        \"orders\": 1\n    }\n}\n"; out.items != want {
		t.Errorf("items:\n%s\nwant:\n%s", out.items, want)
	}
}

func TestAMappingThatCannotBe(t *testing.T) {
	o := options(1, 0)
	o.Mapping = &orders.Mapping{}
	if all, _, err := records.Process(context.Background(), nil, o); all != nil || err == nil {
		t.Errorf("got %v, %v", all, err)
	}
}
