package orders_test

import (
	"strings"
	"testing"

	"process-orders/orders"
)

// Mappings of other systems, small.
var (
	seller = orders.Mapping{
		Orders: []string{"orders"}, Order: []string{"order"}, ID: orders.Field{"id"}, Phone: orders.Field{"phone", "customer.phone"},
		Lines: []string{"line_items[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}}, NoPhone: orders.NoPhoneSkip,
		Skip: []orders.Condition{{Reason: "test", Path: "test", Values: []string{"true"}}},
	}
	warehouse = orders.Mapping{ // orders are at the key of their lines
		Orders: []string{"items"}, ID: orders.Field{"increment_id"}, Phone: orders.Field{"address.telephone"},
		Lines: []string{"items[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}}, NoPhone: orders.NoPhoneSkip,
	}
	keyed = orders.Mapping{
		Orders: []string{"shop.orders{}"}, Phone: orders.Field{"phone"}, Name: orders.Field{"who[1]"},
		Lines: []string{"items{}"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"cost[0].amount", "price"}},
	}
	keyedTop = orders.Mapping{
		Orders: []string{"{}"}, Phone: orders.Field{"phone"},
		Lines: []string{"items{}"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}},
	}
	answer = orders.Mapping{
		Orders: []string{"data.orders.nodes", "data.orders.edges"}, Order: []string{"node", "data.order"}, Phone: orders.Field{"phone"},
		Lines: []string{"lineItems.nodes[]"}, LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price"}},
	}
)

