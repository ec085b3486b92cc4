package mappings_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/mappings"
)

// fits holds a document against a preset. It returns what the document was taken for: the
// preset that reads it, a neighbour's title, or "" if it fits.
func fits(t *testing.T, preset, document string) string {
	t.Helper()
	m, ok := mappings.Preset(preset)
	if !ok {
		t.Fatalf("there is no preset %s", preset)
	}
	err := m.Fits([]byte(document))
	var misfit *mappings.MisfitError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &misfit):
		t.Fatalf("%s: got %v", preset, err)
	case misfit.Preset != "":
		return misfit.Preset
	}
	return misfit.Title
}

// The document of a preset fits it, and no other preset, also if it is cut off.
func TestFitsDocuments(t *testing.T) {
	for _, c := range documents {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range mappings.Names() {
			want := c.preset
			if name == c.preset {
				want = ""
			}
			for _, end := range []int{len(text), len(text) - 3, len(text) * 3 / 4} {
				if got := fits(t, name, string(text[:end])); got != want {
					t.Errorf("%s, %d of %d bytes, for %s: got %q, want %q", c.file, end, len(text), name, got, want)
				}
			}
		}
	}
}

// minimal has an order for each preset with no more than what the mapping reads.
var minimal = map[string]string{
	"shopify":                `{"id":1,"phone":"1","line_items":[{"name":"Tea","price":"2.50"}]}`,
	"shopify-graphql":        `{"id":"gid://shopify/Order/1","phone":"1"}` + "\n" + `{"__parentId":"gid://shopify/Order/1","name":"Tea","originalUnitPriceSet":{"shopMoney":{"amount":"2.5"}}}`,
	"shopify-graphql-answer": `{"id":"gid://shopify/Order/1","phone":"1","lineItems":{"nodes":[{"name":"Tea","originalUnitPriceSet":{"shopMoney":{"amount":"2.5"}}}]}}`,
	"woocommerce":            `{"id":1,"billing":{"phone":"1"},"line_items":[{"name":"Tea","price":2.5}]}`,
	"woocommerce-legacy":     `{"id":1,"billing_address":{"phone":"1"},"line_items":[{"name":"Tea","price":"2.50"}]}`,
	"square":                 `{"id":"a","line_items":[{"name":"Tea","quantity":"1","base_price_money":{"amount":250}}]}`,
	"stripe":                 `{"id":"cs_1","customer_details":{"phone":"1"},"line_items":{"data":[{"description":"Tea","amount_total":250}]}}`,
	"toast":                  `{"guid":"g","checks":[{"selections":[{"displayName":"Tea","receiptLinePrice":2.5}]}]}`,
	"bigcommerce":            `{"id":1,"billing_address":{"phone":"1"},"products":[{"name":"Tea","price_ex_tax":"2.5"}]}`,
	"magento":                `{"billing_address":{"telephone":"1"},"items":[{"name":"Tea","price":2.5}]}`,
	"amazon":                 `{"orderId":"1","orderItems":[{"product":{"title":"Tea","price":{"unitPrice":{"amount":"2.5"}}}}]}`,
	"ubereats":               `{"id":"1","eater":{"phone":"1"},"cart":{"items":[{"title":"Tea"}]}}`,
	"medusa":                 `{"id":"order_1","shipping_address":{"phone":"1"},"items":[{"title":"Tea","unit_price":2.5}]}`,
	"medusa1":                `{"id":"order_1","shipping_address":{"phone":"1"},"items":[{"title":"Tea","unit_price":250}]}`,
	"saleor":                 `{"id":"1","lines":[{"product_name":"Tea","unit_price_gross_amount":"2.5"}]}`,
	"clover":                 `{"id":"1","lineItems":{"elements":[{"name":"Tea","price":250}]}}`,
	"doordash":               `{"id":"1","consumer":{"phone":"1"},"categories":[{"items":[{"name":"Tea","price":250}]}]}`,
	"odoo":                   `{"id":1,"order_line":[{"name":"Tea","price_unit":2.5}]}`,
	"shopify-csv":            "Name,Lineitem name,Lineitem price\n#1,Tea,2.50\n",
	"square-csv":             "Transaction ID,Item,Gross Sales\na,Tea,$2.50\n",
	"etsy-csv":               "Order ID,Item Name,Price\n1,Tea,2.50\n",
	"ebay-csv":               "Order Number,Item Title,Sold For\n1,Tea,$2.50\n",
	"amazon-tsv":             "order-id\tproduct-name\titem-price\n1\tTea\t2.50\n",
}

