package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/server"
)

// fillPath gives the wildcards of a path a value.
func fillPath(path, value string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part == "{$}" {
			parts[i] = ""
		} else if strings.HasPrefix(part, "{") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

// askRaw sends a request of which the headers are pairs, and returns the answer, which is read.
func askRaw(t testing.TB, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	answer, text, err := tryRaw(t, method, url, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return answer, text
}

// tryRaw is askRaw for a request that may get no answer.
func tryRaw(t testing.TB, method, url, body string, headers ...string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Add(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body) // streams may be cut
	return answer, string(text), nil
}

// problemType is the type of a problem document; "" if the answer is none.
func problemType(answer *http.Response, text string) string {
	var p struct {
		Type   string
		Status int
	}
	if answer.Header.Get("Content-Type") != "application/problem+json" || json.Unmarshal([]byte(text), &p) != nil || p.Status != answer.StatusCode {
		return ""
	}
	return p.Type
}

// TestWhoMayAsk asks for every route with every scope and without a good key. Nobody gets in who
// has not the one scope.
func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{FailRate: 1000}})
	keys := map[server.Scope]string{}
	for _, scope := range server.Scopes() {
		keys[scope] = newKey(t, s, scope)
	}
	all := newKey(t, s, server.Scopes()...)
	revoked, err := server.AddKey(t.Context(), s, server.Key{Name: "revoked", Scopes: server.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.RevokeKey(t.Context(), s, "revoked"); err != nil {
		t.Fatal(err)
	}
	expired, err := server.AddKey(t.Context(), s, server.Key{Name: "expired", Scopes: server.Scopes(), Expires: time.Now().Add(1500 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1600 * time.Millisecond)
	bad := map[string][]string{
		"none": nil, "empty": {"Authorization", ""}, "no text": {"Authorization", "Bearer "}, "wrong": {"Authorization", "Bearer po_0123456789ab_x"},
		"cut": {"Authorization", "Bearer " + all[:len(all)-1]}, "longer": {"Authorization", "Bearer " + all + "A"},
		"other case": {"Authorization", "Bearer " + strings.ToUpper(all)}, "no prefix": {"Authorization", "Bearer " + all[3:]},
		"revoked": {"Authorization", "Bearer " + revoked}, "expired": {"Authorization", "Bearer " + expired},
		"basic": {"Authorization", "Basic " + all}, "twice": {"Authorization", "Bearer " + all, "Authorization", "Bearer " + all},
		"cookie": {"Cookie", "Authorization=Bearer " + all}, "other header": {"X-Api-Key", all},
		"session": {"Cookie", signIn(t, s, srv.URL)},
	}
	routes := server.RoutesOf(srv.Config.Handler)
	if len(routes) < 8 {
		t.Fatal(len(routes), "routes")
	}
	for _, route := range routes {
		url := srv.URL + fillPath(route.Path, "x")
		name := route.Method + " " + route.Path
		if route.IsPublic || route.IsHook {
			if answer, text := askRaw(t, route.Method, url, ""); answer.StatusCode == 403 || problemType(answer, text) == "key-required" {
				t.Errorf("%s: %s", name, answer.Status)
			}
			continue
		}
		if route.IsPage { // see TestWhoSeesPages
			continue
		}
		if !slices.Contains(server.Scopes(), route.Scope) {
			t.Errorf("%s: the scope %q", name, route.Scope)
		}
		for why, headers := range bad {
			answer, text := askRaw(t, route.Method, url, "[]", headers...)
			if answer.StatusCode != 401 || answer.Header.Get("WWW-Authenticate") == "" || problemType(answer, text) != "key-required" && route.Method != "HEAD" {
				t.Errorf("%s, %s: %s %s", name, why, answer.Status, text)
			}
		}
		for scope, key := range keys {
			if scope == route.Scope {
				continue
			}
			if answer, text := askRaw(t, route.Method, url, "[]", "Authorization", "Bearer "+key); answer.StatusCode != 403 || problemType(answer, text) != "scope-required" {
				t.Errorf("%s with %s: %s %s", name, scope, answer.Status, text)
			}
		}
		if server.IsStream(route.Path) {
			continue
		}
		if answer, text := askRaw(t, route.Method, url, "[]", "Authorization", "Bearer "+keys[route.Scope]); answer.StatusCode == 401 || problemType(answer, text) == "scope-required" || answer.StatusCode >= 500 {
			t.Errorf("%s with its scope: %s %s", name, answer.Status, text)
		}
	}
}

// TestForgottenScope adds routes that do not say who may ask.
func TestForgottenScope(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.Scopes()...)
	h := server.WithRoutes(t, s, "GET /forgotten", "POST /forgotten")
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for want, headers := range map[int][]string{401: nil, 403: {"Authorization", "Bearer " + key}} {
			r := httptest.NewRequest(method, "http://localhost/forgotten", nil)
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s: %d, want %d", method, w.Code, want)
			}
		}
	}
	_ = srv
}

