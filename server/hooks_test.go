package server_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store"
)

// connect makes a connection with a secret in a file.
func connect(t *testing.T, s store.Service, c server.Connection, secrets ...string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(strings.Join(secrets, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.SecretFile = file
	if err := server.Connect(t.Context(), s, c); err != nil {
		t.Fatal(err)
	}
	return file
}

func macOf(secret, body string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// shopify is the headers of a delivery of Shopify.
func shopify(secret, topic, body string) map[string]string {
	return map[string]string{"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(macOf(secret, body))}
}

// woocommerce is the headers of a delivery of WooCommerce.
func woocommerce(secret, topic, body string) map[string]string {
	return map[string]string{"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": base64.StdEncoding.EncodeToString(macOf(secret, body))}
}

// deliver sends a delivery, and returns the status and the result.
func deliver(t testing.TB, url string, headers map[string]string, body string) (status int, result string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var says struct{ Result, Type string }
	text, _ := io.ReadAll(answer.Body)
	if err := json.Unmarshal(text, &says); err != nil {
		t.Fatalf("%s: %s", answer.Status, text)
	}
	return answer.StatusCode, says.Result + says.Type
}

// order is one of Shopify.
func order(id int, phone, name string, minute int, more string) string {
	return fmt.Sprintf(`{"id":%d,"phone":%q,"customer":{"first_name":%q},"created_at":"2026-05-04T10:00:00Z","updated_at":"2026-05-04T10:%02d:00Z",`+
		`"currency":"USD","line_items":[{"name":"Tea","price":"2.50","quantity":1}]%s}`, id, phone, name, minute, more)
}

func TestHookTopics(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify", Shop: "one"}, "sesame")
	url := srv.URL + "/v1/hooks/shop"
	send := func(topic, body, want string) {
		t.Helper()
		if status, result := deliver(t, url, shopify("sesame", topic, body), body); status != 200 || result != want {
			t.Errorf("%s: %d %s, want %s", topic, status, result, want)
		}
	}
	send("orders/create", order(1, "555-0101", "Ann", 1, ""), "applied")
	send("orders/updated", order(2, "555-0102", "Bob", 1, ""), "applied")
	send("orders/cancelled", order(2, "555-0102", "Bob", 3, `,"cancelled_at":"2026-05-04T10:03:00Z"`), "applied")
	send("orders/paid", order(2, "555-0102", "Bob", 2, ""), "applied") // late
	send("orders/delete", `{"id":3}`, "applied")
	send("orders/create", order(3, "555-0103", "Eve", 1, ""), "applied") // late
	send("orders/create", order(4, "555-0104", "Ada", 1, ""), "applied")
	send("orders/delete", `{"id":4}`, "applied")
	send("orders/delete", order(1, "555-0101", "Ann", 1, ""), "quarantined")
	send("products/update", `{"id":9}`, "ignored")
	send("orders/create", `{"nothing":1}`, "quarantined")
	send("orders/create", `{"id":`, "quarantined")
	send("orders/create", `[]`, "quarantined")
	send("orders/create", gzipped(order(5, "555-0105", "Bo", 1, "")), "quarantined")
	send("orders/create", strings.Replace(order(1, "555-0101", "Ann", 1, ""), `"id":1,`, "", 1), "quarantined")
	send("shop/redact", `{"shop_id":1,"shop_domain":"x"}`, "quarantined")
	send("customers/data_request", `{"shop_id":1,"customer":{"phone":"555-0101"}}`, "quarantined")

	for phone, want := range map[string]bool{"555-0101": true, "555-0102": false, "555-0103": false, "555-0104": false} {
		if _, found, err := s.Customer(t.Context(), phone); err != nil || found != want {
			t.Errorf("%s: %v %v", phone, found, err)
		}
	}
	for name, url := range map[string]string{"unknown name": srv.URL + "/v1/hooks/other", "no name": srv.URL + "/v1/hooks/"} {
		if status, result := deliver(t, url, shopify("sesame", "orders/create", "[]"), "[]"); status != 404 {
			t.Error(name, status, result)
		}
	}
	if status, result := deliver(t, url, shopify("simsim", "orders/create", "[]"), "[]"); status != 401 || result != "signature" {
		t.Error(status, result)
	}
	large := `[` + strings.Repeat(" ", 4<<20) + `]`
	if status, _ := deliver(t, url, shopify("sesame", "orders/create", large), large); status != 413 {
		t.Error("a large body:", status)
	}
	state := connections(t, srv.URL, newKey(t, s, server.ScopeAdmin))[0]
	if state["deliveries"] != 17.0 || state["quarantined"] != 8.0 || state["ignored"] != 1.0 || state["refused"] != 1.0 ||
		state["orders"] != 3.0 || state["skipped"] != 3.0 || state["superseded"] != 2.0 || state["url"] != "/v1/hooks/shop" || state["last_error"] != "a signature was not good" {
		t.Error(state)
	}
}

// get reads JSON with a key.
func get(t *testing.T, method, url, key string, to any) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && to != nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s %s: %v: %s", method, url, err, text)
	}
	return answer.StatusCode
}

func connections(t *testing.T, url, key string) []map[string]any {
	t.Helper()
	var all struct{ Connections []map[string]any }
	if status := get(t, "GET", url+"/v1/connections", key, &all); status != 200 {
		t.Fatal(status)
	}
	return all.Connections
}

type quarantined struct{ ID, Connection, Topic, Reason, Body string }

func quarantine(t *testing.T, url, key string) []quarantined {
	t.Helper()
	var all struct{ Quarantine []quarantined }
	if status := get(t, "GET", url+"/v1/quarantine?limit=1000", key, &all); status != 200 {
		t.Fatal(status)
	}
	return all.Quarantine
}

// TestReplay replays what could not be accepted when the mapping reads it.
func TestReplay(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	text := "id = \"id\"\nphone = \"tel\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	c := server.Connection{Name: "till", Kind: "generic", From: "till.toml", Mapping: text, Header: "X-Sig", Encoding: "hex", Prefix: "sha256="}
	connect(t, s, c, "sesame")
	send := func(body string) (int, string) {
		return deliver(t, srv.URL+"/v1/hooks/till", map[string]string{"X-Sig": fmt.Sprintf("sha256=%x", macOf("sesame", body))}, body)
	}
	const body = `{"id":"a","phone":"555-0101","items":[{"name":"Tea","price":1}]}`
	for range 2 {
		if status, result := send(body); status != 200 || result != "quarantined" {
			t.Fatal(status, result)
		}
	}
	key := newKey(t, s, server.ScopeAdmin)
	all := quarantine(t, srv.URL, key)
	if len(all) != 2 || all[0].Connection != "till" || all[0].Reason == "" || all[0].Body != "" {
		t.Fatal(all)
	}
	var one quarantined
	if get(t, "GET", srv.URL+"/v1/quarantine/"+all[0].ID, key, &one); one.Body != body {
		t.Error(one)
	}
	replay := srv.URL + "/v1/quarantine/" + all[0].ID + "/replay"
	if status := get(t, "POST", replay, key, nil); status != 422 || len(quarantine(t, srv.URL, key)) != 2 {
		t.Error("replayed in spite of the mapping:", status)
	}
	c.Mapping = strings.Replace(text, "tel", "phone", 1)
	connect(t, s, c, "sesame")
	if status := get(t, "POST", replay, key, nil); status != 200 {
		t.Error(status)
	}
	if _, found, err := s.Customer(t.Context(), "555-0101"); !found || err != nil {
		t.Error(found, err)
	}
	if status := get(t, "POST", replay, key, nil); status != 404 {
		t.Error("replayed twice:", status)
	}
	for i, want := range []int{204, 404} {
		if answer := do(t, "DELETE", srv.URL+"/v1/quarantine/"+all[1].ID, key); answer != want {
			t.Error(i, answer)
		}
	}
	if all := quarantine(t, srv.URL, key); len(all) != 0 {
		t.Error(all)
	}
	for _, route := range []string{"GET /v1/quarantine", "GET /v1/quarantine/x", "POST /v1/quarantine/x/replay", "DELETE /v1/quarantine/x", "GET /v1/connections"} {
		method, path, _ := strings.Cut(route, " ")
		if status := do(t, method, srv.URL+path, newKey(t, s, server.ScopeIngest, server.ScopeRead, server.ScopeReadPhones, server.ScopeErase)); status != 403 {
			t.Error(route, status)
		}
	}
}

func do(t *testing.T, method, url, key string) int {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), method, url, nil)
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// An undoing counts transactions that were undone.
type undoing struct {
	store.Service
	undone atomic.Int64
}

func (u *undoing) Commit(ctx context.Context, do func(store.Transaction) error) error {
	return u.Service.Commit(ctx, func(tx store.Transaction) error {
		err := do(tx)
		if err != nil {
			u.undone.Add(1)
		}
		return err
	})
}

// TestFullQuarantine refuses deliveries that a full quarantine has no room for, without undoing the
// transactions of others.
func TestFullQuarantine(t *testing.T) {
	t.Parallel()
	_, real := newServer(t, server.Options{})
	s := &undoing{Service: real}
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	_, url := newServerOf(t, s, server.Options{Limits: server.Limits{Quarantined: 1}, Log: slog.New(slog.DiscardHandler)})
	const odd = `{"a":1}`
	for i := range 10 {
		want := 200
		if i > 0 {
			want = 503
		}
		if status, _ := deliver(t, url+"/v1/hooks/shop", shopify("sesame", "orders/create", odd), odd); status != want {
			t.Errorf("%d: %d, want %d", i, status, want)
		}
	}
	if n := s.undone.Load(); n != 0 {
		t.Errorf("%d transactions were undone", n)
	}
	var all struct{ Connections []server.ConnectionState }
	get(t, "GET", url+"/v1/connections", newKey(t, s, server.ScopeAdmin), &all)
	if text, _ := json.Marshal(all); !strings.Contains(string(text), `"the quarantine is full"`) {
		t.Errorf("the connection does not say why: %s", text)
	}
}

// TestQuarantineIsBounded fills the quarantine, and lets it expire.
func TestQuarantineIsBounded(t *testing.T) {
	t.Parallel()
	now := newClock()
	listener, s := newServer(t, server.Options{})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	small, err := server.New(s, server.Options{Limits: server.Limits{Quarantined: 3, QuarantineBytes: 22}, Now: now.Now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(described(t, small))
	t.Cleanup(srv.Close)
	key := newKey(t, s, server.ScopeAdmin)
	send := func(body string) int {
		status, _ := deliver(t, srv.URL+"/v1/hooks/shop", shopify("sesame", "orders/create", body), body)
		return status
	}
	for i, want := range []struct {
		body   string
		status int
	}{{`{"a":1}`, 200}, {`{"a":"bcdefghijklmnopqrstuvwxyz"}`, 503}, {`{"a":1}`, 200}, {`{"a":2}`, 200}, {`{"a":1}`, 503}} {
		if status := send(want.body); status != want.status {
			t.Error(i, status)
		}
	}
	if status := do(t, "DELETE", srv.URL+"/v1/quarantine/"+quarantine(t, srv.URL, key)[0].ID, key); status != 204 {
		t.Error(status)
	}
	if status := send(`{"a":1}`); status != 200 {
		t.Error("no space after one was deleted:", status)
	}
	now.wait(30*24*time.Hour - time.Second)
	for i, want := range []int{3, 0} {
		if err := small.ExpireQuarantined(t.Context()); err != nil {
			t.Error(err)
		}
		if all := quarantine(t, listener.URL, key); len(all) != want {
			t.Errorf("%d: %d in quarantine, want %d", i, len(all), want)
		}
		now.wait(time.Second)
	}
	if status := send(`{"a":1}`); status != 200 {
		t.Error("no space after all have expired:", status)
	}
	if err := small.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	// What a server did not write by itself it writes when it is shut down.
	if state := connections(t, listener.URL, key)[0]; state["deliveries"] != 5.0 || state["quarantined"] != 5.0 {
		t.Error(state)
	}
}

// TestRedact erases a customer by the store's form of the phone, with what is in quarantine.
func TestRedact(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	key := newKey(t, s, server.ScopeAdmin)
	send := func(topic, body, want string) {
		t.Helper()
		if status, result := deliver(t, srv.URL+"/v1/hooks/shop", shopify("sesame", topic, body), body); status != 200 || result != want {
			t.Errorf("%s: %d %s, want %s", topic, status, result, want)
		}
	}
	send("orders/create", order(1, "732-555-0101", "Ann", 1, ""), "applied")
	send("orders/create", order(2, "732-555-0102", "Bob", 1, ""), "applied")
	send("orders/create", `{"id":5,"line_items":7,"phone":"+1 (732) 555-0101"}`, "quarantined")
	send("orders/create", `{"id":6,"line_items":7,"phone":"+1 (732) 555-0102"}`, "quarantined")
	send("customers/redact", order(2, "732-555-0102", "Bob", 1, `,"shop_id":1`), "quarantined") // no redaction
	send("customers/redact", `{"shop_id":1,"customer":{"id":3,"phone":"732-555-0101"},"orders_to_redact":[1,7]}`, "erased")
	send("customers/redact", `{"shop_id":1,"customer":{"id":4,"phone":null},"orders_to_redact":[8]}`, "erased")
	send("orders/updated", order(1, "732-555-0101", "Ann", 5, ""), "applied") // does not make the customer again
	send("orders/create", order(7, "732-555-0103", "Ann", 1, ""), "applied")  // nor does this
	send("orders/create", order(8, "732-555-0104", "Eve", 1, ""), "applied")
	for phone, want := range map[string]bool{"732-555-0101": false, "732-555-0102": true, "732-555-0103": false, "732-555-0104": false} {
		if _, found, err := s.Customer(t.Context(), phone); err != nil || found != want {
			t.Errorf("%s: %v %v", phone, found, err)
		}
	}
	if all := quarantine(t, srv.URL, key); len(all) != 2 {
		t.Error(all)
	}
	if found, err := server.Erase(t.Context(), s, store.Erasure{Phone: "732-555-0102"}, "(732) 555 0102"); !found || err != nil {
		t.Error(found, err)
	}
	if all := quarantine(t, srv.URL, key); len(all) != 0 {
		t.Error(all)
	}
}

// TestSaleorQuery reads what Saleor sends of the query that connect prints.
func TestSaleorQuery(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	connect(t, s, server.Connection{Name: "saleor", Kind: "saleor"}, "sesame")
	const body = `{"order":{"id":"T3JkZXI6MQ==","status":"UNFULFILLED","created":"2026-05-04T10:00:00Z","updated_at":"2026-05-04T11:00:00Z","billing_address":` +
		`{"phone":"+12125550101","first_name":"Ann","last_name":"Reed"},"shipping_address":null,"lines":[{"product_name":"Mug","variant_name":"Blue","quantity":2,"unit_price":{"gross":{"amount":8.5,"currency":"USD"}}}]}}`
	headers := map[string]string{"Saleor-Event": "order_created", "Saleor-Signature": fmt.Sprintf("%x", macOf("sesame", body))}
	if status, result := deliver(t, srv.URL+"/v1/hooks/saleor", headers, body); status != 200 || result != "applied" {
		t.Error(status, result)
	}
	i, found, err := s.Item(t.Context(), "Mug Blue")
	if err != nil || !found || i.Price != "8.5" || len(i.Revenue) != 1 || i.Revenue[0].Currency.String() != "USD" {
		t.Error(i, found, err)
	}
}

// TestSecrets changes the secret of a connection, which counts at once.
func TestSecrets(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	file := connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "old")
	for _, one := range []struct {
		secrets, signer string
		want            int
	}{
		{"old\n", "old", 200}, {"old\n", "new", 401}, {"new\nold\n", "old", 200}, {"new\nold\n", "new", 200}, {"new\n", "new", 200},
		{"new\n", "old", 401}, {"", "", 503}, {"\n \n", "", 503}, {"a\nb\nc\n", "a", 503}, {"new\n", "", 401},
	} {
		if err := os.WriteFile(file, []byte(one.secrets), 0o600); err != nil {
			t.Fatal(err)
		}
		body := order(1, "555-0101", "Ann", 1, "")
		if status, result := deliver(t, srv.URL+"/v1/hooks/shop", shopify(one.signer, "orders/create", body), body); status != one.want {
			t.Errorf("%q, signed with %q: %d %s, want %d", one.secrets, one.signer, status, result, one.want)
		}
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if status, _ := deliver(t, srv.URL+"/v1/hooks/shop", shopify("new", "orders/create", "[]"), "[]"); status != 503 {
		t.Error("a secret that others may read:", status)
	}
	if err := server.Disconnect(t.Context(), s, "shop"); err != nil {
		t.Error(err)
	}
	if status, _ := deliver(t, srv.URL+"/v1/hooks/shop", shopify("new", "orders/create", "[]"), "[]"); status != 404 {
		t.Error("disconnected:", status)
	}
}

// TestConnectRefuses tries connections that could not work.
func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	_, s := newServer(t, server.Options{})
	folder := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good, empty, open := write("good", "sesame\n", 0o600), write("empty", "\n", 0o600), write("open", "sesame\n", 0o644)
	const noID = "phone = \"tel\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	for _, one := range []struct {
		c    server.Connection
		want string
	}{
		{server.Connection{Name: "Shop", Kind: "shopify", SecretFile: good}, "name"},
		{server.Connection{Name: "shop", Kind: "ebay", SecretFile: good}, "no such kind"},
		{server.Connection{Name: "shop", Kind: "square", SecretFile: good}, "SearchOrders"},
		{server.Connection{Name: "shop", Kind: "shopify"}, "place of a secret"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good, SecretEnv: "X"}, "place of a secret"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: empty}, "has no secret"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: open}, "chmod 600"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: folder}, "regular"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good + "x"}, "no such file"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretEnv: "NO_SUCH_VARIABLE"}, "has no secret"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good, Header: "X-Sig"}, "is known"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good, From: "shopfy"}, "no preset"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good, From: "shopify-csv"}, "tables"},
		{server.Connection{Name: "shop", Kind: "generic", SecretFile: good, From: "shopify", Encoding: "hex"}, "header"},
		{server.Connection{Name: "shop", Kind: "generic", SecretFile: good, From: "shopify", Header: "X-Sig", Encoding: "octal"}, "encoding"},
		{server.Connection{Name: "shop", Kind: "generic", SecretFile: good, Header: "X-Sig", Encoding: "hex"}, "needs a preset"},
		{server.Connection{Name: "shop", Kind: "generic", SecretFile: good, Header: "X-Sig", Encoding: "hex", From: "x.toml", Mapping: noID}, "no id"},
		{server.Connection{Name: "shop", Kind: "standard", SecretFile: good, From: "shopify"}, "whsec_"},
		{server.Connection{Name: "shop", Kind: "saleor", PublicKeys: json.RawMessage(`{"keys":[]}`)}, "none for RS256"},
		{server.Connection{Name: "shop", Kind: "shopify", PublicKeys: json.RawMessage(`{"keys":[]}`)}, "not with public keys"},
		{server.Connection{Name: "shop", Kind: "shopify", SecretFile: good, Shop: strings.Repeat("x", 65)}, "shop"},
	} {
		if err := server.Connect(t.Context(), s, one.c); err == nil || !strings.Contains(err.Error(), one.want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%+v: got %v, want %s", one.c, err, one.want)
		}
	}
	if all, err := server.Connections(t.Context(), s); len(all) != 0 || err != nil {
		t.Error(all, err)
	}
	if err := server.Connect(t.Context(), s, server.Connection{Name: "shop", Kind: "shopify", SecretFile: good}); err != nil {
		t.Error(err)
	}
	if err := server.Connect(t.Context(), s, server.Connection{Name: "shop", Kind: "toast", SecretFile: good}); err == nil {
		t.Error("one of another kind was replaced")
	}
	if err := server.Disconnect(t.Context(), s, "other"); !errors.Is(err, server.ErrNoConnection) {
		t.Error(err)
	}
}

