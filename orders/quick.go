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
// with them, eight at a time, and is at the next value without having looked at
// a single comma.
//
// This is no guess. A spot stands for everything that decides what may follow:
// which objects and arrays are open, which keys were seen in them, which fields
// were found. A gap that was right at a spot once is right there always.
//
// Whatever is not known, not plain or not right (a new gap, an escape, a fault)
// makes the quick reader give up, and the order is read again from its begin the
// careful way, which knows all and tells all. So the quick reader has no errors
// of its own, and nothing that it reads could have been read otherwise.

// A spot is a place in an order, behind a value or at the order's begin.
type spot struct {
	steps []step
}

// A step is one way on from a spot: a gap and the value behind it.
type step struct {
	// first and last are the gap's bytes as words, from its begin on and from
	// its end back; where it is short they overlap, and mask tells which bytes
	// of first[0] count. What is between them is middle.
	first, last [wordsHeld]uint64
	mask        uint64
	middle      string
	size        int
	kind        kind
	role        role
	endsLine    bool // a line of the order ends within the gap
	next        *spot
}

// wordsHeld is how many words of each end of a gap a step holds.
const wordsHeld = 4

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
	maxSpots    = 128
	maxSteps    = 8
	maxGapBytes = 512
)

// habits is what a reader knows of gaps.
type habits struct {
	first *spot
	spots map[string]*spot
	// fails grows when an order could not be read quickly. While rest is above
	// 0 nobody tries: the input has no pattern.
	fails, rest int

	// What follows is of the order that is being read the careful way.
	at     *spot // behind the last value; nil: nothing more is to be learned
	from   int   // where the last value ended, or its closing quote is
	frames []frame
	ended  bool // a line ended since
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
	h.at, h.from, h.frames, h.ended = h.first, at, h.frames[:0], false
}

