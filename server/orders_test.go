package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"process-orders/apply"
	"process-orders/server"
)

// A sent request, of which the zero value posts no orders with a new key.
type sending struct {
	url, key, body string
	header         map[string]string
}

// An answered request.
type answered struct {
	status int
	header http.Header
	body   string
}

// problem is the problem document of the answer.
func (a answered) problem(t *testing.T) (p struct {
	Type, Detail string
	Count        int
	Errors       []struct {
		Pointer, Detail     string
		Line, Column, Order int
	}
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("no problem: %d %s", a.status, a.body)
	}
	return p
}

// received is what became of the orders of the request.
func (a answered) received(t *testing.T) (r server.Received) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != 201 {
		t.Errorf("no orders were received: %d %s", a.status, a.body)
	}
	return r
}

// send sends a request to /v1/orders.
func send(t *testing.T, s sending) answered {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.url, strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	for name, value := range s.header {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return answered{}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answered{answer.StatusCode, answer.Header, string(text)}
}

const tea = `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}`

// square returns a document of a preset whose orders have ids.
func shopifyOrder(id int, updated, name, more string) string {
	return fmt.Sprintf(`{"id":%d,"created_at":"2026-05-04T10:00:00Z","updated_at":%q,"currency":"USD","financial_status":"paid","phone":"+15550101","customer":{"first_name":%q,"last_name":"Lee","phone":"+15550101"},"line_items":[{"title":"Tea","price":"2.50","quantity":1}]%s}`, id, updated, name, more)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func zstded(text string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

// zstdStream is a stream that says how large its window is, as its size is not known.
func zstdStream(text string, window int) string {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(window))
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(w, text)
	_ = w.Flush()
	_ = w.Close()
	return b.String()
}

// What can be said of a body is accepted in any form that the command reads, and refused
// otherwise.
func TestBodies(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{BodyBytes: 256 << 10}})
	key := newKey(t, s, server.ScopeIngest)
	const csv = "Name,Email,Phone,Lineitem name,Lineitem price,Lineitem quantity,Created at,Financial Status,Currency,Id\n" +
		"#1001,,+15550102,Tea,2.50,1,2026-05-04 10:00:00 +0000,paid,USD,1001\n"
	long := strings.Repeat(" ", 1<<20)
	noise := strings.Repeat(tea, (3<<20)/len(tea))
	for _, c := range []struct {
		what, query, content, encoding, body string
		status                               int
		problem                              string
	}{
		{"one order", "", "application/json", "", tea, 201, ""},
		{"an array", "", "application/json; charset=utf-8", "", "[" + tea + "," + tea + "]", 201, ""},
		{"lines", "", "application/x-ndjson", "", tea + "\n" + tea, 201, ""},
		{"an envelope", "", "", "", `{"orders":[` + tea + `]}`, 201, ""},
		{"as curl says", "", "application/x-www-form-urlencoded", "", tea, 201, ""},
		{"none", "", "", "", `[]`, 201, ""},
		{"UTF-16", "", "", "", "\xff\xfe" + strings.Join(strings.Split(tea, ""), "\x00") + "\x00", 201, ""},
		{"another encoding", "", "application/json; charset=windows-1252", "", strings.ReplaceAll(tea, "Ann", "Zo\xeb"), 201, ""},
		{"gzip", "", "application/json", "gzip", gzipped(tea), 201, ""},
		{"gzip unsaid", "", "", "", gzipped(tea), 201, ""},
		{"zstd", "", "", "zstd", zstded(tea), 201, ""},
		{"a preset", "from=shopify", "", "", shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", ""), 201, ""},
		{"a table", "from=shopify-csv", "text/csv", "", csv, 201, ""},
		{"decimal comma", "decimal=,", "", "", strings.ReplaceAll(tea, "2.50", `"2,50"`), 201, ""},
		{"day first", "day-first", "", "", strings.ReplaceAll(tea, `"phone"`, `"date":"04/05/2026","phone"`), 201, ""},

		{"not JSON", "", "", "", `{"phone"`, 400, "body-unreadable"},
		{"no orders", "", "", "", `{"error":"no"}`, 400, "body-unreadable"},
		{"a price that could be two", "", "", "", strings.ReplaceAll(tea, "2.50", `"2,50"`), 422, "orders-rejected"},
		{"another export", "from=square", "", "", shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", ""), 422, "other-export"},
		{"a table without a preset", "", "text/csv", "", csv, 415, "content-unsupported"},
		{"a table for JSON", "from=shopify", "text/csv", "", csv, 415, "content-unsupported"},
		{"JSON for tables", "from=shopify-csv", "application/json", "", tea, 415, "content-unsupported"},
		{"a form", "", "multipart/form-data; boundary=x", "", tea, 415, "content-unsupported"},
		{"a charset that is none", "", "application/json; charset=x", "", tea, 415, "content-unsupported"},
		{"PDF", "", "", "", "%PDF-1.7", 415, "content-unsupported"},
		{"brotli", "", "", "br", tea, 415, "encoding-unsupported"},
		{"gzip that is none", "", "", "gzip", tea, 400, "body-damaged"},
		{"gzip cut off", "", "", "gzip", gzipped(tea)[:40], 400, "body-damaged"},
		{"gzip in gzip", "", "", "gzip", gzipped(gzipped(tea)), 415, "content-unsupported"},
		{"zstd in gzip", "", "", "gzip", gzipped(zstded(tea)), 415, "content-unsupported"},
		{"too large", "", "", "", long, 413, "body-too-large"},
		{"too large at last", "", "", "", gzipped(noise), 413, "body-too-large"},
		{"a bomb", "", "", "", gzipped(strings.Repeat(long, 2)), 413, "body-too-large"},
		{"a bomb of zstd", "", "", "", zstded(strings.Repeat(long, 2)), 413, "body-too-large"},
		{"a large window", "", "", "", zstdStream(tea, 64<<20), 413, "body-too-large"},
		{"a window of 8 MiB", "", "", "", zstdStream(tea, 8<<20), 201, ""},
		{"no preset", "from=x", "", "", tea, 400, "query-invalid"},
		{"a file for a preset", "from=/etc/passwd", "", "", tea, 400, "query-invalid"},
		{"an unknown word", "reject=aside", "", "", tea, 400, "query-invalid"},
		{"no flag", "day-first=maybe", "", "", tea, 400, "query-invalid"},
		{"two presets", "from=shopify&from=square", "", "", tea, 400, "query-invalid"},
		{"include nothing", "include=test", "", "", tea, 400, "query-invalid"},
		{"no shop", "shop=%00", "", "", tea, 400, "query-invalid"},
	} {
		got := send(t, sending{srv.URL + "/v1/orders?allow-repeats&" + c.query, key, c.body, map[string]string{"Content-Type": c.content, "Content-Encoding": c.encoding}})
		if got.status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.what, got.status, got.body, c.status)
			continue
		}
		if c.problem != "" {
			if p := got.problem(t); p.Type != c.problem {
				t.Errorf("%s: got %+v, want %s", c.what, p, c.problem)
			}
		}
		for _, secret := range []string{"555", "Ann", "Lee"} {
			if c.problem != "" && strings.Contains(got.body, secret) {
				t.Errorf("%s: the answer has personal data: %s", c.what, got.body)
			}
		}
	}
}

