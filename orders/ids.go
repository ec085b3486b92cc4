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
	// known are what is kept of the order with each id, in the order in which they came, in
	// blocks of knownPerBlock. An id has the number of its own.
	known [][]known
}

// id is a short text itself, with its length, or the hash of a long one: 96 bits, of which
// the last eight are the length. The hash has 88 bits and a seed of this process, so no two
// of any number of orders will share one. The other 32 bits are the number of its order in
// ids.known, from 1; so an id is never zero.
type id [2]uint64

const (
	maxShortID = 11
	// longID is what a hashed id has instead of a length.
	longID = 255
)

const (
	idBytes       = 16
	idsPerLine    = 64 / idBytes
	knownBytes    = 48
	knownPerBlock = 256
	// maxKnown is how many orders a table can have.
	maxKnown = 1<<32 - 1
)

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

// home is a hash: where in a table an id should be. It is the first slot of a line of the
// processor's cache, so that most ids that are new need the memory of one line.
func (i id) home() uint64 {
	hi, lo := bits.Mul64(i[0]^idSalts[0], uint64(uint32(i[1]))^idSalts[1])
	return (hi ^ lo) &^ (idsPerLine - 1)
}

// isOf reports whether two ids are of the same text.
func (i *id) isOf(other *id) bool { return i[0] == other[0] && uint32(i[1]) == uint32(other[1]) }

// number is that of the id's order in ids.known, from 1; 0 if the slot is free.
func (i *id) number() uint64 { return i[1] >> 32 }

// bytes is how much memory the ids take.
func (s *ids) bytes() int64 {
	return int64(len(s.slots))*idBytes + int64(len(s.known))*knownPerBlock*knownBytes
}

// bytesWith is how much memory the ids take with so many more.
func (s *ids) bytesWith(more int) int64 {
	slots, blocks := len(s.slots), (s.count+more+knownPerBlock-1)/knownPerBlock
	for 4*(s.count+more) > 3*slots {
		slots = max(minSlots, 2*slots)
	}
	return int64(slots)*idBytes + int64(max(len(s.known), blocks))*knownPerBlock*knownBytes
}

const minSlots = 64

// seekIDs is how many ids should be sought together. It is enough to keep all of a core's
// memory requests busy, and few enough for its first cache.
const seekIDs = 32

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

// find returns what is kept of the order with this id. It is nil if the id is new: then add
// keeps it, in the slot that is returned too.
func (s *ids) find(i id) (k *known, slot *id) {
	if 4*(s.count+1) > 3*len(s.slots) {
		s.grow()
	}
	slot = s.slot(i)
	return s.numbered(slot.number()), slot
}

// grow makes twice as many slots. Ids stay in the order of their homes, so this goes through
// the memory from start to end.
func (s *ids) grow() {
	old := s.slots
	s.slots = make([]id, max(minSlots, 2*len(old)))
	for _, i := range old {
		if i.number() > 0 {
			*s.slot(i) = i
		}
	}
}

// numbered is what is kept of the order with that number; nil of 0.
func (s *ids) numbered(n uint64) *known {
	if n == 0 {
		return nil
	}
	n--
	return &s.known[n/knownPerBlock][n%knownPerBlock]
}

// add fills a slot that find returned. It returns what is kept of the order, for the caller to
// fill.
func (s *ids) add(slot *id, i id) *known {
	block := s.count / knownPerBlock
	if block == len(s.known) {
		s.known = append(s.known, make([]known, knownPerBlock))
	}
	k := &s.known[block][s.count%knownPerBlock]
	s.count++
	slot[0], slot[1] = i[0], uint64(uint32(i[1]))|uint64(s.count)<<32
	return k
}

// slot returns the slot that has the id, or should. At least one slot is free, and their
// number is a power of 2.
func (s *ids) slot(i id) *id {
	for at := i.home(); ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if slot.number() == 0 || slot.isOf(&i) {
			return slot
		}
	}
}

// forget forgets all ids, and keeps the memory for others.
func (s *ids) forget() {
	clear(s.slots)
	s.count = 0
}
