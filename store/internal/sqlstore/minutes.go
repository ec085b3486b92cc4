package sqlstore

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"process-orders/store"
)

// The minutes of a batch change rows of hours. Orders without an id bring many minutes, which are
// packed by the hour while customers are put. New customers are only known then: they are added
// when the hours are put.

// minute is what a transaction changes of the minute of a time in a shop: mostly that of the order
// before too, and else one more. If there is no memory for more, those of the same minute are put
// together.
func (c *changes) minute(shop, placed int64) *Minute {
	start, n := store.MinuteOf(placed), len(c.minutes)
	if n > 0 && c.minutes[n-1].Start == start && c.minutes[n-1].shop == shop {
		return &c.minutes[n-1]
	}
	if n == cap(c.minutes) {
		sortMinutes(c.minutes)
		c.minutes = combined(c.minutes)
		if len(c.minutes) > n/2 {
			c.minutes = slices.Grow(c.minutes, n)
		}
	}
	c.minutes = append(c.minutes, Minute{Start: start, shop: shop})
	return &c.minutes[len(c.minutes)-1]
}

// hour is the row that the minute is in.
func (m *Minute) hour() HourKey { return HourKey{HourOf(m.Start), m.shop} }

// add adds another minute of the same time and shop.
func (m *Minute) add(other *Minute) {
	m.Orders += other.Orders
	m.NewCustomers += other.NewCustomers
	m.Sums = m.Sums.merge(other.Sums)
}

// sortMinutes sorts minutes by the rows that they are in.
func sortMinutes(all []Minute) {
	slices.SortFunc(all, func(a, b Minute) int { return cmp.Or(a.hour().compare(b.hour()), cmp.Compare(a.Start, b.Start)) })
}

