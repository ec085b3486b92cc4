package records_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// benchOrders are orders as a shop has them: customers who come again, few items.
func benchOrders(n, customers, items int) (list []purchase) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		c := r.IntN(customers)
		p := purchase{phone: fmt.Sprintf("732-%03d-%04d", c/10_000, c%10_000)}
		if c%5 > 0 {
			p.name = fmt.Sprint("Customer Number ", c)
		}
		for range 1 + r.IntN(4) {
			i := r.IntN(items)
			p.lines = append(p.lines, purchaseLine{fmt.Sprint("Masala Dosa ", i), fmt.Sprintf("%d.50", i%20)})
		}
		list = append(list, p)
	}
	return list
}

// kinds are few customers, whose records stay in the cache, and many.
var kinds = []struct {
	name      string
	customers int
}{{"few", 1000}, {"many", 200_000}}

// BenchmarkAdd folds orders one by one, into records that know their keys.
func BenchmarkAdd(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			var list []orders.Order
			for _, p := range benchOrders(kind.customers, kind.customers, 200) {
				list = append(list, p.order())
			}
			var all records.Records
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				all.Add(list[i])
				if i++; i == len(list) {
					i = 0
				}
			}
		})
	}
}

// BenchmarkProcess is a whole run over NDJSON in memory.
func BenchmarkProcess(b *testing.B) {
	for _, kind := range kinds {
		var text bytes.Buffer
		for _, p := range benchOrders(300_000, kind.customers, 200) {
			text.WriteString(p.json() + "\n")
		}
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("%s/workers=%d", kind.name, workers), func(b *testing.B) {
				b.SetBytes(int64(text.Len()))
				b.ReportAllocs()
				for b.Loop() {
					source := input.Reader("bench", bytes.NewReader(text.Bytes()))
					source.Size, source.Reopens = int64(text.Len()), true // as of a file
					if _, _, err := records.Process(context.Background(), []input.Source{source}, options(workers, 0)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkMerge merges records, into none and into ones with the same keys.
func BenchmarkMerge(b *testing.B) {
	for _, kind := range kinds {
		part := folded(benchOrders(kind.customers, kind.customers, 200))
		b.Run(kind.name+"/new", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var all records.Records
				all.Merge(part)
			}
		})
		b.Run(kind.name+"/known", func(b *testing.B) {
			var all records.Records
			b.ReportAllocs()
			for b.Loop() {
				all.Merge(part)
			}
		})
	}
}

func BenchmarkWriteTo(b *testing.B) {
	for _, kind := range kinds {
		all := folded(benchOrders(kind.customers, kind.customers, 200))
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(written(all))))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := all.WriteTo(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
