package sqlstore

import (
	"fmt"
	"slices"

	"process-orders/store"
)

// A customerChange is what a transaction changes of a customer.
type customerChange struct {
	phone string
	fixed *store.Customer // of orders without an id; nil if there are none
	live  *liveChange     // of orders with an id; nil if there are none
}

// A liveChange is what orders with an id change of a customer.
type liveChange struct {
	add  Person // of orders that are gained
	lost []loss // of those that made the customer
}

// A loss is an order that a customer loses.
type loss struct {
	version store.Version
	placed  int64
	spent   Sums
}

func (c *changes) customer(phone string) *liveChange {
	change := c.customers[phone]
	if change == nil {
		change = &liveChange{add: nobody()}
		c.customers[phone] = change
	}
	return change
}

func (c *changes) gainCustomer(of *contribution) {
	if of.phone == "" {
		return
	}
	p := Person{First: of.version, Orders: 1, Spent: of.spent, FirstPlaced: of.placed, LastPlaced: of.placed}
	if of.name != "" {
		p.Name, p.Named = of.name, of.version
	}
	c.customer(of.phone).add.merge(&p)
}

func (c *changes) loseCustomer(of *contribution) {
	if of.phone == "" {
		return
	}
	change := c.customer(of.phone)
	change.lost = append(change.lost, loss{of.version, of.placed, of.spent})
}

// customerChanges returns the changes of all customers, sorted by their keys.
func (c *changes) customerChanges(delta []store.Customer) []customerChange {
	fixed := len(delta)
	var others []string // the phones of those who have live orders alone
	if len(c.customers) > 0 {
		isFixed := make(map[string]bool, fixed)
		for i := range delta {
			isFixed[delta[i].Phone] = true
		}
		for phone := range c.customers {
			if !isFixed[phone] {
				others = append(others, phone)
			}
		}
	}
	phone := func(i int) string {
		if i < fixed {
			return delta[i].Phone
		}
		return others[i-fixed]
	}
	sorted := make([]customerChange, fixed+len(others))
	for at, i := range SortedBy(len(sorted), func(dst []byte, i int) []byte { return AppendCustomerKey(dst, phone(i)) }) {
		one := customerChange{phone: phone(int(i))}
		if int(i) < fixed {
			one.fixed = &delta[i]
		}
		if len(c.customers) > 0 {
			one.live = c.customers[one.phone]
		}
		sorted[at] = one
	}
	return sorted
}

// changeCustomers changes the rows of customers.
func (c *changes) changeCustomers(delta []store.Customer) error {
	all := c.customerChanges(delta)
	if len(all) == 0 {
		c.ahead.close() // nobody reads the others then
		return nil
	}
	phones := make([]string, len(all))
	var losing []string
	for i := range all {
		if phones[i] = all[i].phone; all[i].live != nil && len(all[i].live.lost) > 0 {
			losing = append(losing, all[i].phone)
		}
	}
	c.tx.ExpectOrdersOf(losing)
	rows := relay[Customer]{put: c.tx.PutCustomers}
	defer rows.stop()
	hasAll, err := c.tx.Customers(phones, c.ahead.all != nil, func(some []string, found []Customer, others Others) error {
		changes := all[:len(some)]
		all = all[len(some):]
		return c.changeSomeCustomers(&rows, changes, found, others)
	})
	if err == nil {
		err = rows.end()
	}
	if !hasAll {
		c.ahead.close()
	}
	return err
}

// changeSomeCustomers makes the rows of some customers, of whom those are found that are there, and
// puts those before meanwhile. If orders are taken away, other orders may be looked up: then there
// is no meanwhile.
func (c *changes) changeSomeCustomers(rows *relay[Customer], changes []customerChange, found []Customer, others Others) error {
	before, err := rows.take()
	if err != nil {
		return err
	}
	start := aside[[]Change[Customer]]
	if slices.ContainsFunc(changes, func(one customerChange) bool { return one.live != nil && len(one.live.lost) > 0 }) {
		start = here
	}
	rows.made = start(func() ([]Change[Customer], error) {
		rows, err := c.changedCustomers(changes, found)
		if err == nil {
			err = c.ahead.addCustomers(rows, others)
		}
		return rows, err
	})
	return rows.putSome(before)
}

