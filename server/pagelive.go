package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"process-orders/internal/page"
)

const pageEventsPath = "/page/events"

func pageLiveRoutes() []*route {
	return []*route{{method: "GET", path: pageEventsPath, scope: ScopeRead, isPage: true, handle: (*call).pageEvents}}
}

// pageEvents sends the live parts of a page that is open, as server-sent events: first all as they
// are, and then those that change. See internal/page/frame.html for what the page does with them.
func (c *call) pageEvents() error {
	ctx, cancel := c.readContext()
	defer cancel()
	reader := c.reader()
	var err error
	if _, reader.Shop, err = c.shop(ctx); err != nil {
		return err
	}
	group, err := c.server.pages.join(ctx, reader)
	if err != nil {
		return err
	}
	defer c.visit.atEnd(func() { c.server.pages.leave(group) })
	whole, heard := group.whole()
	c.startEvents()
	if c.r.Method == http.MethodHead {
		return nil
	}
	if c.send(whole) == nil {
		c.listen(heard, c.server.whileSession(c.session.Hash))
	}
	return nil
}

// openPages are those that wait for changes, in groups.
type openPages struct {
	server *Server

	mu     sync.Mutex
	count  int
	groups map[groupKey]*pageGroup
}

// A groupKey says for whom a page is made.
type groupKey struct {
	words                *page.Words
	language, zone, shop string
}

func groupOf(r *page.Reader) groupKey {
	return groupKey{r.Words, r.Language, r.Zone.String(), r.Shop}
}

// A pageGroup is open pages that show the same. Their live parts are made once for all of them, by one
// goroutine, and only those that have changed are sent.
type pageGroup struct {
	pages  *openPages
	reader page.Reader // with the shop of its pages

	count int                // of its pages; the lock of openPages is for it
	end   context.CancelFunc // ends the goroutine
	ready chan struct{}      // is closed once there are parts, or an error
	err   error

	mu    sync.Mutex
	parts map[string]string // the HTML of each
	text  []byte            // the event with all of them; nil if nobody wanted it yet
	last  *frame
}

// maxGroups is how many groups there are at most, as each one takes work.
const maxGroups = 64

func newOpenPages(s *Server) *openPages {
	return &openPages{server: s, groups: map[groupKey]*pageGroup{}}
}

// join adds a page to the group of those that show the same, and waits until it has something to show.
// The page must leave.
func (o *openPages) join(ctx context.Context, r *page.Reader) (*pageGroup, error) {
	key := groupOf(r)
	o.mu.Lock()
	g := o.groups[key]
	if o.count >= maxListeners || g == nil && len(o.groups) >= maxGroups {
		o.mu.Unlock()
		return nil, busy(http.StatusServiceUnavailable, "listeners-full", "too many pages are open already; try again later", 30*time.Second)
	}
	if g == nil {
		g = &pageGroup{pages: o, reader: *r, ready: make(chan struct{}), parts: map[string]string{}, last: newFrame(nil)}
		o.groups[key] = g
		var run context.Context
		run, g.end = context.WithCancel(context.Background())
		go g.run(run)
	}
	g.count++
	o.count++
	o.mu.Unlock()
	select {
	case <-g.ready:
		if g.err == nil {
			return g, nil
		}
		o.leave(g)
		return nil, g.err
	case <-ctx.Done():
		o.leave(g)
		return nil, errTookTooLong()
	}
}

// leave takes a page out of its group. The last one ends the group.
func (o *openPages) leave(g *pageGroup) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count--
	if g.count--; g.count == 0 {
		o.drop(g)
	}
}

// drop ends a group, so that the next page that is opened makes another one. The lock is held.
func (o *openPages) drop(g *pageGroup) {
	g.end()
	key := groupOf(&g.reader)
	if o.groups[key] == g {
		delete(o.groups, key)
	}
}

// The more pages are open, the longer they wait for the next change, so that commits hardly do.
const (
	pausePerPage  = time.Millisecond
	pausePerGroup = 20 * time.Millisecond
	longestPause  = 2 * time.Second
)

func (o *openPages) pause() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return min(longestPause, time.Duration(o.count)*pausePerPage+time.Duration(len(o.groups))*pausePerGroup)
}

// run makes the parts of a group until nobody is in it, or the server stops.
func (g *pageGroup) run(ctx context.Context) {
	h := g.pages.server.changes
	heard, _, err := h.join(ctx)
	if err != nil {
		g.fail(err)
		return
	}
	defer h.leave()
	if _, err := g.render(ctx); err != nil {
		g.fail(err)
		return
	}
	close(g.ready)
	said := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard.passed:
		}
		if heard = heard.latest(); heard.isLast {
			g.pass(lastFrame())
			return
		}
		changed, err := g.render(ctx)
		if err != nil {
			changed = g.ail(ctx)
		}
		switch {
		case len(changed) > 0:
			g.pass(newFrame(eventOf(changed)))
			said = time.Now()
		case time.Since(said) > h.pace.comment/2: // as nothing is seen of what came meanwhile
			g.pass(newFrame([]byte("event: alive\ndata: 1\n\n")))
			said = time.Now()
		}
		if !sleep(ctx, g.pages.pause()) {
			return
		}
	}
}

// fail lets all who wait for a new group go away with an error.
func (g *pageGroup) fail(err error) {
	g.err = g.pages.server.readProblem(err)
	g.pages.mu.Lock()
	g.pages.drop(g)
	g.pages.mu.Unlock()
	close(g.ready)
}

// render makes the live parts, and returns those that have changed.
func (g *pageGroup) render(ctx context.Context) (map[string]string, error) {
	s := g.pages.server
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	figures, err := s.figures.get(ctx, g.reader.Zone, g.reader.Shop)
	if err != nil {
		return nil, err
	}
	reader, made := g.now(), map[string]string{}
	for _, one := range s.pageParts() {
		if one.live == nil {
			continue
		}
		html, err := reader.Part(page.Part{Name: one.name, View: one.live(figures, reader)})
		if err != nil {
			return nil, err
		}
		made[one.name] = string(html)
	}
	return g.change(made), nil
}

// ail makes the status alone, which says that the store cannot be read. All else stays as it was.
func (g *pageGroup) ail(ctx context.Context) map[string]string {
	if ctx.Err() != nil {
		return nil
	}
	reader := g.now()
	html, err := reader.Part(page.Part{Name: "status", View: reader.NewStatus(&page.Health{CannotRead: true})})
	if err != nil {
		g.pages.server.log.Error("a part of the page cannot be made", "error", err)
		return nil
	}
	return g.change(map[string]string{"status": string(html)})
}

func (g *pageGroup) now() *page.Reader {
	r := g.reader
	r.Now = g.pages.server.now().In(r.Zone)
	return &r
}

// change puts parts into the place of what they were, and returns those that are others now.
func (g *pageGroup) change(made map[string]string) map[string]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	changed := map[string]string{}
	for name, html := range made {
		if g.parts[name] != html {
			changed[name], g.parts[name] = html, html
			g.text = nil
		}
	}
	return changed
}

func (g *pageGroup) pass(f *frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = g.last.pass(f)
	go g.pages.server.audience.wake()
}

// whole returns an event with all parts, and the frame after which what comes is later.
func (g *pageGroup) whole() ([]byte, *frame) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.text == nil {
		g.text = eventOf(g.parts)
	}
	return g.text, g.last
}

// eventOf is an event with parts.
func eventOf(parts map[string]string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // which would make it longer
	_ = e.Encode(parts)    // texts can always be encoded
	return fmt.Appendf(nil, "event: parts\ndata: %s\n", b.Bytes())
}
