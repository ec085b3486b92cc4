package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Erase removes a customer and scrubs the table by rewriting it. It waits for older
// transactions of others, for a minute at most; then it returns true with an error, as
// the customer is gone from the records, and not yet from the bytes of the table. While it
// rewrites the table all others wait. The server's write-ahead log, its replicas and its backups hold the customer until they are
// overwritten.
func (s *Store) Erase(ctx context.Context, phone string) (found bool, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		deleted, err := tx.exec(`DELETE FROM process_orders.customers WHERE key = $1`, keyOf(phone))
		if err != nil || deleted == 0 {
			return err
		}
		found = true // also if it stays unknown whether this attempt was committed
		_, err = tx.exec(`INSERT INTO process_orders.erasures DEFAULT VALUES`)
		return err
	})
	if err != nil {
		return false, s.explain(err)
	}
	if err := s.scrub(ctx); err != nil {
		return found, s.explain(fmt.Errorf("the customer is erased, but bytes of it stay until another erasure: %w", err))
	}
	return found, nil
}

// errOlderTransactions says that the table cannot be scrubbed yet.
var errOlderTransactions = errors.New("older transactions are still running")

// scrub finishes erasures, also those of processes that died over it. What is deleted
// stays in the pages of a table until the table is rewritten. A rewrite keeps it too while
// a transaction is running that is older than the deletion.
func (s *Store) scrub(ctx context.Context) error {
	var erasures []string
	var newest int64 // transactions from this one on see none of the erased
	return s.retry(ctx, func(conn *pgxpool.Conn) error {
		if newest == 0 {
			err := conn.QueryRow(ctx, s.in.Replace(`SELECT coalesce(array_agg(id::text), '{}') FROM process_orders.erasures WHERE scrubbed IS NULL`)).Scan(&erasures)
			if err != nil || len(erasures) == 0 {
				return err
			}
			newest, err = number(ctx, conn, `SELECT txid_snapshot_xmax(txid_current_snapshot())`)
			if err != nil {
				return s.scrubbed(ctx, conn, erasures, err)
			}
		}
		oldest, err := number(ctx, conn, `SELECT txid_snapshot_xmin(txid_current_snapshot())`)
		if err == nil && oldest < newest {
			err = errOlderTransactions
		}
		if err != nil {
			return err
		}
		return s.scrubbed(ctx, conn, erasures, s.rewrite(ctx, conn))
	})
}

// rewrite has the server rewrite the table of customers, and the statistics on its values
// that it keeps for planning.
func (s *Store) rewrite(ctx context.Context, conn *pgxpool.Conn) error {
	const table = `process_orders.customers`
	file := func() (int64, error) {
		return number(ctx, conn, `SELECT pg_relation_filenode($1::text::regclass)::bigint`, s.in.Replace(table))
	}
	before, err := file()
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, s.in.Replace(`VACUUM (FULL, ANALYZE) `+table)); err != nil {
		return err
	}
	if after, err := file(); err != nil || after != before {
		return err
	}
	return errors.New("the server did not rewrite the table, which only the owner of the table may ask for: erase once more as that user")
}

// scrubbed notes that erasures are finished, if err is nil or says that the server does
// not know VACUUM or the functions that return files and transactions.
func (s *Store) scrubbed(ctx context.Context, conn *pgxpool.Conn, erasures []string, err error) error {
	if err != nil && !isCode(err, "42601", "0A000", "42883") {
		return err
	}
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadWrite}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, s.in.Replace(`UPDATE process_orders.erasures SET scrubbed = now() WHERE id = ANY($1::text[]::uuid[])`), erasures)
		return err
	})
}

// number returns the one number that a query finds.
func number(ctx context.Context, conn *pgxpool.Conn, sql string, args ...any) (n int64, err error) {
	err = conn.QueryRow(ctx, sql, args...).Scan(&n)
	return n, err
}
