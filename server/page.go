package server

import (
	"net/http"
	"slices"

	"process-orders/internal/page"
)

// A pagePart is a part of the page for people, and where its figures come from.
type pagePart struct {
	name string // of the template in internal/page/parts, and of the section
	// view makes what the part shows.
	view func(*call, *page.Reader) (any, error)
	// live makes it of figures, if the part is another one once the records have changed. It is sent
	// to open pages then. A part has one of the two.
	live func(*pageFigures, *page.Reader) any
}

// pageParts are all parts, in the order in which the page shows them.
func (s *Server) pageParts() []pagePart {
	return []pagePart{
		{name: "status", live: (*pageFigures).status},
		{name: "empty", live: s.emptyPart},
		{name: "today", live: (*pageFigures).today},
		{name: "day", live: (*pageFigures).day},
		{name: "feed", live: (*pageFigures).feed},
		{name: "items", live: (*pageFigures).list},
		{name: "files", view: (*call).filesPart},
		{name: "rejects", view: (*call).rejectsPart},
		{name: "find", view: (*call).findPart},
		{name: "connections", view: (*call).connectionsPart},
		{name: "quarantine", view: (*call).quarantinePart},
		{name: "backup", view: (*call).backupPart},
		{name: "zone", view: (*call).zonePart},
	}
}

// pageRoutes are those of the page and of its parts. Without the page, / says in a line what the
// server is.
func (s *Server) pageRoutes() []*route {
	if s.options.NoPage {
		return []*route{{method: "GET", path: "/{$}", isPublic: true, isPage: true, handle: (*call).noPage}}
	}
	all := []*route{{method: "GET", path: "/{$}", scope: ScopeRead, isPage: true, handle: (*call).home}}
	for _, asset := range page.Assets() {
		all = append(all, &route{method: "GET", path: asset.Path, isPublic: true, isPage: true, handle: func(c *call) error {
			h := c.w.Header()
			h.Set("Content-Type", asset.Type)
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			_, err := c.w.Write(asset.Text)
			return err
		}})
	}
	return slices.Concat(all, signInRoutes(), zoneRoutes(), pageLiveRoutes(), pageFileRoutes(), pageRejectRoutes(),
		findRoutes(), connectionPageRoutes(), quarantinePageRoutes(), backupRoutes())
}

// PreparePage does what the first request for the page would wait for else, which takes some 30 ms. It is
// for a goroutine of its own, once the server listens.
func (s *Server) PreparePage() {
	if !s.options.NoPage {
		page.Prepare()
	}
}

// home is the page, or one part of it as it is now.
func (c *call) home() error {
	name := c.r.Header.Get(partHeader)
	for _, one := range c.server.pageParts() {
		if one.name == name && one.view != nil {
			view, err := one.view(c, c.reader())
			if err != nil {
				return err
			}
			return c.writePart(http.StatusOK, page.Part{Name: name, View: view})
		}
	}
	return c.showPage(http.StatusOK, page.Part{})
}

func (c *call) noPage() error {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.w.Write([]byte("process-orders takes orders here: see /docs and /openapi.json\n"))
	return nil
}
