package orders

import (
	"maps"
	"slices"
)

// Totals count what was read.
type Totals struct {
	// Orders were accepted, Rejected were not.
	Orders, Rejected int64
	// Skipped counts the orders that the mapping skips, by its reason.
	Skipped map[string]int64
	// SkippedAt is the place of the first order that was skipped for a reason.
	SkippedAt map[string]Place
	// LinesSkipped counts the lines that the mapping leaves out of orders that were
	// accepted, by its reason; LinesSkippedAt is the place of the first order that has one.
	LinesSkipped   map[string]int64
	LinesSkippedAt map[string]Place
	// Repeated counts states of orders that are the same as the latest state of their order:
	// the order came again. Superseded counts all other states of an order but the latest.
	// Neither is among Orders and Skipped.
	Repeated, Superseded int64
	// SharedIDs counts those of them that differ from the first in their time, their phone
	// and their lines, so that they may be other orders. What one of the two lacks says
	// nothing; two of the three must differ. SharedAt are the places of the first such pair.
	// The first of it has no number of the order.
	SharedIDs int64
	SharedAt  [2]Place
	// NoPhone counts accepted orders that have no phone, and so no customer.
	NoPhone int64
	// PhonesKept counts orders whose phone [Options.Phone] could not read, so that it
	// was kept as it is written.
	PhonesKept int64
	// PhonesLost counts orders whose phone is what a spreadsheet left of it, as 8.80E+12 or
	// #ERROR!: it counts as none.
	PhonesLost   int64
	PhonesLostAt Place
	// TimesUnread counts accepted orders with a time that cannot be read, or that could
	// be read in two ways. They count as orders without a time.
	TimesUnread   int64
	TimesUnreadAt Place
	// UpdatedUnread counts states with a time of the last change that cannot be read, and
	// that have no other. They count as states without such a time.
	UpdatedUnread   int64
	UpdatedUnreadAt Place
	// Future counts orders with a time, or a time of the last change, that is more than a
	// day after the present.
	Future   int64
	FutureAt Place
	// NoItem counts rows of accepted orders that have a price and no item: they are no lines,
	// so what they cost counts nowhere. Those that the mapping leaves out are not among them.
	NoItem   int64
	NoItemAt Place
	// Notes are what somebody should know who relies on the result.
	Notes []Note
	// Bytes were read, after decompression.
	Bytes int64
}

// A Note says what the reading of a source came upon that is no error and may be a mistake:
// a column that the mapping names and the table lacks; a field that no order has, while
// most have another.
type Note struct {
	// Source is the name of the source.
	Source string `json:"source"`
	// Text is what there is to know, without personal data.
	Text string `json:"text"`
}

// AllRejected reports whether there were orders to accept and none of them could be: what
// was read is then most likely something else than orders.
func (t *Totals) AllRejected() bool {
	return t.Rejected > 0 && t.Orders == 0 && t.Repeated == 0 && t.Superseded == 0
}

// clone is a copy that shares no memory with t.
func (t *Totals) clone() Totals {
	c := *t
	c.Skipped, c.SkippedAt = maps.Clone(t.Skipped), maps.Clone(t.SkippedAt)
	c.LinesSkipped, c.LinesSkippedAt = maps.Clone(t.LinesSkipped), maps.Clone(t.LinesSkippedAt)
	c.Notes = slices.Clone(t.Notes)
	return c
}

// Add adds the totals of what was read later.
func (t *Totals) Add(later Totals) {
	addPlace(&t.PhonesLostAt, t.PhonesLost, later.PhonesLostAt)
	addPlace(&t.TimesUnreadAt, t.TimesUnread, later.TimesUnreadAt)
	addPlace(&t.UpdatedUnreadAt, t.UpdatedUnread, later.UpdatedUnreadAt)
	addPlace(&t.FutureAt, t.Future, later.FutureAt)
	addPlace(&t.NoItemAt, t.NoItem, later.NoItemAt)
	addPlace(&t.SharedAt, t.SharedIDs, later.SharedAt)
	t.Orders += later.Orders
	t.Rejected += later.Rejected
	t.Repeated += later.Repeated
	t.Superseded += later.Superseded
	t.UpdatedUnread += later.UpdatedUnread
	t.Future += later.Future
	t.NoItem += later.NoItem
	t.SharedIDs += later.SharedIDs
	t.NoPhone += later.NoPhone
	t.PhonesKept += later.PhonesKept
	t.PhonesLost += later.PhonesLost
	t.TimesUnread += later.TimesUnread
	t.Bytes += later.Bytes
	t.Skipped, t.SkippedAt = addReasons(t.Skipped, t.SkippedAt, later.Skipped, later.SkippedAt)
	t.LinesSkipped, t.LinesSkippedAt = addReasons(t.LinesSkipped, t.LinesSkippedAt, later.LinesSkipped, later.LinesSkippedAt)
	if len(later.Notes) > 0 {
		t.Notes = slices.Concat(t.Notes, later.Notes)
	}
}

// addPlace adds the place of the first of some orders, of which n were counted before.
func addPlace[P Place | [2]Place](at *P, n int64, later P) {
	if n == 0 {
		*at = later
	}
}

// addReasons adds numbers by reason, with the places of the first. It changes none of the
// maps.
func addReasons(n map[string]int64, at map[string]Place, later map[string]int64, laterAt map[string]Place) (map[string]int64, map[string]Place) {
	if len(later) == 0 {
		return n, at
	}
	sum, first := map[string]int64{}, map[string]Place{}
	maps.Copy(sum, n)
	maps.Copy(first, laterAt)
	for reason, more := range later {
		sum[reason] += more
	}
	maps.Copy(first, at) // the first order is an earlier one
	return sum, first
}
