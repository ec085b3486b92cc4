package postgres

import (
	"cmp"
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
	queue
	// What the transaction has read of small tables: see Totals and FindSource.
	totals map[string]sqlstore.Total
	source *sourceRow
	// losing are the phones of customers who lose orders, and firsts their first orders, from
	// the first and from the latest on; nil if they were not looked for.
	losing []string
	firsts [2]map[string][]sqlstore.Order
}

// write makes changes in one transaction, while no other transaction of a store writes. After a
// transient failure, change is called again in a new transaction, unless the one before was
// committed: that is not known if the connection breaks during the COMMIT.
func (s *Store) write(ctx context.Context, change func(*transaction) error) error {
	w := s.writers.take()
	defer s.writers.giveBack(w)
	w.last++
	inDoubt := false // whether an attempt may have been committed
	err := s.transact(ctx, pgx.TxOptions{BeginQuery: s.beginWrite}, func(tx *transaction) error {
		tx.later(lockStore) // along with the first that is read
		if inDoubt {
			if err := tx.notCommitted(w); err != nil {
				return err
			}
		}
		if err := change(tx); err != nil {
			return err
		}
		tx.putCommit(w)
		inDoubt = true
		return nil
	})
	if errors.Is(err, errCommitted) {
		return nil
	}
	return err
}

// lockStore waits until no other transaction writes: there is one at a time. Others read
// meanwhile. Two that write side by side would wait for each other's rows anyway, as most orders
// have the same items, and holding rows while waiting makes all of them slower.
//
// The statements that follow see what those before have committed. Of the server's own work,
// only that on this table of one row conflicts with the lock: the autovacuum passes it over, as
// long as it is locked, and updates of the row leave nothing for it to do.
const lockStore = `LOCK TABLE process_orders.numbers IN SHARE ROW EXCLUSIVE MODE`

// beginWrite starts a transaction that writes.
//
// All plans go by indexes, in nested loops: a plan that was made while a table was small is kept
// for some time, and stays good so when the table grows. A table of a few rows has none that the
// server reads by an index, and what is off counts as so expensive that the server would compile
// the plan first (jit), for longer than all of the transaction takes.
//
// All who write wait for a transaction whose client does not answer. So the server ends it if
// the process stands still between two statements, and if the machine is gone that the server
// waits for in the middle of one. The process does all over then, if it is still there. %[1]d is a
// number of seconds.
//
// The notice is sent with the commit, to those who listen: see [Store.Listen].
const beginWrite = `begin isolation level read committed read write;
	set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;
	set local jit = off;
	set local idle_in_transaction_session_timeout = '%[1]ds';
	set local tcp_keepalives_idle = %[1]d; set local tcp_keepalives_interval = 10; set local tcp_keepalives_count = 3; notify %[2]s`

// silence is how long the server waits for a client that holds the lock, in seconds.
const silence = 120

func (s *Store) transact(ctx context.Context, how pgx.TxOptions, do func(*transaction) error) error {
	return s.retry(ctx, func(conn *pgxpool.Conn) error {
		begun, err := conn.BeginTx(ctx, how)
		if err != nil {
			return err
		}
		tx := &transaction{Tx: begun, queue: queue{ctx: ctx, tx: begun, s: s}}
		if err := cmp.Or(do(tx), tx.finish()); err != nil {
			_ = tx.wait()        // until nothing uses the connection
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
	return s.waiting.Do(ctx, func() error { return s.connected(ctx, try) })
}

// connected calls do with a connection, and marks its error if the connection was lost.
func (s *Store) connected(ctx context.Context, do func(*pgxpool.Conn) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	defer s.watch(conn)()
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
	var meanwhile errMeanwhile
	if errors.As(err, &lost) || errors.As(err, &meanwhile) || errors.Is(err, errOlderTransactions) {
		return true
	}
	var answer *pgconn.PgError
	var connect *pgconn.ConnectError
	if !errors.As(err, &answer) {
		return errors.As(err, &connect)
	}
	return isCode(err,
		"40001", // serialization_failure: a standby cannot keep what is read
		"40P01", // deadlock_detected: with another program
		"55P03", // lock_not_available: the server has a lock_timeout
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
