package fold_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
)

// BenchmarkDigest folds chunks of lines of menus of different sizes. Its chunks have few
// orders, so that nearly all of the time is the lines'.
func BenchmarkDigest(b *testing.B) {
	for _, menu := range []int{200, 500, 2_000, 20_000, 1 << 30} {
		b.Run(fmt.Sprint("items=", menu), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			var chunks []*columns.Orders
			for n := range 2 {
				chunks = append(chunks, chunkOfLines(random, int64(n)<<19, 6000, menu))
			}
			customers, items := new(table.Table), new(table.Table)
			items.KeepCounts()
			a := &fold.Accumulator{KeepItems: true}
			n, lines := 0, 0
			for b.Loop() {
				c := chunks[n%len(chunks)]
				c.From = int64(n) << 19
				a.Fold(customers, items, c, 0, c.Len())
				lines += c.Lines()
				if n++; n%256 == 0 {
					a.Flush(items)
					items = new(table.Table)
					items.KeepCounts()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(lines), "ns/line")
		})
	}
}

// chunkOfLines is a chunk with so many lines, of a menu of so many items.
func chunkOfLines(random *rand.Rand, from int64, lines, menu int) *columns.Orders {
	c := &columns.Orders{From: from, HasNoPhone: true}
	text := func(format string, args ...any) columns.Span {
		start := len(c.Data)
		c.Data = fmt.Appendf(c.Data, format, args...)
		return columns.NewSpan(start, len(c.Data))
	}
	for range lines / 100 {
		o := columns.Order{Start: uint32(len(c.Data))}
		text(`{"phone": "402-555-159602", "items": [`)
		for range 100 {
			text(`{"name": "`)
			l := columns.Line{At: uint32(len(c.Data))}
			n := random.IntN(menu)
			l.Item = text("Item %d with a name", n)
			text(`", "price": `)
			l.Price = text("%d.%02d", n%40, random.IntN(100))
			text("}, ")
			c.AllLines = append(c.AllLines, l)
		}
		o.End, o.Lines = uint32(len(c.Data)), uint32(len(c.AllLines))
		c.All = append(c.All, o)
	}
	return c
}
