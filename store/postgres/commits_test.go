package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
)

// TestOldCommits has a store remove the rows of those who have not written for a week.
func TestOldCommits(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	started(t, open(t, url), "a")
	commits := pgx.Identifier{schemaOf(t, url), "commits"}.Sanitize()
	database := pgtest.Shared(t).URL("postgres")
	do(t, database, `INSERT INTO `+commits+` VALUES ('old', 5, now() - interval '8 days', 0), ('new', 5, now() - interval '6 days', 0)`)
	started(t, open(t, url), "b")
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var old, all int
	err = conn.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE writer = 'old'), count(*) FROM `+commits).Scan(&old, &all)
	if err != nil || old != 0 || all != 3 {
		t.Errorf("%d old rows of %d, %v; want none of 3", old, all, err)
	}
}

// TestReusedNumber crashes the server when all of a transaction is done but its COMMIT. The server
// gives its number to a transaction of another store, which is committed. The first one does not
// take that for its own, and is made again.
func TestReusedNumber(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	mustRun := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mustRun(server.Stop("fast"))
	mustRun(server.Run("wal_writer_delay=10s")) // nothing is on the disk before a COMMIT
	database := server.URL("postgres")
	put := func(s *postgres.Store, key string) {
		t.Helper()
		mustRun(s.Commit(t.Context(), func(tx store.Transaction) error { return tx.Put(store.Document{Kind: "note", Key: key}) }))
	}
	query := func(into any, sql string, values ...any) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), database)
		mustRun(err)
		defer conn.Close(t.Context())
		mustRun(conn.QueryRow(t.Context(), sql, values...).Scan(into))
	}

	var number int64
	var crash sync.Once
	armed := false
	others := open(t, database)
	watched := postgres.Watched(func(statement string) {
		if !armed || !strings.Contains(statement, "INSERT INTO") || !strings.Contains(statement, ".commits") {
			return
		}
		crash.Do(func() {
			query(&number, `SELECT backend_xid::text::bigint FROM pg_stat_activity WHERE backend_xid IS NOT NULL`)
			mustRun(server.Stop("immediate"))
			mustRun(server.Run())
			for next := int64(0); next <= number; query(&next, `SELECT txid_snapshot_xmax(txid_current_snapshot())`) {
				put(others, "of others")
			}
		})
	})
	s, err := postgres.Open(t.Context(), database, watched)
	mustRun(err)
	defer s.Close()
	put(s, "before")
	armed = true
	put(s, "a")

	var status string
	if query(&status, `SELECT txid_status($1)`, number); status != "committed" {
		t.Fatalf("the server did not use the number %d again: %s", number, status)
	}
	if _, found, err := s.Document(t.Context(), "note", "a"); !found || err != nil {
		t.Errorf("what was committed is not there: %v", err)
	}
}
