package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Erase removes a customer and scrubs the tables by rewriting them. It waits for older
// transactions of others, for a minute at most; then it returns true with an error, as
// the customer is gone from the records, and not yet from the bytes of the tables. While it
// rewrites a table all others wait. The server's write-ahead log, its replicas and its
// backups hold the customer until they are overwritten.
func (s *Store) Erase(ctx context.Context, e store.Erasure) (found bool, err error) {
	found, changed := false, false // also by an attempt of which it stays unknown whether it was committed
	err = s.write(ctx, func(tx *transaction) error {
		phones, err := tx.lockErased(e)
		if err != nil {
			return err
		}
		foundNow, changedNow, err := sqlstore.Erase(tx, e)
		if err != nil {
			return err
		}
		found, changed = found || foundNow, changed || changedNow
		_, err = tx.exec(deleteCustomers+` AND fixed_first = '' AND orders = 0`, keysOf(phones)) // made to be locked
		return err
	})
	if err != nil {
		return false, s.explain(err)
	}
	if err := s.scrub(ctx); err != nil {
		if changed {
			err = fmt.Errorf("the customer is erased, but bytes of it stay until another erasure: %w", err)
		}
		return found, s.explain(err)
	}
	return found, nil
}

// lockErased locks what an erasure changes, in the order of all other transactions: orders,
// and then customers. Orders that are named and not there are made. Orders that others made
// of the customer before the customer was locked are locked when they are found; if that had
// to wait, the erasure starts over.
func (tx *transaction) lockErased(e store.Erasure) (phones []string, err error) {
	rows, err := collect(tx, scanOrder, selectOrders+` WHERE customer = $1`, keyOf(e.Phone))
	if err != nil {
		return nil, err
	}
	var shop int64
	if len(e.IDs) > 0 {
		if shop, err = tx.Shop(e.System, e.Shop); err != nil {
			return nil, err
		}
	}
	for _, id := range e.IDs {
		rows = append(rows, sqlstore.Order{Shop: shop, ID: id, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime, Flags: sqlstore.Erased | sqlstore.Unseen})
	}
	compare := func(a, b sqlstore.Order) int {
		return cmp.Or(cmp.Compare(a.Shop, b.Shop), strings.Compare(a.ID, b.ID))
	}
	slices.SortFunc(rows, compare)
	rows = slices.CompactFunc(rows, func(a, b sqlstore.Order) bool { return compare(a, b) == 0 })
	phones = []string{e.Phone}
	made := map[string]bool{} // of one shop, as all others are there
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Shop == rows[0].Shop {
			n++
		}
		var known []sqlstore.Order
		err := tx.InsertOrders(rows[:n], func(_ int, some []sqlstore.Order) { known = append(known, some...) })
		if err != nil {
			return nil, err
		}
		for _, o := range rows[:n] {
			made[o.ID] = true
		}
		for _, o := range known {
			delete(made, o.ID)
			if o.Phone != "" {
				phones = append(phones, o.Phone)
			}
		}
		rows = rows[n:]
	}
	tx.erasing, tx.made = true, made
	slices.Sort(phones)
	phones = slices.Compact(phones)
	return phones, tx.LockCustomers(phones)
}

func (tx *transaction) LogErasure() error {
	_, err := tx.exec(`INSERT INTO process_orders.erasures DEFAULT VALUES`)
	return err
}

// errOlderTransactions says that the tables cannot be scrubbed yet.
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

// rewrite has the server rewrite the tables that say who customers are, and the statistics on
// their values that it keeps for planning.
func (s *Store) rewrite(ctx context.Context, conn *pgxpool.Conn) error {
	for _, table := range []string{`process_orders.customers`, `process_orders.orders`} {
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
		_, err := tx.Exec(ctx, s.in.Replace(`UPDATE process_orders.erasures SET scrubbed = now() WHERE id = ANY($1::text[]::uuid[])`), erasures)
		return err
	})
}

// number returns the one number that a query finds.
func number(ctx context.Context, conn *pgxpool.Conn, sql string, args ...any) (n int64, err error) {
	err = conn.QueryRow(ctx, sql, args...).Scan(&n)
	return n, err
}
