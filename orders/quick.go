package orders

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"unicode/utf8"
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
	// head and tail are the first and the last eight bytes of the gap, which
	// overlap in a short one; mask tells which bytes of head count. What is
	// between them is middle.
	head, mask, tail uint64
	middle           string
	size             int
	kind             kind
	role             role
	endsLine         bool // a line of the order ends within the gap
	next             *spot
}

// kind is how a value is read.
type kind uint8

const (
	kindOther  kind = iota // checked and passed over
	kindText               // a string; the gap has its opening quote
	kindNumber             // a number without exponent
	kindEnd                // no value: the order ends with the gap
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
	from   int   // where the last value ended
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

// step returns where this gap leads, or nil where that is not to be known.
func (h *habits) step(gap []byte, kind kind, role role, r *reader) *spot {
	for i := range h.at.steps {
		if s := &h.at.steps[i]; s.is(gap) {
			if s.kind != kind {
				return nil // a number here and a text there: no habit
			}
			return s.next
		}
	}
	if len(h.at.steps) == maxSteps || len(gap) > maxGapBytes || len(gap) == 0 || r.fault.reason != reasonNone {
		return nil
	}
	next := h.spot(r, role)
	if next == nil {
		return nil
	}
	h.at.steps = append(h.at.steps, newStep(gap, kind, role, h.ended, next))
	return next
}

// spot is the place behind a value with that role.
func (h *habits) spot(r *reader, role role) *spot {
	var key []byte
	for i, f := range h.frames {
		key = hex.AppendEncode(key, []byte(f.node.path))
		key = append(key, ':')
		key = binary.LittleEndian.AppendUint64(key, f.seen)
		key = append(key, byte(i))
	}
	has := r.has
	has[role] = true
	has[roleNone], has[roleName] = false, false // decide nothing
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
	s.head = firstWord(gap)
	if len(gap) < 8 {
		s.mask = 1<<(8*len(gap)) - 1
	} else {
		s.tail = binary.LittleEndian.Uint64(gap[len(gap)-8:])
	}
	if len(gap) > 16 {
		s.middle = string(gap[8 : len(gap)-8])
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
	return len(gap) == s.size && firstWord(gap) == s.head && (s.size <= 8 || s.fitsOn(gap, 0))
}

// fits says whether data goes on with the step's gap at pos. There must be
// maxGapBytes + 8 bytes of data from there.
func (s *step) fits(data []byte, pos int) bool {
	if (binary.LittleEndian.Uint64(data[pos:])^s.head)&s.mask != 0 {
		return false
	}
	return s.size <= 8 || s.fitsOn(data, pos)
}

func (s *step) fitsOn(data []byte, pos int) bool {
	return binary.LittleEndian.Uint64(data[pos+s.size-8:]) == s.tail &&
		(s.size <= 16 || string(data[pos+8:pos+s.size-8]) == s.middle)
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
	last := len(data) - maxGapBytes - 8
	marked := r.marked
	o := order{start: uint32(pos)}
	var l line
	for pos <= last {
		var s *step
		for i := range at.steps {
			if at.steps[i].fits(data, pos) {
				s = &at.steps[i]
				break
			}
		}
		if s == nil {
			return false
		}
		pos += s.size
		if s.endsLine {
			r.batch.lines = append(r.batch.lines, l)
		}
		var value span
		switch s.kind {
		case kindText:
			end := -1
			if marked {
				if end = nextMark(r.marks.stops, pos); end >= len(data) || data[end] != '"' {
					end = quickText(data, pos)
				}
			} else {
				end = quickText(data, pos)
			}
			if end >= 0 {
				value = span{uint32(pos), uint32(end - pos)}
				pos = end + 1
			} else if r.pos = pos - 1; !r.escapedText(&value) {
				return false
			} else {
				pos = r.pos
			}
			if s.role != roleNone && !quickContent(r.batch.bytes(value), s.role) {
				return false
			}
		case kindNumber:
			end := r.numberEnd(data, pos, s.role, marked)
			if end < 0 {
				return false
			}
			value = span{uint32(pos), uint32(end - pos)}
			pos = end
		case kindEnd:
			o.end = uint32(pos)
			r.order, r.pos, r.fault.reason = o, pos, reasonNone
			return true
		default:
			// The value may really be less deep; what is deeper than half
			// of the limit is left to the careful way.
			if r.pos = pos; !r.skip(maxDepth / 2) {
				return false
			}
			pos = r.pos
		}
		switch s.role {
		case rolePhone:
			o.phone = value
		case roleName:
			o.name = value
		case roleItem:
			l.item = value
		case rolePrice:
			l.price = value
		}
		at = s.next
	}
	return false
}

// escapedText reads a string that is not plain.
func (r *reader) escapedText(value *span) bool {
	t, ok := r.text()
	if ok {
		*value = r.meaning(t)
	}
	return ok && bytes.IndexByte(r.batch.bytes(*value), 0) < 0
}

// quickText returns where the string whose content begins at pos ends, or -1
// where it is not plain: with an escape, a fault, or too near to the end of data.
func quickText(data []byte, pos int) int {
	var wide uint64
	for i := pos; i+8 <= len(data); i += 8 {
		v := binary.LittleEndian.Uint64(data[i:])
		quote, slash := v^ones*'"', v^ones*'\\'
		stop := ((quote-ones)&^quote | (slash-ones)&^slash | (v-ones*' ')&^v) & highs
		if stop == 0 {
			wide |= v
			continue
		}
		n := bits.TrailingZeros64(stop)
		end := i + n/8
		if data[end] != '"' {
			return -1
		}
		wide |= v & (1<<(n&^7) - 1)
		if wide&highs != 0 && !utf8.Valid(data[pos:end]) {
			return -1
		}
		return end
	}
	return -1
}

// quickContent says whether a string is a value of that role as it stands.
func quickContent(content []byte, role role) bool {
	if role == rolePrice {
		return len(content) > 0 && len(content) <= maxDigits && isPlainDecimal(content)
	}
	return !isBlank(content)
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

// numberEnd returns where the number at pos ends, or -1 where it is not plain.
// What follows it is looked at as the next gap.
func (r *reader) numberEnd(data []byte, pos int, role role, marked bool) int {
	if !isDigit(data[pos]) || data[pos] == '0' && isDigit(data[pos+1]) {
		return -1
	}
	end := r.digitsEnd(data, pos, marked)
	if end < len(data) && data[end] == '.' {
		point := end
		if end = r.digitsEnd(data, point+1, marked); end == point+1 || role == rolePhone {
			return -1
		}
	}
	if end-pos > maxDigits && role == rolePrice {
		return -1
	}
	return end
}

func (r *reader) digitsEnd(data []byte, pos int, marked bool) int {
	if marked {
		return nextMark(r.marks.others, pos)
	}
	return digitsEnd(data, pos)
}

// digitsEnd returns where the digits from pos on end. It looks at eight bytes at
// a time: with the bits of '0' taken away a digit is at most 9, and adding 0x76
// to anything greater sets its highest bit.
func digitsEnd(data []byte, pos int) int {
	for ; pos+8 <= len(data); pos += 8 {
		v := binary.LittleEndian.Uint64(data[pos:]) ^ ones*'0'
		if others := ((v&^highs + ones*0x76) | v) & highs; others != 0 {
			return pos + bits.TrailingZeros64(others)/8
		}
	}
	for pos < len(data) && isDigit(data[pos]) {
		pos++
	}
	return pos
}
