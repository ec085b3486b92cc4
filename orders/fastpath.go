package orders

import (
	"encoding/binary"
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
	"process-orders/money"
)

// fastPath reads an order that is laid out like one before it.
//
// A program writes the orders of a file. So the bytes between two values of an order
// (commas, brackets, keys, white space) are nearly always the same as in an earlier order.
// While the slow path reads an order, it records each of these literals, what kind of
// value follows, and what may follow that value: see layouts. The fast path then reads
// the next order by comparing. At each vertex it knows a few literals and compares the
// bytes with them, many at a time. Then it is at the next value, without having looked at
// a single comma. The bitmaps of the whole block show where the value ends.
//
// This is no guess: a literal that was right once at a vertex is always right there.
//
// If something is unknown, unusual or wrong (a new literal, an exponent in a number, a
// fault), the fast path gives up, and the slow path reads the order from its start. So
// the fast path has no errors of its own, and what it reads is what the slow path would
// have read.
//
// One routine follows the edges from value to value: see run. If the mapping is direct, it
// also judges the values and fills the columns, for one order after the other. It leaves a
// value that it cannot judge to the fast path, and continues behind that value.
type fastPath struct {
	order   *orderReader
	bitmaps *bitmaps // of the data, or nil: then the slow path reads it
	// fails grows with each order that the fast path could not read. While rest is
	// above 0, the fast path does not try: the input has no pattern.
	fails, rest int
	// tried is the offset of the order of a direct mapping that was tried last, or -1. If
	// isRead, it is in the draft.
	tried  int
	isRead bool
	run
}

// reset prepares the fast path for other data, which has no bitmaps yet.
func (f *fastPath) reset(o *orderReader) { f.order, f.bitmaps, f.tried = o, nil, -1 }

// read reads the order at pos and returns false if the slow path must read it.
func (f *fastPath) read() bool {
	r := f.order
	if r.program.isDirect {
		if f.tried != r.pos {
			f.readMany(kindKeyed) // just this one
		}
		if f.tried = -1; f.isRead {
			r.pos = int(r.draft.order.End)
		}
		return f.isRead
	}
	at := f.startVertex()
	if at == nil {
		return false
	}
	start, lines, leftOut, amounts := r.pos, len(r.draft.out.AllLines), len(r.draft.leftOut), len(r.draft.amounts)
	r.draft.reset(start)
	r.values.clear()
	if f.followMapped(at) {
		f.succeeded(1)
		return true
	}
	r.pos, r.short = start, false
	r.draft.out.CutLines(lines)
	r.draft.leftOut, r.draft.amounts = r.draft.leftOut[:leftOut], r.draft.amounts[:amounts]
	f.failed()
	return false
}

// startVertex is the vertex at which an order starts, or nil if the slow path must read it.
func (f *fastPath) startVertex() *vertex {
	if f.order.program.switches.slow || f.bitmaps == nil {
		return nil
	}
	if f.rest > 0 {
		f.rest--
		return nil
	}
	return f.order.layouts.start
}

func (f *fastPath) succeeded(orders int) {
	for ; orders > 0 && f.fails >= 64; orders-- {
		f.fails -= f.fails >> 6 // forgets slowly
	}
}

func (f *fastPath) failed() {
	if f.fails += 16; f.fails > 1024-16 {
		f.fails, f.rest = 512, 4096
	}
}

// readMany reads orders of a direct mapping from pos on that are laid out, and apart, like
// ones before. It adds all but the last to the columns, and returns how many these are.
// Then it is at the start of the last one, and read, called next, says that this one is in
// the draft, or leaves it to the slow path. The kind is of the container that they are in.
func (f *fastPath) readMany(kind containerKind) int {
	r := f.order
	opensKeyed := kind == kindSequence && r.program.isKeyed // and is no order
	if !r.program.isDirect || opensKeyed || f.tried == r.pos {
		return 0
	}
	f.tried, f.isRead = r.pos, false
	at := f.startVertex()
	if at == nil {
		return 0
	}
	b := r.draft.out
	r.draft.reset(r.pos)
	r.values.clear()
	before := len(b.All)
	f.learnGap(kind)
	f.prepare(r, f.bitmaps)
	var end int
	end, f.isRead = f.follow(at)
	b.AllLines, b.All = f.lines, f.orders
	f.fillDetails()
	r.pos, f.tried = f.start, f.start
	added := len(b.All) - before
	if f.isRead {
		added--
		r.draft.order, b.All = b.All[before+added], b.All[:before+added]
		r.draft.details, r.draft.updated = columns.NoDetail, timestamp.Read
		if n := len(b.Details); n > 0 {
			r.draft.details, b.Details = b.Details[n-1], b.Details[:n-1]
		}
		r.pos = int(r.draft.order.Start)
		f.tried = r.pos
		f.succeeded(1)
	} else {
		r.short = false
		b.CutLines(r.draft.firstLine())
		if end > f.start || added == 0 {
			f.failed()
		} else { // no order starts behind the gap: it may only be longer this time
			f.tried = -1
		}
	}
	b.count += int64(added)
	f.succeeded(added)
	return added
}

