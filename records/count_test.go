package records_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// salesText is orders with repeated items, quantities, times and currencies; and with ids
// if they are wanted.
func salesText(random *rand.Rand, n int, ids bool) string {
	var text strings.Builder
	for i, s := range randomSales(random, n) {
		json := s.json()
		if ids {
			json = fmt.Sprintf(`{"id":"%d",`, i) + json[1:]
		}
		text.WriteString(json)
	}
	return text.String()
}

// eachKept calls for all options of what is kept and counted.
func eachKept(t *testing.T, test func(t *testing.T, o records.Options)) {
	for _, detail := range []records.Detail{records.DetailNone, records.DetailKept, records.DetailWritten} {
		for _, count := range []records.Count{records.CountLines, records.CountOrders, records.CountQuantity} {
			t.Run(fmt.Sprintf("detail %d, count %d", detail, count), func(t *testing.T) {
				m := orders.Detailed()
				m.ID = orders.Field{"id"}
				o := records.Options{Detail: detail, Count: count}
				o.Mapping = &m
				test(t, o)
			})
		}
	}
}

// Orders that are added one by one to records that Process made are counted as Process
// counts, and their details are kept.
func TestAddKeepsWhatProcessKeeps(t *testing.T) {
	text := salesText(rand.New(rand.NewPCG(5, 0)), 200, true)
	eachKept(t, func(t *testing.T, o records.Options) {
		want, _, err := records.Process(context.Background(), []input.Source{source(text)}, o)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := records.Process(context.Background(), []input.Source{source("[]")}, o)
		if err != nil {
			t.Fatal(err)
		}
		for order, err := range orders.All(context.Background(), []input.Source{source(text)}, o.Options) {
			if err != nil {
				t.Fatal(err)
			}
			got.Add(order)
		}
		if written(got) != written(want) {
			t.Errorf("got\n%s\nwant\n%s", written(got), written(want))
		}
		for _, all := range []func(*records.Records) any{
			func(r *records.Records) any { return maps.Collect(r.Customers.Details()) },
			func(r *records.Records) any { return maps.Collect(r.Items.Details()) },
			func(r *records.Records) any { return maps.Collect(r.Activity().Days()) },
			func(r *records.Records) any { return r.Activity().Revenue() },
			func(r *records.Records) any { return [2]any{r.Activity().Lines, r.Activity().With} },
		} {
			if (o.Detail != records.DetailNone) && !reflect.DeepEqual(all(got), all(want)) {
				t.Errorf("got %v\nwant %v", all(got), all(want))
			}
		}
	})
}

// Parts count as Process counts, whatever is counted, with ids and without.
func TestPartsCount(t *testing.T) {
	for _, ids := range []bool{false, true} {
		text := salesText(rand.New(rand.NewPCG(6, 0)), 200, ids)
		for _, count := range []records.Count{records.CountLines, records.CountOrders, records.CountQuantity} {
			o := records.Options{Workers: 2, Count: count}
			o.BlockBytes = 3000
			m := orders.Detailed()
			m.ID = nil
			if ids {
				m.ID = orders.Field{"id"}
			}
			o.Mapping = &m
			want, _, err := records.Process(context.Background(), []input.Source{source(text)}, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int64{1, 5000, 1 << 30} {
				var all *records.Records
				_, err = records.EachPart(context.Background(), source(text), o, size, func(p *records.Part) error {
					part := p.Records(nil)
					if all == nil {
						all = part
					} else {
						all.Merge(part)
					}
					return nil
				})
				if got, want := maps.Collect(all.Items.Details()), maps.Collect(want.Items.Details()); !reflect.DeepEqual(got, want) {
					t.Errorf("ids %v, count %d, parts of %d bytes: details %v\nwant %v", ids, count, size, got, want)
				}
				if err != nil || written(all) != written(want) {
					t.Errorf("ids %v, count %d, parts of %d bytes: %v\n%s\nwant\n%s", ids, count, size, err, written(all), written(want))
				}
			}
		}
	}
}

// Of a part whose ids are partly known, each order that is left counts an item once.
func TestPartsCountOrdersOnce(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, `{"id":"%d","phone":"1","items":[{"name":"Tea","price":1},{"name":"Cake","price":1},{"name":"Tea","price":1}]}`, i)
	}
	for _, every := range []int{2, 7, 1000} {
		got := int64(0)
		_, err := records.EachPart(context.Background(), source(text.String()), countedOrders(), 1<<30, func(p *records.Part) error {
			item, _ := p.Records(func(i int) bool { return i%every > 0 }).Items.Item("Tea")
			got = item.Orders
			return nil
		})
		if want := int64((3000 + every - 1) / every); err != nil || got != want {
			t.Errorf("one in %d: %d orders, want %d: %v", every, got, want, err)
		}
	}
}

// countedOrders counts orders that have ids.
func countedOrders() (o records.Options) {
	m := orders.Default()
	m.ID = orders.Field{"id"}
	o.Mapping, o.Count, o.Workers = &m, records.CountOrders, 1
	return o
}

// BenchmarkKnownIDs folds a part in which every second order is known: what an order costs
// must not depend on how many there are in a block.
func BenchmarkKnownIDs(b *testing.B) {
	for _, n := range []int{1000, 8000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `{"id":"%d","phone":"1","items":[{"name":"Tea","price":1}]}`, i)
		}
		o := countedOrders()
		o.BlockBytes = 1 << 20
		b.Run(fmt.Sprint("orders=", n), func(b *testing.B) {
			_, err := records.EachPart(context.Background(), source(text.String()), o, 1<<30, func(p *records.Part) error {
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

// What a caller can ask for makes an error and no panic.
func TestOddCalls(t *testing.T) {
	for _, size := range []int64{0, -1} {
		_, err := records.EachPart(context.Background(), source("[]"), records.Options{}, size, func(*records.Part) error { return nil })
		if err == nil {
			t.Errorf("parts of %d bytes are no error", size)
		}
	}
	if text := new(records.RejectedError).Error(); text == "" {
		t.Error("no orders are rejected: no message")
	}
	for range (&records.Records{}).Activity().Days() {
		t.Error("no orders have days")
	}
	var none records.Part
	if n := none.Records(nil).Customers.Len(); n != 0 {
		t.Errorf("a part without orders has %d customers", n)
	}
}
