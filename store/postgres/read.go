package postgres

import (
	"context"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const selectSources = `SELECT number, id, name, kind, bytes, batch_bytes,
	coalesce((SELECT line FROM process_orders.rules), ''), batches, done, orders, rejected, repeated, begun, changed
	FROM process_orders.sources`

func scanProgress(r sqlstore.Row) (p store.Progress, err error) {
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.Kind, &p.Bytes, &p.BatchBytes, &p.Rules,
		&p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Repeated, &p.Started, &p.Changed)
	p.Started, p.Changed = p.Started.UTC(), p.Changed.UTC()
	return p, err
}

// Sources returns how far each source was applied.
func (s *Store) Sources(ctx context.Context) (all []store.Progress, err error) {
	asItIs := func(err error) error { return err } // is explained below, after the last attempt
	err = s.read(ctx, func(tx *transaction) error {
		all = nil
		for p, err := range rows(tx, selectSources+` ORDER BY number`, scanProgress, asItIs) {
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		return nil
	})
	if err != nil {
		return nil, s.explain(err)
	}
	return all, nil
}

// errAllRead ends the transaction of Records.
var errAllRead = errors.New("all was read")

// Records reads all records in one transaction. Others may write meanwhile.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	var readErr error
	err := s.read(ctx, func(tx *transaction) error {
		// A transaction sees the database as it is at its first query, so that is made
		// before read is called.
		if _, err := tx.exec(`SELECT 1 FROM process_orders.customers LIMIT 1`); err != nil {
			return err
		}
		readErr = read(
			rows(tx, `SELECT phone, name, named_source, named_at, first_source, first_at
				FROM process_orders.customers ORDER BY first_source, first_at, key`, sqlstore.ScanCustomer, s.explain),
			rows(tx, `SELECT name, price, priced_source, priced_at, first_source, first_at, orders
				FROM process_orders.items ORDER BY first_source, first_at, key`, sqlstore.ScanItem, s.explain))
		return permanentError{errAllRead} // read must not be called again, whatever happens
	})
	if errors.Is(err, errAllRead) || readErr != nil {
		return readErr
	}
	return s.explain(err)
}

// read calls look with a transaction that sees the database as it is at one moment.
func (s *Store) read(ctx context.Context, look func(*transaction) error) error {
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, look)
}

// rows yields the rows of a query one after the other.
func rows[T any](tx *transaction, sql string, scan func(sqlstore.Row) (T, error), explain func(error) error) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql))
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, explain)
}
