package server

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A route is one thing that can be asked of the server. All routes are in one table, so that
// none forgets to ask who is asking.
type route struct {
	method, path string
	// scope is what the key of a request must have. A route without one is refused to all, unless
	// it says isPublic or isHook. Who sees the page has all scopes.
	scope  Scope
	handle func(*call) error
	// isPublic lets everybody ask.
	isPublic bool
	// isHook reports whether it takes webhooks: other systems send them, which have no key and
	// no cookie, and sign what they send. It is on a mux of its own, outside of what protects
	// from pages of other sites.
	isHook bool
	// isPage reports whether people see it in a browser, which signs in and has a cookie. Other
	// routes take keys and no cookies. If it is public too, everybody sees it.
	isPage bool
	// isConfirmed reports whether the handler makes sure that the key is good when it commits, so
	// that the settings as they were read last will do to enter.
	isConfirmed bool
	counts      *routeCounts
}

// name is how the route is called in logs.
func (r *route) name() string { return r.method + " " + r.path }

// A call is a request that is being answered.
type call struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	visit  *visit
	key    *Key // nil if nobody needs one
	// session is that of the browser, on pages; nil if nobody needs one
	session *session
}

// table is all routes.
func (s *Server) table() []*route {
	return slices.Concat(
		s.pageRoutes(), openapiRoutes(), orderRoutes(), fileRoutes(),
		hookRoutes(), connectionRoutes(), quarantineRoutes(),
		customerRoutes(), itemRoutes(), knownOrderRoutes(), figureRoutes(), exportRoutes(), eventRoutes(),
		auditRoutes(),
	)
}

// routes is the handler of all routes.
func (s *Server) routes() http.Handler {
	mux, hooks := http.NewServeMux(), http.NewServeMux()
	s.all = append(s.table(), s.more...)
	for _, one := range s.all {
		one.counts = countsOf(one)
		to := mux
		if one.isHook {
			to = hooks
		}
		to.HandleFunc(one.name(), func(w http.ResponseWriter, r *http.Request) { s.serve(one, w, r) })
	}
	mux.HandleFunc("/", s.elsewhere(mux))
	hooks.HandleFunc("/", s.elsewhere(hooks))
	others := s.guard.sameOrigin(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isClean(r.URL.EscapedPath()) { // else a mux repeats it in an answer
			s.refuse(w, r, errNowhere())
			return
		}
		if strings.HasPrefix(r.URL.Path, HookPath("")) {
			hooks.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// isClean reports whether a path has no parts that lead elsewhere.
func isClean(p string) bool {
	clean := path.Clean(p)
	return strings.HasPrefix(p, "/") && (p == clean || clean != "/" && p == clean+"/")
}

// serve answers a request for a route.
func (s *Server) serve(one *route, w http.ResponseWriter, r *http.Request) {
	w, done := s.metrics.observe(one.counts, w)
	c := &call{server: s, w: w, r: r, visit: visitOf(r.Context())}
	defer c.visit.atEnd(done)
	c.visit.route = one.name()
	err := c.enter(one)
	if err == nil {
		err = one.handle(c)
	}
	if err == nil {
		return
	}
	p := s.guard.failed(r, problemOf(err))
	if p.Type == keyRequired {
		w.Header().Set("WWW-Authenticate", `Bearer realm="process-orders"`)
	}
	if isOver := r.Context().Err() != nil; isOver && (p.Type == tooSlow || p.Type == incomplete || errors.Is(err, context.Canceled)) {
		p = errGone()
	} else if !asProblem(err, new(*problem)) {
		s.log.Error("a request failed", "route", one.name(), "request", c.visit.request, "error", err)
	}
	c.refuse(p, one.isPage)
}

// tooSlow is the type of the problem of a reading or a commit that was ended.
const tooSlow = "too-slow"

// statusGone is that of a request whose client has gone before it was answered. No client sees it.
const statusGone = 499

func errGone() *problem { return newProblem(statusGone, "gone", "the client has gone") }

// enter lets a request in to a route, and records what must be recorded before.
func (c *call) enter(one *route) error {
	if !one.isPublic && !one.isHook {
		in := c.authorize
		switch {
		case one.isPage:
			in = func(Scope) error { return c.enterPage() }
		case one.isConfirmed:
			in = c.authorizeForNow
		}
		if err := in(one.scope); err != nil {
			return err
		}
		if err := c.server.guard.limit(c, one.scope); err != nil {
			return err
		}
	}
	if one.scope == ScopeReadPhones && !one.isPage { // a page records whom it shows
		return c.server.record(c.r.Context(), &Act{What: ActCustomers, Of: one.name()})
	}
	return nil
}
