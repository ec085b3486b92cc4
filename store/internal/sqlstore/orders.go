package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"process-orders/store"
)

// errBody says that what an order holds is not what was stored.
var errBody = fmt.Errorf("an order cannot be read: %w", store.ErrDamaged)

// A delivery is what a batch brings of one order.
type delivery struct {
	latest  arrival
	first   int64 // the offset of the earliest state
	earlier []arrival
	// owned is the last state before the latest, or the latest, that says whose order it is. It
	// is nil if none does.
	owned *store.State
}

// An arrival is a state of a batch, with where it is in the batch.
type arrival struct {
	*store.State
	index int
}

// isUnowned reports whether a state does not say whose order it is: it may be an id alone.
func isUnowned(s *store.State) bool { return s.Skipped && s.Phone == "" }

// deliveries finds the latest state of each order in a batch. They are sorted by their ids.
func deliveries(states []store.State) []delivery {
	all := make([]delivery, 0, len(states))
	indexes := make(map[string]int, len(states))
	for i := range states {
		s := arrival{&states[i], i}
		index, found := indexes[s.ID]
		if !found {
			indexes[s.ID] = len(all)
			d := delivery{latest: s, first: s.At}
			if !isUnowned(s.State) {
				d.owned = s.State
			}
			all = append(all, d)
			continue
		}
		d := &all[index]
		d.first = min(d.first, s.At)
		// The same state again, without a time, is later than all that come in between, also
		// in another batch.
		again := s.Updated == store.NoTime && s.IsSame(d.latest.State) && s.At > d.latest.At
		if again || s.IsLater(d.latest.State, 0, 0) {
			if !again && !isUnowned(s.State) {
				d.owned = s.State
			}
			s, d.latest = d.latest, s
		}
		d.earlier = append(d.earlier, s)
	}
	sorted := make([]delivery, len(all))
	for i, index := range Sorted(len(all), func(i int) string { return all[i].latest.ID }) {
		sorted[i] = all[index]
	}
	return sorted
}

// A tally is what became of the states of a batch.
type tally struct {
	source int64
	store.Counts
	dropped  map[store.Dropped]int64
	wasEmpty bool         // the store was
	fates    []store.Fate // of all states, in their order
}

// latest counts the states of a delivery that has the order's latest one. The first copy of that
// has a fate, and the others repeat it.
func (t *tally) latest(d *delivery, fate store.Fate) {
	first := d.latest.index
	for _, s := range d.earlier {
		if s.IsSame(d.latest.State) {
			first = min(first, s.index)
		}
	}
	t.earlier(d, d.latest.State)
	t.fates[d.latest.index] = store.Repeated
	t.fates[first] = fate
	if d.latest.Skipped {
		t.Skipped++
	}
}

// earlier counts all states of a delivery but the latest. The order's latest is given.
func (t *tally) earlier(d *delivery, latest *store.State) {
	for _, s := range d.earlier {
		t.state(s, latest)
	}
}

// state counts a state of the batch that is not the latest of its order.
func (t *tally) state(s arrival, latest *store.State) {
	if s.IsSame(latest) {
		t.Repeated++
		t.fates[s.index] = store.Repeated
	} else {
		t.Older++
		t.fates[s.index] = store.Older
	}
	t.drop(store.Dropped{Source: t.source, Reason: s.Reason, NoPhone: !s.Skipped && s.Phone == ""})
}

// replaced counts the state of a row for which a later one came.
func (t *tally) replaced(old *Order) error {
	reason, err := old.reason()
	if err != nil {
		return err
	}
	switch {
	case old.Bringer == t.source:
		t.Older++
		if !old.stands() {
			t.Skipped--
		}
	case old.LastSource == t.source: // the source had it too
		t.Repeated--
		t.Older++
		t.Replaced++
	default:
		t.Replaced++
	}
	t.drop(store.Dropped{Source: old.Bringer, Reason: reason, NoPhone: old.stands() && old.Phone == "" && old.Flags&Erased == 0})
	return nil
}

func (t *tally) drop(d store.Dropped) {
	if t.dropped == nil {
		t.dropped = map[store.Dropped]int64{}
	}
	t.dropped[d]++
}