// customerRows are rows of customers that are put together. Their memory serves others when they are
// put.
type customerRows struct {
	changes []Change[Customer]
	now     []Customer
	spent   Sums
}

// sized returns rows with memory for n customers.
func (r *customerRows) sized(n int) *customerRows {
	if cap(r.now) < n {
		*r = customerRows{make([]Change[Customer], 0, n), make([]Customer, n), make(Sums, n)}
	}
	r.changes, r.now = r.changes[:0], r.now[:n]
	return r
}

// changedCustomers makes the rows of some customers. Those that were made before are put meanwhile, and
// those before them are put.
func (c *changes) changedCustomers(changes []customerChange, found []Customer) ([]Change[Customer], error) {
	known := make(map[string]*Customer, len(found))
	for i := range found {
		known[found[i].Phone] = &found[i]
	}
	touch(changes)
	c.rows[0], c.rows[1] = c.rows[1], c.rows[0]
	rows := c.rows[0].sized(len(changes))
	bodies := make([]byte, 0, min(len(changes)*mostUsualBytes, bodiesBytes))
	for i := range changes {
		change, now := &changes[i], &rows.now[i]
		old := known[change.phone]
		*now = Customer{Phone: change.phone, Fixed: nobody(), Live: nobody()}
		now.Fixed.Spent = rows.spent[i : i : i+1]
		if old != nil { // of which the columns are still wanted, and the sums are not
			now.Fixed, now.Live = old.Fixed, old.Live
		}
		if err := c.changeCustomer(now, change); err != nil {
			return nil, err
		}
		row := c.changed(old, now, &bodies)
		if err := c.changeName(row); err != nil {
			return nil, err
		}
		rows.changes = append(rows.changes, row)
	}
	return rows.changes, nil
}

// touch reads a little of all that some changes refer to, so that it is in the cache of the core
// when it is wanted. As they are sorted by phones it lies anywhere in memory. The processor waits
// for many such places at once if it has nothing else to do, and else for one after the other.
//
//go:noinline
func touch(changes []customerChange) (sum int64) {
	for i := range changes {
		f := changes[i].fixed
		if f == nil {
			continue
		}
		sum += f.Orders + f.LastPlaced
		if len(f.Phone) > 0 && len(f.First) > 0 {
			sum += int64(f.Phone[0]) + int64(f.First[len(f.First)-1])
		}
		if len(f.Spent) > 0 {
			sum += int64(f.Spent[0].Amount.Places())
		}
	}
	return sum
}

// The bodies of many customers share memory of bodiesBytes. Few are longer than mostUsualBytes.
const bodiesBytes, mostUsualBytes = 64 << 10, 256

// changed takes note of what becomes of the row of a customer. Old is nil if there was none.
func (c *changes) changed(old, now *Customer, bodies *[]byte) (row Change[Customer]) {
	row.Old = old
	if !now.IsEmpty() {
		*bodies = now.Seal(bufferFor(*bodies, mostUsualBytes))
		row.Now = now
		c.totals.customers.gain(now.Row)
	}
	if old != nil {
		c.totals.customers.lose(old.Row)
	}
	if old != nil && row.Now != nil && store.MinuteOf(old.firstPlaced()) == store.MinuteOf(now.firstPlaced()) {
		return row // as mostly
	}
	if old != nil {
		c.newCustomer(old.firstPlaced(), -1)
	}
	if row.Now != nil {
		c.newCustomer(now.firstPlaced(), +1)
	}
	return row
}

