package records_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"process-orders/input"
	"process-orders/money"
	"process-orders/records"
)

// A sale is an order as the tests of details make it.
type sale struct {
	phone, name, currency string
	at                    int64 // seconds since 1970, 0: none
	lines                 []soldLine
}

type soldLine struct{ item, price, quantity string }

func randomSales(random *rand.Rand, n int) (sales []sale) {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	for range n {
		s := sale{phone: fmt.Sprint("555-01", random.IntN(30)), name: pick("", "Ann", "Bo", "A name that is too long for the words of a record"), currency: pick("USD", "eur", "xxx", "")}
		if random.IntN(4) > 0 {
			s.at = 1_700_000_000 + random.Int64N(1_000_000)
		}
		for range random.IntN(5) {
			s.lines = append(s.lines, soldLine{
				pick("Tea", "Cake", "Masala Dosa", strings.Repeat("long ", 30)),
				pick("1", "1.50", "0.10", "12345678901234567890.99", "1.20e1"), pick("", "1", "2.25", "0.333"),
			})
		}
		sales = append(sales, s)
	}
	return sales
}

func (s sale) json() string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"phone":%q,"name":%q`, s.phone, s.name)
	if s.currency != "" {
		fmt.Fprintf(&b, `,"currency":%q`, s.currency)
	}
	if s.at != 0 {
		fmt.Fprintf(&b, `,"timestamp":%d`, s.at)
	}
	b.WriteString(`,"items":[`)
	for i, l := range s.lines {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"name":%q,"price":%q`, l.item, l.price)
		if l.quantity != "" {
			fmt.Fprintf(&b, `,"quantity":%s`, l.quantity)
		}
		b.WriteString("}")
	}
	b.WriteString("]}\n")
	return b.String()
}

// naiveDetail is a detail as the plainest code finds it.
type naiveDetail struct {
	orders      int64
	quantity    *big.Rat
	money       map[string]*big.Rat
	first, last int64
	names       map[string]bool
	prices      []string
}

func newNaiveDetail() *naiveDetail {
	return &naiveDetail{quantity: new(big.Rat), money: map[string]*big.Rat{}, names: map[string]bool{}}
}

func (d *naiveDetail) when(at int64) {
	if at != 0 && (d.first == 0 || at < d.first) {
		d.first = at
	}
	d.last = max(d.last, at)
}

func (d *naiveDetail) add(currency string, amount *big.Rat) {
	if d.money[currency] == nil {
		d.money[currency] = new(big.Rat)
	}
	d.money[currency].Add(d.money[currency], amount)
}

