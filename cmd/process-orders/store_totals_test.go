package main

import (
	"testing"

	"process-orders/apply"
	"process-orders/internal/report"
	"process-orders/orders"
	"process-orders/store"
)

// TestTotalsWithFeeds has a store in which feeds brought orders after the last source, which shows
// in no number. What the source skipped is said all the same, as of then.
func TestTotalsWithFeeds(t *testing.T) {
	sources := []store.Progress{{Number: 1, Orders: 3, Counts: store.Counts{Skipped: 2}}}
	if _, totals := storeTotals(sources, 1+5); totals.Skipped[skippedOnce] != 2 || len(totals.Skipped) != 1 {
		t.Errorf("got %v", totals.Skipped)
	}
	s := &storeSink{sources: sources, results: results(sources), report: &reporting{data: &report.Data{}}}
	for standing, want := range map[int64]bool{1: true, 6: false} {
		s.report.data.Orders = standing
		if got := s.hasAll(orders.Totals{Orders: 1}); got != want {
			t.Errorf("%d orders stand: got %v", standing, got)
		}
	}
}

func results(sources []store.Progress) (all []apply.Result) {
	for _, p := range sources {
		all = append(all, apply.Result{Progress: p})
	}
	return all
}
