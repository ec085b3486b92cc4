package orders

// A draft is the order that is being read: what is known of it so far, and the
// first thing that is wrong with it. Its lines are already in the batch; the order
// itself gets there by commit.
type draft struct {
	program *program
	batch   *Batch

	order   order
	details orderDetails // if the mapping is not plain
	lines   int          // how many lines the order has so far
	fault   fault        // the first one, if its reason is one
	// skipped is why the order is skipped: the reason's number + 1.
	skipped int
}

// begin starts a new order at an offset in the batch's data.
func (d *draft) begin(start int) {
	d.order = order{start: uint32(start)}
	d.lines, d.skipped = 0, 0
	d.fault.reason = reasonNone
}

// isGood reports whether the order has no fault so far.
func (d *draft) isGood() bool { return d.fault.reason == reasonNone }

// reject notes what is wrong with the order. The fault that stands first in the
// order counts, but "missing" counts only if nothing else is wrong.
func (d *draft) reject(at int, n *node, line int, why reason) {
	if d.isGood() || why != reasonMissing && at < d.fault.at {
		d.fault = fault{at: at, node: n, line: line, reason: why}
	}
}

// commit adds the order to the batch, or its fault.
func (d *draft) commit() {
	b := d.batch
	switch {
	case d.skipped > 0:
		b.skip(d.skipped-1, int(d.order.start))
		d.dropLines()
	case d.isGood():
		o := b.newOrder()
		o.start, o.end, o.phone, o.name = d.order.start, d.order.end, d.order.phone, d.order.name
		o.lines, o.number = uint32(len(b.lines)), uint32(b.count)
		if !d.program.plain {
			b.orderDetails = append(b.orderDetails, d.details)
		}
	default:
		d.fault.start, d.fault.end = int(d.order.start), int(d.order.end)
		d.fault.number = b.count
		b.faults = append(b.faults, d.fault)
		d.dropLines()
	}
	b.count++
}

// firstLine is the number of the order's first line in the batch.
func (d *draft) firstLine() int {
	if n := len(d.batch.orders); n > 0 {
		return int(d.batch.orders[n-1].lines)
	}
	return 0
}

// dropLines removes the order's lines from the batch, as the order is not kept.
func (d *draft) dropLines() { d.batch.cutLines(d.firstLine()) }

// content is a string's text without its escapes.
func (d *draft) content(t text) Span {
	if !t.escaped {
		return newSpan(t.start, t.end)
	}
	return d.append(func(arena []byte) []byte { return unescape(arena, d.batch.data[t.start:t.end]) })
}

// append adds a text to the batch's arena.
func (d *draft) append(add func([]byte) []byte) Span {
	b := d.batch
	from := len(b.arena)
	b.arena = add(b.arena)
	return newSpan(from, len(b.arena)) | inArena
}
