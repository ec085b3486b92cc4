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
