package mappings_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
)

// A change is one order in two states, as a system's documents have them, and what is right
// for it, worked out by hand.
type change struct {
	preset, name  string
	before, after string
	// then is the order of the state after the change, as in expected.orders but without its
	// number, or the reason for which it is skipped. first is the same of the state before it.
	first, then string
	// inOrder reports whether nothing in the documents says which state is the later: the one
	// that comes last counts.
	inOrder bool
}

const (
	shopifyBefore = `{"orders":[{"id":4501,"created_at":"2026-05-04T09:00:00-04:00","updated_at":"2026-05-04T09:01:00-04:00","cancelled_at":null,"financial_status":"paid","currency":"USD","phone":"+12125550101","customer":{"first_name":"Ann","last_name":"Willow"},"line_items":[{"name":"Mug","price":"8.00","quantity":2,"current_quantity":2},{"name":"Tea","price":"5.00","quantity":1,"current_quantity":1}]}]}`
	shopifyFirst  = "4501|2026-05-04T09:00:00-04:00|USD|+12125550101|Ann Willow|Mug @ 8.00 * 2 USD|Tea @ 5.00 * 1 USD"
	graphqlBefore = `{"id":"gid://shopify/Order/7001","createdAt":"2026-05-04T13:00:00Z","updatedAt":"2026-05-04T13:01:00Z","cancelledAt":null,"displayFinancialStatus":"PENDING","currencyCode":"USD","phone":"+12125550101","customer":{"displayName":"Ann Willow"}}`
	graphqlFirst  = "7001|2026-05-04T13:00:00Z|USD|+12125550101|Ann Willow|Mug @ 8.0 * 2 USD"
	csvHeader     = "Name,Financial Status,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Phone,Cancelled at,Id\n"
	csvPaid       = csvHeader + "#1,paid,USD,2026-05-04 09:00:00 -0400,2,Mug,8.00,Ann Willow,+12125550101,,4501\n"
	wooFirst      = "801|2026-05-04T13:00:00|USD|212-555-0101|Ann Willow|Mug @ 8.00 * 2 USD"
	squareFirst   = "sq1|2026-05-04T13:00:00Z||+12125550101|Ann Willow|Latte Large @ 4.50 * 2 USD"
)

func woo(status, modified, phone string) string {
	return `[{"id":801,"status":"` + status + `","currency":"USD","date_created_gmt":"2026-05-04T13:00:00","date_modified_gmt":"` + modified + `","billing":{"first_name":"Ann","last_name":"Willow","phone":"` + phone + `"},"line_items":[{"name":"Mug","quantity":2,"subtotal":"16.00","total":"16.00","price":8}]}]`
}

func wooLegacy(status, updated string) string {
	return `{"order":{"id":701,"order_number":"701","status":"` + status + `","currency":"USD","created_at":"2026-05-04T13:00:00Z","updated_at":"` + updated + `","billing_address":{"first_name":"Ann","address_1":"x","phone":"1"},"line_items":[{"name":"Mug","quantity":1,"price":"8.00","subtotal":"8.00","total":"8.00"}]}}`
}

func square(state, due, updated string) string {
	return `{"orders":[{"id":"sq1","location_id":"L1","state":"` + state + `","created_at":"2026-05-04T13:00:00Z","updated_at":"` + updated + `","net_amount_due_money":{"amount":` + due + `,"currency":"USD"},"line_items":[{"name":"Latte","variation_name":"Large","quantity":"2","base_price_money":{"amount":450,"currency":"USD"}}],"fulfillments":[{"type":"PICKUP","pickup_details":{"recipient":{"display_name":"Ann Willow","phone_number":"+12125550101"}}}]}]}`
}

func toast(fields, payment string) string {
	return `[{"guid":"t-1","openedDate":"2026-05-04T17:00:00.000+0000",` + fields + `,"deleted":false,"createdInTestMode":false,"checks":[{"paymentStatus":"` + payment + `","customer":{"firstName":"Ann","lastName":"Willow","phone":"2125550101"},"selections":[{"displayName":"Ramen","receiptLinePrice":14.5,"quantity":1.0}]}]}]`
}

