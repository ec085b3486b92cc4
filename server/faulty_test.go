package server_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
)

// A faulty store fails as its test wants: in or after the transaction, or not for a while.
type faulty struct {
	store.Service

	mu     sync.Mutex
	before error                   // instead of the transaction
	apply  func(store.Batch) error // in it
	hold   chan struct{}           // a commit waits until it is closed

	commits atomic.Int64
}

func (f *faulty) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *faulty) Commit(ctx context.Context, do func(store.Transaction) error) error {
	f.mu.Lock()
	before, apply, hold := f.before, f.apply, f.hold
	f.mu.Unlock()
	f.commits.Add(1)
	if hold != nil {
		<-hold
	}
	if before != nil {
		return before
	}
	return f.Service.Commit(ctx, func(tx store.Transaction) error { return do(faultyTransaction{tx, apply}) })
}

type faultyTransaction struct {
	store.Transaction
	apply func(store.Batch) error
}

func (f faultyTransaction) Apply(b store.Batch) (store.Outcome, error) {
	if f.apply != nil {
		if err := f.apply(b); err != nil {
			return store.Outcome{}, err
		}
	}
	return f.Transaction.Apply(b)
}

// newFaulty returns a server of a store that works until its test wants it to fail, and a key.
func newFaulty(t *testing.T, o server.Options) (url, key string, f *faulty, srv *server.Server) {
	t.Helper()
	_, s := newServer(t, server.Options{})
	key, f = newKey(t, s, server.ScopeIngest), &faulty{Service: s}
	srv, err := server.New(f, o)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(described(t, srv))
	t.Cleanup(func() {
		f.set(func() { f.before, f.apply = nil, nil })
		listener.Close()
		_ = srv.Shutdown(context.Background())
	})
	return listener.URL + "/v1/orders", key, f, srv
}

// sendAll sends requests at once, while the store holds a commit, so that they share the next one.
func sendAll(t *testing.T, f *faulty, url, key string, bodies []string) []answered {
	t.Helper()
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	all := make([]answered, len(bodies))
	var group sync.WaitGroup
	for i, body := range bodies {
		group.Go(func() { all[i] = send(t, sending{url + "?allow-repeats", key, body, nil}) })
	}
	time.Sleep(100 * time.Millisecond) // most of them wait by then; the test is right without it
	f.set(func() { f.hold = nil })
	close(hold)
	group.Wait()
	return all
}

// A request that the store cannot take keeps none of the others, and each is applied once.
func TestPoison(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{})
	f.set(func() {
		f.apply = func(b store.Batch) error {
			for _, c := range b.Delta.Customers {
				if c.Phone == "555-0199" {
					return errors.New("the store does not like this phone")
				}
			}
			return nil
		}
	})
	var bodies []string
	for i := range 40 {
		bodies = append(bodies, tea)
		if i%13 == 5 {
			bodies[i] = strings.ReplaceAll(tea, "0101", "0199")
		}
	}
	for i, got := range sendAll(t, f, url, key, bodies) {
		if isBad := i%13 == 5; got.status != 503 && isBad || got.status != 201 && !isBad {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if n := customerOrders(t, f, "555-0101"); n != 37 {
		t.Errorf("%d orders", n)
	}
}

// While the store fails, requests are refused after a few tries, whatever waits. When it works
// again, so does the server.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{})
	bodies := make([]string, 64)
	for i := range bodies {
		bodies[i] = tea
	}
	for _, c := range []struct {
		err    error
		status int
		kind   string
	}{{errors.New("broken"), 503, "store"}, {fmt.Errorf("broken: %w", store.ErrFull), 507, "store-full"}} {
		for _, inside := range []bool{false, true} {
			f.set(func() {
				if inside {
					f.apply = func(store.Batch) error { return c.err }
				} else {
					f.before = c.err
				}
			})
			for _, got := range sendAll(t, f, url, key, bodies) {
				if got.status != c.status || got.problem(t).Type != c.kind || got.header.Get("Retry-After") == "" {
					t.Errorf("got %+v", got)
				}
			}
			f.set(func() { f.before, f.apply = nil, nil })
			if got := send(t, sending{url + "?allow-repeats", key, strings.ReplaceAll(tea, "0101", "0102"), nil}); got.status != 201 {
				t.Errorf("the store works again: %+v", got)
			}
		}
	}
	if a, b := customerOrders(t, f, "555-0101"), customerOrders(t, f, "555-0102"); a != 0 || b != 4 {
		t.Errorf("%d orders were applied of those that were refused, and %d of the others", a, b)
	}
}

