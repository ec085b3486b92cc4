package orders

import (
	"bytes"
	"encoding/binary"
)

// The quick way to read an order.
//
// A program writes its orders, so what stands between two values of an order
// (commas, brackets, keys, white space) is nearly always what stood there in an
// order before, byte for byte. The reader therefore notes, while it reads an
// order the careful way, each such gap, what kind of value follows it, and where
// in an order that leads. The next order is then read by comparing: from the
// spot where it stands the quick reader knows a few gaps, compares the bytes
// with them, many at a time, and is at the next value without having looked at
// a single comma. Where the value ends, the marks of the whole chunk tell.
//
// This is no guess. A spot stands for everything that decides what may follow:
// which objects and arrays are open, which keys were seen in them, which fields
// were found. A gap that was right at a spot once is right there always.
//
// Whatever is not known, not plain or not right (a new gap, an exponent, a fault)
// makes the quick reader give up, and the order is read again from its begin the
// careful way, which knows all and tells all. So the quick reader has no errors
// of its own, and nothing that it reads could have been read otherwise.
//
// Going from gap to gap (walk) is apart from judging the values (follow): the
// first is a dozen steps that are the same in nearly every order, which a
// processor foresees, and has a version in assembly, walk_amd64.s.

// carefully says that nothing is to be read the quick way. Tests set it to see
// that the answers are the same.
var carefully = false

// quick reads the order at pos if all of it is as before.
func (r *reader) quick() bool {
	if carefully {
		return false
	}
	h := &r.habits
	if h.rest > 0 {
		h.rest--
		return false
	}
	if h.first == nil {
		return false
	}
	start, lines := r.pos, len(r.batch.lines)
	r.clear()
	if r.follow(h.first) {
		h.fails -= h.fails >> 6 // forgets
		return true
	}
	r.pos, r.short = start, false
	r.batch.cutLines(lines)
	if h.fails += 16; h.fails > 1024-16 {
		h.fails, h.rest = 512, 4096
	}
	return false
}

// follow goes from spot to spot through an order.
func (r *reader) follow(at *spot) bool {
	data, pos := r.data, r.pos
	others := r.marks.planes[planeOther]
	lines := r.batch.lines
	start, plain := pos, r.program.plain
	found := &r.found
	for {
		var n int
		n, pos, at = walk(data, &r.marks, pos, at, &r.habits.tokens)
		if n == 0 || pos >= r.marks.valid {
			return false
		}
		tokens := r.habits.tokens[:n]
		for i := range tokens {
			t := &tokens[i]
			from, to := int(t.start), int(t.end)
			if t.endsLine {
				if plain {
					lines = append(lines, line{found[roleItem], found[rolePrice], uint32(from)})
				} else if !r.endLine(from) {
					return false
				}
			}
			switch t.kind {
			case kindNumber:
				// What is no digit is a point: there may be one, and not at
				// either end.
				n := to - from
				points := binary.LittleEndian.Uint64(others[from>>3:]) >> (from & 7) & (1<<(n&63) - 1)
				if uint(n-1) >= maxDigits || points&(points-1) != 0 || points&(1|1<<((n-1)&63)) != 0 {
					return false
				}
				if data[from] == '0' && n > 1 && points != 2 || points != 0 && t.role == rolePhone {
					return false
				}
				if plain {
					found[t.slot%maxSlots] = newSpan(from, to)
				} else {
					r.take(t.slot, newSpan(from, to))
				}
			case kindText:
				text, ok := newSpan(from, to), true
				if data[to] == '\\' {
					text, pos, ok = r.escapedText(from, to, t.role)
				} else if t.role != roleNone && plain {
					if c := data[from]; c < '#' || c > '~' || t.role == rolePrice {
						text, ok = r.provided(text, t.role)
					}
				}
				if !ok {
					return false
				}
				if plain {
					found[t.slot%maxSlots] = text
				} else {
					r.take(t.slot, text)
				}
			case kindEnd:
				r.pos, r.fault.reason = from, reasonNone
				if !plain {
					return len(r.program.groupBy) > 0 || r.endOrder(start, from)
				}
				r.batch.lines = lines
				r.order = order{start: uint32(start), end: t.start, phone: found[rolePhone], name: found[roleName]}
				return true
			default:
				// The value may really be less deep; what is deeper than half
				// of the limit is left to the careful way.
				r.pos = from
				if t.slot != 0 && from < len(data) && data[from] == '"' { // where others have no text
					text, ok := r.text()
					if !ok {
						return false
					}
					pos = r.pos
					r.take(t.slot, r.meaning(text))
					continue
				}
				if !r.skip(maxDepth / 2) {
					return false
				}
				pos = r.pos
				if data[from] != 'n' { // null is as good as not there
					r.take(t.slot, newSpan(from, pos))
				}
			}
		}
	}
}

// escapedText reads on in the string from start on, which has an escape at pos,
// and returns where it ends.
func (r *reader) escapedText(start, pos int, role role) (value Span, end int, ok bool) {
	r.pos = pos
	for r.data[r.pos] == '\\' {
		if !r.escape() || r.pos >= r.marks.valid {
			return 0, 0, false
		}
		if r.pos = r.marks.next(planeText, r.pos); r.pos >= r.marks.valid {
			return 0, 0, false
		}
	}
	if role == roleNone {
		return 0, r.pos, true
	}
	value = r.meaning(text{start, r.pos, true})
	if role == roleRaw {
		return value, r.pos, true
	}
	if bytes.IndexByte(r.batch.Text(value), 0) >= 0 {
		return 0, 0, false
	}
	value, ok = r.provided(value, role)
	return value, r.pos, ok
}

// provided says whether a text is right for its role as it stands. A name that
// is blank is none.
func (r *reader) provided(value Span, role role) (Span, bool) {
	content := r.batch.Text(value)
	switch {
	case role == rolePrice:
		return value, len(content) > 0 && len(content) <= maxDigits && isPlainDecimal(content)
	case isBlank(content):
		return 0, role == roleName
	}
	return value, true
}

// isPlainDecimal says whether b is digits, perhaps a point and digits.
func isPlainDecimal(b []byte) bool {
	s := scanner{data: b}
	if !isDigit(b[0]) {
		return false
	}
	n, ok := s.number()
	return ok && n.end == len(b) && !n.exponent
}
