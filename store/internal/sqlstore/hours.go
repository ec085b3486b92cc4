package sqlstore

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"process-orders/money"
	"process-orders/store"
)

// An Hour is the row of the minutes of an hour that have orders or new customers. Minutes are
// kept by the hour, as orders of years are in more minutes than rows are good for.
type Hour struct {
	// Start is when the hour starts, in milliseconds since 1970, or [store.NoTime].
	Start   int64
	Minutes []Minute // sorted
	Row     Sealed
}

// A Minute is what the orders say as a whole that were placed in a minute.
type Minute struct {
	Start                int64
	Orders, NewCustomers int64
	Sums                 Sums
}

const hourMilliseconds = 60 * store.MinuteMilliseconds

// HourOf returns the start of the hour of a minute.
func HourOf(minute int64) int64 {
	if minute == store.NoTime {
		return minute
	}
	hour := minute / hourMilliseconds
	if minute%hourMilliseconds < 0 {
		hour--
	}
	return hour * hourMilliseconds
}

// Minute is the minute as it is read.
func (m *Minute) Minute() store.Minute {
	r := store.Minute{Start: m.Start, Orders: m.Orders, NewCustomers: m.NewCustomers}
	for _, s := range m.Sums {
		last := len(r.Sums) - 1
		if last < 0 || r.Sums[last].Currency != s.of {
			r.Sums = append(r.Sums, store.MinuteSum{Sum: money.Sum{Currency: s.of}})
			last++
		}
		to := &r.Sums[last]
		to.Amount = to.Amount.Add(s.amount)
		to.Lines += s.lines
	}
	return r
}

func (m *Minute) isEmpty() bool { return m.Orders == 0 && m.NewCustomers == 0 && len(m.Sums) == 0 }

// minute is what a transaction changes of the minute of a time: mostly that of the order before
// too, and else one more. If there is no room for more, those of the same minute are put together.
func (c *changes) minute(placed int64) *Minute {
	start, n := store.MinuteOf(placed), len(c.minutes)
	if n > 0 && c.minutes[n-1].Start == start {
		return &c.minutes[n-1]
	}
	if n == cap(c.minutes) {
		c.minutes = combined(c.minutes)
		if len(c.minutes) > n/2 {
			c.minutes = slices.Grow(c.minutes, n)
		}
	}
	c.minutes = append(c.minutes, Minute{Start: start})
	return &c.minutes[len(c.minutes)-1]
}

// combined returns minutes sorted, each once, and without those that are empty. It uses the memory
// of the minutes and of their sums.
func combined(all []Minute) []Minute {
	slices.SortFunc(all, func(a, b Minute) int { return cmp.Compare(a.Start, b.Start) })
	kept := all[:0]
	for i := range all {
		m, last := &all[i], len(kept)-1
		if last < 0 || kept[last].Start != m.Start {
			kept = append(kept, *m)
			continue
		}
		to := &kept[last]
		to.Orders += m.Orders
		to.NewCustomers += m.NewCustomers
		to.Sums = to.Sums.merge(m.Sums)
	}
	return slices.DeleteFunc(kept, func(m Minute) bool { return m.isEmpty() })
}

func (c *changes) newCustomer(placed, n int64) { c.minute(placed).NewCustomers += n }

func (c *changes) gainMinute(of *contribution) {
	if of.version == "" {
		return
	}
	m := c.minute(of.placed)
	m.Orders++
	m.Sums = m.Sums.merge(of.spent)
}

func (c *changes) loseMinute(of *contribution) {
	if of.version == "" {
		return
	}
	m := c.minute(of.placed)
	m.Orders--
	m.Sums = m.Sums.less(of.spent)
}

// An hourChange is what a transaction changes of an hour.
type hourChange struct {
	start int64
	own   []Minute       // by orders with an id, and by customers
	delta []store.Minute // by the other orders
}

// firstHour is what changes of the first hour, and what is left of all changes, which are sorted.
func firstHour(all hourChange) (first, rest hourChange) {
	first.start = math.MaxInt64
	if len(all.own) > 0 {
		first.start = HourOf(all.own[0].Start)
	}
	if len(all.delta) > 0 {
		first.start = min(first.start, HourOf(all.delta[0].Start))
	}
	i, j := 0, 0
	for i < len(all.own) && HourOf(all.own[i].Start) == first.start {
		i++
	}
	for j < len(all.delta) && HourOf(all.delta[j].Start) == first.start {
		j++
	}
	first.own, first.delta = all.own[:i], all.delta[:j]
	return first, hourChange{own: all.own[i:], delta: all.delta[j:]}
}

// hoursAtOnce is how many rows are in memory with their minutes.
const hoursAtOnce = 1000

