package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const (
	insertCustomers = `INSERT INTO process_orders.customers AS old (key, ` + sqlstore.CustomerColumns + `)
	SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
	ON CONFLICT (key)` + sqlstore.MergeCustomers

	insertItems = `INSERT INTO process_orders.items AS old (key, ` + sqlstore.ItemColumns + `)
	SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
	ON CONFLICT (key)` + sqlstore.MergeItems

	// It returns those of the keys that are new.
	insertOrders = `INSERT INTO process_orders.order_ids (kind, key) SELECT $1::bytea, unnest($2::bytea[])
	ON CONFLICT (kind, key) DO NOTHING RETURNING key`
)

// rowsAtOnce is how many rows a statement inserts: enough that the round trip to the server
// costs little, and few enough for the memory of both.
const rowsAtOnce = 10_000

// Start takes note of a source or finds it.
func (s *Store) Start(ctx context.Context, source store.Source, again bool) (p store.Progress, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		if err := tx.keepRules(source.Rules); err != nil {
			return err
		}
		// The last number is read first. If another process starts a source meanwhile, it
		// takes the same number, and one of the two is refused and tries again.
		var last, round int64
		if err := tx.query(`SELECT coalesce(max(number), 0) FROM process_orders.sources`).Scan(&last); err != nil {
			return err
		}
		const newest = ` WHERE key = $1 ORDER BY number DESC LIMIT 1`
		key := keyOf(source.ID)
		p, err = scanProgress(tx.query(selectSources+newest, key))
		if err == nil && !(p.Done && again) || err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err := tx.query(`SELECT count(*) FROM process_orders.sources WHERE key = $1`, key).Scan(&round); err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO process_orders.sources (number, key, round, id, name, kind, bytes, batch_bytes)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			last+1, key, round+1, source.ID, source.Name, source.Kind, source.Bytes, source.BatchBytes)
		if err != nil {
			return err
		}
		p, err = scanProgress(tx.query(selectSources+newest, key))
		return err
	})
	if err != nil {
		return store.Progress{}, s.explain(err)
	}
	return p, nil
}

// keepRules keeps the first rules that are given, and refuses others. If another process
// gives the first ones at this moment, the INSERT waits for it.
func (tx *transaction) keepRules(got string) error {
	if got == "" {
		return nil
	}
	_, err := tx.exec(`INSERT INTO process_orders.rules (number, line) VALUES (1, $1) ON CONFLICT (number) DO NOTHING`, got)
	if err != nil {
		return err
	}
	var have string
	if err := tx.query(`SELECT line FROM process_orders.rules`).Scan(&have); err != nil {
		return err
	}
	if err := sqlstore.CheckRules(have, got); err != nil {
		return permanentError{err}
	}
	return nil
}

// Apply applies a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b store.Batch) (applied bool, err error) {
	fold := b.Fold
	b.Fold = func(repeated func(int) bool) (d store.Delta, err error) {
		if d, err = fold(repeated); err != nil {
			err = permanentError{err}
		}
		return d, err
	}
	ours := false // reports whether an attempt of this call may have been committed
	err = s.write(ctx, func(tx *transaction) error {
		err := sqlstore.Apply(tx, b)
		if err == nil {
			ours = true // unless the COMMIT that follows fails
		}
		return err
	})
	if errors.Is(err, sqlstore.ErrApplied) {
		return ours, nil
	}
	return err == nil, s.explain(err)
}

// The methods of a [sqlstore.Transaction].

func (tx *transaction) FindSource(number int64) (kind string, done bool, err error) {
	err = tx.query(`SELECT kind, done FROM process_orders.sources WHERE number = $1`, number).Scan(&kind, &done)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrUnknownSource
	}
	return kind, done, err
}

