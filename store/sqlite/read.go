package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Sources returns how far each source was applied.
func (s *Store) Sources(ctx context.Context) (all []store.Progress, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		for p, err := range rows(ctx, tx, selectSources+` ORDER BY sources.number`, scanProgress, asItIs) {
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		return nil
	})
	if err != nil {
		return nil, explain(s.name, err)
	}
	return all, nil
}

// Rules returns the rules of all orders.
func (s *Store) Rules(ctx context.Context) (line string, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		for r, err := range rows(ctx, tx, selectRules+`('`+sqlstore.StoreScope+`')`, scanRules, asItIs) {
			if err != nil {
				return err
			}
			line = r[1]
		}
		return nil
	})
	if err != nil {
		return "", explain(s.name, err)
	}
	return line, nil
}

const (
	allCustomers = `SELECT ` + customerColumns + ` FROM customers`
	allItems     = `SELECT ` + itemColumns + ` FROM items`
	allPrices    = `SELECT i.name, i.price, i.orders, i.body, p.item, p.price, p.body
		FROM items AS i LEFT JOIN prices AS p ON p.item = i.name ORDER BY i.name`
)

// blocksAhead is how many blocks of customers are read ahead: some 200 kB.
const blocksAhead = 100

// Records reads all records in one transaction, and then calls read. Others may write
// meanwhile.
func (s *Store) Records(ctx context.Context, how store.Reading, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) (err error) {
	all := sqlstore.NewGathering(how)
	defer func() {
		if failed := all.Close(); err == nil {
			err = explain(s.name, failed)
		}
	}()
	err = s.read(ctx, func(tx *sql.Tx) error {
		var some []sqlstore.Customer
		for b, err := range ahead(blocksAhead, rows(ctx, tx, allCustomers, sqlstore.ScanCustomerBlock, asItIs)) {
			if err == nil {
				some, err = b.Append(some[:0])
			}
			for i := 0; i < len(some) && err == nil; i++ {
				err = all.AddCustomer(&some[i])
			}
			if err != nil {
				return err
			}
		}
		query, scan := allItems, scanItemAlone
		if how.Details {
			query, scan = allPrices, scanItemPrice
		}
		for i, err := range rows(ctx, tx, query, scan, asItIs) {
			if err == nil {
				err = all.AddItem(i.Item, i.Price)
			}
			if err != nil {
				return err
			}
		}
		totals, err := totalsOf(ctx, tx)
		if err != nil {
			return err
		}
		return all.Finish(totals)
	})
	if err != nil {
		return explain(s.name, err)
	}
	return all.Read(ctx, read)
}

// Shops returns all shops.
func (s *Store) Shops(ctx context.Context) ([]store.Shop, error) {
	var shops map[int64]sqlstore.Shop
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		shops, err = shopsOf(rows(ctx, tx, selectShops, scanShop, asItIs))
		return err
	})
	if err != nil {
		return nil, explain(s.name, err)
	}
	return sqlstore.SortedShops(shops), nil
}

const hoursBetween = `SELECT ` + sqlstore.HourColumns + ` FROM hours WHERE start >= ? AND start < ? ORDER BY start`

// Minutes returns the minutes between two times.
func (s *Store) Minutes(ctx context.Context, from, to int64) (all []store.Minute, err error) {
	var hours []sqlstore.Hour
	var shops map[int64]sqlstore.Shop
	err = s.read(ctx, func(tx *sql.Tx) (err error) {
		hours = nil
		for h, err := range rows(ctx, tx, hoursBetween, sqlstore.ScanHour, asItIs, sqlstore.FirstHour(from), to) {
			if err != nil {
				return err
			}
			hours = append(hours, h)
		}
		shops, err = shopsOf(rows(ctx, tx, selectShops, scanShop, asItIs))
		return err
	})
	if err == nil {
		all, err = sqlstore.MinutesOf(hours, shops, from, to)
	}
	if err != nil {
		return nil, explain(s.name, err)
	}
	return all, nil
}

// read calls look once, with a transaction that sees the file as it is at one moment. It
// waits if another process is in the way, such as a process that repairs the file after a
// crash. Once a transaction has started, nobody is.
func (s *Store) read(ctx context.Context, look func(*sql.Tx) error) error {
	var tx *sql.Tx
	how := waiting
	how.IsTransient = isBusy
	err := how.Do(ctx, func() (err error) {
		tx, err = s.begin(ctx)
		return err
	})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return s.checked(look(tx))
}

// begin starts a transaction that reads. It sees the file as it is at its first query,
// which is made here.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM sqlite_schema LIMIT 1`); err != nil {
		_ = tx.Rollback() // of which nothing was read
		return nil, err
	}
	return tx, nil
}

func asItIs(err error) error { return err }

// rows yields the rows of a query one after the other. Errors pass through explain.
func rows[T any](ctx context.Context, tx *sql.Tx, text string, scan func(sqlstore.Row) (T, error), explain func(error) error, values ...any) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := tx.QueryContext(ctx, text, values...)
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, explain)
}

// selected yields the rows that a prepared query of a transaction finds.
func selected[T any](tx *transaction, text string, scan func(sqlstore.Row) (T, error), values ...any) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := tx.c.queryPrepared(tx.ctx, text, values)
		if err != nil {
			return nil, nil, err
		}
		return rows, rows.close, nil
	}
	return sqlstore.All(query, scan, asItIs)
}

// one returns the row that a prepared query of a transaction finds.
func one[T any](tx *transaction, text string, scan func(sqlstore.Row) (T, error), values ...any) (found T, isFound bool, err error) {
	for row, err := range selected(tx, text, scan, values...) {
		if err != nil {
			return found, false, err
		}
		found, isFound = row, true
	}
	return found, isFound, nil
}
