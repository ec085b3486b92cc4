package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

// Which preset fits, and which cannot be meant.
func TestKindsPresets(t *testing.T) {
	const (
		woo    = `[{"id":7,"status":"completed","date_created_gmt":"2026-05-04T10:00:00","billing":{"first_name":"Ann","phone":"1"},"meta_data":[],"line_items":[{"name":"Mug","quantity":1,"price":8,"subtotal":"8.00","total":"8.00"}]}]`
		legacy = `{"orders":[{"id":7,"order_number":"7","status":"completed","total_line_items_quantity":1,"billing_address":{"first_name":"Ann","address_1":"x","phone":"1"},"line_items":[{"name":"Mug","quantity":1,"price":"8.00","subtotal":"8.00","total":"8.00"}]}]}`
		med1   = `{"orders":[{"id":"o1","cart_id":"c1","currency_code":"eur","shipping_address":{"phone":"1"},"items":[{"title":"Mug","unit_price":800,"quantity":1,"should_merge":true}]}]}`
		med2   = `{"orders":[{"id":"o1","currency_code":"eur","summary":{"raw_current_order_total":{}},"shipping_address":{"phone":"1"},"items":[{"title":"Mug","unit_price":8,"quantity":1,"raw_unit_price":{"value":"8"}}]}]}`
		shop   = `{"orders":[{"id":7,"financial_status":"paid","admin_graphql_api_id":"gid://shopify/Order/7","phone":"1","line_items":[{"name":"Mug","price":"8.00","quantity":1}]}]}`
	)
	misfit := func(from, doc, says string) kind {
		return kind{name: from + ", " + says, args: "--from " + from + " a.json", refused: true, files: folder{"a.json": doc}, says: []string{says}}
	}
	advice := func(doc, preset string, rejects int) kind {
		return kind{name: "advice, " + preset, args: "a.json", refused: true, rejects: rejects, files: folder{"a.json": doc}, says: []string{"try --from " + preset + "."}}
	}
	runKinds(t, []kind{
		misfit("shopify", woo, "--from woocommerce."), misfit("woocommerce", legacy, "--from woocommerce-legacy."), misfit("woocommerce-legacy", woo, "--from woocommerce."),
		misfit("medusa", med1, "--from medusa1."), misfit("medusa1", med2, "--from medusa."), misfit("square", shop, "--from shopify."), misfit("toast", shop, "--from shopify."),
		misfit("stripe", `{"id":"evt_9","object":"event","api_version":"2025-01-01","livemode":true,"pending_webhooks":1,"type":"checkout.session.completed","data":{"object":{"id":"cs_9","object":"checkout.session","livemode":true,"customer_details":{"phone":"1"}}}}`, "an event of Stripe"),
		misfit("stripe", `{"object":"list","data":[{"id":"ch_9","object":"charge","amount_captured":800,"captured":true,"balance_transaction":"t","billing_details":{"phone":"1"}}]}`, "a charge of Stripe"),
		misfit("amazon", `{"payload":{"Orders":[{"AmazonOrderId":"9","OrderStatus":"Shipped"}],"NextToken":"x"}}`, "v0"),
		misfit("shopify", `{"draft_orders":[{"id":9,"invoice_url":"https://example.com","line_items":[{"name":"Mug","price":"8.00","quantity":1}]}]}`, "draft"),
		misfit("shopify", `{"draft_order":{"id":9,"status":"open","line_items":[{"name":"Mug","price":"8.00","quantity":1}]}}`, "draft"),
		misfit("shopify", `{"checkouts":[{"id":9,"abandoned_checkout_url":"https://example.com","phone":"1","line_items":[{"title":"Mug","price":"8.00","quantity":1}]}]}`, "abandoned"),
		misfit("medusa", `{"cart":{"id":"c","region_id":"r","payment_sessions":[],"items":[{"title":"Mug","unit_price":8,"quantity":1}]}}`, "a cart of Medusa"),
		misfit("magento", `{"items":[{"id":9,"sku":"b","name":"Bag","price":34}],"search_criteria":{"page_size":1},"total_count":1}`, "a list of Magento"),
		misfit("magento", `{"items":[{"increment_id":"9","order_id":1,"items":[{"order_item_id":3,"name":"Bag","price":34,"qty":1}]}],"search_criteria":{},"total_count":1}`, "an invoice"),
		misfit("woocommerce", `[{"id":9,"name":"Mug","price":"8.00","regular_price":"8.00","stock_status":"instock"}]`, "products"),
		misfit("odoo", `{"jsonrpc":"2.0","result":[{"id":9,"move_type":"out_invoice","amount_total":8,"partner_id":[1,"Ann"],"invoice_line_ids":[1]}]}`, "an invoice of Odoo"),
		advice(woo, "woocommerce", 0), advice(legacy, "woocommerce-legacy", 0), advice(med1, "medusa1", 1), advice(med2, "medusa", 1), advice(shop, "shopify", 0),
		{name: "a table, advice", args: "a.csv", refused: true, says: []string{"--from shopify-csv"}, files: folder{"a.csv": "Name,Email,Lineitem name,Lineitem price,Lineitem quantity\n#1,a@example.com,Mug,8.00,1\n"}},
		{name: "a table for another", args: "--from etsy-csv a.csv", refused: true, files: folder{"a.csv": "Name,Email,Lineitem name,Lineitem price,Lineitem quantity\n#1,a@example.com,Mug,8.00,1\n"}},
		{name: "a table without items", args: "--from etsy-csv a.csv", refused: true, files: folder{"a.csv": "Sale Date,Order ID,Buyer User ID,Number of Items,Order Value,Currency\n05/04/26,7,ann,1,8.00,USD\n"}},
		{name: "payments for items of square", args: "--from square-csv a.csv", refused: true, files: folder{"a.csv": "Date,Time,Card Brand,PAN Suffix,Total Collected,Net Total,Transaction ID\n05/04/26,10:00:00,Visa,1111,$8.00,$7.76,tx\n"}},
		{name: "a good file beside another", args: "--from shopify a.json b.json", refused: true, says: []string{"b.json"}, files: folder{"a.json": shop, "b.json": woo}},
	})
}

