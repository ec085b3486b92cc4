package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// A listener reads the events of a server.
type listener struct {
	body   io.ReadCloser
	events chan string // each is a block of lines, without the last one
	header http.Header
}

// listenTo connects. The channel is closed at the end of the stream.
func listenTo(t testing.TB, url, key string) *listener {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if a.StatusCode != 200 {
		t.Fatal(a.Status)
	}
	l := &listener{body: a.Body, events: make(chan string, 1000), header: a.Header}
	t.Cleanup(func() { a.Body.Close() })
	go func() {
		defer close(l.events)
		var block []string
		for lines := bufio.NewScanner(a.Body); lines.Scan(); {
			if lines.Text() != "" {
				block = append(block, lines.Text())
				continue
			}
			l.events <- strings.Join(block, "\n")
			block = nil
		}
	}()
	return l
}

// next returns the next event, and fails if none comes in time.
func (l *listener) next(t testing.TB, within time.Duration) string {
	t.Helper()
	select {
	case e := <-l.events:
		return e
	case <-time.After(within):
		t.Fatal("no event came")
		return ""
	}
}

// snapshot reads the first event.
func (l *listener) snapshot(t testing.TB) (version int64, s server.Summary) {
	t.Helper()
	data, ok := strings.CutPrefix(l.next(t, 20*time.Second), "event: snapshot\ndata: ")
	var got struct {
		Version int64
		Summary server.Summary
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil || !ok {
		t.Fatalf("%q: %v", data, err)
	}
	return got.Version, got.Summary
}

// version reads an event that says a version.
func (l *listener) version(t testing.TB) (n int64) {
	t.Helper()
	e := l.next(t, 20*time.Second)
	if _, err := fmt.Sscanf(e, "event: version\ndata: %d", &n); err != nil {
		t.Fatalf("got %q", e)
	}
	return n
}

// A listener gets the whole, and then hears of each change: of this server's, and of those of
// others who use the store.
func TestEvents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, srv)
	defer srv.Shutdown(context.Background())
	key := newKey(t, s, server.ScopeRead)
	fill(t, url, s, tea)
	l := listenTo(t, url, key)
	if h := l.header; h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-cache, no-transform" || h.Get("X-Accel-Buffering") != "no" {
		t.Errorf("got %v", h)
	}
	first, summary := l.snapshot(t)
	if summary.Customers != 1 || summary.Total.Orders != 1 {
		t.Errorf("got %+v", summary)
	}
	for drained := false; !drained; { // of what was committed before it listened
		select {
		case <-l.events:
		case <-time.After(time.Second):
			drained = true
		}
	}
	fill(t, url, s, tea)
	second := l.version(t)
	if second <= first {
		t.Errorf("version %d came after %d", second, first)
	}
	silent := func() {
		t.Helper()
		select {
		case e := <-l.events:
			t.Errorf("nothing has changed, and %q came", e)
		case <-time.After(1500 * time.Millisecond):
		}
	}
	silent()
	if _, summary := listenTo(t, url, key).snapshot(t); summary.Total.Orders != 2 && summary.Total.AsOf.IsZero() {
		t.Errorf("got %+v", summary)
	}

	// Another process has a connection of its own.
	other, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Erase(t.Context(), store.Erasure{Phone: "555-0101"}); err != nil {
		t.Fatal(err)
	}
	if third := l.version(t); third <= second {
		t.Errorf("version %d came after %d", third, second)
	}
	silent()
}

