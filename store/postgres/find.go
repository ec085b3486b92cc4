package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Reader = (*Store)(nil)

// Of tables that the server has not analyzed yet it does not know how large they are. So each
// query says by which steps it is carried out: a LATERAL with a LIMIT is looked up for each row.
const (
	oneCustomer   = `SELECT key, phone, name, body FROM process_orders.customers WHERE key = $1`
	customersFrom = `SELECT key, phone, name, body FROM process_orders.customers WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3`
	namesFrom     = `SELECT ` + sqlstore.NameColumns + ` FROM process_orders.names WHERE first >= coalesce((
			SELECT first FROM process_orders.names WHERE first <= $1 ORDER BY first DESC LIMIT 1), '')
		ORDER BY first LIMIT $2`

	oneItem = `SELECT i.key, i.folded, i.name, i.price, i.orders, i.body, p.price, p.body FROM process_orders.items AS i
		LEFT JOIN LATERAL (SELECT price, body FROM process_orders.prices WHERE item = i.key OFFSET 0) p ON true WHERE i.key = $1`
	itemsFrom = `(SELECT ` + itemColumns + ` FROM process_orders.items WHERE orders = $1 AND key > $2 ORDER BY key LIMIT $3)
		UNION ALL (SELECT ` + itemColumns + ` FROM process_orders.items WHERE orders < $1 ORDER BY orders DESC, key LIMIT $3)`
	foldedFrom = `SELECT ` + itemColumns + ` FROM process_orders.items WHERE (folded, key) > ($1, $2) AND folded < $3 ORDER BY folded, key LIMIT $4`

	foundColumns = `s.number, s.key, s.rules, s.system, s.shop, s.checksum, o.shop, o.key, o.time, o.source, o.at, o.customer, o.id, o.phone, o.state`
	oneOrder     = `SELECT ` + foundColumns + ` FROM process_orders.shops s
		JOIN LATERAL (` + selectOrders + ` WHERE shop = s.number AND key = $2 LIMIT 1) o ON true WHERE s.key = $1`
	// Orders that no state has come of are at the end, and have no source.
	ordersBehind = `SELECT ` + foundColumns + ` FROM (` + selectOrders + `
			WHERE (time, source, at, shop, key) < ($1, $2, $3, $4, $5) AND (time, source) >= ($6, 1)
			ORDER BY time DESC, source DESC, at DESC, shop DESC, key DESC LIMIT $7) o
		LEFT JOIN LATERAL (` + selectShops + ` WHERE number = o.shop LIMIT 1) s ON true
		ORDER BY o.time DESC, o.source DESC, o.at DESC, o.shop DESC, o.key DESC`

	dueErasures = `SELECT at, checksum FROM process_orders.erasures WHERE scrubbed IS NULL`
	allBytes    = `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'`
)

