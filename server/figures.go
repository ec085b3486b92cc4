package server

import (
	"context"
	"encoding/json"
	"math"
	"sync"
	"time"

	"process-orders/money"
	"process-orders/store"
)

func figureRoutes() []*route {
	return []*route{
		{method: "GET", path: "/v1/summary", scope: ScopeRead, handle: (*call).summary},
		{method: "GET", path: "/v1/hours", scope: ScopeRead, handle: (*call).hours},
	}
}

// Figures are what the orders of some time come to.
type Figures struct {
	// Orders are those that stand.
	Orders int64 `json:"orders"`
	// NewCustomers are those whose first order with a time is in this time. They are those of all
	// shops, so figures of one shop leave them out.
	NewCustomers *int64 `json:"new_customers,omitempty"`
	// Revenue is what the lines cost, by currency; XXX is none.
	Revenue map[string]json.Number `json:"revenue"`
	// Average is the revenue of an order, rounded as [money.Average] does. It is left out if there are
	// no orders, or several currencies: nothing is known then of which order has which.
	Average json.Number `json:"average,omitempty"`
}

// A sumOfMinutes adds minutes up, of one shop or of all.
type sumOfMinutes struct {
	of                   shopChoice
	orders, newCustomers int64
	revenue              []money.Sum
}

func (s *sumOfMinutes) add(m *store.Minute) {
	if !s.of.has(m) {
		return
	}
	s.orders += m.Orders
	s.newCustomers += m.NewCustomers
	for _, sum := range m.Sums {
		s.revenue = money.AddSums(s.revenue, sum.Sum)
	}
}

func (s *sumOfMinutes) figures() Figures {
	f := Figures{Orders: s.orders, Revenue: sumsOf(s.revenue)}
	if !s.of.isOne {
		f.NewCustomers = &s.newCustomers
	}
	if len(s.revenue) == 1 {
		if average, ok := money.Average(s.revenue[0], s.orders); ok {
			f.Average = json.Number(average.Amount.String())
		}
	}
	return f
}

// sumBetween adds up the minutes of a shop between two times.
func (s *Server) sumBetween(ctx context.Context, from, to int64, of shopChoice) (sum sumOfMinutes, err error) {
	sum.of = of
	minutes, err := s.store.Minutes(ctx, from, to)
	for i := range minutes {
		sum.add(&minutes[i])
	}
	return sum, err
}

// A total is the sum of all minutes. It is read in parts, so that years of minutes are never in
// memory together; if a part changes meanwhile, the mark that the total is kept under is not that
// of the store any more, and the next one who asks reads it again.
type total struct {
	sumOfMinutes
	untimed int64 // orders without a time
	at      time.Time
}

// A totalCache has the totals of shops, and that of all, as they were read last.
type totalCache struct {
	mu  sync.Mutex
	all map[shopChoice]*lastTotal
}

// maxTotals is how many are kept.
const maxTotals = 64

func (c *totalCache) of(shop shopChoice) *lastTotal {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[shop]
	if one == nil {
		if c.all == nil || len(c.all) >= maxTotals {
			c.all = map[shopChoice]*lastTotal{}
		}
		one = &lastTotal{}
		c.all[shop] = one
	}
	return one
}

// A lastTotal is a total as it was read last.
type lastTotal struct {
	mu   sync.Mutex
	mark uint64
	took time.Duration
	last *total
}

const (
	// quickTotal is how long reading the total may take each time that it is asked for. One that
	// takes longer is read so seldom that this takes a small part of the time.
	quickTotal = 200 * time.Millisecond
	totalShare = 20
)

// total returns the sum of all minutes of a shop: as it is at that mark or, if it takes long to read,
// as it was a short time ago, at asOf.
func (s *Server) total(ctx context.Context, mark uint64, of shopChoice) (t *total, asOf time.Time, err error) {
	c := s.totals.of(of)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case c.last == nil:
	case c.mark == mark:
		return c.last, asOf, nil
	case c.took > quickTotal && now.Sub(c.last.at) < totalShare*c.took:
		return c.last, c.last.at.UTC().Truncate(time.Second), nil
	}
	start := time.Now()
	if t, err = s.readTotal(ctx, of); err != nil {
		return nil, asOf, err
	}
	c.mark, c.took, c.last = mark, time.Since(start), t
	return t, asOf, nil
}

// partOfTotal is how many milliseconds of minutes are read at once.
const partOfTotal = 183 * 24 * 60 * store.MinuteMilliseconds

func (s *Server) readTotal(ctx context.Context, of shopChoice) (*total, error) {
	t := &total{sumOfMinutes: sumOfMinutes{of: of}, at: time.Now()}
	// Most orders are of this century. What is before it and in the future is one part each.
	from, last := int64(store.NoTime), t.at.UnixMilli()
	for to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(); ; to += partOfTotal {
		if to > last {
			to = math.MaxInt64
		}
		minutes, err := s.store.Minutes(ctx, from, to)
		if err != nil {
			return nil, err
		}
		for i := range minutes {
			if t.add(&minutes[i]); minutes[i].Start == store.NoTime && of.has(&minutes[i]) {
				t.untimed += minutes[i].Orders
			}
		}
		if to == math.MaxInt64 {
			return t, nil
		}
		from = to
	}
}

// zoneOf returns a time zone by its name in the list of IANA; "" is UTC.
func zoneOf(name string) (*time.Location, error) {
	if name == "Local" { // which is that of the server, and says nothing to a client
		name = "-"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, badQuery("zone: want the name of a time zone, as in Europe/Berlin")
	}
	return zone, nil
}
