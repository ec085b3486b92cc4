package sqlstore

import (
	"errors"
	"slices"

	"process-orders/store"
)

// Erase removes a customer, as [store.Store] says. Changed reports whether anything was, so
// that bytes of the customer may be left where rows were.
func Erase(tx Transaction, e store.Erasure) (found, changed bool, err error) {
	w := newWork(tx)
	if found, changed, err = w.erase(e); err != nil {
		return false, false, err
	}
	return found, changed, w.end()
}

func (w *work) erase(e store.Erasure) (found, changed bool, err error) {
	c := newChanges(w)
	defer c.names.close()
	erased, err := c.eraseOrdersOf(e.Phone)
	if err != nil {
		return false, false, err
	}
	if found, err = c.removeCustomer(e.Phone); err != nil {
		return false, false, err
	}
	marked, err := c.eraseNamed(e)
	if err != nil {
		return false, false, err
	}
	if err := c.finish(0, new(store.Delta)); err != nil {
		return false, false, err
	}
	if changed = found || erased > 0 || marked; changed {
		err = w.LogErasure()
	}
	return found, changed, err
}

// erasedAtOnce is how many orders are erased at once, with all of their lines in memory: a phone that
// a shop types for all who give none may have a million.
const erasedAtOnce = 1000

// eraseOrdersOf erases all orders that have a phone, and returns how many there were. An order that is
// erased has no phone any more, so those that are found next are others.
func (c *changes) eraseOrdersOf(phone string) (erased int, err error) {
	for {
		c.tx.ExpectOrdersOf(nil)
		var rows []Order
		for o, err := range c.tx.OrdersOf(phone, false) {
			if err != nil {
				return erased, err
			}
			if o.Phone != phone { // or it would be found again and again
				return erased, ErrRow
			}
			if rows = append(rows, o); len(rows) == erasedAtOnce {
				break
			}
		}
		for i := range rows {
			if err := rows[i].erase(); err != nil {
				return erased, err
			}
		}
		if err := c.updateOrders(rows); err != nil {
			return erased, err
		}
		if erased += len(rows); len(rows) < erasedAtOnce {
			return erased, nil
		}
	}
}

// removeCustomer removes the row of a customer whose orders are erased.
func (c *changes) removeCustomer(phone string) (found bool, err error) {
	if phone == "" {
		return false, nil
	}
	_, err = c.tx.Customers([]string{phone}, false, func(_ []string, known []Customer, _ Others) error {
		var rows []Change[Customer]
		for i := range known {
			found = true
			c.newCustomer(known[i].firstPlaced(), -1)
			c.totals.customers.lose(known[i].Row)
			rows = append(rows, Change[Customer]{Old: &known[i]})
			if err := c.changeName(rows[i]); err != nil {
				return err
			}
		}
		return c.tx.PutCustomers(rows)
	})
	return found, err
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
