package server

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"

	"process-orders/internal/page"
	"process-orders/money"
	"process-orders/store"
)

// The live parts of the page.

func (f *pageFigures) status(r *page.Reader) any { return r.NewStatus(&f.health) }
func (f *pageFigures) today(r *page.Reader) any  { return r.NewToday(f.now, f.weekAgo) }
func (f *pageFigures) day(r *page.Reader) any    { return r.NewDay(f.hours, f.present) }
func (f *pageFigures) list(r *page.Reader) any   { return r.NewItems(f.items, f.now.OfShop) }

// readHealth reads how connections and saving do. They change also while the mark of the store stays the same.
func (s *Server) readHealth(ctx context.Context, f *pageFigures) error {
	f.health = page.Health{LastOrder: f.lastOrder, IsEmpty: f.isEmpty, Missed: f.missed, CannotSave: s.ready.hasFailed()}
	size, err := s.quarantineSize(ctx)
	if err != nil {
		return err
	}
	f.health.Quarantined = size.Deliveries
	all, err := s.settings.get(ctx)
	if err != nil {
		return err
	}
	f.health.Connections = len(all.Connections)
	for _, one := range all.Connections {
		state, err := s.hooks.read(ctx, s.store, one.Name)
		if err != nil {
			return err
		}
		if state.LastError != "" && !state.LastErrorAt.Before(state.LastDelivery) {
			f.health.Ailing = append(f.health.Ailing, one.Name)
		}
	}
	return nil
}

// pageItem is an item with its prices, of which the last one is the latest.
func pageItem(i *store.Item) page.Item {
	one := page.Item{Name: i.Name, Orders: i.Orders, Price: i.Price, Revenue: i.Revenue}
	for _, p := range i.Prices {
		one.Prices = append(one.Prices, page.Price{From: timeOf(p.Placed), Price: p.Price})
	}
	if n := len(one.Prices); n > 0 && one.Prices[n-1].Price != i.Price { // it came back, or is one too many
		one.Prices = append(one.Prices, page.Price{Price: i.Price})
	}
	return one
}

// pageOrder is an order without people, with its shop if orders of several are shown.
func pageOrder(o *store.Order, isOfAll bool) (page.Order, error) {
	one := page.Order{Key: orderKey(o), Placed: timeOf(o.Placed)}
	if isOfAll {
		one.Shop = o.Shop
	}
	if o.Skipped {
		if one.Skipped = o.Reason; one.Skipped == "" {
			one.Skipped = "skipped"
		}
	}
	for line, err := range o.Lines.All() {
		if err != nil {
			return one, err
		}
		one.Lines = append(one.Lines, page.Line{Item: line.Item, Quantity: line.Quantity})
		_, cost := line.Cost()
		one.Cost = money.AddSums(one.Cost, cost)
	}
	return one, nil
}

// orderKey is a short text that is the same for an order each time.
func orderKey(o *store.Order) string {
	h := fnv.New64a()
	for _, text := range []string{o.System, o.Shop, o.ID} {
		_, _ = h.Write([]byte(text + "\x00"))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// feed is the list of orders. It says so if those of the shop were looked for among some orders alone.
func (f *pageFigures) feed(r *page.Reader) any {
	feed := r.NewFeed(f.orders, f.hasOthers)
	if len(f.orders) == 0 && f.searched > 0 {
		feed.NotAmong = fmt.Sprintf(r.Words.Feed.NotAmong, r.Count(f.searched))
	}
	return feed
}
