package table

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"sync"
)

// A Shard is a hash table with open addressing: a record is in the home slot of its key, or
// in the next slot that was free. The hash decides which slot is the home.
//
// The slots are in slabs, so a table that grows needs no memory for a copy of itself: an
// old slab is used again as a new one as soon as its records have moved.
type Shard struct {
	sync.Mutex // for adding while others add
	slabs      []slab
	size       uint64 // the number of slots
	count      int    // the number of records: at most three quarters of the slots
	// The hash times the salt, as a fraction of 1, is the home slot. Each shard has a
	// salt of its own. Suppose two tables had the same homes, and one was read slot by
	// slot and added to the other: that one would fill up from one side, and short
	// searches would become long ones.
	salt     uint64
	keep     kept
	overflow []overflowText // keys and texts that are too long for records
	texts    texts
	// longOrders reports whether a stamp may have an Order in the overflow.
	longOrders bool
	// detailBytes is about how much memory the details take.
	detailBytes int64
}

// at returns the record in a slot.
func (s *Shard) at(slot uint32) *record {
	return &s.slabs[slot>>slabBits].records[slot%slabRecords]
}

// countAt returns how often the key of the record in a slot came, if that is kept.
func (s *Shard) countAt(slot uint32) *int64 {
	return &s.slabs[slot>>slabBits].counts[slot%slabRecords]
}

// detail returns the detail of the record in a slot, if details are kept.
func (s *Shard) detail(slot uint32) Detail {
	return s.slabs[slot>>slabBits].details[slot%slabRecords]
}

func (s *Shard) setDetail(slot uint32, d Detail) {
	s.slabs[slot>>slabBits].details[slot%slabRecords] = d
}

// home returns the slot at which the search for a key with this hash starts.
func (s *Shard) home(hash uint64) uint64 {
	home, _ := bits.Mul64(hash*s.salt, s.size)
	return home
}

// after returns the slot after another one; the first follows the last.
func (s *Shard) after(slot uint64) uint64 {
	if slot++; slot < s.size {
		return slot
	}
	return 0
}

// Add adds a key that came count times, first at one position and last, with that text,
// at another. An empty text was not provided. It returns the slot of the record, which is
// valid until the next Add. The shard must be locked if others use the table.
//
// If the table keeps versions, the key has those of its positions: see [version.Position].
func (s *Shard) Add(l *Lookup, text []byte, first, at, count int64) uint32 {
	if s.keep.versions {
		return s.addPositions(l, text, first, at, count)
	}
	slot := s.findOrMake(l, uint64(first))
	if s.keep.counts {
		*s.countAt(slot) += count
	}
	r := s.at(slot)
	if r.first&positionMask > uint64(first) {
		r.first = r.first&^uint64(positionMask) | uint64(first)
	}
	if s.keep.newDetail != nil && len(text) > 0 && r.textLength() > 0 {
		s.noteText(slot, r, text)
	}
	if len(text) > 0 && (r.textLength() == 0 || r.textAt&positionMask < uint64(at)) {
		s.setText(r, text, uint64(at))
	}
	return slot
}

// noteText tells the detail of a record, which has a text, if another text is different.
func (s *Shard) noteText(slot uint32, r *record, text []byte) {
	var buf [WordBytes]byte
	if !bytes.Equal(s.text(buf[:0], r), text) {
		s.detail(slot).OtherText()
	}
}

// Change calls f with the detail of the record in a slot, which f may change. The table
// must keep details.
func (s *Shard) Change(slot uint32, f func(Detail)) {
	d := s.detail(slot)
	before := d.Bytes()
	f(d)
	s.detailBytes += d.Bytes() - before
}

// findOrMake returns the slot of the key's record. If there is no record, it makes one.
func (s *Shard) findOrMake(l *Lookup, first uint64) uint32 {
	slot, found := s.search(l)
	if found {
		return slot
	}
	if 4*uint64(s.count+1) > 3*s.size {
		s.grow()
		slot, _ = s.search(l)
	}
	s.makeRecord(s.at(slot), l, first)
	if s.keep.newDetail != nil {
		d := s.keep.newDetail()
		s.setDetail(slot, d)
		s.detailBytes += d.Bytes()
	}
	return slot
}

// makeRecord makes r, which is free, the record of the key.
func (s *Shard) makeRecord(r *record, l *Lookup, first uint64) {
	s.count++
	r.key, r.first = l.words, first|(l.length+1)<<lengthShift
	if l.length == long {
		r.key[1] = uint64(len(s.overflow))
		s.overflow = append(s.overflow, overflowText{textRef: s.texts.add(l.long)})
	}
}

