package records_test

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
	"process-orders/orders"
	"process-orders/records"
)

// A told part is what a part says.
type toldPart struct {
	Index, Orders int64
	Last          bool
	IDs           []string
	Customers     []records.PlacedCustomer
	Items         []records.PlacedItem
}

func partsOf(t *testing.T, text string, o records.Options, size int64, repeated func(id string) bool) (parts []toldPart) {
	t.Helper()
	_, err := records.EachPart(context.Background(), source(text), o, size, func(p *records.Part) error {
		told := toldPart{Index: p.Index, Orders: p.Orders, Last: p.Last, IDs: slices.Clone(p.IDs)}
		all := p.Records(func(i int) bool { return repeated(p.IDs[i]) })
		told.Customers = slices.Collect(all.Customers.Placed())
		for i := range all.Items.Placed() {
			// Which place of a line it is depends on how it is read.
			if i.First < p.Index*size || i.Priced < i.First {
				t.Errorf("part %d: item at %d, priced at %d", p.Index, i.First, i.Priced)
			}
			i.First, i.Priced = 0, 0
			told.Items = append(told.Items, i)
		}
		parts = append(parts, told)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// Parts are the same however they are read, and all together they are what Process
// finds.
func TestParts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 0))
	for round := range 10 {
		var text strings.Builder
		for i, s := range randomSales(random, random.IntN(300)) {
			json := s.json()
			if round%2 == 1 && i%5 > 0 {
				json = fmt.Sprintf(`{"id":%d,`, i) + json[1:]
			}
			text.WriteString(json)
		}
		o := records.Options{}
		if round%2 == 1 {
			m := orders.Default()
			m.ID = orders.Field{"id"}
			o.Mapping = &m
		}
		all, totals, err := records.Process(context.Background(), []input.Source{source(text.String())}, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{1, 500, 5000, 1 << 30} {
			var first []toldPart
			for _, workers := range []int{1, 3} {
				o.Workers, o.BlockBytes = workers, 1+random.IntN(4000)
				parts := partsOf(t, text.String(), o, size, func(string) bool { return false })
				if first == nil {
					first = parts
				}
				if !reflect.DeepEqual(parts, first) {
					t.Fatalf("size %d, %d workers: other parts:\n%v\nwant\n%v", size, workers, parts, first)
				}
			}
			checkParts(t, first, all, totals.Orders)
		}
	}
}

func checkParts(t *testing.T, parts []toldPart, all *records.Records, want int64) {
	t.Helper()
	got := int64(0)
	names, prices, times := map[string]string{}, map[string]string{}, map[string]int64{}
	for i, p := range parts {
		got += p.Orders
		if p.Last != (i == len(parts)-1) || i > 0 && p.Index <= parts[i-1].Index {
			t.Errorf("part %d of %d: index %d, last %v", i, len(parts), p.Index, p.Last)
		}
		for _, c := range p.Customers {
			if _, ok := names[c.Phone]; !ok || c.Named >= 0 {
				names[c.Phone] = c.Name
			}
		}
		for _, item := range p.Items {
			prices[item.Name] = item.Price
			times[item.Name] += item.Orders
		}
	}
	if got != want || len(names) != all.Customers.Len() || len(prices) != all.Items.Len() {
		t.Errorf("%d orders, %d customers, %d items, want %d, %d, %d", got, len(names), len(prices), want, all.Customers.Len(), all.Items.Len())
	}
	for phone, name := range all.Customers.All() {
		if got := names[phone]; got != name && !(got == "" && name == records.Unknown) {
			t.Errorf("customer %s: %q, want %q", phone, got, name)
		}
	}
	for name, item := range all.Items.All() {
		if prices[name] != item.Price || times[name] != item.Orders {
			t.Errorf("item %s: %s %d, want %v", name, prices[name], times[name], item)
		}
	}
}

// Orders whose ids are repeated are left out of a part's records, and those without
// an id never.
func TestRepeatedInParts(t *testing.T) {
	text := `{"id":"a","phone":"1","items":[{"name":"Tea","price":1}]}
{"phone":"2","items":[{"name":"Tea","price":2}]}
{"id":"b","phone":"3","items":[{"name":"Tea","price":3},{"name":"Cake","price":4}]}
{"id":"c","phone":"4","items":[]}`
	m := orders.Default()
	m.ID = orders.Field{"id"}
	o := records.Options{Workers: 1}
	o.Mapping = &m
	parts := partsOf(t, text, o, 1<<20, func(id string) bool { return id != "c" })
	if len(parts) != 1 || !slices.Equal(parts[0].IDs, []string{"a", "b", "c"}) {
		t.Fatalf("parts: %+v", parts)
	}
	var got []string
	for _, c := range parts[0].Customers {
		got = append(got, c.Phone)
	}
	for _, i := range parts[0].Items {
		got = append(got, fmt.Sprint(i.Name, " ", i.Price, " ", i.Orders))
	}
	if want := []string{"2", "4", "Tea 2 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A source without orders is one part, and errors come as from Process.
func TestPartsOfOddSources(t *testing.T) {
	none := partsOf(t, "[]", records.Options{}, 100, nil)
	if len(none) != 1 || !none[0].Last || none[0].Orders != 0 {
		t.Errorf("no orders: %+v", none)
	}
	var syntax *orders.SyntaxError
	var rejected *records.RejectedError
	broken := errors.New("broken")
	do := func(*records.Part) error { return nil }
	if _, err := records.EachPart(context.Background(), source(`[`), records.Options{}, 100, do); !errors.As(err, &syntax) {
		t.Errorf("not JSON: %v", err)
	}
	if _, err := records.EachPart(context.Background(), source(`[{}]`), records.Options{}, 100, do); !errors.As(err, &rejected) {
		t.Errorf("no order: %v", err)
	}
	do = func(*records.Part) error { return broken }
	if _, err := records.EachPart(context.Background(), source(`[]`), records.Options{}, 100, do); !errors.Is(err, broken) {
		t.Errorf("an error of its own: %v", err)
	}
}

func source(text string) input.Source { return input.Reader("in", strings.NewReader(text)) }
