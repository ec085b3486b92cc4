package table

import "math/bits"

// An index says where in a shard the record of a key is: it is a hash table of the records'
// numbers. The records themselves lie one behind the other, in the order in which their
// keys came. So a shard that grows moves no record, a record takes no more memory than it
// has, and what came together lies together.
//
// The index is small: a slot has 4 bytes. Its lower bits are the number of a record + 1, or
// 0 if it is free. Its upper bits are a tag, some bits of the key's hash, so that a slot
// that belongs to another key is passed over without a look at the record. The home of a key
// is the slot that its hash says. The key is in its home, or in the next slot that was free.
type index struct {
	slots []uint32 // as many as a power of two
	// homeShift makes a home of the lower half of a hash: the upper bits of that half.
	homeShift uint8
	// numberBits is how many bits of a slot are the number. The tag has the others.
	numberBits uint8
}

const (
	// firstSlots is how many slots an index has at first.
	firstSlots = 32
	// At most fullOf of fullFrom slots are taken: a search looks at few slots then.
	fullOf, fullFrom = 5, 8
	// slotBytes is how much memory an index that has just grown takes for each record.
	slotBytes = 2 * 4 * fullFrom / fullOf
)

// firstNumberBits is how many bits of a slot are a number: enough for 16 M records. A shard
// with more takes bits from the tags, so its searches look at more records. Tests set it.
var firstNumberBits = 24

// tag returns the tag of a key with this hash, in the bits that it has in a slot.
func (x *index) tag(hash uint64) uint32 { return uint32(hash>>32) << (x.numberBits & 31) }

// home returns the first slot for a key with this hash.
func (x *index) home(hash uint64) uint32 { return uint32(hash) >> (x.homeShift & 31) }

// number returns the number + 1 of the record that a slot refers to, 0 if it is free.
func (x *index) number(slot uint32) uint32 { return slot & (1<<(x.numberBits&31) - 1) }

// isFull reports whether the index must grow before it takes one more than count.
func (x *index) isFull(count int) bool { return fullFrom*(count+1) > fullOf*len(x.slots) }

// put puts in the number of a record that is not there. There must be room.
func (x *index) put(hash uint64, number uint32) {
	slots, i := x.slots, x.home(hash)
	for slots[i] != 0 {
		i = (i + 1) & uint32(len(slots)-1)
	}
	slots[i] = x.tag(hash) | (number + 1)
}

// grow makes twice as many slots, which are all free.
func (x *index) grow() {
	n := max(firstSlots, 2*len(x.slots))
	slotBits := bits.TrailingZeros(uint(n))
	x.slots = make([]uint32, n)
	adviseHugePages(x.slots)
	// With fewer records than slots, as many bits as say a slot are enough for a number.
	x.homeShift, x.numberBits = uint8(32-slotBits), uint8(max(firstNumberBits, slotBits))
}

// find returns the number of the key's record, and whether there is one.
func (s *Shard) find(l *Lookup) (number uint32, found bool) {
	if l.likely != 0 && s.hasKey(s.at(l.likely-1), l) {
		return l.likely - 1, true
	}
	slots := s.index.slots
	if len(slots) == 0 {
		return 0, false
	}
	tag, i := s.index.tag(l.hash), s.index.home(l.hash)
	for {
		slot := slots[i&uint32(len(slots)-1)]
		number := s.index.number(slot)
		if number == 0 {
			return 0, false
		}
		if slot-number == tag && s.hasKey(s.at(number-1), l) {
			return number - 1, true
		}
		i++
	}
}

// growIndex makes room in the index for more records.
func (s *Shard) growIndex() {
	s.index.grow()
	for number, r := range s.records() {
		s.index.put(r.hash(), number)
	}
}
