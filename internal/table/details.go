package table

import "unsafe"

// KeepDetails makes the table keep counts and a [Detail] for each key, which at first is a copy
// of empty. It must be called before the first key is added. D is the type of a detail, and
// its methods are those of *D.
//
// The details of a slab are side by side in memory, and are found without a pointer: a table of
// many keys waits for memory, and for nothing else.
func KeepDetails[D any, P interface {
	*D
	Detail
}](t *Table, empty D) {
	kind := &detailsOf[D, P]{empty: empty}
	for i := range t.shards {
		t.shards[i].keep.counts, t.shards[i].keep.details = true, kind
	}
}

// details are those of a slab. They may move while the slab is the only one of its shard.
type details interface {
	// at returns the i-th detail, which may be changed.
	at(i uint32) Detail
	// touch reads a byte of it.
	touch(i uint32) byte
	// set makes the i-th detail a copy of another one, which must not be used any more.
	set(i uint32, to Detail)
	// sized returns n empty details of the same kind.
	sized(n int) details
	// copy copies as many details of another slab.
	copy(from details)
	// clear makes all of them empty.
	clear()
	// each is how many bytes one takes by itself.
	each() int64
	// one returns an empty one that is in no slab.
	one() Detail
}

type detailsOf[D any, P interface {
	*D
	Detail
}] struct {
	empty D
	all   []D
}

func (d *detailsOf[D, P]) at(i uint32) Detail      { return P(&d.all[i]) }
func (d *detailsOf[D, P]) touch(i uint32) byte     { return *(*byte)(unsafe.Pointer(&d.all[i])) }
func (d *detailsOf[D, P]) set(i uint32, to Detail) { d.all[i] = *to.(P) }
func (d *detailsOf[D, P]) each() int64             { return int64(unsafe.Sizeof(d.empty)) }

func (d *detailsOf[D, P]) one() Detail {
	one := d.empty
	return P(&one)
}

func (d *detailsOf[D, P]) sized(n int) details {
	more := &detailsOf[D, P]{d.empty, make([]D, n)}
	more.clear()
	return more
}

func (d *detailsOf[D, P]) copy(from details) { copy(d.all, from.(*detailsOf[D, P]).all) }

func (d *detailsOf[D, P]) clear() {
	for i := range d.all {
		d.all[i] = d.empty
	}
}
