package main

import (
	"fmt"
	"strings"
	"testing"
)

// Numbers as people write them.
func TestKindsNumbers(t *testing.T) {
	kinds := []kind{}
	for i, n := range []struct{ text, decimal, want string }{ // want "" is refused
		{"$4.50", "", "4.50"}, {"4.50 \u20ac", "", "4.50"}, {"CHF 4.50", "", "4.50"}, {"\u00a31,299.00", "", "1299.00"}, {"\u00a04.50\u00a0", "", "4.50"}, {"\t7\t", "", "7"},
		{"(12.00)", "", "-12.00"}, {"-$3", "", "-3"}, {"+2.50", "", "2.50"}, {".75", "", "0.75"}, {"1,234,567.8", "", "1234567.8"}, {"1 299.00", "", "1299.00"}, {"1'299.00", "", "1299.00"},
		{"R$ 12.90", "", "12.90"}, {"1.299", "", "1.299"}, {"12.5e1", "", "125"},
		{"1,299", "", ""}, {"4,50", "", ""}, {"1.299,00", "", ""}, {"4.50.1", "", ""}, {"1,29,9", "", ""}, {"4.5O", "", ""}, {"12%", "", ""}, {"free", "", ""}, {"1/2", "", ""}, {"4.50 5.50", "", ""},
		{"4,50", ",", "4.50"}, {"1.299", ",", "1299"}, {"1.299,00 \u20ac", ",", "1299.00"}, {"EUR 4,5", ",", "4.5"}, {"1\u202f299,50", ",", "1299.50"}, {"(4,50)", ",", "-4.50"}, {"4.50", ",", ""}, {"1,299.00", ",", ""}, {",5", ",", "0.5"},
		{"1,299", ".", "1299"}, {"4,50", ".", ""},
	} {
		for _, in := range []string{"JSON", "a table"} {
			k := kind{name: fmt.Sprintf("%s in %s, %d", n.text, in, i), customers: "1=Ann", items: "Tea|" + n.want + "|1"}
			if in == "JSON" {
				k.args, k.files = "a.json", folder{"a.json": fmt.Sprintf(`[{"phone":"1","name":"Ann","items":[{"name":"Tea","price":%q}]}]`, n.text)}
			} else {
				k.args, k.files = "--from bar.toml a.csv", folder{"bar.toml": barTable, "a.csv": "Ticket;Mobile;Guest;Dish;Each\r\n1;1;Ann;Tea;\"" + n.text + "\"\r\n"}
			}
			if n.decimal != "" {
				k.args = "--decimal " + n.decimal + " " + k.args
			}
			if n.want == "" {
				k.refused, k.rejects = true, 1
			}
			if n.decimal == "" && (n.text == "1,299" || n.text == "4,50" || n.text == "1.299,00") {
				k.says = []string{"decimal"}
			}
			if (i%2 == 0) == (in == "JSON") || n.want == "" && i%3 != 0 { // half of them are enough
				kinds = append(kinds, k)
			}
		}
	}
	runKinds(t, append(kinds,
		kind{name: "decimal commas in quotes", args: "--from bar.toml a.csv", customers: "1=Ann", items: "Tea|4.50|1; Wine|1299.00|1",
			files: folder{"bar.toml": "decimal = \",\"\n" + barTable, "a.csv": barHeader + "1,1,Ann,Tea,\"4,50\",\"1,0\"\n1,,,Wine,\"1.299,00\",1\n"}},
		kind{name: "a flag against the mapping", args: "--from bar.toml --decimal . a.csv", customers: "1=Ann", items: "Tea|4.50|1",
			files: folder{"bar.toml": "decimal = \",\"\n" + barTable, "a.csv": barHeader + "1,1,Ann,Tea,4.50,1\n"}},
		kind{name: "numbers of JSON beside texts", args: "--decimal , a.json", customers: "1=Unknown", items: "Tea|1.299|1; Mug|1299|1",
			files: folder{"a.json": `{"phone":"1","items":[{"name":"Tea","price":1.299},{"name":"Mug","price":"1.299"}]}`}},
		kind{name: "01 in JSON", args: "a.json", refused: true, rejects: 1, files: folder{"a.json": `{"phone":"1","items":[{"name":"Tea","price":01}]}`}},
		kind{name: "a comma in JSON", args: "--decimal , a.json", refused: true, rejects: 1, files: folder{"a.json": `{"phone":"1","items":[{"name":"Tea","price":4,50}]}`}},
		kind{name: "one of two prices is open", args: "a.json", code: exitRejects, rejects: 1, customers: "2=Unknown", items: "Mug|8|1",
			files: folder{"a.json": `[{"phone":"1","items":[{"name":"Tea","price":"1,299"}]},{"phone":"2","items":[{"name":"Mug","price":"8"}]}]`}},
		kind{name: "a sheet with decimal commas", args: "--from bar.toml a.xlsx", customers: "1=Ann", items: "Tea|4.5|1; Mug|1299.5|1",
			files: folder{"bar.toml": "decimal = \",\"\n" + barTable, "a.xlsx": workbook(sheet{name: "S", rows: [][]any{{"Ticket", "Mobile", "Guest", "Dish", "Each", "Pieces"}, {1, "1", "Ann", "Tea", 4.5, 1}, {1, "1", "Ann", "Mug", "1.299,5", 1}}})}},
	))
}

