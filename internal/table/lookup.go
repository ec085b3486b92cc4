package table

import (
	"context"
	"unsafe"
)

// A Lookup is a key on its way to its record.
type Lookup struct {
	words  [3]uint64
	length uint64
	hash   uint64
	long   []byte // the key itself, if it is long
	home   uint32 // what is in the key's home slot, if Seek was called
}

// Prepare makes l the lookup of a key with that [Hash]. It refers to the key's memory.
func (l *Lookup) Prepare(key []byte, hash uint64) {
	l.hash = hash
	if len(key) > maxShort {
		l.words, l.length, l.long = [3]uint64{hash}, long, key
		return
	}
	l.words[0], l.words[1], l.words[2], _ = Words(key)
	l.length = uint64(len(key))
}

// prepareAgain makes l the lookup of the key that a record of s has.
func (l *Lookup) prepareAgain(s *Shard, r *record) {
	l.length, l.hash = r.keyLength(), r.hash()
	if l.length == long {
		l.words, l.long = [3]uint64{l.hash}, s.key(r)
		return
	}
	l.words[0], l.words[1], l.words[2] = r.keyWords(l.length)
}

// GroupSize is how many keys should be looked up together. It is enough to keep all of a
// core's memory requests busy, and few enough for its first cache.
const GroupSize = 64

// Seek asks for the memory in which the keys should be found, without waiting for it: of
// their home slots first, and then of the records that these refer to. Looking a key up in
// a large table is two waits for memory that no cache has. After Seek the processor waits
// for all of the keys at once. There are at most [GroupSize] of them.
//
// A record is mostly written once it is found, so its memory is asked for as what is to be
// written: if another core had it last, that core has to give it up but once.
func (s *Shard) Seek(group []Lookup) {
	x := &s.index
	if len(x.slots) == 0 {
		return
	}
	for i := range group {
		group[i].home = x.slots[x.home(group[i].hash)]
	}
	var wanted [4 * GroupSize]unsafe.Pointer
	n := 0
	for i := range group {
		l := &group[i]
		number := x.number(l.home)
		if number == 0 || l.home-number != x.tag(l.hash) {
			continue
		}
		r := s.at(number - 1) // which may be in two lines of a cache
		wanted[n], wanted[n+1] = unsafe.Pointer(r), unsafe.Pointer(&r.data[dataBytes-1])
		n += 2
		if s.keep.details != nil {
			wanted[n] = unsafe.Pointer(s.countAt(number - 1)) // and the detail beside it
			n++
		}
		if s.keep.versions {
			wanted[n] = unsafe.Pointer(s.versionsAt(number - 1))
			n++
		}
	}
	prefetch(&wanted[0], n)
}

// Get returns the record of a key, and whether there is one. If the table is on disk, Get
// compacts it (see [Table.Compact]) and may read through a 64th of it. Err reports what goes
// wrong there.
func (t *Table) Get(key string) (Record, bool) {
	var l Lookup
	l.Prepare([]byte(key), Hash([]byte(key)))
	s := t.Shard(ShardOf(l.hash))
	if t.disk != nil {
		err := t.Compact(context.Background(), 1)
		if segments := t.disk.segments[ShardOf(l.hash)]; err == nil && len(segments) > 0 {
			s, err = t.getFromDisk(&l, key, segments)
		}
		if err != nil {
			t.note(err)
			return Record{}, false
		}
	}
	if number, found := s.find(&l); found {
		return Record{s, s.at(number), number}, true
	}
	return Record{}, false
}

// getFromDisk returns a shard with nothing but the key's record, if that is in one of the
// segments.
func (t *Table) getFromDisk(l *Lookup, key string, segments []segment) (*Shard, error) {
	s := &Shard{keep: t.kept()}
	var group [GroupSize]stored
	for _, seg := range segments {
		r := seg.reader(bufferBytes)
		for {
			n, err := r.group(group[:])
			if err != nil {
				return nil, err
			}
			if n == 0 {
				break
			}
			for i := range n {
				if string(group[i].key) == key {
					s.addStored(l, &group[i], 0, new(shifter))
					return s, nil
				}
			}
		}
	}
	return s, nil
}