func rational(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

// naiveDetails folds sales in the plainest way.
func naiveDetails(sales []sale, count records.Count) (customers, items map[string]*naiveDetail) {
	customers, items = map[string]*naiveDetail{}, map[string]*naiveDetail{}
	for _, s := range sales {
		c := customers[s.phone]
		if c == nil {
			c = newNaiveDetail()
			customers[s.phone] = c
		}
		c.orders++
		c.when(s.at)
		if s.name != "" {
			c.names[s.name] = true
		}
		currency := strings.ToUpper(s.currency)
		if currency == "" {
			currency = "XXX"
		}
		seen := map[string]bool{}
		for _, l := range s.lines {
			i := items[l.item]
			if i == nil {
				i = newNaiveDetail()
				items[l.item] = i
			}
			quantity := big.NewRat(1, 1)
			if l.quantity != "" {
				quantity = rational(l.quantity)
			}
			amount := new(big.Rat).Mul(rational(l.price), quantity)
			if !seen[l.item] || count != records.CountOrders {
				i.orders++
			}
			seen[l.item] = true
			i.quantity.Add(i.quantity, quantity)
			i.add(currency, amount)
			c.add(currency, amount)
			i.when(s.at)
			price := strings.Replace(l.price, "1.20e1", "12.0", 1)
			if !strings.Contains(" "+strings.Join(i.prices, " ")+" ", " "+price+" ") {
				i.prices = append(i.prices, price)
			}
		}
	}
	return customers, items
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func sameMoney(got []money.Sum, want map[string]*big.Rat) bool {
	if len(got) != len(want) {
		return false
	}
	for _, m := range got {
		if w := want[m.Currency.String()]; w == nil || rational(m.Amount.String()).Cmp(w) != 0 {
			return false
		}
	}
	return true
}

// Details are those of the plainest fold, however the orders are cut, by however
// many they are folded, and with too little memory for them.
func TestDetails(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 0))
	for round := range 12 {
		sales := randomSales(random, 1+random.IntN(400))
		var text strings.Builder
		for _, s := range sales {
			text.WriteString(s.json())
		}
		count := records.Count(round % 3)
		customers, items := naiveDetails(sales, count)
		var first string
		for _, workers := range []int{1, 3} {
			for _, memory := range []int64{0, 1} {
				o := records.Options{Workers: workers, MemoryBytes: memory, SpillFolder: t.TempDir(), Detail: records.DetailWritten, Count: count}
				o.BlockBytes = 100 + 1000*random.IntN(30)
				all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text.String()))}, o)
				if err != nil {
					t.Fatal(err)
				}
				checkDetails(t, all, customers, items, count)
				var out bytes.Buffer
				if _, err := all.WriteTo(&out); err != nil {
					t.Fatal(err)
				}
				if first == "" {
					first = out.String()
				}
				if out.String() != first || !json.Valid(out.Bytes()) {
					t.Errorf("workers %d, memory %d:\n%s\nwant\n%s", workers, memory, out.String(), first)
				}
				var days, untimed int64
				for _, n := range all.Activity().Days() {
					days += n
				}
				untimed = all.Activity().Untimed
				if days+untimed != int64(len(sales)) {
					t.Errorf("%d orders by day and %d without a time, want %d", days, untimed, len(sales))
				}
				if err := all.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func checkDetails(t *testing.T, all *records.Records, customers, items map[string]*naiveDetail, count records.Count) {
	t.Helper()
	n := 0
	for phone, got := range all.Customers.Details() {
		n++
		want := customers[phone]
		if want == nil || got.Orders != want.orders || !sameMoney(got.Spent, want.money) || seconds(got.First) != want.first || seconds(got.Last) != want.last || got.SeveralNames != (len(want.names) > 1) {
			t.Errorf("customer %s: %+v, want %+v", phone, got, want)
		}
	}
	for name, got := range all.Items.Details() {
		n++
		want := items[name]
		var prices []string
		for _, p := range got.Prices {
			prices = append(prices, p.Price)
		}
		if want == nil || got.Orders != want.orders || rational(got.Quantity.String()).Cmp(want.quantity) != 0 || !sameMoney(got.Revenue, want.money) || !reflect.DeepEqual(prices, want.prices) {
			t.Errorf("item %s: %+v, want %+v", name, got, want)
		}
	}
	if want := len(customers) + len(items); n != want {
		t.Errorf("%d details, want %d", n, want)
	}
	if all.Err() != nil {
		t.Error(all.Err())
	}
}

// What is counted does not need details, unless it is the quantity.
func TestCount(t *testing.T) {
	text := `{"phone":"1","items":[{"name":"Tea","price":1,"quantity":2.5},{"name":"Tea","price":1},{"name":"Cake","price":2}]}
{"phone":"1","items":[{"name":"Tea","price":1.5}]}`
	for count, want := range map[records.Count]string{records.CountLines: "3 1", records.CountOrders: "2 1", records.CountQuantity: "4.5 1"} {
		o := options(2, 0)
		o.Count = count
		all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text))}, o)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := all.Items.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		var items map[string]map[string]json.Number
		if err := json.Unmarshal(out.Bytes(), &items); err != nil {
			t.Fatal(err)
		}
		if got := items["Tea"]["orders"] + " " + items["Cake"]["orders"]; string(got) != want || len(items["Tea"]) != 2 {
			t.Errorf("count %d: %s, want %s: %s", count, got, want, out.String())
		}
	}
}