// row is the row of an order that the store does not know.
func (d *delivery) row(shop, source int64) Order {
	s := d.latest.State
	o := Order{
		Shop: shop, ID: s.ID, Updated: s.Updated, Placed: s.Placed, Time: s.Time, Digest: s.Digest,
		Source: source, At: d.first, LastSource: source, LastAt: s.At, Bringer: source, Phone: s.Phone,
	}
	if isUnowned(s) && d.owned != nil {
		o.Phone = d.owned.Phone
	}
	if s.Skipped {
		o.Flags = Skipped
		o.Body = appendBody(nil, s.Reason, nil)
	} else {
		o.Body = appendBody(make([]byte, 0, 2+len(s.Name)+len(s.Lines)), s.Name, s.Lines)
	}
	return o
}

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
	known := old.state()
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
		err = t.replaced(&old)
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
	return merged, isChanged, err
}

func comparePositions(source, at, otherSource, otherAt int64) int {
	return cmp.Or(cmp.Compare(source, otherSource), cmp.Compare(at, otherAt))
}

// state is what the row says of the latest state, as far as states are compared.
func (o *Order) state() store.State {
	return store.State{ID: o.ID, Updated: o.Updated, Time: o.Time, Skipped: o.Flags&Skipped != 0, Digest: o.Digest, At: o.LastAt}
}

// stands reports whether the order contributes to the records.
func (o *Order) stands() bool { return o.Flags&(Skipped|Unseen) == 0 }

// version returns that of the order, or of one of its lines.
func (o *Order) version(shop Shop, line int64) store.Version {
	s := store.State{ID: o.ID, Time: o.Time}
	return s.Version(shop.System, shop.Name, o.Source, o.At, line)
}

// erase takes from the row what says who the customer is.
func (o *Order) erase() error {
	o.Flags |= Erased
	return o.keepErased()
}

// keepErased takes from the row what says who the customer is, if the order is erased.
func (o *Order) keepErased() error {
	if o.Flags&Erased == 0 {
		return nil
	}
	o.Phone = ""
	if !o.stands() {
		return nil
	}
	_, lines, err := o.body()
	if err != nil {
		return err
	}
	o.Body = appendBody(nil, "", lines)
	return nil
}

// reason is why the order is skipped.
func (o *Order) reason() (string, error) {
	if o.Flags&Skipped == 0 {
		return "", nil
	}
	reason, _, err := o.body()
	return reason, err
}

// appendBody appends what an order holds beside its columns. Of an order that is skipped it is
// the reason in the place of the name, and no lines.
func appendBody(dst []byte, name string, lines store.Lines) []byte {
	dst = append(binary.AppendUvarint(dst, uint64(len(name))), name...)
	return append(dst, lines...)
}

// body returns the name and the lines of the order.
func (o *Order) body() (name string, lines store.Lines, err error) {
	if len(o.Body) == 0 {
		return "", nil, nil
	}
	n, size := binary.Uvarint(o.Body)
	if size <= 0 || n > uint64(len(o.Body)-size) {
		return "", nil, errBody
	}
	end := size + int(n)
	return string(o.Body[size:end]), store.Lines(o.Body[end:]), nil
}

// changes are what a transaction changes in the records.
type changes struct {
	tx        *work
	shops     map[int64]Shop // those that are needed
	customers map[string]*liveChange
	items     map[string]*itemChange
	minutes   []Minute // in any order, and some more than once
	// gained and lost are times: the minute of each has a new customer more, or less.
	gained, lost []int64
	names        nameChanges
	totals       totals
	wasEmpty     bool // no table that is changed had rows
}

func newChanges(tx *work) *changes {
	return &changes{
		tx: tx, shops: map[int64]Shop{}, customers: map[string]*liveChange{}, items: map[string]*itemChange{},
	}
}