// The answer to a table that nobody named says how to name it.
func TestUnknownTable(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	got := send(t, sending{srv.URL + "/v1/orders?allow-repeats", key, "Beleg;Artikel;Preis\n17;Kaffee;4,50\n", nil})
	if p := got.problem(t); got.status != 400 || !strings.HasSuffix(p.Detail, ". The body looks like a table (CSV): a preset says what its columns are, ?from=PRESET.") {
		t.Errorf("got %d %+v", got.status, p)
	}
}

// Nothing is saved if one order is rejected, unless the rejects are set aside.
func TestRejects(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	url := srv.URL + "/v1/orders?allow-repeats"
	bad := `{"phone": "555-0102", "name": "Bob", "items": [{"name": "Cake"}]}`
	got := send(t, sending{url: url, key: key, body: strings.Repeat(tea+"\n", 3) + strings.Repeat(bad+"\n", 12)})
	p := got.problem(t)
	if got.status != 422 || p.Count != 12 || len(p.Errors) != 10 {
		t.Fatalf("got %d %+v", got.status, p)
	}
	if e := p.Errors[0]; e.Pointer != "items[0]" && e.Pointer != "items[0].price" || e.Line != 4 || e.Order != 4 || e.Column == 0 || e.Detail == "" {
		t.Errorf("got %+v", e)
	}
	if _, found, err := s.Customer(t.Context(), "555-0101"); found || err != nil {
		t.Errorf("something was saved: %v", err)
	}
	r := send(t, sending{url: url + "&rejects=aside", key: key, body: tea + "\n" + bad + "\nno JSON\n" + tea}).received(t)
	if r.Orders != 2 || r.Rejected != 2 || len(r.Rejects) != 2 || r.Rejects[0].Text != bad || r.Rejects[1].Line != 3 || r.Rejects[1].Text != "no JSON" {
		t.Errorf("got %+v", r)
	}
	if c, _, err := s.Customer(t.Context(), "555-0101"); err != nil || c.Orders != 2 {
		t.Errorf("got %+v, %v", c, err)
	}
	if got := send(t, sending{url: url + "&rejects=aside", key: key, body: bad}); got.status != 422 || got.problem(t).Count != 1 {
		t.Errorf("got %+v", got)
	}
}

