package table

// SetNumberBits sets how many bits of a slot are a number, until undo is called.
func SetNumberBits(n int) (undo func()) {
	old := firstNumberBits
	firstNumberBits = n
	return func() { firstNumberBits = old }
}

// LargeIndex returns a slot of an index with that many slots after the number was put in,
// and what the slot says: the number, and whether the tag is that of the hash.
func LargeIndex(slots int, hash uint64, number uint32) (got uint32, tagged bool) {
	x := index{slots: make([]uint32, slots/2)}
	x.grow()
	x.put(hash, number)
	slot := x.slots[x.home(hash)]
	n := x.number(slot)
	return n - 1, slot-n == x.tag(hash)
}

// OnDisk returns how many shards of a table have something on disk.
func OnDisk(t *Table) (n int) {
	for i := range t.shards {
		if t.disk != nil && len(t.disk.segments[i]) > 0 {
			n++
		}
	}
	return n
}
