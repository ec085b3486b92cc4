package main

import "testing"

// Envelopes, pages, orders by their ids, and one in place of many.
func TestKindsEnvelopes(t *testing.T) {
	const tea, mug = `{"phone":"555-0101","name":"Ann","items":[{"name":"Tea","price":4.50}]}`, `{"phone":"555-0102","items":[{"name":"Mug","price":8}]}`
	const both, items = "555-0101=Ann; 555-0102=Unknown", "Tea|4.50|1; Mug|8|1"
	kinds := []kind{}
	for name, doc := range map[string]string{
		"keys of a customer before":    `{"id":9,"customer":{"phone":"1"},"currency":"EUR","phone":"2","name":"All","orders":[` + tea + `,` + mug + `],"total":2}`,
		"a page of results":            `{"count":2,"next":null,"previous":null,"results":[` + tea + `,` + mug + `]}`,
		"payload in data":              `{"status":"ok","data":{"payload":[` + tea + `,` + mug + `]}}`,
		"records in result":            `{"jsonrpc":"2.0","result":{"length":2,"records":[` + tea + `,` + mug + `]}}`,
		"elements":                     `{"elements":[` + tea + `,` + mug + `],"href":"https://example.com/orders"}`,
		"pages, one a line, with CRLF": `{"orders":[` + tea + `]}` + "\r\n" + `{"orders":[` + mug + `]}` + "\r\n",
		"pages without a newline":      `{"orders":[` + tea + `]}{"page":2,"orders":[` + mug + `]}{"orders":[],"page":3}`,
		"an array of pages":            `[{"page":1,"orders":[` + tea + `]},{"page":2,"orders":[` + mug + `]},{"page":3,"orders":[]}]`,
		"arrays of pages":              `[` + tea + `]` + "\n\n" + `[` + mug + `]`,
		"arrays in an array":           `[[` + tea + `],[` + mug + `],[]]`,
		"an array and then orders":     `[` + tea + `]` + "\n" + mug,
		"orders and then a page":       tea + "\n" + `{"orders":[` + mug + `]}`,
		"keyed in orders":              `{"orders":{"a1":` + tea + `,"a2":` + mug + `}}`,
		"keyed in data":                `{"success":true,"data":{"1001":` + tea + `,"1002":` + mug + `}}`,
		"single orders in envelopes":   `{"data":` + tea + `}` + "\n" + `{"data":` + mug + `}`,
		"a message of a queue":         `{"meta":{"topic":"orders"},"orders":` + tea + `}` + "\n" + `{"meta":{"topic":"orders"},"orders":` + mug + `}`,
		"lines as one object":          `[{"phone":"555-0101","name":"Ann","items":{"name":"Tea","price":4.50}},{"phone":"555-0102","items":{"name":"Mug","price":8}}]`,
		"behind a byte order mark":     "\ufeff" + `{"orders":[` + tea + `,` + mug + `]}`,
		"utf-16, big endian":           utf16Text("\ufeff"+`{"orders":[`+tea+`,`+mug+`]}`, true),
		"indented pages":               "{\n  \"orders\": [\n    " + tea + "\n  ]\n}\n{\n  \"orders\": [\n    " + mug + "\n  ]\n}\n",
	} {
		kinds = append(kinds, kind{name: name, args: "doc.json", files: folder{"doc.json": doc}, customers: both, items: items, postgres: name == "keyed in orders"})
	}

	const nested = `phone = "tel"
name = "guest[1]"
orders = "days{}.tickets{}"
lines = "dishes{}"
no_phone = "items"
[line]
item = "dish"
price = "each"
`
	const sold = `"dishes":{"d1":{"dish":"Ramen","each":14.5},"d2":{"dish":"Egg","each":1.5}}`
	runKinds(t, append(kinds,
		kind{name: "keyed orders with keyed lines", args: "--from bar.toml doc.json", customers: "1=Ann; 2=Unknown", items: "Ramen|14.5|2; Egg|1.5|2",
			files: folder{"bar.toml": `orders = "tickets{}"` + "\nphone = \"tel\"\nname = \"guest[1]\"\nlines = \"dishes{}\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "doc.json": `{"tickets":{"-Oa":{"tel":"1","guest":[7,"Ann"],` + sold + `},"-Ob":{"tel":"2","guest":false,` + sold + `}}}`}},
		kind{name: "keyed orders below a key", args: "--from bar.toml doc.json", customers: "1=Ann", items: "Ramen|14.5|1; Egg|1.5|1",
			files: folder{"bar.toml": `orders = "shop.tickets{}"` + "\nphone = \"tel\"\nname = \"guest[1]\"\nlines = [\"dishes{}\", \"extras[]\"]\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "doc.json": `{"exported":"2026-05-05","shop":{"name":"Bar","tickets":{"-Oa":{"tel":"1","guest":[7,"Ann"],` + sold + `}}},"version":3}`}},
		kind{name: "keyed lines after numbers", args: "--from bar.toml doc.json", customers: "1=Unknown", items: "Ramen|14.5|1; Egg|1.5|1",
			files: folder{"bar.toml": "phone = \"tel\"\nlines = \"dishes{}\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "doc.json": `[{"tel":"1","dishes":[null,{"dish":"Ramen","each":14.5},{"dish":"Egg","each":1.5}]}]`}},
		kind{name: "orders and lines at one key", args: "--from magento doc.json", customers: "555-0101=Ann Able", items: "Bag|34|1", postgres: true,
			files: folder{"doc.json": `{"items":[{"increment_id":"000000001","status":"complete","order_currency_code":"USD","billing_address":{"telephone":"555-0101","firstname":"Ann","lastname":"Able"},"items":[{"name":"Bag","price":34,"qty_ordered":1,"sku":"b"}]}],"search_criteria":{"filter_groups":[]},"total_count":1}`}},
		kind{name: "pages of magento", args: "--from magento doc.json", customers: "555-0101=Ann Able", items: "Bag|34|1; Cap|9.5|1",
			files: folder{"doc.json": `{"items":[{"increment_id":"1","billing_address":{"telephone":"555-0101","firstname":"Ann","lastname":"Able"},"items":[{"name":"Bag","price":34,"qty_ordered":1}]}],"total_count":2}` + "\n" +
				`{"items":[{"increment_id":"2","billing_address":{"telephone":"555-0101"},"items":[{"name":"Cap","price":9.5,"qty_ordered":1}]}],"total_count":2}` + "\n" + `{"items":[],"total_count":2}`}},
		kind{name: "pages of square, an order twice", args: "--from square doc.json", customers: "+12125550101=Ann", items: "Tea|4.50|1; Mug|8.00|1", says: []string{"1 order came again"}, json: `{"orders":2,"repeated":1}`,
			files: folder{"doc.json": `{"orders":[{"id":"s1","location_id":"L","fulfillments":[{"pickup_details":{"recipient":{"phone_number":"+12125550101","display_name":"Ann"}}}],"line_items":[{"name":"Tea","quantity":"1","base_price_money":{"amount":450,"currency":"USD"}}]}],"cursor":"a"}
{"orders":[{"id":"s1","location_id":"L","fulfillments":[{"pickup_details":{"recipient":{"phone_number":"+12125550101","display_name":"Ann"}}}],"line_items":[{"name":"Tea","quantity":"1","base_price_money":{"amount":450,"currency":"USD"}}]},{"id":"s2","location_id":"L","fulfillments":[{"pickup_details":{"recipient":{"phone_number":"+12125550101"}}}],"line_items":[{"name":"Mug","quantity":"1","base_price_money":{"amount":800,"currency":"USD"}}]}]}`}},
		kind{name: "answers of graphql, one a line", args: "--from shopify-graphql-answer doc.json", customers: "+12125550101=Ann Able; +12125550102=Bo", items: "Tea|4.50|2",
			files: folder{"doc.json": `{"data":{"orders":{"edges":[{"node":{"id":"gid://shopify/Order/1","phone":"+12125550101","customer":{"displayName":"Ann Able"},"lineItems":{"edges":[{"node":{"name":"Tea","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"4.50","currencyCode":"EUR"}}}}]}}}],"pageInfo":{"hasNextPage":true}}}}
{"data":{"orders":{"edges":[{"node":{"id":"gid://shopify/Order/2","phone":"+12125550102","customer":{"displayName":"Bo"},"lineItems":{"edges":[{"node":{"name":"Tea","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"4.50","currencyCode":"EUR"}}}}]}}}],"pageInfo":{"hasNextPage":false}}}}`}},
		kind{name: "rows in an array", args: "--from bar.toml doc.json", customers: "555-0101=Ann; 555-0102=Unknown", items: "Tea|4.50|1; Mug|8|2",
			files: folder{"bar.toml": "group = \"no\"\nphone = \"tel\"\nname = \"who\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n",
				"doc.json": `{"rows":0,"data":[{"no":1,"tel":"555-0101","who":"Ann","dish":"Tea","each":4.50},{"no":1,"tel":null,"dish":"Mug","each":8},{"no":2,"tel":"555-0102","dish":"Mug","each":8}]}`}},
		kind{name: "rows in arrays, apart", args: "--from bar.toml doc.json", customers: "555-0101=Ann; 555-0102=Unknown", items: "Tea|4.50|1; Mug|8.5|2", not: []string{"again"}, postgres: true,
			files: folder{"bar.toml": "group = \"no\"\nid = \"no\"\nphone = \"tel\"\nname = \"who\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n",
				"doc.json": `[{"no":1,"tel":"555-0101","who":"Ann","dish":"Tea","each":4.50},{"no":2,"tel":"555-0102","dish":"Mug","each":8.5},{"no":1,"dish":"Mug","each":8}]`}},
		kind{name: "an envelope with lines", args: "doc.json", refused: true, says: []string{"ambiguous"}, files: folder{"doc.json": `{"orders":[` + tea + `],"items":[{"name":"Pie","price":1}],"phone":"1"}`}},
		kind{name: "orders at two keys", args: "doc.json", refused: true, says: []string{"ambiguous"}, files: folder{"doc.json": `{"orders":[` + tea + `],"data":[` + mug + `]}`}},
		kind{name: "a path of keyed orders in keyed days", args: "--from bar.toml doc.json", refused: true, says: []string{"bar.toml:3:10: want the path of one array"},
			files: folder{"bar.toml": nested, "doc.json": `{"days":{"2026-05-04":{"tickets":{"a":{"tel":"1","guest":[1,"Ann"],` + sold + `}}},"2026-05-05":{"tickets":{"b":{"tel":"2",` + sold + `}}}}}`}},
		kind{name: "keyed, and no key", args: "doc.json", refused: true, says: []string{`an object that holds 2 objects is the whole of it: if these are the orders, say orders = "{}" in a mapping`}, files: folder{"doc.json": `{"-Nx1":` + tea + `,"-Nx2":` + mug + `}`}},
		kind{name: "keyed, as a mapping says", args: "--from bar.toml doc.json", customers: "1=Unknown; 2=Bo", items: "Ramen|14.5|2; Egg|1.5|2",
			files: folder{"bar.toml": "orders = \"{}\"\nphone = \"tel\"\nname = \"who\"\nlines = \"dishes{}\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "doc.json": `{"-Nx1":{"tel":"1",` + sold + `},"-Nx2":{"tel":"2","who":"Bo",` + sold + `}}`}},
		kind{name: "a page that is an error", args: "doc.json", code: exitRejects, rejects: 1, customers: "555-0101=Ann", items: "Tea|4.50|1", files: folder{"doc.json": `{"orders":[` + tea + `]}` + "\n" + `{"error":"rate limit"}` + "\n"}},
		kind{name: "a page that is an error, without rejects", args: "doc.json", code: exitFailed, files: folder{"doc.json": `{"orders":[` + tea + `]}` + "\n" + `{"error":"rate limit"}` + "\n"}},
		kind{name: "null among orders", args: "doc.json", code: exitFailed, files: folder{"doc.json": `[` + tea + `,null]`}},
		kind{name: "cut off", args: "doc.json", refused: true, files: folder{"doc.json": `{"orders":[` + tea + `,` + mug}},
		kind{name: "a file of an error beside a good one", args: "good.json bad.json", code: exitFailed, says: []string{"bad.json"}, files: folder{"good.json": tea, "bad.json": `{"error":"expired"}`}},
	))
}
