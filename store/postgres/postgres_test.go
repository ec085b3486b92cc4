package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// TestMain lets the tests run this binary as another process that has a job with a
// store.
func TestMain(m *testing.M) {
	code := storetest.Main(m, func(name string, reached func(string)) (store.Store, error) {
		postgres.SetReached(func(statement string) { reached(point(statement)) })
		return postgres.Open(context.Background(), name, postgres.Options{})
	}, nil)
	pgtest.StopShared()
	os.Exit(code)
}

var schemaName = regexp.MustCompile(`"[^"]*"\.?`)

// point is what a statement does, in its first words.
func point(statement string) string {
	words := strings.Fields(schemaName.ReplaceAllString(statement, ""))
	return strings.Join(words[:min(3, len(words))], " ")
}

var processes = storetest.Processes{
	New: newURL,
	Open: func(name string) (store.Store, error) {
		return postgres.Open(context.Background(), name, postgres.Options{})
	},
	Settled: settled,
	Points: []string{
		"begin isolation level", "CREATE SCHEMA IF", "CREATE TABLE IF", "INSERT INTO schema_versions", "-- A version", "INSERT INTO sources",
		"INSERT INTO batches", "INSERT INTO order_ids", "INSERT INTO customers", "INSERT INTO items", "UPDATE sources SET", "commit",
		"DELETE FROM customers", "INSERT INTO erasures", "SELECT txid_snapshot_xmax(txid_current_snapshot())", "VACUUM (FULL, ANALYZE)", "UPDATE erasures SET",
	},
}

func TestKill(t *testing.T)            { processes.TestKill(t) }
func TestProcessesAtOnce(t *testing.T) { processes.TestAtOnce(t) }

var schemas atomic.Int64

// newURL is the URL of a store that is not there yet.
func newURL(t testing.TB) string {
	name := fmt.Sprintf("test \"%d\"", schemas.Add(1)) // which needs quotes
	name = url.PathEscape(name)
	return pgtest.Shared(t).URL("postgres") + "&schema=" + name + "&application_name=" + name
}

// settled waits until the server has done with all that was asked of a store.
func settled(t testing.TB, name string) {
	t.Helper()
	u, err := url.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		var n int
		err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1`, u.Query().Get("application_name")).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server goes on with %d connections", n)
		}
	}
}

// open opens a store that is closed at the test's end.
func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	urls := map[store.Store]string{}
	keep := func(t testing.TB, url string) store.Store {
		s := open(t, url)
		urls[s] = url
		return s
	}
	storetest.Test(t,
		func(t testing.TB) store.Store { return keep(t, newURL(t)) },
		func(t testing.TB, s store.Store) store.Store {
			s.Close()
			return keep(t, urls[s])
		})
	wantNoDeadlock(t)
}

// wantNoDeadlock says whether any two transactions waited for each other.
func wantNoDeadlock(t testing.TB) {
	t.Helper()
	if strings.Contains(pgtest.Shared(t).Log(), "deadlock detected") {
		t.Error("there were deadlocks")
	}
}
