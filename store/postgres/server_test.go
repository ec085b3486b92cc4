package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// do carries out statements as another program.
func do(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range statements {
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// try applies a batch, and reports whether it was applied now.
func try(s store.Store, b store.Batch) (applied bool, err error) {
	o, err := s.Apply(context.Background(), b)
	return o.Applied, err
}

// schemasOf returns the schemas of a database that are not the server's own.
func schemasOf(t testing.TB, url string) (names string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(context.Background(), `SELECT coalesce(string_agg(nspname, ' ' ORDER BY nspname), '') FROM pg_namespace
		WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'`).Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// refused opens a store that must be refused, with an error of one line without a password.
func refused(t *testing.T, url, want string) {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err == nil {
		s.Close()
		t.Fatal("it was opened")
	}
	got := err.Error()
	if !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(got, "\n") || strings.Contains(got, "horse") || strings.Contains(got, "zaphod") {
		t.Errorf("more than a line, or the password: %s", got)
	}
	if strings.Contains(got, "--") {
		t.Errorf("a library must not speak of flags: %s", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	restart := func(settings ...string) {
		t.Helper()
		if err := s.Stop("fast"); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(settings...); err != nil {
			t.Fatal(err)
		}
	}
	restart("fsync=off")
	refused(t, s.URL("postgres"), "the server runs with fsync=off and would lose records in a power cut: turn fsync on")
	if names := schemasOf(t, s.URL("postgres")); names != "public" {
		t.Errorf("schemas %s", names)
	}

	restart("synchronous_commit=off")
	var warnings []string
	opened, err := postgres.Open(context.Background(), s.URL("postgres"), postgres.Options{Warn: func(text string) { warnings = append(warnings, text) }})
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	if len(warnings) != 1 || !strings.Contains(warnings[0], "synchronous_commit=off") {
		t.Errorf("warnings %q", warnings)
	}
	if names := schemasOf(t, s.URL("postgres")); names != "process_orders public" {
		t.Errorf("schemas %s", names)
	}

	restart()
	opened, err = postgres.Open(context.Background(), s.URL("postgres"), postgres.Options{Warn: func(text string) { t.Errorf("warned of %s", text) }})
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	admin := s.URL("postgres")
	do(t, admin, `DROP DATABASE IF EXISTS latin`, `DROP DATABASE IF EXISTS refused`, `DROP ROLE IF EXISTS visitor`,
		`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`, `CREATE DATABASE refused`,
		`CREATE ROLE visitor LOGIN PASSWORD 'horse'`)
	at := func(user, password string, port int, database string) string {
		return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", user, password, port, database)
	}
	for _, test := range []struct{ url, want string }{
		{at("postgres", "wrong-horse", s.Port, "refused"), "the password is wrong or missing"},
		{at("nobody", "horse", s.Port, "refused"), "the password is wrong or missing"},
		{at("postgres", "horse", 1, "refused"), "the server cannot be reached"},
		{s.URL("nothing"), `database "nothing" does not exist (SQLSTATE 3D000): make it with createdb`},
		{s.URL("latin"), "the database's encoding is LATIN1: create a database with UTF8"},
		{at("visitor", "horse", s.Port, "refused"), "the user needs the right to create a schema"},
		{s.URL("refused") + "&sslmode=require", "refused TLS connection"},
		{s.URL("refused") + "&port=x", "store: not a URL of a PostgreSQL database: invalid port; in names and passwords, write @ : / ? # % as %40 %3A %2F %3F %23 %25"},
		{"postgres://u:to@p:wrong%horse@127.0.0.1/refused", "store: not a URL of a PostgreSQL database: in names and passwords, write @ : / ? # % as %40 %3A %2F %3F %23 %25"},
		// A password with characters that end it.
		{"postgres://zaphod:12/horse@127.0.0.1/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres://zaphod:12?horse@127.0.0.1/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres://zaphod:12#horse@127.0.0.1/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres://zaphod:ho@rse@127.0.0.1/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres://127.0.0.1:horse/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres://horse:1%zz/refused", "store: not a URL of a PostgreSQL database: "},
		{"postgres:///refused?port=x", "store: not a URL of a PostgreSQL database: invalid port"},
		{s.URL("refused") + "&unknown=1", `unrecognized configuration parameter "unknown"`},
		{s.URL("refused") + "&schema=", "/refused: the name of a schema has 1 to 63 bytes, and this one has 0"},
		{s.URL("refused") + "&schema=" + strings.Repeat("x", 64), "the name of a schema has 1 to 63 bytes, and this one has 64"},
		{s.URL("refused") + "&schema=pg_mine", "unacceptable schema name"},
	} {
		refused(t, test.url, test.want)
	}
	_, err := postgres.Open(context.Background(), s.URL("refused"), postgres.Options{Existing: true})
	if err == nil || !strings.Contains(err.Error(), postgres.ErrNoStore.Error()) {
		t.Errorf("a database without a store: %v", err)
	}
	for _, database := range []string{"latin", "refused"} {
		if names := schemasOf(t, s.URL(database)); names != "public" {
			t.Errorf("%s: schemas %s", database, names)
		}
	}

	// A store with a newer schema.
	open(t, s.URL("refused")).Close()
	do(t, s.URL("refused"), `INSERT INTO process_orders.schema_versions VALUES (1000)`)
	refused(t, s.URL("refused"), "a newer process-orders wrote it (schema 1000, this one knows 5): use that")

	// Another program's tables stay as they are.
	do(t, s.URL("refused"), `CREATE SCHEMA theirs`, `CREATE TABLE theirs.customers (x int)`)
	refused(t, s.URL("refused")+"&schema=theirs", "the schema holds tables of another program")
	do(t, s.URL("refused"), `SELECT x FROM theirs.customers`)
}

// TestAsyncCommit crashes a server that commits before it writes to the disk. What the
// store has applied is there all the same.
func TestAsyncCommit(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	if err := server.Stop("fast"); err != nil {
		t.Fatal(err)
	}
	// Without the WAL writer, nothing is written to the disk that no transaction waits for.
	settings := []string{"synchronous_commit=off", "wal_writer_delay=10s"}
	if err := server.Run(settings...); err != nil {
		t.Fatal(err)
	}
	s := open(t, server.URL("postgres"))
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if applied, err := try(s, storetest.Numbered(1, n)); !applied || err != nil {
			t.Fatalf("applied %v, %v", applied, err)
		}
		if err := server.Stop("immediate"); err != nil {
			t.Fatal(err)
		}
		if err := server.Run(settings...); err != nil {
			t.Fatal(err)
		}
	}
	if err := storetest.CheckNumbered(s, 1, 4, 0); err != nil {
		t.Fatal(err)
	}
}

// TestFewConnections uses a store with one connection.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	url := newURL(t) + "&pool_max_conns=1"
	for range 2 {
		s := open(t, url)
		n, err := storetest.Start(s)
		if err == nil {
			_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
		}
		if err == nil {
			_, err = s.Erase(context.Background(), store.Erasure{Phone: storetest.Own(n)})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := storetest.CheckNumbered(s, 1, n+1, n+1); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

// TestModes speaks to the server in the ways that connection poolers may need.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			s := open(t, newURL(t)+"&default_query_exec_mode="+mode)
			n, err := storetest.Start(s)
			if err == nil {
				_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
			}
			if err == nil {
				_, err = s.Erase(context.Background(), store.Erasure{Phone: storetest.Own(n)})
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := storetest.CheckNumbered(s, 1, 1, 1); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestRights uses a store as roles with different rights.
func TestRights(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	admin := server.URL("postgres")
	role := func(name string) string {
		do(t, admin, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'horse'", name))
		return fmt.Sprintf("postgres://%s:horse@127.0.0.1:%d/postgres?sslmode=disable", name, server.Port)
	}

	// A role may own a schema and not be allowed to make any.
	owner := role("owner")
	do(t, admin, `CREATE SCHEMA process_orders AUTHORIZATION owner`, `ALTER ROLE owner SET default_transaction_read_only = on`)
	s := open(t, owner)
	n, err := storetest.Start(s)
	if err == nil {
		_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
	}
	if err != nil {
		t.Fatal(err)
	}

	// A role may have all rights and own nothing. Then the server scrubs nothing.
	user := role("someone")
	do(t, admin, `GRANT USAGE ON SCHEMA process_orders TO someone`, `GRANT ALL ON ALL TABLES IN SCHEMA process_orders TO someone`)
	u := open(t, user)
	if _, err := u.Apply(context.Background(), storetest.Numbered(1, 1)); err != nil {
		t.Fatal(err)
	}
	found, err := u.Erase(context.Background(), store.Erasure{Phone: storetest.Own(0)})
	if !found || err != nil {
		t.Errorf("erased by another: %v, %v", found, err)
	}
	if _, err := u.Scrub(context.Background()); err == nil || !strings.Contains(err.Error(), "only the owner of the table may") {
		t.Errorf("scrubbed by another: %v", err)
	}
	// The owner finishes it.
	if n, err := s.Scrub(context.Background()); n != 1 || err != nil {
		t.Errorf("finished by the owner: %d, %v", n, err)
	}
	do(t, admin, `CHECKPOINT`)
	if in := filesWith(t, server, storetest.Own(0)); len(in) > 0 {
		t.Errorf("the erased customer is in %v", in)
	}
}

// TestScrubBesideOthers erases while another program is in a transaction that writes, or reads
// what there was before. The customer is gone at once, and the scrub ends after that transaction.
func TestScrubBesideOthers(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	ctx := context.Background()
	// A server gives up soon, so that requests do not wait. Nobody waits for a scrub.
	s, err := postgres.Open(ctx, server.URL("postgres"), postgres.Options{Retry: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	do(t, server.URL("postgres"), `CREATE TABLE other (x int)`)
	for n, other := range []string{`BEGIN; INSERT INTO other VALUES (1)`, `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM other`} {
		if _, err := s.Apply(ctx, storetest.Numbered(1, n)); err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(ctx, server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, other); err != nil {
			t.Fatal(err)
		}
		if found, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(n)}); !found || err != nil {
			t.Fatalf("beside %s: found %v, %v", other, found, err)
		}
		scrubbed := make(chan error)
		go func() {
			_, err := s.Scrub(ctx)
			scrubbed <- err
		}()
		select {
		case err := <-scrubbed:
			t.Fatalf("beside %s it was scrubbed: %v", other, err)
		case <-time.After(300 * time.Millisecond):
		}
		if _, err := conn.Exec(ctx, `COMMIT`); err != nil {
			t.Fatal(err)
		}
		if err := <-scrubbed; err != nil {
			t.Fatal(err)
		}
		do(t, server.URL("postgres"), `CHECKPOINT`)
		if in := filesWith(t, server, storetest.Own(n)); len(in) > 0 {
			t.Errorf("after %s the erased customer is in %v", other, in)
		}
	}
}

// TestUncounted has a total that does not count the rows of a table, so that the store takes a
// customer for new who is there. That is refused as damage, and nothing is changed.
func TestUncounted(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 300} { // by INSERT, and by COPY
		url := newURL(t)
		s := open(t, url)
		source := started(t, s, "a")
		var d store.Delta
		for i := range n {
			v := store.PositionVersion(store.NoTime, source, int64(i), 0)
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint("phone ", i), Named: v, Name: "Ann", First: v, Orders: 1, FirstPlaced: store.NoTime, LastPlaced: store.NoTime})
		}
		if applied, err := try(s, store.Batch{ID: "first", Source: source, Delta: d}); !applied || err != nil {
			t.Fatalf("applied %v, %v", applied, err)
		}
		do(t, pgtest.Shared(t).URL("postgres"), `DELETE FROM `+pgx.Identifier{schemaOf(t, url)}.Sanitize()+`.totals WHERE name = 'customers'`)
		_, err := try(s, store.Batch{ID: "second", Source: source, Delta: d})
		if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "rows are there that their totals do not have") || strings.Contains(err.Error(), "phone") {
			t.Errorf("%d customers: %v", n, err)
		}
		if sources, err := s.Sources(context.Background()); err != nil || sources[0].Batches != 1 {
			t.Errorf("%d customers: sources %+v, %v", n, sources, err)
		}
	}
}

// TestGoneWhileReading stops the server when all was read. Records returns at once and
// reads nothing again.
func TestGoneWhileReading(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	calls := 0
	wrong := errors.New("what the reader says")
	for _, want := range []error{nil, wrong} {
		short, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err := s.Records(short, store.Reading{}, func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
			calls++
			for _, err := range customers {
				t.Error(err)
			}
			if err := server.Stop("immediate"); err != nil {
				t.Fatal(err)
			}
			return want
		})
		cancel()
		if err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Errorf("read was called %d times, want 2", calls)
	}
}

// TestOpenAtOnce opens a new store by many goroutines at once, and each applies a batch.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		url := newURL(t)
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				s, err := postgres.Open(context.Background(), url, postgres.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				p, err := s.Start(context.Background(), store.Source{ID: fmt.Sprint(i / 2)}, false)
				if err == nil {
					_, err = s.Apply(context.Background(), storetest.Numbered(p.Number, i))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		sources, err := open(t, url).Sources(context.Background())
		if err != nil || len(sources) != 4 {
			t.Fatalf("%d sources, %v; want 4", len(sources), err)
		}
		for i, p := range sources {
			if p.Number != int64(i)+1 || p.Batches != 2 {
				t.Errorf("source %d: %+v", i+1, p)
			}
		}
	}
}

// TestCutCommits cuts connections at COMMIT, before the server gets it or after. Each batch
// is applied once, and Apply returns that it was this call that did it.
func TestCutCommits(t *testing.T) {
	t.Parallel()
	const before, after = pgtest.BeforeServer, pgtest.AfterServer
	random := soak.Random(t)
	var mu sync.Mutex // guards random, cuts and cut
	cuts := map[pgtest.Cut]int{}
	cut := pgtest.Pass // what to do with the next COMMIT
	p := pgtest.NewProxy(t, fmt.Sprint("127.0.0.1:", pgtest.Shared(t).Port), func(sql string) pgtest.Cut {
		if sql != "commit" {
			return pgtest.Pass
		}
		mu.Lock()
		defer mu.Unlock()
		now := cut
		cut = pgtest.Pass
		if now != pgtest.Pass && random.IntN(2) == 0 {
			cut = pgtest.Cut(random.IntN(3)) // the next attempt may be cut too
		}
		cuts[now]++
		return now
	})
	next := func(c pgtest.Cut) {
		mu.Lock()
		defer mu.Unlock()
		cut = c
	}
	direct := newURL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprint("127.0.0.1:", p.Port())
	s := open(t, u.String())
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	n, erased := 0, 0
	for l := soak.NewLoop(t, "rounds of a batch and an erasure", soak.Rounds{Short: 2, Default: 8, Soak: 500}); l.Next(); n++ {
		next([]pgtest.Cut{before, after}[n%2])
		if applied, err := try(s, storetest.Numbered(1, n)); !applied || err != nil {
			t.Fatalf("batch %d: applied %v, %v", n, applied, err)
		}
		if n%4 >= 2 {
			continue
		}
		next([]pgtest.Cut{after, before}[n%2])
		if found, err := s.Erase(context.Background(), store.Erasure{Phone: storetest.Own(n)}); !found || err != nil {
			t.Fatalf("batch %d: erased %v, %v", n, found, err)
		}
		erased++
	}
	next(pgtest.Pass)
	if err := storetest.CheckNumbered(open(t, direct), 1, n, erased); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if cuts[before] == 0 || cuts[after] == 0 {
		t.Error("no connection was cut before the server had the COMMIT, or none after")
	}
	t.Logf("%d batches, %d erasures; connections cut: %d before the server had the COMMIT, %d after", n, erased, cuts[before], cuts[after])
}

// TestCutGroups cuts connections at the COMMIT of groups that say no offset. No row shows
// that one was applied, but each is applied once.
func TestCutGroups(t *testing.T) {
	t.Parallel()
	var cuts atomic.Int64 // of the COMMITs of groups
	p := pgtest.NewProxy(t, fmt.Sprint("127.0.0.1:", pgtest.Shared(t).Port), func(sql string) pgtest.Cut {
		if sql != "commit" {
			return pgtest.Pass
		}
		return pgtest.Cut(cuts.Add(1) % 3)
	})
	u, err := url.Parse(newURL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprint("127.0.0.1:", p.Port())
	s := open(t, u.String())
	const groups = 12
	for n := range int64(groups) {
		v := store.PositionVersion(store.NoTime, 0, 0, 0)
		o, err := s.Apply(context.Background(), store.Batch{Feed: &store.Feed{Name: "feed"}, Delta: store.Delta{
			Items: []store.Item{{Name: "item", Price: "1", Priced: v, First: v, Orders: 1}}}})
		if want := (store.Outcome{Applied: true, Number: n + 1, Fates: []store.Fate{}}); !reflect.DeepEqual(o, want) || err != nil {
			t.Fatalf("group %d: %+v, %v; want %+v", n, o, err, want)
		}
	}
	if _, items := recordsOf(t, s); items["item"].Orders != groups {
		t.Errorf("%d orders, want %d", items["item"].Orders, groups)
	}
	if cuts.Load() < groups*3/2 {
		t.Errorf("%d COMMITs of %d groups: too few were cut", cuts.Load(), groups)
	}
}

// TestServerCrash crashes the server while several stores apply batches. They go on when
// it is back, and what Apply reported as applied is there.
func TestServerCrash(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	const writers = 4
	var done [writers]atomic.Int64
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var group sync.WaitGroup
	first := open(t, server.URL("postgres"))
	for i := range writers {
		if p, err := first.Start(ctx, store.Source{ID: fmt.Sprint(i)}, false); err != nil || p.Number != int64(i)+1 {
			t.Fatalf("source %d has the number %d, %v", i, p.Number, err)
		}
	}
	for i := range writers {
		s := open(t, server.URL("postgres"))
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				applied, err := try(s, storetest.Numbered(int64(i)+1, n))
				if !applied || err != nil {
					t.Errorf("source %d, batch %d: applied %v, %v", i, n, applied, err)
					return
				}
				done[i].Store(int64(n) + 1)
			}
		})
	}
	// some waits until more batches were applied, so that a crash has something to lose.
	some := func() {
		for was := done[0].Load(); done[0].Load() < was+2 && !t.Failed(); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	for l := soak.NewLoop(t, "crashes", soak.Rounds{Short: 1, Default: 2, Soak: 50}); l.Next(); {
		some()
		if err := server.Stop("immediate"); err != nil {
			t.Fatal(err)
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
	}
	some()
	stop()
	group.Wait()
	sources, err := first.Sources(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for i, p := range sources {
		total += p.Batches
		if p.Batches != done[i].Load() {
			t.Errorf("source %d has %d batches, want %d", i, p.Batches, done[i].Load())
		}
	}
	if got, want := storetest.Counted(t, first), total; got != want {
		t.Errorf("an item was ordered %d times, want %d", got, want)
	}
	wantNoDeadlock(t, server)
	t.Logf("%d batches", total)
}

// TestOldSchema opens a store of the schema that was never released.
func TestOldSchema(t *testing.T) {
	t.Parallel()
	do(t, pgtest.Shared(t).URL("postgres"), `DROP DATABASE IF EXISTS old`, `CREATE DATABASE old`)
	url := pgtest.Shared(t).URL("old")
	do(t, url, `CREATE SCHEMA process_orders`,
		`CREATE TABLE process_orders.schema_versions (version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
		`INSERT INTO process_orders.schema_versions (version) VALUES (1), (2)`)
	refused(t, url, "it was made by an earlier version of this program (schema 2, this one knows 4 and later): make a new one from its files")
	do(t, url, `DROP TABLE process_orders.schema_versions`) // it is there, and nothing else is
}

// TestErasedBytes looks for an erased customer in the files of the server.
func TestErasedBytes(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		if _, err := s.Apply(context.Background(), storetest.Numbered(1, n)); err != nil {
			t.Fatal(err)
		}
	}
	checkpoint := func() { do(t, server.URL("postgres"), "CHECKPOINT") }
	checkpoint()
	phone := storetest.Own(5)
	if in := filesWith(t, server, phone); len(in) == 0 {
		t.Fatal("the customer is in no file before")
	}
	if found, err := s.Erase(context.Background(), store.Erasure{Phone: phone}); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	if n, err := s.Scrub(context.Background()); n != 1 || err != nil {
		t.Fatalf("%d erasures were scrubbed, %v", n, err)
	}
	checkpoint()
	if in := filesWith(t, server, phone); len(in) > 0 {
		t.Errorf("the erased customer is in %v", in)
	}
	if in := filesWith(t, server, storetest.Own(6)); len(in) == 0 {
		t.Error("another customer is gone too")
	}
}

// filesWith returns the files of a server that hold a text, but not its write-ahead log.
func filesWith(t *testing.T, server *pgtest.Server, text string) (in []string) {
	t.Helper()
	err := filepath.Walk(filepath.Join(server.Folder(), "base"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			in = append(in, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}