// TestHosts asks under names that are the server's, and under those of sites that point here.
func TestHosts(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Hosts: []string{"Orders.example.com", "10.0.0.7:8080"}})
	key := newKey(t, s, server.ScopeAdmin)
	for host, isGood := range map[string]bool{
		"localhost": true, "localhost:1": true, "LOCALHOST:8080": true, "127.0.0.1": true, "127.0.0.1:99": true, "[::1]": true, "[::1]:80": true, "localhost.": true,
		"orders.example.com": true, "ORDERS.EXAMPLE.COM:443": true, "orders.example.com.": true, "10.0.0.7": true,
		"evil.example.com": false, "localhost.evil.example.com": false, "127.0.0.1.evil.example.com": false, "evil.example.com:8080": false, "evil-localhost": false,
		"0.0.0.0": false, "[::]": false, "127.0.0.2": false, "10.0.0.8": false, "example.com": false, "[::1].evil.example.com": false, "xorders.example.com": false,
	} {
		for _, path := range []string{"/v1/connections", "/v1/hooks/x", "/", "/none"} {
			answer, text := askRaw(t, "GET", srv.URL+path, "", "Host", host, "Authorization", "Bearer "+key)
			if (answer.StatusCode != 421) != isGood || !isGood && problemType(answer, text) != "other-host" {
				t.Errorf("%s%s: %s %s", host, path, answer.Status, text)
			}
		}
	}
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
	if text, _ := io.ReadAll(conn); !strings.Contains(string(text), " 421 ") {
		t.Errorf("no host: %s", text)
	}
}

// TestOtherSites sends what a page of another site makes a browser send, with its cookies.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.Scopes()...)
	for _, test := range []struct {
		headers []string
		is403   bool
	}{
		{nil, false},
		{[]string{"Sec-Fetch-Site", "cross-site"}, true},
		{[]string{"Sec-Fetch-Site", "same-site"}, true},
		{[]string{"Sec-Fetch-Site", "same-origin"}, false},
		{[]string{"Sec-Fetch-Site", "none"}, false},
		{[]string{"Origin", "https://evil.example.com"}, true},
		{[]string{"Origin", "null"}, true},
		{[]string{"Origin", srv.URL}, false},
	} {
		for _, route := range server.RoutesOf(srv.Config.Handler) {
			if server.IsStream(route.Path) {
				continue
			}
			headers := append([]string{"Cookie", "__Host-session=x", "Authorization", "Bearer " + key}, test.headers...)
			answer, text := askRaw(t, route.Method, srv.URL+fillPath(route.Path, "x"), "[]", headers...)
			want := test.is403 && !route.IsHook && route.Method != "GET"
			if (problemType(answer, text) == "cross-origin") != want || answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s %v: %s %s", route.Method, route.Path, test.headers, answer.Status, text)
			}
		}
	}
}

