package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
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

func soak() bool { return os.Getenv("SOAK") != "" }

// do carries out statements as any program may.
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

// schemasOf are the schemas that somebody made in a database.
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

// refused opens what must be refused with an error of one line, and without a password.
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
	if strings.Contains(got, "\n") || strings.Contains(got, "horse") {
		t.Errorf("more than a line, or the password: %s", got)
	}
}

func TestSettings(t *testing.T) {
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
	refused(t, s.URL("postgres"), "the server runs with fsync=off and would lose records in a power cut: turn it on")
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
		{s.URL("latin"), "the database's encoding is LATIN1: make one with UTF8"},
		{at("visitor", "horse", s.Port, "refused"), "the user needs the right to make a schema"},
		{s.URL("refused") + "&sslmode=require", "refused TLS connection"},
		{s.URL("refused") + "&port=x", "this is no URL of a PostgreSQL database"},
		{"postgres://u:to@p:wrong%horse@127.0.0.1/refused", "this is no URL of a PostgreSQL database"},
		{"postgres:///refused?port=x", "invalid port"},
		{s.URL("refused") + "&unknown=1", `unrecognized configuration parameter "unknown"`},
		{s.URL("refused") + "&schema=", "want a name of 1 to 63 bytes, got 0"},
		{s.URL("refused") + "&schema=" + strings.Repeat("x", 64), "want a name of 1 to 63 bytes, got 64"},
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

	// A store of a newer version.
	open(t, s.URL("refused")).Close()
	do(t, s.URL("refused"), `INSERT INTO process_orders.schema_versions VALUES (1000)`)
	refused(t, s.URL("refused"), "a newer process-orders wrote it (schema 1000, this one knows 1): use that")

	// Somebody else's schema with such a name stays as it is.
	do(t, s.URL("refused"), `CREATE SCHEMA theirs`, `CREATE TABLE theirs.customers (x int)`)
	refused(t, s.URL("refused")+"&schema=theirs", "the schema holds tables of something else")
	do(t, s.URL("refused"), `SELECT x FROM theirs.customers`)
}