// learnGap learns what is between two orders in a container of that kind, if the one before
// is in this window.
func (f *fastPath) learnGap(kind containerKind) {
	r := f.order
	all := r.draft.out.All
	if kind != f.gapIn || kind > kindArray {
		f.gap.size = 0
	}
	if kind > kindArray || len(all) == 0 {
		return
	}
	gap := r.data[all[len(all)-1].End:r.pos]
	if len(gap) == int(f.gap.size) && string(gap) == string(f.gap.head[:len(gap)]) || len(gap) > wideBytes {
		return
	}
	if isGap(kind, gap) {
		f.gapIn = kind
		f.gap.setHead(gap)
	}
}

// isGap reports whether the bytes between two orders in a container say that the first one
// is whole, whatever follows: they have the comma of an array, or end the line.
func isGap(kind containerKind, between []byte) bool {
	commas, lines := 0, 0
	for _, c := range between {
		switch c {
		case ' ', '\t', '\r':
		case '\n':
			lines++
		case ',':
			commas++
		default:
			return false
		}
	}
	if kind == kindArray {
		return commas == 1
	}
	return kind == kindSequence && commas == 0 && lines > 0
}

// follow reads orders as far as it can. It is not ok if it is within an order then, at the
// offset end.
func (f *fastPath) follow(at *vertex) (end int, ok bool) {
	pos := f.start
	for {
		var why leave
		var last *edge
		why, pos, at, last = f.goAlong(pos, at)
		switch {
		case why == leaveEnd:
			return pos, true
		case why == leaveRoom:
			f.lines = slices.Grow(f.lines, 1)
		case why == leaveValue && last.value.kind == kindEnd:
			if !f.endDetailed(pos) {
				return pos, false
			}
			if !f.startNext(pos) {
				return pos, true
			}
			pos, at = f.start, f.first
		default:
			// Where nothing fits, there may be an escape in the text before.
			ok = pos <= f.last
			if ok && why == leaveFit {
				if ok = last != nil && last.value.kind == kindText && f.data[pos] == '\\'; ok {
					f.found[last.value.slot%maxSlots] = 0
				}
			}
			if ok {
				pos, ok = f.odd(&last.value, pos)
			}
			if !ok {
				return pos, false
			}
		}
	}
}

// odd judges a value that no first look shows to be right. It starts at f.from, and was
// passed up to pos.
func (f *fastPath) odd(v *value, pos int) (end int, ok bool) {
	r := f.order
	if v.slot >= firstSlot {
		return f.detail(v)
	}
	switch v.kind {
	case kindOther:
		ok = v.slot == 0 && f.skip(f.from)
		return r.pos, ok
	case kindText:
	default:
		return pos, false
	}
	text, escaped := columns.NewSpan(f.from, pos), f.data[pos] == '\\'
	if escaped {
		if text, pos, ok = f.escapedText(f.from, pos, v.role); !ok {
			return pos, false
		}
	}
	if v.role != roleNone {
		if text, ok = f.judge(text, v.role, escaped); !ok {
			return pos, false
		}
	}
	f.found[v.slot%maxSlots] = text
	return pos, true
}

