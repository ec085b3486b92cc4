package server

import (
	"net/http"
	"slices"

	"process-orders/internal/page"
)

// A pagePart is a part of the page for people, and where its figures come from.
type pagePart struct {
	name string // of the template in internal/page/parts, and of the section
	// isLive reports whether the part is another one once the records have changed. It is sent to
	// open pages then.
	isLive bool
	view   func(*call, *page.Reader) (any, error)
}

// pageParts are all parts, in the order in which the page shows them.
func (s *Server) pageParts() []pagePart {
	return []pagePart{
		{name: "status", isLive: true, view: (*call).statusPart},
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
	return slices.Concat(all, signInRoutes(), zoneRoutes())
}

// home is the page.
func (c *call) home() error { return c.showPage(http.StatusOK, page.Part{}) }

func (c *call) noPage() error {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.w.Write([]byte("process-orders takes orders here: see /docs and /openapi.json\n"))
	return nil
}

// partHeader is in requests of the page's own script, and names the part that it puts the answer
// into. The answer has it too, with the name of the part that it is.
const partHeader = "X-Part"

// showPart answers what somebody did in a part: with that part alone if the script of the page
// asks, and else with the whole page, in which the part has this view.
func (c *call) showPart(status int, name string, view any) error {
	part := page.Part{Name: name, View: view}
	if c.r.Header.Get(partHeader) == "" {
		return c.showPage(status, part)
	}
	return c.writePart(status, part)
}

// showPage answers with the whole page. The part that has the name of one of its parts takes the
// place of that.
func (c *call) showPage(status int, changed page.Part) error {
	f, reader := &page.Frame{}, c.reader()
	for _, one := range c.server.pageParts() {
		part := page.Part{Name: one.name}
		if one.name == changed.Name {
			part = changed
		} else {
			view, err := one.view(c, reader)
			if err != nil {
				return err
			}
			part.View = view
		}
		f.Parts = append(f.Parts, part)
	}
	return c.writePage(status, f)
}

func (c *call) statusPart(*page.Reader) (any, error) { return page.Status{}, nil }
