package main

import (
	"context"

	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// skippedOnce is what a store knows of orders that were skipped: not why, and not whether a later
// state counts by now. Of feeds it knows nothing.
const skippedOnce = "skipped when a file brought them (may count by now)"

// storeTotals are the names of a store's sources and what became of the orders in them, if so
// many orders stand.
func storeTotals(sources []store.Progress, standing int64) (names []string, totals orders.Totals) {
	totals.Orders = standing
	skipped := int64(0)
	for _, p := range sources {
		names = append(names, p.Name)
		skipped += p.Skipped
		totals.Rejected += p.Rejected
		totals.Repeated += p.Repeated
		totals.Superseded += p.Older + p.Replaced
	}
	if skipped > 0 {
		totals.Skipped = map[string]int64{skippedOnce: skipped}
	}
	return names, totals
}

// storeCount is what the store counts of an item, by its rules: lines or orders. One to which no
// orders have come yet counts lines.
func storeCount(ctx context.Context, s store.Store) (records.Count, error) {
	rules, err := s.Rules(ctx)
	if err != nil || rules == "" {
		return records.CountLines, err
	}
	return counts[rulesByName(rules)["count"]], nil
}
