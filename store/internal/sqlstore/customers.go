package sqlstore

import (
	"errors"

	"process-orders/store"
)

// A customerChange is what a transaction changes of a customer.
type customerChange struct {
	add  Customer
	lost []store.Version // of orders that made the customer
}

func (c *changes) customer(phone string) *customerChange {
	change := c.customers[phone]
	if change == nil {
		change = &customerChange{add: Customer{Phone: phone}}
		c.customers[phone] = change
	}
	return change
}

func (c *changes) gainCustomer(of contribution) {
	if of.phone == "" {
		return
	}
	add := &c.customer(of.phone).add
	add.Orders++
	p := Person{First: of.version}
	if of.name != "" {
		p.Name, p.Named = of.name, of.version
	}
	add.Live.merge(p)
}

func (c *changes) loseCustomer(of contribution) {
	if of.phone == "" {
		return
	}
	change := c.customer(of.phone)
	change.lost = append(change.lost, of.version)
}

// merge keeps the later name and the earlier first appearance.
func (p *Person) merge(q Person) {
	if q.Named > p.Named {
		p.Name, p.Named = q.Name, q.Named
	}
	p.First = earlier(p.First, q.First)
}

// earlier returns the earlier of two versions of which "" is none.
func earlier(v, w store.Version) store.Version {
	if v == "" || w != "" && w < v {
		return w
	}
	return v
}

// changeCustomers changes the rows of customers.
func (c *changes) changeCustomers() error {
	changes := make([]*customerChange, 0, len(c.customers))
	for _, change := range c.customers {
		changes = append(changes, change)
	}
	var phones, losing []string
	var additions []Customer
	for _, i := range Sorted(len(changes), func(i int) string { return changes[i].add.Phone }) {
		change := changes[i]
		phones = append(phones, change.add.Phone)
		if len(change.lost) > 0 {
			losing = append(losing, change.add.Phone)
		} else {
			additions = append(additions, change.add)
		}
	}
	if len(losing) == 0 {
		return c.tx.AddCustomers(additions)
	}
	if err := c.tx.LockCustomers(phones); err != nil {
		return err
	}
	rows, err := c.tx.Customers(losing)
	if err != nil {
		return err
	}
	if len(rows) != len(losing) {
		return errors.New("a customer of an order is not there: the store is damaged")
	}
	for i := range rows {
		if err := c.changeCustomer(&rows[i], c.customers[rows[i].Phone]); err != nil {
			return err
		}
	}
	if err := c.tx.AddCustomers(additions); err != nil {
		return err
	}
	return c.tx.PutCustomers(rows)
}

// changeCustomer changes the row of a customer from whom orders are taken away. If that was
// the latest name or the first appearance, the next best is looked up among the orders,
// whose rows are changed already.
func (c *changes) changeCustomer(row *Customer, change *customerChange) error {
	row.Fixed.merge(change.add.Fixed)
	row.Orders += change.add.Orders - int64(len(change.lost))
	if row.Orders == 0 {
		row.Live = Person{}
		return nil
	}
	lostName, lostFirst := false, false
	for _, v := range change.lost {
		lostName = lostName || v == row.Live.Named
		lostFirst = lostFirst || v == row.Live.First
	}
	row.Live.merge(change.add.Live)
	var err error
	if lostName {
		if row.Live.Name, row.Live.Named, err = c.latestName(row.Phone); err != nil {
			return err
		}
	}
	if lostFirst {
		row.Live.First, err = c.firstOrder(row.Phone)
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
		shop, err := c.shop(o.Shop)
		if err != nil {
			return "", "", err
		}
		of, err := contributionOf(&o, shop)
		if err != nil {
			return "", "", err
		}
		if of.name != "" && of.version > named {
			name, named, time = of.name, of.version, o.Time
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
		return "", errors.New("the orders of a customer are not there: the store is damaged")
	}
	return first, nil
}