// TestElsewhere asks for what no route takes.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.Scopes()...)
	for _, test := range []struct {
		request      string
		status       int
		kind, allows string
	}{
		{"GET /none", 404, "not-found", ""},
		{"BREW /none", 404, "not-found", ""},
		{"OPTIONS /none", 404, "not-found", ""},
		{"GET //v1/connections", 404, "not-found", ""},
		{"GET /v1/./connections", 404, "not-found", ""},
		{"GET /v1/hooks/../connections", 404, "not-found", ""},
		{"POST /v1/hooks/%2e%2e/connections", 404, "not-found", ""},
		{"POST /v1%2Fhooks/x", 404, "not-found", ""},
		{"GET /v1/connections/", 404, "not-found", ""},
		{"GET /v1/hooks/x", 405, "method-not-allowed", "POST, OPTIONS"},
		{"GET /v1/hooks/x/y", 404, "not-found", ""},
		{"DELETE /v1/connections", 405, "method-not-allowed", "GET, HEAD, OPTIONS"},
		{"BREW /v1/connections", 405, "method-not-allowed", "GET, HEAD, OPTIONS"},
		{"OPTIONS /v1/connections", 204, "", "GET, HEAD, OPTIONS"},
		{"OPTIONS /v1/hooks/x", 204, "", "POST, OPTIONS"},
		{"PUT /v1/quarantine/x", 405, "method-not-allowed", "GET, HEAD, DELETE, OPTIONS"},
		{"HEAD /v1/connections", 200, "", ""},
		{"HEAD /v1/hooks/x", 405, "", "POST, OPTIONS"},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		answer, text := askRaw(t, method, srv.URL+path, "", "Authorization", "Bearer "+key)
		if answer.StatusCode != test.status || problemType(answer, text) != test.kind && method != "HEAD" || answer.Header.Get("Allow") != test.allows {
			t.Errorf("%s: %s %q %s", test.request, answer.Status, answer.Header.Get("Allow"), text)
		}
		for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"} {
			if answer.Header.Get(name) == "" {
				t.Errorf("%s: no %s", test.request, name)
			}
		}
	}
}

// TestPanic lets a handler panic, before and amid its answer, and by the goroutine that reads for it.
func TestPanic(t *testing.T) {
	t.Parallel()
	_, s := newServer(t, server.Options{})
	var log bytes.Buffer
	srv := httptest.NewServer(server.WithPanics(t, s, &log, "555-0101"))
	defer srv.Close()
	for _, path := range []string{"/panic", "/apart"} {
		answer, text := askRaw(t, "GET", srv.URL+path, "")
		if answer.StatusCode != 500 || problemType(answer, text) != "internal" || strings.Contains(text, "555-") {
			t.Error(path, answer.Status, text)
		}
	}
	if answer, err := http.Get(srv.URL + "/late"); err == nil {
		text, err := io.ReadAll(answer.Body)
		if answer.Body.Close(); err == nil {
			t.Errorf("the answer looks whole: %s", text)
		}
	}
	srv.Close()
	if text := log.String(); strings.Contains(text, "555-0101") || strings.Count(text, "a request panicked") < 3 || strings.Count(text, "msg=request ") != strings.Count(text, "a request panicked") || !strings.Contains(text, "guard") || !strings.Contains(text, "panicApartWith") {
		t.Error(text)
	}
}