// A document that has only what the mapping reads fits it, however it is wrapped.
func TestFitsMinimal(t *testing.T) {
	for _, name := range mappings.Names() {
		text, ok := minimal[name]
		if !ok {
			t.Errorf("%s: no document", name)
		}
		all := []string{text}
		if strings.HasPrefix(text, "{") && !strings.Contains(text, "\n") {
			for _, wrapped := range []string{`[%s]`, `{"orders":[%s]}`, `{"data":{"result":{"elements":[%s]}}}`, `{"orders":{"-a1":%s}}`, "%[1]s\n%[1]s", `{"page":1,"orders":[%s],"total":1`} {
				all = append(all, fmt.Sprintf(wrapped, text))
			}
		}
		for _, text := range all {
			if got := fits(t, name, text); got != "" {
				t.Errorf("%s: %s: got %q", name, text, got)
			}
		}
	}
}

// Documents of other systems, and of other versions, are named, with any preset. So are they
// in the envelopes in which they come.
func TestFitsNeighbours(t *testing.T) {
	for _, c := range []struct{ is, document string }{
		{"a Shopify draft order", `{"draft_orders":[{"id":1,"invoice_url":"x","line_items":[{"title":"Tea","price":"2","grams":0}]}]}`},
		{"a Shopify draft order", `{"id":1,"invoice_sent_at":null,"line_items":[{"name":"Tea","price":"2","variant_title":"x"}]}`},
		{"a Shopify fulfillment", `{"id":1,"order_id":2,"tracking_number":null,"line_items":[{"title":"Tea","price":"2","grams":0}]}`},
		{"an abandoned checkout of Shopify", `{"checkouts":[{"abandoned_checkout_url":"x","line_items":[{"title":"Tea","price":"2"}]}]}`},
		{"a list of Shopify's products", `{"products":[{"id":1,"title":"Tea","body_html":"","vendor":"x","variants":[{"price":"2"}]}]}`},
		{"a list of Shopify's customers", `{"customers":[{"id":1,"first_name":"Ann","phone":"1","orders_count":2,"total_spent":"9.00"}]}`},
		{"Shopify's table of products", "Handle,Title,Body (HTML),Variant Price\ntea,Tea,,2\n"},
		{"Shopify's table of customers", "First Name,Last Name,Accepts Email Marketing,Phone,Total Spent,Total Orders\nAnn,Willow,yes,1,2,3\n"},
		{"a list of WooCommerce's products", `[{"id":1,"name":"Tea","price":"2","regular_price":"2","stock_status":"instock"}]`},
		{"a list of WooCommerce's subscriptions", `[{"id":1,"status":"active","billing_period":"month","billing_interval":"1","billing":{"phone":"1"},"line_items":[{"name":"Tea","total":"2"}]}]`},
		{"a list of WooCommerce's customers", `[{"id":1,"is_paying_customer":true,"billing":{"phone":"1"},"avatar_url":""}]`},
		{"an answer of WooCommerce's Store API", `{"id":1,"billing_address":{"phone":"1"},"items":[{"name":"Tea","quantity":1,"prices":{"price":"250","currency_minor_unit":2}}]}`},
		{"an event of Square's webhooks", `{"merchant_id":"m","type":"order.updated","event_id":"e","data":{"type":"order_updated","object":{"order_updated":{"order_id":"o"}}}}`},
		{"Square's list of ids", `{"order_entries":[{"order_id":"o","version":1}]}`},
		{"a payment of Square", `{"payments":[{"id":"p","amount_money":{"amount":1,"currency":"USD"},"source_type":"CARD"}]}`},
		{"Square's table of transactions", "Date,Gross Sales,Total Collected,Card Brand,PAN Suffix,Transaction ID\n2026-05-04,$2.00,$2.00,Visa,1111,a\n"},
		{"an event of Stripe's webhooks", `{"id":"evt_1","object":"event","api_version":"2024-06-20","data":{"object":{"id":"cs_1","customer_details":{"phone":"1"},"payment_status":"paid"}},"type":"checkout.session.completed"}`},
		{"a charge of Stripe", `{"object":"list","data":[{"id":"ch_1","amount":200,"captured":true,"balance_transaction":"x","billing_details":{"phone":"1"}}]}`},
		{"a payment intent of Stripe", `{"data":[{"id":"pi_1","amount":200,"amount_received":200,"capture_method":"automatic"}]}`},
		{"an answer of Amazon's older Orders API (v0)", `{"payload":{"Orders":[{"AmazonOrderId":"1","PurchaseDate":"2026-05-04T10:00:00Z","OrderStatus":"Shipped"}]}}`},
		{"a settlement report of Amazon", "settlement-id\ttransaction-type\torder-id\n1\tOrder\t2\n"},
		{"Amazon's report of all orders", "amazon-order-id\tmerchant-order-id\tpurchase-date\torder-status\tproduct-name\titem-status\tquantity\tcurrency\titem-price\n1\t\t2026-05-04T10:00:00+00:00\tShipped\tTea\tShipped\t1\tUSD\t2.50\n"},
		{"an event of BigCommerce's webhooks", `{"producer":"stores/x","hash":"h","scope":"store/order/created","data":{"type":"order","id":1}}`},
		{"a list of Magento's products", `{"items":[{"id":1,"sku":"t","name":"Tea","attribute_set_id":4,"price":2,"type_id":"simple"}],"search_criteria":{},"total_count":1}`},
		{"an invoice, a shipment or a refund of Magento", `{"items":[{"increment_id":"1","order_id":2,"items":[{"name":"Tea","price":2,"qty":1,"order_item_id":3}]}]}`},
		{"a list of Medusa's products", `{"products":[{"id":"prod_1","title":"Tea","handle":"tea","is_giftcard":false,"variants":[]}]}`},
		{"an answer of Saleor's GraphQL API", `{"data":{"orders":{"edges":[{"node":{"id":"1","created":"x","lines":[{"productName":"Tea"}]}}]}}}`},
		{"a delivery of DoorDash Drive", `{"external_delivery_id":"D-1","dropoff_phone_number":"1","items":[{"name":"Tea"}]}`},
		{"a receipt of Etsy's API", `{"count":1,"results":[{"receipt_id":1,"name":"Ann","transactions":[{"title":"Tea","price":{"amount":250,"divisor":100}}]}]}`},
		{"Etsy's table of orders", "Sale Date,Order ID,Buyer User ID,Full Name,Number of Items,Order Value\n05/04/26,1,ann,Ann Willow,1,2.50\n"},
		{"medusa1", `{"orders":[{"id":"order_1","cart_id":"cart_1","tax_rate":null,"currency_code":"eur","payment_status":"captured","items":[{"title":"Tea","unit_price":250,"quantity":1}]}]}`},
		{"medusa1", `{"order":{"id":"order_1","currency_code":"eur","items":[{"title":"Tea","unit_price":250,"quantity":1,"fulfilled_quantity":1,"allow_discounts":true}]}}`},
		{"medusa", `{"orders":[{"id":"order_1","currency_code":"eur","payment_status":"captured","fulfillment_status":"shipped","items":[{"title":"Tea","unit_price":2.5,"raw_unit_price":{"value":"2.5"}}]}]}`},
		{"woocommerce-legacy", `{"orders":[{"id":1,"order_number":"1","created_at":"2015-01-22T20:00:32Z","billing_address":{"first_name":"Ann","address_1":"1 Main","phone":"1"},"line_items":[{"name":"Tea","subtotal":"2.50","total":"2.50","price":"2.50","quantity":1}]}]}`},
	} {
		for _, name := range mappings.Names() {
			if got := fits(t, name, c.document); got != c.is && (got != "" || name != c.is) {
				t.Errorf("%s for %s: got %q\n%s", c.is, name, got, c.document)
			}
		}
		_, isPreset := mappings.Preset(c.is)
		if got := mappings.Guess([]byte(c.document)); got != "" && !(isPreset && got == c.is) {
			t.Errorf("%s: guessed %q", c.is, got)
		}
		if title, wayOut, ok := mappings.Neighbour([]byte(c.document)); ok == isPreset || ok && (title != c.is || !strings.HasSuffix(wayOut, ".")) {
			t.Errorf("%s: got the neighbour %q, %q", c.is, title, wayOut)
		}
	}
}