// Where orders may be, for mappings of other systems, in all ways.
func TestStructure(t *testing.T) {
	t.Parallel()
	const sold = `"line_items":[{"name":"A","price":"1.00"}]`
	const sale = `{"id":1,"phone":"5",` + sold + `}`
	const read = "1: \"5\" [\"A\" 1.00]\n"
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"keys of an order before the array", &seller, `{"id":77,"currency":"USD","phone":"9","customer":{"phone":"8"},"orders":[` + sale + `]}`, read},
		{"below data", &seller, `{"data":{"orders":[` + sale + `],"next":null},"ok":true}`, read},
		{"an array below data", &seller, `{"data":[` + sale + `]}`, read},
		{"below two usual keys", &seller, `{"response":{"result":[` + sale + `]}}`, read},
		{"keyed by id", &seller, `{"orders":{"1":` + sale + `}}`, read},
		{"keyed by id below data", &seller, `{"data":{"1":` + sale + `,"x":5}}`, read + "rejected in:1:82: order 2: want an order (an object), got a number: \"5\"\n"},
		{"one order at the key of many", &seller, `{"orders":` + sale + `}`, read},
		{"one order of a queue", &seller, `[{"topic":"orders/create","payload":` + sale + `}]`, read},
		{"one order a line, of a queue", &seller, `{"topic":"a","payload":` + sale + `}` + "\n" + `{"topic":"b","payload":` + strings.Replace(sale, ":1", ":2", 1) + `}`,
			read + "2: \"5\" [\"A\" 1.00]\n"},
		{"an envelope of the mapping's", &seller, `{"order":` + sale + `}`, read},
		{"pages of envelopes of envelopes", &seller, `[{"data":{"orders":[{"order":` + sale + `}]}},{"data":{"orders":[]}}]`, read},
		{"arrays one after the other", &seller, `[` + sale + `][{"id":2,"phone":"6",` + sold + `}]` + "\n[]", read + "2: \"6\" [\"A\" 1.00]\n"},
		{"arrays in an array", &seller, `[[` + sale + `],[]]`, read},
		{"one line", &seller, `{"id":1,"phone":"5","line_items":{"name":"A","price":"1.00"}}`, read},
		{"a usual key before the lines", &seller, `{"id":1,"data":{"a":[1]},"result":null,"phone":"5",` + sold + `}`, read},
		{"lines of its own first", &seller, `{"id":1,"phone":"5",` + sold + `,"orders":[` + sale + `]}`, read},

		{"skipped without lines", &seller, `[{"test":true},` + sale + `]`, "2: \"5\" [\"A\" 1.00]\n"},
		{"all skipped without lines", &seller, `[{"test":true}]`, ""},
		{"no phone", &seller, `[{` + sold + `}]`, ""},
		{"no phone and no lines", &seller, `[{"id":3},` + sale + `]`, "2: \"5\" [\"A\" 1.00]\nrejected in:1:2: order 1: line_items: missing, so this is no order: \"{\\\"id\\\":3}\"\n"},

		{"orders at the key of lines", &warehouse, `{"items":[{"increment_id":"1","address":{"telephone":"5"},"items":[{"name":"A","price":1}]}],"total":1}`, "1: \"5\" [\"A\" 1]\n"},
		{"an order whose lines are at the key of orders", &warehouse, `{"items":[{"name":"A","price":1}],"address":{"telephone":"5"}}`, "1: \"5\" [\"A\" 1]\n"},
		{"an order with an id and no lines there", &warehouse, `{"items":[{"increment_id":"1"},{"items":[{"name":"A","price":1}],"address":{"telephone":"5"}}]}`,
			"2: \"5\" [\"A\" 1]\nrejected in:1:11: order 1: items: missing, so this is no order: \"{\\\"increment_id\\\":\\\"1\\\"}\"\n"},
		{"none at the key of lines", &warehouse, `{"items":[],"total":0}`, ""},

		{"keyed, where the mapping says", &keyed, `{"shop":{"orders":{"-Na":{"phone":"5","who":[7,"Ann"],"items":{"x":{"name":"A","price":1},"y":{"name":"B","cost":[{"amount":2}]}}},"-Nb":{"phone":"6","items":[null,null_]}}}}`,
			"error in:1:169: order 2: want ',' or ']' after a value of an array, got '_'\n1: \"5\" \"Ann\" [\"A\" 1] [\"B\" 2]\n"},
		{"an array for keyed orders and lines", &keyed, `{"shop":{"orders":[null,{"phone":"5","who":"Ann","items":[null,{"name":"A","price":1}]}]}}`, "1: \"5\" [\"A\" 1]\n"},
		{"none keyed", &keyed, `{"shop":{"orders":{}}}`, ""},
		{"keyed at the top", &keyedTop, `{"-Na":{"phone":"5","items":{"x":{"name":"A","price":1}}},"-Nb":{"phone":"6","items":{}}}`, "1: \"5\" [\"A\" 1]\n2: \"6\"\n"},

		{"nodes", &answer, `{"data":{"orders":{"nodes":[{"phone":"5","lineItems":{"nodes":[{"name":"A","price":1}]}}],"pageInfo":{}}}}`, "1: \"5\" [\"A\" 1]\n"},
		{"edges", &answer, `{"data":{"orders":{"edges":[{"cursor":"x","node":{"phone":"5","lineItems":{"nodes":{"name":"A","price":1}}}}]}}}`, "1: \"5\" [\"A\" 1]\n"},
		{"no nodes", &answer, `{"data":{"orders":{"nodes":[]}}}`, ""},
		{"nodes and edges", &answer, `{"data":{"orders":{"nodes":[{"phone":"5","lineItems":{"nodes":[]}}],"edges":[{"phone":"5"}]}}}`,
			"1: \"5\"\nerror in:1:69: ambiguous: \"edges\" holds orders, and so does a key before it in the same object; keep one of them\n"},

		{"rows in an array", &bulk, `[{"id":"o/1","phone":"5"}, {"__parentId":"o/1","name":"A","price":{"amount":1}},` + "\n" + `{"id":"o/2","phone":"6"}]`, "1: \"5\" [\"A\" 1]\n2: \"6\"\n"},
		{"rows on pages", &bulk, `{"data":[{"id":"o/1","phone":"5"}],"next":1}{"data":[{"__parentId":"o/1","name":"A","price":{"amount":1}},{"id":"o/2","phone":"6"}]}`,
			"1: \"5\" [\"A\" 1]\n2: \"6\"\n"},
		{"rows without lines", &bulk, `{"id":"o/1","phone":"5"}` + "\n" + `{"__parentId":"o/1","name":"A"}` + "\n" + `{"id":"o/2","phone":"6"}`,
			"1: \"5\"\n2: \"6\"\nerror in:1:1: no order has a line: the mapping wants an item and a price in rows of their own\n"},
		{"rows without lines, but skipped", &bulk, `{"id":"o/1","test":true}` + "\n" + `{"id":"o/2","phone":"6"}`, "2: \"6\"\n"},
		{"no rows", &bulk, `{"errors":"x"}`, "error in:1:1: no orders: " + errorAnswer + "\n"},
	} {
		for name, way := range orders.Ways {
			s := setup{Options: way(orders.Options{Mapping: c.mapping})}
			if got := sortedLines(s.sameAtSomeSizes(t, c.name, c.text).String()); got != sortedLines(c.want) {
				t.Errorf("%s, %s: %s:\ngot  %swant %s", c.name, name, c.text, got, c.want)
			}
		}
	}
}

func sortedLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i := range lines {
		for j := range i {
			if lines[i] < lines[j] {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
	}
	return strings.Join(lines, "")
}

const errorAnswer = "this is the error answer of an API; fetch the orders again"

// A source in which nothing is an order is refused as a whole, and nothing is passed to
// Reject.
func TestNoOrders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"an error", &seller, `{"errors":"[API] Invalid API key or access token"}`, errorAnswer},
		{"a code and a message", &seller, `{"code":"cannot_view","message":"Sorry","data":{"status":401}}`, errorAnswer},
		{"success that is none", &seller, `{"success":false,"message":"Invalid key"}`, errorAnswer},
		{"errors beside null", &answer, `{"data":{"orders":null},"errors":[{"message":"Throttled"}]}`, errorAnswer},
		{"errors beside an empty array", &seller, `{"orders":[],"errors":["x"]}`, errorAnswer},
		{"an error in an array", &seller, `[{"status":401,"message":"x"}]`, errorAnswer},
		{"null", &seller, `{"orders":null}`, `"orders" is null; if there are none, write []`},
		{"null below data", &seller, `{"data":{"orders":null}}`, `"data.orders" is null; if there are none, write []`},
		{"null itself", &seller, `null`, "an order is an object, and this is null"},
		{"nothing", &seller, `{}`, "this is {}; if there are none, write []"},
		{"other things", &seller, `{"data":{"products":[{"id":1},{"id":2},{"id":3}]}}`,
			`an array of 3 objects is at "data.products": if these are the orders, say orders = "data.products" in a mapping; if they are the lines of an order, lines = "data.products[]"`},
		{"orders at another key", &seller, `{"id":1,"purchases":[{"line_items":[]}]}`,
			`an array of 1 object is at "purchases": if these are the orders, say orders = "purchases" in a mapping`},
		{"orders at another key, and none at the usual one", &seller, `{"orders":[],"purchases":[{"line_items":[]}]}`,
			`an array of 1 object is at "purchases": if these are the orders, say orders = "purchases" in a mapping`},
		{"an empty array at another key", &seller, `{"products":[]}`, `an empty array is at "products": if these are the orders, say orders = "products" in a mapping`},
		{"keyed at the top", &seller, `{"-Na":{"line_items":[]},"-Nb":{"line_items":[]}}`,
			`an object that holds 2 objects is the whole of it: if these are the orders, say orders = "{}" in a mapping`},
		{"a key that may be personal", &seller, `{"+1 212 555 0101":[{"a":1}]}`, "an array of 1 object is at a key that may be personal; a mapping says where the orders are"},
		{"an array in another", &seller, `{"sales":{"list":[{"parts":[{"a":1}]}]}}`,
			`an array of 1 object is at "sales.list": if these are the orders, say orders = "sales.list" in a mapping; if they are the lines of an order, lines = "sales.list[]"`},
		{"another system's order", &seller, `{"id":1,"phone":"5","lines":5}`, `this object has no "line_items", which every order has; if the orders are elsewhere in it, a mapping says where`},
		{"numbers", &seller, "[1,2]", "an order is an object, and this is a number"},
		{"many that are none", &seller, strings.Repeat(`{"id":1}`+"\n", 50), `this object has no "line_items", which every order has; if the orders are elsewhere in it, a mapping says where`},
	} {
		for name, way := range orders.Ways {
			for _, stops := range []bool{false, true} {
				s := setup{Options: way(orders.Options{Mapping: c.mapping}), stopAtReject: stops}
				got := s.sameAtSomeSizes(t, c.name, c.text)
				syntax := got.wantSyntaxError(t, c.name)
				if syntax.Reason != "no orders: "+c.want || !syntax.NoOrders || len(got.rejects)+len(got.orders) > 0 {
					t.Errorf("%s, %s:\ngot  %swant %s", c.name, name, got, c.want)
				}
			}
		}
	}
	for _, text := range []string{`[]`, `{"orders":[]}`, `{"data":{"orders":[]}}`, `{"result":[],"total":0}`, `{"orders":{}}`, "[]\n[]\n", `[{"orders":[]},{"orders":[]}]`,
		`{"success":true,"status":200,"data":[]}`, `{"code":"0","msg":"","data":{"orders":[]}}`, `{"code":20000,"message":"Success","data":[]}`, `{"errno":0,"errmsg":"ok","result":[]}`} {
		if got := (setup{Options: orders.Options{Mapping: &seller}}).sameAtAllSizes(t, text, text); got.String() != "" {
			t.Errorf("%s is empty on purpose, got %s", text, got)
		}
	}
}
