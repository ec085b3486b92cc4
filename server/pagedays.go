package server

import (
	"context"
	"time"

	"process-orders/internal/page"
	"process-orders/money"
	"process-orders/store"
)

// soFar is the day of a time up to the end of its minute, and a day some weeks before up to the
// same minute of the clock.
func soFar(now time.Time, weeksAgo int) (start, end time.Time) {
	y, m, d := now.AddDate(0, 0, -7*weeksAgo).Date()
	start = time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	if weeksAgo == 0 { // as an hour may come twice
		return start, now.Truncate(time.Minute).Add(time.Minute)
	}
	return start, time.Date(y, m, d, now.Hour(), now.Minute()+1, 0, 0, now.Location())
}

// readDays reads what the day has brought so far, and the same weekday a week ago.
func (s *Server) readDays(ctx context.Context, f *pageFigures, now time.Time, shop string) error {
	f.now.OfShop = shop != ""
	f.hours, f.present = make([]page.Hour, 24), now.Hour()
	today, end := soFar(now, 0)
	minutes, err := s.minutesOf(ctx, today, end, shop)
	if err != nil {
		return err
	}
	for i := range minutes {
		at := timeOf(minutes[i].Start)
		addMinute(&f.now, &minutes[i])
		addMinute(&f.hours[at.In(now.Location()).Hour()].Now, &minutes[i])
		if minutes[i].Orders > 0 && at.After(f.lastOrder) {
			f.lastOrder = at
		}
	}
	if err := s.readWeekAgo(ctx, f, now, shop); err != nil {
		return err
	}
	if f.lastOrder.Before(today) {
		return s.findLastOrder(ctx, f, today, shop)
	}
	return nil
}

func (s *Server) readWeekAgo(ctx context.Context, f *pageFigures, now time.Time, shop string) error {
	start, end := soFar(now, 1)
	minutes, err := s.minutesOf(ctx, start, start.AddDate(0, 0, 1), shop)
	if err != nil {
		return err
	}
	quiet := end.Add(-now.Sub(f.lastOrder)) // since the last order, a week before
	for i := range minutes {
		at := timeOf(minutes[i].Start)
		addMinute(&f.hours[at.In(now.Location()).Hour()].Then, &minutes[i])
		if at.Before(end) {
			addMinute(&f.weekAgo, &minutes[i])
			if !f.lastOrder.IsZero() && at.After(quiet) {
				f.missed += minutes[i].Orders
			}
		}
	}
	return nil
}

// findLastOrder looks for the last order on the days before, up to a week, and stops at the first
// that has one.
func (s *Server) findLastOrder(ctx context.Context, f *pageFigures, before time.Time, shop string) error {
	for i := range 7 {
		minutes, err := s.minutesOf(ctx, before.AddDate(0, 0, -i-1), before.AddDate(0, 0, -i), shop)
		if err != nil {
			return err
		}
		for j := len(minutes) - 1; j >= 0; j-- {
			if at := timeOf(minutes[j].Start); minutes[j].Orders > 0 {
				if at.After(f.lastOrder) {
					f.lastOrder = at
				}
				return nil
			}
		}
	}
	return nil
}

func addMinute(to *page.Sums, m *store.Minute) {
	to.Orders += m.Orders
	to.NewCustomers += m.NewCustomers
	for _, sum := range m.Sums {
		to.Revenue = money.AddSums(to.Revenue, sum.Sum)
	}
}
