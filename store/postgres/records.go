package postgres

import (
	"github.com/jackc/pgx/v5"

	"process-orders/store/internal/sqlstore"
)

// Customers and items are locked by statements that make the rows that are not there, so
// that others cannot make them, and leave the others as they are. All statements that lock
// go by the order of the keys, in one way through new rows and old ones.
const (
	lockCustomers = `INSERT INTO process_orders.customers AS old (key, ` + sqlstore.CustomerColumns + `)
		SELECT key, phone, '', '', '', '', '', '', 0 FROM unnest($1::bytea[], $2::text[]) AS given (key, phone)
		ON CONFLICT (key) DO UPDATE SET orders = old.orders WHERE false`

	findCustomers = `SELECT ` + sqlstore.CustomerColumns + ` FROM process_orders.customers WHERE key = ANY($1::bytea[])`

	insertCustomers = `INSERT INTO process_orders.customers AS old (key, ` + sqlstore.CustomerColumns + `)
		SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[], $8::bytea[], $9::bigint[])
		ON CONFLICT (key) DO UPDATE SET `

	// A customer of whom nothing changes is not written.
	mergeCustomers = `
			fixed_name  = CASE WHEN excluded.fixed_named > old.fixed_named THEN excluded.fixed_name ELSE old.fixed_name END,
			fixed_named = greatest(excluded.fixed_named, old.fixed_named),
			fixed_first = CASE WHEN ` + earlierFixed + ` THEN excluded.fixed_first ELSE old.fixed_first END,
			name   = CASE WHEN excluded.named > old.named THEN excluded.name ELSE old.name END,
			named  = greatest(excluded.named, old.named),
			first  = CASE WHEN ` + earlierFirst + ` THEN excluded.first ELSE old.first END,
			orders = old.orders + excluded.orders
		WHERE excluded.orders <> 0 OR excluded.fixed_named > old.fixed_named OR ` + earlierFixed

	earlierFixed = `(excluded.fixed_first <> '' AND (old.fixed_first = '' OR excluded.fixed_first < old.fixed_first))`
	earlierFirst = `(excluded.first <> '' AND (old.first = '' OR excluded.first < old.first))`

	replaceCustomers = `fixed_name = excluded.fixed_name, fixed_named = excluded.fixed_named, fixed_first = excluded.fixed_first,
			name = excluded.name, named = excluded.named, first = excluded.first, orders = excluded.orders`

	deleteCustomers = `DELETE FROM process_orders.customers WHERE key = ANY($1::bytea[])`

	lockItems = `INSERT INTO process_orders.items AS old (key, ` + sqlstore.ItemColumns + `)
		SELECT key, name, '', '', '', 0, '', '', '', 0, 0, '' FROM unnest($1::bytea[], $2::text[]) AS given (key, name)
		ON CONFLICT (key) DO UPDATE SET orders = old.orders WHERE false`

	findItems = `SELECT ` + sqlstore.ItemColumns + ` FROM process_orders.items WHERE key = ANY($1::bytea[])`

	insertItems = `INSERT INTO process_orders.items AS old (key, ` + sqlstore.ItemColumns + `)
		SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[],
			$7::text[], $8::bytea[], $9::bytea[], $10::bigint[], $11::bigint[], $12::bytea[])
		ON CONFLICT (key)`

	mergeItems = ` DO UPDATE SET
			fixed_price  = CASE WHEN excluded.fixed_priced > old.fixed_priced THEN excluded.fixed_price ELSE old.fixed_price END,
			fixed_priced = greatest(excluded.fixed_priced, old.fixed_priced),
			fixed_first  = CASE WHEN ` + earlierFixed + ` THEN excluded.fixed_first ELSE old.fixed_first END,
			fixed_orders = old.fixed_orders + excluded.fixed_orders`

	replaceItems = ` DO UPDATE SET
			fixed_price = excluded.fixed_price, fixed_priced = excluded.fixed_priced, fixed_first = excluded.fixed_first,
			fixed_orders = excluded.fixed_orders, price = excluded.price, priced = excluded.priced, first = excluded.first,
			orders = excluded.orders, lines = excluded.lines, candidates = excluded.candidates`

	deleteItems = `DELETE FROM process_orders.items WHERE key = ANY($1::bytea[])`
)

// collect returns all rows that a query finds.
func collect[T any](tx *transaction, scan pgx.RowToFunc[T], sql string, values ...any) ([]T, error) {
	rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql), values...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

func (tx *transaction) LockCustomers(phones []string) error {
	return chunks(phones, func(some []string) error {
		_, err := tx.exec(lockCustomers, keysOf(some), some)
		return err
	})
}

func (tx *transaction) Customers(phones []string) (found []sqlstore.Customer, err error) {
	err = chunks(phones, func(some []string) error {
		rows, err := collect(tx, scanCustomer, findCustomers, keysOf(some))
		found = append(found, rows...)
		return err
	})
	return found, err
}

func scanCustomer(row pgx.CollectableRow) (sqlstore.Customer, error) {
	return sqlstore.ScanCustomer(row)
}

