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
