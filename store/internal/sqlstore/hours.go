package sqlstore

import (
	"cmp"
	"encoding/binary"
	"maps"
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

// minute is what a transaction changes of the minute of a time.
func (c *changes) minute(placed int64) *Minute {
	start := store.MinuteOf(placed)
	m := c.minutes[start]
	if m == nil {
		m = &Minute{Start: start}
		c.minutes[start] = m
	}
	return m
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

func (c *changes) addMinutes(delta []store.Minute) {
	for i := range delta {
		d := &delta[i]
		m := c.minute(d.Start)
		m.Orders += d.Orders
		for _, s := range d.Sums {
			m.Sums = m.Sums.add(s.Lines, s.Currency, s.Amount)
		}
	}
}

// changeHours changes the rows of hours. It comes after the customers, who may be new.
func (c *changes) changeHours() error {
	byHour := map[int64][]*Minute{}
	for _, m := range c.minutes {
		if !m.isEmpty() {
			byHour[HourOf(m.Start)] = append(byHour[HourOf(m.Start)], m)
		}
	}
	if len(byHour) == 0 {
		return nil
	}
	hours := slices.Sorted(maps.Keys(byHour))
	found, err := c.tx.Hours(hours)
	if err != nil {
		return err
	}
	known := make(map[int64]*Hour, len(found))
	for i := range found {
		known[found[i].Start] = &found[i]
	}
	rows := make([]Change[Hour], len(hours))
	var bodies []byte
	for i, start := range hours {
		row := &rows[i]
		now := &Hour{Start: start}
		if row.Old = known[start]; row.Old != nil {
			now.Minutes = slices.Clone(row.Old.Minutes)
			c.totals.hours.lose(row.Old.Row)
		}
		for _, m := range byHour[start] {
			if err := now.add(m); err != nil {
				return err
			}
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

// add adds what changes of a minute.
func (h *Hour) add(m *Minute) error {
	i, found := slices.BinarySearchFunc(h.Minutes, m.Start, func(have Minute, start int64) int { return cmp.Compare(have.Start, start) })
	if !found {
		h.Minutes = slices.Insert(h.Minutes, i, Minute{Start: m.Start})
	}
	to := &h.Minutes[i]
	to.Orders += m.Orders
	to.NewCustomers += m.NewCustomers
	to.Sums = slices.Clone(to.Sums).merge(m.Sums)
	if to.Orders < 0 || to.NewCustomers < 0 {
		return ErrRow
	}
	if to.isEmpty() {
		h.Minutes = slices.Delete(h.Minutes, i, i+1)
	}
	return nil
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
