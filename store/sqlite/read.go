package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"process-orders/store"
)

const selectStates = `SELECT sources.number, sources.id, sources.name, kinds.name, bytes, batch,
	batches, done, orders, rejected, repeated, begun, changed
	FROM sources JOIN kinds ON kinds.number = sources.kind`

// A row is an sql.Row or one of sql.Rows.
type row interface{ Scan(into ...any) error }

func scanState(r row) (s store.State, err error) {
	var begun, changed int64
	err = r.Scan(&s.Number, &s.ID, &s.Name, &s.Kind, &s.Bytes, &s.BatchBytes,
		&s.Batches, &s.Done, &s.Orders, &s.Rejected, &s.Repeated, &begun, &changed)
	s.Begun, s.Changed = time.UnixMicro(begun).UTC(), time.UnixMicro(changed).UTC()
	return s, err
}

func scanCustomer(r row) (c store.Customer, err error) {
	err = r.Scan(&c.Phone, &c.Name, &c.Named.Source, &c.Named.At, &c.First.Source, &c.First.At)
	return c, err
}

func scanItem(r row) (i store.Item, err error) {
	err = r.Scan(&i.Name, &i.Price, &i.Priced.Source, &i.Priced.At, &i.First.Source, &i.First.At, &i.Orders)
	return i, err
}

// States tells of all sources.
func (s *Store) States(ctx context.Context) (states []store.State, err error) {
	for state, err := range query(ctx, s.readers, selectStates+` ORDER BY sources.number`, scanState) {
		if err != nil {
			return nil, explain(s.name, err)
		}
		states = append(states, state)
	}
	return states, nil
}

// Records reads all records in one transaction, beside which others may write. What
// they write stays in the log of the file until it is over.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(s.name, err)
	}
	defer tx.Rollback()
	// The moment is that of the first look, so that is taken before read is called.
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM customers LIMIT 1`); err != nil {
		return explain(s.name, err)
	}
	return read(
		explained(s.name, query(ctx, tx, `SELECT phone, name, named_source, named_at, first_source, first_at
			FROM customers ORDER BY first_source, first_at, phone`, scanCustomer)),
		explained(s.name, query(ctx, tx, `SELECT name, price, priced_source, priced_at, first_source, first_at, orders
			FROM items ORDER BY first_source, first_at, name`, scanItem)))
}

// A querier is an sql.DB or an sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// query gives the rows of a query one after the other.
func query[T any](ctx context.Context, from querier, text string, scan func(row) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := from.QueryContext(ctx, text)
		if err != nil {
			yield(none, err)
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
			yield(none, err)
		}
	}
}

func explained[T any](name string, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for one, err := range all {
			if !yield(one, explain(name, err)) {
				return
			}
		}
	}
}
