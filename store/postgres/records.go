package postgres

import (
	"github.com/jackc/pgx/v5"

	"process-orders/store/internal/sqlstore"
)

const (
	findCustomers = `SELECT key, phone, name, body FROM process_orders.customers WHERE key = ANY($1::bytea[])`

	putCustomers = `INSERT INTO process_orders.customers (key, phone, name, body)
		SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[])
		ON CONFLICT (key) DO UPDATE SET name = excluded.name, body = excluded.body`

	deleteCustomers = `DELETE FROM process_orders.customers WHERE key = ANY($1::bytea[])`

	insertNames = `INSERT INTO process_orders.names (name, customer) SELECT * FROM unnest($1::bytea[], $2::bytea[])`
	deleteNames = `DELETE FROM process_orders.names AS n USING unnest($1::bytea[], $2::bytea[]) AS gone (name, customer)
		WHERE n.name = gone.name AND n.customer = gone.customer`

	findItems = `SELECT name, price, orders, body FROM process_orders.items WHERE key = ANY($1::bytea[])`
	putItems  = `INSERT INTO process_orders.items (key, name, folded, price, orders, body)
		SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::bytea[])
		ON CONFLICT (key) DO UPDATE SET price = excluded.price, orders = excluded.orders, body = excluded.body`
	deleteItems = `DELETE FROM process_orders.items WHERE key = ANY($1::bytea[])`

	findPrices = `SELECT p.item, p.price, p.body FROM unnest($1::bytea[], $2::text[]) AS given (item, price)
		CROSS JOIN LATERAL (SELECT item, price, body FROM process_orders.prices
			WHERE item = given.item AND price = given.price COLLATE "C" LIMIT 1) p`
	putPrices = `INSERT INTO process_orders.prices (item, price, body) SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[])
		ON CONFLICT (item, price) DO UPDATE SET body = excluded.body`
	deletePrices = `DELETE FROM process_orders.prices AS p USING unnest($1::bytea[], $2::text[]) AS gone (item, price)
		WHERE p.item = gone.item AND p.price = gone.price COLLATE "C"`

	findHours = `SELECT ` + sqlstore.HourColumns + ` FROM process_orders.hours WHERE start = ANY($1::bigint[])`
	putHours  = `INSERT INTO process_orders.hours (start, body) SELECT * FROM unnest($1::bigint[], $2::bytea[])
		ON CONFLICT (start) DO UPDATE SET body = excluded.body`
	deleteHours = `DELETE FROM process_orders.hours WHERE start = ANY($1::bigint[])`

	findTotals = `SELECT ` + sqlstore.TotalColumns + ` FROM process_orders.totals`
	putTotals  = `INSERT INTO process_orders.totals (name, rows, sum, checksum)
		SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
		ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, sum = excluded.sum, checksum = excluded.checksum`
)

// collect returns all rows that a query finds.
func collect[T any](tx *transaction, scan pgx.RowToFunc[T], sql string, values ...any) ([]T, error) {
	rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql), values...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

func customerKey(phone string) []byte { return keyOf(sqlstore.CustomerKey(phone)) }

func (tx *transaction) Customers(phones []string, do func(some []string, found []sqlstore.Customer) error) error {
	return chunks(phones, func(some []string) error {
		keys := column(some, func(phone *string) []byte { return customerKey(*phone) })
		found, err := collect(tx, collected(scanCustomer), findCustomers, keys)
		if err != nil {
			return err
		}
		return do(some, found)
	})
}

// collected is a function that reads a row as pgx wants it.
func collected[T any](scan func(sqlstore.Row) (T, error)) pgx.RowToFunc[T] {
	return func(r pgx.CollectableRow) (T, error) { return scan(r) }
}

// scanCustomer reads a customer, and checks the row.
func scanCustomer(r sqlstore.Row) (c sqlstore.Customer, err error) {
	var key []byte
	if err := r.Scan(&key, &c.Phone, &c.Name, &c.Row.Body); err != nil {
		return c, err
	}
	if string(key) != string(customerKey(c.Phone)) {
		return c, sqlstore.ErrRow
	}
	return c, c.Read()
}

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	kept, gone := split(changes)
	err := chunks(gone, func(some []*sqlstore.Customer) error {
		_, err := tx.exec(deleteCustomers, column(some, func(c **sqlstore.Customer) []byte { return customerKey((*c).Phone) }))
		return err
	})
	if err != nil {
		return err
	}
	err = chunks(kept, func(some []*sqlstore.Customer) error {
		_, err := tx.exec(putCustomers,
			column(some, func(c **sqlstore.Customer) []byte { return customerKey((*c).Phone) }),
			column(some, func(c **sqlstore.Customer) string { return (*c).Phone }),
			column(some, func(c **sqlstore.Customer) string { return (*c).Name }),
			column(some, func(c **sqlstore.Customer) []byte { return (*c).Row.Body }))
		return err
	})
	if err != nil {
		return err
	}
	return tx.putNames(changes)
}