// TestLogLine reads the line of the log of a request.
func TestLogLine(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	srv, s := newServer(t, server.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	key := newKey(t, s, server.ScopeAdmin)
	id := "0af76519-16cd-43dd-8448-eb211c80319c"
	trace := "0af7651916cd43dd8448eb211c80319c"
	answer, _ := askRaw(t, "GET", srv.URL+"/v1/connections?secret=555-0101", "", "Authorization", "Bearer "+key,
		"X-Request-Id", id, "Traceparent", "00-"+trace+"-b7ad6b7169203331-01")
	if answer.Header.Get("X-Request-Id") != id {
		t.Error(answer.Header)
	}
	if answer, _ := askRaw(t, "GET", srv.URL+"/none/555-0101", "", "X-Request-Id", "555-0101", "Traceparent", "555-0101"); len(answer.Header.Get("X-Request-Id")) != 32 {
		t.Error(answer.Header)
	}
	srv.Close()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || strings.Contains(log.String(), "555-0101") || strings.Contains(log.String(), key[16:]) {
		t.Fatal(log.String())
	}
	var line struct {
		Route, Request, Trace, Key, Msg, Problem string
		Status                                   int
	}
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || line.Route != "GET /v1/connections" || line.Request != id || line.Trace != trace ||
		line.Key != key[3:15] || line.Status != 200 || line.Msg != "request" {
		t.Error(err, lines[0])
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// TestRates asks too often, and fails too often.
func TestRates(t *testing.T) {
	t.Parallel()
	now := newClock()
	srv, s := newServer(t, server.Options{Limits: server.Limits{KeyRate: 2, FailRate: 0.2}, Now: now.Now})
	admin, ingest := newKey(t, s, server.ScopeAdmin), newKey(t, s, server.ScopeIngest)
	status := func(method, path, key string) int {
		answer, text := askRaw(t, method, srv.URL+path, "[]", "Authorization", "Bearer "+key)
		if answer.StatusCode == 429 && (answer.Header.Get("Retry-After") == "" || problemType(answer, text) == "") {
			t.Error(answer.Header, text)
		}
		return answer.StatusCode
	}
	for i, want := range []int{200, 200, 200, 200, 429} {
		if got := status("GET", "/v1/connections", admin); got != want {
			t.Error(i, got)
		}
	}
	for range 6 {
		if got := status("POST", "/v1/orders", ingest); got != 201 {
			t.Error("orders:", got)
		}
	}
	for i, want := range []int{401, 401, 401, 401, 429, 429} {
		if got := status("GET", "/v1/connections", "po_0123456789ab_x"); got != want {
			t.Error("failures:", i, got)
		}
	}
	now.wait(500 * time.Millisecond)
	for i, want := range []int{200, 429} {
		if got := status("GET", "/v1/connections", admin); got != want {
			t.Error("a good key among failures:", i, got)
		}
	}
}

// A file that comes too slowly is refused as that, though the context of its request ends then.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{BodyTime: 300 * time.Millisecond}})
	key := newKey(t, s, server.ScopeIngest)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n[", key)
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != 408 {
		t.Error(answer, err)
	}
}

// A client that waits to be asked for its body, or announces a large one, is refused at once.
func TestRefusedBeforeBody(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t, server.Options{Limits: server.Limits{BodyTime: time.Hour}})
	for _, headers := range []string{"Expect: 100-continue\r\nContent-Length: 1000\r\n", "Expect: 100-continue\r\nContent-Length: 3000000\r\n", "Content-Length: 3000000\r\n"} {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(conn, "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\n"+headers+"\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != 401 {
			t.Errorf("%q: %v %v", headers, answer, err)
		}
	}
}

// TestSlowBodies sends bodies too slowly, by many clients at once. Others are served meanwhile.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{Limits: server.Limits{BodyTime: 300 * time.Millisecond}})
	key := newKey(t, s, server.ScopeIngest)
	clients := 200
	if soak.On() {
		clients = 2000
	}
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			path := []string{"/v1/orders", "/v1/hooks/x"}[i%2]
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k%d\r\nContent-Length: 100000\r\n\r\n[", path, key, i)
			ended := make(chan struct{})
			go func() { // drips, so that the connection is not idle
				for {
					select {
					case <-ended:
						return
					case <-time.After(50 * time.Millisecond):
						_, _ = conn.Write([]byte(" "))
					}
				}
			}()
			_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			close(ended)
			switch {
			case err != nil:
				t.Error("no answer:", err)
			case i%2 == 0 && answer.StatusCode != 408:
				t.Error(answer.Status)
			}
		})
	}
	for range 20 {
		if answer, text := askRaw(t, "POST", srv.URL+"/v1/orders", "[]", "Authorization", "Bearer "+key); answer.StatusCode != 201 {
			t.Error(answer.Status, text)
		}
	}
	group.Wait()

	// A body that comes steadily takes longer than that, and is fine.
	from, to := io.Pipe()
	go func() {
		_, _ = to.Write([]byte("["))
		for range 12 {
			time.Sleep(60 * time.Millisecond)
			_, _ = to.Write(bytes.Repeat([]byte(" "), 1000))
		}
		_, _ = to.Write([]byte("]"))
		to.Close()
	}()
	r, _ := http.NewRequestWithContext(t.Context(), "POST", srv.URL+"/v1/orders", from)
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != 201 {
		t.Error(answer, err)
	}
}

// TestSlowReaders does not read a long answer. The server gives up.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	_, s := newServer(t, server.Options{})
	ended := make(chan error, 1)
	srv := httptest.NewServer(server.WithLongAnswer(t, s, 200*time.Millisecond, ended))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
	select {
	case err := <-ended:
		if err == nil {
			t.Error("all was written")
		}
	case <-time.After(30 * time.Second):
		t.Error("the server waits without end")
	}
}