// combined returns sorted minutes, each once, and without those that are empty. It uses the memory
// of the minutes and of their sums.
func combined(all []Minute) []Minute {
	kept := all[:0]
	for i := range all {
		m, last := &all[i], len(kept)-1
		if last < 0 || kept[last].Start != m.Start || kept[last].shop != m.shop {
			kept = append(kept, *m)
			continue
		}
		kept[last].add(m)
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

// ownMinutes returns what changes of minutes by orders with an id and by customers, sorted. It asks
// the database nothing.
func (c *changes) ownMinutes() []Minute {
	c.minutes = slices.Grow(c.minutes, len(c.gained)+len(c.lost))
	slices.Sort(c.gained)
	for _, placed := range c.gained {
		c.minute(0, placed).NewCustomers++
	}
	slices.Sort(c.lost)
	for _, placed := range c.lost {
		c.minute(0, placed).NewCustomers--
	}
	sortMinutes(c.minutes)
	return combined(c.minutes)
}

func (c *changes) gainMinute(of *contribution) {
	if of.version == "" {
		return
	}
	m := c.minute(of.shop, of.placed)
	m.Orders++
	m.Sums = m.Sums.merge(of.spent)
}

func (c *changes) loseMinute(of *contribution) {
	if of.version == "" {
		return
	}
	m := c.minute(of.shop, of.placed)
	m.Orders--
	m.Sums = m.Sums.less(of.spent)
}

// hoursAtOnce is how many rows are changed at once.
const hoursAtOnce = 1000

// errMinutes says that minutes are not those of orders that came.
var errMinutes = errors.New("the minutes of a batch are not sorted, or one has a negative number of orders")

// An hourChange is what a transaction changes of an hour.
type hourChange struct {
	HourKey
	fixed []byte   // the minutes of orders without an id, as a body has them
	own   []Minute // of orders with an id and of new customers, sorted
}

// packHours returns what the orders without an id of a shop say, by the hour. It asks the database nothing, so
// that it can be called while customers are put.
func packHours(shop int64, minutes iter.Seq[store.Minute]) (hours []hourChange, err error) {
	if minutes == nil {
		return nil, nil
	}
	var bodies []byte
	var sums, before Sums
	last, from := int64(store.NoTime), 0
	for m := range minutes {
		if m.Orders < 0 || m.Start < last || m.Start == last && len(hours) > 0 {
			return nil, errMinutes
		}
		last = m.Start
		if n, hour := len(hours), HourOf(m.Start); n == 0 || hours[n-1].Start != hour {
			bodies = bufferFor(bodies, 4096)
			from, before = len(bodies), before[:0]
			hours = append(hours, hourChange{HourKey: HourKey{hour, shop}})
		}
		sums = sums[:0]
		for _, s := range m.Sums {
			sums = append(sums, sum{s.Currency, s.Lines, s.Amount})
		}
		one, hour := Minute{Start: m.Start, Orders: m.Orders, Sums: sums}, &hours[len(hours)-1]
		if !one.isEmpty() {
			bodies = one.append(bodies, hour.Start, before)
			sums, before = before, sums
		}
		hour.fixed = bodies[from:len(bodies):len(bodies)]
	}
	return hours, nil
}

// withOwn adds to what orders without an id say what the changes have, also sorted.
func withOwn(fixed []hourChange, own []Minute) (all []hourChange) {
	for len(own) > 0 {
		change, n := hourChange{HourKey: own[0].hour()}, 1
		for n < len(own) && own[n].hour() == change.HourKey {
			n++
		}
		for len(fixed) > 0 && fixed[0].compare(change.HourKey) < 0 {
			all, fixed = append(all, fixed[0]), fixed[1:]
		}
		if len(fixed) > 0 && fixed[0].HourKey == change.HourKey {
			change, fixed = fixed[0], fixed[1:]
		}
		change.own, own = own[:n], own[n:]
		all = append(all, change)
	}
	return append(all, fixed...)
}

// changeHours changes the rows of hours.
func (c *changes) changeHours(all []hourChange) error {
	rows := relay[Hour]{put: c.tx.PutHours}
	defer rows.stop()
	for some := range slices.Chunk(all, hoursAtOnce) {
		keys := make([]HourKey, len(some))
		for i := range some {
			keys[i] = some[i].HourKey
		}
		found, err := c.tx.Hours(keys)
		if err != nil {
			return err
		}
		if err := rows.next(func() ([]Change[Hour], error) { return c.changedHours(some, found) }); err != nil {
			return err
		}
	}
	return rows.end()
}

// changedHours makes rows of hours, of which those are found that are there.
func (c *changes) changedHours(some []hourChange, found []Hour) ([]Change[Hour], error) {
	known := make(map[HourKey]*Hour, len(found))
	for i := range found {
		known[found[i].HourKey] = &found[i]
	}
	rows, hours := make([]Change[Hour], len(some)), make([]Hour, len(some))
	var merger hourMerger
	var bodies []byte
	for i := range some {
		row, now := &rows[i], &hours[i]
		row.Old, now.HourKey = known[some[i].HourKey], some[i].HourKey
		bodies = bufferFor(bodies, 4096)
		from := len(bodies)
		var err error
		if bodies, err = merger.append(bodies, row.Old, &some[i]); err != nil {
			return nil, err
		}
		if row.Old != nil {
			c.totals.hours.lose(row.Old.Row)
		}
		if len(bodies) > from {
			bodies = now.seal(bodies, from)
			row.Now = now
			c.totals.hours.gain(now.Row)
		}
	}
	return rows, nil
}

// An hourMerger merges the minutes of one hour after the other.
type hourMerger struct {
	old, fixed     minuteBuffer
	merged, result []Minute
}

// append appends the minutes that an hour has after a change. Old is nil if there is no row.
func (m *hourMerger) append(dst []byte, old *Hour, by *hourChange) ([]byte, error) {
	if old == nil && len(by.own) == 0 { // as nearly all hours of a first load
		return append(dst, by.fixed...), nil
	}
	now, err := m.merge(old, by)
	if err != nil {
		return nil, err
	}
	return appendMinutes(dst, by.Start, now), nil
}

// merge returns what becomes of an hour by a change. The minutes last until the next hour is merged.
func (m *hourMerger) merge(old *Hour, by *hourChange) (now []Minute, err error) {
	var before []Minute
	if old != nil {
		if before, err = old.minutes(&m.old); err != nil {
			return nil, err
		}
	}
	fixed, err := m.fixed.read(by.Start, by.fixed)
	if err != nil {
		return nil, err
	}
	m.merged = mergeMinutes(m.merged[:0], before, fixed)
	m.result = mergeMinutes(m.result[:0], m.merged, by.own)
	for i := range m.result {
		if m.result[i].Orders < 0 || m.result[i].NewCustomers < 0 {
			return nil, ErrRow
		}
	}
	return slices.DeleteFunc(m.result, func(m Minute) bool { return m.isEmpty() }), nil
}

// mergeMinutes appends minutes that are sorted to dst, each once. It uses the memory of the sums
// of all.
func mergeMinutes(dst, all, more []Minute) []Minute {
	for i := range more {
		n := 0
		for n < len(all) && all[n].Start < more[i].Start {
			n++
		}
		dst, all = append(dst, all[:n]...), all[n:]
		if len(all) == 0 || all[0].Start > more[i].Start {
			dst = append(dst, more[i])
			continue
		}
		one := all[0]
		one.add(&more[i])
		dst, all = append(dst, one), all[1:]
	}
	return append(dst, all...)
}
