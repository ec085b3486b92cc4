package orders

import (
	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
	"process-orders/money"
)

// A draft is the order that is being read: what is known of it so far, and the first
// thing that is wrong with it. Its lines are already in out; commit adds the order itself.
type draft struct {
	program *program
	out     *findings

	order   columns.Order
	details columns.Detail // if the mapping is not plain
	lines   int            // how many lines the order has so far
	fault   fault          // the first one; there is none if its reason is reasonNone
	written money.Currency // beside the last amount that had one
	// skipped is why the order is skipped: the reason's number + 1, or 0.
	skipped int
	// leftOut are the reasons of the lines that are left out, by their numbers.
	leftOut []uint16
	// amounts are those of the lines, if their prices are computed.
	amounts []amounts
	// phoneLost reports whether a phone of the order lost its digits.
	phoneLost bool
	// updated says how the times of the last change were read, if details.Updated has none.
	// It is timestamp.Read if there are none.
	updated timestamp.Reading
}

// reset starts a new order at an offset in the data.
func (d *draft) reset(start int) {
	d.order = columns.Order{Start: uint32(start)}
	d.lines, d.skipped, d.phoneLost = 0, 0, false
	d.fault.reason = reasonNone
}

// isGood reports whether the order has no fault so far.
func (d *draft) isGood() bool { return d.fault.reason == reasonNone }

// reject notes what is wrong with the order. The first fault in the order counts. What is
// missing counts only if nothing else is wrong with its line, if it is missing there, or
// with what comes before.
// It reports whether this is the fault that counts so far.
func (d *draft) reject(at int, n *node, line int, why reason) bool {
	onlyMissing := d.fault.reason == reasonMissing && d.fault.line == line
	if d.isGood() || why != reasonMissing && (onlyMissing || at < d.fault.at) {
		d.fault = fault{at: at, node: n, line: line, reason: why}
		return true
	}
	return false
}

// rejectType is reject for a value that should have been something else than its node is.
func (d *draft) rejectType(at int, n *node, line int, as role) {
	if d.reject(at, n, line, reasonType) {
		d.fault.as = as
	}
}

// skip makes the order one that is skipped, whatever is wrong with it.
func (d *draft) skip(reason int) { d.skipped, d.fault.reason = reason+1, reasonNone }

// leaveOut leaves out the line that is being read.
func (d *draft) leaveOut(reason int) { d.leftOut = append(d.leftOut, uint16(reason)) }

// leaveOutFrom leaves out the lines from the n-th of out on.
func (d *draft) leaveOutFrom(n, reason int) {
	for range d.out.AllLines[n:] {
		d.leaveOut(reason)
	}
	d.out.CutLines(n)
	d.amounts = d.amounts[:min(len(d.amounts), n-d.firstLine())]
}

// commit adds the order to out, or its fault. A skipped order that has an id is a state of
// its order like any other; without one it is only counted.
func (d *draft) commit() {
	b := d.out
	if d.phoneLost && d.lacksPhone() {
		b.remark(phoneLost, d.isGood() && d.skipped == 0, uint32(b.count), d.order.Start)
	}
	switch {
	case d.skipped > 0 && d.details.ID == 0:
		b.skip(d.skipped-1, int(d.order.Start), b.count)
		d.dropLines()
	case d.skipped > 0: // it may take back a state that came before
		d.dropLines()
		d.details.Skipped = uint16(d.skipped)
		d.add()
	case d.isGood():
		d.add()
	default:
		d.fault.start, d.fault.end = int(d.order.Start), int(d.order.End)
		d.fault.number = b.count
		b.faults = append(b.faults, d.fault)
		d.dropLines()
	}
	b.count++
}

// add adds the order, and its lines, to the columns.
func (d *draft) add() {
	b := d.out
	o := b.NewOrder()
	o.Start, o.End, o.Phone, o.Name, o.Time = d.order.Start, d.order.End, d.order.Phone, d.order.Name, d.order.Time
	o.Lines, o.Number = uint32(len(b.AllLines)), uint32(b.count)
	if d.program.plain {
		return
	}
	if b.HasIDs || len(b.Details) > 0 || d.details != columns.NoDetail {
		b.FillDetails(len(b.All) - 1)
		b.Details = append(b.Details, d.details)
	}
	if d.updated != timestamp.Read {
		b.unread = append(b.unread, unreadUpdate{o.Number, d.updated})
	}
	for _, reason := range d.leftOut {
		b.leftOut = append(b.leftOut, leftOut{o.Number, reason})
	}
	d.forgetLines()
}

// lacksPhone reports whether the order has no phone, and nothing else is wrong with it.
func (d *draft) lacksPhone() bool {
	switch {
	case d.skipped > 0:
		return d.program.reasons[d.skipped-1] == ReasonNoPhone
	case d.isGood():
		return d.order.Phone == 0
	}
	return d.fault.reason == reasonPhoneLost
}

// firstLine is the number of the order's first line in out.
func (d *draft) firstLine() int {
	if n := len(d.out.All); n > 0 {
		return int(d.out.All[n-1].Lines)
	}
	return 0
}

// dropLines removes the order's lines from out, as the order is not kept.
func (d *draft) dropLines() {
	d.out.CutLines(d.firstLine())
	d.forgetLines()
}

// forgetLines forgets what is known of the order's lines beside what is in out.
func (d *draft) forgetLines() { d.leftOut, d.amounts = d.leftOut[:0], d.amounts[:0] }

// content is a string's text without its escapes.
func (d *draft) content(t text) columns.Span {
	if !t.escaped {
		return columns.NewSpan(t.start, t.end)
	}
	return d.append(func(arena []byte) []byte { return unescape(arena, d.out.Data[t.start:t.end]) })
}

// append adds a text to the arena.
func (d *draft) append(add func([]byte) []byte) columns.Span {
	b := d.out
	from := len(b.Arena)
	b.Arena = add(b.Arena)
	return columns.NewSpan(from, len(b.Arena)) | columns.InArena
}