// A replay needs no store that can write.
func TestReplayWhileFailing(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{})
	s := sending{url, key, tea, map[string]string{"Idempotency-Key": "a"}}
	first := send(t, s)
	f.set(func() { f.before = errors.New("broken") })
	if got := send(t, s); got.status != 201 || got.body != first.body || got.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %+v", got)
	}
}

// If too much waits, requests are refused before their bodies are read.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{Limits: server.Limits{Waiting: 4}})
	bodies := make([]string, 16)
	for i := range bodies {
		bodies[i] = tea
	}
	saved, refused := 0, 0
	for _, got := range sendAll(t, f, url, key, bodies) {
		switch {
		case got.status == 201:
			saved++
		case got.status == 503 && got.problem(t).Type == "busy" && got.header.Get("Retry-After") != "":
			refused++
		default:
			t.Errorf("got %+v", got)
		}
	}
	if saved < 4 || refused == 0 || int64(saved) != customerOrders(t, f, "555-0101") {
		t.Errorf("%d were saved and %d refused", saved, refused)
	}
}

// What bodies take together is bounded too.
func TestFullOfBytes(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{Limits: server.Limits{WaitingBytes: 100 << 10}})
	large := tea + strings.Repeat(" ", 60<<10)
	saved := 0
	for _, got := range sendAll(t, f, url, key, []string{large, large, large, large, large, large}) {
		if got.status == 201 {
			saved++
		} else if got.status != 503 || got.problem(t).Type != "busy" {
			t.Errorf("got %+v", got)
		}
	}
	if saved == 0 || saved > 2 || int64(saved) != customerOrders(t, f, "555-0101") {
		t.Errorf("%d were saved", saved)
	}
	if got := send(t, sending{url + "?allow-repeats", key, tea + strings.Repeat(" ", 200<<10), nil}); got.status != 201 {
		t.Errorf("one that is alone: %+v", got)
	}
}

// What was accepted is committed when the server stops, and what comes later is refused.
func TestShutdown(t *testing.T) {
	t.Parallel()
	url, key, f, srv := newFaulty(t, server.Options{})
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	answers := make(chan answered, 3)
	for range 3 {
		go func() { answers <- send(t, sending{url + "?allow-repeats", key, tea, nil}) }()
	}
	for f.commits.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	go func() { stopped <- srv.Shutdown(context.Background()) }()
	if got := send(t, sending{url + "?allow-repeats", key, tea, nil}); got.status != 503 || got.problem(t).Type != "stopping" {
		t.Errorf("got %+v", got)
	}
	f.set(func() { f.hold = nil })
	close(hold)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	saved := int64(0)
	for range 3 {
		if got := <-answers; got.status == 201 {
			saved++
		} else if got.problem(t).Type != "stopping" {
			t.Errorf("got %+v", got)
		}
	}
	if n := customerOrders(t, f, "555-0101"); n != saved || n == 0 {
		t.Errorf("%d of %d orders were saved", n, saved)
	}
}

// A client that goes away changes nothing: its request is done whole.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{})
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- sendWith(ctx, url, key, tea, "a") }()
	for f.commits.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-gone; err == nil {
		t.Error("the client got an answer")
	}
	same := make(chan answered, 1)
	go func() { same <- send(t, sending{url, key, tea, map[string]string{"Idempotency-Key": "a"}}) }()
	f.set(func() { f.hold = nil })
	close(hold)
	if got := <-same; got.status != 201 || got.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %+v", got)
	}
	if n := customerOrders(t, f, "555-0101"); n != 1 {
		t.Errorf("%d orders", n)
	}
}

// sendWith sends a request as long as a context lasts.
func sendWith(ctx context.Context, url, key, body, name string) error {
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", name)
	answer, err := http.DefaultClient.Do(r)
	if err == nil {
		err = answer.Body.Close()
	}
	return err
}

