package parts

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"unsafe"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
	"process-orders/store"
)

// Minutes are what the orders without an id say as a whole that were placed in one minute. The
// zero value has none.
//
// Orders can be of a million minutes, so each folder has a log of them, which is sorted at last.
// Those of the same minute meet when all logs are read, one minute after the other.
type Minutes struct{ logs []log }

// A log has entries. It is in parts, as copying it whenever it grows would take longer than all
// else that is done for an entry.
type log struct {
	parts [][]entry            // none is empty
	large []detail.CurrencySum // those few sums that are not small
	n     int                  // how many entries there are
}

// An entry is what some orders of a minute say of one currency. Each order counts in one entry,
// which may have no lines.
type entry struct {
	start  int64
	small  detail.SmallSum // has the currency also of a sum that is not small
	orders uint32
	large  uint32 // the number of such a sum in the log, from 1; 0 if it is small
}

// A part has so many entries at most: 64 KiB.
const partEntries = 2048

// add adds an entry behind all others.
func (l *log) add(e entry) {
	n := len(l.parts) - 1
	if n < 0 || len(l.parts[n]) == cap(l.parts[n]) {
		l.parts = append(l.parts, make([]entry, 0, min(max(l.n, 4), partEntries)))
		n++
	}
	l.parts[n] = append(l.parts[n], e)
	l.n++
}

// last returns the entry that was added last, nil if there is none.
func (l *log) last() *entry {
	if l.n == 0 {
		return nil
	}
	part := l.parts[len(l.parts)-1]
	return &part[len(part)-1]
}

// sum returns the sum of an entry.
func (l *log) sum(e *entry) detail.CurrencySum {
	if e.large == 0 {
		return e.small.Sum()
	}
	return l.large[e.large-1]
}

// setSum sets the sum of an entry.
func (l *log) setSum(e *entry, sum detail.CurrencySum) {
	small, isSmall := sum.Small()
	switch {
	case e.large > 0:
		l.large[e.large-1] = sum
	case isSmall:
		e.small = small
	default:
		l.large = append(l.large, sum)
		e.small, e.large = detail.SmallSum{Currency: sum.Currency}, uint32(len(l.large))
	}
}

// join adds an entry of the same minute and currency to another one, if that can count so many.
func (l *log) join(to, e *entry) bool {
	if uint64(to.orders)+uint64(e.orders) > math.MaxUint32 {
		return false
	}
	to.orders += e.orders
	if to.large == 0 && e.large == 0 && to.small.Merge(&e.small) {
		return true
	}
	sum, other := l.sum(to), l.sum(e)
	sum.Merge(&other)
	l.setSum(to, sum)
	return true
}

// sort sorts the log, and joins entries of the same minute and currency.
func (l *log) sort() {
	all := slices.Concat(l.parts...)
	slices.SortFunc(all, func(a, b entry) int { return a.compare(&b) })
	kept := all[:0]
	for i := range all {
		if last := len(kept) - 1; last < 0 || kept[last].compare(&all[i]) != 0 || !l.join(&kept[last], &all[i]) {
			kept = append(kept, all[i])
		}
	}
	large := l.large
	l.large = nil
	for i := range kept {
		if e := &kept[i]; e.large > 0 {
			l.large = append(l.large, large[e.large-1])
			e.large = uint32(len(l.large))
		}
	}
	l.parts, l.n = [][]entry{kept}, len(kept)
}

// canAdd reports whether one more order can be added to the entry where it is.
func (e *entry) canAdd() bool { return e.large == 0 && e.orders < math.MaxUint32 }

func (e *entry) compare(other *entry) int {
	if e.start != other.start {
		return cmp.Compare(e.start, other.start)
	}
	return e.small.Currency.Compare(other.small.Currency)
}

// joined returns a log with the entries of two, each of which is sorted.
func joined(one, other *log) log {
	all := log{parts: slices.Clone(one.parts), large: slices.Concat(one.large, other.large)}
	for _, part := range other.parts {
		part = slices.Clone(part)
		for i := range part {
			if part[i].large > 0 {
				part[i].large += uint32(len(one.large))
			}
		}
		all.parts = append(all.parts, part)
	}
	all.sort()
	return all
}