func (tx *transaction) InsertBatch(b store.Batch) (isNew bool, err error) {
	inserted, err := tx.exec(`INSERT INTO process_orders.batches (key, source) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, keyOf(b.ID), b.Source)
	return inserted > 0, err
}

func (tx *transaction) Count(b store.Batch, repeated int64) (counted bool, err error) {
	changed, err := tx.exec(`UPDATE process_orders.sources SET batches = batches + 1, done = $2, orders = orders + $3,
		rejected = rejected + $4, repeated = repeated + $5, changed = greatest(now(), begun)
		WHERE number = $1 AND NOT done AND ($6 = 0 OR batches + 1 = $6)`,
		b.Source, b.Last, b.Orders, b.Rejected, repeated, b.Batches)
	return changed > 0, err
}

func (tx *transaction) Merge(d store.Delta) error {
	if err := tx.mergeCustomers(d.Customers); err != nil {
		return err
	}
	return tx.mergeItems(d.Items)
}

func (tx *transaction) InsertOrders(kind string, ids []string) (repeated map[int]bool, err error) {
	repeated = map[int]bool{}
	err = sorted(len(ids), func(i int) string { return ids[i] }, func(keys [][]byte, indexes []int) error {
		rows, err := tx.Query(tx.ctx, tx.s.in.Replace(insertOrders), keyOf(kind), keys)
		if err != nil {
			return err
		}
		isNew, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil || len(isNew) == len(keys) {
			return err // none is repeated, as nearly always
		}
		slices.SortFunc(isNew, bytes.Compare)
		for i, key := range keys {
			if _, found := slices.BinarySearchFunc(isNew, key, bytes.Compare); !found {
				repeated[indexes[i]] = true
			}
		}
		return nil
	})
	return repeated, err
}

func (tx *transaction) mergeCustomers(all []store.Customer) error {
	return sorted(len(all), func(i int) string { return all[i].Phone }, func(keys [][]byte, indexes []int) error {
		_, err := tx.exec(insertCustomers, keys,
			column(indexes, func(i int) string { return all[i].Phone }),
			column(indexes, func(i int) string { return all[i].Name }),
			column(indexes, func(i int) int64 { return all[i].Named.Source }),
			column(indexes, func(i int) int64 { return all[i].Named.At }),
			column(indexes, func(i int) int64 { return all[i].First.Source }),
			column(indexes, func(i int) int64 { return all[i].First.At }))
		return err
	})
}

func (tx *transaction) mergeItems(all []store.Item) error {
	return sorted(len(all), func(i int) string { return all[i].Name }, func(keys [][]byte, indexes []int) error {
		_, err := tx.exec(insertItems, keys,
			column(indexes, func(i int) string { return all[i].Name }),
			column(indexes, func(i int) string { return all[i].Price }),
			column(indexes, func(i int) int64 { return all[i].Priced.Source }),
			column(indexes, func(i int) int64 { return all[i].Priced.At }),
			column(indexes, func(i int) int64 { return all[i].First.Source }),
			column(indexes, func(i int) int64 { return all[i].First.At }),
			column(indexes, func(i int) int64 { return all[i].Orders }))
		return err
	})
}

// column returns one value of each of the rows with the indexes, as an array for unnest.
func column[T any](indexes []int, value func(i int) T) []T {
	values := make([]T, len(indexes))
	for j, i := range indexes {
		values[j] = value(i)
	}
	return values
}

// sorted calls do with the keys of n rows and with the indexes of those rows, rowsAtOnce
// at a time, sorted by the texts of the rows.
func sorted(n int, text func(i int) string, do func(keys [][]byte, indexes []int) error) error {
	for indexes := range slices.Chunk(sqlstore.Sorted(n, text), rowsAtOnce) {
		keys := column(indexes, func(i int) []byte { return keyOf(text(i)) })
		if err := do(keys, indexes); err != nil {
			return err
		}
	}
	return nil
}

// maxKey is how many bytes a text may have that is its own key.
const maxKey = 255

// keyOf returns the key of a text. That is its bytes; or, if they are more than maxKey,
// the first of them and a hash, in maxKey+1 bytes, so that no other text has that key.
func keyOf(text string) []byte {
	if len(text) <= maxKey {
		return []byte(text)
	}
	sum := sha256.Sum256([]byte(text))
	return append([]byte(text[:maxKey+1-len(sum)]), sum[:]...)
}
