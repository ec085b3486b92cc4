package orders

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"

	"process-orders/internal/columns"
)

// ids are the ids of the orders that a run has read: a hash table with open addressing,
// as a map of so many would take twice the time and the memory.
type ids struct {
	slots []id
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

// bytes is how much memory the ids take.
func (s *ids) bytes() int64 { return int64(len(s.slots)) * 16 }

// add adds an id and reports whether it is new.
func (s *ids) add(text []byte) bool {
	if 4*(s.count+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]id, max(64, 2*len(old)))
		for _, i := range old {
			if i != (id{}) {
				*s.find(i) = i
			}
		}
	}
	if s.shop != "" {
		s.text = append(append(s.text[:0], s.shop...), text...)
		text = s.text
	}
	i := newID(text)
	slot := s.find(i)
	if *slot == i {
		return false
	}
	*slot = i
	s.count++
	return true
}

// find returns the slot that has the id, or should. At least one slot is free, and their
// number is a power of 2.
func (s *ids) find(i id) *id {
	hi, lo := bits.Mul64(i[0]^idSalts[0], i[1]^idSalts[1])
	for at := hi ^ lo; ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if *slot == i || *slot == (id{}) {
			return slot
		}
	}
}

// once removes the orders whose id came before, and returns how many.
func (s *ids) once(b *columns.Orders) (repeated int64) {
	if len(b.Details) == 0 {
		return 0
	}
	orders, lines, from := 0, 0, 0
	for i := range b.All {
		o, d := b.All[i], b.Details[i]
		to := int(o.Lines)
		if id := b.Text(d.ID); len(id) > 0 && !s.add(id) {
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
	return repeated
}
