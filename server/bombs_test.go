package server_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"process-orders/server"
)

// bomb is a small body that becomes large by decompression.
func bomb(t *testing.T, megabytes int) string {
	t.Helper()
	var all bytes.Buffer
	w, err := gzip.NewWriterLevel(&all, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	spaces := bytes.Repeat([]byte{' '}, 1<<20)
	for range megabytes {
		_, _ = w.Write(spaces)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestBombs sends bombs to all routes, many at once.
func TestBombs(t *testing.T) {
	srv, s := newServer(t, server.Options{})
	key, cookie := newKey(t, s, server.Scopes()...), signIn(t, s, srv.URL)
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	body := bomb(t, 256)
	var peak int64
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, route := range server.RoutesOf(srv.Config.Handler) {
		if server.IsStream(route.Path) || route.Method == "GET" || route.Path == "/sign-out" || route.Path == "/page/rejects/close" { // which read no body
			continue
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				headers := []string{"Authorization", "Bearer " + key, "Content-Encoding", "gzip"}
				if route.IsPage {
					headers = []string{"Cookie", cookie, "X-Part", "files", "Content-Encoding", "gzip", "Content-Type", "application/x-www-form-urlencoded"}
				}
				for k, v := range shopify("sesame", "orders/create", body) {
					headers = append(headers, k, v)
				}
				answer, text, err := tryRaw(t, route.Method, srv.URL+fillPath(route.Path, "shop"), body, headers...)
				if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
					return // it was refused before all was sent, and so the answer may be lost
				}
				if err != nil {
					t.Error(err)
					return
				}
				if answer.StatusCode < 400 || answer.StatusCode >= 500 && problemType(answer, text) != "busy" || problemType(answer, text) == "" && !route.IsPage {
					t.Errorf("%s %s: %s %s", route.Method, route.Path, answer.Status, text)
				}
			})
		}
		group.Wait()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, int64(m.HeapSys)-int64(before.HeapSys))
	}
	if peak > 800<<20 { // four that are opened are 1 GiB
		t.Error("a bomb was opened:", peak>>20, "MiB")
	}
}

// A workbook is as large as its parts are, and a body of orders is bounded by that.
func TestWorkbookBombs(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{BodyBytes: 64 << 10}}) // 640 KiB after decompression
	key := newKey(t, s, server.ScopeIngest)
	for rows, want := range map[int]int{1000: 201, 5000: 413} { // of some 300 bytes each
		a := ask(t, "POST", srv.URL+"/v1/orders?from=shopify-csv", key, workbook(t, rows))
		if a.status != want || want == 413 && a.problem(t).Type != "body-too-large" {
			t.Errorf("%d rows: %d %s", rows, a.status, a.body)
		}
	}
}

// workbook is one of which each row is a line of one order.
func workbook(t *testing.T, rows int) string {
	t.Helper()
	const head = "Name,Phone,Lineitem name,Lineitem price,Lineitem quantity,Created at,Currency,Id\n"
	return workbookOf(t, head+strings.Repeat("#1001,+15550102,Tea,2.50,1,2026-05-04 10:00:00 +0000,USD,1001\n", rows))
}

// What is still compressed after it was decompressed is not opened, also not to say what it looks like: it
// may be a bomb that is opened for each preset.
func TestNestedBodies(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest)
	table, err := os.ReadFile("../examples/orders_export.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/orders", "/v1/orders?from=square-csv", "/v1/files", "/v1/files?from=square-csv"} {
		a := ask(t, "POST", srv.URL+path, key, gzipped(gzipped(string(table))))
		if a.status != 415 || strings.Contains(a.body, "Shopify") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// TestHugeHeaders sends a header that is larger than the server of the command takes.
func TestHugeHeaders(t *testing.T) {
	t.Parallel()
	_, s := newServer(t, server.Options{})
	handler, err := server.New(s, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = handler.Shutdown(t.Context()) }()
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.MaxHeaderBytes = 16 << 10
	srv.Start()
	defer srv.Close()
	for bytes, want := range map[int]int{10 << 10: 401, 64 << 10: 431} {
		answer, _ := askRaw(t, http.MethodGet, srv.URL+"/v1/connections", "", "Authorization", "Bearer po_"+strings.Repeat("a", bytes))
		if answer.StatusCode != want {
			t.Errorf("%d bytes: %s", bytes, answer.Status)
		}
	}
}
