package server

import "strings"

// A Route is a route as the description must have it.
type Route struct {
	Method, Path string
	Scope        Scope
	IsHook       bool
}

// Routes are all routes for programs, without what patterns have beside paths.
func (s *Server) Routes() (all []Route) {
	plain := strings.NewReplacer("{$}", "", "...}", "}")
	for _, one := range s.table() {
		if one.isPage { // which is for people, and no part of what programs are promised
			continue
		}
		all = append(all, Route{one.method, plain.Replace(one.path), one.scope, one.isHook})
	}
	return all
}
