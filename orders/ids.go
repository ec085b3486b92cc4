package orders

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// ids are the ids of the orders that a run has read: a hash table with open addressing,
// as a map of so many would take twice the time and the memory.
type ids struct {
	slots []knownID
	count int
	// shop is the shop of the orders that are added, with a NUL behind it, which no id has;
	// "" is no shop. text is scratch.
	shop string
	text []byte
}

// of says of which shop the next orders are.
func (s *ids) of(shop string) {
	if s.shop = shop; shop != "" {
		s.shop += "\x00"
	}
}

// A knownID is the id of an order, and what is kept of the first order that has it: its
// traits and its place.
type knownID struct {
	id     id
	traits traits
	source uint16 // its number in the run
	at     uint64 // its line and, in the lower columnBits, its column
}

// idBytes is the size of a knownID.
const idBytes = 32

// Lines, columns and sources with larger numbers are kept as the largest. They are only
// shown.
const (
	columnBits = 24
	maxSource  = 1<<16 - 1
)

func newKnownID(i id, t traits, source int, at Place) knownID {
	column := min(at.Column, 1<<columnBits-1)
	line := min(at.Line, 1<<(64-columnBits)-1)
	return knownID{i, t, uint16(min(source, maxSource)), uint64(line)<<columnBits | uint64(column)}
}

// place is where the first order with the id starts.
func (k *knownID) place() Place {
	return Place{Line: int64(k.at >> columnBits), Column: int64(k.at & (1<<columnBits - 1))}
}

// id is a short text itself, with its length, or the hash of a long one. The hash has 120
// bits and a seed of this process, so no two of any number of orders will share one. An id
// is never zero.
type id [2]uint64

// longID is what a hashed id has instead of a length.
const longID = 255

var (
	idSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	idSalts = [2]uint64{rand.Uint64(), rand.Uint64()}
)

// newID makes an id of its text.
func newID(text []byte) id {
	var buf [16]byte
	if len(text) < len(buf) {
		copy(buf[:], text)
		buf[15] = byte(len(text))
	} else {
		binary.LittleEndian.PutUint64(buf[:], maphash.Bytes(idSeeds[0], text))
		binary.LittleEndian.PutUint64(buf[8:], maphash.Bytes(idSeeds[1], text))
		buf[15] = longID
	}
	return id{binary.LittleEndian.Uint64(buf[:]), binary.LittleEndian.Uint64(buf[8:])}
}

// idOf makes an id of its text and of the shop.
func (s *ids) idOf(text []byte) id {
	if s.shop != "" {
		s.text = append(append(s.text[:0], s.shop...), text...)
		text = s.text
	}
	return newID(text)
}

// bytes is how much memory the ids take.
func (s *ids) bytes() int64 { return int64(len(s.slots)) * idBytes }

// slot returns the slot of an id, which is that of the id already or is free. Who fills a
// free one counts it.
func (s *ids) slot(i id) *knownID {
	if 4*(s.count+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]knownID, max(64, 2*len(old)))
		for _, k := range old {
			if k.id != (id{}) {
				*s.find(k.id) = k
			}
		}
	}
	return s.find(i)
}

// find returns the slot that has the id, or should. At least one slot is free, and their
// number is a power of 2.
func (s *ids) find(i id) *knownID {
	hi, lo := bits.Mul64(i[0]^idSalts[0], i[1]^idSalts[1])
	for at := hi ^ lo; ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if slot.id == i || slot.id == (id{}) {
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
	repeated, orders, lines, from := int64(0), 0, 0, 0
	for i := range b.All {
		o, d := b.All[i], b.Details[i]
		to := int(o.Lines)
		if id := b.Text(d.ID); len(id) > 0 && !c.isFirst(chunk, i, id) {
			repeated++
			from = to
			continue
		}
		if repeated > 0 {
			copy(b.AllLines[lines:], b.AllLines[from:to])
			copy(b.LineDetails[lines:], b.LineDetails[from:to])
			o.Lines = uint32(lines + to - from)
			b.All[orders], b.Details[orders] = o, d
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
func (c *cursor) isFirst(chunk *chunk, i int, text []byte) bool {
	id, t := c.ids.idOf(text), chunk.traits.all[i]
	known := c.ids.slot(id)
	if known.id != id {
		*known = newKnownID(id, t, chunk.block.Source, c.startOf(chunk, i))
		c.ids.count++
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
	at, line := c.at, chunk.traits.starts[i]
	start := int64(chunk.All[i].Start)
	if line.newlines > 0 {
		at.line += int64(line.newlines)
		at.lineStart = at.offset + int64(line.start)
	}
	at.offset += start
	return c.public(chunk, at)
}

// sourceName is the name of a source by its number, or "" if there were too many sources.
func (c *cursor) sourceName(number int) string {
	if number < maxSource {
		return c.names[number]
	}
	return ""
}
