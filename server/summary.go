package server

import (
	"context"
	"time"

	"process-orders/store"
)

// A Summary is what a store comes to, or one shop in it, without people.
type Summary struct {
	// Shop is the one that the figures are of; nil is all. "" is the orders that have no shop.
	Shop *string `json:"shop,omitempty"`
	// StoreSummary is left out of the summary of one shop.
	*StoreSummary
	// Total is of all orders that stand.
	Total TotalFigures `json:"total"`
	// Today is the day in the zone, so far.
	Today DayFigures `json:"today"`
}

// A StoreSummary has what is known of a store as a whole, and not by shops.
type StoreSummary struct {
	// Customers and Items are how many the store has, and OrdersWithID how many orders it has
	// that have an id, also those that do not count.
	Customers    int64 `json:"customers"`
	Items        int64 `json:"items"`
	OrdersWithID int64 `json:"orders_with_id"`
	// ErasuresDue is how many erasures wait until the store is scrubbed, since ErasuresDueSince.
	ErasuresDue      int64     `json:"erasures_due"`
	ErasuresDueSince time.Time `json:"erasures_due_since,omitzero"`
	// Bytes is how much the store takes on the disk.
	Bytes int64 `json:"bytes,omitempty"`
}

// TotalFigures are the figures of all orders.
type TotalFigures struct {
	Figures
	// Untimed are orders without a time, which are in no day.
	Untimed int64 `json:"untimed"`
	// AsOf is when they were read. It is left out if they are of now: only if it takes long to
	// read all, they are read less often than somebody asks. Who asks later gets later ones.
	AsOf time.Time `json:"as_of,omitzero"`
}

// DayFigures are the figures of a day that is not over.
type DayFigures struct {
	Date string `json:"date"`
	Zone string `json:"zone"`
	// SoFar is from the start of the day, and WeekAgo of the same weekday a week ago, up to the
	// same minute.
	SoFar   Figures `json:"so_far"`
	WeekAgo Figures `json:"week_ago"`
}

func (c *call) summary() error {
	query, err := c.query("zone", "shop")
	if err != nil {
		return err
	}
	zone, err := zoneOf(query.Get("zone"))
	if err != nil {
		return err
	}
	ctx, cancel := c.readContext()
	defer cancel()
	shop, err := c.server.chosenShop(ctx, query)
	if err != nil {
		return err
	}
	summary, err := c.server.readSummary(ctx, zone, shop)
	if err != nil {
		return c.server.readProblem(err)
	}
	return c.answerTagged(summary)
}

// readSummary reads the summary. Its parts may be of different moments, a few milliseconds apart.
func (s *Server) readSummary(ctx context.Context, zone *time.Location, of shopChoice) (*Summary, error) {
	totals, err := s.store.Totals(ctx)
	if err != nil {
		return nil, err
	}
	all, asOf, err := s.total(ctx, totals.Mark, of)
	if err != nil {
		return nil, err
	}
	today, err := s.readDay(ctx, s.now().In(zone), of)
	if err != nil {
		return nil, err
	}
	summary := &Summary{Shop: of.pointer(), Total: TotalFigures{all.figures(), all.untimed, asOf}, Today: *today}
	if !of.isOne {
		summary.StoreSummary = &StoreSummary{
			Customers: totals.Customers, Items: totals.Items, OrdersWithID: totals.Orders,
			ErasuresDue: totals.Due, ErasuresDueSince: totals.DueSince, Bytes: totals.Bytes,
		}
	}
	return summary, nil
}

// readDay reads the figures of the day of a time, up to its minute, and those a week before.
func (s *Server) readDay(ctx context.Context, now time.Time, of shopChoice) (*DayFigures, error) {
	day := &DayFigures{Date: now.Format(time.DateOnly), Zone: now.Location().String()}
	for i, to := range []*Figures{&day.SoFar, &day.WeekAgo} {
		start, end := soFar(now, i)
		sum, err := s.sumBetween(ctx, store.MinuteOf(start.UnixMilli()), end.UnixMilli(), of)
		if err != nil {
			return nil, err
		}
		*to = sum.figures()
	}
	return day, nil
}
