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

// A shopKeeper is a store that knows what each of its shops comes to. The page is of one of them then,
// or of all.
type shopKeeper interface {
	// Shops returns the names of the shops that have orders, sorted.
	Shops(context.Context) ([]string, error)
	// MinutesOf returns the minutes of one shop, as [store.Reader].Minutes does those of all.
	// Customers belong to no shop, so none are new.
	MinutesOf(ctx context.Context, shop string, from, to int64) ([]store.Minute, error)
}

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
// all.
func (c *call) shop(ctx context.Context) (all []string, chosen string, err error) {
	if c.server.shops != nil {
		if all, err = c.server.shops.Shops(ctx); err != nil {
			return nil, "", c.server.readProblem(err)
		}
	}
	if chosen = c.r.URL.Query().Get("shop"); chosen != "" && !slices.Contains(all, chosen) {
		return nil, "", newProblem(http.StatusNotFound, "shop-unknown", "the store has no shop of that name")
	}
	if len(all) < 2 {
		return nil, "", nil
	}
	return all, chosen, nil
}

// minutesOf returns the minutes of one shop, or of all.
func (s *Server) minutesOf(ctx context.Context, from, to time.Time, shop string) ([]store.Minute, error) {
	first, end := store.MinuteOf(from.UnixMilli()), to.UnixMilli()
	if shop == "" {
		return s.store.Minutes(ctx, first, end)
	}
	return s.shops.MinutesOf(ctx, shop, first, end)
}
