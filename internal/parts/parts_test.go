package parts_test

import (
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
	"process-orders/internal/table"
	"process-orders/orders"
	"process-orders/records"
)

// A seen is what a test sees of a part.
type seen struct {
	Index, Orders int64
	Last          bool
	IDs           []string
	Customers     []customer
	Items         []item
}

type customer struct {
	phone, name  string
	first, named int64 // -1: none
}

// An item's positions are left out: which byte of a line they are depends on how it is
// read.
type item struct {
	name, price string
	orders      int64
}

func customersOf(t *table.Table) (all []customer) {
	for r := range t.All() {
		c := customer{string(r.Key(nil)), string(r.Text(nil)), r.First(), -1}
		if r.HasText() {
			c.named = r.TextAt()
		}
		all = append(all, c)
	}
	return all
}

func itemsOf(t *table.Table) (all []item) {
	for r := range t.All() {
		all = append(all, item{string(r.Key(nil)), string(r.Text(nil)), r.Count()})
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

func partsOf(t *testing.T, text string, o parts.Options, repeated func(id string) bool) (all []seen) {
	t.Helper()
	_, err := parts.Each(context.Background(), source(text), o, func(p *parts.Part) error {
		r := p.Records(func(i int) bool { return repeated(p.IDs[i]) })
		s := seen{p.Index, p.Orders, p.Last, slices.Clone(p.IDs), customersOf(&r.Customers), itemsOf(&r.Items)}
		for i := range r.Items.All() {
			if i.First() < p.Index*o.Bytes || i.TextAt() < i.First() {
				t.Errorf("part %d: item at %d, priced at %d", p.Index, i.First(), i.TextAt())
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

func none(string) bool { return false }

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
				got := partsOf(t, text, o, none)
				if first == nil {
					first = got
				}
				if !reflect.DeepEqual(got, first) {
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
	for i, p := range all {
		got += p.Orders
		if p.Last != (i == len(all)-1) || i > 0 && p.Index <= all[i-1].Index {
			t.Errorf("part %d of %d: index %d, last %v", i, len(all), p.Index, p.Last)
		}
		for _, c := range p.Customers {
			if _, ok := names[c.phone]; !ok || c.named >= 0 {
				names[c.phone] = c.name
			}
		}
		for _, i := range p.Items {
			prices[i.name] = i.price
			counts[i.name] += i.orders
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

// Orders whose ids are repeated are left out of a part's records, and those without an id
// never.
func TestRepeated(t *testing.T) {
	text := `{"id":"a","phone":"1","items":[{"name":"Tea","price":1}]}
{"phone":"2","items":[{"name":"Tea","price":2}]}
{"id":"b","phone":"3","items":[{"name":"Tea","price":3},{"name":"Cake","price":4}]}
{"id":"c","phone":"4","items":[]}`
	o := options(1<<20, true)
	o.Workers = 1
	all := partsOf(t, text, o, func(id string) bool { return id != "c" })
	if len(all) != 1 || !slices.Equal(all[0].IDs, []string{"a", "b", "c"}) {
		t.Fatalf("parts: %+v", all)
	}
	var got []string
	for _, c := range all[0].Customers {
		got = append(got, c.phone)
	}
	for _, i := range all[0].Items {
		got = append(got, fmt.Sprint(i.name, " ", i.price, " ", i.orders))
	}
	if want := []string{"2", "4", "Tea 2 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Of a part whose ids are partly known, each order that is left counts an item once.
func TestOncePerOrder(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, `{"id":"%d","phone":"1","items":[{"name":"Tea","price":1},{"name":"Cake","price":1},{"name":"Tea","price":1}]}`, i)
	}
	o := options(1<<30, true)
	o.OncePerOrder = true
	for _, every := range []int{2, 7, 1000} {
		got := int64(0)
		_, err := parts.Each(context.Background(), source(text.String()), o, func(p *parts.Part) error {
			tea, _ := p.Records(func(i int) bool { return i%every > 0 }).Items.Get("Tea")
			got = tea.Count()
			return nil
		})
		if want := int64((3000 + every - 1) / every); err != nil || got != want {
			t.Errorf("one in %d: %d orders, want %d: %v", every, got, want, err)
		}
	}
}

// A source without orders is one part, and errors come as they are.
func TestOddSources(t *testing.T) {
	empty := partsOf(t, "[]", options(100, false), none)
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
	if r := new(parts.Part).Records(nil); r.Customers.Len() != 0 {
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

// BenchmarkKnownIDs folds a part in which every second order is known: what an order costs
// must not depend on how many there are in a chunk.
func BenchmarkKnownIDs(b *testing.B) {
	for _, n := range []int{1000, 8000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `{"id":"%d","phone":"1","items":[{"name":"Tea","price":1}]}`, i)
		}
		o := options(1<<30, true)
		o.BlockBytes, o.OncePerOrder, o.Workers = 1<<20, true, 1
		b.Run(fmt.Sprint("orders=", n), func(b *testing.B) {
			_, err := parts.Each(context.Background(), source(text.String()), o, func(p *parts.Part) error {
				for b.Loop() {
					p.Records(func(i int) bool { return i%2 > 0 })
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/order")
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
