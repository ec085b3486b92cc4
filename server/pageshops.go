package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"process-orders/internal/page"
	"process-orders/store"
)

// frame is the page without its parts, and the figures of its shop.
func (c *call) frame(r *page.Reader) (*page.Frame, *pageFigures, error) {
	f := &page.Frame{}
	ctx, cancel := c.readContext()
	defer cancel()
	var err error
	if f.Shops, f.Shop, err = c.shop(ctx); err != nil {
		return nil, nil, err
	}
	f.Events = pageEventsPath
	if f.Shop != "" {
		f.Events += "?" + url.Values{"shop": {f.Shop}}.Encode()
	}
	figures, err := c.server.figures.get(ctx, r.Zone, f.Shop)
	if err != nil {
		return nil, nil, c.server.readProblem(err)
	}
	return f, figures, nil
}

// shop returns the shops to choose from, if there are several, and the one that the page is of; "" is
// all. Orders of no shop are shown with those of all.
func (c *call) shop(ctx context.Context) (all []string, chosen string, err error) {
	shops, err := c.server.store.Shops(ctx)
	if err != nil {
		return nil, "", c.server.readProblem(err)
	}
	for _, shop := range shops { // several systems may have shops of one name
		all = append(all, shop.Name)
	}
	all = slices.Compact(all)
	if chosen = c.r.URL.Query().Get("shop"); chosen != "" && !slices.Contains(all, chosen) {
		return nil, "", newProblem(http.StatusNotFound, "shop-unknown", "the store has no shop of that name")
	}
	if len(all) < 2 {
		return nil, "", nil
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" }), chosen, nil
}

// minutesOf returns the minutes of one shop, or of all.
func (s *Server) minutesOf(ctx context.Context, from, to time.Time, shop string) ([]store.Minute, error) {
	all, err := s.store.Minutes(ctx, store.MinuteOf(from.UnixMilli()), to.UnixMilli())
	if shop != "" {
		all = slices.DeleteFunc(all, func(m store.Minute) bool { return m.Shop != shop })
	}
	return all, err
}
