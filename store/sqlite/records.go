package sqlite

import (
	"process-orders/store/internal/sqlstore"
)

const (
	insertFixedCustomers = `customers AS old (phone, fixed_name, fixed_named, fixed_first)`
	insertLiveCustomers  = `customers AS old (phone, name, named, first, orders)`
	insertFixedItems     = `items AS old (name, fixed_price, fixed_priced, fixed_first, fixed_orders)`
	insertItems          = `items (` + sqlstore.ItemColumns + `)`

	onPhone = ` ON CONFLICT (phone)`
	onName  = ` ON CONFLICT (name)`

	selectCustomers = `SELECT ` + sqlstore.CustomerColumns + ` FROM customers WHERE phone IN `
	updateCustomer  = `UPDATE OR FAIL customers SET fixed_name = ?, fixed_named = ?, fixed_first = ?, name = ?, named = ?, first = ?, orders = ?
		WHERE phone = ?`
	deleteCustomer = `DELETE FROM customers WHERE phone = ?`

	selectItems  = `SELECT ` + sqlstore.ItemColumns + ` FROM items WHERE name IN `
	replaceItems = onName + ` DO UPDATE SET fixed_price = excluded.fixed_price, fixed_priced = excluded.fixed_priced,
		fixed_first = excluded.fixed_first, fixed_orders = excluded.fixed_orders, price = excluded.price, priced = excluded.priced,
		first = excluded.first, orders = excluded.orders, lines = excluded.lines, candidates = excluded.candidates`
	deleteItem = `DELETE FROM items WHERE name = ?`
)

// blob is a version as SQLite keeps it. A nil slice would be NULL.
func blob[T ~string | ~[]byte](v T) []byte { return append([]byte{}, v...) }

// LockCustomers has nothing to do.
func (tx *transaction) LockCustomers([]string) error { return nil }

func (tx *transaction) Customers(phones []string) ([]sqlstore.Customer, error) {
	return find(tx, selectCustomers, nil, phones, sqlstore.ScanCustomer)
}

func (tx *transaction) AddCustomers(customers []sqlstore.Customer) error {
	fixed, live := make([]*sqlstore.Customer, 0, len(customers)), make([]*sqlstore.Customer, 0, len(customers))
	for i := range customers {
		c := &customers[i]
		if c.Fixed.First != "" {
			fixed = append(fixed, c)
		}
		if c.Orders > 0 {
			live = append(live, c)
		}
	}
	var versions buffer
	err := tx.insert(insertFixedCustomers, 4, onPhone+sqlstore.MergeFixedCustomers, len(fixed), func(values []any, i int) []any {
		p := &fixed[i].Fixed
		versions.start(values)
		return append(values, fixed[i].Phone, p.Name, versions.version(p.Named), versions.version(p.First))
	}, nil)
	if err != nil {
		return err
	}
	return tx.insert(insertLiveCustomers, 5, onPhone+sqlstore.MergeLiveCustomers, len(live), func(values []any, i int) []any {
		p := &live[i].Live
		versions.start(values)
		return append(values, live[i].Phone, p.Name, versions.version(p.Named), versions.version(p.First), live[i].Orders)
	}, nil)
}

func (tx *transaction) PutCustomers(customers []sqlstore.Customer) error {
	for i := range customers {
		c := &customers[i]
		var err error
		if c.IsEmpty() {
			_, err = tx.update(deleteCustomer, c.Phone)
		} else {
			_, err = tx.update(updateCustomer, c.Fixed.Name, blob(c.Fixed.Named), blob(c.Fixed.First),
				c.Live.Name, blob(c.Live.Named), blob(c.Live.First), c.Orders, c.Phone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) DeleteCustomer(phone string) (found bool, err error) {
	deleted, err := tx.update(deleteCustomer, phone)
	return deleted > 0, err
}

func (tx *transaction) Items(names []string) ([]sqlstore.Item, error) {
	return find(tx, selectItems, nil, names, sqlstore.ScanItem)
}

func (tx *transaction) AddItems(items []sqlstore.Item) error {
	return tx.insert(insertFixedItems, 5, onName+sqlstore.MergeFixedItems, len(items), func(values []any, i int) []any {
		o := &items[i].Fixed
		return append(values, items[i].Name, o.Price, blob(o.Priced), blob(o.First), items[i].FixedOrders)
	}, nil)
}

func (tx *transaction) PutItems(items []sqlstore.Item) error {
	var kept []*sqlstore.Item
	for i := range items {
		if !items[i].IsEmpty() {
			kept = append(kept, &items[i])
			continue
		}
		if _, err := tx.update(deleteItem, items[i].Name); err != nil {
			return err
		}
	}
	return tx.insert(insertItems, 11, replaceItems, len(kept), func(values []any, i int) []any {
		item := kept[i]
		return append(values, item.Name, item.Fixed.Price, blob(item.Fixed.Priced), blob(item.Fixed.First), item.FixedOrders,
			item.Live.Price, blob(item.Live.Priced), blob(item.Live.First), item.LiveOrders, item.Lines, blob(item.Candidates))
	}, nil)
}

var _ sqlstore.Transaction = (*transaction)(nil)
