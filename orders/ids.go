package orders

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"runtime"
)

// ids are the ids of the orders that a run has read: a hash table with open addressing,
// as a map of so many would take twice the time and the memory.
type ids struct {
	slots []id
	count int
	// firsts are what is kept of the first order with each id, in the order in which they
	// came, in blocks of firstsPerBlock. An id has the number of its own.
	firsts [][]first
}

// id is a short text itself, with its length, or the hash of a long one: 96 bits, of which
// the last eight are the length. The hash has 88 bits and a seed of this process, so no two
// of any number of orders will share one. The other 32 bits are the number of its order in
// ids.firsts, from 1; so an id is never zero.
type id [2]uint64

const (
	maxShortID = 11
	// longID is what a hashed id has instead of a length.
	longID = 255
)

// first is what is kept of an order: its traits and its place.
type first struct {
	traits traits
	source uint16 // its number in the run
	at     uint64 // its line and, in the lower columnBits, its column
}

const (
	idBytes        = 16
	firstBytes     = 16
	firstsPerBlock = 256
	// maxFirsts is how many orders have numbers. All others have the last one, and differ
	// from none: nobody has so much memory.
	maxFirsts = 1<<32 - 1
)

// Lines, columns and sources with larger numbers are kept as the largest. They are only
// shown.
const (
	columnBits = 24
	maxSource  = 1<<16 - 1
)

func newFirst(t traits, source int, line, column int64) first {
	column = min(column, 1<<columnBits-1)
	line = min(line, 1<<(64-columnBits)-1)
	return first{t, uint16(min(source, maxSource)), uint64(line)<<columnBits | uint64(column)}
}

// place is where the order starts.
func (f *first) place() Place {
	return Place{Line: int64(f.at >> columnBits), Column: int64(f.at & (1<<columnBits - 1))}
}

var (
	idSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	idSalts = [2]uint64{rand.Uint64(), rand.Uint64()}
)

// newID makes an id of its text, without a number.
func newID(text []byte) id {
	var buf [16]byte
	if len(text) <= maxShortID {
		copy(buf[:], text)
		buf[maxShortID] = byte(len(text))
	} else {
		binary.LittleEndian.PutUint64(buf[:], maphash.Bytes(idSeeds[0], text))
		binary.LittleEndian.PutUint32(buf[8:], uint32(maphash.Bytes(idSeeds[1], text)))
		buf[maxShortID] = longID
	}
	return id{binary.LittleEndian.Uint64(buf[:]), binary.LittleEndian.Uint64(buf[8:])}
}

// home is a hash: where in a table an id should be.
func (i id) home() uint64 {
	hi, lo := bits.Mul64(i[0]^idSalts[0], uint64(uint32(i[1]))^idSalts[1])
	return hi ^ lo
}

// isOf reports whether two ids are of the same text.
func (i id) isOf(other id) bool { return i[0] == other[0] && uint32(i[1]) == uint32(other[1]) }

// number is that of the id's order in ids.firsts, from 1; 0 if the slot is free.
func (i id) number() uint64 { return i[1] >> 32 }

// bytes is how much memory the ids take.
func (s *ids) bytes() int64 {
	return int64(len(s.slots))*idBytes + int64(len(s.firsts))*firstsPerBlock*firstBytes
}

// seek asks for the memory of the slots of some ids, without waiting for it: a large table
// is in no cache. After it the processor waits for all of them at once.
func (s *ids) seek(some []id) {
	if len(s.slots) == 0 {
		return
	}
	asked := uint64(0)
	for _, i := range some {
		asked += s.slots[i.home()&uint64(len(s.slots)-1)][1]
	}
	runtime.KeepAlive(asked)
}

// first returns what is kept of the first order that has this id. It is nil if the id is
// new: then add keeps it, in the slot that is returned too.
func (s *ids) first(i id) (known *first, slot *id) {
	if 4*(s.count+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]id, max(64, 2*len(old)))
		for _, i := range old {
			if i.number() > 0 {
				*s.find(i) = i
			}
		}
	}
	slot = s.find(i)
	if n := slot.number(); n > 0 {
		n--
		return &s.firsts[n/firstsPerBlock][n%firstsPerBlock], slot
	}
	return nil, slot
}

// add fills a slot that first returned.
func (s *ids) add(slot *id, i id, f first) {
	if uint64(s.count) < maxFirsts {
		if s.count%firstsPerBlock == 0 {
			s.firsts = append(s.firsts, make([]first, 0, firstsPerBlock))
		}
		last := &s.firsts[len(s.firsts)-1]
		*last = append(*last, f)
	}
	s.count++
	i[1] |= min(uint64(s.count), maxFirsts) << 32
	*slot = i
}

// find returns the slot that has the id, or should. At least one slot is free, and their
// number is a power of 2.
func (s *ids) find(i id) *id {
	for at := i.home(); ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if slot.number() == 0 || slot.isOf(i) {
			return slot
		}
	}
}

// once removes the orders of a chunk whose id came before, and counts them.
func (c *cursor) once(chunk *chunk) {
	b := &chunk.Orders
	if len(b.Details) == 0 {
		return
	}
	c.ids.seek(chunk.known.ids)
	repeated, orders, lines, from := int64(0), 0, 0, 0
	for i := range b.All {
		to := int(b.All[i].Lines)
		if b.Details[i].ID != 0 && !c.isFirst(chunk, i) {
			repeated++
			from = to
			continue
		}
		if repeated > 0 {
			copy(b.AllLines[lines:], b.AllLines[from:to])
			copy(b.LineDetails[lines:], b.LineDetails[from:to])
			b.All[orders], b.Details[orders] = b.All[i], b.Details[i]
			b.All[orders].Lines = uint32(lines + to - from)
		}
		orders++
		lines += to - from
		from = to
	}
	b.All, b.Details = b.All[:orders], b.Details[:orders]
	b.CutLines(lines)
	c.totals.Repeated += repeated
}

// isFirst reports whether an id is new, and keeps it. If it is not, but the order is another
// one than the first with that id, that is counted.
func (c *cursor) isFirst(chunk *chunk, i int) bool {
	t, id := chunk.known.traits[i], chunk.known.ids[i]
	known, slot := c.ids.first(id)
	if known == nil {
		line, column := c.lineOf(chunk, i)
		c.ids.add(slot, id, newFirst(t, chunk.block.Source, line, column))
		return true
	}
	if t.areOthers(known.traits) {
		if c.totals.SharedIDs++; c.totals.SharedIDs == 1 {
			first, second := known.place(), c.startOf(chunk, i)
			first.Source = c.sourceName(int(known.source))
			second.Order = chunk.Number(i)
			c.totals.SharedAt = [2]Place{first, second}
		}
	}
	return false
}

// startOf is where the i-th order of a chunk starts.
func (c *cursor) startOf(chunk *chunk, i int) Place {
	return c.public(chunk, c.at.then(chunk.known.starts[i]))
}

// lineOf is startOf without all else that a place has: each order with an id needs it.
func (c *cursor) lineOf(chunk *chunk, i int) (line, column int64) {
	if chunk.origin != nil {
		at := c.startOf(chunk, i)
		return at.Line, at.Column
	}
	at := c.at.then(chunk.known.starts[i])
	return at.line + 1, at.offset - at.lineStart + 1
}

// sourceName is the name of a source by its number, or "" if there were too many sources.
func (c *cursor) sourceName(number int) string {
	if number < maxSource {
		return c.names[number]
	}
	return ""
}