// TestPauses takes longer for an answer, and between requests, than a body or an answer may be slow.
func TestPauses(t *testing.T) {
	t.Parallel()
	_, s := newServer(t, server.Options{})
	srv := httptest.NewServer(server.WithPause(t, s, 100*time.Millisecond, 300*time.Millisecond))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	from := bufio.NewReader(conn)
	for i, method := range []string{"POST", "GET", "POST"} {
		fmt.Fprintf(conn, "%s /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, 4*(i%2^1), map[bool]string{true: "body"}[method == "POST"])
		answer, err := http.ReadResponse(from, nil)
		if err != nil {
			t.Fatal(i, err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Errorf("%d: %s %s %v", i, answer.Status, text, err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// fakeConn is a connection from some address.
type fakeConn struct {
	net.Conn
	from string
}

func (c fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from))
}

func (c fakeConn) Close() error { return nil }

type fakeListener struct {
	net.Listener
	from []string
}

func (l *fakeListener) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, io.EOF
	}
	from := l.from[0]
	l.from = l.from[1:]
	return fakeConn{from: from}, nil
}

// TestLimitListener opens too many connections.
func TestLimitListener(t *testing.T) {
	t.Parallel()
	in := &fakeListener{}
	l := server.LimitListener(in, 6, 2)
	open := map[string][]net.Conn{}
	accept := func(from ...string) (n int) {
		for in.from = from; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return n
			}
			at := c.(interface{ RemoteAddr() net.Addr }).RemoteAddr().String()
			open[at] = append(open[at], c)
		}
	}
	if n := accept("10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3", "[::ffff:10.0.0.1]:4", "[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"); n != 4 {
		t.Error(n, "of 2 addresses")
	}
	if n := accept("127.0.0.1:1", "127.0.0.1:2", "[::1]:1"); n != 2 || accept("10.0.0.9:1") != 0 {
		t.Error(n, "of this machine")
	}
	for range 2 { // a second Close changes nothing
		for _, c := range open["10.0.0.1:1"] {
			c.Close()
		}
	}
	if n := accept("10.0.0.1:5", "10.0.0.1:6", "10.0.0.8:6"); n != 1 {
		t.Error(n, "after one was closed")
	}
}

// TestRandomRequests sends requests of all kinds. The server answers each of them as a fault of
// the client, and needs no more memory for it.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	srv, s := newServer(t, server.Options{
		Log:    slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
		Limits: server.Limits{BodyBytes: 64 << 10, FailRate: 1e6, KeyRate: 1e6},
	})
	connect(t, s, server.Connection{Name: "shop", Kind: "shopify"}, "sesame")
	keys := []string{newKey(t, s, server.Scopes()...), newKey(t, s, server.ScopeIngest), "po_0123456789ab_x", ""}
	cookie := signIn(t, s, srv.URL)
	random := soak.Random(t)
	routes := server.RoutesOf(srv.Config.Handler)
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	statuses := map[int]int{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for l := soak.NewLoop(t, "requests", soak.Rounds{Short: 500, Default: 10_000, Soak: 200_000}); l.Next(); {
		r := randomRequest(random, srv.URL, routes, keys)
		if random.IntN(3) == 0 && r.URL.Path != "/sign-out" {
			r.Header.Set("Cookie", cookie)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatalf("%s %q: %v", r.Method, r.URL, err)
		}
		_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		statuses[answer.StatusCode]++
		if answer.StatusCode >= 500 {
			t.Fatalf("%s %q %v: %s", r.Method, r.URL, r.Header, answer.Status)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Error(grown, "bytes more are in use")
	}
	if log.String() != "" {
		t.Error(log.String()[:min(2000, len(log.String()))])
	}
	t.Log(statuses)
}

var hostileTexts = []string{"", "x", "0", "-1", "..", "%", "%2e%2e", "\x00", "'; DROP TABLE x; --", "<script>", "\u202e", "\xff\xfe", "9223372036854775808", "true",
	strings.Repeat("a", 300), strings.Repeat("9", 40), "000000000000000f", strings.Repeat("0", 28), "shopify", "555-0101", "[]", "a/b", "null", "1e999"}

var hostileBodies = []string{"", "[]", "{}", "null", "[", strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 10_000), `{"phone":"1","items":[]}`, `[{"phone":"1","name":"Ann","items":[{"name":"Tea","price":2}]}]`,
	"\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd", "PK\x03\x04", "a,b\n1,2\n", strings.Repeat(" ", 70<<10), "\xef\xbb\xbf[]", "\xff\xfe[\x00]\x00", `{"phone":"555-0101"}`, `"x"`, "1e999999999"}

