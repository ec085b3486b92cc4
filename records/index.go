package records

import (
	"bytes"
	"hash/maphash"
)

// seed keys the hashes of this process, so that nobody can prepare an input
// whose keys all collide.
var seed = maphash.MakeSeed()

// index gives each key a number, from 0 in the order in which they first came.
// It is a hash table with open addressing: a slot holds half of a key's hash
// beside its number, so that other keys are told apart without a look at them.
type index struct {
	slots []slot // a power of two, at most 3/4 full
	keys  []ref
	texts texts
}

type slot struct {
	tag    uint32
	number uint32 // + 1; 0 is an empty slot
}

const firstSlots = 1 << 8

// put returns the key's number, and whether it is new.
func (x *index) put(key []byte) (number uint32, fresh bool) {
	if len(x.keys)*4 >= len(x.slots)*3 {
		x.grow()
	}
	hash := maphash.Bytes(seed, key)
	tag, mask := uint32(hash>>32), uint64(len(x.slots)-1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch s := x.slots[i]; {
		case s.number == 0:
			x.keys = append(x.keys, x.texts.add(key))
			x.slots[i] = slot{tag, uint32(len(x.keys))}
			return uint32(len(x.keys) - 1), true
		case s.tag == tag && bytes.Equal(x.key(s.number-1), key):
			return s.number - 1, false
		}
	}
}

// find returns the key's number, if it has one.
func (x *index) find(key []byte) (number uint32, ok bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	hash := maphash.Bytes(seed, key)
	tag, mask := uint32(hash>>32), uint64(len(x.slots)-1)
	for i := hash & mask; x.slots[i].number != 0; i = (i + 1) & mask {
		if s := x.slots[i]; s.tag == tag && bytes.Equal(x.key(s.number-1), key) {
			return s.number - 1, true
		}
	}
	return 0, false
}

func (x *index) key(number uint32) []byte { return x.texts.get(x.keys[number]) }

// grow doubles the slots and puts the keys into them anew.
func (x *index) grow() {
	x.slots = make([]slot, max(firstSlots, 2*len(x.slots)))
	mask := uint64(len(x.slots) - 1)
	for n := range x.keys {
		hash := maphash.Bytes(seed, x.key(uint32(n)))
		i := hash & mask
		for x.slots[i].number != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = slot{uint32(hash >> 32), uint32(n + 1)}
	}
}

// bytes is about how much memory the index takes.
func (x *index) bytes() int64 {
	return int64(cap(x.slots))*8 + int64(cap(x.keys))*12 + x.texts.size
}

// texts keeps texts in pages, which are never moved: growing copies nothing.
type texts struct {
	pages [][]byte
	size  int64
}

// ref is where a text lies.
type ref struct{ page, at, n uint32 }

const pageBytes = 1 << 18

// add keeps a copy of text.
func (t *texts) add(text []byte) ref { return t.addRoom(text, len(text)) }

// addRoom keeps a copy of text, with room for it to become as long as room.
func (t *texts) addRoom(text []byte, room int) ref {
	last := len(t.pages) - 1
	if last < 0 || cap(t.pages[last])-len(t.pages[last]) < room {
		size := max(room, pageBytes)
		if last < 0 { // few texts need little
			size = max(room, pageBytes/64)
		}
		t.pages = append(t.pages, make([]byte, 0, size))
		t.size += int64(size)
		last++
	}
	page := t.pages[last]
	at := len(page)
	page = append(page, text...)
	t.pages[last] = page[:at+room]
	return ref{uint32(last), uint32(at), uint32(len(text))}
}

func (t *texts) get(r ref) []byte { return t.pages[r.page][r.at:][:r.n:r.n] }

// A cell is a text that changes. It has room for the longest it ever was, and
// doubles that when it grows, so that what it leaves behind is never more than
// what it takes.
type cell struct {
	ref
	room uint32
}

func (t *texts) set(c *cell, text []byte) {
	if len(text) <= int(c.room) {
		copy(t.pages[c.page][c.at:], text)
		c.n = uint32(len(text))
		return
	}
	room := len(text)
	if c.room > 0 {
		room = max(room, 2*int(c.room))
	}
	c.ref, c.room = t.addRoom(text, room), uint32(room)
}