// What could be of several versions is never guessed.
func TestGuessNoVersion(t *testing.T) {
	for _, document := range []string{
		`{"orders":[{"id":"order_1","currency_code":"eur","shipping_address":{"phone":"1","first_name":"Ann"},"items":[{"title":"Tea","unit_price":3350,"quantity":2}]}]}`,
		`{"orders":[{"id":"order_1","currency_code":"eur","payment_status":"captured","fulfillment_status":"not_fulfilled","shipping_address":{"phone":"1","first_name":"Ann"},"items":[{"title":"Tea","unit_price":3350,"quantity":2}]}]}`,
	} {
		if got := mappings.Guess([]byte(document)); got != "" {
			t.Errorf("got %q for %s", got, document)
		}
	}
}

// What is in an order says nothing of the document, and neither does a table's content.
func TestFitsOnlyRecords(t *testing.T) {
	for _, c := range []struct{ preset, document string }{
		{"shopify", `{"id":1,"phone":"1","customer":{"id":2,"orders_count":3,"total_spent":"9.00","accepts_marketing":true},"line_items":[{"name":"Tea","price":"2"}]}`},
		{"shopify", `{"orders":[{"id":1,"phone":"1","line_items":[{"name":"Tea","price":"2","product":{"body_html":"","variants":[]}}]}]}`},
		{"woocommerce", `[{"id":1,"billing":{"phone":"1"},"line_items":[{"name":"Tea","price":2,"image":{}}],"refunds":[{"id":2,"refunded_by":3,"line_items":[]}]}]`},
		{"shopify-csv", "Name,Lineitem name,Lineitem price,Billing Phone\n#1,Price Point Name,1,2\n"},
	} {
		if got := fits(t, c.preset, c.document); got != "" {
			t.Errorf("%s: got %q for %s", c.preset, got, c.document)
		}
	}
}