// finish changes the records, after the orders. The delta is of the shop with a number.
func (c *changes) finish(shop int64, delta *store.Delta) error {
	packed := aside(func() ([]hourChange, error) { return packHours(shop, delta.Minutes) })
	defer packed()
	if err := c.changeCustomers(delta.Customers); err != nil {
		return err
	}
	// Who is new is known now.
	own := aside(func() ([]Minute, error) { return c.ownMinutes(), nil })
	defer own()
	for _, change := range []func() error{
		c.changeNames,
		func() error { return c.changeItems(delta.Items) },
		func() error {
			hours, err := packed()
			if err != nil {
				return err
			}
			minutes, err := own()
			if err != nil {
				return err
			}
			return c.changeHours(withOwn(hours, minutes))
		},
		c.changeTotals,
	} {
		if err := change(); err != nil {
			return err
		}
	}
	return nil
}

// shop returns a shop by its number.
func (c *changes) shop(number int64) (Shop, error) {
	if _, found := c.shops[number]; !found {
		all, err := c.tx.Shops()
		if err != nil {
			return Shop{}, err
		}
		c.shops = all
	}
	shop, found := c.shops[number]
	if !found {
		return Shop{}, errNoShop
	}
	return shop, nil
}

var errNoShop = fmt.Errorf("a row is of a shop that is not there: %w", store.ErrDamaged)

// change takes note of what changes in the records if the row of an order becomes another.
// Old is nil if the order is new.
func (c *changes) change(old, now *Order) error {
	shop, err := c.shop(now.Shop)
	if err != nil {
		return err
	}
	var before, after contribution
	if old != nil {
		if before, err = contributionOf(old, shop); err != nil {
			return err
		}
	}
	if after, err = contributionOf(now, shop); err != nil {
		return err
	}
	sameLines := bytes.Equal(before.lines, after.lines)
	sameVersion := before.version == after.version && before.placed == after.placed
	if sameVersion && sameLines && before.phone == after.phone && before.name == after.name {
		return nil
	}
	c.loseCustomer(&before)
	c.gainCustomer(&after)
	if sameVersion && sameLines {
		return nil
	}
	c.loseMinute(&before)
	c.gainMinute(&after)
	if err := c.loseLines(&before); err != nil {
		return err
	}
	return c.gainLines(&after)
}

// A contribution is what the row of an order says in the records. It is zero if the order
// does not stand.
type contribution struct {
	version     store.Version
	phone, name string
	shop        int64 // its number
	placed      int64
	lines       store.Lines
	spent       Sums // what the lines cost
}

func contributionOf(o *Order, shop Shop) (c contribution, err error) {
	if !o.stands() {
		return c, nil
	}
	c.version, c.phone, c.shop, c.placed = o.version(shop, 0), o.Phone, o.Shop, o.Placed
	if c.name, c.lines, err = o.body(); err == nil {
		c.spent, err = costOf(c.lines)
	}
	return c, err
}

// eraseNamed marks orders that an erasure names, and makes rows of those that the store does
// not know. It reports whether anything was changed.
func (c *changes) eraseNamed(e store.Erasure) (isChanged bool, err error) {
	ids := slices.Compact(slices.Sorted(slices.Values(e.IDs)))
	if len(ids) == 0 {
		return false, nil
	}
	number, err := c.tx.Shop(e.System, e.Shop)
	if err != nil {
		return false, err
	}
	rows := make([]Order, len(ids))
	for i, id := range ids {
		rows[i] = Order{
			Shop: number, ID: id, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime,
			Flags: Erased | Unseen,
		}
	}
	var known []Order
	err = c.tx.InsertOrders(rows, func(_ int, some []Order) { known = append(known, some...) })
	if err != nil {
		return false, err
	}
	isKnown := map[string]bool{}
	for _, old := range known {
		if _, isNamed := slices.BinarySearch(ids, old.ID); !isNamed {
			return false, ErrRow
		}
		isKnown[old.ID] = true
	}
	for i := range rows {
		if !isKnown[rows[i].ID] {
			isChanged = true
			c.totals.orders.gain(rows[i].row)
		}
	}
	var changed []Order
	for _, old := range known {
		if old.Flags&Erased != 0 {
			continue
		}
		now := old
		if err := errors.Join(now.erase(), c.change(&old, &now)); err != nil {
			return false, err
		}
		changed = append(changed, now)
	}
	return isChanged || len(changed) > 0, c.updateOrders(changed)
}
