package table

import (
	"bytes"
	"context"
	"runtime"
)

// A Lookup is a key on its way to its record.
type Lookup struct {
	words  [3]uint64
	length uint64
	hash   uint64
	long   []byte // the key itself, if it is long
	first  uint64 // of the record in the key's home slot
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
	l.words, l.length, l.hash = r.key, r.keyLength(), r.hash()
	if l.length == long {
		l.words = [3]uint64{l.hash}
		l.long = s.texts.get(s.overflow[r.key[1]].textRef)
	}
}

// GroupSize is how many keys should be looked up together. It is enough to keep all of a
// core's memory requests busy, and few enough for its first cache.
const GroupSize = 32

// Seek asks for the memory of the home slots of some keys, without waiting for it.
// Looking a key up in a large table is a wait for memory that no cache has. After Seek
// the processor waits for all of the keys at once.
func (s *Shard) Seek(group []Lookup) {
	for i := range group {
		l := &group[i]
		if n := s.home(l.hash); n < s.size {
			l.first = s.at(uint32(n)).first
		}
	}
	if s.keep.versions && s.size > 0 {
		asked := int64(0)
		for i := range group {
			asked += s.versionsAt(uint32(s.home(group[i].hash))).first.line
		}
		runtime.KeepAlive(asked)
	}
}

// prefetch asks for the memory of records, without waiting for it. Records that are
// sorted by position are spread all over a large table.
func (s *Shard) prefetch(refs []ref) {
	asked := uint64(0)
	for _, f := range refs {
		asked += s.at(f.slot).first
	}
	if s.keep.versions {
		for _, f := range refs {
			asked += uint64(s.versionsAt(f.slot).first.line)
		}
	}
	runtime.KeepAlive(asked)
}

// search goes from the key's home slot to its record or, if it has none, to the slot for
// it.
func (s *Shard) search(l *Lookup) (slot uint32, found bool) {
	for i := s.home(l.hash); i < s.size; i = s.after(i) {
		r := s.at(uint32(i))
		if r.first>>lengthShift == l.length+1 && r.key[0] == l.words[0] && s.matches(r, l) {
			return uint32(i), true
		}
		if r.first == 0 {
			return uint32(i), false
		}
	}
	return 0, false
}

// matches reports whether a record has the key, if the key's length and its first word
// are those of the record.
func (s *Shard) matches(r *record, l *Lookup) bool {
	if l.length == long {
		return bytes.Equal(s.texts.get(s.overflow[r.key[1]].textRef), l.long)
	}
	return r.key[1] == l.words[1] && r.key[2] == l.words[2]
}

// Get returns the record of a key, and whether there is one. If the table is on disk, Get
// compacts it (see [Table.Compact]) and reads through a 64th of it. Err reports what goes
// wrong there.
func (t *Table) Get(key string) (Record, bool) {
	var l Lookup
	l.Prepare([]byte(key), Hash([]byte(key)))
	s := t.Shard(ShardOf(l.hash))
	if t.disk != nil {
		var err error
		s, err = t.getFromDisk(&l, key)
		if t.note(err); s == nil {
			return Record{}, false
		}
	}
	if slot, found := s.search(&l); found {
		return Record{s, s.at(slot), slot}, true
	}
	return Record{}, false
}

// getFromDisk returns a shard with nothing but the key's record, or nil if there is none.
// It reads all segments that the key can be in.
func (t *Table) getFromDisk(l *Lookup, key string) (*Shard, error) {
	if err := t.Compact(context.Background(), 1); err != nil {
		return nil, err
	}
	for _, seg := range t.disk.segments[ShardOf(l.hash)] {
		r := seg.reader(bufferBytes)
		for {
			more, err := r.next()
			if err != nil {
				return nil, err
			}
			if !more {
				break
			}
			if err := r.load(); err != nil {
				return nil, err
			}
			if string(r.key) == key {
				s := &Shard{keep: t.kept()}
				s.addStored(l, &r.stored, 0, new(shifter))
				return s, nil
			}
		}
	}
	return nil, nil
}
