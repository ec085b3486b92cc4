package orders

import "maps"

// Totals count what was read.
type Totals struct {
	// Orders were accepted, Rejected were not.
	Orders, Rejected int64
	// Skipped counts the orders that the mapping skips, by its reason.
	Skipped map[string]int64
	// SkippedAt is the place of the first order that was skipped for a reason.
	SkippedAt map[string]Place
	// Repeated counts orders whose id came before. They are skipped too.
	Repeated int64
	// PhonesKept counts orders whose phone [Options.Phone] could not read, so that it
	// was kept as it is written.
	PhonesKept int64
	// Bytes were read, after decompression.
	Bytes int64
}

// clone is a copy that shares no memory with t.
func (t *Totals) clone() Totals {
	c := *t
	c.Skipped, c.SkippedAt = maps.Clone(t.Skipped), maps.Clone(t.SkippedAt)
	return c
}

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