// empty forgets all records. It forgets the salt too, as the records may come back from
// disk in the order of their slots.
func (s *Shard) empty() {
	s.slabs, s.size, s.count, s.salt, s.overflow, s.texts = nil, 0, 0, 0, nil, texts{}
	s.detailBytes, s.longOrders = 0, false
}

// grow makes more slots: twice as many, or half as many more once there are several
// slabs. The order of homes stays the same, so this goes through old and new memory from
// start to end.
func (s *Shard) grow() {
	old := s.slabs
	if s.size < slabRecords {
		s.size = max(firstRecords, 2*s.size)
	} else {
		s.size += (s.size/2 + slabRecords - 1) &^ (slabRecords - 1)
	}
	if s.salt == 0 {
		s.salt = rand.Uint64() | 1
	}
	s.slabs = make([]slab, (s.size+slabRecords-1)/slabRecords)
	var free []slab
	for _, from := range old {
		for n := range from.records {
			if r := &from.records[n]; r.first != 0 {
				to := s.freeSlot(s.home(r.hash()), &free)
				*s.at(to) = *r
				if s.keep.counts {
					*s.countAt(to) = from.counts[n]
				}
				if s.keep.newDetail != nil {
					s.setDetail(to, from.details[n])
				}
				if s.keep.versions {
					*s.versionsAt(to) = from.versions[n]
				}
			}
		}
		if len(from.records) == slabRecords {
			from.clear()
			free = append(free, from)
		}
	}
	for n := range s.slabs {
		s.ensureSlab(uint64(n)<<slabBits, &free)
	}
}

// freeSlot returns the first free slot from one on.
func (s *Shard) freeSlot(slot uint64, free *[]slab) uint32 {
	for s.ensureSlab(slot, free); s.at(uint32(slot)).first != 0; s.ensureSlab(slot, free) {
		slot = s.after(slot)
	}
	return uint32(slot)
}

// ensureSlab makes the slab of a slot, if it is not there: from a free one if there is
// one.
func (s *Shard) ensureSlab(slot uint64, free *[]slab) {
	to := &s.slabs[slot>>slabBits]
	switch last := len(*free) - 1; {
	case to.records != nil:
	case last >= 0:
		*to, *free = (*free)[last], (*free)[:last]
	default:
		*to = newSlab(min(s.size, slabRecords), s.keep)
	}
}

// setText sets a record's text. A text that was long once keeps its entry in the overflow:
// texts that become long and short again must not take more and more memory.
func (s *Shard) setText(r *record, text []byte, at uint64) {
	if n := len(text); n <= maxShort && r.textLength() != long {
		r.text[0], r.text[1], r.text[2], _ = Words(text)
		r.textAt = at | uint64(n)<<lengthShift
		return
	}
	s.setLongText(r, text, at)
}

func (s *Shard) setLongText(r *record, text []byte, at uint64) {
	if r.textLength() != long {
		r.text[0] = uint64(len(s.overflow))
		s.overflow = append(s.overflow, overflowText{})
	}
	r.textAt = at | long<<lengthShift
	s.texts.set(&s.overflow[r.text[0]], text)
}

// key returns a record's key. It may be in buf.
func (s *Shard) key(buf []byte, r *record) []byte {
	if n := r.keyLength(); n != long {
		return appendWords(buf, int(n), &r.key)
	}
	return s.texts.get(s.overflow[r.key[1]].textRef)
}

// text returns a record's text. It may be in buf.
func (s *Shard) text(buf []byte, r *record) []byte {
	if n := r.textLength(); n != long {
		return appendWords(buf, int(n), &r.text)
	}
	return s.texts.get(s.overflow[r.text[0]].textRef)
}

// Bytes returns about how much memory the shard takes. The shard must be locked if others
// use the table.
func (s *Shard) Bytes() int64 {
	// Sorting takes a ref for each record, twice for a moment.
	n := int64(s.size)*64 + int64(s.count)*24 + int64(cap(s.overflow))*16 + s.texts.size
	if s.keep.counts {
		n += int64(s.size) * 8
	}
	if s.keep.newDetail != nil {
		n += int64(s.size)*16 + s.detailBytes
	}
	if s.keep.versions {
		n += int64(s.size)*64 + int64(s.count)*4 // sorting takes 4 more
	}
	return n
}
