package table

import "unsafe"

// KeepDetails makes the table keep counts and a [Detail] for each key, a *D. The zero value of D
// is empty. It must be called before the first key is added.
//
// The details of a slab are side by side in memory, each beside the count of its key, and are
// found without a pointer: a table of many keys waits for memory, and for nothing else.
func KeepDetails[D any, P interface {
	*D
	Detail
}](t *Table) {
	kind := new(detailsOf[D, P])
	for i := range t.shards {
		t.shards[i].keep.counts, t.shards[i].keep.details = true, kind
	}
}

// DetailsOf sets to to the details of some records of a shard, which may be changed. The shard
// must be of a table that keeps details of type D. If what a detail refers to grows, the caller
// must say so: see [Shard.GrowDetails].
func DetailsOf[D any, P interface {
	*D
	Detail
}](s *Shard, numbers []uint32, to []P) {
	for i, number := range numbers {
		to[i] = &s.slabs[number>>slabBits].details.(*detailsOf[D, P]).all[number%slabRecords].detail
	}
}

// GrowDetails takes note that what details refer to takes so much more memory: see
// [Detail].Bytes.
func (s *Shard) GrowDetails(bytes int64) { s.detailBytes += bytes }

// details are those of a slab. They may move while the slab is the only one of its shard.
type details interface {
	// at returns the i-th detail, which may be changed.
	at(i uint32) Detail
	// counts are those of the keys, which are beside the details.
	counts() counts
	// set makes the i-th detail a copy of another one, which must not be used any more.
	set(i uint32, to Detail)
	// sized returns n empty details of the same kind.
	sized(n int) details
	// copy copies as many details of another slab, with the counts.
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
	all []counted[D]
}

// A counted detail is one with how often its key came.
type counted[D any] struct {
	count  int64
	detail D
}

func (d *detailsOf[D, P]) at(i uint32) Detail      { return P(&d.all[i].detail) }
func (d *detailsOf[D, P]) set(i uint32, to Detail) { d.all[i].detail = *to.(P) }
func (d *detailsOf[D, P]) one() Detail             { return P(new(D)) }
func (d *detailsOf[D, P]) copy(from details)       { copy(d.all, from.(*detailsOf[D, P]).all) }
func (d *detailsOf[D, P]) clear()                  { clear(d.all) }
func (d *detailsOf[D, P]) each() int64             { return int64(unsafe.Sizeof(*new(D))) }

func (d *detailsOf[D, P]) counts() counts {
	return counts{&d.all[0].count, unsafe.Sizeof(d.all[0])}
}

func (d *detailsOf[D, P]) sized(n int) details {
	all := make([]counted[D], n)
	adviseHugePages(all)
	return &detailsOf[D, P]{all}
}
