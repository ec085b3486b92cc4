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
		ok = f.detailLine(v.slot)
	}
	return end, ok
}

// detailLine adds the value that was taken for a slot to the line that is being read. It
// returns false if the value is not a usual one.
func (f *fastPath) detailLine(slot uint8) bool {
	r := f.order
	b, found := r.draft.out, &r.values.found[slot%maxSlots]
	s, line := *found, len(f.lines)
	*found = 0
	f.fillDetails(line + 1)
	text, detail := b.Text(s), &b.LineDetails[line]
	if slotsOf(r.program.sets[0].quantity)>>slot&1 != 0 {
		detail.Quantity = s
		return isPlainDecimal(text) && !isZero(text)
	}
	detail.Currency = s
	return judgeCurrency(text) == reasonNone
}

// fillDetails makes the details of so many lines. Those that were not there have none.
func (f *fastPath) fillDetails(lines int) {
	b := f.order.draft.out
	b.LineDetails = append(b.LineDetails, make([]columns.LineDetail, lines-len(b.LineDetails))...)
}

// endDetailed adds the order that ends at an offset, with its details. It returns false if
// they are not right.
func (f *fastPath) endDetailed(end int) bool {
	r := f.order
	d, b := &r.draft, r.draft.out
	if time, ok := r.values.onlyTime(); ok {
		b.Details = append(b.Details, columns.Detail{First: -1, Time: time, Updated: timestamp.None})
	} else {
		d.details = columns.Detail{First: -1}
		r.values.resolveDetails()
		if !d.isGood() || d.updated != timestamp.Read {
			return false
		}
		b.Details = append(b.Details, d.details)
	}
	f.addOrder(end)
	f.fillDetails(len(f.lines))
	r.values.clearDetails()
	return true
}

// onlyTime returns the time of an order that has nothing else beside what it needs, as most
// orders of the default shape. The time is at its first path, or there is none. It is not ok
// if the order may have more.
func (r *resolver) onlyTime() (time columns.Span, ok bool) {
	p := r.program
	if p.timeSlot == 0 || !r.hasNone(p.besideTime) {
		return 0, false
	}
	if time = r.found[p.timeSlot%maxSlots]; time == 0 {
		return 0, true
	}
	text := r.draft.out.Text(time)
	return time, startsASCII(text) && text[0] != 'f'
}

// clearDetails forgets the details of the order before.
func (r *resolver) clearDetails() {
	clear(r.found[firstSlot:r.program.lineSlot])
	r.changes = r.changes[:0]
}
