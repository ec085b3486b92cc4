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

// Records reads all records in one transaction. Others may write meanwhile; what they
// write stays in the file's log until read has returned.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	var readErr error
	explained := func(err error) error { return explain(s.name, err) }
	err := s.read(ctx, func(tx *sql.Tx) error {
		readErr = read(
			rows(ctx, tx, sqlstore.SelectCustomers+`customers ORDER BY earliest, phone`, sqlstore.ScanRecord, explained),
			rows(ctx, tx, sqlstore.SelectItems+`items ORDER BY earliest, name`, sqlstore.ScanItemRecord, explained))
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

// selected yields the rows that a prepared query of a transaction finds.
func selected[T any](tx *transaction, text string, scan func(sqlstore.Row) (T, error), values ...any) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		stmt, err := tx.prepared(text)
		if err != nil {
			return nil, nil, err
		}
		rows, err := stmt.QueryContext(tx.ctx, values...)
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, asItIs)
}