// mostJoined is up to which length logs are joined.
const mostJoined = 4096

// Merge adds other minutes. The logs of small parts are joined if the one before is not much
// longer, so that there are few of them, and each entry is copied a few times at most.
func (m *Minutes) Merge(other Minutes) {
	for _, more := range other.logs {
		for n := len(m.logs) - 1; n >= 0 && more.n <= mostJoined && m.logs[n].n <= 2*more.n; n-- {
			m.logs, more = m.logs[:n], joined(&m.logs[n], &more)
		}
		m.logs = append(m.logs, more)
	}
}

// All yields the minutes by their starts, as a [store.Delta] has them. The Sums of one are valid
// until the next one comes.
func (m Minutes) All() iter.Seq[store.Minute] {
	return func(yield func(store.Minute) bool) {
		all := make([]cursor, len(m.logs))
		for i := range all {
			all[i] = cursor{log: &m.logs[i], parts: m.logs[i].parts}
			all[i].next()
		}
		var sums detail.Sums
		var one store.Minute
		for {
			one.Start, one.Orders, one.Sums, sums = math.MaxInt64, 0, one.Sums[:0], sums[:0]
			for i := range all {
				one.Start = min(one.Start, all[i].start)
			}
			if one.Start == math.MaxInt64 {
				return
			}
			for i := range all {
				for c := &all[i]; c.start == one.Start; c.next() {
					one.Orders += int64(c.at.orders)
					if sum := c.log.sum(c.at); sum.Lines > 0 {
						sums = sums.With(&sum)
					}
				}
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

// A cursor goes over a log. Behind its end the start is math.MaxInt64.
type cursor struct {
	start int64
	at    *entry
	log   *log
	part  []entry // what is left of it
	parts [][]entry
}

func (c *cursor) next() {
	if len(c.part) == 0 {
		if len(c.parts) == 0 {
			c.start = math.MaxInt64
			return
		}
		c.part, c.parts = c.parts[0], c.parts[1:]
	}
	c.at, c.part = &c.part[0], c.part[1:]
	c.start = c.at.start
}

// A minuteLog is what the orders of one folder say by the minute.
//
// An order that is of the minute and the currency of the last entry is added to that. Any other
// goes to the end of the log. If it came out of order, the log is sorted as soon as it is twice as
// long as it was when it was sorted last, so that it holds each minute a few times at most.
type minuteLog struct {
	log
	isUnsorted bool        // or may have some of the same minute and currency
	sorted     int         // how many entries it had when it was sorted last
	sums       detail.Sums // memory for those of one order
	reported   int64       // see grown
}

// grown returns about how much more memory the log takes than when it was called last.
func (l *minuteLog) grown() int64 {
	now := int64(l.n)*int64(unsafe.Sizeof(entry{})) + int64(len(l.large))*int64(unsafe.Sizeof(detail.CurrencySum{}))
	more := now - l.reported
	l.reported = now
	return more
}

// mostUnsorted is how many entries are left unsorted until the minutes are wanted.
const mostUnsorted = 2 * partEntries

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
	if last := l.last(); last != nil && last.start == start && last.canAdd() && last.small.AddOrder(o) {
		last.orders++
		return
	}
	if l.sums = l.sums[:0].Add(o); len(l.sums) == 0 {
		l.sums = append(l.sums, detail.CurrencySum{})
	}
	orders := uint32(1)
	if l.isUnsorted && l.n >= max(2*l.sorted, mostUnsorted) {
		l.sort()
	}
	for i := range l.sums {
		e := entry{start: start, orders: orders}
		l.setSum(&e, l.sums[i])
		last := l.last()
		l.isUnsorted = l.isUnsorted || last != nil && last.compare(&e) >= 0
		l.add(e)
		orders = 0 // each order counts in one entry
	}
}

func (l *minuteLog) sort() {
	l.log.sort()
	l.isUnsorted, l.sorted = false, l.n
}

// minutes returns what the log has. It is not to be used afterwards.
func (l *minuteLog) minutes() Minutes {
	if l.isUnsorted {
		l.sort()
	}
	return Minutes{[]log{l.log}}
}
