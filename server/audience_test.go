package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
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

// A heard is a server to which somebody listens, and which says nothing by itself.
type heard struct {
	t   *testing.T
	srv *server.Server
	log *safeBuffer
	key string
	url string
	// returned gets a value when a handler has returned.
	returned chan struct{}
}

// newHeard starts one. A listener may take as long as write.
func newHeard(t *testing.T, write time.Duration, start func(*httptest.Server)) *heard {
	t.Helper()
	h := &heard{t: t, log: new(safeBuffer), returned: make(chan struct{}, 100)}
	s := memory.New()
	var err error
	if h.srv, err = server.New(s, server.Options{Log: slog.New(slog.NewTextHandler(h.log, nil))}); err != nil {
		t.Fatal(err)
	}
	h.srv.SetPace(time.Hour, time.Hour, time.Hour, write)
	h.key = newKey(t, s, server.ScopeRead)
	listening := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.srv.ServeHTTP(w, r)
		h.returned <- struct{}{}
	}))
	start(listening)
	h.url = listening.URL
	t.Cleanup(func() {
		_ = h.srv.Shutdown(context.Background())
		listening.Close()
	})
	return h
}

// silent connects a listener that reads nothing.
func (h *heard) silent() net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", h.key)
	<-h.returned
	return conn
}

// waitFor waits until so many listen.
func (h *heard) waitFor(n int) {
	h.t.Helper()
	for start := time.Now(); h.srv.Listeners() != n; time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			h.t.Fatalf("%d listen, want %d", h.srv.Listeners(), n)
		}
	}
}

// The handler of a listener returns, and later events are sent without it. The end of the connection is
// noticed though nothing is sent, and the request counts then: for as long, and as many bytes, as it was
// answered.
func TestHandlerOfListenerReturns(t *testing.T) {
	t.Parallel()
	h := newHeard(t, 20*time.Second, (*httptest.Server).Start)
	l := listenTo(t, h.url, h.key)
	l.snapshot(t)
	<-h.returned
	const said = "event: x\ndata: 1"
	for range 3 {
		h.srv.Tell(said + "\n\n")
		if got := l.next(t, 20*time.Second); got != said {
			t.Errorf("got %q, want %q", got, said)
		}
	}
	if text := h.log.String(); strings.Contains(text, "/v1/events") || strings.Contains(h.metrics(), `route="/v1/events"`) {
		t.Errorf("it is answered still, and counts: %s", text)
	}
	time.Sleep(20 * time.Millisecond)
	l.body.Close()
	h.waitFor(0)
	for start := time.Now(); !strings.Contains(h.log.String(), "/v1/events"); time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatal("its end is not in the log")
		}
	}
	var status, size int
	var took float64
	_, line, _ := strings.Cut(h.log.String(), `route="GET /v1/events" `)
	if _, err := fmt.Sscanf(line, "status=%d bytes=%d took_ms=%g", &status, &size, &took); err != nil || status != 200 || size < 100 || took < 20 {
		t.Errorf("the log has %s", line)
	}
	if !strings.Contains(h.metrics(), `process_orders_requests_total{route="/v1/events",method="GET",status="2xx"} 1`) {
		t.Error("it does not count")
	}
}

func (h *heard) metrics() string {
	w := httptest.NewRecorder()
	h.srv.Ops().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// Whoever does not take what is sent holds nobody up, and leaves when it closes its connection, or when the
// server has no more time to stop.
func TestSlowListenerHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := newHeard(t, time.Hour, (*httptest.Server).Start)
	first := h.silent()
	for range 7 {
		h.silent()
	}
	l := listenTo(t, h.url, h.key)
	l.snapshot(t)
	h.waitFor(9)
	const lines = 16 << 10 // more than buffers of the network take
	h.srv.Tell(strings.Repeat(": "+strings.Repeat("x", 1000)+"\n\n", lines))
	for range lines {
		if got := l.next(t, 20*time.Second); !strings.HasPrefix(got, ": x") {
			t.Fatalf("got %.100q", got)
		}
	}
	h.waitFor(9)
	first.Close()
	h.waitFor(8)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := h.srv.Shutdown(ctx); err == nil {
		t.Error("it has stopped, though a listener has not taken all")
	}
	h.waitFor(0)
}

// A connection of which the answer cannot go on by itself is answered by its handler: one of HTTP/2, and of
// HTTP/1.0. With TLS and HTTP/1.1 it can. Each ends well.
func TestListenersOfAllProtocols(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start   func(*httptest.Server)
		version string
		returns bool
	}{
		"1.0":     {(*httptest.Server).Start, "HTTP/1.0", false},
		"1.1":     {(*httptest.Server).Start, "HTTP/1.1", true},
		"1.1 TLS": {(*httptest.Server).StartTLS, "HTTP/1.1", true},
		"2":       {func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() }, "HTTP/2.0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHeard(t, 20*time.Second, test.start)
			body := h.open(test.version)
			h.waitFor(1)
			h.srv.Tell("event: x\ndata: 1\n\n")
			text := make([]byte, 0, 4096)
			for !bytes.HasSuffix(text, []byte("event: x\ndata: 1\n\n")) {
				n, err := body.Read(text[len(text):cap(text)])
				if text = text[:len(text)+n]; err != nil {
					t.Fatal(err)
				}
			}
			if test.returns {
				<-h.returned
			} else if len(h.returned) > 0 {
				t.Error("the handler has returned")
			}
			h.srv.Drain()
			rest, err := io.ReadAll(body)
			if err != nil || !strings.HasPrefix(string(rest), "retry: ") {
				t.Errorf("it ended with %q: %v", rest, err)
			}
			h.waitFor(0)
		})
	}
}

// open listens by a version of HTTP.
func (h *heard) open(version string) io.Reader {
	h.t.Helper()
	if version == "HTTP/1.0" {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			h.t.Fatal(err)
		}
		h.t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "GET /v1/events HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", h.key)
		return conn
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: version == "HTTP/2.0"}}
	r, err := http.NewRequestWithContext(h.t.Context(), "GET", h.url+"/v1/events", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	a, err := client.Do(r)
	if err != nil || a.StatusCode != 200 || a.Proto != version {
		h.t.Fatal(a, err)
	}
	h.t.Cleanup(func() { a.Body.Close() })
	return a.Body
}
