package mappings_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/mappings"
	"process-orders/orders"
)

// expected is the result of a preset's document, worked out by hand.
type expected struct {
	preset, file string
	// orders are the accepted ones:
	// NUMBER|ID|TIME|CURRENCY|PHONE|NAME|ITEM @ PRICE * QUANTITY CURRENCY|…
	orders []string
	// customers are PHONE: NAME, and items are ITEM: PRICE and the number of lines. Name
	// and price are the latest. Both are in the order of their first appearance.
	customers, items []string
	// skipped is how many orders were skipped, and lines how many lines, by reason. noPhone
	// has the numbers of the orders without a phone, which are accepted like the others.
	skipped, lines map[string]int64
	noPhone        []int64
	// rejected are other orders that cannot be accepted: NUMBER PATH: REASON.
	rejected []string
}

var documents = []expected{
	{
		preset: "shopify", file: "shopify.json",
		orders: []string{
			"1|4501|2026-05-04T09:12:00-04:00|USD|+1 212-555-0101|Ann Willow|Mug - Blue @ 8.00 * 2 USD|Green Tea @ 5.00 * 1 USD",
			"2|4502|2026-05-04T10:00:00-04:00|USD|212-555-01TO|Bob Stone|Mug - Blue @ 8.50 * 1 USD",
			"3|4503|2026-05-04T11:00:00-04:00|JPY|212-555-0103|C. Reed|Tea “Sencha” @ 1200 * 1 JPY",
			"4|4504|2026-05-04T12:00:00-04:00|USD|212-555-0104|Dora",
			"9|4509|2026-05-04T17:00:00-04:00|USD|||Mug - Blue @ 9.99 * 1 USD",
			"10|4510|2026-05-04T18:00:00-04:00|USD|+1 212-555-0101|Anna Willow|Green Tea @ 5.25 * 3 USD|Green Tea @ 0.00 * 1 USD",
			"11|4511|2026-05-04T19:00:00-04:00|USD|212-555-0111|Gil Reeves|Mug - Blue @ 8.25 * 1 USD|Old Lamp @ 9.00 * 1 USD",
		},
		customers: []string{"+1 212-555-0101: Anna Willow", "212-555-01TO: Bob Stone", "212-555-0103: C. Reed", "212-555-0104: Dora", "212-555-0111: Gil Reeves"},
		items:     []string{"Mug - Blue: 8.25, 4", "Green Tea: 0.00, 3", "Tea “Sencha”: 1200, 1", "Old Lamp: 9.00, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "voided": 1, "refunded": 1},
		lines:     map[string]int64{"removed": 1, "gift_card": 1, "tip": 2},
		noPhone:   []int64{9},
	},
	{
		preset: "shopify-graphql", file: "shopify-graphql.jsonl",
		orders: []string{
			"1|7001|2026-05-04T13:12:00Z|USD|+12125550101|Ann Willow|Mug - Blue @ 8.0 * 2 USD|Green Tea @ 5.0 * 1 USD",
			"2|7002|2026-05-04T14:00:00Z|JPY|212-555-0102||Sencha @ 1200.0 * 1 JPY",
			"6|7006|2026-05-04T18:00:00Z|USD|+12125550101|Anna Willow|Green Tea @ 5.25 * 3 USD",
			"7|7007|2026-05-04T19:00:00Z|USD|||Mug - Blue @ 8.0 * 1 USD",
			"8|7008|2026-05-04T20:00:00Z|USD|212-555-0108|Hal Birch",
		},
		customers: []string{"+12125550101: Anna Willow", "212-555-0102: ", "212-555-0108: Hal Birch"},
		items:     []string{"Mug - Blue: 8.0, 2", "Green Tea: 5.25, 2", "Sencha: 1200.0, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "voided": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "shopify-graphql-answer", file: "shopify-graphql-answer.json",
		orders: []string{
			"1|7101|2026-05-04T13:12:00Z|USD|+12125550101|Ann Willow|Mug - Blue @ 8.0 * 2 USD|Green Tea @ 5.0 * 1 USD",
			"2|7102|2026-05-04T14:00:00Z|JPY|212-555-0102||Sencha @ 1200.0 * 1 JPY",
			"6|7106|2026-05-04T18:00:00Z|USD||",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: "},
		items:     []string{"Mug - Blue: 8.0, 1", "Green Tea: 5.0, 1", "Sencha: 1200.0, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "refunded": 1},
		noPhone:   []int64{6},
	},
	{
		preset: "shopify-csv", file: "shopify-csv.csv",
		orders: []string{
			"1|4501|2026-05-04 09:12:00 -0400|USD|+12125550101|Ann Willow|Mug - Blue @ 8.00 * 2 USD|Green Tea, \"Sencha\" @ 5.00 * 1 USD",
			"2|4502|2026-05-04 10:00:00 -0400|JPY|212-555-0102|Bob Stone|Sencha @ 1200 * 1 JPY",
			"3|4503|2026-05-04 11:00:00 -0400|USD|212-555-0103||Mug - Blue @ 8.50 * 1 USD",
			"7|4507|2026-05-04 15:00:00 -0400|USD|||Mug - Blue @ 8.50 * 1 USD",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: Bob Stone", "212-555-0103: "},
		items:     []string{"Mug - Blue: 8.50, 3", "Green Tea, \"Sencha\": 5.00, 1", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"refunded": 1, "voided": 1, "cancelled": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "woocommerce", file: "woocommerce.json",
		orders: []string{
			"1|801|2026-05-04T13:12:00|USD|(212) 555-0101|Ann Willow|Shirt – Blue, M @ 12.00 * 1 USD|Tea & Honey @ 7.50 * 2 USD",
			"2|802|2026-05-04T14:00:00|EUR|212-555-0102|Zoë O’Hara|Gift\u00a0Card @ 15 * 1 EUR",
			"3|803|2026-05-04T15:00:00|USD|212-555-0103||Tea & Honey @ 6.666667 * 1 USD",
			"9|809|2026-05-04T19:00:00|USD|||Tea & Honey @ 9 * 1 USD",
			"10|810|2026-05-04T20:00:00|USD|212-555-0110|Gil Reeves|Widget @ 14.31 * 10 USD|Three Pack @ 3.33 * 3 USD",
		},
		customers: []string{"(212) 555-0101: Ann Willow", "212-555-0102: Zoë O’Hara", "212-555-0103: ", "212-555-0110: Gil Reeves"},
		items:     []string{"Shirt – Blue, M: 12.00, 1", "Tea & Honey: 9, 3", "Gift\u00a0Card: 15, 1", "Widget: 14.31, 1", "Three Pack: 3.33, 1"},
		skipped:   map[string]int64{"cancelled": 1, "refunded": 1, "failed": 1, "trash": 1, "draft": 1, "hold": 2},
		noPhone:   []int64{9},
	},
	{
		preset: "square", file: "square.json",
		orders: []string{
			"1|sqA1|2026-05-04T13:12:00Z||+12125550101|Ann Willow|Latte Large @ 5.20 * 2 USD|Beans @ 18.99 * 0.75 USD",
			"2|sqA2|2026-05-04T14:00:00Z||212-555-0102|Bob Stone|Sencha 100 g @ 1200 * 1 JPY",
			"3|sqA3|2026-05-04T15:00:00Z||212-555-0103||Dates @ 12.345 * 2.25 KWD",
			"6|sqA6|2026-05-04T18:00:00Z||||Latte Large @ 4.50 * 1 USD",
			"7|sqA7|2026-05-04T19:00:00Z||+12125550101|Anna Willow|Latte Large @ 0.05 * 1 USD",
			"8|sqA8|2026-05-04T20:00:00Z|||",
			"9|sqA9|2026-05-04T21:00:00Z||212-555-0109|Cy Coe|Bagel @ 3.00 * 1 USD",
		},
		customers: []string{"+12125550101: Anna Willow", "212-555-0102: Bob Stone", "212-555-0103: ", "212-555-0109: Cy Coe"},
		items:     []string{"Latte Large: 0.05, 3", "Beans: 18.99, 1", "Sencha 100 g: 1200, 1", "Dates: 12.345, 1", "Bagel: 3.00, 1"},
		skipped:   map[string]int64{"cancelled": 1, "draft": 1, "hold": 1},
		lines:     map[string]int64{"custom_amount": 1, "gift_card": 1, "returned": 1},
		noPhone:   []int64{6, 8},
	},
	{
		preset: "stripe", file: "stripe.json",
		orders: []string{
			"1|cs_live_a1|1777900320|usd|+12125550101|Ann Willow|Mug, blue @ 8.00 * 2 usd|Green tea @ 0.05 * 1 usd",
			"2|cs_live_a2|1777903200|jpy|212-555-0102||Sencha @ 1200 * 1 jpy",
			"3|cs_live_a3|1777906800|kwd|212-555-0103|C. Reed|Dates @ 12.340 * 1 kwd",
			"6|cs_live_a6|1777917600|usd||",
			"8|cs_live_a8|1777924800|usd|212-555-0108|Cy Coe|Donation @ 7.00 * 1 usd",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: ", "212-555-0103: C. Reed", "212-555-0108: Cy Coe"},
		items:     []string{"Mug, blue: 8.00, 1", "Green tea: 0.05, 1", "Sencha: 1200, 1", "Dates: 12.340, 1", "Donation: 7.00, 1"},
		skipped:   map[string]int64{"test": 1, "hold": 1, "expired": 1},
		noPhone:   []int64{6},
		rejected:  []string{"7 line_items.data: missing, so this is no order"},
	},
	{
		preset: "toast", file: "toast.json",
		orders: []string{
			"1|t-1|2026-05-04T17:12:00.000+0000||2125550101|Ann Willow|Ramen @ 16.0 * 2.0 ",
			"2|t-2|2026-05-04T18:00:00.000+0000||2125550102|Bob|Green Tea @ 3.0 * 1.0 |Olives, by weight @ 18.8 * 0.225 ",
			"7|t-7|2026-05-04T21:00:00.000+0000||||Ramen @ 14.5 * 1.0 ",
			"8|t-8|2026-05-04T22:00:00.000+0000||2125550101|Anna Willow|Ramen @ 15.0 * 1.0 ",
			"9|t-9|2026-05-04T23:00:00.000+0000||2125550109|Cy Coe|Green Tea @ 3.5 * 1.0 ",
		},
		customers: []string{"2125550101: Anna Willow", "2125550102: Bob", "2125550109: Cy Coe"},
		items:     []string{"Ramen: 15.0, 3", "Green Tea: 3.5, 2", "Olives, by weight: 18.8, 1"},
		lines:     map[string]int64{"voided": 2, "gift_card": 1},
		skipped:   map[string]int64{"voided": 1, "deleted": 1, "test": 1, "excess_food": 1, "hold": 2, "not_approved": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "bigcommerce", file: "bigcommerce.json",
		orders: []string{
			"1|301|Mon, 04 May 2026 13:12:00 +0000|USD|2125550101|Ann Willow|Mug @ 8.0000 * 2 USD|Green Tea @ 5.0000 * 1 USD",
			"2|302|Mon, 04 May 2026 14:00:00 +0000|USD|212-555-0102|Stone|Mug @ 8.5000 * 1 USD",
			"6|306|Mon, 04 May 2026 18:00:00 +0000|USD||",
		},
		customers: []string{"2125550101: Ann Willow", "212-555-0102: Stone"},
		items:     []string{"Mug: 8.5000, 2", "Green Tea: 5.0000, 1"},
		skipped:   map[string]int64{"refunded": 1, "cancelled": 1, "declined": 1, "hold": 2},
		noPhone:   []int64{6},
		rejected:  []string{"7 products[0].name: missing"},
	},
	{
		preset: "magento", file: "magento.json",
		orders: []string{
			"1|000000061|2026-05-04 13:12:00|USD|2125550101|Ann Willow|Tea Set @ 30 * 1 USD|Honey @ 6.5 * 2 USD",
			"2|000000062|2026-05-04 14:00:00|EUR|212-555-0102|Bob Stone|Rice, loose @ 3.2 * 1.75 EUR",
			"5|000000065|2026-05-04 17:00:00|USD||",
			"6|000000066|2026-05-04 18:00:00|USD|2125550101|Other|Honey @ 6.95 * 1 USD",
		},
		customers: []string{"2125550101: Other", "212-555-0102: Bob Stone"},
		items:     []string{"Tea Set: 30, 1", "Honey: 6.95, 2", "Rice, loose: 3.2, 1"},
		skipped:   map[string]int64{"cancelled": 1, "closed": 1, "hold": 2},
		lines:     map[string]int64{"bundle": 2},
		noPhone:   []int64{5},
	},
	{
		preset: "amazon", file: "amazon.json",
		orders: []string{
			"1|111-0000001-0000001|2026-05-04T13:12:00Z||+1 212-555-0101 ext. 12345|Ann W.|Mug, blue @ 8.00 * 2 USD|Green tea @ 5.00 * 1 USD",
			"2|111-0000002-0000002|2026-05-04T14:00:00Z||212-555-0102||Sencha @ 1200 * 1 JPY",
			"4|111-0000004-0000004|2026-05-04T16:00:00Z||||Green tea @ 5.50 * 1 USD",
			"5|111-0000005-0000005|2026-05-04T17:00:00Z||+1 212-555-0101 ext. 12345|Anna Willow|Green tea @ 5.25 * 3 USD",
		},
		customers: []string{"+1 212-555-0101 ext. 12345: Anna Willow", "212-555-0102: "},
		items:     []string{"Mug, blue: 8.00, 1", "Green tea: 5.25, 3", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1, "hold": 1},
		noPhone:   []int64{4},
	},
	{
		preset: "ubereats", file: "ubereats.json",
		orders: []string{
			"1|ue-1|2026-05-04T17:12:00Z||+1 212-555-0101|Ann W.|Ramen @ 14.50 * 2 USD",
			"2|ue-2|2026-05-04T18:00:00Z||212-555-0102|Bob|Sencha @ 450 * 1 JPY|Ramen @ 0.09 * 1 USD",
			"5|ue-5|2026-05-04T21:00:00Z|||",
		},
		customers: []string{"+1 212-555-0101: Ann W.", "212-555-0102: Bob"},
		items:     []string{"Ramen: 0.09, 2", "Sencha: 450, 1"},
		skipped:   map[string]int64{"cancelled": 1, "denied": 1},
		noPhone:   []int64{5},
	},
	{
		preset: "medusa", file: "medusa.json",
		orders: []string{
			"1|order_01A|2026-05-04T13:12:00.000Z|usd|2125550101|Ann Willow|Mug @ 8 * 2 usd|Green Tea @ 5.25 * 1 usd",
			"2|order_01B|2026-05-04T14:00:00.000Z|jpy|212-555-0102|Bob Stone|Sencha @ 1200 * 1 jpy",
			"4|order_01D|2026-05-04T16:00:00.000Z|usd||",
			"5|order_01E|2026-05-04T17:00:00.000Z|usd|2125550101|Anna Willow|Green Tea @ 5.5 * 1.5 usd",
		},
		customers: []string{"2125550101: Anna Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Mug: 8, 1", "Green Tea: 5.5, 2", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1, "hold": 1},
		noPhone:   []int64{4},
	},
	{
		preset: "saleor", file: "saleor.json",
		orders: []string{
			"1|T3JkZXI6MQ==|2026-05-04T13:12:00.000000Z||+12125550101|Ann Willow|Mug Blue @ 8.00 * 2 USD|Green Tea @ 5.00 * 1 USD",
			"2|T3JkZXI6Mg==|2026-05-04T14:00:00Z||212-555-0102|Bob Stone|Sencha 100 g @ 1200 * 1 JPY",
			"6|T3JkZXI6Ng==|2026-05-04T18:00:00Z|||",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Mug Blue: 8.00, 1", "Green Tea: 5.00, 1", "Sencha 100 g: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1, "draft": 1, "hold": 1, "expired": 1},
		noPhone:   []int64{6},
	},
	{
		preset: "medusa1", file: "medusa1.json",
		orders: []string{
			"1|order_01A|2026-05-04T13:12:00.000Z|usd|2125550101|Ann Willow|Mug @ 8.00 * 2 usd",
			"2|order_01B|2026-05-04T14:00:00.000Z|jpy|212-555-0102|Bob Stone|Sencha @ 1200 * 1 jpy",
			"5|order_01E|2026-05-04T17:00:00.000Z|usd|||Mug @ 8.50 * 1 usd",
		},
		customers: []string{"2125550101: Ann Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Mug: 8.50, 2", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1, "refunded": 1, "hold": 1},
		lines:     map[string]int64{"gift_card": 1, "returned": 1},
		noPhone:   []int64{5},
	},
	{
		preset: "woocommerce-legacy", file: "woocommerce-legacy.json",
		orders: []string{
			"1|701|2026-05-04T13:12:00Z|USD|(212) 555-0101|Ann Willow|Shirt – Blue, M @ 12.00 * 1 USD|Tea & Honey @ 7.50 * 2 USD",
			"2|702|2026-05-04T14:00:00Z|USD|212-555-0102|Bob Stone|Three Pack @ 3.33 * 3 USD",
			"6|706|2026-05-04T18:00:00Z|USD|||Tea & Honey @ 8.00 * 1 USD",
		},
		customers: []string{"(212) 555-0101: Ann Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Shirt – Blue, M: 12.00, 1", "Tea & Honey: 8.00, 2", "Three Pack: 3.33, 1"},
		skipped:   map[string]int64{"cancelled": 1, "refunded": 1, "failed": 1, "hold": 1},
		noPhone:   []int64{6},
	},
	{
		preset: "clover", file: "clover.json",
		orders: []string{
			"1|CL1|1777900320000|USD|2125550101|Ann Willow|Burger @ 16.49 * 1 USD|Salad Bar @ 8.99 * 1.5 USD",
			"2|CL2|1777903200000|USD|||Fries @ 4.00 *  USD",
		},
		customers: []string{"2125550101: Ann Willow"},
		items:     []string{"Burger: 16.49, 1", "Salad Bar: 8.99, 1", "Fries: 4.00, 1"},
		skipped:   map[string]int64{"test": 1, "hold": 1},
		lines:     map[string]int64{"refunded": 1, "exchanged": 1, "no_revenue": 1},
		noPhone:   []int64{2},
	},
	{
		preset: "doordash", file: "doordash.jsonl",
		orders: []string{
			"1|dd-1|2026-05-04T17:12:00.000000+00:00|USD|2125550101|Ann W|Plain Bagel @ 3.33 * 1 USD|Latte @ 4.50 * 2 USD",
			"2|dd-2|2026-05-04T18:00:00Z|USD|||Latte @ 4.75 * 1 USD",
		},
		customers: []string{"2125550101: Ann W"},
		items:     []string{"Plain Bagel: 3.33, 1", "Latte: 4.75, 2"},
		noPhone:   []int64{2},
	},
	{
		preset: "odoo", file: "odoo.json",
		orders: []string{
			"1|1|2026-05-04 13:12:00|USD|+12125550101|Ann Willow|[TEA] Green Tea @ 8.5 * 2.0 USD|Gift wrap @ 2.0 * 1.0 USD",
			"2|2|2026-05-04 14:00:00|EUR|||[TEA] Green Tea @ 8.0 * 1.0 EUR",
		},
		customers: []string{"+12125550101: Ann Willow"},
		items:     []string{"[TEA] Green Tea: 8.0, 2", "Gift wrap: 2.0, 1"},
		skipped:   map[string]int64{"cancelled": 1, "hold": 1},
		lines:     map[string]int64{"section": 1, "delivery": 1},
		noPhone:   []int64{2},
	},
	{
		preset: "square-csv", file: "square-csv.csv",
		orders: []string{
			"1|sqT1|2026-05-04 09:12:00||||Latte Large @ 5.20 * 2.0 |Beans @ 19.00 * 0.75 ",
			"2|sqT2|2026-05-04 10:00:00||||Latte Large @ 1036.00 * 1.0 ",
			"3|sqT3|2026-05-04 11:00:00|||",
		},
		items:   []string{"Latte Large: 1036.00, 2", "Beans: 19.00, 1"},
		lines:   map[string]int64{"custom_amount": 1, "returned": 1},
		noPhone: []int64{1, 2, 3},
	},
	{
		preset: "etsy-csv", file: "etsy-csv.csv",
		orders: []string{
			"1|3001|05/04/26|USD|||Mug, blue @ 8.00 * 2 USD|Candle @ 5.00 * 1 USD",
			"2|3002|05/05/26|USD|||Candle @ 5.50 * 3 USD",
		},
		items:   []string{"Mug, blue: 8.00, 1", "Candle: 5.50, 2"},
		noPhone: []int64{1, 2},
	},
	{
		preset: "ebay-csv", file: "ebay-csv.csv",
		orders: []string{
			"1|01-00001-00001|May-04-26||+1 212-555-0101|Ann Willow|Mug, blue @ 8.00 * 2 ",
			"2|01-00002-00002|May-05-26||212-555-0102|Gil Reeves|Lamp @ 18.00 * 1 |Mug, blue @ 8.50 * 1 ",
			"3|01-00003-00003|May-06-26||||Lamp @ 19.00 * 1 ",
		},
		customers: []string{"+1 212-555-0101: Ann Willow", "212-555-0102: Gil Reeves"},
		items:     []string{"Mug, blue: 8.50, 2", "Lamp: 19.00, 2"},
		skipped:   map[string]int64{"footer": 1},
		lines:     map[string]int64{"sum": 1},
		noPhone:   []int64{3},
	},
	{
		preset: "amazon-tsv", file: "amazon-tsv.tsv",
		orders: []string{
			"1|111-0000001-0000001|2026-05-04T13:12:00+00:00|USD|212-555-0101|Ann Willow|Mug, 12\" tall @ 8.00 * 2 USD|\"Best\" tea @ 5.00 * 1 USD",
			"2|111-0000002-0000002|2026-05-04T14:00:00+00:00|USD|212-555-0102|Cleo Reed|Mug, 12\" tall @ 8.50 * 1 USD",
			"3|111-0000003-0000003|2026-05-04T15:00:00+00:00|USD|||\"Best\" tea @ 5.25 * 3 USD",
		},
		customers: []string{"212-555-0101: Ann Willow", "212-555-0102: Cleo Reed"},
		items:     []string{"Mug, 12\" tall: 8.50, 2", "\"Best\" tea: 5.25, 2"},
		noPhone:   []int64{3},
	},
}

func TestPresets(t *testing.T) {
	var tested []string
	for _, want := range documents {
		tested = append(tested, want.preset)
		t.Run(want.preset, func(t *testing.T) {
			m, ok := mappings.Preset(want.preset)
			if !ok {
				t.Fatal("no such preset")
			}
			want.compare(t, read(t, m, file(t, want.file)))
			want.totals(t, m)
		})
	}
	slices.Sort(tested)
	if !slices.Equal(tested, mappings.Names()) {
		t.Errorf("documents for %v, presets %v", tested, mappings.Names())
	}
}

// Every preset is a kind, and every kind that names a preset has one.
func TestKindsAreThePresets(t *testing.T) {
	var names []string
	for _, name := range mappings.Kinds() {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, mappings.Names()) {
		t.Errorf("got kinds of %v, want %v", names, mappings.Names())
	}
}

func file(t *testing.T, name string) input.Source {
	t.Helper()
	source, err := input.File(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// result is what is read from a document by a mapping.
type result struct {
	orders   []string
	rejected []string
	noPhone  []int64
	fold
	err error
}

func read(t *testing.T, m *mappings.Mapping, source input.Source) (got result) {
	t.Helper()
	options := orders.Options{Mapping: &m.Mapping, Reject: func(r *orders.Reject) error {
		got.rejected = append(got.rejected, fmt.Sprintf("%d %s: %s", r.Order, r.Path, r.Reason))
		return nil
	}}
	for o, err := range orders.All(context.Background(), []input.Source{source}, options) {
		if err != nil {
			got.err = err
			break
		}
		o = o.Clone()
		if len(o.Phone) == 0 {
			got.noPhone = append(got.noPhone, o.Number)
			o.Name = nil // it is nobody's
		}
		got.orders = append(got.orders, asText(o))
		got.add(o)
	}
	return got
}

// asText is an order in the form of expected.orders.
func asText(o orders.Order) string {
	s := fmt.Sprintf("%d|%s|%s|%s|%s|%s", o.Number, o.ID, o.Time, o.Currency, o.Phone, o.Name)
	for _, l := range o.Lines {
		s += fmt.Sprintf("|%s @ %s * %s %s", l.Item, l.Price, l.Quantity, l.Currency)
	}
	return s
}

// fold computes customers and items in the plainest way.
type fold struct {
	phones, names []string // in parallel
	goods, prices []string
	counts        []int
}

func (f *fold) add(o orders.Order) {
	if len(o.Phone) > 0 {
		i := place(&f.phones, &f.names, string(o.Phone))
		if len(o.Name) > 0 {
			f.names[i] = string(o.Name)
		}
	}
	for _, l := range o.Lines {
		i := place(&f.goods, &f.prices, string(l.Item))
		if i == len(f.counts) {
			f.counts = append(f.counts, 0)
		}
		f.prices[i] = string(l.Price)
		f.counts[i]++
	}
}

func place(keys, values *[]string, key string) int {
	i := slices.Index(*keys, key)
	if i < 0 {
		i = len(*keys)
		*keys, *values = append(*keys, key), append(*values, "")
	}
	return i
}

func (f *fold) customers() (all []string) {
	for i, phone := range f.phones {
		all = append(all, phone+": "+f.names[i])
	}
	return all
}

func (f *fold) items() (all []string) {
	for i, item := range f.goods {
		all = append(all, fmt.Sprintf("%s: %s, %d", item, f.prices[i], f.counts[i]))
	}
	return all
}

func (want *expected) compare(t *testing.T, got result) {
	t.Helper()
	if got.err != nil {
		t.Error(got.err)
	}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"orders", got.orders, want.orders},
		{"rejected", got.rejected, want.rejected},
		{"without a phone", got.noPhone, want.noPhone},
		{"customers", got.customers(), want.customers},
		{"items", got.items(), want.items},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.what, c.got, c.want)
		}
	}
}

// skippedBy reads a source and returns how many orders were skipped, by reason.
func skippedBy(t *testing.T, m *mappings.Mapping, source input.Source) map[string]int64 {
	t.Helper()
	return totalsOf(t, m, source).Skipped
}

func totalsOf(t *testing.T, m *mappings.Mapping, source input.Source) orders.Totals {
	t.Helper()
	o := orders.Options{Mapping: &m.Mapping, Reject: func(*orders.Reject) error { return nil }}
	totals, err := orders.Columns(context.Background(), []input.Source{source}, o, 0, func(*columns.Orders) (func() error, error) {
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return totals
}

// totals compares the numbers of what was skipped.
func (want *expected) totals(t *testing.T, m *mappings.Mapping) {
	t.Helper()
	totals := totalsOf(t, m, file(t, want.file))
	for _, c := range []struct {
		what      string
		got, want map[string]int64
	}{{"skipped", totals.Skipped, want.skipped}, {"lines skipped", totals.LinesSkipped, want.lines}} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
		for reason := range c.want {
			if !slices.Contains(m.Reasons(), reason) {
				t.Errorf("the mapping knows no reason %q", reason)
			}
		}
	}
	if totals.NoPhone != int64(len(want.noPhone)) || totals.TimesUnread != 0 || totals.PhonesLost != 0 || len(totals.Notes) > 0 {
		t.Errorf("got %d orders without a phone, %d times unread, notes %q", totals.NoPhone, totals.TimesUnread, totals.Notes)
	}
}

// Each preset is recognized by its document, even if the document is cut off.
func TestGuess(t *testing.T) {
	for _, c := range documents {
		head, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, end := range []int{len(head), len(head) - 3, len(head) * 3 / 4} {
			if got := mappings.Guess(head[:end]); got != c.preset {
				t.Errorf("%s, %d of %d bytes: got %q of %+v", c.file, end, len(head), got, mappings.Fits(head[:end])[:3])
			}
		}
	}
}

// Nothing is decompressed to be guessed, as a small text may become a large one.
func TestGuessCompressed(t *testing.T) {
	for _, c := range documents {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		w := gzip.NewWriter(&all)
		if _, err := w.Write(text); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if got := mappings.Guess(all.Bytes()); got != "" {
			t.Errorf("%s: got %q", c.file, got)
		}
	}
}

func TestGuessNothing(t *testing.T) {
	examples, err := os.ReadFile("../examples/orders.json")
	if err != nil {
		t.Fatal(err)
	}
	const order = `{"phone":"212-555-0101","name":"Ann","items":[{"name":"Tea","price":1}]}`
	for _, c := range []struct {
		name, head string
	}{
		{"our own", string(examples)},
		{"our own with a field of others", "\xef\xbb\xbf \n[" + order + `,{"id":1,"currency":"USD","created_at":"2026-05-04","phone":"1","items":[{"name":"Tea","price":1,"title":"Tea","unit_price":2}]}]`},
		{"orders without phones", `[{"items":[]},{"items":[]}]`},
		{"no lines at all", `{"orders":[{"id":1,"phone":"212-555-0101","line_items":[]}]}`},
		{"one of three", `{"orders":[{"id":1,"phone":"1","line_items":[{"name":"a","price":"1"}]},{"phone":"2"},{"phone":"3"}]}`},
		{"another table", "a,b\n1,2\n"},
		{"another document", `{"a":[1,2]}`},
		{"no document", `]`},
		{"nothing", ""},
		{"blanks", " \n"},
	} {
		best, fits := mappings.Guess([]byte(c.head)), mappings.Fits([]byte(c.head))
		if best != "" {
			t.Errorf("%s: got %q of %+v", c.name, best, fits)
		}
		if strings.HasPrefix(c.name, "our own") && (fits[0].Name != "" || fits[0].Accepted != fits[0].Orders || fits[0].WithLines < 0.9) {
			t.Errorf("%s: got %+v", c.name, fits[0])
		}
	}
}

// The presets of one system read the same id of an order, so that a store counts it once.
func TestFamilies(t *testing.T) {
	for _, c := range []struct{ preset, system, order string }{
		{"shopify", "shopify", `{"id":4501,"line_items":[{"name":"Tea","price":"2.50"}]}`},
		{"shopify-graphql-answer", "shopify", `{"id":"gid://shopify/Order/4501","lineItems":{"nodes":[{"name":"Tea","originalUnitPriceSet":{"shopMoney":{"amount":"2.5"}}}]}}`},
		{"shopify-graphql", "shopify", `{"id":"gid:\/\/shopify\/Order\/4501"}` + "\n" + `{"__parentId":"gid:\/\/shopify\/Order\/4501","name":"Tea","originalUnitPriceSet":{"shopMoney":{"amount":"2.5"}}}`},
		{"shopify-csv", "shopify", "Name,Id,Lineitem name,Lineitem price\n#1,4501,Tea,2.50\n"},
		{"woocommerce", "woocommerce", `[{"id":4501,"billing":{},"line_items":[{"name":"Tea","price":2.5}]}]`},
		{"woocommerce-legacy", "woocommerce", `{"orders":[{"id":4501,"order_number":7,"line_items":[{"name":"Tea","price":"2.50"}]}]}`},
		{"square", "square", `{"orders":[{"id":"4501","line_items":[{"name":"Tea","quantity":"1","base_price_money":{"amount":250}}]}]}`},
		{"square-csv", "square", "Transaction ID,Item,Qty,Gross Sales\n4501,Tea,1,$2.50\n"},
		{"amazon", "amazon", `{"orders":[{"orderId":"4501","orderItems":[{"product":{"title":"Tea","price":{"unitPrice":{"amount":"2.5"}}}}]}]}`},
		{"amazon-tsv", "amazon", "order-id\tproduct-name\titem-price\n4501\tTea\t2.50\n"},
		{"medusa", "medusa", `{"orders":[{"id":"4501","items":[{"title":"Tea","unit_price":2.5}]}]}`},
		{"medusa1", "medusa", `{"orders":[{"id":"4501","currency_code":"usd","items":[{"title":"Tea","unit_price":250}]}]}`},
	} {
		m, _ := mappings.Preset(c.preset)
		got := read(t, m, input.Reader("in", strings.NewReader(c.order)))
		if m.System != c.system || got.err != nil || len(got.orders) != 1 || !strings.HasPrefix(got.orders[0], "1|4501|") {
			t.Errorf("%s: got %q of %s, %v, %q", c.preset, got.orders, m.System, got.err, got.rejected)
		}
	}
}

// TestLeavesDecimal asks which readings leave the decimal sign open.
func TestLeavesDecimal(t *testing.T) {
	preset, ok := mappings.Preset("shopify")
	if !ok {
		t.Fatal("no preset")
	}
	const shop = "system = 'shop'\nphone = 'phone'\nlines = 'items[]'\n[line]\nitem = 'name'\nprice = 'price'\n"
	for text, want := range map[string]bool{shop: true, "decimal = '.'\n" + shop: false, "decimal = ','\n" + shop: false} {
		m, err := mappings.Parse("shop.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.LeavesDecimal(); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
	if preset.LeavesDecimal() || !(*mappings.Mapping)(nil).LeavesDecimal() {
		t.Error("a preset knows how its system writes numbers, and the default shape does not")
	}
}
