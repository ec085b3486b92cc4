package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, change)
}

func (s *Store) transact(ctx context.Context, how pgx.TxOptions, do func(*transaction) error) error {
	return s.explain(patiently(ctx, func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		tx, err := conn.BeginTx(ctx, how)
		if err == nil {
			if err = do(&transaction{tx, ctx, s}); err == nil {
				err = tx.Commit(ctx)
			} else {
				_ = tx.Rollback(ctx) // where that fails the connection is closed
			}
		}
		if err != nil && conn.Conn().IsClosed() {
			err = lost{err}
		}
		return err
	}))
}

// lost is an error with which the connection was lost.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// What passes is waited for so long: a server that was killed may take that time to
// read its log again.
const maxTrouble = time.Minute

// patiently tries again while something is in the way that passes. The pauses are
// random, so that two that met do not meet again.
func patiently(ctx context.Context, try func() error) error {
	deadline := time.Now().Add(maxTrouble)
	pause := 4 * time.Millisecond
	for {
		err := try()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err() // rather than what the driver makes of it
		case !passes(err) || time.Now().After(deadline):
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

// passes says whether what went wrong may be gone at another attempt.
func passes(err error) bool {
	var last final
	if errors.As(err, &last) {
		return false
	}
	if isCode(err,
		"40001", // serialization_failure
		"40P01", // deadlock_detected
		"23505", // unique_violation: another began a source, or made the schema, just now
		"42P06", // duplicate_schema, likewise
		"53300", // too_many_connections
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
	) {
		return true
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code[:2] == "08" // connection_exception
	}
	var closed lost
	var connect *pgconn.ConnectError
	return errors.As(err, &closed) || errors.As(err, &connect)
}

// isCode says whether an error is an answer of the server with one of the codes.
func isCode(err error, codes ...string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && slices.Contains(codes, answer.Code)
}