// A mapping of the user's own is never refused.
func TestFitsOwnMapping(t *testing.T) {
	text, _ := mappings.PresetText("woocommerce")
	m, err := mappings.Parse("woocommerce", text)
	if err != nil {
		t.Fatal(err)
	}
	document := []byte(`{"orders":[{"id":1,"financial_status":"paid","line_items":[{"price_set":{}}]}]}`)
	if err := m.Fits(document); err != nil {
		t.Error(err)
	}
	preset, _ := mappings.Preset("woocommerce")
	if err := preset.Fits(document); err == nil || err.Error() != "this looks like a Shopify order (it has financial_status and line_items), which woocommerce does not read" {
		t.Errorf("got %v", err)
	}
}

// Tables are known by their header, wherever it stands and however it is written.
func TestFitsTables(t *testing.T) {
	for _, header := range []string{
		"Name,Lineitem name,Lineitem price\n", "\xef\xbb\xbfName;Lineitem name;Lineitem price\r\n", "Export of May\n\nName\tLINEITEM NAME \tLineitem price\n",
		"sep=|\nName|lineitem name|x\n", "\"Name\",\"Lineitem name\",\"Lineitem price\"\r",
	} {
		if got := fits(t, "ebay-csv", header); got != "shopify-csv" {
			t.Errorf("%q: got %q", header, got)
		}
	}
}