// Times as exports write them. Which order is the latest does not depend on them in files, so
// the summary says what was read.
func TestKindsTimes(t *testing.T) {
	order := func(time string) string {
		return fmt.Sprintf(`{"no":%q,"at":%s,"tel":"1","dishes":[{"dish":"Tea","each":1}]}`, time, time)
	}
	kinds := []kind{}
	for i, c := range []struct {
		time string
		read bool
		flag string
	}{
		{`"2026-08-15T14:00:05+02:00"`, true, ""}, {`"20260815"`, true, ""}, {`20260815`, true, ""}, {`"15 Aug 2026 14:00"`, true, ""}, {`"Aug 15, 2026"`, true, ""}, {`"Sat, 15 Aug 2026 14:00:05 +0200"`, true, ""}, {`"15.08.2026"`, true, ""},
		{`"8/15/2026 2:00 PM"`, true, ""}, {`1786795205`, true, ""}, {`1786795205000`, true, ""}, {`"1786795205.5"`, true, ""}, {`"2026-08-15 14:00:05 UTC"`, true, ""}, {`"Aug-15-26"`, true, ""}, {`"05.05.2026"`, true, ""},
		{`"04/05/2026"`, false, ""}, {`"04/05/2026"`, true, "--day-first"}, {`"4.5.26"`, false, ""}, {`"4.5.26"`, true, "--day-first"}, {`45000.5`, false, ""}, {`"yesterday"`, false, ""}, {`"2026-02-30"`, false, ""}, {`"13/13/2026"`, false, ""}, {`true`, false, ""},
	} {
		k := kind{name: fmt.Sprint(c.time, " ", c.flag, i), args: "--from bar.toml a.json", customers: "1=Unknown", items: "Tea|1|1", files: folder{"bar.toml": barJSON, "a.json": order(c.time)}}
		if c.flag != "" {
			k.args = c.flag + " " + k.args
		}
		if k.not = []string{"time that cannot be read"}; !c.read {
			k.not, k.says, k.json = nil, []string{"1 order has a time that cannot be read", "a.json:1:1"}, `{"times_unread":1}`
		}
		kinds = append(kinds, k)
	}
	runKinds(t, append(kinds,
		kind{name: "three of five", args: "--from bar.toml a.ndjson", customers: "1=Unknown", items: "Tea|1|5", says: []string{"3 orders have a time that cannot be read", "a.ndjson:2:1", "2 times could be day or month first"}, json: `{"times_unread":3}`,
			files: folder{"bar.toml": barJSON, "a.ndjson": order(`"2026-05-04"`) + "\n" + order(`"04/05/2026"`) + "\n" + order(`"soon"`) + "\n" + order(`"05/04/2026"`) + "\n" + order(`"31/05/2026"`) + "\n"}},
		kind{name: "a pattern", args: "--from bar.toml a.json", customers: "1=Unknown", items: "Tea|1|1", not: []string{"cannot be read"},
			files: folder{"bar.toml": "time_format = \"%d.%m.%y %H:%M\"\n" + barJSON, "a.json": order(`"04.05.26 18:30"`)}},
	))
}