// putNames changes by what customers are found.
func (tx *transaction) putNames(changes []sqlstore.Change[sqlstore.Customer]) error {
	type entry struct{ name, customer []byte }
	var old, now []entry
	for _, c := range changes {
		if c.Old != nil && c.Now != nil && c.Old.Name == c.Now.Name {
			continue
		}
		if c.Old != nil {
			for _, name := range sqlstore.NameKeys(c.Old.Name) {
				old = append(old, entry{[]byte(name), customerKey(c.Old.Phone)})
			}
		}
		if c.Now != nil {
			for _, name := range sqlstore.NameKeys(c.Now.Name) {
				now = append(now, entry{[]byte(name), customerKey(c.Now.Phone)})
			}
		}
	}
	for _, change := range []struct {
		sql     string
		entries []entry
	}{{deleteNames, old}, {insertNames, now}} {
		err := chunks(change.entries, func(some []entry) error {
			_, err := tx.exec(change.sql,
				column(some, func(e *entry) []byte { return e.name }),
				column(some, func(e *entry) []byte { return e.customer }))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) Items(names []string) (found []sqlstore.Item, err error) {
	err = chunks(names, func(some []string) error {
		rows, err := collect(tx, collected(scanItem), findItems, keysOf(some))
		found = append(found, rows...)
		return err
	})
	return found, err
}

// scanItem reads an item, and checks the row.
func scanItem(r sqlstore.Row) (i sqlstore.Item, err error) {
	if err := r.Scan(&i.Name, &i.Price, &i.Orders, &i.Row.Body); err != nil {
		return i, err
	}
	return i, i.Read()
}

func (tx *transaction) PutItems(changes []sqlstore.Change[sqlstore.Item]) error {
	kept, gone := split(changes)
	err := chunks(gone, func(some []*sqlstore.Item) error {
		_, err := tx.exec(deleteItems, column(some, func(i **sqlstore.Item) []byte { return keyOf((*i).Name) }))
		return err
	})
	if err != nil {
		return err
	}
	return chunks(kept, func(some []*sqlstore.Item) error {
		_, err := tx.exec(putItems,
			column(some, func(i **sqlstore.Item) []byte { return keyOf((*i).Name) }),
			column(some, func(i **sqlstore.Item) string { return (*i).Name }),
			column(some, func(i **sqlstore.Item) []byte { return keyOf((*i).Folded) }),
			column(some, func(i **sqlstore.Item) string { return (*i).Price }),
			column(some, func(i **sqlstore.Item) int64 { return (*i).Orders }),
			column(some, func(i **sqlstore.Item) []byte { return (*i).Row.Body }))
		return err
	})
}

func (tx *transaction) Prices(keys []sqlstore.PriceKey) (found []sqlstore.Price, err error) {
	err = chunks(keys, func(some []sqlstore.PriceKey) error {
		names := make(map[string]string, len(some)) // of items, by their keys
		for _, k := range some {
			names[string(keyOf(k.Item))] = k.Item
		}
		scan := func(r pgx.CollectableRow) (p sqlstore.Price, err error) {
			var key []byte
			if err := r.Scan(&key, &p.PriceKey.Price, &p.Row.Body); err != nil {
				return p, err
			}
			p.Item = names[string(key)]
			return p, p.Read()
		}
		rows, err := collect(tx, scan, findPrices,
			column(some, func(k *sqlstore.PriceKey) []byte { return keyOf(k.Item) }),
			column(some, func(k *sqlstore.PriceKey) string { return k.Price }))
		found = append(found, rows...)
		return err
	})
	return found, err
}

func (tx *transaction) PutPrices(changes []sqlstore.Change[sqlstore.Price]) error {
	kept, gone := split(changes)
	itemKey := func(p **sqlstore.Price) []byte { return keyOf((*p).Item) }
	price := func(p **sqlstore.Price) string { return (*p).PriceKey.Price }
	err := chunks(gone, func(some []*sqlstore.Price) error {
		_, err := tx.exec(deletePrices, column(some, itemKey), column(some, price))
		return err
	})
	if err != nil {
		return err
	}
	return chunks(kept, func(some []*sqlstore.Price) error {
		_, err := tx.exec(putPrices, column(some, itemKey), column(some, price),
			column(some, func(p **sqlstore.Price) []byte { return (*p).Row.Body }))
		return err
	})
}

func (tx *transaction) Hours(starts []int64) (found []sqlstore.Hour, err error) {
	err = chunks(starts, func(some []int64) error {
		rows, err := collect(tx, collected(sqlstore.ScanHour), findHours, some)
		found = append(found, rows...)
		return err
	})
	return found, err
}

func (tx *transaction) PutHours(changes []sqlstore.Change[sqlstore.Hour]) error {
	kept, gone := split(changes)
	start := func(h **sqlstore.Hour) int64 { return (*h).Start }
	err := chunks(gone, func(some []*sqlstore.Hour) error {
		_, err := tx.exec(deleteHours, column(some, start))
		return err
	})
	if err != nil {
		return err
	}
	return chunks(kept, func(some []*sqlstore.Hour) error {
		_, err := tx.exec(putHours, column(some, start), column(some, func(h **sqlstore.Hour) []byte { return (*h).Row.Body }))
		return err
	})
}

func (tx *transaction) Totals() (map[string]sqlstore.Total, error) {
	rows, err := collect(tx, collected(sqlstore.ScanTotal), findTotals)
	all := map[string]sqlstore.Total{}
	for _, t := range rows {
		all[t.Table] = t
	}
	return all, err
}

func (tx *transaction) PutTotals(all []sqlstore.Total) error {
	_, err := tx.exec(putTotals,
		column(all, func(t *sqlstore.Total) string { return t.Table }),
		column(all, func(t *sqlstore.Total) int64 { return t.Rows }),
		column(all, func(t *sqlstore.Total) int64 { return t.Sum }),
		column(all, func(t *sqlstore.Total) int64 { return int64(t.Row) }))
	return err
}

// split returns the rows that are kept, and those that are not there any more.
func split[R any](changes []sqlstore.Change[R]) (kept, gone []*R) {
	for _, c := range changes {
		switch {
		case c.Now != nil:
			kept = append(kept, c.Now)
		case c.Old != nil:
			gone = append(gone, c.Old)
		}
	}
	return kept, gone
}

var _ sqlstore.Transaction = (*transaction)(nil)
