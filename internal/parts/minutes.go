package parts

import (
	"iter"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/store"
)

// Minutes are what the orders without an id say as a whole that were placed in one minute. The
// zero value has none.
type Minutes struct {
	byStart map[int64]*minute
	last    *minute // that of the last order, as the next one often has the same
}

// minute is one of them. Its Sums are set when it is read.
type minute struct {
	start, orders int64
	sums          detail.Sums
}

// AddOrder adds an order.
func (m *Minutes) AddOrder(_ *columns.Orders, _ int, o *detail.Order) {
	one := m.last
	if one == nil || one.start != o.Placed && store.MinuteOf(o.Placed) != one.start {
		one = m.at(store.MinuteOf(o.Placed))
		m.last = one
	}
	one.orders++
	one.sums = one.sums.Add(o)
}

// at returns the minute with that start.
func (m *Minutes) at(start int64) *minute {
	one := m.byStart[start]
	if one == nil {
		if m.byStart == nil {
			m.byStart = map[int64]*minute{}
		}
		one = &minute{start: start}
		m.byStart[start] = one
	}
	return one
}

// merge adds all of other minutes.
func (m *Minutes) merge(other *Minutes) {
	for start, from := range other.byStart {
		one := m.at(start)
		one.orders += from.orders
		one.sums = one.sums.Merge(from.sums)
	}
}

// All yields the minutes, in any order.
func (m *Minutes) All() iter.Seq[store.Minute] {
	return func(yield func(store.Minute) bool) {
		for _, one := range m.byStart {
			if !yield(one.forStore()) {
				return
			}
		}
	}
}

func (m *minute) forStore() store.Minute {
	all := store.Minute{Start: m.start, Orders: m.orders}
	sums := m.sums.Sorted()
	for i := range sums {
		s := store.MinuteSum{Lines: sums[i].Lines}
		s.Currency, s.Amount = sums[i].Currency, sums[i].Amount()
		all.Sums = append(all.Sums, s)
	}
	return all
}
