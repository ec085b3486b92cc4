package server

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"process-orders/store"
)

// IsSigned reports whether the signature of a delivery is good.
func IsSigned(c *Connection, secrets []string, header http.Header, body []byte, now time.Time) bool {
	return hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, now})
}

// NewLinkAt makes a link by another clock than that of the machine.
func NewLinkAt(ctx context.Context, s store.Service, now time.Time) (path string, err error) {
	return newLink(ctx, s, now)
}

// HasPhone reports whether a body has a phone.
func HasPhone(body, phone string) bool { return hasPhone([]byte(body), phone) }

// ExpireQuarantined removes what has expired.
func (s *Server) ExpireQuarantined(ctx context.Context) error { return s.expireQuarantined(ctx) }

// CountAll counts a request of each class for each route, and a delivery of each kind and result.
func (s *Server) CountAll() {
	for _, counts := range s.allCounts() {
		for class := 2; class < len(counts.classes); class++ {
			counts.classes[class].Add(1)
		}
	}
	for kind := range hookKinds {
		for _, result := range []string{"applied", "quarantined", "other", "refused", "failed"} {
			s.metrics.hooks[hookLabels{kind, result}]++
		}
	}
}

func (s *Server) allCounts() (all []*routeCounts) {
	for _, one := range s.all {
		all = append(all, one.counts)
	}
	return append(all, &s.metrics.other)
}

// NextDaily is when a time of the day comes next.
func NextDaily(text string, now time.Time) (time.Time, error) {
	d, err := parseDaily(text)
	if d == nil {
		return time.Time{}, err
	}
	return d.next(now), nil
}

// ScrubNow scrubs the store as at the time of the day.
func (s *Server) ScrubNow(ctx context.Context) { _ = s.tidying.scrub(ctx) }

// SetNotFresh lets the next /readyz commit something.
func (s *Server) SetNotFresh() { s.ready.note(context.Canceled) }

// SetPace sets how often the store is asked for changes, how far versions are apart, how often
// something is sent if nothing changes, and how long a listener may take to read.
func (s *Server) SetPace(poll, between, comment, write time.Duration) {
	s.changes.pace = changePace{poll, between, comment, write}
}

// Listeners returns how many listen.
func (s *Server) Listeners() int { return s.changes.count() }

// Tell sends a text to all who listen.
func (s *Server) Tell(text string) {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	s.changes.pass(newFrame([]byte(text)))
}

// SendTest sends an order as the test order of a connection, and returns how far it came.
func (s *Server) SendTest(ctx context.Context, name, order string) (string, error) {
	all, err := s.settings.get(ctx)
	if err != nil {
		return "", err
	}
	c := all.connection(name)
	secrets, err := c.secrets()
	if err != nil {
		return "", err
	}
	header, body, _ := hookKinds[c.Kind].send(&sending{c, secrets[0], []byte(order), s.now()})
	act := (&Act{What: ActConnectionTest, Of: name}).by(ctx)
	result, _, err := s.sendTest(context.WithValue(ctx, testKey{}, act), c, header, body)
	return string(result), err
}

// HeldByHooks is how much memory the bodies of webhooks take.
func (s *Server) HeldByHooks() int64 { return s.strangers.held() }

// Store returns the store.
func (s *Server) Store() store.Service { return s.store }

// SetPieceTime sets in which time a client must take a piece of an export.
func (s *Server) SetPieceTime(d time.Duration) { s.pieceTime = d }

// SetPatience sets for how long a request waits for another one with the same Idempotency-Key.
func (s *Server) SetPatience(d time.Duration) { s.flights.patience = d }

// Exports returns how many exports run.
func (s *Server) Exports() int { return len(s.exports) }

// A RouteInfo is what tests know of a route.
type RouteInfo struct {
	Method, Path     string
	Scope            Scope
	IsPublic, IsHook bool
	IsPage           bool
}

// RoutesOf returns the routes of a server.
func RoutesOf(h http.Handler) (all []RouteInfo) {
	for _, r := range ServerOf(h).all {
		all = append(all, RouteInfo{r.method, r.path, r.scope, r.isPublic, r.isHook, r.isPage})
	}
	return all
}

