package orders

import "maps"

// Add adds the totals of what was read later.
func (t *Totals) Add(later Totals) {
	t.Orders += later.Orders
	t.Rejected += later.Rejected
	t.Repeated += later.Repeated
	t.PhonesKept += later.PhonesKept
	t.Bytes += later.Bytes
	if len(later.Skipped) == 0 {
		return
	}
	skipped, at := map[string]int64{}, map[string]Place{}
	maps.Copy(skipped, t.Skipped)
	maps.Copy(at, later.SkippedAt)
	for reason, n := range later.Skipped {
		skipped[reason] += n
	}
	maps.Copy(at, t.SkippedAt) // the first order is an earlier one
	t.Skipped, t.SkippedAt = skipped, at
}
