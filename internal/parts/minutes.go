package parts

import (
	"cmp"
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/money"
	"process-orders/store"
)

// Minutes are what the orders without an id say as a whole that were placed in one minute. The
// zero value has none.
//
// Orders can be of a million minutes, so these are not found by a key. Orders mostly come by
// time. So what is of one minute is added up as long as the next order is of it too, and then
// goes to the end of a log. If the log is full, it is sorted, what is there twice is added up,
// and it grows if that does not make it half empty.
type Minutes struct {
	log []entry

	// These are of the last order's minute, and not in the log yet.
	start, orders int64
	sums          detail.Sums
}

// An entry is what some orders of a minute say of one currency. Each order counts in one entry,
// which may have no lines.
type entry struct {
	start, orders int64
	sum           detail.CurrencySum
}

// AddOrder adds an order.
func (m *Minutes) AddOrder(_ *columns.Orders, _ int, o *detail.Order) {
	if start := store.MinuteOf(o.Placed); start != m.start {
		m.logLast()
		m.start = start
	}
	m.orders++
	m.sums = m.sums.Add(o)
}

// logLast moves the minute of the last order to the log.
func (m *Minutes) logLast() {
	if m.orders > 0 && len(m.sums) == 0 {
		m.sums = append(m.sums, detail.CurrencySum{})
	}
	for i := range m.sums {
		if len(m.log) == cap(m.log) {
			m.makeRoom()
		}
		m.log = append(m.log, entry{m.start, m.orders, m.sums[i]})
		m.orders = 0
	}
	m.sums = m.sums[:0]
}

func (m *Minutes) makeRoom() {
	m.combine()
	if len(m.log) > cap(m.log)/2 {
		m.log = slices.Grow(m.log, len(m.log))
	}
}

// combine sorts the log, and makes one entry of those of the same minute and currency.
func (m *Minutes) combine() {
	// What is nearly sorted is sorted fastest if equals keep their order.
	slices.SortStableFunc(m.log, entry.compare)
	kept := m.log[:0]
	for i := range m.log {
		e := &m.log[i]
		if last := len(kept) - 1; last >= 0 && kept[last].compare(*e) == 0 {
			kept[last].orders += e.orders
			kept[last].sum.Merge(&e.sum)
		} else {
			kept = append(kept, *e)
		}
	}
	m.log = kept
}

func (e entry) compare(other entry) int {
	if e.start != other.start {
		return cmp.Compare(e.start, other.start)
	}
	return e.sum.Currency.Compare(other.sum.Currency)
}

// Merge adds all of other minutes, which stay as they are.
func (m *Minutes) Merge(other *Minutes) {
	other.logLast()
	m.log = append(m.log, other.log...)
}

// All returns the minutes, as a [store.Delta] has them.
func (m *Minutes) All() []store.Minute {
	m.logLast()
	m.combine()
	if len(m.log) == 0 {
		return nil
	}
	all := make([]store.Minute, 0, len(m.log))
	sums := make([]store.MinuteSum, 0, len(m.log)) // of all minutes, one after the other
	for i := range m.log {
		e := &m.log[i]
		if last := len(all) - 1; last < 0 || all[last].Start != e.start {
			all = append(all, store.Minute{Start: e.start})
		}
		to := &all[len(all)-1]
		to.Orders += e.orders
		if e.sum.Lines > 0 {
			from := len(sums) - len(to.Sums)
			sums = append(sums, store.MinuteSum{Lines: e.sum.Lines, Sum: money.Sum{Currency: e.sum.Currency, Amount: e.sum.Amount()}})
			to.Sums = sums[from:len(sums):len(sums)]
		}
	}
	return all
}
