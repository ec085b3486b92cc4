package orders

import (
	"encoding/binary"
	"encoding/hex"
)

// layouts is the cache of how orders are laid out: a graph that the slow path builds
// and the fast path follows. A vertex is a point in an order's text, at its start or
// behind a value. An edge is a literal (the bytes between two values) and the value
// behind it.
//
// A vertex is all that decides what may follow: which objects and arrays are open, which
// of their keys were seen, which fields were found. So a literal that was right once at a
// vertex is always right there.
type layouts struct {
	start    *vertex
	vertices map[string]*vertex // by vertexKey

	// The rest is about the order that the slow path is reading.
	at    *vertex // behind the last value; nil: nothing more is recorded
	from  int     // the offset behind the last value, or of its closing quote
	ends  uint8   // what ended since
	again bool    // a second line ended since
}

// What can end within a literal: a line of the order, or an element of the arrays that
// people are in, of which the first has the bit endsElement and each other one the next.
const (
	endsLine = 1 << iota
	endsElement
)

// vertex is a list of the edges that go on from there.
type vertex struct{ first *edge }

// edge leads from a vertex to the next one. The function goAlong goes along the edges.
type edge struct {
	// head and tail are the first and the last 32 bytes of the literal. mask has a bit
	// for each byte of head that counts: not all do if the literal is shorter.
	head, tail [wideBytes]byte
	mask       uint32
	size       uint32
	value      value
	// step is how goAlong reads the value: as it is, or as kindMark, at which it stops.
	step value
	// starts has the bits of firstBytes of which a text must start with one, and noPoint
	// those of a number's bytes that must be no points.
	starts  uint8
	noPoint uint64
	// once has all bits set if a value must be the first in its slot, and else none.
	once    uint64
	to      *vertex
	other   *edge // the vertex's next edge, to be tried if this one does not fit
	literal string
}

const (
	// wideBytes is how many bytes are compared at once.
	wideBytes = 32
	// aheadBytes is how much data must be there for a literal to be compared.
	aheadBytes = maxLiteralBytes + 8
)

// value is what follows a literal.
type value struct {
	kind kind
	role role
	slot uint8
	ends uint8 // what ends within the literal
}

// kind is how a value is read.
type kind uint8

const (
	kindText   kind = bitsText         // a string; its quotes belong to the literals around it
	kindNumber kind = bitsNumber       // a number without sign and exponent
	kindOther  kind = bitsCount + iota // checked and passed
	kindEnd                            // no value: the order ends with the literal
	kindMark                           // no value of its own: null, an object or an array starts here
)

// Limits of the cache. Real orders have a dozen vertices with an edge or two each.
// Input without a pattern must neither fill the memory nor make the search long.
const (
	maxVertices     = 1024
	maxEdges        = 8 // of one vertex
	maxLiteralBytes = 512
)

// reset starts to record the order at an offset.
func (l *layouts) reset(at int) {
	if l.start == nil {
		l.start, l.vertices = &vertex{}, map[string]*vertex{}
	}
	l.at, l.from, l.ends, l.again = l.start, at, 0, false
}

// end notes what ended. An element may end twice, as that changes nothing.
func (l *layouts) end(ends uint8) {
	l.again = l.again || l.ends&ends&endsLine != 0
	l.ends |= ends
}

// stop ends the recording of the order, as the rest is not worth learning.
func (l *layouts) stop() { l.at = nil }

// edge returns the edge with that literal, or nil and how many edges there are.
func (v *vertex) edge(literal []byte) (e *edge, edges int) {
	for e = v.first; e != nil; e = e.other {
		if e.literal == string(literal) {
			return e, edges
		}
		edges++
	}
	return nil, edges
}

// accepts reports whether the edge's value can be read as what was found behind its
// literal. A value that is not judged on the way may have several kinds: null in one
// order, for example, and a number in another. Its kind becomes kindOther.
func (e *edge) accepts(found value, p *program) bool {
	v := e.value
	switch {
	case v.kind == found.kind:
	case (v.role == roleNone || v.role == roleRaw) && v.kind < kindEnd && found.kind < kindEnd:
		v.kind = kindOther
		e.setValue(v, p)
	default:
		return false
	}
	return true
}

// add adds an edge to the current vertex and returns where it leads: nil if the cache
// is full. The key is that of the vertex behind the edge.
func (l *layouts) add(p *program, literal []byte, v value, key []byte) *vertex {
	to := l.vertices[string(key)]
	if to == nil {
		if len(l.vertices) >= maxVertices {
			return nil
		}
		to = &vertex{}
		l.vertices[string(key)] = to
	}
	last := &l.at.first
	for *last != nil {
		last = &(*last).other
	}
	*last = newEdge(p, literal, v, to)
	return to
}