// byIndexes has the server plan what follows in the same transaction by indexes, also while a
// table is small: a plan may be kept until it is large. Rows of a UNION ALL come in its order.
// Nothing is compiled: see beginWrite.
const byIndexes = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true),
	set_config('enable_bitmapscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)`

// ask returns all rows that a query finds, which is a transaction of its own. It takes one round
// trip to the server. Its errors are explained.
func ask[T any](ctx context.Context, s *Store, query string, scan func(sqlstore.Row) (T, error), values ...any) (found []T, err error) {
	err = s.retry(ctx, func(conn *pgxpool.Conn) error {
		var batch pgx.Batch
		batch.Queue(byIndexes)
		batch.Queue(s.in.Replace(query), values...)
		results := conn.SendBatch(ctx, &batch)
		defer results.Close()
		if _, err := results.Exec(); err != nil {
			return err
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, collected(scan))
		if err != nil {
			return err
		}
		return results.Close()
	})
	if err != nil {
		return nil, s.explain(err)
	}
	return found, nil
}

// findPage returns a page of rows that a query finds.
func findPage[T, R any](ctx context.Context, s *Store, l *sqlstore.List, query string, scan func(sqlstore.Row) (T, error), add func(*sqlstore.Page[R], *T) (isComplete bool, err error), values ...any) ([]R, string, error) {
	l.Key = keyOf
	found, err := ask(ctx, s, query, scan, values...)
	if err != nil {
		return nil, "", err
	}
	page := sqlstore.NewPage[R](l)
	for i := range found {
		isComplete, err := add(page, &found[i])
		if err != nil {
			return nil, "", s.explain(err)
		}
		if isComplete {
			break
		}
	}
	return page.Found, page.Next, nil
}

// Customer returns a customer.
func (s *Store) Customer(ctx context.Context, phone string) (c store.Customer, found bool, err error) {
	rows, err := ask(ctx, s, oneCustomer, scanCustomer, customerKey(phone))
	if len(rows) == 0 || err != nil {
		return c, false, err
	}
	return rows[0].Record(true), true, nil
}

// Customers returns a page of customers.
func (s *Store) Customers(ctx context.Context, search store.Search, after string, limit int) ([]store.Customer, string, error) {
	l, err := sqlstore.ListCustomers(search, after, limit)
	if err != nil {
		return nil, "", err
	}
	from, below := &l.From, []byte(l.Below())
	if l.IsByName() {
		return s.named(ctx, l)
	}
	return findPage(ctx, s, l, customersFrom, scanCustomer, func(p *sqlstore.Page[store.Customer], c *sqlstore.Customer) (bool, error) {
		return sqlstore.AddCustomer(p, c, "")
	}, keyOf(from.CustomerKey()), below, l.Rows())
}

// named returns a page of the customers who are found by a name.
func (s *Store) named(ctx context.Context, l *sqlstore.List) ([]store.Customer, string, error) {
	var page *sqlstore.Page[store.Customer]
	err := s.read(ctx, func(tx *transaction) (err error) {
		tx.later(byIndexes)
		page, err = sqlstore.FindNamed(l, func(from []byte, limit int) ([]sqlstore.NameBlock, error) {
			return collect(tx, collected(sqlstore.ScanNameBlock), namesFrom, from, limit)
		}, func(phones []string) ([]sqlstore.Customer, error) {
			keys := column(phones, func(phone *string) []byte { return customerKey(*phone) })
			return collect(tx, collected(scanCustomer), findCustomers, keys)
		})
		return err
	})
	if err != nil {
		return nil, "", s.explain(err)
	}
	return page.Found, page.Next, nil
}

// Item returns an item with its prices.
func (s *Store) Item(ctx context.Context, name string) (i store.Item, found bool, err error) {
	rows, err := ask(ctx, s, oneItem, scanItemPrice, keyOf(name))
	if len(rows) == 0 || err != nil {
		return i, false, err
	}
	var prices []store.Price
	for _, row := range rows {
		if row.Price != nil {
			prices = sqlstore.AddPrice(prices, row.Price)
		}
	}
	i = rows[0].Item.Record(true)
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
		return findPage(ctx, s, l, foldedFrom, scanItem, sqlstore.AddItem, keyOf(from.Text), keyOf(from.Of), []byte(l.Below()), l.Rows())
	}
	return findPage(ctx, s, l, itemsFrom, scanItem, sqlstore.AddItem, from.Numbers[0], keyOf(from.Of), l.Rows())
}

// A foundOrder is an order with its shop.
type foundOrder struct {
	sqlstore.Order
	shop sqlstore.Shop
}

// scanFoundOrder reads an order and its shop, whose columns are null if there is none.
func scanFoundOrder(r sqlstore.Row) (f foundOrder, err error) {
	var number, checksum *int64
	var system, name *string
	var key, rules []byte
	f.Order, err = scanOrder(shopFirst{r, []any{&number, &key, &rules, &system, &name, &checksum}})
	if err != nil {
		return f, err
	}
	if number == nil || system == nil || name == nil || checksum == nil {
		return f, sqlstore.ErrEntry
	}
	f.shop = sqlstore.Shop{Number: *number, System: *system, Name: *name}
	return f, checkShop(f.shop, key, rules, *checksum)
}

// A shopFirst is a row with the columns of a shop before all others.
type shopFirst struct {
	sqlstore.Row
	shop []any
}

func (r shopFirst) Scan(into ...any) error { return r.Row.Scan(append(r.shop, into...)...) }

// Order returns an order.
func (s *Store) Order(ctx context.Context, system, shop, id string) (o store.Order, found bool, err error) {
	rows, err := ask(ctx, s, oneOrder, scanFoundOrder, shopKey(system, shop), keyOf(id))
	if len(rows) == 0 || err != nil {
		return o, false, err
	}
	if o, err = rows[0].Record(rows[0].shop); err != nil {
		return store.Order{}, false, s.explain(err)
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
		return sqlstore.AddOrder(p, &f.Order, f.shop, f.Shop)
	}, n[0], n[1], n[2], n[3], keyOf(l.From.Of), int64(store.NoTime), l.Rows())
}

// Totals returns how much the store holds.
func (s *Store) Totals(ctx context.Context) (t store.Totals, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		totals, err := tx.Totals()
		if err != nil {
			return err
		}
		t = sqlstore.TotalsOf(totals)
		for at, err := range rows(tx, dueErasures, scanErasure) {
			if err != nil {
				return err
			}
			if t.Due++; t.DueSince.IsZero() || at.Before(t.DueSince) {
				t.DueSince = at.UTC()
			}
		}
		return tx.query(allBytes, s.schema).Scan(&t.Bytes)
	})
	if err != nil {
		return store.Totals{}, s.explain(err)
	}
	return t, nil
}