// Webhooks that have not come whole take a bounded memory, as anybody may start one. Programs are
// not kept waiting by them.
func TestHookBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	srv, url := newServerOf(t, s, server.Options{Limits: server.Limits{WaitingBytes: 100 << 10}})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	body := order(1, "555-0101", "Ann", 1, "") + strings.Repeat(" ", 80<<10)
	headers := shopify("sesame", "orders/create", body)
	rest, pipe := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/v1/hooks/shop", rest)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	slow := make(chan int)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			slow <- 0
			return
		}
		answer.Body.Close()
		slow <- answer.StatusCode
	}()
	_, _ = io.WriteString(pipe, body[:70<<10])
	for start := time.Now(); srv.HeldByHooks() < 70<<10 && time.Since(start) < time.Minute; {
		time.Sleep(time.Millisecond)
	}
	if status, result := deliver(t, url+"/v1/hooks/shop", headers, body); status != 503 || result != "busy" {
		t.Error("more than there is room for:", status, result)
	}
	if got := send(t, sending{url + "/v1/orders?allow-repeats", newKey(t, s, server.ScopeIngest), tea + strings.Repeat(" ", 80<<10), nil}); got.status != 201 {
		t.Error("a program:", got.status, got.body)
	}
	_, _ = io.WriteString(pipe, body[70<<10:])
	_ = pipe.Close()
	if status := <-slow; status != 200 {
		t.Error("the slow one:", status)
	}
	if status, result := deliver(t, url+"/v1/hooks/shop", headers, body); status != 200 || result != "applied" {
		t.Error("when there is room again:", status, result)
	}
}
