package server

import (
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
	if err != nil {
		c.fail(err, one.isPage)
	}
}