// learn notes the gap that ends where a value (or, for a text, its content)
// begins.
func (r *reader) learn(kind kind, role role, at int) {
	h := &r.habits
	if h.at == nil {
		return
	}
	gap := r.data[h.from:at]
	if h.at = h.step(gap, kind, role, r); h.at != nil {
		h.ended = false
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
func (h *habits) step(gap []byte, kind kind, role role, r *reader) *spot {
	for i := range h.at.steps {
		if s := &h.at.steps[i]; s.is(gap) {
			switch {
			case s.kind == kind:
			case s.role == roleNone && s.kind != kindEnd && kind != kindEnd:
				s.kind = kindOther // null here and a number there, and nobody reads it
			default:
				return nil
			}
			return s.next
		}
	}
	if len(h.at.steps) == maxSteps || len(gap) > maxGapBytes || len(gap) == 0 || r.fault.reason != reasonNone {
		return nil
	}
	next := h.spot(r, kind, role)
	if next == nil {
		return nil
	}
	h.at.steps = append(h.at.steps, newStep(gap, kind, role, h.ended, next))
	return next
}

// spot is the place behind a value of that kind and with that role.
func (h *habits) spot(r *reader, kind kind, role role) *spot {
	var key []byte
	for i, f := range h.frames {
		key = hex.AppendEncode(key, []byte(f.node.path))
		key = append(key, ':')
		key = binary.LittleEndian.AppendUint64(key, f.seen)
		key = append(key, byte(i))
	}
	has := r.has
	has[role] = true
	has[roleNone] = kind == kindText // then its closing quote is in the gap
	has[roleName] = false            // decides nothing
	for _, found := range has {
		if found {
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

func newStep(gap []byte, kind kind, role role, endsLine bool, next *spot) step {
	s := step{size: len(gap), mask: ^uint64(0), kind: kind, role: role, endsLine: endsLine, next: next}
	if len(gap) < 8 {
		s.mask = 1<<(8*len(gap)) - 1
	}
	for i := range wordsHeld {
		s.first[i] = firstWord(gap[min(8*i, len(gap)):])
		s.last[i] = firstWord(gap[max(0, len(gap)-8*i-8):])
	}
	if held := 8 * wordsHeld; len(gap) > 2*held {
		s.middle = string(gap[held : len(gap)-held])
	}
	return s
}

func firstWord(gap []byte) uint64 {
	var word [8]byte
	copy(word[:], gap)
	return binary.LittleEndian.Uint64(word[:])
}

// is says whether this is the step's gap.
func (s *step) is(gap []byte) bool {
	var w window
	return len(gap) == s.size && copy(w[:], gap) == s.size && s.fits(&w)
}

// window is the data at a gap.
type window [maxGapBytes + 8]byte

func (w *window) word(at int) uint64 { return binary.LittleEndian.Uint64(w[at:]) }

// fits says whether the window begins with the step's gap.
func (s *step) fits(w *window) bool {
	differs := (w.word(0) ^ s.first[0]) & s.mask
	if s.size > 8 {
		end := s.size & 1023 // tells the compiler that it is not negative
		differs |= w.word(end-8) ^ s.last[0]
		if s.size > 16 {
			differs |= (w.word(8) ^ s.first[1]) | (w.word(end-16) ^ s.last[1])
			if s.size > 32 {
				differs |= (w.word(16) ^ s.first[2]) | (w.word(end-24) ^ s.last[2])
				differs |= (w.word(24) ^ s.first[3]) | (w.word(end-32) ^ s.last[3])
				if s.size > 64 {
					return differs == 0 && string(w[32:end-32]) == s.middle
				}
			}
		}
	}
	return differs == 0
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
	if r.follow(h.first) {
		h.fails -= h.fails >> 6 // forgets
		return true
	}
	r.pos, r.short = start, false
	r.batch.lines = r.batch.lines[:lines]
	if h.fails += 16; h.fails > 1024-16 {
		h.fails, h.rest = 512, 4096
	}
	return false
}

// follow goes from spot to spot through an order.
func (r *reader) follow(at *spot) bool {
	data, pos := r.data, r.pos
	valid := r.marks.valid
	last := min(valid, len(data)) - len(window{}) // the last place with a whole window
	lines := r.batch.lines
	start := pos
	var found [roleCount]span
	for pos <= last {
		w := (*window)(data[pos:])
		var s *step
		for i := range at.steps {
			if at.steps[i].fits(w) {
				s = &at.steps[i]
				break
			}
		}
		if s == nil {
			return false
		}
		if s.endsLine {
			lines = append(lines, line{found[roleItem], found[rolePrice], uint32(pos)})
		}
		at = s.next
		pos += s.size
		if s.kind == kindEnd {
			r.batch.lines = lines
			r.order = order{start: uint32(start), end: uint32(pos), phone: found[rolePhone], name: found[roleName]}
			r.pos, r.fault.reason = pos, reasonNone
			return true
		}
		if s.kind == kindOther {
			// The value may really be less deep; what is deeper than half
			// of the limit is left to the careful way.
			if r.pos = pos; !r.skip(maxDepth / 2) {
				return false
			}
			pos = r.pos
			continue
		}
		end := r.marks.next(uint8(s.kind), pos)
		if end >= valid {
			return false
		}
		value, ok := newSpan(pos, end), true
		switch c := data[pos]; {
		case s.kind == kindNumber:
			ok = r.isPlainNumber(pos, end, s.role)
		case data[end] == '\\':
			value, end, ok = r.escapedText(pos, end, s.role)
		case s.role != roleNone && (c < '#' || c > '~' || s.role == rolePrice):
			value, ok = r.provided(value, s.role)
		}
		if !ok {
			return false
		}
		found[s.role] = value
		pos = end
	}
	return false
}

// escapedText reads on in the string from start on, which has an escape at pos,
// and returns where it ends.
func (r *reader) escapedText(start, pos int, role role) (value span, end int, ok bool) {
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
	if bytes.IndexByte(r.batch.bytes(value), 0) >= 0 {
		return 0, 0, false
	}
	value, ok = r.provided(value, role)
	return value, r.pos, ok
}

// provided says whether a text is right for its role as it stands. A name that
// is blank is none.
func (r *reader) provided(value span, role role) (span, bool) {
	content := r.batch.bytes(value)
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

// isPlainNumber says whether the digits and points from pos to end are a number
// that is right for its role as it stands.
func (r *reader) isPlainNumber(pos, end int, role role) bool {
	n := end - pos
	if n == 0 || n > maxDigits {
		return false
	}
	// What is no digit is a point: there may be one, and not at either end.
	points := binary.LittleEndian.Uint64(r.marks.planes[planeOther][pos>>3:]) >> (pos & 7) & (1<<n - 1)
	if points != 0 && (points&(points-1) != 0 || points&(1|1<<(n-1)) != 0 || role == rolePhone) {
		return false
	}
	return r.data[pos] != '0' || n == 1 || points == 2
}
