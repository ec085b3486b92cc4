package postgres

import (
	"cmp"
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const selectSources = `SELECT s.number, s.id, s.name, shops.system, shops.shop, s.bytes, s.from_offset, s.head, s.head_hash, s.batch_bytes,
	coalesce((SELECT line FROM process_orders.rules WHERE key = 'store'), ''),
	coalesce((SELECT line FROM process_orders.rules WHERE key = shops.rules), ''), s.batches, s.done, s.orders, s.rejected, s.skipped, s.repeated, s.older, s.replaced, s.started, s.changed
	FROM process_orders.sources s JOIN process_orders.shops ON shops.number = s.shop`

func scanProgress(r sqlstore.Row) (p store.Progress, err error) {
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.System, &p.Shop, &p.Bytes, &p.From, &p.Head, &p.HeadHash, &p.BatchBytes,
		&p.Rules, &p.SystemRules, &p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Skipped, &p.Repeated, &p.Older, &p.Replaced, &p.Started, &p.Changed)
	p.Started, p.Changed = p.Started.UTC(), p.Changed.UTC()
	return p, err
}

// Sources returns how far each source was applied.
func (s *Store) Sources(ctx context.Context) (all []store.Progress, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		all = nil
		for p, err := range rows(tx, selectSources+` ORDER BY number`, scanProgress) {
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

// Records reads all records in one transaction, again from the start if that breaks off,
// and then calls read. So no transaction waits for read, and read is called once. Records
// that do not fit into a little memory are kept in a temporary file meanwhile.
func (s *Store) Records(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) (err error) {
	customers, items := sqlstore.SpoolCustomers(s.spoolFolder), sqlstore.SpoolItems(s.spoolFolder)
	defer func() {
		if failed := cmp.Or(customers.Close(), items.Close()); err == nil {
			err = s.explain(failed)
		}
	}()
	err = s.read(ctx, func(tx *transaction) error {
		err := spool(tx, customers, sqlstore.SelectCustomers+`process_orders.customers ORDER BY earliest, key`, sqlstore.ScanRecord)
		if err != nil {
			return err
		}
		return spool(tx, items, sqlstore.SelectItems+`process_orders.items ORDER BY earliest, key`, sqlstore.ScanItemRecord)
	})
	if err != nil {
		return s.explain(err)
	}
	return read(customers.All(ctx), items.All(ctx))
}

// spool keeps all rows of a query, instead of those of an attempt before.
func spool[T any](tx *transaction, to *sqlstore.Spool[T], sql string, scan func(sqlstore.Row) (T, error)) error {
	to.Reset()
	for one, err := range rows(tx, sql, scan) {
		if err != nil {
			return err
		}
		if err := to.Add(one); err != nil {
			return permanentError{err}
		}
	}
	return nil
}

// read calls look with a transaction that sees the database as it is at one moment.
func (s *Store) read(ctx context.Context, look func(*transaction) error) error {
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, look)
}

// rows yields the rows of a query one after the other. Its errors are explained after the
// last attempt.
func rows[T any](tx *transaction, sql string, scan func(sqlstore.Row) (T, error)) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql))
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, func(err error) error { return err })
}
