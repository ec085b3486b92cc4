package table

import "unsafe"

// KeepDetails makes the table keep counts and a [Detail] for each key, a *D. The zero value of D
// is empty. It must be called before the first key is added.
//
// The details of a slab are side by side in memory, and are found without a pointer: a table of
// many keys waits for memory, and for nothing else.
func KeepDetails[D any, P interface {
	*D
	Detail
}](t *Table) {
	kind := new(detailsOf[D, P])
	for i := range t.shards {
		t.shards[i].keep.counts, t.shards[i].keep.details = true, kind
	}
}

// details are those of a slab. They may move while the slab is the only one of its shard.
type details interface {
	// at returns the i-th detail, which may be changed.
	at(i uint32) Detail
	// touch reads some of it.
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
	all []D
}

func (d *detailsOf[D, P]) at(i uint32) Detail      { return P(&d.all[i]) }
func (d *detailsOf[D, P]) set(i uint32, to Detail) { d.all[i] = *to.(P) }
func (d *detailsOf[D, P]) one() Detail             { return P(new(D)) }
func (d *detailsOf[D, P]) copy(from details)       { copy(d.all, from.(*detailsOf[D, P]).all) }
func (d *detailsOf[D, P]) clear()                  { clear(d.all) }
func (d *detailsOf[D, P]) each() int64             { return int64(unsafe.Sizeof(*new(D))) }

// touch reads the first byte and the last one: a detail is often in two lines of a cache.
func (d *detailsOf[D, P]) touch(i uint32) byte {
	one := &d.all[i]
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(one)), unsafe.Sizeof(*one))
	return bytes[0] + bytes[len(bytes)-1]
}

func (d *detailsOf[D, P]) sized(n int) details {
	all := make([]D, n)
	adviseHugePages(all)
	return &detailsOf[D, P]{all}
}
