package records_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

func TestNoSources(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 8, 5000} {
		all, totals, err := records.Process(context.Background(), nil, options(workers, 0))
		if err != nil || !reflect.DeepEqual(totals, orders.Totals{}) {
			t.Fatal(totals, err)
		}
		same(t, all, newNaive())
	}
}

// Later is further along in the sources as they are given, whatever their
// shapes.
func TestALaterSourceIsLater(t *testing.T) {
	first := `[{"phone": "1", "name": "First", "items": [{"name": "Idli", "price": 1}, {"name": "Tea", "price": 5}]}]`
	second := `{"phone": "2", "name": "Two", "items": []}
	           {"phone": "1", "name": "Second", "items": [{"name": "Idli", "price": 2.0}]}`
	third := `{"orders": [{"phone": "3", "items": [{"name": "Vada", "price": 3}]}, {"phone": "1", "items": []}]}`
	for _, c := range []struct {
		documents                []string
		name, price, phones, any string
	}{
		{[]string{first, second, third}, "Second", "2.0", "1 2 3", "Idli Tea Vada"},
		{[]string{third, second, first}, "First", "1", "3 1 2", "Vada Idli Tea"},
		{[]string{second, first, third}, "First", "1", "2 1 3", "Idli Tea Vada"},
		{[]string{third, first, second}, "Second", "2.0", "3 1 2", "Vada Idli Tea"},
		{[]string{first, "[]", first, second}, "Second", "2.0", "1 2", "Idli Tea"},
	} {
		for _, o := range manyWays() {
			all, _, err := records.Process(context.Background(), sourcesOf(documents(c.documents...)), o)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := all.Customers.Name("1")
			item, _ := all.Items.Item("Idli")
			var phones, items []string
			for phone := range all.Customers.All() {
				phones = append(phones, phone)
			}
			for item := range all.Items.All() {
				items = append(items, item)
			}
			if name != c.name || item.Price != c.price || strings.Join(phones, " ") != c.phones || strings.Join(items, " ") != c.any {
				t.Fatalf("%s: %v: got %s, %s, %v, %v; want %+v", wayName(o), c.documents, name, item.Price, phones, items, c)
			}
		}
	}
}

// Workers take turns, so the parts that are merged alternate in the input:
// with each read all others get their chance.
type yielding struct{ text *strings.Reader }

func (y yielding) Read(p []byte) (int, error) {
	for range 20 {
		runtime.Gosched()
	}
	return y.text.Read(p)
}

func TestInterleavedParts(t *testing.T) {
	for _, c := range []struct {
		name          string
		names, prices int // how many there are
	}{
		{"all names and prices differ", 1000, 1000},
		{"names and prices come again", 2, 2}, // where the later of two equal ones counts
	} {
		var list []purchase
		var text strings.Builder
		for i := range 400 {
			p := purchase{phone: fmt.Sprint(i * 7 % 60)}
			if i%3 == 0 {
				p.name = fmt.Sprint("Name ", i*i/11%c.names)
			}
			for j := range i % 4 {
				p.lines = append(p.lines, purchaseLine{fmt.Sprint("Item ", (i+j*j)*5%40), fmt.Sprintf("%d.%02d", (i+j*i/7)%c.prices, j)})
			}
			list = append(list, p)
			text.WriteString(p.json() + "\n")
		}
		rounds := 20
		if testing.Short() {
			rounds = 5
		}
		for round := range rounds {
			for workers := 2; workers <= 8; workers++ {
				source := input.Reader("a.json", yielding{strings.NewReader(text.String())})
				all, _, err := records.Process(context.Background(), []input.Source{source}, options(workers, 100+round))
				if err != nil {
					t.Fatal(err)
				}
				same(t, all, newNaive(list...))
			}
		}
	}
}

// The totals count what was read, after decompression; BytesRead before it.
func TestTotals(t *testing.T) {
	texts := []string{someBad(30), "\ufeff[" + good + "," + bad + "]  \n", `{"orders": [], "x": 5}` + "\n\n"}
	var want orders.Totals
	for _, text := range texts {
		want.Bytes += int64(len(text))
	}
	want.Orders, want.Rejected = 21, 11
	for _, o := range manyWays() {
		for _, way := range []way{plain, gzipped, byteByByte} {
			var sources []input.Source
			var raw int64
			for i, text := range texts {
				sources = append(sources, document{text, way}.source(i))
				if raw += int64(len(text)); way == gzipped {
					raw += int64(len(gzipOf(text)) - len(text))
				}
			}
			var read atomic.Int64
			o.BytesRead = &read
			o.Reject = func(*orders.Reject) error { return nil }
			_, totals, err := records.Process(context.Background(), sources, o)
			if err != nil || !reflect.DeepEqual(totals, want) || read.Load() != raw {
				t.Fatalf("%s, %v: got %+v, %d bytes read, %v; want %+v, %d", wayName(o), way, totals, read.Load(), err, want, raw)
			}
		}
	}
}

// The records of a run with a limit are those of one without.
func TestMemoryBytesChangesNothing(t *testing.T) {
	text := someBad(50)
	want := handledOutcome(documents(text), options(1, 0))
	for _, limit := range []int64{1 << 30, 1 << 10} {
		for _, o := range manyWays() {
			o.MemoryBytes = limit
			if err := sameOutcome(handledOutcome(documents(text), o), want); err != nil {
				t.Fatalf("%s: %v", wayName(o), err)
			}
		}
	}
	if !slices.Contains(strings.Fields(want.items), `"Idli":`) {
		t.Error(want.items)
	}
}
