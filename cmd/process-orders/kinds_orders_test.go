package main

import (
	"fmt"
	"strings"
	"testing"
)

// Errors as the systems answer them, and what else is no list of orders.
func TestKindsNoOrders(t *testing.T) {
	var kinds []kind
	for _, answer := range []struct{ name, presets, text string }{
		{"shopify", "shopify", `{"errors":{"order":["Required parameter missing or invalid"]}}`},
		{"shopify, locked", "shopify shopify-graphql-answer", `{"errors":"[API] Invalid API key or access token (unrecognized login)"}`},
		{"shopify, throttled", "shopify-graphql-answer", `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":202,"throttleStatus":{"maximumAvailable":2000.0}}}}`},
		{"shopify, bulk operation", "shopify-graphql", `{"data":{"bulkOperationRunQuery":{"bulkOperation":null,"userErrors":[{"field":["query"],"message":"Invalid bulk query"}]}}}`},
		{"shopify, no order of that id", "shopify-graphql-answer", `{"data":{"order":null},"extensions":{"cost":{"actualQueryCost":1}}}`},
		{"woocommerce", "woocommerce", `{"code":"rest_no_route","message":"No route was found matching the URL and request method.","data":{"status":404}}`},
		{"woocommerce-legacy", "woocommerce-legacy", `{"errors":[{"code":"woocommerce_api_authentication_error","message":"Consumer Key is invalid"}]}`},
		{"square", "square", `{"errors":[{"category":"AUTHENTICATION_ERROR","code":"UNAUTHORIZED","detail":"This request could not be authorized."}]}`},
		{"stripe", "stripe", `{"error":{"type":"invalid_request_error","code":"parameter_unknown","message":"Received unknown parameter: expnad","param":"expnad"}}`},
		{"toast", "toast", `{"status":429,"code":10010,"message":"Too many requests","messageKey":null,"requestId":"5c1e"}`},
		{"clover", "clover", `{"message":"401 Unauthorized"}`},
		{"doordash", "doordash", `{"code":"authentication_error","message":"The [exp] is more than 30 minutes in the future"}`},
		{"ubereats", "ubereats", `{"code":"unauthorized","message":"Missing scope: eats.order"}`},
		{"bigcommerce", "bigcommerce", `[{"status":404,"message":"The requested resource was not found."}]`},
		{"magento", "magento", `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Sales::sales"}}`},
		{"magento, trace", "magento", `{"message":"Internal Error. Details are available in Magento log file. Report ID: webapi-65","trace":null}`},
		{"medusa", "medusa medusa1", `{"type":"not_found","message":"Order with id: order_01 was not found"}`},
		{"saleor", "saleor", `{"errors":[{"message":"Invalid token","locations":[{"line":1,"column":3}],"path":["orders"]}],"data":{"orders":null},"extensions":{"cost":{"requestedQueryCost":0}}}`},
		{"odoo", "odoo", `{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"odoo.exceptions.AccessDenied","arguments":["Access Denied"]}}}`},
		{"amazon", "amazon", `{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":""}]}`},
		{"a gateway", "shopify woocommerce magento toast", `{"timestamp":"2026-05-05T10:00:00.000+00:00","status":502,"error":"Bad Gateway","path":"/orders"}`},
		{"AWS", "amazon", `{"Message":"User is not authorized","__type":"AccessDeniedException"}`},
		{"problem details", "shopify odoo", `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Scope orders:read is missing","instance":"/v2/orders"}`},
		{"one a line", "shopify toast", "{\"error\":\"timeout\"}\n{\"error\":\"timeout\"}\n"},
		{"not ok", "square clover", `{"ok":false,"error":{"reason":"ratelimited"}}`},
		{"success: false", "medusa odoo", `{"success":false,"errors":[{"code":1001,"text":"no access"}],"result":null}`},
	} {
		for _, preset := range append(strings.Fields(answer.presets), "") {
			args, name := "answer.json", answer.name+", default"
			if preset != "" {
				args, name = "--from "+preset+" answer.json", answer.name+", "+preset
			}
			kinds = append(kinds, kind{name: name, args: args, files: folder{"answer.json": answer.text}, refused: true})
		}
	}

	for i, doc := range []struct{ from, text string }{
		{"shopify", `{"orders":null,"count":3,"next":null}`},
		{"shopify", `{"count":3}`},
		{"shopify", `{"customers":[{"id":207119551,"first_name":"Bob","phone":"+16135551111","orders_count":1}]}`},
		{"shopify", `{"products":[{"id":1,"title":"IPod","variants":[{"id":2,"price":"199.00"}]}]}`},
		{"shopify", `{"checkouts":null}`},
		{"shopify", `{"transactions":[{"id":1,"order_id":2,"amount":"209.00","kind":"sale"}]}`},
		{"woocommerce", `[{"id":799,"name":"Ship Your Idea","slug":"x","price":"21.99","regular_price":"21.99"}]`},
		{"woocommerce", `[{"id":25,"email":"ann@example.com","first_name":"Ann","billing":{"phone":"555-0101"},"is_paying_customer":true}]`},
		{"woocommerce", `[{"slug":"completed","name":"Completed","total":7}]`},
		{"square", `{"customers":[{"id":"JDKY","given_name":"Ann","phone_number":"+12125550101"}],"cursor":"x"}`},
		{"square", `{"payments":[{"id":"b","amount_money":{"amount":555,"currency":"USD"},"order_id":"d"}]}`},
		{"square", `{"order_entries":[{"order_id":"CAIS","version":1,"location_id":"0"}],"cursor":"123"}`},
		{"stripe", `{"object":"list","data":[{"id":"ch_1","object":"charge","amount":1099,"billing_details":{"phone":"+12125550101"}}],"has_more":false}`},
		{"stripe", `{"object":"list","data":null,"has_more":false}`},
		{"toast", `["7c9b3c6e-1","7c9b3c6e-2"]`},
		{"toast", `[{"guid":"a","name":"Lunch","menuGroups":[{"name":"Soups"}]}]`},
		{"clover", `{"elements":[{"id":"A","firstName":"Ann","lastName":"Able"}],"href":"x"}`},
		{"clover", `{"elements":[{"href":"x","id":"ITEM1","name":"Tea","price":450,"priceType":"FIXED"}],"href":"x"}`},
		{"bigcommerce", `[{"id":1,"order_id":100,"name":"Mug","quantity":1,"base_price":"5.0000"}]`},
		{"magento", `{"items":[{"id":1,"sku":"24-MB01","name":"Joust Duffle Bag","price":34,"type_id":"simple"}],"search_criteria":{},"total_count":1}`},
		{"magento", `{"items":null,"search_criteria":{},"total_count":0}`},
		{"medusa", `{"customers":[{"id":"cus_1","phone":"555","first_name":"Ann"}],"count":1,"offset":0,"limit":50}`},
		{"odoo", `{"jsonrpc":"2.0","id":1,"result":[1,2,3]}`},
		{"odoo", `{"jsonrpc":"2.0","id":1,"result":[{"id":7,"name":"Ann","phone":"+1 212 555 0101"}]}`},
		{"odoo", `{"jsonrpc":"2.0","id":1,"result":false}`},
		{"amazon", `{"payload":{"marketplaceParticipations":[]}}`},
		{"amazon", `{"orders":null,"pagination":{"nextToken":"x"}}`},
		{"ubereats", `{"orders":[{"id":"f9f363d1","current_state":"CREATED","placed_at":"2026-05-05T10:00:00Z"}]}`},
		{"doordash", `{"order_id":"x","status":"success"}`},
		{"shopify-graphql", `{"id":"gid://shopify/Product/1","title":"Mug"}` + "\n" + `{"id":"gid://shopify/ProductVariant/2","title":"Blue","price":"5.00","__parentId":"gid://shopify/Product/1"}`},
		{"", `{"orders":null}`}, {"", `{"orders":null,"total":0}`}, {"", `{"orders":"none"}`}, {"", `{"orders":{"href":"/orders"}}`},
		{"", `{"orders":[null,null]}`}, {"", `{"orders":[1,2]}`}, {"", `[[],[{"a":1}]]`}, {"", `[null]`}, {"", `{"data":[]` + `,"error":"x"}`},
		{"", `{"order_ids":["a","b"]}`}, {"", `{"data":{"viewer":{"login":"ann"}}}`}, {"", `{"a":{"b":{"c":[{"d":1}]}}}`}, {"", `"orders"`}, {"", "null\nnull\n"},
		{"", `{"openapi":"3.1.0","info":{"title":"Orders"},"paths":{}}`}, {"", `{"name":"shop","version":"1.0.0","dependencies":{}}`},
		{"", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}`},
	} {
		if doc.text == `{"data":[],"error":"x"}` {
			continue // an empty array at a usual key: see TestKindsEmpty
		}
		args := "doc.json"
		if doc.from != "" {
			args = "--from " + doc.from + " doc.json"
		}
		kinds = append(kinds, kind{name: fmt.Sprint("another document ", i, " ", doc.from), args: args, files: folder{"doc.json": doc.text}, refused: true})
	}

	for _, k := range []kind{
		{name: "the place of an array", args: "doc.json", files: folder{"doc.json": `{"export":{"tickets":[{"tel":"1"},{"tel":"2"},{"tel":"3"}]}}`}, says: []string{"an array of 3 objects is at \"export.tickets\""}},
		{name: "the place of an array, beside an error", args: "--from shopify doc.json", files: folder{"doc.json": `{"batch":{"rows":[{"sku":"1"},{"sku":"2"}]},"ok":true}`}, says: []string{"an array of 2 objects is at \"batch.rows\""}},
		{name: "it is an error answer", args: "--from toast doc.json", files: folder{"doc.json": `{"status":401,"code":10010,"message":"Unauthorized"}`}, says: []string{"the error answer of an API"}},
		{name: "a header without what is required", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": "Ticket,Phone,Guest,Dish,Each,Pieces\n1,555-0101,Ann,Tea,4.50,1\n"}, says: []string{"Mobile", "Phone"}, not: []string{"555-0101"}},
		{name: "a header without an item", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": "Ticket;Mobile;Guest;Plate;Each;Pieces\r\n1;555-0101;Ann;Tea;4.50;1\r\n"}, says: []string{"Dish", "Plate"}, not: []string{"555-0101"}},
		{name: "no header at all", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": "1,555-0101,Ann,Tea,4.50,1\n2,555-0102,Bo,Tea,4.50,1\n"}, not: []string{"555-0101", "Ann"}},
		{name: "a table for a preset of JSON", args: "--from shopify a.csv", files: folder{"a.csv": barHeader + "1,555-0101,Ann,Tea,4.50,1\n"}},
		{name: "JSON for a table", args: "--from bar.toml a.json", files: folder{"bar.toml": barTable, "a.json": `[{"phone":"1","items":[]}]`}},
		{name: "nothing but titles", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": "Tickets of May\n\nprinted 2026-05-05\n"}},
		{name: "an empty file", args: "a.json", files: folder{"a.json": ""}},
		{name: "an empty table", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": ""}},
		{name: "a mark and nothing else", args: "a.json", files: folder{"a.json": "\ufeff"}},
		{name: "blanks", args: "a.json", files: folder{"a.json": " \n\t\n"}},
		{name: "all rejected", args: "--from bar.toml a.json", rejects: 3, files: folder{"bar.toml": barJSON, "a.json": `[{"no":1,"tel":"1","dishes":[{"dish":"A"}]},{"no":2,"tel":"","dishes":[]},{"no":3,"tel":"3","dishes":[{"dish":"","each":1}]}]`}, says: []string{"3 orders"}},
		{name: "all rejected, table", args: "--from bar.toml a.csv", rejects: 2, files: folder{"bar.toml": barTable, "a.csv": barHeader + "1,555-0101,Ann,Tea,free,1\n2,,Bo,Tea,4.50,1\n"}},
		{name: "all rejected, a line each", args: "a.ndjson", rejects: 2, files: folder{"a.ndjson": "{\"phone\":\"1\",\"items\":[{\"name\":\"A\",\"price\":\"x\"}]}\n{\"phone\":\"2\",\"items\":[{\"price\":1}]}\n"}},
	} {
		k.refused = true
		kinds = append(kinds, k)
	}
	runKinds(t, kinds)
}

// What is empty on purpose is fine.
func TestKindsEmpty(t *testing.T) {
	kinds := []kind{}
	for i, doc := range []struct{ from, text string }{
		{"", `[]`}, {"", " [ ]\n"}, {"", `{"orders":[]}`}, {"", `{"count":0,"orders":[],"next":null}`}, {"", "{\"orders\":[]}\n{\"orders\":[]}\n"}, {"", "[]\n[]"},
		{"shopify", `{"orders":[]}`}, {"woocommerce", `[]`}, {"square", `{"orders":[],"cursor":"x"}`}, {"stripe", `{"object":"list","data":[],"has_more":false,"url":"/v1/checkout/sessions"}`},
		{"clover", `{"elements":[],"href":"x"}`}, {"magento", `{"items":[],"search_criteria":{"filter_groups":[]},"total_count":0}`}, {"medusa", `{"orders":[],"count":0,"offset":0,"limit":15}`},
		{"odoo", `{"jsonrpc":"2.0","id":1,"result":[]}`}, {"odoo", `{"jsonrpc":"2.0","id":1,"result":{"length":0,"records":[]}}`},
		{"shopify-graphql-answer", `{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}`}, {"shopify-graphql-answer", `{"data":{"orders":{"edges":[]}}}`},
		{"amazon", `{"orders":[],"createdBefore":"2026-05-05T00:00:00Z"}`}, {"toast", `[]`}, {"bigcommerce", `[]`},
	} {
		args := "doc.json"
		if doc.from != "" {
			args = "--from " + doc.from + " doc.json"
		}
		kinds = append(kinds, kind{name: fmt.Sprint("document ", i, " ", doc.from), args: args, files: folder{"doc.json": doc.text}})
	}
	runKinds(t, append(kinds,
		kind{name: "a quiet day", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": barHeader}},
		kind{name: "a quiet day with titles", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": "\ufeffsep=;\rTickets of a day\r\rTICKET;mobile ;Guest;Dish;Each;Pieces\r"}},
		kind{name: "a quiet day in a sheet", args: "--from bar.toml a.xlsx", files: folder{"bar.toml": barTable, "a.xlsx": workbook(sheet{name: "Day", rows: [][]any{{"Ticket", "Mobile", "Guest", "Dish", "Each", "Pieces"}}})}},
		kind{name: "all skipped", args: "--from shopify a.json", says: []string{"3 orders skipped (1 cancelled, 1 test, 1 voided)"}, json: `{"skipped":{"cancelled":1,"test":1,"voided":1},"orders":0}`,
			files: folder{"a.json": `{"orders":[{"id":1,"test":true},{"id":2,"cancelled_at":"2026-05-05T10:00:00Z","line_items":[]},{"id":3,"financial_status":"voided","line_items":[{"name":"A","price":"x"}]}]}`}},
		kind{name: "all skipped, without a phone", args: "--from bar.toml a.json", says: []string{"1 order skipped (1 no phone)"},
			files: folder{"bar.toml": "no_phone = \"skip\"\n" + barJSON, "a.json": `[{"no":1,"tel":"","dishes":[{"dish":"A","each":1}]}]`}},
		kind{name: "a quiet day beside a busy one", args: "--from bar.toml a.csv b.csv", customers: "1=Ann", items: "Tea|4.50|1", postgres: true,
			files: folder{"bar.toml": barTable, "a.csv": barHeader, "b.csv": barHeader + "1,1,Ann,Tea,4.50,1\n"}},
	))
}
