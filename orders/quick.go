package orders

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
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

// A spot is a place in an order, behind a value or at the order's begin. It is
// known by the first of the steps that go on from there.
type spot struct{ first *step }

// A step is one way on from a spot: a gap and the value behind it. The function
// walk goes from step to step.
type step struct {
	// first and last are the first and the last 32 bytes of the gap; in one
	// that is shorter mask tells which of the first count, by a bit for a byte.
	first, last [wideBytes]byte
	mask        uint32
	size        uint32
	value       value
	next        *spot
	other       *step // the spot's next step, to be tried where this one does not fit
	gap         string
}

const (
	// wideBytes is how many bytes are compared at once.
	wideBytes = 32
	// aheadBytes is how much data must be there for a gap to be compared.
	aheadBytes = maxGapBytes + 8
)

// A value is what stands behind a gap.
type value struct {
	kind     kind
	role     role
	slot     uint8
	endsLine bool // a line of the order ends within the gap
}

// A token is a value that was walked over, and where it stands.
type token struct {
	value
	_          uint32
	start, end uint32
}

// kind is how a value is read.
type kind uint8

const (
	kindText   kind = planeText         // a string; its quotes belong to the gaps around it
	kindNumber kind = planeNumber       // a number without sign and exponent
	kindOther  kind = planeCount + iota // checked and passed over
	kindEnd                             // no value: the order ends with the gap
)

// Limits of what is noted. Real orders have a dozen spots with a way or two on;
// input without a pattern must not fill the memory, nor make the search long.
const (
	maxSpots    = 1024
	maxSteps    = 8
	maxGapBytes = 512
	maxTokens   = 32
)

// habits is what a reader knows of gaps.
type habits struct {
	first *spot
	spots map[string]*spot
	// tokens are what was walked over last.
	tokens [maxTokens]token
	// fails grows when an order could not be read quickly. While rest is above
	// 0 nobody tries: the input has no pattern.
	fails, rest int

	// What follows is of the order that is being read the careful way.
	at     *spot // behind the last value; nil: nothing more is to be learned
	from   int   // where the last value ended, or its closing quote is
	frames []frame
	ended  int // how many lines ended since
}

// frame is an object that is open.
type frame struct {
	node *node
	seen uint64 // which of the node's keys stood in it
}

func (h *habits) begin(at int) {
	if h.first == nil {
		h.first, h.spots = &spot{}, map[string]*spot{}
	}
	h.at, h.from, h.frames, h.ended = h.first, at, h.frames[:0], 0
}

// learn notes the gap that ends where a value (or, for a text, its content)
// begins.
func (r *reader) learn(kind kind, n *node, at int) {
	h := &r.habits
	if h.at == nil {
		return
	}
	gap := r.data[h.from:at]
	if h.at = h.step(gap, value{kind, n.role, n.slot, h.ended > 0}, r); h.at != nil {
		h.ended = 0
	}
}

// learnt notes that the next gap begins where that kind of value ended.
func (r *reader) learnt(kind kind) {
	r.habits.from = r.pos
	if kind == kindText {
		r.habits.from-- // the quote
	}
}

// step returns where this gap leads, or nil where that is not to be known.
func (h *habits) step(gap []byte, found value, r *reader) *spot {
	free, n := &h.at.first, 0
	for s := *free; s != nil; s = *free {
		if s.gap == string(gap) {
			switch v := &s.value; {
			case v.kind == found.kind:
			case (v.role == roleNone || v.role == roleRaw) && v.kind != kindEnd && found.kind != kindEnd:
				v.kind = kindOther // null here and a number there, and nobody minds
			default:
				return nil
			}
			return s.next
		}
		free = &s.other
		n++
	}
	if n == maxSteps || len(gap) > maxGapBytes || len(gap) == 0 || h.ended > 1 || r.fault.reason != reasonNone {
		return nil
	}
	next := h.spot(r, gap, found)
	if next == nil {
		return nil
	}
	*free = newStep(gap, found, next)
	return next
}

// spot is the place behind that value. It tells also what the gap before it was:
// that does not decide what may follow, but what does.
func (h *habits) spot(r *reader, gap []byte, found value) *spot {
	// The slot tells which array the value is in, if it is an element of one.
	key := append(hex.AppendEncode(nil, gap), ' ', found.slot)
	for i, f := range h.frames {
		key = hex.AppendEncode(key, []byte(f.node.path))
		key = append(key, ':')
		key = binary.LittleEndian.AppendUint64(key, f.seen)
		key = append(key, byte(i))
	}
	has := r.has
	has[found.role] = true
	has[roleNone] = found.kind == kindText // then its closing quote is in the gap
	has[roleName] = false                  // decides nothing
	for _, one := range has {
		if one {
			key = append(key, 1)
		} else {
			key = append(key, 0)
		}
	}
	s := h.spots[string(key)]
	if s == nil && len(h.spots) < maxSpots {
		s = &spot{}
		h.spots[string(key)] = s
	}
	return s
}

func newStep(gap []byte, v value, next *spot) *step {
	s := &step{mask: ^uint32(0), size: uint32(len(gap)), value: v, next: next, gap: string(gap)}
	copy(s.first[:], gap)
	if len(gap) < wideBytes {
		s.mask = 1<<len(gap) - 1
	} else {
		copy(s.last[:], gap[len(gap)-wideBytes:])
	}
	return s
}

// walkPortably walks on from pos, where the step s may be next, as long as there
// are whole gaps of data, a step that fits, a value that is a text or a number,
// and room for tokens. It returns how many tokens it found, where it came to and
// the spot there. The last token has no end where its value is neither text nor
// number. Pos must be within m.
//
// The end of a text is any place where its plain part ends. If that is no quote,
// no step fits there.
func walkPortably(data []byte, m *marks, pos int, at *spot, tokens *[maxTokens]token) (n, end int, to *spot) {
	last := min(m.valid, len(data)) - aheadBytes
	for pos <= last && n < maxTokens {
		s := at.first
		for s != nil && string(data[pos:][:len(s.gap)]) != s.gap {
			s = s.other
		}
		if s == nil {
			break
		}
		pos += int(s.size)
		at = s.next
		tokens[n] = token{value: s.value, start: uint32(pos)}
		n++
		if s.value.kind > kindNumber {
			break
		}
		pos = m.next(uint8(s.value.kind), pos)
		tokens[n-1].end = uint32(pos)
	}
	return n, pos, at
}

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
