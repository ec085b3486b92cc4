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
	customers []store.Customer // sorted by their first appearance
	items     []store.Item     // in the same way
}

// Records calls write as [Records] does, with details or without: with the same customers and
// items as the store has in the end. It returns write's error.
func (e *Expected) Records(details bool, write func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error) error {
	return writeRecords(withoutErrors(e.customers), withoutErrors(e.items), details, write)
}

func withoutErrors[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
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

// newExpected returns what a store holds that has nothing but a delta. It sorts the delta,
// whose order means nothing.
func newExpected(d *store.Delta) *Expected {
	slices.SortFunc(d.Customers, func(x, y store.Customer) int { return cmp.Compare(x.First, y.First) })
	slices.SortFunc(d.Items, func(x, y store.Item) int { return cmp.Compare(x.First, y.First) })
	return &Expected{d.Customers, d.Items}
}
