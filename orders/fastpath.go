package orders

import (
	"encoding/binary"

	"process-orders/internal/columns"
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
// Going along the edges (walk) is apart from judging the values (follow). Walk takes a
// dozen steps that are the same in nearly every order, so that a processor predicts them.
// It has a version in assembly, walk_amd64.s.
type fastPath struct {
	order   *orderReader
	bitmaps *bitmaps // of the data, or nil: then the slow path reads it
	// tokens are what walk passed last.
	tokens [maxTokens]token
	// fails grows with each order that the fast path could not read. While rest is
	// above 0, the fast path does not try: the input has no pattern.
	fails, rest int
}

// read reads the order at pos and returns false if the slow path must read it.
func (f *fastPath) read() bool {
	r := f.order
	if r.program.switches.slow || f.bitmaps == nil {
		return false
	}
	if f.rest > 0 {
		f.rest--
		return false
	}
	at := r.layouts.start
	if at == nil {
		return false
	}
	start, lines, leftOut, amounts := r.pos, len(r.draft.out.AllLines), len(r.draft.leftOut), len(r.draft.amounts)
	r.draft.reset(start)
	r.values.clear()
	var ok bool
	if r.program.plain {
		ok = f.followPlain(at)
	} else {
		ok = f.followMapped(at)
	}
	if ok {
		f.fails -= f.fails >> 6 // forgets slowly
		return true
	}
	r.pos, r.short = start, false
	r.draft.out.CutLines(lines)
	r.draft.leftOut, r.draft.amounts = r.draft.leftOut[:leftOut], r.draft.amounts[:amounts]
	if f.fails += 16; f.fails > 1024-16 {
		f.fails, f.rest = 512, 4096
	}
	return false
}

// followPlain goes through an order of a plain mapping, whose values are judged on
// the way.
func (f *fastPath) followPlain(at *vertex) bool {
	r, m := f.order, f.bitmaps
	data, start, pos := r.data, r.pos, r.pos
	notDigits := m.bits[bitsNotDigit]
	lines, found := r.draft.out.AllLines, &r.values.found
	for {
		var n int
		n, pos, at = walk(data, m, pos, at, &f.tokens)
		if n == 0 || pos >= m.valid {
			return false
		}
		tokens := f.tokens[:n]
		for i := range tokens {
			t := &tokens[i]
			from, to := int(t.start), int(t.end)
			if t.ends != 0 {
				lines = append(lines, columns.Line{Item: found[roleItem], Price: found[rolePrice], At: uint32(from)})
			}
			switch t.kind {
			case kindNumber:
				points := pointsOf(notDigits, from, to)
				if !isPlainNumber(data[from], to-from, points) || points != 0 && t.role == rolePhone {
					return false
				}
				found[t.slot%maxSlots] = columns.NewSpan(from, to)
			case kindText:
				text, escaped := columns.NewSpan(from, to), data[to] == '\\'
				if escaped {
					var ok bool
					if text, pos, ok = f.escapedText(from, to, t.role); !ok {
						return false
					}
				}
				if t.role != roleNone && (escaped || !startsPlainly(data[from]) || t.role == rolePrice) {
					var ok bool
					if text, ok = f.judge(text, t.role, escaped); !ok {
						return false
					}
				}
				found[t.slot%maxSlots] = text
			case kindEnd:
				r.pos = from
				r.draft.out.AllLines = lines
				r.draft.order = columns.Order{Start: uint32(start), End: t.start, Phone: found[rolePhone], Name: found[roleName]}
				return true
			default:
				if !f.skip(from) {
					return false
				}
				pos = r.pos
			}
		}
	}
}

// followMapped goes through an order of any other mapping: it takes the values, and
// the resolver judges them at the end of a line and of the order.
func (f *fastPath) followMapped(at *vertex) bool {
	r, m := f.order, f.bitmaps
	data, start, pos := r.data, r.pos, r.pos
	notDigits := m.bits[bitsNotDigit]
	values := &r.values
	for {
		var n int
		n, pos, at = walk(data, m, pos, at, &f.tokens)
		if n == 0 || pos >= m.valid {
			return false
		}
		tokens := f.tokens[:n]
		for i := range tokens {
			t := &tokens[i]
			from, to := int(t.start), int(t.end)
			if t.ends != 0 && !values.end(t.ends, from) {
				return false
			}
			switch t.kind {
			case kindNumber:
				if !isPlainNumber(data[from], to-from, pointsOf(notDigits, from, to)) {
					return false
				}
				values.take(t.slot, columns.NewSpan(from, to))
			case kindText:
				text := columns.NewSpan(from, to)
				if data[to] == '\\' {
					var ok bool
					if text, pos, ok = f.escapedText(from, to, t.role); !ok {
						return false
					}
				}
				values.take(t.slot, text)
			case kindEnd:
				r.pos = from
				return len(r.program.groupBy) > 0 || values.endOrder(start, from)
			case kindMark:
				if !values.mark(t.slot, from) {
					return false
				}
			default:
				if !f.takeOther(t.slot, from) {
					return false
				}
				pos = r.pos
			}
		}
	}
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
	r.pos = pos
	for r.data[r.pos] == '\\' {
		if !r.escape() || r.pos >= m.valid {
			return 0, 0, false
		}
		if r.pos = m.next(bitsText, r.pos); r.pos >= m.valid {
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
		price, why := d.judgeDecimal(text)
		return price, why == reasonNone
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
