package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
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
		return postgres.Open(context.Background(), name, postgres.Watched(func(statement string) { reached(point(statement)) }))
	}, map[string]func([]string) error{"migrate": migrate})
	pgtest.StopShared()
	os.Exit(code)
}

var schemaName = regexp.MustCompile(`"[^"]*"\.?`)

// point returns the first words of a statement, which say what it does.
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
		"DELETE FROM customers", "VACUUM (FULL, ANALYZE)", "INSERT INTO feeds", // so that batches were applied also if few are killed
		"begin isolation level", "CREATE SCHEMA IF", "CREATE TABLE IF", "INSERT INTO schema_versions", "-- What is", "LOCK TABLE numbers", "INSERT INTO rules", "INSERT INTO shops", "INSERT INTO numbers", "INSERT INTO sources",
		"INSERT INTO batches", "INSERT INTO orders", "COPY customers (key,", "INSERT INTO names", "INSERT INTO items", "INSERT INTO prices", "INSERT INTO hours", "INSERT INTO totals", "UPDATE sources SET", "INSERT INTO commits", "commit",
		"UPDATE orders AS", "UPDATE customers AS", "UPDATE items AS", "UPDATE prices AS", "UPDATE hours AS", "UPDATE names AS", "DELETE FROM names",
		"INSERT INTO erasures", "SELECT txid_snapshot_xmax(txid_current_snapshot())", "UPDATE erasures SET",
	},
}

func TestKill(t *testing.T)            { t.Parallel(); processes.TestKill(t) }
func TestProcessesAtOnce(t *testing.T) { t.Parallel(); processes.TestAtOnce(t) }

var schemas atomic.Int64

// newURL returns the URL of a store that does not exist.
func newURL(t testing.TB) string {
	name := fmt.Sprintf("test \"%d\"", schemas.Add(1)) // which needs quotes
	name = url.PathEscape(name)
	return pgtest.Shared(t).URL("postgres") + "&schema=" + name + "&application_name=" + name
}

// settled waits until the server has finished all that processes asked of a store.
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
			t.Fatalf("the server still has %d connections", n)
		}
	}
}

// waitAlone waits until no other client is connected to the server.
func waitAlone(t testing.TB, conn *pgx.Conn) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var n int
		err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server still has %d clients", n)
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
	t.Parallel()
	server := pgtest.Shared(t)
	t.Cleanup(func() { wantNoDeadlock(t, server) }) // after all parallel tests of the contract
	storetest.Test(t, storetest.ByName(newURL, func(t testing.TB, url string) store.Store { return open(t, url) }))
}

// wantNoDeadlock checks that no two transactions of a server waited for each other.
func wantNoDeadlock(t testing.TB, server *pgtest.Server) {
	t.Helper()
	if strings.Contains(server.Log(), deadlock) {
		t.Error("there were deadlocks")
	}
}

// deadlock is what a server logs of a deadlock.
const deadlock = "deadlock detected"

// TestDeadlockIsLogged shows that wantNoDeadlock can fail.
func TestDeadlockIsLogged(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	ctx, url := context.Background(), server.URL("postgres")
	do(t, url, `CREATE TABLE pair (n int)`, `INSERT INTO pair VALUES (1), (2)`)
	var both sync.WaitGroup
	var locked sync.WaitGroup
	locked.Add(2)
	for n := range 2 {
		both.Go(func() {
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				t.Error(err)
				locked.Done()
				return
			}
			defer conn.Close(ctx)
			_, err = conn.Exec(ctx, fmt.Sprintf(`BEGIN; UPDATE pair SET n = n WHERE n = %d`, 1+n))
			locked.Done()
			if err != nil {
				t.Error(err)
				return
			}
			locked.Wait()
			// One of the two is refused, and the other may go on.
			_, _ = conn.Exec(ctx, fmt.Sprintf(`UPDATE pair SET n = n WHERE n = %d`, 2-n))
		})
	}
	both.Wait()
	if !strings.Contains(server.Log(), deadlock) {
		t.Errorf("the log does not say %q:\n%s", deadlock, server.Log())
	}
}
