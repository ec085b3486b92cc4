package server_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"process-orders/server"
	"process-orders/store/memory"
)

// TestSlowHook sends a webhook faster than a slow body, and never ends it: it is refused when its time is
// over, and others have had room meanwhile, as one address has a part of it.
func TestSlowHook(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	srv, err := server.New(s, server.Options{Log: slog.New(slog.DiscardHandler), Limits: server.Limits{WaitingBytes: 400 << 10, HookTime: 3 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if address := r.Header.Get("X-From"); address != "" {
			r.RemoteAddr = address
		}
		srv.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		listener.Close()
		_ = srv.Shutdown(context.Background())
	})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	conn, err := net.Dial("tcp", listener.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/hooks/shop HTTP/1.1\r\nHost: localhost\r\nX-From: 192.0.2.1:1\r\nContent-Length: 1000000\r\n\r\n%s", strings.Repeat(" ", 90<<10))
	for start := time.Now(); srv.HeldByHooks() < 90<<10 && time.Since(start) < time.Minute; {
		time.Sleep(time.Millisecond)
	}
	body := order(1, "555-0101", "Ann", 1, "") + strings.Repeat(" ", 20<<10)
	for from, want := range map[string]int{"192.0.2.1:2": 503, "192.0.2.2:1": 200, "[2001:db8::1]:1": 200, "127.0.0.1:1": 200} {
		headers := shopify("sesame", "orders/create", body)
		headers["X-From"] = from
		if status, result := deliver(t, listener.URL+"/v1/hooks/shop", headers, body); status != want {
			t.Errorf("from %s: %d %s, want %d", from, status, result, want)
		}
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() { // 10 KiB a second
		for {
			select {
			case <-ended:
				return
			case <-time.After(10 * time.Millisecond):
				_, _ = conn.Write(make([]byte, 100))
			}
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != 408 {
		t.Error(answer, err)
	}
	if n := srv.HeldByHooks(); n != 0 {
		t.Errorf("%d bytes are held", n)
	}
}

// TestConnectionsAreBounded makes as many connections as there may be, and one more; and large ones.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := memory.New()
	one := server.Connection{Kind: "shopify", SecretEnv: "PATH"} // any that is set
	for i := range 201 {
		one.Name = fmt.Sprint("shop", i)
		if err := server.Connect(t.Context(), s, one); (err != nil) != (i == 200) {
			t.Fatal(i, err)
		}
	}
	one.Name = "shop7"
	if err := server.Connect(t.Context(), s, one); err != nil {
		t.Error("one that is replaced:", err)
	}
	one.From, one.Mapping = "large.toml", strings.Repeat("# large\n", 32<<10)+"x"
	if err := server.Connect(t.Context(), s, one); err == nil || !strings.Contains(err.Error(), "256 KiB") {
		t.Error("a large mapping:", err)
	}
}

// TestShopNames gives keys and connections shops that nobody could ask for.
func TestShopNames(t *testing.T) {
	t.Parallel()
	for shop, isGood := range map[string]bool{"": true, "one": true, "Zoë 1": true, " ": false, "\u00a0": false, "a\nb": false, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "\xff": false} {
		key := server.Key{Name: "till", Scopes: server.Scopes(), Shop: shop}
		hook := server.Connection{Name: "shop", Kind: "shopify", Shop: shop, SecretEnv: "SECRET"}
		if a, b := key.Check(), hook.Check(); (a == nil) != isGood || (b == nil) != isGood {
			t.Errorf("%q: a key %v, a connection %v", shop, a, b)
		}
	}
}
