package orders

import (
	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
)

// The details of an order that is read like one of the default shape: when it was placed, its
// currency and its id, and the quantities and currencies of its lines.
//
// What an order needs is judged on the way, and its lines are in the columns when they end:
// see run. So nothing need be done at the end of a line. What a line has beside is rare or
// cheap to judge, and is put into the columns when the fast path comes to it, at the place
// that the line will have. What the order has beside stays in its slots until the order
// ends. Whatever is unusual is left to the slow path.

// detail takes a value that is none of the default shape, and returns where it ends.
func (f *fastPath) detail(v *value) (end int, ok bool) {
	if end, ok = f.take(v); ok && int(v.slot) >= f.order.program.lineSlot {
		return end, f.detailLine(v.slot)
	}
	f.hasMore = true
	return end, ok
}

// detailLine adds the value that was taken for a slot to the line that is being read. It
// returns false if the value is not a usual one.
func (f *fastPath) detailLine(slot uint8) bool {
	r := f.order
	b, found := r.draft.out, &r.values.found[slot%maxSlots]
	s, line := *found, len(f.lines)
	*found = 0
	b.FillLineDetails(line + 1)
	text, detail := b.Text(s), &b.LineDetails[line]
	if slotsOf(r.program.sets[0].quantity)>>slot&1 != 0 {
		detail.Quantity = s
		return isPlainDecimal(text) && !isZero(text)
	}
	detail.Currency = s
	return judgeCurrency(text) == reasonNone
}

// endDetailed adds the order that ends at an offset, of which more is known than its time. It
// returns false if that is not right.
func (f *fastPath) endDetailed(end int) bool {
	r := f.order
	d, b := &r.draft, r.draft.out
	d.details = columns.NoDetail
	r.values.resolveDetails()
	if !d.isGood() || d.updated != timestamp.Read {
		return false
	}
	r.values.clearDetails()
	r.values.found[f.time%maxSlots] = d.order.Time
	f.hasMore = false
	f.addOrder(end)
	b.FillDetails(len(f.orders) - 1)
	b.Details = append(b.Details, d.details)
	return true
}

// clearDetails forgets the details of the order before.
func (r *resolver) clearDetails() {
	clear(r.found[firstSlot:r.program.lineSlot])
	r.changes = r.changes[:0]
}

// fillDetails makes the details of what was read without, if there are some of others.
func (f *fastPath) fillDetails() {
	b := f.order.draft.out
	if b.HasIDs || len(b.Details) > 0 {
		b.FillDetails(len(b.All))
	}
	if len(b.LineDetails) > 0 {
		b.FillLineDetails(len(b.AllLines))
	}
}