// All versions of half a second are one, and something comes even if nothing changes.
func TestEventsPace(t *testing.T) {
	t.Parallel()
	s := memory.New()
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv.SetPace(10*time.Millisecond, time.Second, 50*time.Millisecond, time.Second)
	url := serve(t, srv)
	defer srv.Shutdown(context.Background())
	key := newKey(t, s, server.ScopeRead)
	l := listenTo(t, url, key)
	l.snapshot(t)
	if e := l.next(t, 20*time.Second); !strings.HasPrefix(e, ":") && !strings.HasPrefix(e, "event: version") {
		t.Errorf("got %q", e)
	}
	start, versions := time.Now(), int64(0)
	for range 50 {
		fill(t, url, s, tea)
	}
	for over := time.After(1500 * time.Millisecond); over != nil; {
		select {
		case e := <-l.events:
			if strings.HasPrefix(e, "event: version") {
				versions++
			}
		case <-over:
			over = nil
		}
	}
	if most := int64(time.Since(start)/time.Second) + 2; versions < 1 || versions > most {
		t.Errorf("%d versions came, want up to %d", versions, most)
	}
}

// Many listen at once. When the server stops it says to each when to come back.
func TestManyListeners(t *testing.T) {
	t.Parallel()
	srv, err := server.New(memory.New(), server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv.SetPace(time.Hour, 10*time.Millisecond, time.Hour, 20*time.Second) // its own changes are enough
	key := newKey(t, srv.Store(), server.ScopeRead)
	listening := httptest.NewServer(described(t, srv))
	defer listening.Close()
	const many = 1000
	var told, ended sync.WaitGroup
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var connected sync.WaitGroup
	slots := make(chan struct{}, 50)
	for range many {
		told.Add(1)
		connected.Add(1)
		ended.Go(func() {
			slots <- struct{}{}
			r, _ := http.NewRequestWithContext(t.Context(), "GET", listening.URL+"/v1/events", nil)
			r.Header.Set("Authorization", "Bearer "+key)
			a, err := transport.RoundTrip(r)
			<-slots
			if err != nil || a.StatusCode != 200 {
				t.Errorf("%v", err)
				connected.Done()
				told.Done()
				return
			}
			defer a.Body.Close()
			isTold, isEnded := false, false
			for lines := bufio.NewScanner(a.Body); lines.Scan(); {
				switch text := lines.Text(); {
				case text == "event: snapshot":
					connected.Done()
				case text == "event: version" && !isTold:
					isTold = true
					told.Done()
				}
				isEnded = strings.HasPrefix(lines.Text(), "retry: ") || isEnded && lines.Text() == ""
			}
			if !isTold {
				told.Done()
			}
			if !isTold || !isEnded {
				t.Errorf("a listener was told %t, and ended well %t", isTold, isEnded)
			}
		})
	}
	connected.Wait()
	if a := fetch(t, listening.URL+"/v1/items", key); a.status != 200 {
		t.Errorf("got %d", a.status)
	}
	fill(t, listening.URL, srv.Store(), tea)
	told.Wait()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	ended.Wait()
	if n := srv.Listeners(); n != 0 {
		t.Errorf("%d listen still", n)
	}
	if a := fetch(t, listening.URL+"/v1/events", key); a.status != 503 {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

// Who does not take what is sent is dropped, and so is who may not listen any more.
func TestDroppedListeners(t *testing.T) {
	t.Parallel()
	s := memory.New()
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv.SetPace(10*time.Millisecond, 10*time.Millisecond, time.Hour, 2*time.Second)
	url := serve(t, srv)
	defer srv.Shutdown(context.Background())
	key := newKey(t, s, server.ScopeRead)
	slow, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprintf(slow, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", key)
	good := listenTo(t, url, key)
	good.snapshot(t)
	wait := func(n int) {
		t.Helper()
		for start := time.Now(); srv.Listeners() != n; time.Sleep(time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatalf("%d listen, want %d", srv.Listeners(), n)
			}
		}
	}
	wait(2)
	go func() { // takes all, as scanners have a limit
		for range good.events {
		}
	}()
	for range 64 {
		srv.Tell(strings.Repeat(": "+strings.Repeat("x", 1000)+"\n\n", 256))
	}
	wait(1)

	if err := s.Commit(t.Context(), func(tx store.Transaction) error { return tx.Delete("settings", "") }); err != nil {
		t.Fatal(err)
	}
	srv.Tell("event: x\n\n")
	wait(0)
}
