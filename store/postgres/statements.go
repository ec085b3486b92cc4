package postgres

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"process-orders/store/internal/sqlstore"
)

// A statement is what a transaction sends to the server. The SQL names the default schema.
type statement struct {
	sql    string
	values []any
	// read, if not nil, reads the rows, and changed, if not nil, becomes how many were changed.
	read    func(pgx.Rows) error
	changed *int64
	// copied, if not nil, are the rows of a COPY, see table.copy.
	copied []byte
}

// A queue sends statements to the server in their order. Those that nobody waits for are sent
// along with the next one that somebody waits for, so that they cost no round trip of their own.
// Statements can also be started: then the server works on them while this process does other work.
//
// A queue belongs to one goroutine.
type queue struct {
	ctx     context.Context
	tx      pgx.Tx
	s       *Store
	waiting []statement
	running chan error      // of what was started; nil if nothing was
	filled  map[string]bool // tables into which rows were inserted
}

// later sends a statement that nobody waits for.
func (q *queue) later(sql string, values ...any) {
	q.waiting = append(q.waiting, statement{sql: sql, values: values})
}

// start has the server work on all that waits, and returns at once. The rows that are read
// belong to the caller after the next wait.
func (q *queue) start() error {
	err := q.wait()
	if all := q.waiting; err == nil && len(all) > 0 {
		q.waiting = nil
		done := make(chan error, 1)
		q.running = done
		go func() { done <- q.send(all) }()
	}
	return err
}

// wait returns when all that was started is done.
func (q *queue) wait() error {
	if q.running == nil {
		return nil
	}
	err := <-q.running
	q.running = nil
	return err
}

// finish returns when all is done, also what was not started.
func (q *queue) finish() error {
	if err := q.wait(); err != nil {
		return err
	}
	all := q.waiting
	q.waiting = nil
	return q.send(all)
}

// do carries out a statement, after those that wait.
func (q *queue) do(s statement) error {
	q.waiting = append(q.waiting, s)
	return q.finish()
}

func (q *queue) send(all []statement) error {
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(s statement) bool { return s.copied != nil })
		var err error
		switch {
		case n == 0:
			n, err = 1, q.copy(&all[0])
		case n < 0:
			n = len(all)
			fallthrough
		default:
			err = q.sendAtOnce(all[:n])
		}
		if err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// sendAtOnce sends statements in one round trip.
func (q *queue) sendAtOnce(all []statement) error {
	var batch pgx.Batch
	for _, s := range all {
		queued := batch.Queue(q.s.in.Replace(s.sql), s.values...)
		switch {
		case s.read != nil:
			queued.Query(s.read)
		case s.changed != nil:
			queued.Exec(func(tag pgconn.CommandTag) error { *s.changed = tag.RowsAffected(); return nil })
		}
	}
	return q.tx.SendBatch(q.ctx, &batch).Close()
}

// copy copies rows.
func (q *queue) copy(s *statement) error {
	ctx, conn, sql := q.ctx, q.tx.Conn(), q.s.in.Replace(s.sql)
	if q.s.tracer != nil {
		ctx = q.s.tracer.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: sql})
	}
	tag, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(s.copied), sql)
	if q.s.tracer != nil {
		q.s.tracer.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
	}
	return err
}

// exec returns how many rows were changed.
func (q *queue) exec(sql string, values ...any) (changed int64, err error) {
	err = q.do(statement{sql: sql, values: values, changed: &changed})
	return changed, err
}

// query returns a row that is asked for when it is scanned.
func (q *queue) query(sql string, values ...any) sqlstore.Row { return &oneRow{q, sql, values} }

type oneRow struct {
	q      *queue
	sql    string
	values []any
}

// Scan returns pgx.ErrNoRows if there is none.
func (r *oneRow) Scan(into ...any) error {
	found := false
	err := r.q.do(statement{sql: r.sql, values: r.values, read: func(rows pgx.Rows) error {
		if found = rows.Next(); !found {
			return nil
		}
		return rows.Scan(into...)
	}})
	if err == nil && !found {
		return pgx.ErrNoRows
	}
	return err
}

// find sends a query later, and appends the rows to a slice.
func find[T any](q *queue, into *[]T, scan pgx.RowToFunc[T], sql string, values ...any) {
	q.waiting = append(q.waiting, statement{sql: sql, values: values, read: func(rows pgx.Rows) (err error) {
		*into, err = pgx.AppendRows(*into, rows, scan)
		return err
	}})
}

// collect returns all rows that a query finds.
func collect[T any](tx *transaction, scan pgx.RowToFunc[T], sql string, values ...any) (found []T, err error) {
	find(&tx.queue, &found, scan, sql, values...)
	err = tx.finish()
	return found, err
}

// collected is a function that reads a row as pgx wants it.
func collected[T any](scan func(sqlstore.Row) (T, error)) pgx.RowToFunc[T] {
	return func(r pgx.CollectableRow) (T, error) { return scan(r) }
}

// ahead finds rows by many keys: look sends the query for some of them later. It calls do with
// some keys after the other, in their order, and with the rows that there are of them.
func ahead[K, R any](q *queue, keys []K, look func(some []K, found *[]R), do func(some []K, found []R) error) error {
	return inTurn(q, func() func() error {
		if len(keys) == 0 {
			return nil
		}
		some := keys[:min(len(keys), rowsAtOnce)]
		keys = keys[len(some):]
		var found []R
		look(some, &found)
		return func() error { return do(some, found) }
	})
}

// inTurn reads some rows after the other: look sends the query for the next ones later, and returns
// what is done with them, or nil if there are no more. Meanwhile the server takes what was put
// before, and finds the next rows.
func inTurn(q *queue, look func() (do func() error)) error {
	next := look()
	if next == nil {
		return nil
	}
	if err := q.finish(); err != nil {
		return err
	}
	for next != nil {
		do := next
		next = look()
		if err := q.start(); err != nil {
			return err
		}
		if err := cmp.Or(do(), q.wait()); err != nil {
			return err
		}
	}
	return nil
}