// changeHours changes the rows of hours. It comes after the customers, who may be new. The minutes
// of the orders without an id are sorted.
func (c *changes) changeHours(delta []store.Minute) error {
	rest := hourChange{own: combined(c.minutes), delta: delta}
	for len(rest.own)+len(rest.delta) > 0 {
		var some []hourChange
		for len(some) < hoursAtOnce && len(rest.own)+len(rest.delta) > 0 {
			var first hourChange
			first, rest = firstHour(rest)
			some = append(some, first)
		}
		if err := c.changeSomeHours(some); err != nil {
			return err
		}
	}
	return nil
}

func (c *changes) changeSomeHours(changes []hourChange) error {
	starts := make([]int64, len(changes))
	for i := range changes {
		starts[i] = changes[i].start
	}
	found, err := c.tx.Hours(starts)
	if err != nil {
		return err
	}
	known := make(map[int64]*Hour, len(found))
	for i := range found {
		known[found[i].Start] = &found[i]
	}
	rows := make([]Change[Hour], len(changes))
	var bodies []byte
	var h hourMaker
	for i := range changes {
		row := &rows[i]
		now := &Hour{Start: changes[i].start}
		if row.Old = known[now.Start]; row.Old != nil {
			c.totals.hours.lose(row.Old.Row)
		}
		if now.Minutes, err = h.minutes(row.Old, &changes[i]); err != nil {
			return err
		}
		if len(now.Minutes) > 0 {
			from := len(bodies)
			bodies = now.seal(bodies)
			now.Row.Body = bodies[from:len(bodies):len(bodies)]
			row.Now = now
			c.totals.hours.gain(now.Row)
		}
		now.Minutes = nil // its memory is the next one's
	}
	return c.tx.PutHours(rows)
}

// An hourMaker makes the minutes of one hour after the other, always in the same memory.
type hourMaker struct {
	all  []Minute
	sums Sums
}

// minutes returns the minutes of an hour that changes. Old is nil if it had none, and is not to be
// used afterwards but for its Row.
func (h *hourMaker) minutes(old *Hour, by *hourChange) ([]Minute, error) {
	h.all, h.sums = append(h.all[:0], by.own...), h.sums[:0]
	if old != nil {
		h.all = append(h.all, old.Minutes...)
	}
	for i := range by.delta {
		m, from := &by.delta[i], len(h.sums)
		for _, s := range m.Sums {
			h.sums = append(h.sums, sum{s.Currency, s.Lines, s.Amount})
		}
		h.all = append(h.all, Minute{Start: m.Start, Orders: m.Orders, Sums: h.sums[from:len(h.sums):len(h.sums)]})
	}
	all := combined(h.all)
	for i := range all {
		if all[i].Orders < 0 || all[i].NewCustomers < 0 {
			return nil, ErrRow
		}
	}
	return all, nil
}

func (h *Hour) seal(dst []byte) []byte {
	from := len(dst)
	for i := range h.Minutes {
		m := &h.Minutes[i]
		minute := int64(0)
		if h.Start != store.NoTime {
			minute = (m.Start - h.Start) / store.MinuteMilliseconds
		}
		dst = binary.AppendUvarint(dst, uint64(minute))
		dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(m.Orders)), uint64(m.NewCustomers))
		dst = m.Sums.append(dst)
	}
	dst, h.Row.sum = seal(dst, from, HoursTable, strconv.FormatInt(h.Start, 10))
	return dst
}

// ScanHour reads a row with the columns of HourColumns, and checks it.
func ScanHour(r Row) (h Hour, err error) {
	if err := r.Scan(&h.Start, &h.Row.Body); err != nil {
		return Hour{}, err
	}
	body, sum, err := unseal(h.Row.Body, HoursTable, strconv.FormatInt(h.Start, 10))
	if err != nil {
		return Hour{}, err
	}
	h.Row.sum = sum
	in := newBodyReader(body)
	for len(in.rest) > 0 && !in.isBad {
		m := Minute{Start: h.Start}
		if minute := int64(in.unsigned()); h.Start != store.NoTime {
			m.Start += minute * store.MinuteMilliseconds
		}
		m.Orders, m.NewCustomers = int64(in.unsigned()), int64(in.unsigned())
		m.Sums = in.sums()
		h.Minutes = append(h.Minutes, m)
	}
	return h, in.err()
}

// FirstHour is the first hour that has minutes at or after a time. No hour starts between
// NoTime and the first hour of all times.
func FirstHour(from int64) int64 {
	if from < store.NoTime+hourMilliseconds {
		return store.NoTime
	}
	return HourOf(from)
}

// MinutesOf yields the minutes of hours, sorted, that are at or after one time and before another.
func MinutesOf(hours []Hour, from, to int64) (all []store.Minute) {
	for i := range hours {
		for j := range hours[i].Minutes {
			if m := &hours[i].Minutes[j]; m.Start >= from && m.Start < to {
				all = append(all, m.Minute())
			}
		}
	}
	return all
}
