package orders

import (
	"encoding/binary"
	"encoding/hex"
)

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