func (tx *transaction) AddCustomers(customers []sqlstore.Customer) error {
	return tx.insertCustomers(mergeCustomers, customers)
}

func (tx *transaction) PutCustomers(customers []sqlstore.Customer) error {
	kept, empty := split(customers, (*sqlstore.Customer).IsEmpty)
	if err := tx.insertCustomers(replaceCustomers, kept); err != nil {
		return err
	}
	return chunks(empty, func(some []sqlstore.Customer) error {
		_, err := tx.exec(deleteCustomers, column(some, func(c *sqlstore.Customer) []byte { return keyOf(c.Phone) }))
		return err
	})
}

func (tx *transaction) insertCustomers(onConflict string, customers []sqlstore.Customer) error {
	return chunks(customers, func(some []sqlstore.Customer) error {
		_, err := tx.exec(insertCustomers+onConflict,
			column(some, func(c *sqlstore.Customer) []byte { return keyOf(c.Phone) }),
			column(some, func(c *sqlstore.Customer) string { return c.Phone }),
			column(some, func(c *sqlstore.Customer) string { return c.Fixed.Name }),
			column(some, func(c *sqlstore.Customer) []byte { return bytesOf(c.Fixed.Named) }),
			column(some, func(c *sqlstore.Customer) []byte { return bytesOf(c.Fixed.First) }),
			column(some, func(c *sqlstore.Customer) string { return c.Live.Name }),
			column(some, func(c *sqlstore.Customer) []byte { return bytesOf(c.Live.Named) }),
			column(some, func(c *sqlstore.Customer) []byte { return bytesOf(c.Live.First) }),
			column(some, func(c *sqlstore.Customer) int64 { return c.Orders }))
		return err
	})
}

// DeleteCustomer finds nobody in a row that was only made to be locked.
func (tx *transaction) DeleteCustomer(phone string) (found bool, err error) {
	all, err := collect(tx, pgx.RowTo[bool], deleteCustomers+` RETURNING fixed_first <> '' OR orders > 0`, keysOf([]string{phone}))
	return len(all) > 0 && all[0], err
}

func (tx *transaction) Items(names []string) (found []sqlstore.Item, err error) {
	err = chunks(names, func(some []string) error {
		_, err := tx.exec(lockItems, keysOf(some), some)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = chunks(names, func(some []string) error {
		rows, err := collect(tx, scanItem, findItems, keysOf(some))
		found = append(found, rows...)
		return err
	})
	return found, err
}

func scanItem(row pgx.CollectableRow) (sqlstore.Item, error) { return sqlstore.ScanItem(row) }

func (tx *transaction) AddItems(items []sqlstore.Item) error {
	return tx.insertItems(mergeItems, items)
}

func (tx *transaction) PutItems(items []sqlstore.Item) error {
	kept, empty := split(items, (*sqlstore.Item).IsEmpty)
	if err := tx.insertItems(replaceItems, kept); err != nil {
		return err
	}
	return chunks(empty, func(some []sqlstore.Item) error {
		_, err := tx.exec(deleteItems, column(some, func(i *sqlstore.Item) []byte { return keyOf(i.Name) }))
		return err
	})
}

func (tx *transaction) insertItems(onConflict string, items []sqlstore.Item) error {
	return chunks(items, func(some []sqlstore.Item) error {
		_, err := tx.exec(insertItems+onConflict,
			column(some, func(i *sqlstore.Item) []byte { return keyOf(i.Name) }),
			column(some, func(i *sqlstore.Item) string { return i.Name }),
			column(some, func(i *sqlstore.Item) string { return i.Fixed.Price }),
			column(some, func(i *sqlstore.Item) []byte { return bytesOf(i.Fixed.Priced) }),
			column(some, func(i *sqlstore.Item) []byte { return bytesOf(i.Fixed.First) }),
			column(some, func(i *sqlstore.Item) int64 { return i.FixedOrders }),
			column(some, func(i *sqlstore.Item) string { return i.Live.Price }),
			column(some, func(i *sqlstore.Item) []byte { return bytesOf(i.Live.Priced) }),
			column(some, func(i *sqlstore.Item) []byte { return bytesOf(i.Live.First) }),
			column(some, func(i *sqlstore.Item) int64 { return i.LiveOrders }),
			column(some, func(i *sqlstore.Item) int64 { return i.Lines }),
			column(some, func(i *sqlstore.Item) []byte { return append([]byte{}, i.Candidates...) }))
		return err
	})
}

// bytesOf returns the bytes of a version, which are not nil, as that would be null.
func bytesOf[V ~string](v V) []byte { return append([]byte{}, v...) }

// split returns the rows that are to be kept, and those that are empty.
func split[R any](rows []R, isEmpty func(*R) bool) (kept, empty []R) {
	for i := range rows {
		if isEmpty(&rows[i]) {
			empty = append(empty, rows[i])
		} else {
			kept = append(kept, rows[i])
		}
	}
	return kept, empty
}
