package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const (
	insertCustomers = `INSERT INTO customers AS old (` + sqlstore.CustomerColumns + `)`
	mergeCustomers  = ` ON CONFLICT (phone)` + sqlstore.MergeCustomers

	insertItems = `INSERT INTO items AS old (` + sqlstore.ItemColumns + `)`
	mergeItems  = ` ON CONFLICT (name)` + sqlstore.MergeItems

	insertOrders = `INSERT INTO order_ids (kind, id, batch)`
	skipOrders   = ` ON CONFLICT (kind, id) DO NOTHING`
)

// rowsAtOnce is how many rows a statement inserts. With fewer the calls cost more than
// the rows, and with more it is no faster.
const rowsAtOnce = 50

// Start takes note of a source or finds it.
func (s *Store) Start(ctx context.Context, source store.Source, again bool) (p store.Progress, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		if err := tx.keepRules(source.Rules); err != nil {
			return err
		}
		const newest = ` WHERE sources.id = ? ORDER BY sources.number DESC LIMIT 1`
		p, err = scanProgress(tx.query(selectSources+newest, source.ID))
		if err == nil && !(p.Done && again) || err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.exec(`INSERT INTO kinds (name) VALUES (?) ON CONFLICT DO NOTHING`, source.Kind); err != nil {
			return err
		}
		now := time.Now().UnixMicro()
		_, err := tx.exec(`INSERT INTO sources (id, name, kind, bytes, batch, begun, changed)
			SELECT ?, ?, number, ?, ?, ?, ? FROM kinds WHERE name = ?`,
			source.ID, source.Name, source.Bytes, source.BatchBytes, now, now, source.Kind)
		if err != nil {
			return err
		}
		p, err = scanProgress(tx.query(selectSources+newest, source.ID))
		return err
	})
	if err != nil {
		return store.Progress{}, err
	}
	return p, nil
}

// keepRules keeps the first rules that are given, and refuses others.
func (tx *transaction) keepRules(got string) error {
	if got == "" {
		return nil
	}
	_, err := tx.exec(`INSERT INTO rules (number, line) VALUES (1, ?) ON CONFLICT DO NOTHING`, got)
	if err != nil {
		return err
	}
	var have string
	if err := tx.query(`SELECT line FROM rules`).Scan(&have); err != nil {
		return err
	}
	return sqlstore.CheckRules(have, got)
}

// Apply applies a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b store.Batch) (applied bool, err error) {
	err = s.write(ctx, func(tx *transaction) error { return sqlstore.Apply(tx, b) })
	if errors.Is(err, sqlstore.ErrApplied) {
		return false, nil
	}
	return err == nil, err
}

// The methods of a [sqlstore.Transaction]. The number of a kind stands for it.

func (tx *transaction) FindSource(number int64) (kind int64, done bool, err error) {
	err = tx.query(`SELECT kind, done FROM sources WHERE number = ?`, number).Scan(&kind, &done)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrUnknownSource
	}
	return kind, done, err
}

func (tx *transaction) InsertBatch(b store.Batch) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO batches (id, source) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`, b.ID, b.Source)
	return inserted > 0, err
}

func (tx *transaction) Count(b store.Batch, repeated int64) (counted bool, err error) {
	changed, err := tx.exec(`UPDATE sources SET batches = batches + 1, done = ?, orders = orders + ?,
		rejected = rejected + ?, repeated = repeated + ?, changed = ?
		WHERE number = ? AND NOT done AND (? = 0 OR batches + 1 = ?)`,
		b.Last, b.Orders, b.Rejected, repeated, time.Now().UnixMicro(), b.Source, b.Batches, b.Batches)
	return changed > 0, err
}

func (tx *transaction) Merge(d store.Delta) error {
	if err := tx.mergeCustomers(d.Customers); err != nil {
		return err
	}
	return tx.mergeItems(d.Items)
}

func (tx *transaction) InsertOrders(kind int64, ids []string) (repeated map[int]bool, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	batch, err := tx.number(`SELECT last_insert_rowid()`)
	if err != nil {
		return nil, err
	}
	indexes := sqlstore.Sorted(len(ids), func(i int) string { return ids[i] })
	repeated = map[int]bool{}
	row := func(values []any, i int) []any { return append(values, kind, ids[indexes[i]], batch) }
	err = tx.insert(insertOrders, 3, skipOrders, len(ids), row, func(from, to int, changed int64) error {
		if changed == int64(to-from) {
			return nil // as nearly always
		}
		return tx.findRepeated(kind, batch, ids, indexes[from:to], repeated)
	})
	return repeated, err
}

// findRepeated adds those of the ids with the indexes to repeated that another batch
// brought.
func (tx *transaction) findRepeated(kind, batch int64, ids []string, indexes []int, repeated map[int]bool) error {
	stmt, err := tx.prepared(`SELECT batch FROM order_ids WHERE kind = ? AND id = ?`)
	if err != nil {
		return err
	}
	for _, i := range indexes {
		var by int64
		if err := stmt.QueryRowContext(tx.ctx, kind, ids[i]).Scan(&by); err != nil {
			return err
		}
		if by != batch {
			repeated[i] = true
		}
	}
	return nil
}

func (tx *transaction) mergeCustomers(customers []store.Customer) error {
	indexes := sqlstore.Sorted(len(customers), func(i int) string { return customers[i].Phone })
	return tx.insert(insertCustomers, 6, mergeCustomers, len(customers), func(values []any, i int) []any {
		c := &customers[indexes[i]]
		return append(values, c.Phone, c.Name, c.Named.Source, c.Named.At, c.First.Source, c.First.At)
	}, nil)
}

func (tx *transaction) mergeItems(items []store.Item) error {
	indexes := sqlstore.Sorted(len(items), func(i int) string { return items[i].Name })
	return tx.insert(insertItems, 7, mergeItems, len(items), func(values []any, i int) []any {
		item := &items[indexes[i]]
		return append(values, item.Name, item.Price, item.Priced.Source, item.Priced.At,
			item.First.Source, item.First.At, item.Orders)
	}, nil)
}

// insert inserts n rows, rowsAtOnce with each statement. OnConflict says what becomes of
// a row that is there already. Row appends the values of the i-th row. After, if not nil,
// is called after each statement with how many of the rows from and before to it inserted.
func (tx *transaction) insert(into string, columns int, onConflict string, n int,
	row func(values []any, i int) []any, after func(from, to int, changed int64) error) error {
	values := make([]any, 0, rowsAtOnce*columns)
	for from := 0; from < n; {
		rows := rowsAtOnce
		if n-from < rows {
			rows = 1
		}
		values = values[:0]
		for i := range rows {
			values = row(values, from+i)
		}
		stmt, err := tx.prepared(into + valuesOf(rows, columns) + onConflict)
		if err != nil {
			return err
		}
		result, err := stmt.ExecContext(tx.ctx, values...)
		if err != nil {
			return err
		}
		tx.c.watch(into)
		if after != nil {
			changed, err := result.RowsAffected()
			if err == nil {
				err = after(from, from+rows, changed)
			}
			if err != nil {
				return err
			}
		}
		from += rows
	}
	return nil
}

// valuesOf returns the VALUES clause of a statement that inserts rows.
func valuesOf(rows, columns int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	return " VALUES " + strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}
