package orders

import (
	"hash/maphash"
	"runtime"

	"process-orders/internal/columns"
)

// rowFindings are what a scan of rows found besides orders.
type rowFindings struct {
	// groups are the groups of rows, of which each is an order, in order.
	groups []foundGroup
	// newTables are the numbers of those groups before which a new table starts.
	newTables []int
	// isCut reports whether the source ends within its last row, it seems: the row has no end,
	// and fewer values than the header.
	isCut bool
	// rows are all rows, if they are collected. Then there are no groups.
	rows []foundRow
}

// A foundGroup is rows that follow each other and have the same key.
type foundGroup struct {
	start int
	key   uint64 // the hash of their key, 0 if they have none
	// orphan reports whether there are only children in it.
	orphan bool
}

// A foundRow is one row.
type foundRow struct {
	start, end int
	key        columns.Span // 0 if it has none
	header     bool         // it is the first of a new table
}

func (f *rowFindings) reset() {
	f.groups, f.newTables, f.rows, f.isCut = f.groups[:0], f.newTables[:0], f.rows[:0], false
}

// keySet is a set of the keys of one table. It keeps hashes of 64 bits. If two keys have
// the same, rows are joined that need not be, and nothing is lost.
type keySet struct {
	slots []uint64
	count int
}

var keySeed = maphash.MakeSeed()

// bytes is how much memory the set takes.
func (s *keySet) bytes() int64 { return int64(len(s.slots)) * 8 }

// reset makes the set empty. It gives back the memory of a large one, as clearing that
// for each of many small tables would take long.
func (s *keySet) reset() {
	const large = 4096
	if len(s.slots) > large {
		s.slots = nil
	}
	clear(s.slots)
	s.count = 0
}

// hashOfKey is never 0.
func hashOfKey(key []byte) uint64 { return maphash.Bytes(keySeed, key) | 1 }

// seek asks for the memory of the slots of some keys, without waiting for it: a large set
// is in no cache. After it the processor waits for all of them at once.
func (s *keySet) seek(groups []foundGroup) {
	if len(s.slots) == 0 {
		return
	}
	asked := uint64(0)
	for i := range groups {
		asked += s.slots[groups[i].key>>1&uint64(len(s.slots)-1)]
	}
	runtime.KeepAlive(asked)
}

// add adds the hash of a key and reports whether it is new.
func (s *keySet) add(h uint64) bool {
	if 4*(s.count+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(64, 2*len(old)))
		for _, h := range old {
			if h != 0 {
				*s.find(h) = h
			}
		}
	}
	slot := s.find(h)
	if *slot == h {
		return false
	}
	*slot = h
	s.count++
	return true
}

// find returns the slot that has the hash, or should. At least one slot is free, and their
// number is a power of 2.
func (s *keySet) find(h uint64) *uint64 {
	for at := h >> 1; ; at++ {
		slot := &s.slots[at&uint64(len(s.slots)-1)]
		if *slot == h || *slot == 0 {
			return slot
		}
	}
}