// ServerOf returns the server that a test asks.
func ServerOf(h http.Handler) *Server {
	if around, ok := h.(interface{ Unwrap() http.Handler }); ok {
		h = around.Unwrap()
	}
	return h.(*Server)
}

// ExpireSignIns removes links and sessions that have expired.
func (s *Server) ExpireSignIns(ctx context.Context) error { return s.expireSignIns(ctx) }

// WithFailingPage is a server of which the page /failing fails.
func WithFailingPage(t *testing.T, s store.Service, err error) http.Handler {
	return withRoutes(t, s, Options{Log: slog.New(slog.DiscardHandler)},
		&route{method: "GET", path: "/failing", isPublic: true, isPage: true, handle: func(*call) error { return err }})
}

// IsStream reports whether the answer of a route has no end.
func IsStream(path string) bool { return path == "/v1/events" || path == pageEventsPath }

// withRoutes is a server with more routes.
func withRoutes(t *testing.T, s store.Service, o Options, more ...*route) *Server {
	t.Helper()
	srv, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Shutdown(context.Background()) })
	srv.more = more
	srv.handler = srv.guard.around(srv.routes())
	return srv
}

// WithRoutes is a server with routes that do not say who may ask.
func WithRoutes(t *testing.T, s store.Service, names ...string) http.Handler {
	var more []*route
	for _, name := range names {
		method, path, _ := strings.Cut(name, " ")
		more = append(more, &route{method: method, path: path, handle: func(c *call) error { return c.answer(200, "in") }})
	}
	return withRoutes(t, s, Options{}, more...)
}

// WithPanics is a server of which routes panic with a text.
func WithPanics(t *testing.T, s store.Service, log io.Writer, text string) http.Handler {
	return withRoutes(t, s, Options{Log: slog.New(slog.NewTextHandler(log, nil))},
		&route{method: "GET", path: "/panic", isPublic: true, handle: func(*call) error { panic(text) }},
		&route{method: "GET", path: "/apart", isPublic: true, handle: func(c *call) error {
			return c.server.readers.read(c.r.Context(), 1, func() error { return panicApartWith(text) })
		}},
		&route{method: "GET", path: "/late", isPublic: true, handle: func(c *call) error {
			_ = c.answer(200, "half")
			panic(text)
		}})
}

func panicApartWith(text string) error { panic(text) }

// WithLongAnswer is a server that writes at /long until that fails.
func WithLongAnswer(t *testing.T, s store.Service, patience time.Duration, ended chan<- error) http.Handler {
	return withRoutes(t, s, Options{Limits: Limits{WriteTime: patience}},
		&route{method: "GET", path: "/long", isPublic: true, handle: func(c *call) (err error) {
			part := make([]byte, 64<<10)
			for n := 0; n < 1<<12 && err == nil; n++ {
				_, err = c.w.Write(part)
			}
			ended <- err
			return nil
		}})
}

// WithPause is a server that takes its time at /pause, and answers with 200 if the client is
// still there then.
func WithPause(t *testing.T, s store.Service, patience, pause time.Duration) http.Handler {
	handle := func(c *call) error {
		_, err := io.Copy(io.Discard, c.r.Body)
		time.Sleep(pause)
		if err = cmp.Or(err, c.r.Context().Err()); err != nil {
			return err
		}
		return c.answer(200, "done")
	}
	return withRoutes(t, s, Options{Limits: Limits{BodyTime: patience, WriteTime: patience}},
		&route{method: "GET", path: "/pause", isPublic: true, handle: handle}, &route{method: "POST", path: "/pause", isPublic: true, handle: handle})
}

// OpenPages returns how many pages wait for changes.
func (s *Server) OpenPages() int {
	s.pages.mu.Lock()
	defer s.pages.mu.Unlock()
	return s.pages.count
}

// HearAgain sets after how long a server listens again to its store.
func (s *Server) HearAgain(d time.Duration) { s.changes.again = d }
