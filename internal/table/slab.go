package table

// A slab is memory for some of a shard's records.
type slab struct {
	records  []record
	counts   []int64    // how often each record's key came, if that is kept
	details  []Detail   // of each record, if they are kept
	versions []versions // of each record, if they are kept
}

const (
	slabBits    = 14
	slabRecords = 1 << slabBits
	// firstRecords is the number of slots that a shard starts with.
	firstRecords = 16
)

func newSlab(size uint64, keep kept) slab {
	s := slab{records: make([]record, size)}
	if keep.counts {
		s.counts = make([]int64, size)
	}
	if keep.newDetail != nil {
		s.details = make([]Detail, size)
	}
	if keep.versions {
		s.versions = make([]versions, size)
		adviseHugePages(s.versions)
	}
	adviseHugePages(s.records)
	return s
}

func (s *slab) clear() {
	clear(s.records)
	clear(s.counts)
	clear(s.details)
	clear(s.versions)
}