var hostileHeaders = []string{"Content-Type", "Content-Encoding", "Idempotency-Key", "If-None-Match", "If-Match", "Range", "Accept", "Accept-Encoding", "Last-Event-Id", "X-Request-Id", "Traceparent",
	"X-Shopify-Topic", "X-Shopify-Hmac-Sha256", "Webhook-Id", "Cookie", "X-Forwarded-For", "X-Http-Method-Override", "X-Part", "Accept-Language", "X-Forwarded-Proto", "Sec-Fetch-Site", "If-Modified-Since"}

var headerTexts = []string{"application/json", "text/csv; charset=utf-16", "gzip", "zstd", "*", `W/"x"`, "bytes=0-1,5-", "multipart/form-data; boundary=x", "a;b=c;;", strings.Repeat("k", 400), "identity", "text/event-stream", "\t", "0", "cross-site"}

// randomRequest is a request that is more or less wrong.
func randomRequest(random *rand.Rand, base string, routes []server.RouteInfo, keys []string) *http.Request {
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	route := routes[random.IntN(len(routes))]
	method, path := route.Method, route.Path
	for server.IsStream(path) { // which has no end
		route = routes[random.IntN(len(routes))]
		method, path = route.Method, route.Path
	}
	if random.IntN(4) == 0 {
		method = pick([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "PROPFIND"})
	}
	target, _ := url.Parse(base)
	target.Path = fillPath(path, pick(hostileTexts))
	if random.IntN(6) == 0 {
		target.Path += "/" + pick(hostileTexts)
	}
	query := url.Values{}
	for range random.IntN(4) {
		query.Add(pick([]string{"limit", "after", "before", "from", "shop", "rejects", "decimal", "include", "day-first", "allow-repeats", "cursor", "order", "x"}), pick(hostileTexts))
	}
	target.RawQuery = query.Encode()
	if random.IntN(10) == 0 {
		target.RawQuery = "%zz&;=&limit=%"
	}
	r := &http.Request{Method: method, URL: target, Header: http.Header{}, Host: "localhost"}
	if body := pick(hostileBodies); body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if random.IntN(4) == 0 {
			r.ContentLength = -1
		}
	}
	for range random.IntN(4) {
		r.Header.Add(pick(hostileHeaders), pick(headerTexts))
	}
	if key := pick(keys); key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return r
}

// TestOneObject sends more than the one object that a request has.
func TestOneObject(t *testing.T) {
	t.Parallel()
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeReadPhones)
	for body, want := range map[string]int{`{"name":"ann"}`: 200, " {\"name\":\"ann\"}\n": 200, `{"name":"ann"}}`: 400, `{"name":"ann"}]`: 400, `{"name":"ann"}{}`: 400, `{"name":"ann"}x`: 400, `{"name":"ann"`: 400} {
		if answer, text := askRaw(t, "POST", srv.URL+"/v1/customers/find", body, "Authorization", "Bearer "+key, "Content-Type", "application/json"); answer.StatusCode != want {
			t.Error(body, answer.Status, text)
		}
	}
}

// TestStatusOfHead asks for what has no body: the log has the status that is sent.
func TestStatusOfHead(t *testing.T) {
	t.Parallel()
	var logged lockedBuffer
	srv, s := newServer(t, server.Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	key := newKey(t, s, server.ScopeRead)
	if answer, _ := askRaw(t, "HEAD", srv.URL+"/v1/export/items.csv", "", "Authorization", "Bearer "+key); answer.StatusCode != 200 {
		t.Error(answer.Status)
	}
	for start := time.Now(); logged.String() == "" && time.Since(start) < time.Minute; {
		time.Sleep(time.Millisecond)
	}
	if text := logged.String(); !strings.Contains(text, "status=200") || strings.Contains(text, "status=0") {
		t.Error(text)
	}
}
