package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// customerOrders is how many orders of a customer a store has.
func customerOrders(t *testing.T, s store.Service, phone string) int64 {
	t.Helper()
	c, _, err := s.Customer(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	return c.Orders
}

// A request with an Idempotency-Key is done once, and answered as often as it comes.
func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv, s := newServer(t, server.Options{Now: now.Now, KeepReceipts: time.Hour})
	key, other := newKey(t, s, server.ScopeIngest), newKey(t, s, server.ScopeIngest)
	url := srv.URL + "/v1/orders"
	post := func(key, name, body string) answered {
		return send(t, sending{url, key, body, map[string]string{"Idempotency-Key": name, "Content-Type": "application/json"}})
	}
	first := post(key, "a", tea)
	if first.status != 201 || first.header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("got %+v", first)
	}
	for _, replay := range []answered{
		post(key, "a", tea), post(key, `"a"`, tea),
		send(t, sending{url, key, gzipped(tea), map[string]string{"Idempotency-Key": "a", "Content-Type": "application/json"}}),
	} {
		if replay.status != 201 || replay.body != first.body || replay.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("got %+v, want %+v", replay, first)
		}
	}
	for what, s := range map[string]sending{
		"another body":  {url, key, tea + " ", map[string]string{"Idempotency-Key": "a", "Content-Type": "application/json"}},
		"another query": {url + "?rejects=aside", key, tea, map[string]string{"Idempotency-Key": "a", "Content-Type": "application/json"}},
		"another type":  {url, key, tea, map[string]string{"Idempotency-Key": "a", "Content-Type": "text/json"}},
		"a bad body":    {url, key, "{", map[string]string{"Idempotency-Key": "a", "Content-Type": "application/json"}},
	} {
		if got := send(t, s); got.status != 422 || got.problem(t).Type != "idempotency-key-reused" {
			t.Errorf("%s: got %+v", what, got)
		}
	}
	if got := post(other, "a", tea); got.status != 201 || got.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("the key of another caller: %+v", got)
	}
	for _, name := range []string{"", " ", `"`, `""`, `"a`, "a b", "\xe9", strings.Repeat("a", 256), `"a\b"`} {
		if got := post(key, name, tea); got.status != 400 || got.problem(t).Type != "idempotency-key-invalid" {
			t.Errorf("%q: got %+v", name, got)
		}
	}
	if got := post(key, strings.Repeat("a", 255), `[]`); got.status != 201 {
		t.Errorf("got %+v", got)
	}
	if got := post(key, "b", `{"phone"`); got.status != 400 {
		t.Errorf("got %+v", got)
	}
	if got := post(key, "b", tea); got.status != 201 || got.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("after the fix: %+v", got)
	}
	if n := customerOrders(t, s, "555-0101"); n != 3 {
		t.Errorf("%d orders", n)
	}
	now.wait(time.Hour + time.Second)
	if got := post(key, "a", tea+" "); got.status != 201 || got.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("after the receipt has expired: %+v", got)
	}
	if all, err := s.Documents(t.Context(), "receipt", "", false, 100); err != nil || len(all) != 1 {
		t.Errorf("%d receipts are left, %v", len(all), err)
	}
}

// Whoever sends an order without an id needs a key, or says that repeats are fine.
func TestKeyRequired(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	url := srv.URL + "/v1/orders"
	if got := send(t, sending{url: url, key: key, body: tea}); got.status != 400 || got.problem(t).Type != "idempotency-key-required" {
		t.Errorf("got %+v", got)
	}
	for _, c := range []sending{
		{url: url + "?allow-repeats", body: tea},
		{url: url + "?allow-repeats=true", body: tea},
		{url: url + "?from=shopify", body: shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", "")},
		{url: url, body: "[]"},
	} {
		c.key = key
		if got := send(t, c); got.status != 201 {
			t.Errorf("got %+v", got)
		}
	}
}

// Requests with one key are done once, though they come at once and at two servers of one store.
// A client that goes away changes nothing for the others.
func TestRepeatsAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	var servers []*httptest.Server
	var s store.Service
	for range 2 {
		one, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		srv, err := server.New(one, server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		listener := httptest.NewServer(described(t, srv))
		t.Cleanup(func() {
			listener.Close()
			_ = srv.Shutdown(context.Background())
			_ = one.Close()
		})
		servers, s = append(servers, listener), one
	}
	key := newKey(t, s, server.ScopeIngest)
	const keys, repeats = 20, 8
	var group sync.WaitGroup
	var mu sync.Mutex
	bodies, originals := map[string]bool{}, 0
	for i := range keys {
		for j := range repeats {
			group.Go(func() {
				got := send(t, sending{servers[j%2].URL + "/v1/orders", key, strings.ReplaceAll(tea, "Ann", fmt.Sprint("Ann ", i)), map[string]string{"Idempotency-Key": fmt.Sprint("key ", i)[4:] + "k"}})
				mu.Lock()
				defer mu.Unlock()
				if bodies[got.body] = true; got.status != 201 {
					t.Errorf("got %+v", got)
				}
				if got.header.Get("Idempotent-Replayed") == "" {
					originals++
				}
			})
		}
	}
	group.Wait()
	if n := customerOrders(t, s, "555-0101"); n != keys || originals != keys || len(bodies) != 1 {
		t.Errorf("%d orders and %d originals of %d keys: %v", n, originals, keys, bodies)
	}
}

// A receipt tells nobody what was set aside, and replays it all the same.
func TestReceiptsAreSealed(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	request := sending{srv.URL + "/v1/orders?rejects=aside", newKey(t, s, server.ScopeIngest), tea + "\n" + `{"phone":"555-0102","name":"Bob","items":[{"name":"Cake"}]}`,
		map[string]string{"Idempotency-Key": "555-0102"}}
	first, again := send(t, request), send(t, request)
	if r := first.received(t); len(r.Rejects) != 1 || !strings.Contains(r.Rejects[0].Text, "Bob") || again.body != first.body {
		t.Errorf("got %+v, then %+v", first, again)
	}
	all, err := s.Documents(t.Context(), "receipt", "", false, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d receipts, %v", len(all), err)
	}
	var kept struct{ Sealed []byte }
	if err := json.Unmarshal(all[0].Value, &kept); err != nil || len(kept.Sealed) < len(first.body) {
		t.Fatalf("%s, %v", all[0].Value, err)
	}
	for _, text := range []string{"Bob", "0102", "phone"} {
		if strings.Contains(all[0].Key+string(all[0].Value)+string(kept.Sealed), text) {
			t.Errorf("the receipt has %q: %s", text, all[0].Value)
		}
	}
}
