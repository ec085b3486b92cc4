package apply

import (
	"cmp"
	"iter"
	"slices"

	"process-orders/internal/parts"
	"process-orders/records"
	"process-orders/store"
)

// Expected are the records that a store will hold, as far as that is known before it holds
// them: see [Options].Expect. They are in memory, and may be read at any time and by several
// goroutines, also while the store is being changed.
type Expected struct {
	customers []store.Customer
	items     []store.Item
}

// Records calls write as [Records] does, with details or without: with the same customers and
// items as the store has in the end. It returns write's error.
func (e *Expected) Records(details bool, write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	customers := inOrder(e.customers, func(c *store.Customer) store.Version { return c.First })
	items := inOrder(e.items, func(i *store.Item) store.Version { return i.First })
	return writeRecords(customers, items, details, write)
}

// inOrder yields records sorted by their first appearance. It sorts their indexes when they are
// read, as the store works with the records at that time.
func inOrder[T any](all []T, first func(*T) store.Version) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		order := make([]int, len(all))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(first(&all[a]), first(&all[b])) })
		for _, i := range order {
			if !yield(all[i], nil) {
				return
			}
		}
	}
}

// expect says what the store will hold if it holds nothing yet and the batch is all that
// comes, and reports whether it did. Others may apply orders meanwhile; only the store knows.
func (j *job) expect(to store.Progress, p *parts.Part, b *store.Batch) bool {
	isAll := to.Number == 1 && to.Batches == 0 && p.First && p.Last && len(b.States) == 0
	if j.options.Expect == nil || !isAll {
		return false
	}
	j.options.Expect(newExpected(&b.Delta))
	return true
}

// newExpected returns what a store holds that has nothing but a delta.
func newExpected(d *store.Delta) *Expected { return &Expected{d.Customers, d.Items} }
