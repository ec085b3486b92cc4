package sqlstore

import (
	"process-orders/store"
)

// An ahead gathers all records as they will be with a batch: see [store.Ahead]. A customer who is
// changed is in the hands of a transaction, and mostly so are the others if many are changed.
type ahead struct {
	of    *store.Ahead
	all   *Gathering // nil if nothing is gathered, or no more
	taken bool
}

// mostItemsAhead is how many items a store has at most that are read within a transaction, while
// others who write wait.
const mostItemsAhead = 10_000

// startAhead starts to gather. Records of a store that has nothing yet are those of a batch.
func (c *changes) startAhead(b *store.Batch) error {
	if b.Ahead == nil || b.Feed != nil {
		return nil
	}
	totals, err := c.tx.allTotals()
	if err != nil {
		return err
	}
	rows := int64(0)
	for _, t := range totals {
		rows += t.Rows
	}
	c.ahead.of = b.Ahead
	switch {
	case rows == 0 && len(b.States) == 0:
		c.ahead.take(b.Delta.Alone(b.Ahead.Reading.Details))
	case totals[ItemsTable].Rows < mostItemsAhead:
		c.ahead.all = NewGathering(b.Ahead.Reading)
	}
	return nil
}

func (a *ahead) take(all store.All) {
	a.of.Take(all)
	a.taken = true
}

// addCustomers adds customers as they will be: those that are changed, and others.
func (a *ahead) addCustomers(changed []Change[Customer], others Others) error {
	if a.all == nil {
		return nil
	}
	if others != nil {
		for c, err := range others {
			if err == nil {
				err = a.all.AddCustomer(c)
			}
			if err != nil {
				return err
			}
		}
	}
	for _, c := range changed {
		if c.Now == nil {
			continue
		}
		if err := a.all.AddCustomer(c.Now); err != nil {
			return err
		}
	}
	return nil
}

// finishAhead gives the records away when all customers and items are changed.
func (c *changes) finishAhead() error {
	a := &c.ahead
	if a.all == nil {
		return nil
	}
	for i, err := range c.tx.AllItems(a.of.Reading.Details) {
		if err == nil {
			err = a.all.AddItem(i.Item, i.Price)
		}
		if err != nil {
			return err
		}
	}
	totals, err := c.tx.allTotals()
	if err != nil {
		return err
	}
	want := map[string]Total{}
	for table, changed := range map[string]Total{CustomersTable: c.totals.customers, ItemsTable: c.totals.items, PricesTable: c.totals.prices} {
		want[table] = Total{Rows: totals[table].Rows + changed.Rows, Sum: totals[table].Sum + changed.Sum}
	}
	if err := a.all.Finish(want); err != nil {
		return err
	}
	a.take(a.all)
	a.all = nil
	return nil
}

// close drops what was gathered and not taken.
func (a *ahead) close() {
	if a.all != nil {
		_ = a.all.Close() // nobody needs the file any more
		a.all = nil
	}
}
