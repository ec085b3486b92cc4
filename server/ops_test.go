package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// maxSeries is how many series a server has at most: they cost whoever keeps them.
const maxSeries = 200

// newOps returns a server of a store that may be another one than it seems, its API and its
// operations.
func newOps(t *testing.T, o server.Options, wrap func(*sqlite.Store) store.Service) (srv *server.Server, s store.Service, api, ops string) {
	t.Helper()
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s = file
	if wrap != nil {
		s = wrap(file)
	}
	if srv, err = server.New(s, o); err != nil {
		t.Fatal(err)
	}
	a, b := httptest.NewServer(srv), httptest.NewServer(srv.Ops())
	t.Cleanup(func() {
		a.Close()
		b.Close()
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv, s, a.URL, b.URL
}

// ask returns the status and the text of an answer.
func askOps(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func series(page string) (n int) {
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

// TestMetrics reads what the server counts with the library of those who read it.
func TestMetrics(t *testing.T) {
	t.Parallel()
	srv, s, api, ops := newOps(t, server.Options{Version: "1.2.3"}, nil)
	key := newKey(t, s, server.ScopeIngest)
	const ann = `{"id": "1", "phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`
	post(t, api+"/v1/orders", key, ann)
	post(t, api+"/v1/orders", key, `{`)
	post(t, api+"/v1/orders/555-0101", key, ann)
	post(t, api+"/v1/hooks/555-0101", "", ann)
	status, page := askOps(t, ops+"/metrics")
	if status != http.StatusOK {
		t.Fatal(status, page)
	}
	for _, want := range []string{
		`process_orders_requests_total{route="/v1/orders",method="POST",status="2xx"} 1`,
		`process_orders_requests_total{route="/v1/orders",method="POST",status="4xx"} 1`,
		`process_orders_requests_total{route="/v1/hooks",method="POST",status="4xx"} 1`,
		`process_orders_request_seconds_count{route="/v1/orders"} 2`,
		`process_orders_ingest_seconds_count 1`,
		`process_orders_orders_total{fate="applied"} 1`,
		`process_orders_commit_seconds_bucket{le="+Inf"} 1`,
		`process_orders_committed_requests_total 1`,
		`process_orders_waiting_requests 0`,
		`process_orders_store_errors_total 0`,
		`process_orders_quarantined 0`,
		`process_orders_build_info{version="1.2.3",go="go`,
	} {
		if !strings.Contains(page, "\n"+want) {
			t.Errorf("there is no %s in\n%s", want, page)
		}
	}
	if strings.Contains(page, "555-0101") || strings.Contains(page, key) {
		t.Error("something of a request is in the metrics")
	}
	srv.CountAll()
	_, page = askOps(t, ops+"/metrics")
	if n := series(page); n > maxSeries {
		t.Errorf("%d series, want %d at most", n, maxSeries)
	} else {
		t.Logf("%d series, if all happens that can", n)
	}
	problems, err := promlint.New(strings.NewReader(page)).Lint()
	if err != nil {
		t.Errorf("Prometheus cannot read it: %v\n%s", err, page)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// A fickle is a store whose transactions fail at times.
type fickle struct {
	store.Service
	fails  atomic.Bool
	isFull atomic.Bool // what is done in a transaction fails
}

// A fullTransaction has no room.
type fullTransaction struct{ store.Transaction }

func (fullTransaction) Apply(store.Batch) (store.Outcome, error) {
	return store.Outcome{}, store.ErrFull
}
func (fullTransaction) Put(store.Document) error { return store.ErrFull }

func (f *fickle) Commit(ctx context.Context, do func(store.Transaction) error) error {
	if f.fails.Load() {
		return errors.New("the disk is gone")
	}
	return f.Service.Commit(ctx, func(tx store.Transaction) error {
		if f.isFull.Load() {
			tx = fullTransaction{tx}
		}
		return do(tx)
	})
}

func (f *fickle) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	if f.isFull.Load() {
		return store.Outcome{}, store.ErrFull
	}
	return f.Service.Apply(ctx, b)
}

// The first request that fails for want of room is known to /readyz.
func TestReadyKnowsWhatFails(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/orders?allow-repeats", "/v1/files"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var f *fickle
			_, s, api, ops := newOps(t, server.Options{Log: slog.New(slog.DiscardHandler)}, func(file *sqlite.Store) store.Service {
				f = &fickle{Service: file}
				return f
			})
			key := newKey(t, s, server.ScopeIngest)
			wantReady := func(status int) {
				t.Helper()
				if got, text := askOps(t, ops+"/readyz"); got != status {
					t.Errorf("%d %s, want %d", got, text, status)
				}
			}
			wantReady(200)
			f.isFull.Store(true)
			if r := post(t, api+path, key, tea); r.StatusCode != 507 {
				t.Error(r.Status)
			}
			wantReady(503)
			f.isFull.Store(false)
			wantReady(200)
		})
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	var s *fickle
	var logged bytes.Buffer
	o := server.Options{Log: slog.New(slog.NewJSONHandler(&logged, nil))}
	srv, _, _, ops := newOps(t, o, func(file *sqlite.Store) store.Service {
		s = &fickle{Service: file}
		return s
	})
	want := func(status int, text string) {
		t.Helper()
		if got, said := askOps(t, ops+"/readyz"); got != status || said != text+"\n" {
			t.Errorf("%d %q, want %d %q", got, said, status, text)
		}
		if got, _ := askOps(t, ops+"/livez"); got != 200 {
			t.Errorf("it is not alive: %d", got)
		}
	}
	want(200, "ready")
	s.fails.Store(true)
	want(200, "ready") // something was committed just now
	srv.SetNotFresh()
	want(503, "the store cannot be written")
	want(503, "the store cannot be written")
	s.fails.Store(false)
	want(200, "ready")
	srv.Drain()
	srv.Drain()
	want(503, "stopping")
}

// A logged store has a large log.
type loggedStore struct {
	*sqlite.Store
	bytes          atomic.Int64
	emptied, tried atomic.Int64
	isRead         atomic.Bool
}

func (l *loggedStore) LogBytes() int64 { return l.bytes.Load() }

func (l *loggedStore) TendLog(_ context.Context, empty bool) error {
	l.tried.Add(1)
	if l.isRead.Load() || !empty {
		return errors.New("somebody reads")
	}
	l.emptied.Add(1)
	l.bytes.Store(0)
	return nil
}

// The log is emptied when it is large, and if that fails not with each transaction.
func TestLogIsTended(t *testing.T) {
	t.Parallel()
	var l *loggedStore
	_, s, api, _ := newOps(t, server.Options{}, func(file *sqlite.Store) store.Service {
		l = &loggedStore{Store: file}
		return l
	})
	key := newKey(t, s, server.ScopeIngest)
	send := func() {
		t.Helper()
		if r := post(t, api+"/v1/orders", key, `[]`); r.StatusCode != 201 {
			t.Fatal(r.Status)
		}
	}
	l.bytes.Store(1 << 20)
	send()
	send()
	if n := l.tried.Load(); n != 0 {
		t.Errorf("a small log was emptied %d times", n)
	}
	l.bytes.Store(64 << 20)
	send()
	send() // by then the committer is behind the first
	if n := l.emptied.Load(); n != 1 {
		t.Errorf("a large log was emptied %d times, want once", n)
	}
	l.isRead.Store(true)
	l.bytes.Store(64 << 20)
	for range 5 {
		send()
	}
	if n := l.tried.Load(); n != 2 {
		t.Errorf("a log that is read was tried %d times, want once more", n-1)
	}
}

func TestDaily(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"03:01": now.Add(time.Minute), "03:00": now.Add(24 * time.Hour), "02:59": now.Add(24*time.Hour - time.Minute),
		"23:59": time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC), "off": {}, "": {},
	} {
		if got, err := server.NextDaily(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v (%v), want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"3", "24:00", "03:60", "03:00:00", "noon"} {
		if _, err := server.NextDaily(text, now); err == nil {
			t.Errorf("%q is a time of the day", text)
		}
	}
}

// A store in which somebody was erased is scrubbed, and the log says so without the phone.
func TestScrubIsDone(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	srv, s, api, _ := newOps(t, server.Options{Log: slog.New(slog.NewJSONHandler(&logged, nil))}, nil)
	key := newKey(t, s, server.ScopeIngest)
	post(t, api+"/v1/orders", key, `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`)
	if found, err := s.Erase(t.Context(), store.Erasure{Phone: "555-0101"}); !found || err != nil {
		t.Fatal(found, err)
	}
	srv.ScrubNow(t.Context())
	if n, err := s.Scrub(t.Context()); n != 0 || err != nil {
		t.Errorf("%d erasures are still due (%v)", n, err)
	}
	if text := logged.String(); !strings.Contains(text, `"erasures":1`) || strings.Contains(text, "555-0101") {
		t.Errorf("the log: %s", text)
	}
}

// The orders of uploads are counted as those of requests, once.
func TestMetricsOfUploads(t *testing.T) {
	t.Parallel()
	_, s, api, ops := newOps(t, server.Options{}, nil)
	key := newKey(t, s, server.ScopeIngest)
	const file = `{"id": 1, "phone": "555-0101", "name": "Ann", "items": []}
{"id": 2, "phone": "555-0102", "name": "Bob", "items": []}
`
	for range 2 { // the second time the store has it
		if r := post(t, api+"/v1/files?name=orders", key, file); r.StatusCode >= 300 {
			t.Fatal(r.Status)
		}
	}
	if _, page := askOps(t, ops+"/metrics"); !strings.Contains(page, `process_orders_orders_total{fate="applied"} 2`+"\n") {
		t.Errorf("the orders of the file are not among\n%s", page)
	}
}

// A committed store counts its transactions.
type committed struct {
	store.Service
	count atomic.Int64
}

func (c *committed) Commit(ctx context.Context, do func(store.Transaction) error) error {
	c.count.Add(1)
	return c.Service.Commit(ctx, do)
}

// A server that has made a link knows that it can commit, and is ready without another transaction.
func TestReadyByLink(t *testing.T) {
	t.Parallel()
	for _, want := range []int64{1, 0} {
		s := &committed{Service: memory.New()}
		srv, err := server.New(s, server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Shutdown(context.Background())
		if want == 0 {
			if _, err := srv.NewLink(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		before := s.count.Load()
		w := httptest.NewRecorder()
		srv.Ops().ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
		if got := s.count.Load() - before; w.Code != 200 || got != want {
			t.Errorf("%d, with %d transactions, want %d", w.Code, got, want)
		}
	}
}
