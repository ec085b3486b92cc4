package sqlite

import (
	"context"
	"errors"
	"strings"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Start takes note of a source or finds it.
func (s *Store) Start(ctx context.Context, source store.Source, again bool) (p store.Progress, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		p, err = sqlstore.Start(tx, source, again)
		return err
	})
	if err != nil {
		return store.Progress{}, err
	}
	return p, nil
}

// Apply applies a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b store.Batch) (o store.Outcome, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		if len(b.Delta.Customers) >= manyCustomers {
			if err := tx.c.tendLater(ctx); err != nil {
				return err
			}
		}
		o, err = sqlstore.Apply(tx, b)
		return err
	})
	switch {
	case errors.Is(err, sqlstore.ErrApplied):
		return o, nil
	case err != nil:
		return store.Outcome{}, err
	}
	return o, nil
}

// rowsAtOnce is how many rows a statement inserts or looks up: as many as there are of the
// first of these, then of the second. With fewer the calls cost more than the rows, and with
// more it is no faster. So there are three statements of each kind, which stay prepared.
var rowsAtOnce = [...]int{mostRows, 50, 1}

const mostRows = 400

// chunks calls do with n rows, as many at a time as rowsAtOnce says.
func chunks(n int, do func(from, to int) error) error {
	from := 0
	for _, rows := range rowsAtOnce {
		for ; n-from >= rows; from += rows {
			if err := do(from, from+rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// insert inserts n rows. OnConflict says what becomes of a row that is there already. Row
// appends the values of the i-th row. After, if not nil, is called after each statement with
// how many of the rows from and before to it inserted.
//
// A statement that fails leaves what it has inserted, as the transaction is rolled back then.
// So SQLite keeps no journal for it, which takes a third of the time.
func (tx *transaction) insert(into string, columns int, onConflict string, n int,
	row func(values []any, i int) []any, after func(from, to int, changed int64) error) error {
	return tx.put("INSERT OR FAIL", into, columns, onConflict, n, row, after)
}

// put is insert, or another statement that puts rows.
func (tx *transaction) put(statement, into string, columns int, onConflict string, n int,
	row func(values []any, i int) []any, after func(from, to int, changed int64) error) error {
	values := make([]any, 0, min(n, mostRows)*columns)
	rows, query := 0, ""
	return chunks(n, func(from, to int) error {
		values = values[:0]
		for i := from; i < to; i++ {
			values = row(values, i)
		}
		if to-from != rows {
			rows = to - from
			query = statement + " INTO " + into + valuesOf(rows, columns) + onConflict
		}
		changed, err := tx.c.execPrepared(tx.ctx, query, values)
		if err != nil {
			return err
		}
		tx.c.watch("INSERT INTO " + into)
		if after == nil {
			return nil
		}
		return after(from, to, changed)
	})
}

// A buffer holds bytes that one statement takes, so that not each value has memory of its own.
type buffer []byte

// start is called ahead of each row, with the values of the rows before it. A new statement
// uses the memory again.
func (b *buffer) start(values []any) {
	if len(values) == 0 {
		*b = (*b)[:0]
	}
}

// state is the state of an order: see [sqlstore.Order.AppendState].
func (b *buffer) state(o *sqlstore.Order) []byte {
	if *b == nil {
		*b = make(buffer, 0, 4096)
	}
	from := len(*b)
	*b = o.AppendState(*b)
	return (*b)[from:len(*b):len(*b)]
}

// valuesOf returns the VALUES clause of a statement that inserts rows.
func valuesOf(rows, columns int) string {
	return " VALUES " + list(rows, list(columns, "?"))
}

// list returns the same text n times, in brackets if it is one of values.
func list(n int, one string) string {
	text := strings.TrimSuffix(strings.Repeat(one+",", n), ",")
	if one == "?" {
		return "(" + text + ")"
	}
	return text
}

// find scans the rows with keys, rowsAtOnce at a time. The query ends with IN. Before are
// values that come ahead of the keys.
func find[T any](tx *transaction, query string, before []any, keys []string, scan func(sqlstore.Row) (T, error)) (all []T, err error) {
	values := make([]any, 0, len(before)+min(len(keys), mostRows))
	err = chunks(len(keys), func(from, to int) error {
		values = append(values[:0], before...)
		for _, key := range keys[from:to] {
			values = append(values, key)
		}
		for one, err := range selected(tx, query+list(to-from, "?"), scan, values...) {
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// findBy scans the rows with n keys of some columns each, rowsAtOnce at a time. The query ends
// with IN. Key appends the values of the i-th key.
func findBy[T any](tx *transaction, query string, n, columns int, key func(values []any, i int) []any, scan func(sqlstore.Row) (T, error)) (all []T, err error) {
	values := make([]any, 0, min(n, mostRows)*columns)
	err = chunks(n, func(from, to int) error {
		values = values[:0]
		for i := from; i < to; i++ {
			values = key(values, i)
		}
		in := list(to-from, "?")
		if columns > 1 {
			in = "(VALUES " + list(to-from, list(columns, "?")) + ")"
		}
		for one, err := range selected(tx, query+in, scan, values...) {
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// update carries out a statement, prepared.
func (tx *transaction) update(query string, values ...any) (changed int64, err error) {
	changed, err = tx.c.execPrepared(tx.ctx, query, values)
	if err == nil {
		tx.c.watch(query)
	}
	return changed, err
}