func clover(state, modified string) string {
	return `{"id":"CL1","currency":"USD","state":"` + state + `","payType":"FULL","createdTime":1777900320000,"modifiedTime":` + modified + `,"customers":{"elements":[{"firstName":"Ann","lastName":"Willow","phoneNumbers":{"elements":[{"phoneNumber":"1"}]}}]},"lineItems":{"elements":[{"name":"Burger","price":1299}]}}`
}

func bigcommerce(status, modified string) string {
	return `[{"id":301,"date_created":"Mon, 04 May 2026 13:00:00 +0000","date_modified":"` + modified + `","status_id":` + status + `,"default_currency_code":"USD","billing_address":{"first_name":"Ann","last_name":"Willow","phone":"1"},"products":[{"name":"Mug","price_ex_tax":"8.0000","quantity":2}]}]`
}

func magento(state, status, updated string) string {
	return `{"items":[{"increment_id":"61","state":"` + state + `","status":"` + status + `","created_at":"2026-05-04 13:00:00","updated_at":"` + updated + `","order_currency_code":"USD","billing_address":{"firstname":"Ann","lastname":"Willow","telephone":"1"},"items":[{"name":"Honey","price":6.5,"qty_ordered":2}]}]}`
}

func medusa(fields, price string) string {
	return `{"order":{"id":"order_1","cart_id":"cart_1","currency_code":"usd","created_at":"2026-05-04T13:00:00.000Z",` + fields + `,"shipping_address":{"first_name":"Ann","last_name":"Willow","phone":"1"},"items":[{"title":"Mug","unit_price":` + price + `,"quantity":2}]}}`
}

func saleor(status, updated string) string {
	return `[{"type":"Order","id":"T1","status":"` + status + `","created":"2026-05-04T13:00:00Z","updated_at":"` + updated + `","billing_address":{"first_name":"Ann","last_name":"Willow","phone":"1"},"lines":[{"product_name":"Mug","variant_name":"Blue","unit_price_gross_amount":"8.00","quantity":2,"currency":"USD"}]}]`
}

func odoo(state, written, quantity string) string {
	return `{"jsonrpc":"2.0","id":7,"result":[{"id":1,"state":"` + state + `","date_order":"2026-05-04 13:00:00","write_date":"` + written + `","partner_id":[7,"Ann Willow"],"partner_phone":"1","currency_id":[2,"USD"],"order_line":[{"product_id":[3,"Tea"],"price_unit":8.5,"product_uom_qty":` + quantity + `}]}]}`
}

func amazon(status, updated, price string) string {
	return `{"orders":[{"orderId":"111-1","createdTime":"2026-05-04T13:00:00Z","lastUpdatedTime":"` + updated + `","recipient":{"deliveryAddress":{"name":"Ann W.","phone":"1"}},"fulfillment":{"fulfillmentStatus":"` + status + `"},"orderItems":[{"quantityOrdered":2,"product":{"title":"Mug"` + price + `}}]}]}`
}

func stripe(status string) string {
	return `{"object":"list","data":[{"id":"cs_1","livemode":true,"created":1777900320,"currency":"usd","payment_status":"` + status + `","customer_details":{"name":"Ann Willow","phone":"1"},"line_items":{"data":[{"description":"Mug","quantity":2,"currency":"usd","amount_subtotal":1600,"amount_total":1600}]}}]}`
}

func uber(state string) string {
	return `{"id":"ue-1","current_state":"` + state + `","placed_at":"2026-05-04T17:00:00Z","eater":{"first_name":"Ann","last_name":"W.","phone":"1"},"cart":{"items":[{"title":"Ramen","quantity":1,"price":{"unit_price":{"amount":1450,"currency_code":"USD"}}}]}}`
}

