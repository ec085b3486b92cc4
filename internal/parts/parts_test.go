package parts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/parts"
	"process-orders/internal/soak"
	"process-orders/internal/table"
	"process-orders/internal/version"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// A seen is what a test sees of a part.
type seen struct {
	Index, Orders, LeftOut int64
	Last                   bool
	States                 []store.State
	Customers              []customer
	Items                  []item
}

type customer struct {
	phone, name  string
	first, named int64 // -1: none
}

// An item's position is not compared: which byte of a line it is depends on how that is read.
type item struct {
	name, price string
	priced      int64
	orders      int64
}

// at is the position of the order of a version, whether the table keeps versions or not.
func at(v version.Version) int64 {
	if len(v.Order) == 0 {
		return v.Line
	}
	for at := range int64(1 << 20) {
		if bytes.Equal(version.AppendPosition(nil, 0, at), v.Order) {
			return at
		}
	}
	return -1
}

func customersOf(t *table.Table) (all []customer) {
	for r := range t.All() {
		c := customer{string(r.Key()), string(r.Text()), at(r.FirstVersion()), -1}
		if r.HasText() {
			c.named = at(r.TextVersion())
		}
		all = append(all, c)
	}
	return all
}

func itemsOf(t *table.Table) (all []item) {
	for r := range t.All() {
		all = append(all, item{string(r.Key()), string(r.Text()), at(r.TextVersion()), r.Count()})
	}
	return all
}

// equal reports whether parts are the same, but for the positions of items.
func equal(a, b []seen) bool {
	return reflect.DeepEqual(withoutPriced(a), withoutPriced(b))
}

func withoutPriced(all []seen) []seen {
	all = slices.Clone(all)
	for i := range all {
		all[i].Items = slices.Clone(all[i].Items)
		for k := range all[i].Items {
			all[i].Items[k].priced = 0
		}
	}
	return all
}

func source(text string) input.Source { return input.Reader("in", strings.NewReader(text)) }

func options(size int64, ids bool) parts.Options {
	o := parts.Options{Bytes: size}
	if ids {
		m := orders.Default()
		m.ID = orders.Field{"id"}
		o.Mapping = &m
	}
	return o
}

func partsOf(t *testing.T, text string, o parts.Options) []seen {
	t.Helper()
	return partsOfSource(t, source(text), o)
}

