package table

import "unsafe"

// A slab is memory for some of a shard's records.
type slab struct {
	records  []record
	counts   counts     // how often each record's key came, if that is kept
	details  details    // of each record, if they are kept
	versions []versions // of each record, if they are kept
}

const (
	slabBits    = 13
	slabRecords = 1 << slabBits
	// firstRecords is the number of records that a shard has room for at first.
	firstRecords = 4
)

func newSlab(size int, keep kept) slab {
	s := slab{records: make([]record, size)}
	if keep.details != nil {
		s.details = keep.details.sized(size)
		s.counts = s.details.counts()
	} else if keep.counts {
		s.counts = counts{&make([]int64, size)[0], unsafe.Sizeof(int64(0))}
	}
	if keep.versions {
		s.versions = make([]versions, size)
		adviseHugePages(s.versions)
	}
	adviseHugePages(s.records)
	return s
}

// grow makes memory for more records if there is none. The first slab grows until it has
// the size of all others. From then on no record moves any more.
func (s *Shard) grow() {
	if s.count < s.capacity() {
		return
	}
	switch last := len(s.slabs) - 1; {
	case last < 0:
		s.slabs = append(s.slabs, newSlab(firstRecords, s.keep))
	case len(s.slabs[last].records) < slabRecords:
		old := s.slabs[last]
		s.slabs[last] = newSlab(2*len(old.records), s.keep)
		s.slabs[last].copy(&old)
	default:
		s.slabs = append(s.slabs, newSlab(slabRecords, s.keep))
	}
}

// capacity returns how many records the slabs can have.
func (s *Shard) capacity() int {
	last := len(s.slabs) - 1
	if last < 0 {
		return 0
	}
	return last*slabRecords + len(s.slabs[last].records)
}

func (s *slab) copy(from *slab) {
	copy(s.records, from.records)
	if from.details != nil {
		s.details.copy(from.details)
	} else if from.counts.first != nil {
		for i := range from.records {
			*s.counts.at(uint32(i)) = *from.counts.at(uint32(i))
		}
	}
	copy(s.versions, from.versions)
}

// counts are numbers in memory, of which each is so many bytes behind the one before. What is
// between two of them belongs to the first one.
type counts struct {
	first *int64
	step  uintptr
}

// at returns the i-th number. There must be so many.
func (c *counts) at(i uint32) *int64 {
	return (*int64)(unsafe.Add(unsafe.Pointer(c.first), uintptr(i)*c.step))
}
