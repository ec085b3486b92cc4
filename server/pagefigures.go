package server

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"process-orders/internal/page"
	"process-orders/money"
	"process-orders/store"
)

// pageFigures are what the live parts of the page show: of one shop or of all, for readers in one zone.
type pageFigures struct {
	mark   uint64    // of the store
	minute time.Time // up to the end of which they are

	now, weekAgo page.Sums   // so far, and of the same weekday up to the same minute
	hours        []page.Hour // of the clock
	present      int         // the hour that is not over
	items        []page.Item
	orders       []page.Order
	searched     int64 // orders of all shops among which those of the shop were looked for; 0 means all
	hasOthers    bool  // there are orders, though none that can be listed
	isEmpty      bool  // there is nothing at all
	lastOrder    time.Time
	missed       int64 // orders of a week ago in the time since the last one

	health page.Health
}

// A figuresOf says what figures are of.
type figuresOf struct{ zone, shop string }

// A figureCache has the figures that were read last. Those who ask at once share a reading.
type figureCache struct {
	server *Server
	mu     sync.Mutex
	all    map[figuresOf]*shared[*pageFigures]
}

// maxFigures is how many are kept. Readers choose their zones, of which there are hundreds.
const maxFigures = 64

func newFigureCache(s *Server) *figureCache {
	return &figureCache{server: s, all: map[figuresOf]*shared[*pageFigures]{}}
}

// get returns figures as they are at some time during the call. They must not be changed.
func (c *figureCache) get(ctx context.Context, zone *time.Location, shop string) (*pageFigures, error) {
	return c.of(zone, shop).get(ctx)
}

func (c *figureCache) of(zone *time.Location, shop string) *shared[*pageFigures] {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := figuresOf{zone.String(), shop}
	one := c.all[key]
	if one == nil {
		if len(c.all) >= maxFigures {
			clear(c.all)
		}
		var last *pageFigures // one goroutine reads at a time
		one = &shared[*pageFigures]{read: func(ctx context.Context) (f *pageFigures, err error) {
			if f, err = c.server.readFigures(ctx, c.server.now().In(zone), shop, last); err == nil {
				last = f
			}
			return f, err
		}}
		c.all[key] = one
	}
	return one
}

// readFigures reads figures. As long as the mark of the store and the minute are those of the last
// ones it reads the health alone. The mark is read before the figures: those that are newer than their
// mark are read again.
func (s *Server) readFigures(ctx context.Context, now time.Time, shop string, last *pageFigures) (*pageFigures, error) {
	totals, err := s.store.Totals(ctx)
	if err != nil {
		return nil, err
	}
	f := &pageFigures{mark: totals.Mark, minute: now.Truncate(time.Minute)}
	if last != nil && last.mark == f.mark && last.minute.Equal(f.minute) {
		*f = *last
		return f, s.readHealth(ctx, f)
	}
	f.isEmpty = totals.Customers+totals.Items+totals.Orders == 0
	for _, read := range []func() error{
		func() error { return s.readLatest(ctx, f, now, shop) },
		func() error { return s.readDays(ctx, f, now, shop) },
		func() error { return s.readItems(ctx, f) },
		func() error { return s.readHealth(ctx, f) },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	f.hasOthers = len(f.orders) == 0 && f.searched == 0 && totals.Items > 0
	return f, nil
}

const (
	shownItems  = 10
	shownOrders = 16 // twelve where they would be longer than what is beside them
	// searchedOrders is among how many of the latest orders those of one shop are looked for, and
	// searchedAtOnce how many of them are read at once.
	searchedOrders = 2000
	searchedAtOnce = 200
)

func (s *Server) readItems(ctx context.Context, f *pageFigures) error {
	found, _, err := s.store.Items(ctx, store.Search{}, "", shownItems)
	if err != nil {
		return err
	}
	for i := range found {
		whole, isThere, err := s.store.Item(ctx, found[i].Name)
		if err != nil {
			return err
		}
		if isThere { // as another process may take an item back
			f.items = append(f.items, pageItem(&whole))
		}
	}
	return nil
}

// readLatest reads the latest orders, page after page until there are enough of the shop.
func (s *Server) readLatest(ctx context.Context, f *pageFigures, now time.Time, shop string) error {
	limit := shownOrders
	if shop != "" {
		limit = searchedAtOnce
	}
	searched := int64(0)
	for after := ""; len(f.orders) < shownOrders; {
		found, next, err := s.store.Orders(ctx, after, limit)
		if err != nil {
			return err
		}
		if err := f.addOrders(found, now, shop); err != nil {
			return err
		}
		if searched += int64(len(found)); next == "" {
			return nil
		}
		if searched >= searchedOrders {
			f.searched = searched
			return nil
		}
		after = next
	}
	return nil
}

// addOrders adds those of some orders that are of the shop, as many as are shown.
func (f *pageFigures) addOrders(found []store.Order, now time.Time, shop string) error {
	for i := range found {
		o := &found[i]
		if placed := timeOf(o.Placed); placed.After(f.lastOrder) && !placed.After(now) && isOfShop(o.Shop, shop) {
			f.lastOrder = placed
		}
		if len(f.orders) == shownOrders || !isOfShop(o.Shop, shop) {
			continue
		}
		order, err := pageOrder(o, shop == "")
		if err != nil {
			return err
		}
		f.orders = append(f.orders, order)
	}
	return nil
}

// isOfShop reports whether something of a shop is on the page of one, or of all: "".
func isOfShop(shop, of string) bool { return of == "" || shop == of }

// readHealth reads how connections and saving do. They change also while the mark of the store stays the same.
// What is damaged of that does not keep the page from being shown.
func (s *Server) readHealth(ctx context.Context, f *pageFigures) error {
	f.health = page.Health{LastOrder: f.lastOrder, IsEmpty: f.isEmpty, Missed: f.missed, CannotSave: s.ready.hasFailed()}
	for _, read := range []func(context.Context, *pageFigures) error{s.readWaiting, s.readConnections} {
		err := read(ctx, f)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return err
		}
		if err != nil {
			s.log.Error("the store is damaged", "error", err)
			f.health.IsDamaged = true
		}
	}
	return nil
}

func (s *Server) readWaiting(ctx context.Context, f *pageFigures) error {
	size, err := s.quarantineSize(ctx)
	f.health.Quarantined = size.Deliveries
	return err
}

func (s *Server) readConnections(ctx context.Context, f *pageFigures) error {
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
