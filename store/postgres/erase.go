package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Erase removes a customer in one transaction. What is deleted stays in the pages of the
// tables until Scrub.
func (s *Store) Erase(ctx context.Context, e store.Erasure) (found bool, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		found, _, err = sqlstore.Erase(tx, e)
		return err
	})
	if err != nil {
		return false, s.explain(err)
	}
	return found, nil
}

func (tx *transaction) LogErasure() error {
	at := time.Now().UTC().Truncate(time.Microsecond)
	_, err := tx.exec(`INSERT INTO process_orders.erasures (at, checksum) VALUES ($1, $2)`, at, int64(sqlstore.ErasureSum(at.UnixMicro(), 0)))
	return err
}

// Scrub has the server rewrite the tables that say who customers are, and that of documents. It
// waits for older transactions of others, for a minute at most, or for as long as [Options].Retry
// says if that is longer: nobody waits for it. While it rewrites a table all others wait. The
// server's write-ahead log, its replicas and its backups hold the customer until they are
// overwritten.
func (s *Store) Scrub(ctx context.Context) (erasures int64, err error) {
	erasures, err = s.scrub(ctx)
	return erasures, s.explain(err)
}

// errOlderTransactions says that the tables cannot be scrubbed yet.
var errOlderTransactions = errors.New("older transactions are still running")

// countOlder counts the transactions, and the readers of snapshots, that may still see what was
// deleted before a transaction: a rewrite keeps that for them. The server does not keep it for
// its autovacuum.
const countOlder = `SELECT (txid_snapshot_xmin(txid_current_snapshot()) < $1::bigint)::int::bigint + (SELECT count(*) FROM pg_stat_activity
	WHERE pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker' AND (datname = current_database() OR datname IS NULL)
	AND age(backend_xmin) > age(($1::bigint % 4294967296)::text::xid))`

// scrub finishes erasures, also those of processes that died over it. What is deleted
// stays in the pages of a table until the table is rewritten, and no older transaction runs.
func (s *Store) scrub(ctx context.Context) (due int64, err error) {
	var erasures []string
	var newest int64 // transactions from this one on see none of the erased
	try := func(conn *pgxpool.Conn) error {
		if newest == 0 {
			err := conn.QueryRow(ctx, s.in.Replace(`SELECT coalesce(array_agg(id::text ORDER BY id), '{}') FROM process_orders.erasures WHERE scrubbed IS NULL`)).Scan(&erasures)
			if err != nil || len(erasures) == 0 {
				return err
			}
			newest, err = number(ctx, conn, `SELECT txid_snapshot_xmax(txid_current_snapshot())`)
			if err != nil {
				return s.scrubbed(ctx, conn, erasures, err)
			}
		}
		older, err := number(ctx, conn, countOlder, newest)
		if err == nil && older > 0 {
			err = errOlderTransactions
		}
		if err != nil {
			return err
		}
		return s.scrubbed(ctx, conn, erasures, s.rewrite(ctx, conn))
	}
	patient := s.waiting
	patient.Max = max(patient.Max, waiting.Max)
	err = patient.Do(ctx, func() error { return s.connected(ctx, try) })
	return int64(len(erasures)), err
}

// rewrite has the server rewrite the tables that say who customers are, or may have said it in
// documents, and the statistics on their values that it keeps for planning.
func (s *Store) rewrite(ctx context.Context, conn *pgxpool.Conn) error {
	for _, table := range []string{`process_orders.customers`, `process_orders.names`, `process_orders.orders`, `process_orders.documents`} {
		if err := s.rewriteTable(ctx, conn, table); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) rewriteTable(ctx context.Context, conn *pgxpool.Conn, table string) error {
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
	return errors.New("the server did not rewrite a table, which only the owner of the table may ask for: erase once more as that user")
}

// scrubbed notes that erasures are finished, if err is nil or says that the server does
// not know VACUUM or the functions that return files and transactions.
func (s *Store) scrubbed(ctx context.Context, conn *pgxpool.Conn, erasures []string, err error) error {
	if err != nil && !isCode(err, "42601", "0A000", "42883") {
		return err
	}
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadWrite}, func(tx pgx.Tx) error {
		now := time.Now().UTC().Truncate(time.Microsecond)
		for _, id := range erasures {
			at, err := scanErasure(tx.QueryRow(ctx, s.in.Replace(`SELECT at, checksum FROM process_orders.erasures WHERE id = $1::text::uuid AND scrubbed IS NULL`), id))
			if errors.Is(err, pgx.ErrNoRows) { // another process has scrubbed too
				continue
			}
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, s.in.Replace(`UPDATE process_orders.erasures SET scrubbed = $2, checksum = $3 WHERE id = $1::text::uuid`),
				id, now, int64(sqlstore.ErasureSum(at.UnixMicro(), now.UnixMicro())))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// scanErasure reads when an erasure was made that is due, and checks its row.
func scanErasure(r sqlstore.Row) (at time.Time, err error) {
	var checksum int64
	if err := r.Scan(&at, &checksum); err != nil {
		return at, err
	}
	return at.UTC(), sqlstore.CheckSum(checksum, sqlstore.ErasureSum(at.UnixMicro(), 0))
}

// number returns the one number that a query finds.
func number(ctx context.Context, conn *pgxpool.Conn, sql string, args ...any) (n int64, err error) {
	err = conn.QueryRow(ctx, sql, args...).Scan(&n)
	return n, err
}
