package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"process-orders/internal/page"
	"process-orders/store"
)

// frame is the page without its parts, and the figures of its shop, which it gives the reader.
func (c *call) frame(r *page.Reader) (*page.Frame, *pageFigures, error) {
	f := &page.Frame{Reader: r}
	ctx, cancel := c.readContext()
	defer cancel()
	var err error
	if f.Shops, r.Shop, err = c.shop(ctx); err != nil {
		return nil, nil, err
	}
	f.Events = r.To(pageEventsPath)
	figures, err := c.server.figures.get(ctx, r.Zone, r.Shop)
	if err != nil {
		return nil, nil, c.server.readProblem(err)
	}
	return f, figures, nil
}

// shop returns the shops to choose from, if there are several, and the one that the page is of; "" is
// all. Orders of no shop are shown with those of all.
func (c *call) shop(ctx context.Context) (all []string, chosen string, err error) {
	if all, err = c.server.shopNames(ctx); err != nil {
		return nil, "", err
	}
	if chosen = c.askedShop(); chosen != "" && !slices.Contains(all, chosen) {
		return nil, "", errShopUnknown
	}
	if len(all) < 2 {
		return nil, "", nil
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" }), chosen, nil
}

// askedShop is the shop in the address, which may be any text.
func (c *call) askedShop() string { return c.r.URL.Query().Get("shop") }

// knownShop is the shop in the address, if the store has it: else the text may be anything, which
// answers must not repeat.
func (c *call) knownShop() string {
	if c.askedShop() == "" {
		return ""
	}
	ctx, cancel := c.readContext()
	defer cancel()
	_, chosen, err := c.shop(ctx)
	if err != nil {
		return "" // the page of all says more
	}
	return chosen
}

// toPage leads the browser to the page of the same shop, and to a place on it.
func (c *call) toPage(place string) error {
	of := page.Reader{Shop: c.knownShop()}
	http.Redirect(c.w, c.r, of.To("/")+place, http.StatusSeeOther)
	return nil
}

// minutesOf returns the minutes of one shop, or of all.
func (s *Server) minutesOf(ctx context.Context, from, to time.Time, shop string) ([]store.Minute, error) {
	all, err := s.store.Minutes(ctx, store.MinuteOf(from.UnixMilli()), to.UnixMilli())
	if shop != "" {
		all = slices.DeleteFunc(all, func(m store.Minute) bool { return m.Shop != shop })
	}
	return all, err
}