// followMapped goes through an order of any other mapping: it takes the values, and
// the resolver judges them at the end of a line and of the order.
func (f *fastPath) followMapped(at *vertex) bool {
	r, values := f.order, &f.order.values
	f.gap.size = 0
	f.prepare(r, f.bitmaps)
	size := f.final + aheadBytes
	for pos := f.start; ; {
		var why leave
		var last *edge
		why, pos, at, last = f.goAlong(pos, at)
		if last == nil || pos >= size {
			return false
		}
		v, from := &last.value, f.from
		if why == leaveFit {
			// Nothing fits, but there may be an escape in the text before.
			if v.kind != kindText || r.data[pos] != '\\' {
				return false
			}
			values.found[v.slot%maxSlots] = 0
		} else if v.ends != 0 && !values.end(v.ends, from) {
			return false
		}
		switch v.kind {
		case kindEnd:
			r.pos = from
			return len(r.program.groupBy) > 0 || values.endOrder(f.start, from)
		case kindMark:
			if !values.mark(v.slot, from) {
				return false
			}
		default:
			var ok bool
			if pos, ok = f.take(v); !ok {
				return false
			}
		}
	}
}

// take takes the value at f.from, and returns where it ends.
func (f *fastPath) take(v *value) (end int, ok bool) {
	r, m, from, size := f.order, f.bitmaps, f.from, f.final+aheadBytes
	var pos int
	switch v.kind {
	case kindNumber:
		pos = m.next(bitsNumber, from)
		if pos >= size || !isPlainNumber(r.data[from], pos-from, pointsOf(m.bits[bitsNotDigit], from, pos)) {
			return 0, false
		}
		r.values.take(v.slot, columns.NewSpan(from, pos))
	case kindText:
		if pos = m.next(bitsText, from); pos >= size {
			return 0, false
		}
		text := columns.NewSpan(from, pos)
		if r.data[pos] == '\\' {
			if text, pos, ok = f.escapedText(from, pos, v.role); !ok {
				return 0, false
			}
		}
		r.values.take(v.slot, text)
	default:
		if !f.takeOther(v.slot, from) {
			return 0, false
		}
		pos = r.pos
	}
	return pos, true
}

// pointsOf has a bit for each byte from one offset to another that is no digit. These
// bytes are points, as any other byte would end the number. If the number is longer than
// 56 bytes, some bits may be missing: such a number is never plain.
func pointsOf(notDigits []byte, from, to int) uint64 {
	return binary.LittleEndian.Uint64(notDigits[from>>3:]) >> (from & 7) & (1<<((to-from)&63) - 1)
}

// escapedText reads the rest of a string that starts at an offset and has an escape
// at pos. It returns where the string ends, and its content if it has a role.
func (f *fastPath) escapedText(start, pos int, role role) (content columns.Span, end int, ok bool) {
	r, m := f.order, f.bitmaps
	size := f.final + aheadBytes
	r.pos = pos
	for r.data[r.pos] == '\\' {
		if !r.escape() || r.pos >= size {
			return 0, 0, false
		}
		if r.pos = m.next(bitsText, r.pos); r.pos >= size {
			return 0, 0, false
		}
	}
	if role != roleNone {
		content = r.draft.content(text{start, r.pos, true})
	}
	return content, r.pos, true
}

// judge judges a text whose first byte does not show that it is right. A text that is
// not provided is 0.
func (f *fastPath) judge(text columns.Span, role role, escaped bool) (_ columns.Span, ok bool) {
	d := &f.order.draft
	if role == rolePrice {
		d.written = money.Currency{}
		price, why := d.judgeDecimal(text)
		return price, why == reasonNone && (d.program.plain || d.written.IsNone())
	}
	provided, why := judgeText(role, d.out.Text(text), escaped)
	if !provided {
		text = 0
	}
	return text, why == reasonNone
}

// skip passes the value at an offset. Its depth is not known, so the slow path reads
// values that are nested deeper than half of the limit.
func (f *fastPath) skip(at int) bool {
	f.order.pos = at
	return f.order.skip(maxDepth / 2)
}

// takeOther takes the value at an offset. Other orders have another kind of value there.
func (f *fastPath) takeOther(slot uint8, at int) bool {
	r := f.order
	if slot != 0 && at < len(r.data) && r.data[at] == '"' {
		r.pos = at
		text, ok := r.text()
		if ok {
			r.values.take(slot, r.draft.content(text))
		}
		return ok
	}
	if !f.skip(at) {
		return false
	}
	switch {
	case r.data[at] != 'n':
		r.values.take(slot, columns.NewSpan(at, r.pos))
	case slot != 0 && r.program.nulls>>slot&1 != 0: // else null is as good as missing
		r.values.mark(slot, at)
	}
	return true
}