// A panic in what the store does with one request ends neither the server nor the others, and the
// log has nothing of what the panic says.
func TestPanicInStore(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	url, key, f, _ := newFaulty(t, server.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	f.set(func() {
		f.apply = func(b store.Batch) error {
			for _, c := range b.Delta.Customers {
				if c.Phone == "555-0199" {
					panic("no place for " + c.Phone)
				}
			}
			return nil
		}
	})
	all := sendAll(t, f, url, key, []string{tea, strings.ReplaceAll(tea, "0101", "0199"), tea})
	if all[0].status != 201 || all[1].status != 503 || all[2].status != 201 {
		t.Error(all)
	}
	if text := log.String(); strings.Contains(text, "555-0199") || !strings.Contains(text, "panic") || !strings.Contains(text, "faulty_test.go") {
		t.Error(text)
	}
}

// A delivery that goes to quarantine while a customer is looked for is erased too.
func TestEraseWhileQuarantined(t *testing.T) {
	t.Parallel()
	url, _, f, _ := newFaulty(t, server.Options{})
	url = strings.TrimSuffix(url, "/v1/orders")
	connect(t, f.Service, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	eraser, admin := newKey(t, f.Service, server.ScopeErase), newKey(t, f.Service, server.ScopeAdmin)
	redaction := `{"shop_id":1,"customer":{"id":3,"phone":"732-555-0101"},"orders_to_redact":[]}`
	for name, erase := range map[string]func(){
		"request": func() { send(t, sending{url + "/v1/customers/erase", eraser, `{"phone":"732-555-0101"}`, nil}) },
		"webhook": func() { deliver(t, url+"/v1/hooks/shop", shopify("sesame", "customers/redact", redaction), redaction) },
	} {
		hold := make(chan struct{})
		f.set(func() { f.hold = hold })
		var all sync.WaitGroup
		for i := range 2 { // the first one holds the committer, and the second one waits in it
			all.Go(func() {
				body := fmt.Sprintf(`{"odd":%d,"phone":"732-555-0101"}`, i)
				deliver(t, url+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body)
			})
			time.Sleep(50 * time.Millisecond)
		}
		all.Go(erase)
		time.Sleep(50 * time.Millisecond) // it has looked by then; the test is right without it
		f.set(func() { f.hold = nil })
		close(hold)
		all.Wait()
		if left := quarantine(t, url, admin); len(left) > 0 {
			t.Errorf("erased by a %s: %d deliveries are left", name, len(left))
		}
	}
}

// Requests that use the key of another one do not make the others wait for it.
func TestReusedKeysShareTransaction(t *testing.T) {
	t.Parallel()
	url, key, f, _ := newFaulty(t, server.Options{})
	const n = 20
	post := func(i int, body string) answered {
		return send(t, sending{url, key, body, map[string]string{"Idempotency-Key": fmt.Sprint(i)}})
	}
	for i := range n {
		post(i, tea)
	}
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	before := f.commits.Load()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if got := post(i, tea+" "); got.status != 422 || got.problem(t).Type != "idempotency-key-reused" {
				t.Error(got)
			}
		})
		all.Go(func() {
			if got := post(n+i, tea); got.status != 201 {
				t.Error(got)
			}
		})
	}
	time.Sleep(100 * time.Millisecond) // most of them wait by then; the test is right without it
	f.set(func() { f.hold = nil })
	close(hold)
	all.Wait()
	if commits := f.commits.Load() - before; commits > n/2 {
		t.Errorf("%d transactions", commits)
	}
}

// TestInFlight repeats a request that takes longer than another one waits for it. It is refused, and told to
// come again; then it has the answer of the first one.
func TestInFlight(t *testing.T) {
	t.Parallel()
	url, key, f, srv := newFaulty(t, server.Options{})
	srv.SetPatience(time.Millisecond)
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	same := sending{url, key, tea, map[string]string{"Idempotency-Key": "one"}}
	first := make(chan answered)
	go func() { first <- send(t, same) }()
	for f.commits.Load() == 0 { // then its orders are on their way to the disk
		time.Sleep(time.Millisecond)
	}
	if got := send(t, same); got.status != 409 || got.problem(t).Type != "idempotency-key-in-use" || got.header.Get("Retry-After") != "1" {
		t.Errorf("while the first one is being worked on: %+v", got)
	}
	other := same
	other.body += " "
	if got := send(t, other); got.status != 422 || got.problem(t).Type != "idempotency-key-reused" {
		t.Errorf("another body: %+v", got)
	}
	f.set(func() { f.hold = nil })
	close(hold)
	done := <-first
	if again := send(t, same); done.status != 201 || again.status != 201 || again.body != done.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %+v, then %+v", done, again)
	}
	if n := customerOrders(t, f, "555-0101"); n != 1 {
		t.Errorf("%d orders", n)
	}
}