var changes = []change{
	{
		preset: "shopify", name: "cancelled", before: shopifyBefore, first: shopifyFirst,
		after: `{"id":4501,"updated_at":"2026-05-05T10:00:00-04:00","cancelled_at":"2026-05-05T10:00:00-04:00"}`, then: "cancelled",
	},
	{ // without updated_at the time of the cancellation is enough
		preset: "shopify", name: "cancelled, in few words", before: shopifyBefore, first: shopifyFirst,
		after: `{"id":4501,"cancelled_at":"2026-05-05T10:00:00-04:00"}`, then: "cancelled",
	},
	{ // half an hour later, in another zone
		preset: "shopify", name: "edited", before: shopifyBefore, first: shopifyFirst,
		after: `{"order":{"id":4501,"created_at":"2026-05-04T09:00:00-04:00","updated_at":"2026-05-04T08:31:00-05:00","currency":"USD","phone":"+12125550102","customer":{"first_name":"Bo"},"line_items":[{"name":"Mug","price":"8.00","quantity":2,"current_quantity":1},{"name":"Tea","price":"5.00","quantity":1,"current_quantity":0}]}}`,
		then:  "4501|2026-05-04T09:00:00-04:00|USD|+12125550102|Bo|Mug @ 8.00 * 1 USD",
	},
	{
		preset: "shopify-graphql", name: "cancelled", first: graphqlFirst, then: "cancelled",
		before: graphqlBefore + "\n" + `{"name":"Mug","quantity":2,"originalUnitPriceSet":{"shopMoney":{"amount":"8.0","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/7001"}`,
		after:  `{"id":"gid://shopify/Order/7001","createdAt":"2026-05-04T13:00:00Z","updatedAt":"2026-05-05T13:00:00Z","cancelledAt":"2026-05-05T13:00:00Z","currencyCode":"USD"}`,
	},
	{
		preset: "shopify-graphql-answer", name: "refunded", first: graphqlFirst, then: "refunded",
		before: `{"data":{"order":` + strings.TrimSuffix(graphqlBefore, "}") + `,"lineItems":{"nodes":[{"name":"Mug","quantity":2,"originalUnitPriceSet":{"shopMoney":{"amount":"8.0","currencyCode":"USD"}}}]}}}}`,
		after:  `{"data":{"order":{"id":"gid://shopify/Order/7001","updatedAt":"2026-05-05T13:00:00Z","cancelledAt":null,"displayFinancialStatus":"REFUNDED","lineItems":{"nodes":[]}}}}`,
	},
	{
		preset: "shopify-csv", name: "cancelled", before: csvPaid, first: "4501|2026-05-04 09:00:00 -0400|USD|+12125550101|Ann Willow|Mug @ 8.00 * 2 USD",
		after: csvHeader + "#1,refunded,USD,2026-05-04 09:00:00 -0400,2,Mug,8.00,Ann Willow,+12125550101,2026-05-05 10:00:00 -0400,4501\n", then: "cancelled",
	},
	{ // the file does not say when an order was refunded
		preset: "shopify-csv", name: "refunded", before: csvPaid, first: "4501|2026-05-04 09:00:00 -0400|USD|+12125550101|Ann Willow|Mug @ 8.00 * 2 USD", inOrder: true,
		after: csvHeader + "#1,refunded,USD,2026-05-04 09:00:00 -0400,2,Mug,8.00,Ann Willow,+12125550101,,4501\n", then: "refunded",
	},
	{
		preset: "woocommerce", name: "cancelled", before: woo("processing", "2026-05-04T13:00:05", "212-555-0101"), first: wooFirst,
		after: woo("cancelled", "2026-05-05T09:00:00", "212-555-0101"), then: "cancelled",
	},
	{
		preset: "woocommerce", name: "paid", before: woo("on-hold", "2026-05-04T13:00:05", "212-555-0101"), first: "hold",
		after: woo("processing", "2026-05-06T09:00:00", "212-555-0101"), then: wooFirst,
	},
	{
		preset: "woocommerce", name: "placed in the second of its draft", before: woo("checkout-draft", "2026-05-04T13:00:05", "212-555-0101"), first: "draft",
		after: woo("processing", "2026-05-04T13:00:05", "212-555-0101"), then: wooFirst,
	},
	{
		preset: "woocommerce", name: "another phone", before: woo("processing", "2026-05-04T13:00:05", "212-555-0101"), first: wooFirst,
		after: woo("completed", "2026-05-04T13:00:06", "212-555-0102"), then: strings.Replace(wooFirst, "0101", "0102", 1),
	},
	{
		preset: "woocommerce-legacy", name: "refunded", before: wooLegacy("completed", "2026-05-04T13:00:05Z"), first: "701|2026-05-04T13:00:00Z|USD|1|Ann|Mug @ 8.00 * 1 USD",
		after: wooLegacy("refunded", "2026-05-05T13:00:05Z"), then: "refunded",
	},
	{
		preset: "square", name: "paid", before: square("OPEN", "900", "2026-05-04T13:00:00.100Z"), first: "hold",
		after: square("OPEN", "0", "2026-05-04T13:00:00.200Z"), then: squareFirst,
	},
	{
		preset: "square", name: "cancelled", before: square("OPEN", "0", "2026-05-04T13:00:00Z"), first: squareFirst,
		after: square("CANCELED", "0", "2026-05-04T14:00:00Z"), then: "cancelled",
	},
	{
		preset: "square-csv", name: "edited", inOrder: true,
		before: "Date,Time,Item,Qty,Price Point Name,Gross Sales,Net Sales,Transaction ID\n05/14/26,10:00:00,Latte,1.0,Large,$4.50,$4.50,sq1\n", first: "sq1|05/14/26 10:00:00||||Latte Large @ 4.50 * 1.0 ",
		after: "Date,Time,Item,Qty,Price Point Name,Gross Sales,Net Sales,Transaction ID\n05/14/26,10:00:00,Latte,2.0,Large,$9.00,$9.00,sq1\n", then: "sq1|05/14/26 10:00:00||||Latte Large @ 4.50 * 2.0 ",
	},
	{
		preset: "stripe", name: "paid", inOrder: true,
		before: stripe("unpaid"), first: "hold", after: stripe("paid"), then: "cs_1|1777900320|usd|1|Ann Willow|Mug @ 8.00 * 2 usd",
	},
	{
		preset: "toast", name: "closed", before: toast(`"modifiedDate":"2026-05-04T17:01:00.000+0000","voided":false`, "OPEN"), first: "hold",
		after: toast(`"modifiedDate":"2026-05-04T18:01:00.000+0000","voided":false`, "CLOSED"), then: "t-1|2026-05-04T17:00:00.000+0000||2125550101|Ann Willow|Ramen @ 14.5 * 1.0 ",
	},
	{ // the times of a void and of a removal are enough
		preset: "toast", name: "voided", before: toast(`"modifiedDate":"2026-05-04T18:01:00.000+0000","voided":false`, "CLOSED"), first: "t-1|2026-05-04T17:00:00.000+0000||2125550101|Ann Willow|Ramen @ 14.5 * 1.0 ",
		after: toast(`"voidDate":"2026-05-04T19:01:00.000+0000","voided":true`, "CLOSED"), then: "voided",
	},
	{
		preset: "toast", name: "deleted", before: toast(`"modifiedDate":"2026-05-04T18:01:00.000+0000","voided":false`, "CLOSED"), first: "t-1|2026-05-04T17:00:00.000+0000||2125550101|Ann Willow|Ramen @ 14.5 * 1.0 ",
		after: strings.Replace(toast(`"deletedDate":"2026-05-04T19:01:00.000+0000","voided":false`, "CLOSED"), `"deleted":false`, `"deleted":true`, 1), then: "deleted",
	},
	{
		preset: "clover", name: "paid", before: clover("open", "1777900380000"), first: "hold",
		after: clover("locked", "1777900390000"), then: "CL1|1777900320000|USD|1|Ann Willow|Burger @ 12.99 *  USD",
	},
	{
		preset: "doordash", name: "edited", inOrder: true,
		before: `{"id":"dd-1","created_at":"2026-05-04T17:00:00Z","currency":"USD","is_pickup":false,"consumer":{"first_name":"Ann","last_name":"W","phone":"1"},"categories":[{"items":[{"name":"Bagel","price":300,"quantity":1}]}]}`,
		first:  "dd-1|2026-05-04T17:00:00Z|USD|1|Ann W|Bagel @ 3.00 * 1 USD",
		after:  `{"id":"dd-1","created_at":"2026-05-04T17:00:00Z","currency":"USD","is_pickup":false,"consumer":{"first_name":"Ann","last_name":"W","phone":"1"},"categories":[{"items":[{"name":"Bagel","price":300,"quantity":2}]}]}`,
		then:   "dd-1|2026-05-04T17:00:00Z|USD|1|Ann W|Bagel @ 3.00 * 2 USD",
	},
	{ // an order that waits for the restaurant counts
		preset: "ubereats", name: "denied", inOrder: true,
		before: uber("CREATED"), first: "ue-1|2026-05-04T17:00:00Z||1|Ann W.|Ramen @ 14.50 * 1 USD", after: uber("DENIED"), then: "denied",
	},
	{ // as texts these times sort the other way around
		preset: "bigcommerce", name: "cancelled", before: bigcommerce("11", "Mon, 04 May 2026 13:00:05 +0000"), first: "301|Mon, 04 May 2026 13:00:00 +0000|USD|1|Ann Willow|Mug @ 8.0000 * 2 USD",
		after: bigcommerce("5", "Fri, 08 May 2026 09:00:00 +0000"), then: "cancelled",
	},
	{
		preset: "bigcommerce", name: "paid", before: bigcommerce("7", "Mon, 04 May 2026 13:00:05 +0000"), first: "hold",
		after: bigcommerce("11", "Fri, 08 May 2026 09:00:00 +0000"), then: "301|Mon, 04 May 2026 13:00:00 +0000|USD|1|Ann Willow|Mug @ 8.0000 * 2 USD",
	},
	{
		preset: "magento", name: "cancelled", before: magento("new", "pending", "2026-05-04 13:00:05"), first: "61|2026-05-04 13:00:00|USD|1|Ann Willow|Honey @ 6.5 * 2 USD",
		after: magento("canceled", "canceled", "2026-05-05 09:00:00"), then: "cancelled",
	},
	{
		preset: "magento", name: "released", before: magento("holded", "waiting", "2026-05-04 13:00:05"), first: "hold",
		after: magento("processing", "processing", "2026-05-04 13:00:06"), then: "61|2026-05-04 13:00:00|USD|1|Ann Willow|Honey @ 6.5 * 2 USD",
	},
	{
		preset: "medusa", name: "cancelled", before: medusa(`"status":"pending","updated_at":"2026-05-04T13:00:05.000Z"`, "8"), first: "order_1|2026-05-04T13:00:00.000Z|usd|1|Ann Willow|Mug @ 8 * 2 usd",
		after: medusa(`"status":"canceled","canceled_at":"2026-05-05T13:00:05.000Z"`, "8"), then: "cancelled",
	},
	{
		preset: "medusa1", name: "cancelled", before: medusa(`"status":"pending","updated_at":"2026-05-04T13:00:05.000Z"`, "800"), first: "order_1|2026-05-04T13:00:00.000Z|usd|1|Ann Willow|Mug @ 8.00 * 2 usd",
		after: medusa(`"status":"canceled","canceled_at":"2026-05-05T13:00:05.000Z"`, "800"), then: "cancelled",
	},
	{
		preset: "medusa1", name: "paid", before: medusa(`"status":"pending","payment_status":"requires_action","updated_at":"2026-05-04T13:00:05.000Z"`, "800"), first: "hold",
		after: medusa(`"status":"pending","payment_status":"captured","updated_at":"2026-05-04T13:00:06.000Z"`, "800"), then: "order_1|2026-05-04T13:00:00.000Z|usd|1|Ann Willow|Mug @ 8.00 * 2 usd",
	},
	{
		preset: "saleor", name: "confirmed", before: saleor("UNCONFIRMED", "2026-05-04T13:00:05.000001Z"), first: "hold",
		after: saleor("UNFULFILLED", "2026-05-04T14:00:05Z"), then: "T1|2026-05-04T13:00:00Z||1|Ann Willow|Mug Blue @ 8.00 * 2 USD",
	},
	{
		preset: "odoo", name: "confirmed", before: odoo("sent", "2026-05-04 13:00:05", "1.0"), first: "hold",
		after: odoo("sale", "2026-05-04 14:00:05", "2.0"), then: "1|2026-05-04 13:00:00|USD|1|Ann Willow|Tea @ 8.5 * 2.0 USD",
	},
	{ // an order that is pending has no prices
		preset: "amazon", name: "paid", before: amazon("PENDING", "2026-05-04T13:00:05Z", ""), first: "hold",
		after: amazon("UNSHIPPED", "2026-05-04T13:30:05Z", `,"price":{"unitPrice":{"amount":"8.00","currencyCode":"USD"}}`), then: "111-1|2026-05-04T13:00:00Z||1|Ann W.|Mug @ 8.00 * 2 USD",
	},
	{
		preset: "amazon-tsv", name: "edited", inOrder: true,
		before: "order-id\tpurchase-date\tbuyer-phone-number\tbuyer-name\tproduct-name\tquantity-purchased\tcurrency\titem-price\n111-1\t2026-05-04T13:00:00Z\t1\tAnn\tMug\t2\tUSD\t16.00\n", first: "111-1|2026-05-04T13:00:00Z|USD|1|Ann|Mug @ 8.00 * 2 USD",
		after: "order-id\tpurchase-date\tbuyer-phone-number\tbuyer-name\tproduct-name\tquantity-purchased\tcurrency\titem-price\n111-1\t2026-05-04T13:00:00Z\t1\tAnn\tMug\t1\tUSD\t8.00\n", then: "111-1|2026-05-04T13:00:00Z|USD|1|Ann|Mug @ 8.00 * 1 USD",
	},
	{
		preset: "ebay-csv", name: "edited", inOrder: true,
		before: "Order Number,Sale Date,Ship To Name,Ship To Phone,Item Title,Quantity,Sold For\n01-1,May-04-26,Ann,1,Mug,2,$8.00\n", first: "01-1|May-04-26||1|Ann|Mug @ 8.00 * 2 ",
		after: "Order Number,Sale Date,Ship To Name,Ship To Phone,Item Title,Quantity,Sold For\n01-1,May-04-26,Ann,1,Mug,1,$8.00\n", then: "01-1|May-04-26||1|Ann|Mug @ 8.00 * 1 ",
	},
	{
		preset: "etsy-csv", name: "edited", inOrder: true,
		before: "Sale Date,Order ID,Item Name,Quantity,Price,Item Total,Currency,Listing ID\n05/04/26,3001,Mug,2,8.00,16.00,USD,9\n", first: "3001|05/04/26|USD|||Mug @ 8.00 * 2 USD",
		after: "Sale Date,Order ID,Item Name,Quantity,Price,Item Total,Currency,Listing ID\n05/04/26,3001,Mug,1,8.00,8.00,USD,9\n", then: "3001|05/04/26|USD|||Mug @ 8.00 * 1 USD",
	},
}

