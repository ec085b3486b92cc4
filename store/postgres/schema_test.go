package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// nextSchema leads to a schema that only these tests have. It changes all customers, and more
// of the tables.
const nextSchema = `-- The next
	ALTER TABLE process_orders.customers ADD COLUMN greeting text NOT NULL DEFAULT '';
	UPDATE process_orders.customers SET greeting = 'Hello ' || name;
	CREATE TABLE process_orders.more (n bigint PRIMARY KEY);
	INSERT INTO process_orders.more SELECT generate_series(1, 1000)`

// migrate is the job of a process that brings a store to the next schema, and kills itself
// after a number of statements.
func migrate(args []string) error {
	left, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	watched := postgres.Watched(func(statement string) {
		fmt.Println(point(statement))
		if left--; left == 0 {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(err)
			}
			select {}
		}
	})
	s, err := postgres.Open(context.Background(), args[0], watched.WithNextSchema(nextSchema))
	if err == nil {
		err = s.Close()
	}
	return err
}

// TestNextSchema kills a process after each statement with which it brings a store to a next
// schema. The store has one schema or the other, and the next opening finishes it. A program
// that does not know the schema leaves it alone.
func TestNextSchema(t *testing.T) {
	t.Parallel()
	name := newURL(t)
	next := postgres.Options{}.WithNextSchema(nextSchema)
	// The program that does not know the next schema.
	apply := func(id string) {
		t.Helper()
		s := open(t, name)
		mustApply(t, s, id, started(t, s, "a"), state("order "+id, 5, 1, "phone", "item"))
		s.Close()
	}
	apply("first")
	conn, err := pgx.Connect(context.Background(), pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	schema := pgx.Identifier{schemaOf(t, name)}.Sanitize() + "."
	versions := func() (n int64) {
		t.Helper()
		if err := conn.QueryRow(context.Background(), `SELECT max(version) FROM `+schema+`schema_versions`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	killed, isNext := map[string]bool{}, false
	for after := 1; !isNext; after++ {
		out, _ := storetest.Command(t, "migrate", name, fmt.Sprint(after)).CombinedOutput()
		said := strings.Split(strings.TrimSpace(string(out)), "\n")
		killed[said[len(said)-1]] = true
		settled(t, name)
		isNext = versions() == 6
		if !isNext {
			apply(fmt.Sprint(after)) // it sees nothing of it
		}
		if after > 100 {
			t.Fatal("it never ends")
		}
	}
	for _, at := range []string{"INSERT INTO schema_versions", "-- The next", "commit"} {
		if !killed[at] {
			t.Errorf("no process was killed at %q: %v", at, killed)
		}
	}
	refused(t, name, "a newer process-orders wrote it (schema 6, this one knows 5): use that")
	for range 2 {
		s, err := postgres.Open(context.Background(), name, next)
		if err != nil {
			t.Fatal(err)
		}
		customers, _ := recordsOf(t, s)
		if len(customers) != 1 || customers["phone"].Name != "name 5" {
			t.Errorf("customers %+v", customers)
		}
		s.Close()
	}
	var greeting string
	var rows int
	err = conn.QueryRow(context.Background(), `SELECT greeting, (SELECT count(*) FROM `+schema+`more) FROM `+schema+`customers`).Scan(&greeting, &rows)
	if err != nil || greeting != "Hello name 5" || rows != 1000 {
		t.Errorf("greeting %q, %d rows, %v", greeting, rows, err)
	}

	// A new store gets all schemas at once, also from many at the same time.
	name = newURL(t)
	atOnce(4, func(int) {
		s, err := postgres.Open(context.Background(), name, next)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := s.Start(context.Background(), store.Source{ID: "a"}, false); err != nil {
			t.Error(err)
		}
		s.Close()
	})
}

// schemaOf returns the schema that the URL of a store names.
func schemaOf(t testing.TB, storeURL string) string {
	t.Helper()
	u, err := url.Parse(storeURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("schema")
}