// What a mapping looks for and never finds is said.
func TestKindsSilence(t *testing.T) {
	runKinds(t, []kind{
		{name: "customer for name", args: "a.json", customers: "1=Unknown; 2=Unknown", items: "Tea|1|2", says: []string{"note:", "customer"},
			files: folder{"a.json": `[{"phone":"1","customer":"Ann","items":[{"name":"Tea","price":1}]},{"phone":"2","customer":"Bo","items":[{"name":"Tea","price":1}]}]`}},
		{name: "client_name for name", args: "a.ndjson", customers: "1=Unknown; 2=Unknown", items: "Tea|1|2", says: []string{"note:", "customer_name"},
			files: folder{"a.ndjson": `{"phone":"1","customer_name":"Ann","items":[{"name":"Tea","price":1}]}` + "\n" + `{"phone":"2","customer_name":"Bo","items":[{"name":"Tea","price":1}]}` + "\n"}},
		{name: "one name is enough", args: "a.json", customers: "1=Ann; 2=Unknown", items: "Tea|1|2", not: []string{"note:"},
			files: folder{"a.json": `[{"phone":"1","name":"Ann","items":[{"name":"Tea","price":1}]},{"phone":"2","customer":"Bo","items":[{"name":"Tea","price":1}]}]`}},
		{name: "qty for quantity", args: "--count quantity a.json", filesOnly: true, customers: "1=Ann", items: "Tea|1|1", says: []string{"note:", "qty"},
			files: folder{"a.json": `[{"phone":"1","name":"Ann","items":[{"name":"Tea","price":1,"qty":3}]}]`}},
		{name: "a column for a name", args: "--from bar.toml a.csv", customers: "1=Unknown", items: "Tea|1|1", says: []string{"note:", "Guest", "Customer"},
			files: folder{"bar.toml": barTable, "a.csv": "Ticket,Mobile,Customer,Dish,Each,Pieces\n1,1,Ann,Tea,1,1\n"}},
	})
}

