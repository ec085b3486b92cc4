package sqlstore

import (
	"bytes"
	"fmt"

	"process-orders/store"
)

// changes are what a transaction changes in the records.
type changes struct {
	tx        *work
	shops     map[int64]Shop // those that are needed
	customers map[string]*liveChange
	rows      [2]customerRows // those that are made, and those that are put
	items     map[string]*itemChange
	minutes   []Minute // in any order, and some more than once
	// gained and lost are times: the minute of each has a new customer more, or less.
	gained, lost []int64
	names        nameChanges
	totals       totals
	ahead        ahead
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
		func() error { return c.changeItems(delta.Items) },
		c.finishAhead,
		c.changeNames,
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
