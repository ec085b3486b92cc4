package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Reader = (*Store)(nil)

const (
	customersFrom = `SELECT ` + customerColumns + ` FROM customers WHERE first >= ` + blockOfCustomer + ` AND first < ? ORDER BY first`

	oneItem = `SELECT i.name, i.price, i.orders, i.body, p.item, p.price, p.body
		FROM items AS i LEFT JOIN prices AS p ON p.item = i.name WHERE i.name = ?`
	itemsFrom = `SELECT * FROM (SELECT ` + itemColumns + ` FROM items WHERE orders = ?1 AND name > ?2 ORDER BY name LIMIT ?3)
		UNION ALL SELECT * FROM (SELECT ` + itemColumns + ` FROM items WHERE orders < ?1 ORDER BY orders DESC, name LIMIT ?3)`
	foldedFrom = `SELECT ` + itemColumns + ` FROM items
		WHERE (folded, name) > (?, ?) AND folded < ? ORDER BY folded, name LIMIT ?`

	ordersColumns = `s.number, s.system, s.name, s.checksum, o.number, o.shop, o.id, o.time, o.source, o.at, o.phone, o.state`
	oneOrder      = `SELECT ` + ordersColumns + ` FROM shops AS s CROSS JOIN orders AS o ON o.shop = s.number
		WHERE s.system = ? AND s.name = ? AND o.id = ?`
	// Orders that no state has come of are at the end, and have no source.
	ordersBehind = `SELECT ` + ordersColumns + ` FROM orders AS o LEFT JOIN shops AS s ON s.number = o.shop
		WHERE (o.time, o.source, o.at, o.number) < (?, ?, ?, ?) AND (o.time, o.source) >= (?, 1)
		ORDER BY o.time DESC, o.source DESC, o.at DESC, o.number DESC LIMIT ?`
)

// queries are the prepared queries of readers. Each is one transaction.
type queries struct {
	mu  sync.Mutex
	all map[string]*sql.Stmt
}

// prepared returns a prepared query, which lasts as long as the store.
func (s *Store) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	s.queries.mu.Lock()
	defer s.queries.mu.Unlock()
	if stmt := s.queries.all[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.readers.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.queries.all == nil {
		s.queries.all = map[string]*sql.Stmt{}
	}
	s.queries.all[query] = stmt
	return stmt, nil
}

// findRows calls add with each row of a query, until that says that there are enough. While another
// process is in the way it starts over, and calls start first.
func findRows[T any](ctx context.Context, s *Store, query string, scan func(sqlstore.Row) (T, error), start func(), add func(*T) (isEnough bool, err error), values ...any) error {
	how := waiting
	how.IsTransient = isBusy
	err := how.Do(ctx, func() error {
		start()
		stmt, err := s.prepared(ctx, query)
		if err != nil {
			return err
		}
		all := sqlstore.All(func() (sqlstore.Rows, func(), error) {
			rows, err := stmt.QueryContext(ctx, values...)
			return rows, func() { rows.Close() }, err
		}, scan, asItIs)
		for one, err := range all {
			if err != nil {
				return err
			}
			if isEnough, err := add(&one); isEnough || err != nil {
				return err
			}
		}
		return nil
	})
	return s.checked(err)
}

// checked returns the error of a reading, or that the file was changed under it.
func (s *Store) checked(err error) error {
	if s.check != nil {
		if changed := s.check(); changed != nil {
			return changed // which explains all else
		}
	}
	return err
}

// findOne returns the row that a query finds.
func findOne[T any](ctx context.Context, s *Store, query string, scan func(sqlstore.Row) (T, error), values ...any) (one T, found bool, err error) {
	err = findRows(ctx, s, query, scan, func() { found = false }, func(row *T) (bool, error) {
		one, found = *row, true
		return true, nil
	}, values...)
	return one, found, explain(s.name, err)
}

