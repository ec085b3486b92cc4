package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// A guard is around all routes. It refuses what no route should see, bounds how slow a client may
// be, and writes a line of the log for each request.
type guard struct {
	server  *Server
	hosts   map[string]bool
	origins *http.CrossOriginProtection
	keys    *rates // requests by the ids of keys
	fails   *rates // requests without a good key, by addresses
}

// Bursts are how much more than their rate keys and addresses may do at once: so many seconds of
// it.
const (
	keyBurst  = 2
	failBurst = 20
)

func newGuard(s *Server) *guard {
	g := &guard{
		server: s, hosts: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true},
		origins: http.NewCrossOriginProtection(),
		keys:    newRates(s.limits.KeyRate, keyBurst), fails: newRates(s.limits.FailRate, failBurst),
	}
	for _, host := range s.options.Hosts {
		g.hosts[hostName(host)] = true
	}
	return g
}

// around is a handler that guards another one.
func (g *guard) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		start := time.Now()
		v := newVisit(r, g.server.now)
		w := newAnswerWriter(to, g.server.limits.WriteTime)
		setHeaders(w.Header(), v)
		ctx, address := r.Context(), r.RemoteAddr // and not all of the request, as its answer may go on for long
		defer func() {
			v.status = w.status
			v.bytes.Store(w.bytes)
			v.atEnd(func() { g.log(ctx, v, address, time.Since(start)) })
			if v.goesOn != nil {
				v.goesOn.start()
			}
		}()
		defer func() {
			if p := recover(); p != nil {
				g.panicked(w, r.WithContext(v.within(r.Context())), p)
			}
		}()
		if !g.hosts[hostName(r.Host)] {
			g.server.refuse(w, r.WithContext(v.within(r.Context())), newProblem(http.StatusMisdirectedRequest, "other-host", "the server is not known by that name: serve --host NAME adds one"))
			return
		}
		in := r.WithContext(v.within(r.Context()))
		if r.Body != nil && r.Body != http.NoBody {
			// The body of r stays: by it net/http knows one that nobody has asked for, and so answers at once.
			in.Body = newSlowBody(r.Body, w.control, g.server.limits.BodyTime)
		}
		next.ServeHTTP(w, in)
		w.status = cmp.Or(w.status, http.StatusOK) // as it is sent if nobody says another one
	})
}

// sameOrigin refuses what a page of another site makes a browser send.
func (g *guard) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.origins.Check(r); err != nil {
			g.server.refuse(w, r, newProblem(http.StatusForbidden, "cross-origin", "a page of another site may not send this"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is the name in a Host header, without a port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// setHeaders sets what all answers have. A page of its own sets another policy.
func setHeaders(h http.Header, v *visit) {
	h.Set("X-Request-Id", v.request)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// elsewhere answers what no route of a mux takes: another method than those of the path, or
// nothing at all.
func (s *Server) elsewhere(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w, done := s.metrics.observe(&s.metrics.other, w)
		defer done()
		allowed := methodsOf(mux, r)
		switch {
		case len(allowed) == 0:
			s.refuse(w, r, errNowhere())
			return
		case !slices.Contains(allowed, http.MethodOptions):
			allowed = append(allowed, http.MethodOptions)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		s.refuse(w, r, newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "the path takes "+strings.Join(allowed, ", ")))
	}
}

func errNowhere() *problem {
	return newProblem(http.StatusNotFound, "not-found", "there is nothing at this path")
}

// methodsOf returns the methods that a mux takes at the path of a request.
func methodsOf(mux *http.ServeMux, r *http.Request) (methods []string) {
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		probe := *r
		probe.Method = method
		if _, pattern := mux.Handler(&probe); pattern != "/" && pattern != "" {
			methods = append(methods, method)
		}
	}
	return methods
}

// limit refuses what a key asks for too often. What brings orders has limits of its own, which
// are those of the disk.
func (g *guard) limit(c *call, scope Scope) error {
	if scope != ScopeIngest && !g.keys.allow(c.key.ID, g.server.now()) {
		return busy(http.StatusTooManyRequests, "too-many-requests", "the key asks too often", time.Second)
	}
	return nil
}

// failed takes note that a request had no good key or signature, and returns what is answered.
func (g *guard) failed(r *http.Request, p *problem) *problem {
	if p.Status != http.StatusUnauthorized || g.fails.allow(addressOf(r.RemoteAddr), g.server.now()) {
		return p
	}
	return busy(http.StatusTooManyRequests, "too-many-failures", "too many requests from this address have no good key or signature: "+p.Detail, time.Second)
}

// panicked answers a request whose handler has panicked. The log has where, and not the text of
// the panic, which may hold anything.
func (g *guard) panicked(w *answerWriter, r *http.Request, p any) {
	stack := debug.Stack()
	if apart, ok := p.(*panicApart); ok {
		p, stack = apart.value, apart.stack
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	v := visitOf(r.Context())
	attributes := []any{"request", v.request, "route", v.route, "stack", string(stack)}
	if err, ok := p.(runtime.Error); ok {
		attributes = append(attributes, "error", err.Error())
	}
	g.server.log.Error("a request panicked", attributes...)
	if w.status != 0 {
		panic(http.ErrAbortHandler) // the client must see that the answer is not whole
	}
	g.server.refuse(w, r, problemOf(errInternal))
}

var errInternal = errors.New("a panic")

// milliseconds is a time in these, to the microsecond.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// log writes the line of a request. It has no path and no query, as they may hold anything.
func (g *guard) log(ctx context.Context, v *visit, address string, took time.Duration) {
	level := slog.LevelInfo
	if v.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if !g.server.log.Enabled(ctx, level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("route", v.route), slog.Int("status", v.status), slog.Int64("bytes", v.bytes.Load()),
		slog.Float64("took_ms", milliseconds(took)), slog.String("request", v.request),
	}
	for _, more := range [][2]string{{"trace", v.trace}, {"key", v.key}, {"connection", v.connection}, {"problem", v.problem}} {
		if more[1] != "" {
			attributes = append(attributes, slog.String(more[0], more[1]))
		}
	}
	switch v.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		attributes = append(attributes, slog.String("address", addressOf(address)))
	}
	g.server.log.LogAttrs(ctx, level, "request", attributes...)
}