// TestHasty lets a server crash that would lose what it said was committed. What the
// store said is there.
func TestHasty(t *testing.T) {
	server := pgtest.Start(t)
	if err := server.Stop("fast"); err != nil {
		t.Fatal(err)
	}
	// Without its helper nothing comes to the disk that nobody waits for.
	settings := []string{"synchronous_commit=off", "wal_writer_delay=10s"}
	if err := server.Run(settings...); err != nil {
		t.Fatal(err)
	}
	s := open(t, server.URL("postgres"))
	if _, err := storetest.Begun(s); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if applied, err := s.Apply(context.Background(), storetest.Numbered(1, n)); !applied || err != nil {
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

// TestFewConnections has as few as there can be.
func TestFewConnections(t *testing.T) {
	url := newURL(t) + "&pool_max_conns=1"
	for range 2 {
		s := open(t, url)
		n, err := storetest.Begun(s)
		if err == nil {
			_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
		}
		if err == nil {
			_, err = s.Erase(context.Background(), storetest.Own(n))
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

// TestModes speaks to the server in the ways that poolers between may need.
func TestModes(t *testing.T) {
	for _, mode := range []string{"cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			s := open(t, newURL(t)+"&default_query_exec_mode="+mode)
			n, err := storetest.Begun(s)
			if err == nil {
				_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
			}
			if err == nil {
				_, err = s.Erase(context.Background(), storetest.Own(n))
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

// TestRights is of roles that may do some things and not others.
func TestRights(t *testing.T) {
	server := pgtest.Start(t)
	admin := server.URL("postgres")
	role := func(name string) string {
		do(t, admin, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'horse'", name))
		return fmt.Sprintf("postgres://%s:horse@127.0.0.1:%d/postgres?sslmode=disable", name, server.Port)
	}

	// One may own a schema and not make any.
	owner := role("owner")
	do(t, admin, `CREATE SCHEMA process_orders AUTHORIZATION owner`, `ALTER ROLE owner SET default_transaction_read_only = on`)
	s := open(t, owner)
	n, err := storetest.Begun(s)
	if err == nil {
		_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
	}
	if err != nil {
		t.Fatal(err)
	}

	// One may have all rights and own nothing: then the server scrubs nothing.
	user := role("someone")
	do(t, admin, `GRANT USAGE ON SCHEMA process_orders TO someone`, `GRANT ALL ON ALL TABLES IN SCHEMA process_orders TO someone`)
	u := open(t, user)
	if _, err := u.Apply(context.Background(), storetest.Numbered(1, 1)); err != nil {
		t.Fatal(err)
	}
	found, err := u.Erase(context.Background(), storetest.Own(0))
	if !found || err == nil || !strings.Contains(err.Error(), "only its owner may") {
		t.Errorf("erased by another: %v, %v", found, err)
	}
	// The owner finishes it.
	if found, err := s.Erase(context.Background(), "nobody"); found || err != nil {
		t.Errorf("finished by the owner: %v, %v", found, err)
	}
	do(t, admin, `CHECKPOINT`)
	if in := filesWith(t, server, storetest.Own(0)); len(in) > 0 {
		t.Errorf("the erased customer is in %v", in)
	}
}

// TestEraseBesideOthers erases while a transaction goes on that is older: the bytes are
// not gone before it has ended.
func TestEraseBesideOthers(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	n, err := storetest.Begun(s)
	if err == nil {
		_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
	}
	if err != nil {
		t.Fatal(err)
	}
	do(t, server.URL("postgres"), `CREATE TABLE other (x int)`)
	conn, err := pgx.Connect(context.Background(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), `BEGIN; INSERT INTO other VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	erased := make(chan error)
	go func() {
		_, err := s.Erase(context.Background(), storetest.Own(0))
		erased <- err
	}()
	select {
	case err := <-erased:
		t.Fatalf("it was erased meanwhile: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if _, err := conn.Exec(context.Background(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	do(t, server.URL("postgres"), `CHECKPOINT`)
	if in := filesWith(t, server, storetest.Own(0)); len(in) > 0 {
		t.Errorf("the erased customer is in %v", in)
	}
}

// TestGoneWhileReading has a server that is gone when all was read: that is told at
// once, and nothing is read again.
func TestGoneWhileReading(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	calls := 0
	wrong := errors.New("what the reader says")
	for _, told := range []error{nil, wrong} {
		short, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err := s.Records(short, func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
			calls++
			for _, err := range customers {
				t.Error(err)
			}
			if err := server.Stop("immediate"); err != nil {
				t.Fatal(err)
			}
			return told
		})
		cancel()
		if err != told {
			t.Errorf("got %v, want %v", err, told)
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Errorf("read was called %d times, want 2", calls)
	}
}

// TestOpenAtOnce opens a new store by many at once, and each applies a batch.
func TestOpenAtOnce(t *testing.T) {
	for range 10 {
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
				state, err := s.Begin(context.Background(), store.Source{ID: fmt.Sprint(i / 2)}, false)
				if err == nil {
					_, err = s.Apply(context.Background(), storetest.Numbered(state.Number, i))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		states, err := open(t, url).States(context.Background())
		if err != nil || len(states) != 4 {
			t.Fatalf("%d sources, %v; want 4", len(states), err)
		}
		for i, state := range states {
			if state.Number != int64(i)+1 || state.Batches != 2 {
				t.Errorf("%+v", state)
			}
		}
	}
}

// TestCutCommits cuts connections at COMMIT, before the server gets it or after: each
// batch is applied once, and who applied it is told so.
func TestCutCommits(t *testing.T) {
	cuts := int64(100)
	if testing.Short() {
		cuts = 20
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var count, lost atomic.Int64
	var mu sync.Mutex // for random
	p := pgtest.NewProxy(t, fmt.Sprint("127.0.0.1:", pgtest.Shared(t).Port), func(sql string) pgtest.Cut {
		if sql != "commit" || count.Load() >= cuts {
			return pgtest.Pass
		}
		mu.Lock()
		defer mu.Unlock()
		cut := pgtest.Cut(random.IntN(3))
		if cut != pgtest.Pass {
			count.Add(1)
		}
		if cut == pgtest.AfterServer {
			lost.Add(1)
		}
		return cut
	})
	direct := newURL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprint("127.0.0.1:", p.Port())
	s := open(t, u.String())
	if _, err := storetest.Begun(s); err != nil {
		t.Fatal(err)
	}
	n, erased := 0, 0
	for ; count.Load() < cuts; n++ {
		if applied, err := s.Apply(context.Background(), storetest.Numbered(1, n)); !applied || err != nil {
			t.Fatalf("batch %d: applied %v, %v", n, applied, err)
		}
		if n%5 == 0 {
			found, err := s.Erase(context.Background(), storetest.Own(n))
			if !found || err != nil {
				t.Fatalf("batch %d: erased %v, %v", n, found, err)
			}
			erased++
		}
	}
	if err := storetest.CheckNumbered(open(t, direct), 1, n, erased); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d batches; %d connections cut, %d of them after the server had the COMMIT", n, count.Load(), lost.Load())
}

// TestServerCrash lets the server crash while processes apply batches. They go on when
// it is there again, and what they were told was applied is there.
func TestServerCrash(t *testing.T) {
	crashes := 3
	if soak() {
		crashes = 50
	}
	server := pgtest.Start(t)
	const writers = 4
	var done [writers]atomic.Int64
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var group sync.WaitGroup
	first := open(t, server.URL("postgres"))
	for i := range writers {
		if state, err := first.Begin(ctx, store.Source{ID: fmt.Sprint(i)}, false); err != nil || state.Number != int64(i)+1 {
			t.Fatalf("source %d is %d, %v", i, state.Number, err)
		}
	}
	for i := range writers {
		s := open(t, server.URL("postgres"))
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				applied, err := s.Apply(context.Background(), storetest.Numbered(int64(i)+1, n))
				if !applied || err != nil {
					t.Errorf("source %d, batch %d: applied %v, %v", i, n, applied, err)
					return
				}
				done[i].Store(int64(n) + 1)
			}
		})
	}
	for range crashes {
		time.Sleep(200 * time.Millisecond)
		if err := server.Stop("immediate"); err != nil {
			t.Fatal(err)
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond)
	stop()
	group.Wait()
	states, err := first.States(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for i, state := range states {
		total += state.Batches
		if state.Batches != done[i].Load() {
			t.Errorf("source %d has %d batches, want %d", i, state.Batches, done[i].Load())
		}
	}
	if got, want := storetest.Counted(t, first), total; got != want {
		t.Errorf("an item was ordered %d times, want %d", got, want)
	}
	if strings.Contains(server.Log(), "deadlock detected") {
		t.Error("there were deadlocks")
	}
	t.Logf("%d batches, %d crashes", total, crashes)
}

// TestErasedBytes looks for an erased customer in the files of the server.
func TestErasedBytes(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	if _, err := storetest.Begun(s); err != nil {
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
	if found, err := s.Erase(context.Background(), phone); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	checkpoint()
	if in := filesWith(t, server, phone); len(in) > 0 {
		t.Errorf("the erased customer is in %v", in)
	}
	if in := filesWith(t, server, storetest.Own(6)); len(in) == 0 {
		t.Error("another customer is gone too")
	}
}

// filesWith are the files of a server that hold a text. The log that it recovers from
// is not among them.
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
