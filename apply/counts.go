package apply

import (
	"maps"
	"slices"
	"strings"

	"process-orders/orders"
	"process-orders/store"
)

// count counts what the store did with the source's states.
func (j *job) count(p store.Progress) {
	r := &j.result
	t := &r.Totals
	// Of the source's skipped states that have an id some were dropped. This run knows why
	// they are skipped if it dropped all of them.
	skipped, known := p.Orders-t.Orders-p.Skipped, int64(0)
	for of, n := range r.Dropped {
		if of.Source == p.Number && of.Reason != "" {
			known += n
		}
	}
	if skipped == known {
		r.drop(t, p.Number)
	} else {
		dropAny(t, skipped)
	}
	t.Orders = max(0, p.Orders-p.Skipped-p.Repeated-p.Older)
	t.Repeated += p.Repeated
	t.Superseded += p.Older
}

// TakeBack takes from the totals of a run what this source has dropped of one that the run
// applied before: what counted as an order is superseded. It returns how many states that are.
func (r *Result) TakeBack(t *orders.Totals, before *Result) (n int64) {
	if before.Number != r.Number {
		n = r.drop(t, before.Number)
		t.Superseded += n
	}
	return n
}

// drop takes from totals the states of a source that were dropped, and returns how many they
// are.
func (r *Result) drop(t *orders.Totals, source int64) (all int64) {
	for of, n := range r.Dropped {
		if of.Source != source {
			continue
		}
		all += n
		if of.Reason != "" {
			unskip(t, of.Reason, n)
			continue
		}
		if t.Orders -= n; of.NoPhone {
			t.NoPhone -= n
		}
	}
	return all
}

// dropAny takes skipped states from totals if it is not known why they are skipped. If there
// are several reasons, they become one.
func dropAny(t *orders.Totals, n int64) {
	reasons := slices.Sorted(maps.Keys(t.Skipped))
	if n <= 0 || len(reasons) == 0 {
		return
	}
	one := strings.Join(reasons, " or ")
	if len(reasons) > 1 {
		first, all := t.SkippedAt[reasons[0]], int64(0)
		for _, reason := range reasons {
			if at := t.SkippedAt[reason]; at.Order < first.Order {
				first = at
			}
			all += t.Skipped[reason]
		}
		t.Skipped, t.SkippedAt = map[string]int64{one: all}, map[string]orders.Place{one: first}
	}
	unskip(t, one, n)
}

func unskip(t *orders.Totals, reason string, n int64) {
	if t.Skipped[reason] -= n; t.Skipped[reason] <= 0 {
		delete(t.Skipped, reason)
		delete(t.SkippedAt, reason)
	}
}
