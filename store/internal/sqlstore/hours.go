package sqlstore

import (
	"cmp"
	"encoding/binary"
	"errors"
	"iter"
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
		sortMinutes(c.minutes)
		c.minutes = combined(c.minutes)
		if len(c.minutes) > n/2 {
			c.minutes = slices.Grow(c.minutes, n)
		}
	}
	c.minutes = append(c.minutes, Minute{Start: start})
	return &c.minutes[len(c.minutes)-1]
}

func sortMinutes(all []Minute) {
	slices.SortFunc(all, func(a, b Minute) int { return cmp.Compare(a.Start, b.Start) })
}

// combined returns sorted minutes, each once, and without those that are empty. It uses the memory
// of the minutes and of their sums.
func combined(all []Minute) []Minute {
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

// newCustomer takes note that the minute of a time has a new customer more, or less if n is -1.
// There are many customers and they come in no order of time, so their minutes are found at last.
func (c *changes) newCustomer(placed, n int64) {
	if n < 0 {
		c.lost = append(c.lost, placed)
	} else {
		c.gained = append(c.gained, placed)
	}
}

// ownMinutes returns what changes of minutes by orders with an id and by customers, sorted.
func (c *changes) ownMinutes() []Minute {
	slices.Sort(c.gained)
	for _, placed := range c.gained {
		c.minute(placed).NewCustomers++
	}
	slices.Sort(c.lost)
	for _, placed := range c.lost {
		c.minute(placed).NewCustomers--
	}
	sortMinutes(c.minutes)
	return combined(c.minutes)
}

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

// hoursAtOnce is how many rows are in memory with their minutes.
const hoursAtOnce = 1000

// errUnsorted says that minutes do not come by their starts.
var errUnsorted = errors.New("the minutes of a batch are not sorted")

// changeHours changes the rows of hours. It comes after the customers, who may be new.
func (c *changes) changeHours(delta iter.Seq[store.Minute]) error {
	var all []Minute
	hours, last := 0, int64(store.NoTime)
	for m := range c.changedMinutes(delta) {
		if m.Start < last {
			return errUnsorted
		}
		if hours == 0 || HourOf(m.Start) != HourOf(last) {
			if hours == hoursAtOnce {
				if err := c.changeSomeHours(all); err != nil {
					return err
				}
				all, hours = all[:0], 0
			}
			hours++
		}
		all = append(all, m)
		last = m.Start
	}
	return c.changeSomeHours(all)
}

// changedMinutes yields what changes of minutes, sorted: what orders without an id say, and what
// the changes have, so that some come twice.
func (c *changes) changedMinutes(delta iter.Seq[store.Minute]) iter.Seq[Minute] {
	return func(yield func(Minute) bool) {
		own := c.ownMinutes()
		if delta == nil {
			delta = slices.Values[[]store.Minute](nil)
		}
		var sums Sums // the memory of those of many minutes
		for m := range delta {
			for len(own) > 0 && own[0].Start <= m.Start {
				if !yield(own[0]) {
					return
				}
				own = own[1:]
			}
			if len(m.Sums) > cap(sums)-len(sums) {
				sums = make(Sums, 0, max(len(m.Sums), min(2*cap(sums), 1000), 16))
			}
			from := len(sums)
			for _, s := range m.Sums {
				sums = append(sums, sum{s.Currency, s.Lines, s.Amount})
			}
			if !yield(Minute{Start: m.Start, Orders: m.Orders, Sums: sums[from:len(sums):len(sums)]}) {
				return
			}
		}
		for _, m := range own {
			if !yield(m) {
				return
			}
		}
	}
}

// changeSomeHours changes the rows of hours of which all minutes that change are given, sorted.
func (c *changes) changeSomeHours(all []Minute) error {
	var starts []int64
	for i := range all {
		if hour := HourOf(all[i].Start); len(starts) == 0 || starts[len(starts)-1] != hour {
			starts = append(starts, hour)
		}
	}
	if len(starts) == 0 {
		return nil
	}
	found, err := c.tx.Hours(starts)
	if err != nil {
		return err
	}
	known := make(map[int64]*Hour, len(found))
	for i := range found {
		known[found[i].Start] = &found[i]
	}
	rows := make([]Change[Hour], len(starts))
	var bodies []byte
	for i, start := range starts {
		n := 0
		for n < len(all) && HourOf(all[n].Start) == start {
			n++
		}
		row, now := &rows[i], &Hour{Start: start, Minutes: all[:n]}
		all = all[n:]
		if row.Old = known[start]; row.Old != nil {
			now.Minutes = append(row.Old.Minutes, now.Minutes...)
			sortMinutes(now.Minutes)
			c.totals.hours.lose(row.Old.Row)
		}
		now.Minutes = combined(now.Minutes)
		if slices.ContainsFunc(now.Minutes, func(m Minute) bool { return m.Orders < 0 || m.NewCustomers < 0 }) {
			return ErrRow
		}
		if len(now.Minutes) > 0 {
			from := len(bodies)
			bodies = now.seal(bodies)
			now.Row.Body = bodies[from:len(bodies):len(bodies)]
			row.Now = now
			c.totals.hours.gain(now.Row)
		}
	}
	return c.tx.PutHours(rows)
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