// Rejects of a table can be mended and processed again.
func TestKindsMended(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, from, to string }{
		"commas":            {barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,eight,1\n3,3,Cy,Hat,9,1\n2,,,Tea,4.50,1\n", "eight", "8"},
		"CR and semicolons": {"sep=;\r" + strings.NewReplacer(",", ";", "\n", "\r").Replace(barHeader+"1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,eight,1\n3,3,Cy,Hat,9,1\n2,,,Tea,4.50,1\n"), "eight", "8"},
		"utf-16":            {utf16Text("\ufeff"+strings.NewReplacer(",", "\t", "\n", "\r\n").Replace("Tickets of May\n"+barHeader+"1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,eight,1\n3,3,Cy,Hat,9,1\n2,,,Tea,4.50,1\n"), false), "eight", "8"},
		"a short row":       {barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo\n3,3,Cy,Hat,9,1\n", "Bo", "Bo,Mug,8,1\n2,,,Tea,4.50,1"},
		"a long row":        {barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,8,1,,oops\n3,3,Cy,Hat,9,1\n2,,,Tea,4.50,1\n", ",,oops", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := t.TempDir()
			k := kind{args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: "1=Ann; 3=Cy", items: "Tea|4.50|1; Hat|9|1",
				files: folder{"bar.toml": "id = \"Ticket\"\n" + barTable, "a.csv": c.text}}
			k.files.write(t, in)
			out := t.TempDir()
			store := filepath.Join(in, "store.db")
			k.testRun(t, in, "first", []string{"--store", store}, false)
			r := runHere(durable.OS, nil, "--from", filepath.Join(in, "bar.toml"), "-o", out, "--rejects", filepath.Join(out, "r.ndjson"), filepath.Join(in, "a.csv"))
			r.want(t, exitRejects, "")
			var reject struct{ Text string }
			data, err := os.ReadFile(filepath.Join(out, "r.ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &reject); err != nil {
				t.Fatal(err)
			}
			mended := strings.Replace(reject.Text, c.from, c.to, 1)
			if mended == reject.Text {
				t.Fatalf("the reject %q lacks %q", reject.Text, c.from)
			}
			k.files["b.csv"] = mended
			folder{"b.csv": mended}.write(t, in)
			k.args, k.code, k.rejects, k.customers, k.items = "--from bar.toml b.csv", exitDone, 0, "1=Ann; 3=Cy; 2=Bo", "Tea|4.50|2; Hat|9|1; Mug|8|1"
			k.testRun(t, in, "mended", []string{"--store", store}, false)
		})
	}
}

// The mapping language.
func TestKindsLanguage(t *testing.T) {
	const sold = `"dishes":[{"dish":"Tea","each":1}]`
	const base = "phone = \"tel\"\nname = \"who\"\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n"
	broken := func(name, mapping, says string) kind {
		return kind{name: name, args: "--from m.toml a.json", refused: true, files: folder{"m.toml": mapping, "a.json": `[{"tel":"1",` + sold + `}]`}, says: []string{says}}
	}
	runKinds(t, []kind{
		{name: "one place twice", args: "--from m.toml a.json", customers: "1=1", items: "Tea|1|1", files: folder{"m.toml": "id = \"tel\"\nphone = \"tel\"\nname = \"tel\"\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"tel":"1",` + sold + `}]`}},
		{name: "a key and a key in it", args: "--from m.toml a.json", customers: "1=Ann; 2=Bo", items: "Tea|1|2", files: folder{"m.toml": "phone = \"tel\"\nname = [\"customer\", \"customer.name\"]\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"tel":"1","customer":"Ann",` + sold + `},{"tel":"2","customer":{"name":"Bo"},` + sold + `}]`}},
		{name: "not, in and present", args: "--from m.toml a.json", customers: "1=Unknown", items: "Tea|1|1", says: []string{"3 orders skipped (1 draft, 1 gone, 1 unpaid)"},
			files: folder{"m.toml": base + "[skip.unpaid]\npayment = {not = [\"paid\", \"partly\"]}\n[skip.gone]\nstate = {in = [\"void\", 7]}\n[skip.draft]\nnumber = {present = false}\n", "a.json": `[{"tel":"1","payment":"paid","state":"ok","number":1,` + sold + `},{"tel":"2","payment":"open","number":2,` + sold + `},{"tel":"3","payment":"paid","state":7,"number":3,` + sold + `},{"tel":"4","payment":"partly",` + sold + `}]`}},
		{name: "a constant", args: "--from m.toml a.json", customers: "1=Guest", items: "Tea|1|1", files: folder{"m.toml": "phone = \"tel\"\nname = [\"who\", {const = \"Guest\"}]\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"tel":"1",` + sold + `}]`}},
		{name: "an element of an array", args: "--from m.toml a.json", customers: "+1=Ann", items: "Tea|1|1", files: folder{"m.toml": "phone = \"contact[2]\"\nname = \"contact[1]\"\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"contact":[7,"Ann","+1"],` + sold + `}]`}},
		{name: "a key with a dot", args: "--from m.toml a.json", customers: "1=Ann B", items: "Tea|1|1", files: folder{"m.toml": "phone = '\"guest.tel\"'\nname = '\"first name\" + last'\nlines = \"dishes[]\"\n[line]\nitem = \"dish\"\nprice = \"each\"\n", "a.json": `[{"guest.tel":"1","first name":"Ann","last":"B",` + sold + `}]`}},
		broken("a missing quote", "phone = \"tel\nlines = \"dishes[]\"\n", "m.toml:1"),
		broken("a key that is unknown", "phne = \"tel\"\n"+base, "m.toml:1:1"),
		broken("lines that are no array", strings.Replace(base, "dishes[]", "dishes", 1), "m.toml:3"),
		broken("a value of the wrong type", "csv = \"yes\"\n"+base, "m.toml:1"),
		{name: "want an array", args: "--from m.toml a.json", refused: true, rejects: 1, says: []string{"want an array"}, files: folder{"m.toml": base, "a.json": `[{"tel":"1","dishes":"none"}]`}},
		{name: "want an object in the lines", args: "--from m.toml a.json", refused: true, rejects: 1, says: []string{"dishes[0]"}, files: folder{"m.toml": base, "a.json": `[{"tel":"1","dishes":["Tea"]}]`}},
	})
}
