package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store/internal/sqlstore"
)

// A transaction runs statements in the store's schema.
type transaction struct {
	pgx.Tx
	ctx context.Context
	s   *Store
	id  int64 // the server's number of the transaction, if it applied a group of a feed
	// round is how often the source that was looked for was started.
	round int64
	// losing are the phones of customers who lose orders, and firsts their first orders, from
	// the first and from the latest on; nil if they were not looked for.
	losing []string
	firsts [2]map[string][]sqlstore.Order
}

// exec returns how many rows were changed.
func (tx *transaction) exec(sql string, values ...any) (changed int64, err error) {
	tag, err := tx.Exec(tx.ctx, tx.s.in.Replace(sql), values...)
	return tag.RowsAffected(), err
}

func (tx *transaction) query(sql string, values ...any) pgx.Row {
	return tx.QueryRow(tx.ctx, tx.s.in.Replace(sql), values...)
}

// write makes changes in one transaction. After a transient failure, change is called again
// in a new transaction. It must detect whether the one before was committed: that is not
// known if the connection breaks during the COMMIT.
func (s *Store) write(ctx context.Context, change func(*transaction) error) error {
	begin := beginWrite
	if s.asyncCommit {
		begin += `; set local synchronous_commit = on`
	}
	return s.transact(ctx, pgx.TxOptions{BeginQuery: begin}, func(tx *transaction) error {
		if _, err := tx.exec(lockStore); err != nil {
			return err
		}
		return change(tx)
	})
}

// lockStore waits until no other transaction writes: there is one at a time. Others read
// meanwhile. Two that write side by side would wait for each other's rows anyway, as most orders
// have the same items, and holding rows while waiting makes all of them slower.
const lockStore = `LOCK TABLE process_orders.numbers IN SHARE ROW EXCLUSIVE MODE`

// beginWrite starts a transaction that writes. What it waits for is seen by its next
// statement. A plan that was made while a table was small is kept for some time; so that it
// stays good when the table grows, the plans go by indexes from the first row on.
const beginWrite = `begin isolation level read committed read write; set local enable_seqscan = off`

func (s *Store) transact(ctx context.Context, how pgx.TxOptions, do func(*transaction) error) error {
	return s.retry(ctx, func(conn *pgxpool.Conn) error {
		tx, err := conn.BeginTx(ctx, how)
		if err != nil {
			return err
		}
		if err := do(&transaction{Tx: tx, ctx: ctx, s: s}); err != nil {
			_ = tx.Rollback(ctx) // if that fails, the connection is closed
			return err
		}
		return tx.Commit(ctx)
	})
}

// waiting is how to wait for what passes. A server that was killed may take a minute to
// read its log again. The pauses stay short, as connections may be lost again and again,
// and then only many attempts find a moment that is long enough.
var waiting = sqlstore.Retry{IsTransient: isTransient, Max: time.Minute, FirstPause: 4 * time.Millisecond, MaxPause: 200 * time.Millisecond}

// opening is how to wait for the first answer of a server. A server that does not answer at
// all is an error at once, as its address is probably wrong.
var opening = sqlstore.Retry{
	IsTransient: func(err error) bool { return isTransient(err) && answered(err) },
	Max:         waiting.Max, FirstPause: waiting.FirstPause, MaxPause: waiting.MaxPause,
}

// answered reports whether an error came from a server, or broke a connection to one.
func answered(err error) bool {
	var answer *pgconn.PgError
	var connect *pgconn.ConnectError
	return errors.As(err, &answer) || !errors.As(err, &connect)
}

// retry calls try with a connection, and again after transient failures.
func (s *Store) retry(ctx context.Context, try func(*pgxpool.Conn) error) error {
	return waiting.Do(ctx, func() error { return s.connected(ctx, try) })
}

// connected calls do with a connection, and marks its error if the connection was lost.
func (s *Store) connected(ctx context.Context, do func(*pgxpool.Conn) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = do(conn)
	if err != nil && conn.Conn().IsClosed() {
		err = connectionLost{err}
	}
	return err
}

// A connectionLost is an error with which the connection was lost.
type connectionLost struct{ error }

func (e connectionLost) Unwrap() error { return e.error }

// A permanentError is an error that another attempt would only meet again.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// isTransient reports whether what went wrong may be gone at the next attempt.
func isTransient(err error) bool {
	var permanent permanentError
	if errors.As(err, &permanent) {
		return false
	}
	var lost connectionLost
	if errors.As(err, &lost) || errors.Is(err, errOlderTransactions) || errors.Is(err, errInDoubt) {
		return true
	}
	var answer *pgconn.PgError
	var connect *pgconn.ConnectError
	if !errors.As(err, &answer) {
		return errors.As(err, &connect)
	}
	return isCode(err,
		"40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available: an erasure would have to wait in the wrong order
		"23505", // unique_violation: another started a source, or made the schema, just now
		"42P06", // duplicate_schema, likewise
		"53300", // too_many_connections
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
		"08000", // connection_exception
		"08003", // connection_does_not_exist
		"08006", // connection_failure
	)
}

// isCode reports whether an error is an answer of the server with one of the codes.
func isCode(err error, codes ...string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && slices.Contains(codes, answer.Code)
}
