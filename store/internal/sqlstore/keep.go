package sqlstore

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"process-orders/store"
)

// keepStates keeps the latest state of each order, and takes note of what that changes.
func (c *changes) keepStates(shop Shop, source int64, states []store.State) (t tally, err error) {
	t.source, t.fates = source, make([]store.Fate, len(states))
	if len(states) == 0 {
		return t, nil
	}
	c.shops[shop.Number] = shop
	all := deliveries(states)
	rows := make([]Order, len(all))
	for i := range all {
		rows[i] = all[i].row(shop.Number, source)
	}
	// The rows are inserted by one core, and what they change is found by another.
	type run struct {
		end   int
		known []Order
	}
	runs, kept := make(chan run, 16), make(chan error, 1)
	k := keeping{changes: c, all: all, rows: rows, tally: t}
	if len(c.customers) == 0 {
		c.customers = make(map[string]*liveChange, len(rows)/2)
	}
	go func() {
		var err error
		for r := range runs {
			if err == nil {
				err = k.keep(r.end, r.known)
			}
		}
		kept <- err
	}()
	err = func() error {
		defer close(runs)
		return c.tx.InsertOrders(rows, func(end int, known []Order) { runs <- run{end, known} })
	}()
	if err = errors.Join(err, <-kept); err != nil {
		return k.tally, err
	}
	for i := range rows {
		if !k.isKnown[rows[i].ID] {
			c.totals.orders.gain(rows[i].row)
		}
	}
	return k.tally, c.updateOrders(k.changed)
}

// updateOrders replaces rows of orders.
func (c *changes) updateOrders(rows []Order) error {
	sortOrders(rows)
	for i := range rows {
		c.totals.orders.lose(rows[i].row)
	}
	if err := c.tx.UpdateOrders(rows); err != nil {
		return err
	}
	for i := range rows {
		c.totals.orders.gain(rows[i].row)
	}
	return nil
}

// keeping takes note of what the states of a batch change. Nothing else uses the changes
// meanwhile.
type keeping struct {
	changes *changes
	all     []delivery
	rows    []Order
	next    int // the first row that is not settled
	changed []Order
	isKnown map[string]bool // those that were there
	tally
}

// keep settles the rows up to the end of a run. Known are those that the store had already.
func (k *keeping) keep(end int, known []Order) error {
	sortOrders(known)
	from := k.next
	k.next = end
	// It goes from the latest to the earliest, if ids grow with time. So most lines are no
	// candidates for the latest price; and of a run that is not the first, none is for the
	// first appearance.
	for i := end - 1; i >= from; i-- {
		d, row := &k.all[i], &k.rows[i]
		var err error
		if last := len(known) - 1; last < 0 || known[last].ID != row.ID {
			k.latest(d, store.Brought)
			err = k.changes.change(nil, row)
		} else {
			old := known[last]
			known = known[:last]
			if k.isKnown == nil {
				k.isKnown = map[string]bool{}
			}
			k.isKnown[row.ID] = true
			var merged Order
			var isChanged bool
			merged, isChanged, err = d.merge(row, old, &k.tally)
			if merged.row = old.row; isChanged {
				err = errors.Join(err, merged.keepErased(), k.changes.change(&old, &merged))
				k.changed = append(k.changed, merged)
			}
		}
		if err != nil {
			return err
		}
	}
	if len(known) > 0 { // nobody asked for the first of them, and all before it count as new
		return ErrRow
	}
	return nil
}

func sortOrders(orders []Order) {
	slices.SortFunc(orders, func(a, b Order) int { return strings.Compare(a.ID, b.ID) })
}

// merge decides whether what a batch brings of an order is later than the row that the store
// has. It returns the order's new row, and whether it is another.
func (d *delivery) merge(brought *Order, old Order, t *tally) (merged Order, isChanged bool, err error) {
	known, err := old.state()
	if err != nil {
		return old, false, err
	}
	merged = old
	switch s := d.latest; {
	case old.Flags&Unseen != 0:
		merged = *brought
		merged.Flags |= Erased
		t.latest(d, store.Brought)
		return merged, true, nil
	case s.IsLater(&known, brought.LastSource, old.LastSource):
		merged = *brought
		merged.Flags |= old.Flags & Erased
		merged.Source, merged.At = old.Source, old.At
		if isUnowned(s.State) && (d.owned == nil || !d.owned.IsLater(&known, brought.LastSource, old.LastSource)) {
			merged.Phone = old.Phone
		}
		t.replaced(&old, known.Reason)
		t.latest(d, store.Changed)
		isChanged = true
	default:
		t.state(s, &known)
		t.earlier(d, &known)
		// The same state again, without a time, is later than all that came in between.
		again := s.Updated == store.NoTime && s.IsSame(&known)
		if again && comparePositions(brought.LastSource, brought.LastAt, old.LastSource, old.LastAt) > 0 {
			merged.LastSource, merged.LastAt = brought.LastSource, brought.LastAt
			isChanged = true
			// What came in between may say whose order it is.
			if isUnowned(s.State) && d.owned != nil && d.owned.IsLater(&known, brought.LastSource, old.LastSource) {
				merged.Phone = d.owned.Phone
			}
		}
	}
	if comparePositions(brought.Source, brought.At, old.Source, old.At) < 0 {
		merged.Source, merged.At = brought.Source, brought.At
		isChanged = true
	}
	return merged, isChanged, nil
}

func comparePositions(source, at, otherSource, otherAt int64) int {
	return cmp.Or(cmp.Compare(source, otherSource), cmp.Compare(at, otherAt))
}