func partsOfSource(t *testing.T, from input.Source, o parts.Options) (all []seen) {
	t.Helper()
	_, err := parts.Each(context.Background(), from, o, func(p *parts.Part) error {
		r := p.Records()
		s := seen{p.Index, p.Orders, p.LeftOut, p.Last, p.States(), customersOf(&r.Customers), itemsOf(&r.Items)}
		for _, i := range s.Items {
			if i.priced < p.Index*o.Bytes {
				t.Errorf("part %d: an item is priced at %d", p.Index, i.priced)
			}
		}
		for _, one := range s.States {
			if one.At < p.Index*o.Bytes || one.At/o.Bytes != p.Index {
				t.Errorf("part %d: a state is at %d", p.Index, one.At)
			}
		}
		if p.First != (len(all) == 0) {
			t.Errorf("part %d: First is %v", p.Index, p.First)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// randomOrders are n orders, of which a few share customers and items; most have ids if
// they are wanted.
func randomOrders(random *rand.Rand, n int, ids bool) string {
	var text strings.Builder
	for i := range n {
		text.WriteString("{")
		if ids && i%5 > 0 {
			fmt.Fprintf(&text, `"id":%d,`, i)
		}
		if random.IntN(2) == 0 {
			fmt.Fprintf(&text, `"name":"Name %d",`, random.IntN(9))
		}
		fmt.Fprintf(&text, `"phone":"555-%d","items":[`, random.IntN(30))
		for j := range random.IntN(4) {
			text.WriteString(strings.Repeat(",", min(j, 1)))
			fmt.Fprintf(&text, `{"name":"Item %d%s","price":%d.50}`, random.IntN(3), strings.Repeat(" long", 10*random.IntN(2)), random.IntN(9))
		}
		text.WriteString("]}\n")
	}
	return text.String()
}

// Parts are the same however they are read, and all together they are what records.Process
// finds.
func TestParts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 0))
	for round := range 10 {
		ids, once := round%2 == 1, round%3 == 0
		text := randomOrders(random, random.IntN(300), ids)
		count := records.CountLines
		if once {
			count = records.CountOrders
		}
		all, totals, err := records.Process(context.Background(), []input.Source{source(text)}, records.Options{Count: count})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{1, 500, 5000, 1 << 30} {
			var first []seen
			for _, workers := range []int{1, 3} {
				o := options(size, ids)
				o.Workers, o.BlockBytes, o.OncePerOrder = workers, 1+random.IntN(4000), once
				got := partsOf(t, text, o)
				if first == nil {
					first = got
				}
				if !equal(got, first) {
					t.Fatalf("size %d, %d workers: other parts:\n%v\nwant\n%v", size, workers, got, first)
				}
			}
			check(t, first, all, totals.Orders)
		}
	}
}

func check(t *testing.T, all []seen, want *records.Records, wantOrders int64) {
	t.Helper()
	got := int64(0)
	names, prices, counts := map[string]string{}, map[string]string{}, map[string]int64{}
	named, priced := map[string]int64{}, map[string]int64{}
	name := func(phone, name string, at int64) {
		if before, ok := named[phone]; !ok || name != "" && before < at {
			names[phone], named[phone] = name, max(at, -1)
		}
	}
	price := func(item, price string, at int64) {
		if before, ok := priced[item]; !ok || before <= at {
			prices[item], priced[item] = price, at
		}
	}
	for i, p := range all {
		got += p.Orders
		if p.Last != (i == len(all)-1) || i > 0 && p.Index <= all[i-1].Index {
			t.Errorf("part %d of %d: index %d, last %v", i, len(all), p.Index, p.Last)
		}
		for _, c := range p.Customers {
			name(c.phone, c.name, c.named)
		}
		for _, i := range p.Items {
			price(i.name, i.price, i.priced)
			counts[i.name] += i.orders
		}
		for _, s := range p.States {
			if s.Name == "" {
				name(s.Phone, "", -1)
			} else {
				name(s.Phone, s.Name, s.At)
			}
			for l, err := range s.Lines.All() {
				if err != nil {
					t.Fatal(err)
				}
				price(l.Item, l.Price, s.At)
				if !l.Uncounted {
					counts[l.Item]++
				}
			}
		}
	}
	if got != wantOrders || len(names) != want.Customers.Len() || len(prices) != want.Items.Len() {
		t.Errorf("%d orders, %d customers, %d items, want %d, %d, %d", got, len(names), len(prices), wantOrders, want.Customers.Len(), want.Items.Len())
	}
	for phone, name := range want.Customers.All() {
		if got := names[phone]; got != name && !(got == "" && name == records.Unknown) {
			t.Errorf("customer %s: %q, want %q", phone, got, name)
		}
	}
	for name, i := range want.Items.All() {
		if prices[name] != i.Price || counts[name] != i.Orders {
			t.Errorf("item %s: %s %d, want %v", name, prices[name], counts[name], i)
		}
	}
}

// Orders with an id become states, all of them, and the others are folded.
func TestStates(t *testing.T) {
	const text = `{"id":"a","time":1,"updated":"2026-05-04T00:00:01Z","phone":"1","name":"Ann","items":[{"name":"Tea","price":1.50,"n":2,"sum":"3.00","in":"EUR"},{"name":"Tea","price":2,"n":"-1"},{"name":"Cake","price":3}]}
{"phone":"2","items":[{"name":"Tea","price":2}]}
{"id":"b","state":"void","phone":"3","items":[{"name":"Tea","price":3}]}
{"state":"void","phone":"4","items":[{"name":"Tea","price":3}]}
{"id":"a","time":1,"phone":"1","items":[]}
{"id":"c","items":[{"name":"Tea","price":3},{"name":"Tea","price":4}]}
`
	m := orders.Default()
	m.ID, m.Updated, m.NoPhone, m.KeepRefunds = orders.Field{"id"}, []string{"updated"}, orders.NoPhoneItems, true
	m.Quantity, m.Paid, m.LineCurrency = orders.Field{"n"}, orders.Field{"sum"}, orders.Field{"in"}
	m.Skip = []orders.Condition{{Reason: "void", Path: "state", Values: []string{"void"}}}
	for _, once := range []bool{false, true} {
		for _, blockBytes := range []int{0, 1, 100} {
			o := options(1<<20, false)
			o.Mapping, o.OncePerOrder, o.BlockBytes = &m, once, blockBytes
			all := partsOf(t, text, o)
			if len(all) != 1 || all[0].Orders != 5 || len(all[0].Items) != 1 || all[0].Items[0].price != "2" || len(all[0].Customers) != 1 || all[0].Customers[0].phone != "2" {
				t.Fatalf("got %+v", all)
			}
			var got []string
			for _, s := range all[0].States {
				one := fmt.Sprintf("%s at %d, %d, skipped %t: %s %s", s.ID, s.At, s.Updated, s.Skipped, s.Phone, s.Name)
				for l, err := range s.Lines.All() {
					one += fmt.Sprintf("; %s %s x %s = %s %s %t %v", l.Item, l.Price, l.Quantity, l.Total, l.Currency, l.Uncounted, err)
				}
				if s.Digest == 0 {
					t.Errorf("%s has no digest", s.ID)
				}
				got = append(got, one)
			}
			lines := strings.SplitAfter(text, "\n")
			start := func(i int) int { return len(strings.Join(lines[:i], "")) }
			none := int64(store.NoTime)
			want := []string{
				"a at 0, 1777852801000, skipped false: 1 Ann; Tea 1.50 x 2 = 3.00 EUR false <nil>; Tea 2 x -1 =   true <nil>; Cake 3 x  =   false <nil>",
				fmt.Sprintf("b at %d, %d, skipped true: 3 ", start(2), none),
				fmt.Sprintf("a at %d, %d, skipped false: 1 ", start(4), none),
				fmt.Sprintf("c at %d, %d, skipped false:  ; Tea 3 x  =   false <nil>; Tea 4 x  =   %t <nil>", start(5), none, once),
			}
			if !slices.Equal(got, want) {
				t.Errorf("once %t, blocks of %d: got\n%s\nwant\n%s", once, blockBytes, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// The only part of a source is that of Each, and is kept if it is small enough.
func TestOnly(t *testing.T) {
	random := soak.Random(t)
	for round := range 12 {
		ids := round%2 == 1
		text := randomOrders(random, random.IntN(300), ids)
		opened := func() input.Source {
			s := source(text)
			if rows := strings.SplitAfter(text, "\n"); round%3 == 0 {
				s.From = int64(len(strings.TrimRight(strings.Join(rows[:len(rows)/2], ""), "\n")))
			}
			return s
		}
		o := options(1<<30, ids)
		o.BlockBytes = 1 + random.IntN(3000)
		want := partsOfSource(t, opened(), o)
		few := want[0].Orders <= 1
		const most = 1 << 40
		for _, c := range []struct {
			bytes  int64
			block  int
			keep   parts.Keep
			isKept bool
		}{
			{1 << 30, o.BlockBytes, parts.Keep{Sure: most}, true},
			{1 << 30, 1, parts.Keep{Sure: 1, Memory: most}, !ids || few},
			{1 << 30, 1, parts.Keep{Sure: 1, Memory: 1}, few},
			{1 << 30, 1, parts.Keep{Sure: most, Memory: 1}, true},
			{1 << 30, o.BlockBytes, parts.Keep{}, false},
			{1, o.BlockBytes, parts.Keep{Sure: most, Memory: most}, few},
		} {
			o.Bytes, o.BlockBytes = c.bytes, c.block
			only, _, leftOut, err := parts.Verify(context.Background(), opened(), o, c.keep)
			if err != nil || leftOut != want[0].LeftOut {
				t.Fatalf("%d are left out, %v; want %d", leftOut, err, want[0].LeftOut)
			}
			if c.isKept != (only != nil) && !few {
				t.Errorf("round %d, parts of %d, %+v: the part is kept: %t", round, c.bytes, c.keep, only != nil)
			}
			if only != nil {
				r := only.Records()
				got := seen{only.Index, only.Orders, only.LeftOut, only.Last, only.States(), customersOf(&r.Customers), itemsOf(&r.Items)}
				got.Index = want[0].Index
				if !only.First || !equal([]seen{got}, want) {
					t.Errorf("got\n%v\nwant\n%v", got, want)
				}
			}
		}
	}
}

// Of a source that has grown only what is new is in the parts, and with Until only what is
// old.
func TestGrown(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 0))
	for _, ids := range []bool{false, true} {
		text := randomOrders(random, 200, ids)
		rows := strings.SplitAfter(text, "\n")
		for range 20 {
			cut := 1 + random.IntN(len(rows)-2)
			old := strings.TrimRight(strings.Join(rows[:cut], ""), "\n")
			o := options(int64(1+random.IntN(4000)), ids)
			o.BlockBytes = 1 + random.IntN(3000)
			grown := source(text)
			grown.From = int64(len(old))
			n := int64(0)
			for _, p := range partsOfSource(t, grown, o) {
				n += p.Orders
				for _, s := range p.States {
					if s.At < grown.From {
						t.Fatalf("from %d: a state at %d", grown.From, s.At)
					}
				}
			}
			if want := int64(len(rows) - 1 - cut); n != want {
				t.Fatalf("ids %t, from %d in blocks of %d: %d orders, want %d", ids, grown.From, o.BlockBytes, n, want)
			}
			o.Until = grown.From
			if got, want := partsOf(t, text, o), partsOf(t, old, o); !equal(got, want) {
				t.Fatalf("ids %t, until %d: got\n%v\nwant\n%v", ids, o.Until, got, want)
			}
		}
	}
}

// A source without orders is one part, and errors come as they are.
func TestOddSources(t *testing.T) {
	empty := partsOf(t, "[]", options(100, false))
	if len(empty) != 1 || !empty[0].Last || empty[0].Orders != 0 {
		t.Errorf("no orders: %+v", empty)
	}
	var syntax *orders.SyntaxError
	var rejected *orders.Reject
	broken := errors.New("broken")
	nothing := func(*parts.Part) error { return nil }
	each := func(text string, size int64, do func(*parts.Part) error) error {
		_, err := parts.Each(context.Background(), source(text), options(size, false), do)
		return err
	}
	if err := each(`[`, 100, nothing); !errors.As(err, &syntax) {
		t.Errorf("not JSON: %v", err)
	}
	if err := each(`[{"items":[]}]`, 100, nothing); !errors.As(err, &rejected) {
		t.Errorf("a reject: %v", err)
	}
	if err := each(`[{}]`, 100, nothing); !errors.As(err, &syntax) || !syntax.NoOrders {
		t.Errorf("no order: %v", err)
	}
	if err := each(`[]`, 100, func(*parts.Part) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("an error of its own: %v", err)
	}
	for _, size := range []int64{0, -1} {
		if err := each(`[]`, size, nothing); err == nil {
			t.Errorf("parts of %d bytes are no error", size)
		}
	}
	if r := new(parts.Part).Records(); r.Customers.Len() != 0 {
		t.Error("a part without orders has customers")
	}
}

// An error of do ends the reading soon, and what was retained does not keep it waiting.
func TestErrorOfDo(t *testing.T) {
	broken := errors.New("broken")
	text := randomOrders(rand.New(rand.NewPCG(5, 0)), 5000, true)
	for _, ids := range []bool{false, true} {
		for at := range 4 {
			calls := 0
			o := options(2000, ids)
			o.BlockBytes = 1000
			_, err := parts.Each(context.Background(), source(text), o, func(*parts.Part) error {
				if calls++; calls > at {
					return broken
				}
				return nil
			})
			if !errors.Is(err, broken) || calls != at+1 {
				t.Errorf("ids %v: %v after %d calls, want an error after %d", ids, err, calls, at+1)
			}
		}
	}
}

// BenchmarkStates makes states of orders.
func BenchmarkStates(b *testing.B) {
	var text strings.Builder
	const n = 8000
	for i := range n {
		fmt.Fprintf(&text, `{"id":"%d","phone":"732-555-%d","name":"Damodhar","items":[{"name":"Masala Dosa","price":10.95},{"name":"Tea","price":1}]}`, i, i)
	}
	o := options(1<<40, true)
	o.Workers = 1
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parts.Each(context.Background(), source(text.String()), o, func(*parts.Part) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/order")
}
