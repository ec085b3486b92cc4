package table

import (
	"bytes"
	"iter"
	"sync"
)

// A Shard has the records of keys whose hashes have the same first bits: the records, in
// the order in which their keys came, and an index that finds the record of a key.
type Shard struct {
	sync.Mutex // for adding while others add
	slabs      []slab
	count      int // the number of records
	index      index
	keep       kept
	overflow   []overflowText // keys and texts that are too long for records
	texts      texts
	// longOrders reports whether a stamp may have an Order in the overflow.
	longOrders bool
	// detailBytes is about how much memory the details take.
	detailBytes int64
}

// at returns the record with a number.
func (s *Shard) at(number uint32) *record {
	return &s.slabs[number>>slabBits].records[number%slabRecords]
}

// countAt returns how often the key of a record came, if that is kept.
func (s *Shard) countAt(number uint32) *int64 {
	return s.slabs[number>>slabBits].counts.at(number % slabRecords)
}

// detail returns the detail of a record, if details are kept.
func (s *Shard) detail(number uint32) Detail {
	return s.slabs[number>>slabBits].details.at(number % slabRecords)
}

// records yields the records and their numbers, in the order in which the keys came.
func (s *Shard) records() iter.Seq2[uint32, *record] {
	return func(yield func(uint32, *record) bool) {
		for i := range s.slabs {
			records := s.slabs[i].records
			records = records[:min(len(records), s.count-i<<slabBits)]
			for n := range records {
				if !yield(uint32(i<<slabBits+n), &records[n]) {
					return
				}
			}
		}
	}
}

// Add adds a key that came count times, first at one position and last, with that text,
// at another. An empty text was not provided. It returns the number of the record, which is
// valid until the shard is spilled. The shard must be locked if others use the table.
//
// If the table keeps versions, the key has those of its positions: see [version.Position].
func (s *Shard) Add(l *Lookup, text []byte, first, at, count int64) uint32 {
	if s.keep.versions {
		return s.addPositions(l, text, first, at, count)
	}
	number := s.findOrMake(l, uint64(first))
	if s.keep.counts {
		*s.countAt(number) += count
	}
	r := s.at(number)
	if r.first&positionMask > uint64(first) {
		r.first = r.first&^uint64(positionMask) | uint64(first)
	}
	if len(text) == 0 {
		return number
	}
	isLater := r.textLength() == 0 || r.textAt&positionMask < uint64(at)
	if s.keep.details != nil && s.noteText(number, r, text) {
		if isLater {
			r.textAt = r.textAt&^positionMask | uint64(at)
		}
	} else if isLater {
		s.setText(r, text, uint64(at))
	}
	return number
}

// noteText tells the detail of a record, if the record has a text, that another one is different.
// It reports whether the text is the same.
func (s *Shard) noteText(number uint32, r *record, text []byte) (same bool) {
	if r.textLength() == 0 {
		return false
	}
	if same = bytes.Equal(s.text(r), text); !same {
		s.detail(number).OtherText()
	}
	return same
}

// Change calls f with the detail of a record, which f may change. The table must keep
// details.
func (s *Shard) Change(number uint32, f func(Detail)) {
	d := s.detail(number)
	before := d.Bytes()
	f(d)
	s.detailBytes += d.Bytes() - before
}

// findOrMake returns the number of the key's record. If there is no record, it makes one.
func (s *Shard) findOrMake(l *Lookup, first uint64) uint32 {
	if number, found := s.find(l); found {
		return number
	}
	if s.index.isFull(s.count) {
		s.growIndex()
	}
	s.grow()
	number := uint32(s.count)
	s.count++
	s.index.put(l.hash, number)
	s.setKey(s.at(number), l, first)
	return number
}

// empty forgets all records.
func (s *Shard) empty() {
	s.slabs, s.count, s.index, s.overflow, s.texts = nil, 0, index{}, nil, texts{}
	s.detailBytes, s.longOrders = 0, false
}

// sortBytes is about how much memory it takes to sort a record: for its number, for a part of
// the ranks, and for the refs of those few shards that are being sorted.
const sortBytes = 4 + 8/rankEvery + 2

// eachBytes returns how much memory each record takes, beside the index, long texts and what
// is in the detail.
func (s *Shard) eachBytes() int64 {
	each := int64(recordBytes)
	if s.keep.counts {
		each += 8
	}
	if s.keep.details != nil {
		each += s.keep.details.each()
	}
	if s.keep.versions {
		each += 64
	}
	return each
}

// Bytes returns about how much memory the shard takes. The shard must be locked if others
// use the table.
func (s *Shard) Bytes() int64 {
	return int64(s.capacity())*s.eachBytes() + int64(s.count)*sortBytes + int64(len(s.index.slots))*4 +
		int64(cap(s.overflow))*16 + s.texts.size + s.detailBytes
}
