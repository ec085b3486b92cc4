package detail_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/internal/table"
)

// BenchmarkFold folds orders of many customers, with their details and without.
func BenchmarkFold(b *testing.B) {
	const rounds, chunks, orders, customers = 5, 100, 2000, 160_000
	random := rand.New(rand.NewPCG(1, 2))
	var all []*columns.Orders
	for n := range chunks {
		all = append(all, chunkOf(random, int64(n)<<20, orders, customers))
	}
	for _, details := range []bool{false, true} {
		b.Run(fmt.Sprint("details=", details), func(b *testing.B) {
			for b.Loop() {
				var customers, items table.Table
				items.KeepCounts()
				a := &fold.Accumulator{KeepItems: true}
				if details {
					a.Details = new(detail.Accumulator)
					detail.Keep(&customers)
					detail.Keep(&items)
				}
				for n := range rounds * chunks {
					c := all[n%chunks]
					c.From = int64(n) << 20
					a.Fold(&customers, &items, c, 0, c.Len())
				}
				a.Flush(&items)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rounds*chunks*orders), "ns/order")
		})
	}
}

// chunkOf is a chunk of so many orders, as the reader of orders fills it.
func chunkOf(random *rand.Rand, from int64, orders, customers int) *columns.Orders {
	c := &columns.Orders{From: from, HasTimes: true}
	text := func(format string, args ...any) columns.Span {
		start := len(c.Data)
		c.Data = fmt.Appendf(c.Data, format, args...)
		return columns.NewSpan(start, len(c.Data))
	}
	for i := range orders {
		o, who := columns.Order{Start: uint32(len(c.Data)), Number: uint32(i)}, random.IntN(customers)
		o.Phone = text("402-555-%06d", who)
		text(`", "name": "`)
		o.Name = text("Customer %d", who)
		for range 1 + random.IntN(5) {
			text(`, "items": [{"name": "`)
			l, n := columns.Line{At: uint32(len(c.Data))}, random.IntN(200)
			l.Item = text("Item %d with a name", n)
			text(`", "price": `)
			l.Price = text("%d.%0*d", n%40, 1+n%2, n%10)
			c.AllLines = append(c.AllLines, l)
		}
		text("}], \"notes\": \"left at the door\", \"paid\": true}\n")
		o.End, o.Lines = uint32(len(c.Data)), uint32(len(c.AllLines))
		o.Placed = from + int64(1000*i)
		c.All = append(c.All, o)
	}
	return c
}
