package main

import (
	"context"

	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// storeTotals are the names of a store's sources and what became of the orders in them, as a
// run over all of them would say it, if so many orders stand. A store does not know why
// orders are skipped.
func storeTotals(sources []store.Progress, standing int64) (names []string, totals orders.Totals) {
	totals.Orders = standing
	came, skipped, isWhole := int64(0), int64(0), true
	for i, p := range sources {
		names = append(names, p.Name)
		came += p.Orders
		skipped += p.Skipped
		totals.Rejected += p.Rejected
		totals.Repeated += p.Repeated
		totals.Superseded += p.Older + p.Replaced
		isWhole = isWhole && p.Number == int64(i)+1
	}
	// Orders that were skipped when they came may stand by now. What is neither that nor
	// repeated nor superseded is skipped still. Nobody knows that if orders came by no source, or
	// if one was applied again: then the numbers of the sources have gaps.
	if isWhole {
		skipped = max(0, came-standing-totals.Repeated-totals.Superseded)
	}
	if skipped > 0 {
		totals.Skipped = map[string]int64{"skipped": skipped}
	}
	return names, totals
}

// storeCount is what the store counts of an item: lines or orders. One that has no sources
// yet counts lines.
func storeCount(ctx context.Context, s store.Store) (records.Count, error) {
	sources, err := s.Sources(ctx)
	if err != nil || len(sources) == 0 {
		return records.CountLines, err
	}
	return counts[rulesByName(sources[0].Rules)["count"]], nil
}