// Of an order that was changed the later state counts, whichever of them comes first. Where
// nothing says which is the later, the one that comes last counts.
func TestChanges(t *testing.T) {
	var tested []string
	for _, c := range changes {
		tested = append(tested, c.preset)
		t.Run(c.preset+", "+c.name, func(t *testing.T) {
			m, ok := mappings.Preset(c.preset)
			if !ok {
				t.Fatal("no such preset")
			}
			if hasTime := len(m.Updated) > 0; !hasTime && !c.inOrder {
				t.Error("the preset has no times of changes")
			}
			c.test(t, m, c.first, c.before)
			c.test(t, m, c.then, c.after)
			c.test(t, m, c.then, c.before, c.after)
			last := c.then
			if c.inOrder {
				last = c.first
			}
			c.test(t, m, last, c.after, c.before)
			c.test(t, m, last, c.after, c.before, c.before)
		})
	}
	slices.Sort(tested)
	if tested = slices.Compact(tested); !slices.Equal(tested, mappings.Names()) {
		t.Errorf("changes of %v, presets %v", tested, mappings.Names())
	}
}

// test reads documents, of which one is a state that wins.
func (c *change) test(t *testing.T, m *mappings.Mapping, want string, documents ...string) {
	t.Helper()
	var sources []input.Source
	for _, text := range documents {
		sources = append(sources, input.Reader("in", strings.NewReader(text)))
	}
	options := orders.Options{Mapping: &m.Mapping, Reject: func(r *orders.Reject) error { return r }}
	var got []string
	for o, err := range orders.All(context.Background(), sources, options) {
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(asText(o), "|")
		got = append(got, text)
	}
	isOrder := strings.Contains(want, "|")
	if isOrder && !slices.Equal(got, []string{want}) || !isOrder && len(got) > 0 {
		t.Errorf("%d documents: got %q, want %q", len(documents), got, want)
	}
	if isOrder || len(documents) > 1 {
		return
	}
	if skipped := skippedBy(t, m, input.Reader("in", strings.NewReader(documents[0]))); len(skipped) != 1 || skipped[want] != 1 {
		t.Errorf("skipped: got %v, want 1 %s", skipped, want)
	}
}
