package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const selectSources = `SELECT sources.number, sources.id, sources.name, kinds.name, bytes, batch,
	coalesce((SELECT line FROM rules), ''), batches, done, orders, rejected, repeated, begun, changed
	FROM sources JOIN kinds ON kinds.number = sources.kind`

func scanProgress(r sqlstore.Row) (p store.Progress, err error) {
	var started, changed int64 // microseconds since 1970
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.Kind, &p.Bytes, &p.BatchBytes, &p.Rules,
		&p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Repeated, &started, &changed)
	p.Started, p.Changed = time.UnixMicro(started).UTC(), time.UnixMicro(changed).UTC()
	return p, err
}

// Sources returns how far each source was applied.
func (s *Store) Sources(ctx context.Context) (all []store.Progress, err error) {
	for p, err := range rows(ctx, s, s.readers, selectSources+` ORDER BY sources.number`, scanProgress) {
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Records reads all records in one transaction. Others may write meanwhile; what they
// write stays in the file's log until read has returned.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(s.name, err)
	}
	defer tx.Rollback()
	// A transaction sees the file as it is at its first query, so that is made before
	// read is called.
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM customers LIMIT 1`); err != nil {
		return explain(s.name, err)
	}
	return read(
		rows(ctx, s, tx, `SELECT phone, name, named_source, named_at, first_source, first_at
			FROM customers ORDER BY first_source, first_at, phone`, sqlstore.ScanCustomer),
		rows(ctx, s, tx, `SELECT name, price, priced_source, priced_at, first_source, first_at, orders
			FROM items ORDER BY first_source, first_at, name`, sqlstore.ScanItem))
}

// A querier is an sql.DB or an sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows yields the rows of a query one after the other.
func rows[T any](ctx context.Context, s *Store, from querier, text string, scan func(sqlstore.Row) (T, error)) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := from.QueryContext(ctx, text)
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, func(err error) error { return explain(s.name, err) })
}
