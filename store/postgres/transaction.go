package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A transaction is one that writes.
type transaction struct {
	pgx.Tx
	ctx context.Context
	s   *Store
}

// exec returns how many rows were changed.
func (tx *transaction) exec(sql string, values ...any) (changed int64, err error) {
	tag, err := tx.Exec(tx.ctx, tx.s.in.Replace(sql), values...)
	return tag.RowsAffected(), err
}

func (tx *transaction) query(sql string, values ...any) pgx.Row {
	return tx.QueryRow(tx.ctx, tx.s.in.Replace(sql), values...)
}

// final is an error that another attempt would only find again.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// write makes changes in one transaction. Where it fails by something that passes,
// change is called again, in a new transaction, and it must find out by itself whether
// the one before was committed: when the connection breaks at that moment nobody can
// tell.
func (s *Store) write(ctx context.Context, change func(*transaction) error) error {
	how := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	return s.transact(ctx, how, func(tx *transaction) error {
		if s.hasty {
			if _, err := tx.exec(`SET LOCAL synchronous_commit = on`); err != nil {
				return err
			}
		}
		return change(tx)
	})
}

func (s *Store) transact(ctx context.Context, how pgx.TxOptions, do func(*transaction) error) error {
	return s.patiently(ctx, func(conn *pgxpool.Conn) error {
		tx, err := conn.BeginTx(ctx, how)
		if err != nil {
			return err
		}
		if err := do(&transaction{tx, ctx, s}); err != nil {
			_ = tx.Rollback(ctx) // where that fails the connection is closed
			return err
		}
		return tx.Commit(ctx)
	})
}

// lost is an error with which the connection was lost.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// What passes is waited for so long: a server that was killed may take that time to
// read its log again.
const maxTrouble = time.Minute

// patiently tries again while something is in the way that passes. The pauses are
// random, so that two that met do not meet again.
func (s *Store) patiently(ctx context.Context, try func(*pgxpool.Conn) error) error {
	var deadline time.Time // counts from the first failure
	pause := 4 * time.Millisecond
	for {
		err := s.connected(ctx, try)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err() // rather than what the driver makes of it
		case deadline.IsZero():
			deadline = time.Now().Add(maxTrouble)
		}
		if !passes(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, time.Second)
	}
}

// connected does something with a connection, and says when that was lost by it.
func (s *Store) connected(ctx context.Context, do func(*pgxpool.Conn) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = do(conn)
	if err != nil && conn.Conn().IsClosed() {
		err = lost{err}
	}
	return err
}

// passes says whether what went wrong may be gone at another attempt.
func passes(err error) bool {
	var last final
	if errors.As(err, &last) {
		return false
	}
	var closed lost
	if errors.As(err, &closed) || errors.Is(err, errOlder) {
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
		"23505", // unique_violation: another began a source, or made the schema, just now
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

// isCode says whether an error is an answer of the server with one of the codes.
func isCode(err error, codes ...string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && slices.Contains(codes, answer.Code)
}
