package orders

import "bytes"

// alone checks what follows the order that starts at an offset: the end of its line, or
// another order.
func (r *reader) alone(start int, w *window) outcome {
	o := &r.orders
	i := o.pos
	for i < len(o.data) && (o.data[i] == ' ' || o.data[i] == '\t' || o.data[i] == '\r') {
		i++
	}
	switch {
	case i-o.pos > maxBlankBytes:
		i = o.pos + maxBlankBytes
	case i == len(o.data) && (w.final || w.cutAfter):
		return whole
	case i == len(o.data):
		return unfinished
	case o.data[i] == '\n' || o.data[i] == o.data[start] && (o.data[i] == '{' || o.data[i] == '['):
		return whole
	}
	o.fail(i, "want the end of the line or another order")
	return broken
}

// checkLine is how the reading of a line ended whose first value was read with a result. A
// line that is not JSON is rejected, and no order of it counts.
func (r *reader) checkLine(result outcome, start int, w *window) outcome {
	o := &r.orders
	isTwice, at, why := o.isTwice(), o.errAt, o.why
	if result == opens || result == broken && isTwice {
		if whole := r.wholeLine(start, w); whole != opens {
			result = whole
		} else if result == broken {
			o.fail(at, why)
			return broken
		}
	}
	if result == broken {
		result = r.rejectLine(start, w)
	}
	return result
}

// wholeLine checks the line that starts at an offset and opens a container: if it is not
// JSON, no order of it counts. A line that is larger than an order may be is not checked.
func (r *reader) wholeLine(start int, w *window) outcome {
	o, all, behind := &r.orders, r.orders.data, r.orders.pos
	o.pos, o.data = start, all[:min(len(all), start+r.limit)]
	ok := o.skip(0)
	o.data = all
	result := opens
	if ok {
		if result = r.alone(start, w); result == whole {
			result = opens
		}
	} else if result = r.unread(start, w); result == tooLarge {
		result = opens
	}
	o.pos = behind
	return result
}

// rejectLine makes a fault of the line that starts at an offset.
func (r *reader) rejectLine(start int, w *window) outcome {
	o, b := &r.orders, r.orders.draft.out
	length := bytes.IndexByte(o.data[start:], '\n')
	ends := length >= 0 || w.final
	if length < 0 {
		length = len(o.data) - start
	}
	switch {
	case length >= r.limit:
		o.pos = start
		return tooLarge
	case !ends:
		return unfinished
	}
	f := fault{
		start: start, end: start + len(bytes.TrimRight(o.data[start:start+length], "\r")),
		at: o.errAt, number: b.count, node: r.program.order, line: -1,
		reason: reasonSyntax, why: o.why,
	}
	if f.at >= f.end {
		f.at, f.why = f.end, "the line ends within its order"
	}
	b.faults = append(b.faults, f)
	b.count++
	o.pos = min(start+length+1, len(o.data))
	return whole
}
