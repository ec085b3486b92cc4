package parts

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/store"
)

// Minutes are what the orders without an id say as a whole that were placed in one minute. The
// zero value has none.
//
// Orders can be of a million minutes, so each folder has a log of them, which is sorted at last.
// Those of the same minute meet when all logs are read, one minute after the other.
type Minutes struct{ logs [][]entry }

// An entry is what some orders of a minute say of one currency. Each order counts in one entry,
// which may have no lines.
type entry struct {
	start, orders int64
	sum           detail.CurrencySum
}

// mostJoined is up to which length logs are joined.
const mostJoined = 4096

// Merge adds other minutes. The logs of small parts are joined if the one before is not much
// longer, so that there are few of them, and each entry is copied a few times at most.
func (m *Minutes) Merge(other Minutes) {
	for _, log := range other.logs {
		for n := len(m.logs) - 1; n >= 0 && len(log) <= mostJoined && len(m.logs[n]) <= 2*len(log); n-- {
			joined := minuteLog{log: slices.Concat(m.logs[n], log), isUnsorted: true}
			joined.sort()
			m.logs, log = m.logs[:n], joined.log
		}
		m.logs = append(m.logs, log)
	}
}

// All yields the minutes by their starts, as a [store.Delta] has them. The Sums of one are valid
// until the next one comes.
func (m Minutes) All() iter.Seq[store.Minute] {
	return func(yield func(store.Minute) bool) {
		logs := slices.Clone(m.logs)
		var sums detail.Sums
		var one store.Minute
		for {
			one.Start, one.Orders, one.Sums = math.MaxInt64, 0, one.Sums[:0]
			for _, log := range logs {
				if len(log) > 0 {
					one.Start = min(one.Start, log[0].start)
				}
			}
			sums = sums[:0]
			for i, log := range logs {
				for len(log) > 0 && log[0].start == one.Start {
					one.Orders += log[0].orders
					if log[0].sum.Lines > 0 {
						sums = sums.With(&log[0].sum)
					}
					log = log[1:]
				}
				logs[i] = log
			}
			if one.Orders == 0 {
				return
			}
			for _, s := range sums.Sorted() {
				sum := store.MinuteSum{Lines: s.Lines}
				sum.Currency, sum.Amount = s.Currency, s.Amount()
				one.Sums = append(one.Sums, sum)
			}
			if !yield(one) {
				return
			}
		}
	}
}

// A minuteLog is what the orders of one folder say by the minute.
//
// An order that is of the minute and the currency of the last entry is added to that. Any other
// goes to the end of the log. If the log is full, it is sorted, what is there twice is added up,
// and it grows if that does not make it half empty.
type minuteLog struct {
	log        []entry
	isUnsorted bool        // or may have some of the same minute and currency
	sums       detail.Sums // memory for those of one order
}

// AddAll adds the orders that stand.
func (l *minuteLog) AddAll(c *columns.Orders, first int, all []detail.Order) {
	for i := range all {
		if !c.IsSkipped(first + i) {
			l.addOrder(&all[i])
		}
	}
}

func (l *minuteLog) addOrder(o *detail.Order) {
	start := store.MinuteOf(o.Placed)
	if last := len(l.log) - 1; last >= 0 && l.log[last].start == start && l.log[last].sum.AddOrder(o) {
		l.log[last].orders++
		return
	}
	if l.sums = l.sums[:0].Add(o); len(l.sums) == 0 {
		l.sums = append(l.sums, detail.CurrencySum{})
	}
	orders := int64(1)
	for _, sum := range l.sums {
		l.add(entry{start, orders, sum})
		orders = 0 // each order counts in one entry
	}
}

func (l *minuteLog) add(e entry) {
	if len(l.log) == cap(l.log) {
		l.makeRoom()
	}
	l.isUnsorted = l.isUnsorted || len(l.log) > 0 && l.log[len(l.log)-1].compare(&e) >= 0
	l.log = append(l.log, e)
}

func (l *minuteLog) makeRoom() {
	l.sort()
	if n := len(l.log); n >= cap(l.log)/2 {
		l.log = slices.Grow(l.log, max(n, 1))
	}
}

// sort sorts the log, and makes one entry of those of the same minute and currency.
func (l *minuteLog) sort() {
	if !l.isUnsorted {
		return
	}
	slices.SortFunc(l.log, func(a, b entry) int { return a.compare(&b) })
	kept := l.log[:0]
	for i := range l.log {
		e := &l.log[i]
		if last := len(kept) - 1; last >= 0 && kept[last].compare(e) == 0 {
			kept[last].orders += e.orders
			kept[last].sum.Merge(&e.sum)
		} else {
			kept = append(kept, *e)
		}
	}
	l.log, l.isUnsorted = kept, false
}

func (e *entry) compare(other *entry) int {
	if e.start != other.start {
		return cmp.Compare(e.start, other.start)
	}
	return e.sum.Currency.Compare(other.sum.Currency)
}

// minutes returns what the log has. It is not to be used afterwards.
func (l *minuteLog) minutes() Minutes {
	l.sort()
	return Minutes{[][]entry{l.log}}
}
