package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"process-orders/store"
)

// BenchmarkApply applies the records of 2 million orders as one batch, to an empty
// store and to one that has them; and 100,000 ids of orders.
func BenchmarkApply(b *testing.B) {
	const customers, items = 167_000, 200
	delta := func(source int64) (d store.Delta) {
		random := rand.New(rand.NewPCG(1, 2))
		for i, n := range random.Perm(customers) {
			v := store.Version{Source: source, At: int64(i) * 300}
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprintf("%03d-555-%06d", n%1000, n), Name: fmt.Sprint("Some Name ", n), Named: v, First: v})
		}
		for i := range items {
			v := store.Version{Source: source, At: int64(i)}
			d.Items = append(d.Items, store.Item{Name: fmt.Sprint("Item ", i), Price: "10.50", Priced: v, First: v, Orders: 10000})
		}
		return d
	}
	var ids []string
	for i := range 100_000 {
		ids = append(ids, fmt.Sprintf("gid://shop/Order/%d", 5000000+i*7919%100_000))
	}
	for _, test := range []struct {
		name   string
		before int
		ids    []string
	}{{"empty", 0, nil}, {"merge", 1, nil}, {"ids", 1, ids}} {
		b.Run(test.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				s := open(b, filepath.Join(b.TempDir(), fmt.Sprint(i)))
				run := func(n int64, timed bool) {
					d := delta(n)
					if _, err := s.Start(context.Background(), store.Source{ID: fmt.Sprint(n)}, false); err != nil {
						b.Fatal(err)
					}
					if test.ids != nil {
						d = store.Delta{}
					}
					if timed {
						b.StartTimer()
					}
					_, err := s.Apply(context.Background(), store.Batch{ID: fmt.Sprint(n), Source: n, OrderIDs: test.ids,
						Fold: func(func(int) bool) (store.Delta, error) { return d, nil }})
					if err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
				}
				for n := range test.before {
					run(int64(n+1), false)
				}
				run(int64(test.before+1), true)
				b.StartTimer()
			}
		})
	}
}
