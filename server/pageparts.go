package server

import (
	"fmt"

	"process-orders/internal/page"
)

// The live parts of the page.

func (f *pageFigures) status(r *page.Reader) any { return r.NewStatus(&f.health) }
func (f *pageFigures) today(r *page.Reader) any  { return r.NewToday(f.now, f.weekAgo) }
func (f *pageFigures) day(r *page.Reader) any    { return r.NewDay(f.hours, f.present) }
func (f *pageFigures) list(r *page.Reader) any   { return r.NewItems(f.items, f.now.OfShop) }

// feed is the list of orders. It says so if those of the shop were looked for among some orders alone.
func (f *pageFigures) feed(r *page.Reader) any {
	feed := r.NewFeed(f.orders, f.hasOthers)
	if len(f.orders) == 0 && f.searched > 0 {
		feed.NotAmong = fmt.Sprintf(r.Words.Feed.NotAmong, r.Count(f.searched))
	}
	return feed
}

// emptyPart says what to do if the store has nothing yet. The first order takes it away.
func (s *Server) emptyPart(f *pageFigures, _ *page.Reader) any {
	if !f.isEmpty {
		return (*page.Empty)(nil)
	}
	return &page.Empty{Send: s.options.FirstOrder, Connect: s.options.FirstConnection, Most: shownBytes(s.limits.FileBytes)}
}