func newEdge(p *program, literal []byte, v value, to *vertex) *edge {
	e := &edge{to: to, literal: string(literal)}
	e.setHead(literal)
	if len(literal) >= wideBytes {
		copy(e.tail[:], literal[len(literal)-wideBytes:])
	}
	e.setValue(v, p)
	return e
}

// setValue sets what is behind the literal.
func (e *edge) setValue(v value, p *program) {
	e.value, e.step, e.starts, e.noPoint, e.once = v, v, startsAny, 0, 0
	if v.slot >= firstSlot {
		e.once = ^uint64(0)
	}
	if p.stopsAt(v) {
		e.step = value{kind: kindMark}
		if p.isDirect {
			e.step.ends = v.ends
		}
	}
	switch v.role {
	case roleRaw:
		if v.slot == p.timeSlot {
			e.starts = startsDigit
		}
	case rolePhone:
		e.starts, e.noPoint = startsPlain, ^uint64(0)
	case roleName, roleItem:
		e.starts = startsPlain
	case rolePrice:
		e.starts = 0 // no text is a price at first sight
	}
}

// stopsAt reports whether goAlong stops at a value: there is more to do than to keep it.
func (p *program) stopsAt(v value) bool {
	switch {
	case p.plain:
		return false
	case v.kind == kindOther && v.slot != 0:
		return true
	case p.isDirect && v.kind == kindEnd:
		return p.timeSlot == noSlot
	case p.isDirect:
		return v.slot >= firstSlot && v.slot != p.timeSlot || v.kind == kindNumber && (v.role == roleName || v.role == roleItem)
	}
	return v.kind == kindEnd || v.ends != 0 || p.phoneSlots>>v.slot&1 != 0
}

func (e *edge) setHead(literal []byte) {
	e.mask = uint32(uint64(1)<<min(len(literal), wideBytes) - 1)
	e.size = uint32(len(literal))
	copy(e.head[:], literal)
}

// record notes the literal that ends where a value starts (or, of a string, its
// content) and what the value is. After the value comes recordEnd.
func (r *orderReader) record(kind kind, n *node, at int) {
	l := &r.layouts
	if l.at == nil {
		return
	}
	literal := r.data[l.from:at]
	v := value{kind, n.role, n.slot, l.ends}
	if n.judged != roleNone {
		v.role, v.slot = n.judged, uint8(n.judged)
	}
	e, edges := l.at.edge(literal)
	switch {
	case e != nil && e.accepts(v, r.program):
		l.at = e.to
	case e != nil || edges == maxEdges || len(literal) == 0 || len(literal) > maxLiteralBytes || l.again || !r.draft.isGood():
		l.at = nil
		return
	default:
		if l.at = l.add(r.program, literal, v, r.vertexKey(literal, v)); l.at == nil {
			return
		}
	}
	l.ends = 0
}

// recordEnd notes that a value of that kind ended: the next literal starts.
func (r *orderReader) recordEnd(kind kind) {
	r.layouts.from = r.pos
	if kind == kindText {
		r.layouts.from-- // the quote
	}
}

// vertexKey names all that decides what may follow a value. It has the literal before the
// value too. That decides nothing, but shows what to expect.
func (r *orderReader) vertexKey(literal []byte, v value) []byte {
	// The slot says which array the value is in, if it is an element of one.
	key := append(hex.AppendEncode(nil, literal), ' ', v.slot)
	if v.kind == kindMark { // what it marks comes behind
		key = append(key, '!')
	}
	for i, o := range r.open {
		key = hex.AppendEncode(key, []byte(o.node.path))
		key = append(key, ':')
		key = binary.LittleEndian.AppendUint64(key, o.seen)
		key = append(key, byte(i), flag(o.isAlone))
	}
	key = append(key, flag(r.isAlone))
	has := r.has
	for _, n := range r.program.judged {
		has[n.judged] = has[n.judged] || r.values.found[n.slot] != 0
	}
	has[v.role] = true
	has[roleNone] = v.kind == kindText // then its closing quote is in the literal
	has[roleName] = false              // decides nothing
	for _, one := range has {
		key = append(key, flag(one))
	}
	return key
}

func flag(is bool) byte {
	if is {
		return 1
	}
	return 0
}