// Name and phone are one person's.
func TestKindsPeople(t *testing.T) {
	people := "no_phone = \"items\"\nname = \"title\"\nlines = \"dishes[]\"\n[[person]]\nphone = \"buyer.tel\"\nname = \"buyer.name\"\n[[person]]\nphone = \"parcels[].to.tel\"\nname = \"parcels[].to.name\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n"
	const sold = `"dishes":[{"dish":"Tea","each":1}]`
	runKinds(t, []kind{
		{name: "the first with a phone", args: "--from p.toml a.json", files: folder{"p.toml": people, "a.json": `[{"title":"T","buyer":{"name":"Ann","tel":" "},"parcels":[{"to":{"name":"Bo","tel":null}},{"to":{"name":"Cy","tel":"3"}}],` + sold + `}]`}, customers: "3=Cy", items: "Tea|1|1", postgres: true},
		{name: "a blank name falls back", args: "--from p.toml a.json", files: folder{"p.toml": people, "a.json": `[{"title":"Order of Di","buyer":{"name":" ","tel":"1"},"parcels":[{"to":{"name":"Bo","tel":"2"}}],` + sold + `}]`}, customers: "1=Order of Di", items: "Tea|1|1"},
		{name: "nobody", args: "--from p.toml a.json", files: folder{"p.toml": people, "a.json": `[{"title":"T","buyer":{"name":"Ann"},"parcels":[],` + sold + `},{"buyer":false,` + sold + `}]`}, items: "Tea|1|2", says: []string{"2 orders have no phone"}, json: `{"no_phone":2,"orders":2}`, postgres: true},
		{name: "toast, the second check", args: "--from toast a.json", customers: "2125550199=Cy Coe; 2125550101=Di", items: "Tea|3.5|2; Ramen|16.0|1",
			files: folder{"a.json": `[{"guid":"g1","openedDate":"2026-05-04T17:12:00.000+0000","checks":[{"customer":{"firstName":"Host","lastName":"Hal","phone":""},"selections":[{"displayName":"Tea","receiptLinePrice":3.5,"price":3.5,"quantity":1}]},{"customer":{"firstName":"Cy","lastName":"Coe","phone":"2125550199"},"selections":[{"displayName":"Ramen","receiptLinePrice":14.5,"price":16.0,"quantity":1,"modifiers":[{"displayName":"Egg","receiptLinePrice":1.5,"price":1.5}]}]}]},
{"guid":"g2","openedDate":"2026-05-04T18:12:00.000+0000","checks":[{"customer":{"firstName":"Di","lastName":null,"phone":"2125550101"},"selections":[{"displayName":"Tea","receiptLinePrice":3.5,"price":3.5,"quantity":1}]}]}]`}},
		{name: "shopify, a present", args: "--from shopify a.json", customers: "+13125550102=Gil Gift; +13125550103=Bea Buyer", items: "Mug|8.00|2",
			files: folder{"a.json": `{"orders":[{"id":1,"financial_status":"paid","phone":null,"customer":{"first_name":"Bea","last_name":"Buyer","phone":""},"billing_address":{"name":"Bea Buyer","phone":null},"shipping_address":{"name":"Gil Gift","phone":"+13125550102"},"line_items":[{"name":"Mug","price":"8.00","quantity":1}]},
{"id":2,"financial_status":"paid","customer":{"first_name":"Bea","last_name":"Buyer"},"billing_address":{"name":"","first_name":"Bea","last_name":"Buyer","phone":"+13125550103"},"shipping_address":{"name":"Gil Gift","phone":"+13125550102"},"line_items":[{"name":"Mug","price":"8.00","quantity":1}]}]}`}},
		{name: "woocommerce, shipping has the phone", args: "--from woocommerce a.json", customers: "555-0102=Bo Best; 555-0103=Ann Able", items: "Mug & Cup|8.00|2",
			files: folder{"a.json": `[{"id":1,"billing":{"first_name":"Ann","last_name":"Able","phone":""},"shipping":{"first_name":"Bo","last_name":"Best","phone":"555-0102"},"line_items":[{"name":"Mug &amp; Cup","quantity":1,"subtotal":"8.00","total":"8.00","price":8}]},
{"id":2,"billing":{"first_name":"Ann","last_name":"Able","phone":""},"shipping":{"first_name":"","last_name":"","phone":"555-0103"},"line_items":[{"name":"Mug &amp; Cup","quantity":2,"subtotal":"16.00","total":"14.00","price":7}]}]`}},
		{name: "woocommerce, nothing for the billing", args: "--from woocommerce a.json", customers: "555-0102=Bo Best", items: "Mug|8.00|2", json: `{"no_phone":1}`,
			files: folder{"a.json": `[{"id":1,"billing":[],"shipping":{"first_name":"Bo","last_name":"Best","phone":"555-0102"},"line_items":[{"name":"Mug","quantity":1,"subtotal":"8.00","total":"8.00","price":8}]},{"id":2,"billing":false,"shipping":[ ],"line_items":[{"name":"Mug","quantity":1,"subtotal":"8.00","total":"8.00","price":8}]}]`}},
		{name: "square, delivery after pickup", args: "--from square a.json", customers: "+12125550102=Bo", items: "Tea Large|4.50|1",
			files: folder{"a.json": `{"order":{"id":"s","location_id":"L","fulfillments":[{"type":"PICKUP","pickup_details":{"recipient":{"display_name":"Ann"}}},{"type":"DELIVERY","delivery_details":{"recipient":{"display_name":"Bo","phone_number":"+12125550102"}}}],"line_items":[{"name":"Tea","variation_name":"Large","quantity":"1","base_price_money":{"amount":450,"currency":"USD"}}]}}`}},

		{name: "phones of a spreadsheet", args: "--from bar.toml a.csv", customers: "0611=A; 0612=B; 613=C; 7325555439=F", items: "Tea|1|6", says: []string{"2 orders have a phone that lost its digits", "a.csv:5:1"}, json: `{"phones_lost":2,"no_phone":2}`, postgres: true,
			files: folder{"bar.toml": "no_phone = \"items\"\n" + barTable, "a.csv": barHeader + "1,'0611,A,Tea,1,1\n2,\"=\"\"0612\"\"\",B,Tea,1,1\n3,613.0,C,Tea,1,1\n4,3.16E+10,D,Tea,1,1\n5,#REF!,E,Tea,1,1\n6,7.325555439E9,F,Tea,1,1\n"}},
		{name: "phones of a spreadsheet, skipped", args: "--from bar.toml a.csv", customers: "613=C", items: "Tea|1|1", says: []string{"1 order skipped (1 no phone)"}, json: `{"phones_lost":1,"skipped":{"no phone":1}}`,
			files: folder{"bar.toml": "no_phone = \"skip\"\n" + barTable, "a.csv": barHeader + "3,613.0,C,Tea,1,1\n4,########,D,Tea,1,1\n"}},
		{name: "phones of a spreadsheet, rejected", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: "613=C", items: "Tea|1|1", says: []string{"phone that lost its digits"},
			files: folder{"bar.toml": barTable, "a.csv": barHeader + "3,613.0,C,Tea,1,1\n4,1.2E+11,D,Tea,1,1\n"}},
		{name: "the next phone counts", args: "--from bar.toml a.csv", customers: "0612=D", items: "Tea|1|1",
			files: folder{"bar.toml": "csv = true\ngroup = \"T\"\nphone = [\"P\", \"Q\"]\nname = \"N\"\n[line]\nitem = \"I\"\nprice = \"E\"\n", "a.csv": "T,P,Q,N,I,E\n4,1.2E+11,'0612,D,Tea,1\n"}},
		{name: "false is blank", args: "--from bar.toml a.json", customers: "2=Unknown", items: "Tea|1|2", json: `{"no_phone":1}`,
			files: folder{"bar.toml": "no_phone = \"items\"\n" + barJSON, "a.json": `[{"no":1,"tel":false,"who":"Ann","dishes":[{"dish":"Tea","each":1}]},{"no":2,"tel":"2","who":false,"dishes":[{"dish":"Tea","each":1}]}]`}},
		{name: "the region of each order", args: "--from r.toml --phone e164 a.json", customers: "+4930123456=Unknown; +31612345678=Unknown", items: "Tea|1|2", not: []string{"kept as"},
			files: folder{"r.toml": "phone = \"tel\"\nregion = [\"bill.cc\", \"ship.cc\"]\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"tel":"030 123456","bill":{"cc":"DE"},"dishes":[{"dish":"Tea","each":1}]},{"tel":"06 12345678","bill":{"cc":""},"ship":{"cc":"nl"},"dishes":[{"dish":"Tea","each":1}]}]`}},
		{name: "no region", args: "--from r.toml --phone e164 a.json", customers: "030 123456=Unknown", items: "Tea|1|1", says: []string{"--region"}, json: `{"phones_kept":1}`,
			files: folder{"r.toml": "phone = \"tel\"\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"tel":"030 123456","dishes":[{"dish":"Tea","each":1}]}]`}},
		{name: "odoo", args: "--from odoo a.json", customers: "+32 2 290 34 90=Deco Addict", items: "[E-1] Desk|120.5|1; Lamp|40.0|1", says: []string{"1 line left out (1 section)", "1 order skipped (1 hold)", "1 order has no phone"}, json: `{"no_phone":1,"skipped":{"hold":1},"lines_skipped":{"section":1}}`,
			files: folder{"a.json": `{"jsonrpc":"2.0","id":null,"result":[{"id":11,"date_order":"2026-05-04 10:00:00","partner_id":[10,"Deco Addict"],"partner_phone":"+32 2 290 34 90","state":"sale","currency_id":[1,"EUR"],"order_line":[{"display_type":"line_section","name":"Desks","product_id":false,"price_unit":0.0,"product_uom_qty":0.0},{"display_type":false,"name":"Desk, oak","product_id":[7,"[E-1] Desk"],"price_unit":120.5,"price_subtotal":241.0,"product_uom_qty":2.0}]},
{"id":12,"date_order":"2026-05-05 10:00:00","partner_id":[11,"Bo"],"partner_phone":false,"state":"sale","order_line":[{"display_type":false,"name":"Lamp","product_id":false,"price_unit":40.0,"product_uom_qty":1.0}]},
{"id":13,"date_order":"2026-05-05 11:00:00","partner_id":[12,"Cy"],"partner_phone":"555","state":"draft","order_line":[]}]}`}},
	})
}

// Which order is which.
func TestKindsIDs(t *testing.T) {
	line := func(no, at, tel, dish string) string {
		return fmt.Sprintf(`{"no":%s,"at":%q,"tel":%q,"dishes":[{"dish":%q,"each":1}]}`+"\n", no, at, tel, dish)
	}
	const webhook = `{"id":4501,"admin_graphql_api_id":"gid://shopify/Order/4501","name":"#1001","created_at":"2026-05-04T10:00:00Z","updated_at":"2026-05-04T10:00:05Z","financial_status":"paid","currency":"EUR","phone":"+4930555001","customer":{"first_name":"Ann","last_name":"Able"},"line_items":[{"name":"Mug","price":"8.00","quantity":1}]}`
	const export = "Name,Email,Financial Status,Created at,Currency,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Phone,Id\n#1001,a@example.com,paid,2026-05-04 10:00:00 +0000,EUR,1,Mug,8.00,Ann Able,+4930555001,4501\n#1002,b@example.com,paid,2026-05-04 11:00:00 +0000,EUR,1,Cup,5.00,Bo Best,+4930555002,4502\n"
	const other = "Name,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Phone,Id\n#1001,paid,2026-05-04 12:00:00 +0000,1,Hat,9.00,Cy Coe,+31205550003,9901\n"
	runKinds(t, []kind{
		{name: "the same order twice", args: "--from bar.toml a.json", files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea") + line("1", "2026-05-04", "1", "Tea") + line(`"1"`, "2026-05-04", "1", "Tea")}, customers: "1=Unknown", items: "Tea|1|1", says: []string{"2 orders came again"}, not: []string{"share"}, json: `{"repeated":2,"orders":1}`},
		{name: "an order that was changed", args: "--from bar.toml a.json", files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea") + line("1", "2026-05-04", "1", "Mug")}, customers: "1=Unknown", items: "Mug|1|1", says: []string{"1 earlier state of an order was superseded"}, not: []string{"share", "came again"}, json: `{"superseded":1,"orders":1}`},
		{name: "two shops, one id", args: "--from bar.toml a.json b.json", files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea"), "b.json": line("1", "2026-06-09", "2", "Mug") + line("2", "2026-06-10", "2", "Mug")}, customers: "2=Unknown", items: "Mug|1|2",
			says: []string{"1 earlier state of an order was superseded"}, json: `{"superseded":1}`, postgres: true},
		// A store keeps the latest state and nothing to compare others with, so it cannot tell this.
		{name: "two shops, one id, said of files", args: "--from bar.toml a.json b.json", filesOnly: true, files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea"), "b.json": line("1", "2026-06-09", "2", "Mug")}, customers: "2=Unknown", items: "Mug|1|1",
			says: []string{"two orders share the id", "only the latest counts", "a.json:1:1", "b.json:1:1", "--shop"}, json: `{"shared_ids":1,"superseded":1}`},
		{name: "two shops with names", args: "--from bar.toml --shop north --shop south a.json b.json", files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea"), "b.json": line("1", "2026-06-09", "2", "Mug")}, customers: "1=Unknown; 2=Unknown", items: "Tea|1|1; Mug|1|1", not: []string{"share", "again"}, json: `{"orders":2}`, postgres: true},
		{name: "one shop for both", args: "--from bar.toml --shop north a.json b.json", files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea"), "b.json": line("1", "2026-05-04", "1", "Tea") + line("2", "2026-05-05", "1", "Tea")}, customers: "1=Unknown", items: "Tea|1|2", says: []string{"1 order came again"}},
		{name: "two shops, one id in a file", args: "--from bar.toml a.json", filesOnly: true, files: folder{"bar.toml": barJSON, "a.json": line("1", "2026-05-04", "1", "Tea") + line("1", "2026-06-09", "2", "Mug") + line("2", "2026-06-10", "2", "Mug")}, customers: "2=Unknown", items: "Mug|1|2",
			says: []string{"two orders share the id", "a.json:1:1", "a.json:2:1", "--shop"}, json: `{"shared_ids":1,"superseded":1}`},
		{name: "#1001 of two shops", args: "--from shopify-csv a.csv b.csv", files: folder{"a.csv": export, "b.csv": other}, customers: "+4930555001=Ann Able; +4930555002=Bo Best; +31205550003=Cy Coe", items: "Mug|8.00|1; Cup|5.00|1; Hat|9.00|1", not: []string{"again", "share"}},
		{name: "ids that are wrapped", args: "--from shopify-csv a.csv b.csv", customers: "+4930555001=Ann Able; +4930555002=Bo Best", items: "Mug|8.00|1; Cup|5.00|1", says: []string{"2 orders came again"}, json: `{"repeated":2,"orders":2}`,
			files: folder{"a.csv": export, "b.csv": strings.NewReplacer("4501\n", "'4501\n", "4502\n", "\"=\"\"4502\"\"\"\n").Replace(export)}},
		{name: "ids that lost their digits", args: "--from shopify-csv a.csv", refused: true, rejects: 2, says: []string{"a.csv:2:", "Id: it lost its digits in a spreadsheet"}, files: folder{"a.csv": strings.NewReplacer("4501\n", "5.67891E+12\n", "4502\n", "5.67891E+12\n").Replace(export)}},
		{name: "tickets that lost their digits", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: "3=Cy", items: "Tea|1|1", files: folder{"bar.toml": barTable, "a.csv": barHeader + "1.2E+11,1,Ann,Tea,1,1\n1.2E+11,2,Bo,Mug,1,1\n12E5,3,Cy,Tea,1,1\n"}},
		{name: "tickets that lost their digits, the first is void", args: "--from bar.toml a.csv", refused: true, rejects: 1, files: folder{"bar.toml": barTable + "[skip.void]\nState = \"void\"\n", "a.csv": "Ticket,State,Mobile,Guest,Dish,Each,Pieces\n1.2E+11,void,1,Ann,Tea,1,1\n1.2E+11,,2,Bo,Mug,1,1\n"}},
		{name: "ids of graphql and of rest", args: "--from shopify a.json b.json", files: folder{"a.json": webhook, "b.json": `{"orders":[{"id":"gid://shopify/Order/4501","created_at":"2026-05-04T10:00:00Z","financial_status":"paid","phone":"+4930555001","line_items":[{"name":"Mug","price":"8.00","quantity":1}]}]}`}, customers: "+4930555001=Ann Able", items: "Mug|8.00|1", says: []string{"1 earlier state of an order was superseded"}, json: `{"superseded":1}`},
	})

	t.Run("an export heals what webhooks lost", func(t *testing.T) {
		t.Parallel()
		k := kind{args: "--from shopify a.json", files: folder{"a.json": webhook, "b.csv": export}, customers: "+4930555001=Ann Able", items: "Mug|8.00|1"}
		in := t.TempDir()
		k.files.write(t, in)
		flags := []string{"--store", in + "/store.db"}
		k.testRun(t, in, "webhooks", flags, false)
		k.args, k.customers, k.items = "--from shopify-csv b.csv", "+4930555001=Ann Able; +4930555002=Bo Best", "Mug|8.00|1; Cup|5.00|1"
		k.says = []string{"1 earlier state of an order was superseded"}
		k.testRun(t, in, "export", flags, false)
	})
}