// changeCustomer changes the row of a customer. If orders are taken away that gave the latest
// name, the first appearance or a time, the next best is looked up among the orders, whose rows
// are changed already.
func (c *changes) changeCustomer(row *Customer, by *customerChange) error {
	if f := by.fixed; f != nil {
		row.Fixed.merge(&Person{
			Name: f.Name, Named: f.Named, First: f.First, Orders: f.Orders,
			FirstPlaced: f.FirstPlaced, LastPlaced: f.LastPlaced,
		})
		row.Fixed.Spent = row.Fixed.Spent.addFixed(f.Spent)
	}
	if by.live == nil {
		return nil
	}
	live, lost := &row.Live, by.live.lost
	live.Orders += by.live.add.Orders - int64(len(lost))
	if live.Orders == 0 {
		*live = nobody()
		return nil
	}
	if live.Orders < 0 {
		return fmt.Errorf("a customer of an order is not there: %w", store.ErrDamaged)
	}
	var lostName, lostFirst, lostStart, lostEnd bool
	for i := range lost {
		l := &lost[i]
		lostName = lostName || l.version == live.Named
		lostFirst = lostFirst || l.version == live.First
		lostStart = lostStart || l.placed != store.NoTime && l.placed == live.FirstPlaced
		lostEnd = lostEnd || l.placed != store.NoTime && l.placed == live.LastPlaced
		live.Spent = live.Spent.less(l.spent)
	}
	add := by.live.add
	add.Orders = 0 // they are added already
	live.merge(&add)
	var err error
	if lostName {
		if live.Name, live.Named, err = c.latestName(row.Phone); err != nil {
			return err
		}
	}
	if lostFirst {
		if live.First, err = c.firstOrder(row.Phone); err != nil {
			return err
		}
	}
	if lostStart {
		if live.FirstPlaced, err = c.placedEnd(row.Phone, false); err != nil {
			return err
		}
	}
	if lostEnd {
		live.LastPlaced, err = c.placedEnd(row.Phone, true)
	}
	return err
}

// latestName finds the latest name that the orders of a customer provide.
func (c *changes) latestName(phone string) (name string, named store.Version, err error) {
	var time int64
	for o, err := range c.tx.OrdersOf(phone, true) {
		if err != nil {
			return "", "", err
		}
		if named != "" && (o.Time != time || time == store.NoTime) {
			break
		}
		if !o.stands() {
			continue
		}
		shop, err := c.shop(o.Shop)
		if err != nil {
			return "", "", err
		}
		given, _, err := o.body()
		if err != nil {
			return "", "", err
		}
		if version := o.version(shop, 0); given != "" && version > named {
			name, named, time = given, version, o.Time
		}
	}
	return name, named, nil
}

// firstOrder finds the first order of a customer that stands.
func (c *changes) firstOrder(phone string) (first store.Version, err error) {
	var time int64
	for o, err := range c.tx.OrdersOf(phone, false) {
		if err != nil {
			return "", err
		}
		if first != "" && (o.Time != time || time == store.NoTime) {
			break
		}
		shop, err := c.shop(o.Shop)
		if err != nil {
			return "", err
		}
		if o.stands() {
			first, time = earlier(first, o.version(shop, 0)), o.Time
		}
	}
	if first == "" {
		return "", fmt.Errorf("the orders of a customer are not there: %w", store.ErrDamaged)
	}
	return first, nil
}

// placedEnd finds when the first order of a customer was placed, or the last one. Orders without
// a Time come first, in any order, and the others sorted by it, which is when they were placed.
func (c *changes) placedEnd(phone string, last bool) (end int64, err error) {
	end = store.NoTime
	for o, err := range c.tx.OrdersOf(phone, false) {
		if err != nil {
			return 0, err
		}
		isTimed := o.Time != store.NoTime
		if last && isTimed {
			break
		}
		if !o.stands() || o.Placed == store.NoTime {
			continue
		}
		if last {
			end = max(end, o.Placed)
			continue
		}
		if end = earlierTime(end, o.Placed); isTimed {
			break
		}
	}
	if !last {
		return end, nil
	}
	for o, err := range c.tx.OrdersOf(phone, true) {
		if err != nil {
			return 0, err
		}
		if o.Time == store.NoTime {
			break
		}
		if o.stands() && o.Placed != store.NoTime {
			return max(end, o.Placed), nil
		}
	}
	return end, nil
}
