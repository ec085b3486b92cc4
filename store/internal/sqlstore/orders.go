package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"process-orders/store"
)

// errBody says that what an order holds is not what was stored.
var errBody = errors.New("an order cannot be read: the store is damaged")

// A delivery is what a batch brings of one order.
type delivery struct {
	latest  *store.State
	first   int64 // the offset of the earliest state
	earlier []*store.State
}

// deliveries finds the latest state of each order in a batch. They are sorted by their ids.
func deliveries(states []store.State) []delivery {
	all := make([]delivery, 0, len(states))
	indexes := make(map[string]int, len(states))
	for i := range states {
		s := &states[i]
		index, found := indexes[s.ID]
		if !found {
			indexes[s.ID] = len(all)
			all = append(all, delivery{latest: s, first: s.At})
			continue
		}
		d := &all[index]
		d.first = min(d.first, s.At)
		// The same state again, without a time, is later than all that come in between, also
		// in another batch.
		again := s.Updated == store.NoTime && s.IsSame(d.latest) && s.At > d.latest.At
		if again || s.IsLater(d.latest, 0, 0) {
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

// count adds what became of all states but the latest, which is that of the order now.
func (d *delivery) count(counts *store.Counts, latest *store.State) {
	for _, s := range d.earlier {
		countState(counts, s, latest)
	}
}

func countState(counts *store.Counts, s, latest *store.State) {
	if s.IsSame(latest) {
		counts.Repeated++
	} else {
		counts.Older++
	}
	if s.Skipped {
		counts.Skipped++
	}
}

// row is the row of an order that the store does not know.
func (d *delivery) row(shop, source int64) Order {
	s := d.latest
	o := Order{
		Shop: shop, ID: s.ID, Updated: s.Updated, Placed: s.Placed, Time: s.Time, Digest: s.Digest,
		Source: source, At: d.first, LastSource: source, LastAt: s.At, Phone: s.Phone,
	}
	if s.Skipped {
		o.Flags = Skipped
	} else {
		o.Body = appendBody(make([]byte, 0, 2+len(s.Name)+len(s.Lines)), s.Name, s.Lines)
	}
	return o
}

// keepStates keeps the latest state of each order, and takes note of what that changes.
func (c *changes) keepStates(shop Shop, source int64, states []store.State) (counts store.Counts, err error) {
	if len(states) == 0 {
		return counts, nil
	}
	c.shops[shop.Number] = shop
	all := deliveries(states)
	rows := make([]Order, len(all))
	for i := range all {
		rows[i] = all[i].row(shop.Number, source)
	}
	known, err := c.tx.InsertOrders(rows)
	if err != nil {
		return counts, err
	}
	sortOrders(known)
	var changed []Order
	for i := range rows {
		d, row := &all[i], &rows[i]
		if len(known) == 0 || known[0].ID != row.ID {
			d.count(&counts, d.latest)
			err = c.change(nil, row)
		} else {
			old := known[0]
			known = known[1:]
			merged, isChanged := d.merge(row, old, &counts)
			if isChanged {
				err = errors.Join(merged.keepErased(), c.change(&old, &merged))
				changed = append(changed, merged)
			}
		}
		if err != nil {
			return counts, err
		}
	}
	return counts, c.tx.UpdateOrders(changed)
}

func sortOrders(orders []Order) {
	slices.SortFunc(orders, func(a, b Order) int { return strings.Compare(a.ID, b.ID) })
}

// merge decides whether what a batch brings of an order is later than the row that the store
// has. It returns the order's new row, and whether it is another.
func (d *delivery) merge(brought *Order, old Order, counts *store.Counts) (merged Order, isChanged bool) {
	known := old.state()
	merged = old
	switch s := d.latest; {
	case old.Flags&Unseen != 0:
		merged = *brought
		merged.Flags |= Erased
		d.count(counts, s)
		return merged, true
	case s.IsLater(&known, brought.LastSource, old.LastSource):
		merged = *brought
		merged.Flags |= old.Flags & Erased
		merged.Source, merged.At = old.Source, old.At
		counts.Replaced++
		d.count(counts, s)
		isChanged = true
	default:
		countState(counts, s, &known)
		d.count(counts, &known)
		// The same state again, without a time, is later than all that came in between.
		again := s.Updated == store.NoTime && s.IsSame(&known)
		if again && comparePositions(brought.LastSource, brought.LastAt, old.LastSource, old.LastAt) > 0 {
			merged.LastSource, merged.LastAt = brought.LastSource, brought.LastAt
			isChanged = true
		}
	}
	if comparePositions(brought.Source, brought.At, old.Source, old.At) < 0 {
		merged.Source, merged.At = brought.Source, brought.At
		isChanged = true
	}
	return merged, isChanged
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
	_, lines, err := o.body()
	if err != nil {
		return err
	}
	o.Phone = ""
	if o.stands() {
		o.Body = appendBody(nil, "", lines)
	} else {
		o.Body = nil
	}
	return nil
}

// appendBody appends what an order holds beside its columns. Orders that do not stand hold
// nothing.
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
	tx        Transaction
	shops     map[int64]Shop // those that are needed
	customers map[string]*customerChange
	items     map[string]*itemChange
}

func newChanges(tx Transaction) *changes {
	return &changes{tx: tx, shops: map[int64]Shop{}, customers: map[string]*customerChange{}, items: map[string]*itemChange{}}
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
		return Shop{}, errors.New("an order is of a shop that is not there: the store is damaged")
	}
	return shop, nil
}

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
	sameVersion := before.version == after.version
	if !(sameVersion && before.phone == after.phone && before.name == after.name) {
		c.loseCustomer(before)
		c.gainCustomer(after)
	}
	if sameVersion && bytes.Equal(before.lines, after.lines) {
		return nil
	}
	if err := c.loseLines(old, shop, before.lines); err != nil {
		return err
	}
	return c.gainLines(now, shop, after.lines)
}

// A contribution is what the row of an order says in the records. It is zero if the order
// does not stand.
type contribution struct {
	version     store.Version
	phone, name string
	lines       store.Lines
}

func contributionOf(o *Order, shop Shop) (c contribution, err error) {
	if !o.stands() {
		return c, nil
	}
	c.version, c.phone = o.version(shop, 0), o.Phone
	c.name, c.lines, err = o.body()
	return c, err
}

// addDelta takes note of what orders without an id change.
func (c *changes) addDelta(d store.Delta) {
	for _, one := range d.Customers {
		c.customer(one.Phone).add.Fixed = Person{one.Name, one.Named, one.First}
	}
	for _, one := range d.Items {
		i := c.item(one.Name)
		i.fixed, i.fixedOrders = Offer{one.Price, one.Priced, one.First}, one.Orders
	}
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
	known, err := c.tx.InsertOrders(rows)
	if err != nil {
		return false, err
	}
	isChanged = len(known) < len(rows)
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
	sortOrders(changed)
	return isChanged || len(changed) > 0, c.tx.UpdateOrders(changed)
}
