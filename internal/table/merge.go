package table

import (
	"context"

	"process-orders/internal/version"
)

// Merge adds all of another table and moves its positions by shift: see
// [version.AppendShifted] for those of versions. Of each key it adds what both tables keep,
// but if the other table keeps versions, then t does so from now on. The other table stays
// as it is, and may be t itself.
//
// All that is added stays in memory, also what the other table has on disk. Err reports
// what goes wrong while that is read.
func (t *Table) Merge(other *Table, shift int64) {
	if other.HasVersions() {
		t.KeepVersions()
	}
	for i := range t.shards {
		t.shards[i].merge(&other.shards[i], shift)
	}
	if other.disk == nil {
		return
	}
	for i, segments := range other.disk.segments {
		for _, s := range segments {
			t.note(t.shards[i].loadShifted(context.Background(), s, shift))
		}
	}
}

// merge adds all of another shard, which must have the same number in its table.
func (s *Shard) merge(from *Shard, shift int64) {
	var group [GroupSize]Lookup
	var numbers [GroupSize]uint32
	var shifted shifter
	n := 0
	add := func() {
		s.Seek(group[:n])
		for i, number := range numbers[:n] {
			r, count := from.at(number), int64(0)
			if from.keep.counts {
				count = *from.countAt(number)
			}
			var to uint32
			if from.keep.versions {
				first, at := shifted.both(from.firstVersion(number), from.textVersion(number), shift)
				to = s.AddVersion(&group[i], from.text(r), &first, &at, count)
			} else {
				to = s.Add(&group[i], from.text(r), int64(r.first&positionMask)+shift, int64(r.textAt&positionMask)+shift, count)
			}
			if s.keep.details != nil && from.keep.details != nil {
				s.Change(to, func(d Detail) { d.Merge(from.detail(number), shift) })
			}
		}
		n = 0
	}
	for number, r := range from.records() {
		group[n].prepareAgain(from, r)
		numbers[n] = number
		if n++; n == GroupSize {
			add()
		}
	}
	add()
}

// A shifter moves the positions of versions. It has the memory for them.
type shifter struct{ buf []byte }

// both moves the positions of two versions by shift. They are valid until the next call.
func (b *shifter) both(first, at version.Version, shift int64) (version.Version, version.Version) {
	b.buf = version.AppendShifted(b.buf[:0], first.Order, shift)
	n := len(b.buf)
	b.buf = version.AppendShifted(b.buf, at.Order, shift)
	for _, v := range []*version.Version{&first, &at} {
		if len(v.Order) == 0 {
			v.Line += shift
		}
	}
	first.Order, at.Order = b.buf[:n], b.buf[n:]
	return first, at
}