// findPage returns a page of rows that a query finds.
func findPage[T, R any](ctx context.Context, s *Store, l *sqlstore.List, query string, scan func(sqlstore.Row) (T, error), add func(*sqlstore.Page[R], *T) (isComplete bool, err error), values ...any) ([]R, string, error) {
	var page *sqlstore.Page[R]
	err := findRows(ctx, s, query, scan, func() { page = sqlstore.NewPage[R](l) }, func(row *T) (bool, error) { return add(page, row) }, values...)
	if err != nil {
		return nil, "", explain(s.name, err)
	}
	return page.Found, page.Next, nil
}

// Customer returns a customer.
func (s *Store) Customer(ctx context.Context, phone string) (c store.Customer, found bool, err error) {
	block, found, err := findOne(ctx, s, oneCustomer, sqlstore.ScanCustomerBlock, []byte(sqlstore.CustomerKey(phone)))
	if !found || err != nil {
		return c, false, err
	}
	rows, err := block.AppendOf(nil, []string{phone})
	if len(rows) == 0 || err != nil {
		return c, false, explain(s.name, err)
	}
	return rows[0].Record(true), true, nil
}

// Customers returns a page of customers.
func (s *Store) Customers(ctx context.Context, search store.Search, after string, limit int) ([]store.Customer, string, error) {
	l, err := sqlstore.ListCustomers(search, after, limit)
	if err != nil {
		return nil, "", err
	}
	if l.IsByName() {
		return s.named(ctx, l)
	}
	from, below := []byte(l.From.CustomerKey()), []byte(l.Below())
	return findPage(ctx, s, l, customersFrom, sqlstore.ScanCustomerBlock, func(p *sqlstore.Page[store.Customer], b *sqlstore.CustomerBlock) (bool, error) {
		return sqlstore.AddCustomers(p, b)
	}, from, below)
}

// named returns a page of the customers who are found by a name.
func (s *Store) named(ctx context.Context, l *sqlstore.List) ([]store.Customer, string, error) {
	// All is prepared before the transaction, which has a connection already: others may wait for one.
	blocks, err := s.prepared(ctx, namesFrom)
	if err != nil {
		return nil, "", explain(s.name, err)
	}
	one, err := s.prepared(ctx, oneCustomer)
	if err != nil {
		return nil, "", explain(s.name, err)
	}
	var page *sqlstore.Page[store.Customer]
	err = s.read(ctx, func(tx *sql.Tx) (err error) {
		page, err = sqlstore.FindNamed(l, func(from []byte, limit int) ([]sqlstore.NameBlock, error) {
			return appendRows(ctx, tx, nil, blocks, sqlstore.ScanNameBlock, from, limit)
		}, func(phones []string) (found []sqlstore.Customer, err error) {
			for i := range phones {
				some, err := appendRows(ctx, tx, nil, one, sqlstore.ScanCustomerBlock, []byte(sqlstore.CustomerKey(phones[i])))
				for j := range some {
					found, err = some[j].AppendOf(found, phones[i:i+1])
				}
				if err != nil {
					return nil, err
				}
			}
			return found, nil
		})
		return err
	})
	if err != nil {
		return nil, "", explain(s.name, err)
	}
	return page.Found, page.Next, nil
}

