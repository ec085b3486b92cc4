package server_test

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// newServer returns a server of an empty store in a file. Its answers are compared with the
// description.
func newServer(t testing.TB, o server.Options) (*httptest.Server, store.Service) {
	t.Helper()
	return newServerIn(t, t.TempDir(), o)
}

// newServerIn is newServer with the file in a folder.
func newServerIn(t testing.TB, folder string, o server.Options) (*httptest.Server, store.Service) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if o.Log == nil { // what goes wrong is enough
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	}
	srv, err := server.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(described(t, srv))
	t.Cleanup(func() {
		listener.Close()
		if err := srv.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener, s
}

// newKey makes a key.
func newKey(t testing.TB, s store.Service, scopes ...server.Scope) string {
	t.Helper()
	secret, err := server.AddKey(t.Context(), s, server.Key{Name: rand.Text(), Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// post posts a body. Each call is a request of its own: it has an Idempotency-Key.
func post(t *testing.T, url, key, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", rand.Text())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// TestOrders posts an order, which is in the store when the answer has come.
func TestOrders(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	answer := post(t, srv.URL+"/v1/orders", key, `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`)
	var got server.Received
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != 201 || got.Orders != 1 {
		t.Fatal(answer.Status, got, err)
	}
	c, found, err := s.Customer(t.Context(), "555-0101")
	if err != nil || !found || c.Name != "Ann" {
		t.Error(c, found, err)
	}
	if answer := post(t, srv.URL+"/v1/orders", newKey(t, s, server.ScopeRead), `[]`); answer.StatusCode != 403 {
		t.Error(answer.Status)
	}
	if answer := post(t, srv.URL+"/v1/orders", "po_x_y", `[]`); answer.StatusCode != 401 {
		t.Error(answer.Status)
	}
}

// serve listens for a server that somebody else shuts down.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	listener := httptest.NewServer(described(t, h))
	t.Cleanup(listener.Close)
	return listener.URL
}

// serverOf serves a store in a file that is there.
func serverOf(t *testing.T, file string) (url string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(srv)
	t.Cleanup(func() {
		listener.Close()
		_ = srv.Shutdown(t.Context())
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.URL
}

// statusOf asks a server without a socket, and returns the status.
func statusOf(h http.Handler, method, path, key string) int {
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}
