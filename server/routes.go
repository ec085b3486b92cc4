package server

import (
	"net/http"
	"slices"
)

// A route is one thing that can be asked of the server. All routes are in one table, so that
// none forgets to ask who is asking.
type route struct {
	method, path string
	// scope is what the key of a request must have; "" lets everybody ask.
	scope  Scope
	handle func(*call) error
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
		[]*route{{"GET", "/{$}", "", (*call).home}},
		orderRoutes(),
	)
}

// routes is the handler of all routes.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.all = s.table()
	for _, one := range s.all {
		mux.HandleFunc(one.method+" "+one.path, func(w http.ResponseWriter, r *http.Request) { s.serve(one, w, r) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		newProblem(http.StatusNotFound, "not-found", "there is nothing at this path").write(w)
	})
	return mux
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
