package finding

import "hash/maphash"

// A phoneSet knows which phones came before. It keeps a hash of 64 bits of each: of ten
// million phones, the chance that any two have one hash is one in 300,000. That is good
// enough for a number that is only shown.
type phoneSet struct {
	limit int64    // how many bytes it may take; 0: any number
	slots []uint64 // open addressing; 0 is free
	count int
}

// slotBytes is how much memory a slot takes.
const slotBytes = 8

var phoneSeed = maphash.MakeSeed()

// full reports whether the set must not grow any more. Growing takes half as much again as
// the result, until the old slots are free.
func (s *phoneSet) full() bool {
	grown := int64(max(64, 2*len(s.slots))) * slotBytes
	return s.limit > 0 && s.mustGrow() && grown+grown/2 > s.limit
}

func (s *phoneSet) mustGrow() bool { return 4*(s.count+1) > 3*len(s.slots) }

// add adds a phone and reports whether it is new. The set must not be full.
func (s *phoneSet) add(phone []byte) bool {
	if s.mustGrow() {
		old := s.slots
		s.slots = make([]uint64, max(64, 2*len(old)))
		for _, hash := range old {
			if hash != 0 {
				*s.find(hash) = hash
			}
		}
	}
	hash := max(1, maphash.Bytes(phoneSeed, phone))
	slot := s.find(hash)
	if *slot == hash {
		return false
	}
	*slot = hash
	s.count++
	return true
}

// find returns the slot that has the hash, or should. At least one slot is free, and their
// number is a power of 2.
func (s *phoneSet) find(hash uint64) *uint64 {
	for at := hash; ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if *slot == hash || *slot == 0 {
			return slot
		}
	}
}
