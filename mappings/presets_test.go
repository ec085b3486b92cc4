package mappings_test

import (
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
	// skipped is how many orders were skipped, by reason. noPhone has the numbers of those
	// without a phone.
	skipped map[string]int64
	noPhone []int64
	// rejected are other orders that cannot be accepted: NUMBER PATH: REASON.
	rejected []string
}

var documents = []expected{
	{
		preset: "shopify", file: "shopify.json",
		orders: []string{
			"1|4501|2026-05-04T09:12:00-04:00|USD|+1 212-555-0101|Ann Willow|Mug - Blue @ 8.00 * 2 USD|Green Tea @ 5.00 * 1 USD",
			"2|4502|2026-05-04T10:00:00-04:00|USD|212-555-01TO|Bob Stone|Mug - Blue @ 8.50 * 1 USD",
			"3|4503|2026-05-04T11:00:00-04:00|JPY|212-555-0103||Tea “Sencha” @ 1200 * 1 JPY",
			"4|4504|2026-05-04T12:00:00-04:00|USD|212-555-0104|Dora",
			"10|4510|2026-05-04T18:00:00-04:00|USD|+1 212-555-0101|Anna Willow|Green Tea @ 5.25 * 3 USD|Green Tea @ 0.00 * 1 USD",
		},
		customers: []string{"+1 212-555-0101: Anna Willow", "212-555-01TO: Bob Stone", "212-555-0103: ", "212-555-0104: Dora"},
		items:     []string{"Mug - Blue: 8.50, 2", "Green Tea: 0.00, 3", "Tea “Sencha”: 1200, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "voided": 1, "refunded": 1},
		noPhone:   []int64{9},
	},
	{
		preset: "shopify-graphql", file: "shopify-graphql.jsonl",
		orders: []string{
			"1|gid://shopify/Order/7001|2026-05-04T13:12:00Z|USD|+12125550101|Ann Willow|Mug - Blue @ 8.0 * 2 USD|Green Tea @ 5.0 * 1 USD",
			"2|gid://shopify/Order/7002|2026-05-04T14:00:00Z|JPY|212-555-0102||Sencha @ 1200.0 * 1 JPY",
			"6|gid://shopify/Order/7006|2026-05-04T18:00:00Z|USD|+12125550101|Anna Willow|Green Tea @ 5.25 * 3 USD",
			"8|gid://shopify/Order/7008|2026-05-04T20:00:00Z|USD|212-555-0108|Hal Birch",
		},
		customers: []string{"+12125550101: Anna Willow", "212-555-0102: ", "212-555-0108: Hal Birch"},
		items:     []string{"Mug - Blue: 8.0, 1", "Green Tea: 5.25, 2", "Sencha: 1200.0, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "voided": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "shopify-graphql-answer", file: "shopify-graphql-answer.json",
		orders: []string{
			"1|gid://shopify/Order/7101|2026-05-04T13:12:00Z|USD|+12125550101|Ann Willow|Mug - Blue @ 8.0 * 2 USD|Green Tea @ 5.0 * 1 USD",
			"2|gid://shopify/Order/7102|2026-05-04T14:00:00Z|JPY|212-555-0102||Sencha @ 1200.0 * 1 JPY",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: "},
		items:     []string{"Mug - Blue: 8.0, 1", "Green Tea: 5.0, 1", "Sencha: 1200.0, 1"},
		skipped:   map[string]int64{"test": 1, "cancelled": 1, "refunded": 1},
		noPhone:   []int64{6},
	},
	{
		preset: "shopify-csv", file: "shopify-csv.csv",
		orders: []string{
			"1|#1001|2026-05-04 09:12:00 -0400|USD|'+12125550101|Ann Willow|Mug - Blue @ 8.00 * 2 USD|Green Tea, \"Sencha\" @ 5.00 * 1 USD",
			"2|#1002|2026-05-04 10:00:00 -0400|JPY|212-555-0102|Bob Stone|Sencha @ 1200 * 1 JPY",
			"3|#1003|2026-05-04 11:00:00 -0400|USD|212-555-0103||Mug - Blue @ 8.50 * 1 USD",
		},
		customers: []string{"'+12125550101: Ann Willow", "212-555-0102: Bob Stone", "212-555-0103: "},
		items:     []string{"Mug - Blue: 8.50, 2", "Green Tea, \"Sencha\": 5.00, 1", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"refunded": 1, "voided": 1, "cancelled": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "woocommerce", file: "woocommerce.json",
		orders: []string{
			"1|801|2026-05-04T13:12:00|USD|(212) 555-0101|Ann Willow|Shirt – Blue, M @ 12 * 1 USD|Tea & Honey @ 7.50 * 2 USD",
			"2|802|2026-05-04T14:00:00|EUR|212-555-0102|Zoë O’Hara|Gift\u00a0Card @ 15 * 1 EUR",
			"3|803|2026-05-04T15:00:00|USD|212-555-0103||Tea & Honey @ 6.666667 * 1 USD",
		},
		customers: []string{"(212) 555-0101: Ann Willow", "212-555-0102: Zoë O’Hara", "212-555-0103: "},
		items:     []string{"Shirt – Blue, M: 12, 1", "Tea & Honey: 6.666667, 2", "Gift\u00a0Card: 15, 1"},
		skipped:   map[string]int64{"cancelled": 1, "refunded": 1, "failed": 1, "trash": 1, "draft": 1},
		noPhone:   []int64{9},
	},
	{
		preset: "square", file: "square.json",
		orders: []string{
			"1|sqA1|2026-05-04T13:12:00Z||+12125550101|Ann Willow|Latte Large @ 4.50 * 2 USD|Beans @ 18.99 * 0.75 USD",
			"2|sqA2|2026-05-04T14:00:00Z||212-555-0102|Bob Stone|Sencha 100 g @ 1200 * 1 JPY",
			"3|sqA3|2026-05-04T15:00:00Z||212-555-0103||Dates @ 12.345 * 2.25 KWD",
			"7|sqA7|2026-05-04T19:00:00Z||+12125550101|Anna Willow|Latte Large @ 0.05 * 1 USD",
		},
		customers: []string{"+12125550101: Anna Willow", "212-555-0102: Bob Stone", "212-555-0103: "},
		items:     []string{"Latte Large: 0.05, 2", "Beans: 18.99, 1", "Sencha 100 g: 1200, 1", "Dates: 12.345, 1"},
		skipped:   map[string]int64{"cancelled": 1, "draft": 1},
		noPhone:   []int64{6},
	},
	{
		preset: "stripe", file: "stripe.json",
		orders: []string{
			"1|cs_live_a1|1777900320|usd|+12125550101|Ann Willow|Mug, blue @ 8.00 * 2 usd|Green tea @ 0.05 * 1 usd",
			"2|cs_live_a2|1777903200|jpy|212-555-0102||Sencha @ 1200 * 1 jpy",
			"3|cs_live_a3|1777906800|kwd|212-555-0103|C. Reed|Dates @ 12.340 * 1 kwd",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: ", "212-555-0103: C. Reed"},
		items:     []string{"Mug, blue: 8.00, 1", "Green tea: 0.05, 1", "Sencha: 1200, 1", "Dates: 12.340, 1"},
		skipped:   map[string]int64{"test": 1, "unpaid": 1},
		noPhone:   []int64{6},
		rejected:  []string{"7 line_items.data: missing"},
	},
	{
		preset: "toast", file: "toast.json",
		orders: []string{
			"1|t-1|2026-05-04T17:12:00.000+0000||2125550101|Ann Willow|Ramen @ 14.5 * 2.0 ",
			"2|t-2|2026-05-04T18:00:00.000+0000||2125550102|Bob|Green Tea @ 3.0 * 1.0 |Olives, by weight @ 18.8 * 0.225 ",
			"8|t-8|2026-05-04T22:00:00.000+0000||2125550101|Anna Willow|Ramen @ 15.0 * 1.0 ",
		},
		customers: []string{"2125550101: Anna Willow", "2125550102: Bob"},
		items:     []string{"Ramen: 15.0, 2", "Green Tea: 3.0, 1", "Olives, by weight: 18.8, 1"},
		skipped:   map[string]int64{"voided": 1, "deleted": 1, "test": 1, "excess_food": 1},
		noPhone:   []int64{7},
	},
	{
		preset: "bigcommerce", file: "bigcommerce.json",
		orders: []string{
			"1|301|Mon, 04 May 2026 13:12:00 +0000|USD|2125550101|Ann Willow|Mug @ 8.0000 * 2 USD|Green Tea @ 5.0000 * 1 USD",
			"2|302|Mon, 04 May 2026 14:00:00 +0000|USD|212-555-0102|Stone|Mug @ 8.5000 * 1 USD",
		},
		customers: []string{"2125550101: Ann Willow", "212-555-0102: Stone"},
		items:     []string{"Mug: 8.5000, 2", "Green Tea: 5.0000, 1"},
		skipped:   map[string]int64{"refunded": 1, "cancelled": 1, "declined": 1},
		noPhone:   []int64{6},
		rejected:  []string{"7 products[0].name: missing"},
	},
	{
		preset: "magento", file: "magento.json",
		orders: []string{
			"1|000000061|2026-05-04 13:12:00|USD|2125550101|Ann Willow|Tea Set @ 30 * 1 USD|Honey @ 6.5 * 2 USD",
			"2|000000062|2026-05-04 14:00:00|EUR|212-555-0102|Bob Stone|Rice, loose @ 3.2 * 1.75 EUR",
			"6|000000066|2026-05-04 18:00:00|USD|2125550101|Anna|Honey @ 6.95 * 1 USD",
		},
		customers: []string{"2125550101: Anna", "212-555-0102: Bob Stone"},
		items:     []string{"Tea Set: 30, 1", "Honey: 6.95, 2", "Rice, loose: 3.2, 1"},
		skipped:   map[string]int64{"cancelled": 1, "closed": 1},
		noPhone:   []int64{5},
	},
	{
		preset: "amazon", file: "amazon.json",
		orders: []string{
			"1|111-0000001-0000001|2026-05-04T13:12:00Z||+1 212-555-0101 ext. 12345|Ann Willow|Mug, blue @ 8.00 * 2 USD|Green tea @ 5.00 * 1 USD",
			"2|111-0000002-0000002|2026-05-04T14:00:00Z||212-555-0102||Sencha @ 1200 * 1 JPY",
			"5|111-0000005-0000005|2026-05-04T17:00:00Z||+1 212-555-0101 ext. 12345|Anna Willow|Green tea @ 5.25 * 3 USD",
		},
		customers: []string{"+1 212-555-0101 ext. 12345: Anna Willow", "212-555-0102: "},
		items:     []string{"Mug, blue: 8.00, 1", "Green tea: 5.25, 2", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1},
		noPhone:   []int64{4},
	},
	{
		preset: "ubereats", file: "ubereats.json",
		orders: []string{
			"1|ue-1|2026-05-04T17:12:00Z||+1 212-555-0101|Ann W.|Ramen @ 14.50 * 2 USD",
			"2|ue-2|2026-05-04T18:00:00Z||212-555-0102|Bob|Sencha @ 450 * 1 JPY|Ramen @ 0.09 * 1 USD",
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
			"5|order_01E|2026-05-04T17:00:00.000Z|usd|2125550101|Anna Willow|Green Tea @ 5.5 * 1.5 usd",
		},
		customers: []string{"2125550101: Anna Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Mug: 8, 1", "Green Tea: 5.5, 2", "Sencha: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1},
		noPhone:   []int64{4},
	},
	{
		preset: "saleor", file: "saleor.json",
		orders: []string{
			"1|T3JkZXI6MQ==|2026-05-04T13:12:00.000000Z||+12125550101|Ann Willow|Mug Blue @ 8.00 * 2 USD|Green Tea @ 5.00 * 1 USD",
			"2|T3JkZXI6Mg==|2026-05-04T14:00:00Z||212-555-0102|Bob Stone|Sencha 100 g @ 1200 * 1 JPY",
		},
		customers: []string{"+12125550101: Ann Willow", "212-555-0102: Bob Stone"},
		items:     []string{"Mug Blue: 8.00, 1", "Green Tea: 5.00, 1", "Sencha 100 g: 1200, 1"},
		skipped:   map[string]int64{"cancelled": 1, "draft": 1, "unconfirmed": 1},
		noPhone:   []int64{6},
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
		if r.Path == m.Phone[0] && r.Reason == "missing" {
			got.noPhone = append(got.noPhone, r.Order)
		} else {
			got.rejected = append(got.rejected, fmt.Sprintf("%d %s: %s", r.Order, r.Path, r.Reason))
		}
		return nil
	}}
	for o, err := range orders.All(context.Background(), []input.Source{source}, options) {
		if err != nil {
			got.err = err
			break
		}
		o = o.Clone()
		s := fmt.Sprintf("%d|%s|%s|%s|%s|%s", o.Number, o.ID, o.Time, o.Currency, o.Phone, o.Name)
		for _, l := range o.Lines {
			s += fmt.Sprintf("|%s @ %s * %s %s", l.Item, l.Price, l.Quantity, l.Currency)
		}
		got.orders = append(got.orders, s)
		got.add(o)
	}
	return got
}

// fold computes customers and items in the plainest way.
type fold struct {
	phones, names []string // in parallel
	goods, prices []string
	counts        []int
}

func (f *fold) add(o orders.Order) {
	i := place(&f.phones, &f.names, string(o.Phone))
	if len(o.Name) > 0 {
		f.names[i] = string(o.Name)
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

// totals compares the numbers of skipped orders.
func (want *expected) totals(t *testing.T, m *mappings.Mapping) {
	t.Helper()
	head, err := os.ReadFile(filepath.Join("testdata", want.file))
	if err != nil {
		t.Fatal(err)
	}
	fits := mappings.Fits(head)
	i := slices.IndexFunc(fits, func(f mappings.Fit) bool { return f.Name == want.preset })
	skipped := 0
	for _, n := range want.skipped {
		skipped += int(n)
	}
	total := len(want.orders) + len(want.rejected) + len(want.noPhone) + skipped
	if f := fits[i]; f.Orders != total || f.Accepted != len(want.orders) || f.Skipped != skipped || f.NoPhone != len(want.noPhone) {
		t.Errorf("got %+v, want %d orders and %d skipped", f, total, skipped)
	}
	for reason := range want.skipped {
		if !slices.Contains(m.Reasons(), reason) {
			t.Errorf("the mapping knows no reason %q", reason)
		}
	}
	all := maps.Clone(want.skipped)
	all[orders.ReasonNoPhone] = int64(len(want.noPhone))
	if got := skippedBy(t, m, file(t, want.file)); !maps.Equal(got, all) {
		t.Errorf("skipped: got %v, want %v", got, all)
	}
}

// skippedBy reads a source and returns how many orders were skipped, by reason.
func skippedBy(t *testing.T, m *mappings.Mapping, source input.Source) map[string]int64 {
	t.Helper()
	o := orders.Options{Mapping: &m.Mapping, Reject: func(*orders.Reject) error { return nil }}
	totals, err := orders.Columns(context.Background(), []input.Source{source}, o, 0, func(*columns.Orders) (func() error, error) {
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return totals.Skipped
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
