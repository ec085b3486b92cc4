package postgres

import (
	"context"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
)

const selectStates = `SELECT number, id, name, kind, bytes, batch_bytes,
	batches, done, orders, rejected, repeated, begun, changed
	FROM process_orders.sources`

func scanState(r pgx.Row) (s store.State, err error) {
	err = r.Scan(&s.Number, &s.ID, &s.Name, &s.Kind, &s.Bytes, &s.BatchBytes,
		&s.Batches, &s.Done, &s.Orders, &s.Rejected, &s.Repeated, &s.Begun, &s.Changed)
	s.Begun, s.Changed = s.Begun.UTC(), s.Changed.UTC()
	return s, err
}

func scanCustomer(r pgx.Row) (c store.Customer, err error) {
	err = r.Scan(&c.Phone, &c.Name, &c.Named.Source, &c.Named.At, &c.First.Source, &c.First.At)
	return c, err
}

func scanItem(r pgx.Row) (i store.Item, err error) {
	err = r.Scan(&i.Name, &i.Price, &i.Priced.Source, &i.Priced.At, &i.First.Source, &i.First.At, &i.Orders)
	return i, err
}

// States tells of all sources.
func (s *Store) States(ctx context.Context) (states []store.State, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		states = nil
		for state, err := range each(tx, selectStates+` ORDER BY number`, scanState) {
			if err != nil {
				return err
			}
			states = append(states, state)
		}
		return nil
	})
	return states, s.explain(err)
}

// errEnough ends a transaction that only reads and has.
var errEnough = errors.New("all was read")

// Records reads all records in one transaction, beside which others may write.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	var told error
	err := s.read(ctx, func(tx *transaction) error {
		// The moment is that of the first look, so that is taken before read is called.
		if _, err := tx.exec(`SELECT 1 FROM process_orders.customers LIMIT 1`); err != nil {
			return err
		}
		told = read(
			each(tx, `SELECT phone, name, named_source, named_at, first_source, first_at
				FROM process_orders.customers ORDER BY first_source, first_at, key`, scanCustomer),
			each(tx, `SELECT name, price, priced_source, priced_at, first_source, first_at, orders
				FROM process_orders.items ORDER BY first_source, first_at, key`, scanItem))
		return final{errEnough} // read may not be called again, whatever comes
	})
	if errors.Is(err, errEnough) || told != nil {
		return told
	}
	return s.explain(err)
}

// read looks at the database as it is at one moment.
func (s *Store) read(ctx context.Context, look func(*transaction) error) error {
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, look)
}

// each gives the rows of a query one after the other.
func each[T any](tx *transaction, sql string, scan func(pgx.Row) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql))
		if err != nil {
			yield(none, tx.s.explain(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(one, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, tx.s.explain(err))
		}
	}
}
