package server

import (
	"net/http"
	"slices"
	"strings"
)

// A route is one thing that can be asked of the server. All routes are in one table, so that
// none forgets to ask who is asking.
type route struct {
	method, path string
	// scope is what the key of a request must have; "" lets everybody ask.
	scope  Scope
	handle func(*call) error
	// isHook reports whether it takes webhooks: other systems send them, which have no key and
	// no cookie, and sign what they send. It is on a mux of its own, outside of what protects
	// from pages of other sites.
	isHook bool
}

// A call is a request that is being answered.
type call struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	key    *Key // nil if nobody needs one
}

// table is all routes.
func (s *Server) table() []*route {
	return slices.Concat(
		[]*route{{method: "GET", path: "/{$}", handle: (*call).home}},
		orderRoutes(), fileRoutes(),
		hookRoutes(), connectionRoutes(), quarantineRoutes(),
	)
}

// routes is the handler of all routes.
func (s *Server) routes() http.Handler {
	mux, hooks := http.NewServeMux(), http.NewServeMux()
	s.all = s.table()
	for _, one := range s.all {
		to := mux
		if one.isHook {
			to = hooks
		}
		to.HandleFunc(one.method+" "+one.path, func(w http.ResponseWriter, r *http.Request) { s.serve(one, w, r) })
	}
	notFound := func(w http.ResponseWriter, r *http.Request) {
		newProblem(http.StatusNotFound, "not-found", "there is nothing at this path").write(w)
	}
	mux.HandleFunc("/", notFound)
	hooks.HandleFunc("/", notFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, HookPath("")) {
			hooks.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// serve answers a request for a route.
func (s *Server) serve(one *route, w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, w: w, r: r}
	err := func() error {
		if one.scope != "" {
			if err := c.authorize(one.scope); err != nil {
				return err
			}
		}
		return one.handle(c)
	}()
	if err != nil {
		p := problemOf(err)
		if p.Status >= http.StatusInternalServerError {
			s.log.Error("a request failed", "route", one.method+" "+one.path, "error", err)
		}
		p.write(w)
	}
}

// home is what / says.
func (c *call) home() error {
	if c.server.options.Page != nil {
		c.server.options.Page.ServeHTTP(c.w, c.r)
		return nil
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := c.w.Write([]byte("process-orders takes orders here: see /openapi.json\n"))
	return err
}