func TestDetailJSON(t *testing.T) {
	text := `{"phone":"1","name":"Ann","timestamp":1702219784,"currency":"usd","items":[{"name":"Tea","price":1.50,"quantity":2},{"name":"Cake","price":2}]}
{"phone":"1","items":[{"name":"Tea","price":1.60,"currency":"EUR"}]}`
	o := options(1, 0)
	o.Detail = records.DetailWritten
	all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text))}, o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := all.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	want := `{
    "customers": {
        "1": {
            "name": "Ann",
            "orders": 2,
            "spent": {
                "EUR": 1.60,
                "USD": 5.00
            },
            "first": "2023-12-10T14:49:44Z",
            "last": "2023-12-10T14:49:44Z"
        }
    },
    "items": {
        "Tea": {
            "price": 1.60,
            "orders": 2,
            "quantity": 3,
            "revenue": {
                "EUR": 1.60,
                "USD": 3.00
            }
        },
        "Cake": {
            "price": 2,
            "orders": 1,
            "quantity": 1,
            "revenue": {
                "USD": 2.00
            }
        }
    }
}
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// Records with details and records without can be merged, on disk or not: what one of
// them does not keep is not there.
func TestMergeOfMoreAndLess(t *testing.T) {
	want := ""
	for which := range 16 {
		var parts [2]*records.Records
		for i, text := range []string{manyOrders(900), strings.ReplaceAll(manyOrders(700), "dosa", "vada")} {
			o := options(2, 4096)
			o.Detail = records.Detail(which >> i & 1)
			if which>>(2+i)&1 == 1 {
				o.MemoryBytes, o.SpillFolder = 100_000, t.TempDir()
			}
			var err error
			if parts[i], _, err = records.Process(context.Background(), sourcesOf(documents(text)), o); err != nil {
				t.Fatal(err)
			}
		}
		parts[0].Merge(parts[1])
		got := written(parts[0])
		if want == "" {
			want = got
		}
		if got != want || parts[0].Err() != nil {
			t.Errorf("%b: %d bytes of records, want %d; %v", which, len(got), len(want), parts[0].Err())
		}
		customers, items := 0, 0
		for range parts[0].Customers.Details() {
			customers++
		}
		for range parts[0].Items.Details() {
			items++
		}
		if which&1 == 0 && customers+items > 0 || which&1 == 1 && (customers != parts[0].Customers.Len() || items != parts[0].Items.Len()) {
			t.Errorf("%b: details of %d customers and %d items", which, customers, items)
		}
		_ = parts[0].Close()
		_ = parts[1].Close()
	}
}

// A time means the same on every machine.
func TestNamedZones(t *testing.T) {
	here := time.Local
	defer func() { time.Local = here }()
	eastern, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	for at, want := range map[string]string{
		"2026-01-02 10:00:00 UTC":   "2026-01-02T10:00:00Z",
		"2026-01-02 10:00:00 GMT":   "2026-01-02T10:00:00Z",
		"2026-01-02 10:00:00 EST":   "",
		"2026-01-02 10:00:00 +03":   "2026-01-02T07:00:00Z",
		"2026-01-02 10:00:00 +0300": "2026-01-02T07:00:00Z",
		"2026-01-02 10:00:00":       "2026-01-02T10:00:00Z",
		"2026-01-02T10:00:00-05:00": "2026-01-02T15:00:00Z",
	} {
		for _, zone := range []*time.Location{time.UTC, eastern} {
			time.Local = zone
			o := options(1, 0)
			o.Detail = records.DetailWritten
			text := fmt.Sprintf(`{"phone":"1","time":%q,"items":[]}`, at)
			all, _, err := records.Process(context.Background(), []input.Source{input.Reader("in", strings.NewReader(text))}, o)
			if err != nil {
				t.Fatal(err)
			}
			first, _ := all.Activity().Times()
			got := ""
			if !first.IsZero() {
				got = first.Format(time.RFC3339)
			}
			if got != want {
				t.Errorf("%s, in %v: got %q, want %q", at, zone, got, want)
			}
		}
	}
}
