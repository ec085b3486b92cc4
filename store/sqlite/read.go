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

// Records reads all records in one transaction. Others may write meanwhile; what they
// write stays in the file's log until read has returned.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	var readErr error
	explained := func(err error) error { return explain(s.name, err) }
	err := s.read(ctx, func(tx *sql.Tx) error {
		readErr = read(
			rows(ctx, tx, `SELECT `+sqlstore.CustomerColumns+`
				FROM customers ORDER BY first_source, first_at, phone`, sqlstore.ScanCustomer, explained),
			rows(ctx, tx, `SELECT `+sqlstore.ItemColumns+`
				FROM items ORDER BY first_source, first_at, name`, sqlstore.ScanItem, explained))
		return nil
	})
	if err != nil {
		return explain(s.name, err)
	}
	return readErr
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
	err = look(tx)
	if s.check != nil {
		if changed := s.check(); changed != nil {
			return changed // which explains all else
		}
	}
	return err
}

// begin starts a transaction that reads. It sees the file as it is at its first query,
// which is made here.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM customers LIMIT 1`); err != nil {
		_ = tx.Rollback() // of which nothing was read
		return nil, err
	}
	return tx, nil
}

func asItIs(err error) error { return err }

// rows yields the rows of a query one after the other. Errors pass through explain.
func rows[T any](ctx context.Context, tx *sql.Tx, text string, scan func(sqlstore.Row) (T, error), explain func(error) error) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := tx.QueryContext(ctx, text)
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, explain)
}
