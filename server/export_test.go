package server

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// IsSigned reports whether the signature of a delivery is good.
func IsSigned(c *Connection, secrets []string, header http.Header, body []byte, now time.Time) bool {
	return hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, now})
}

// HasPhone reports whether a body has a phone.
func HasPhone(body, phone string) bool { return hasPhone([]byte(body), phone) }

// ExpireQuarantined removes what has expired.
func (s *Server) ExpireQuarantined(ctx context.Context) error { return s.expireQuarantined(ctx) }

// A Route is a route as the description must have it.
type Route struct {
	Method, Path string
	Scope        Scope
	IsHook       bool
}

// Routes are all routes, without what patterns have beside paths.
func (s *Server) Routes() (all []Route) {
	plain := strings.NewReplacer("{$}", "", "...}", "}")
	for _, one := range s.table() {
		all = append(all, Route{one.method, plain.Replace(one.path), one.scope, one.isHook})
	}
	return all
}