// The answer says what became of each order, and what the reading found odd.
func TestReceived(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	url := srv.URL + "/v1/orders?from=shopify"
	first := send(t, sending{url: url, key: key, body: shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", "")}).received(t)
	if first.Orders != 1 || first.Changed+first.Repeated+first.Superseded != 0 || first.Notes != nil {
		t.Errorf("got %+v", first)
	}
	r := send(t, sending{url: url, key: key, body: strings.Join([]string{
		shopifyOrder(1, "2026-05-05T10:00:00Z", "Bob", ""),
		shopifyOrder(1, "2026-05-03T10:00:00Z", "Bob", ""),
		shopifyOrder(2, "2026-05-05T10:00:00Z", "Bob", `,"cancelled_at":"2026-05-05T10:00:00Z"`),
		shopifyOrder(3, "2026-05-05T10:00:00Z", "Bob", ""),
		shopifyOrder(3, "2026-05-05T10:00:00Z", "Bob", ""),
		strings.Replace(shopifyOrder(4, "2026-05-05T10:00:00Z", "Bob", ""), "2026-05-04T10", "2099-05-04T10", 1),
	}, "\n")}).received(t)
	if r.Orders != 3 || r.Changed != 1 || r.Repeated != 1 || r.Superseded != 1 || r.Skipped["cancelled"] != 1 || r.Notes == nil || r.Notes.Future != 1 {
		t.Errorf("got %+v, notes %+v", r, r.Notes)
	}
	table := send(t, sending{url: srv.URL + "/v1/orders?from=etsy-csv", key: key, body: "Order ID,Item Name,Price\n1,Mug,8\n1,,4\n"}).received(t)
	if table.Orders != 1 || table.Notes == nil || table.Notes.NoItem != 1 {
		t.Errorf("got %+v, notes %+v", table, table.Notes)
	}
	if got := send(t, sending{url: url + "&include=cancelled", key: key, body: shopifyOrder(2, "2026-05-05T10:00:00Z", "Bob", "")}); got.status != 409 || got.problem(t).Type != "other-rules" {
		t.Errorf("got %+v", got)
	}
}

// Orders are of the shop of their key, and of no other.
func TestShops(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	one := newKey(t, s, server.ScopeIngest)
	other, err := server.AddKey(t.Context(), s, server.Key{Name: "other", Scopes: []server.Scope{server.ScopeIngest}, Shop: "other"})
	if err != nil {
		t.Fatal(err)
	}
	url, body := srv.URL+"/v1/orders?from=shopify", shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", "")
	for i, c := range []struct {
		key, query             string
		status, orders, repeat int64
	}{{one, "", 201, 1, 0}, {other, "", 201, 1, 0}, {other, "&shop=other", 201, 0, 1}, {one, "&shop=other", 201, 0, 1}, {other, "&shop=third", 403, 0, 0}} {
		got := send(t, sending{url: url + c.query, key: c.key, body: body})
		if int64(got.status) != c.status {
			t.Errorf("%d: %+v", i, got)
		} else if c.status == 201 {
			if r := got.received(t); r.Orders != c.orders || r.Repeated != c.repeat {
				t.Errorf("%d: %+v", i, r)
			}
		}
	}
}

// A disk that is full or away is no fault of a body: it may be sent again.
func TestNoFolderForRows(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Apply: apply.Options{SpoolFolder: "/no/such/folder", MemoryBytes: 1 << 10}})
	rows := strings.Split(strings.TrimSpace(shopifyTable), "\n")
	apart := strings.Join([]string{rows[0], rows[1], rows[3], rows[2], ""}, "\n")
	got := send(t, sending{srv.URL + "/v1/orders?from=shopify-csv", newKey(t, s, server.ScopeIngest), apart, nil})
	if got.status != 503 || strings.Contains(got.body, "folder") {
		t.Error(got.status, got.body)
	}
}

// Rejects that are set aside take a bounded memory, however many a small body makes.
func TestManyRejects(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	url, key := srv.URL+"/v1/orders?allow-repeats&rejects=aside", newKey(t, s, server.ScopeIngest)
	r := send(t, sending{url, key, tea + "\n" + strings.Repeat("x\n", 1500), nil}).received(t)
	if r.Orders != 1 || r.Rejected != 1500 || len(r.Rejects) != 1000 || r.RejectsLeftOut != 500 {
		t.Errorf("%d orders, %d rejects of %d, %d left out", r.Orders, len(r.Rejects), r.Rejected, r.RejectsLeftOut)
	}
	if got := send(t, sending{url, key, strings.Repeat(`{"phone":"555-0102","items":[{"name":"Cake"}]}`+"\n", 1500), nil}); got.status != 422 || got.problem(t).Count != 1500 {
		t.Error(got)
	}
}