// appendRows appends the rows that a prepared query finds in a transaction.
func appendRows[T any](ctx context.Context, tx *sql.Tx, found []T, query *sql.Stmt, scan func(sqlstore.Row) (T, error), values ...any) ([]T, error) {
	all := sqlstore.All(func() (sqlstore.Rows, func(), error) {
		rows, err := tx.StmtContext(ctx, query).QueryContext(ctx, values...)
		return rows, func() { rows.Close() }, err
	}, scan, asItIs)
	for one, err := range all {
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// Item returns an item with its prices.
func (s *Store) Item(ctx context.Context, name string) (i store.Item, found bool, err error) {
	var prices []store.Price
	err = findRows(ctx, s, oneItem, scanItemPrice, func() { found, prices = false, nil }, func(row *sqlstore.ItemPrice) (bool, error) {
		if !found {
			i, found = row.Item.Record(true), true
		}
		if row.Price != nil {
			prices = sqlstore.AddPrice(prices, row.Price)
		}
		return false, nil
	}, name)
	if !found || err != nil {
		return store.Item{}, false, explain(s.name, err)
	}
	i.Prices = sqlstore.FirstPrices(prices)
	return i, true, nil
}

// Items returns a page of items.
func (s *Store) Items(ctx context.Context, search store.Search, after string, limit int) ([]store.Item, string, error) {
	l, err := sqlstore.ListItems(search, after, limit)
	if err != nil {
		return nil, "", err
	}
	from := &l.From
	if l.IsByName() {
		return findPage(ctx, s, l, foldedFrom, scanItem, sqlstore.AddItem, from.Text, from.Of, l.Below(), l.Rows())
	}
	return findPage(ctx, s, l, itemsFrom, scanItem, sqlstore.AddItem, from.Numbers[0], from.Of, l.Rows())
}

// A foundOrder is an order with its shop.
type foundOrder struct {
	sqlstore.Order
	shop   sqlstore.Shop
	number int64 // of the row
}

// scanFoundOrder reads an order and its shop, whose columns are null if there is none.
func scanFoundOrder(r sqlstore.Row) (f foundOrder, err error) {
	var number, checksum *int64
	var system, name, phone *string
	var state []byte
	o := &f.Order
	err = r.Scan(&number, &system, &name, &checksum, &f.number, &o.Shop, &o.ID, &o.Time, &o.Source, &o.At, &phone, &state)
	if err != nil {
		return f, err
	}
	if number == nil || system == nil || name == nil || checksum == nil {
		return f, sqlstore.ErrEntry
	}
	f.shop = sqlstore.Shop{Number: *number, System: *system, Name: *name}
	if err := sqlstore.CheckSum(*checksum, f.shop.Sum()); err != nil {
		return f, err
	}
	if phone != nil {
		o.Phone = *phone
	}
	return f, o.Read(state)
}

// Order returns an order.
func (s *Store) Order(ctx context.Context, system, shop, id string) (o store.Order, found bool, err error) {
	row, found, err := findOne(ctx, s, oneOrder, scanFoundOrder, system, shop, id)
	if !found || err != nil {
		return store.Order{}, false, err
	}
	if o, err = row.Record(row.shop); err != nil {
		return store.Order{}, false, explain(s.name, err)
	}
	return o, true, nil
}

// Orders returns a page of orders.
func (s *Store) Orders(ctx context.Context, after string, limit int) ([]store.Order, string, error) {
	l, err := sqlstore.ListOrders(after, limit)
	if err != nil {
		return nil, "", err
	}
	n := l.From.Numbers
	return findPage(ctx, s, l, ordersBehind, scanFoundOrder, func(p *sqlstore.Page[store.Order], f *foundOrder) (bool, error) {
		return sqlstore.AddOrder(p, &f.Order, f.shop, f.number)
	}, n[0], n[1], n[2], n[3], int64(store.NoTime), l.Rows())
}

// Totals returns how much the store holds.
func (s *Store) Totals(ctx context.Context) (t store.Totals, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		totals, err := totalsOf(ctx, tx)
		if err != nil {
			return err
		}
		t = sqlstore.TotalsOf(totals)
		t.Due, t.DueSince, err = dueOf(ctx, tx)
		return err
	})
	if err == nil {
		t.Bytes, err = bytesOf(s.path, s.path+"-wal")
	}
	if err != nil {
		return store.Totals{}, explain(s.name, err)
	}
	return t, nil
}

// bytesOf is how much those of some files have that are there.
func bytesOf(names ...string) (all int64, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case err == nil:
			all += info.Size()
		case !errors.Is(err, os.ErrNotExist):
			return 0, err
		}
	}
	return all, nil
}
