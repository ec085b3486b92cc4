package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
)

// A breaking store has many records, and fails after some of them.
type breaking struct {
	store.Service
	after   int
	reading chan struct{} // if not nil, a reading waits for it after the first record
}

var errBroken = errors.New("the disk is gone, and with it Ann")

func (b *breaking) Records(_ context.Context, _ store.Reading, read func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error) error {
	customers := func(yield func(store.Customer, error) bool) {
		for i := range b.after {
			if !yield(store.Customer{Phone: fmt.Sprint("555-", i), Name: strings.Repeat("Ann", 100)}, nil) {
				return
			}
			if i == 0 && b.reading != nil {
				<-b.reading
			}
		}
		yield(store.Customer{}, errBroken)
	}
	items := func(yield func(store.Item, error) bool) { yield(store.Item{}, errBroken) }
	return read(customers, items)
}

// A file that breaks off does not look whole; if nothing of it was sent, the answer says what is
// wrong.
func TestBrokenExports(t *testing.T) {
	t.Parallel()
	b := &breaking{Service: memory.New()}
	srv, err := server.New(b, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	url := serve(t, srv)
	key := newKey(t, b, server.ScopeRead, server.ScopeReadPhones)
	for _, name := range []string{"customers.json", "customers.csv", "items.json", "items.csv"} {
		b.after = 0
		if a := fetch(t, url+"/v1/export/"+name, key); a.status != 503 || a.header.Get("Content-Disposition") != "" || strings.Contains(a.body, "Ann") {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
		if !strings.HasPrefix(name, "customers") {
			continue
		}
		b.after = 20_000
		for _, encoding := range []string{"", "gzip"} {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/export/"+name, nil)
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("Accept-Encoding", encoding)
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, a.Body)
			a.Body.Close()
			if err == nil || a.StatusCode != 200 || n < 1<<20 {
				t.Errorf("%s: %s, %d bytes came without an error", name, a.Status, n)
			}
		}
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/export/customers.json HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", key)
	if answer, err := io.ReadAll(conn); err != nil || !strings.Contains(string(answer), " 505 ") {
		t.Errorf("got %s, %v", answer, err)
	}
}

// Only some exports run at once.
func TestManyExports(t *testing.T) {
	t.Parallel()
	b := &breaking{Service: memory.New(), after: 1, reading: make(chan struct{})}
	srv, err := server.New(b, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	url := serve(t, srv)
	key := newKey(t, b, server.ScopeReadPhones)
	statuses := make(chan int, 5)
	for range 5 {
		go func() { statuses <- fetch(t, url+"/v1/export/customers.json", key).status }()
	}
	select {
	case status := <-statuses:
		if status != 503 {
			t.Errorf("got %d", status)
		}
	case <-time.After(20 * time.Second):
		t.Error("all exports run")
	}
	close(b.reading)
	for range 4 {
		<-statuses
	}
}

// A client that does not read is dropped. One that reads may use its connection again.
func TestSlowExports(t *testing.T) {
	t.Parallel()
	b := &breaking{Service: memory.New(), after: 100_000}
	srv, err := server.New(b, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(context.Background())
	srv.SetPieceTime(300 * time.Millisecond)
	url := serve(t, srv)
	key := newKey(t, b, server.ScopeRead, server.ScopeReadPhones)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "GET /v1/export/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + "\r\n\r\n"
	fmt.Fprintf(conn, request, "customers.json")
	wait := func(n int) {
		t.Helper()
		for start := time.Now(); srv.Exports() != n; time.Sleep(time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatalf("%d exports run, want %d", srv.Exports(), n)
			}
		}
	}
	wait(1)
	wait(0)

	s := memory.New()
	whole, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Shutdown(context.Background())
	whole.SetPieceTime(50 * time.Millisecond)
	url = serve(t, whole)
	key = newKey(t, s, server.ScopeRead)
	// All on one connection: the client makes no other one.
	var dials atomic.Int32
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) > 1 {
			return nil, errors.New("the connection was closed")
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}}
	for range 2 {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/export/items.json", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil || string(text) != "{}\n" {
			t.Errorf("got %q, %v", text, err)
		}
		time.Sleep(100 * time.Millisecond) // past the deadline
		r, _ = http.NewRequestWithContext(t.Context(), "HEAD", url+"/v1/export/items.csv", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		if a, err = client.Do(r); err != nil || a.StatusCode != 200 || a.Header.Get("Content-Disposition") != `attachment; filename="items.csv"` {
			t.Errorf("got %v, %v", a, err)
		}
	}
}
