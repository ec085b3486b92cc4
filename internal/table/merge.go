package table

import "context"

// Merge adds all of another table and moves its positions by shift. Of each key it adds
// what both tables keep. The other table stays as it is, and may be t itself.
//
// All that is added stays in memory, also what the other table has on disk. Err reports
// what goes wrong while that is read.
func (t *Table) Merge(other *Table, shift int64) {
	for i := range t.shards {
		t.shards[i].merge(&other.shards[i], shift)
	}
	if other.disk == nil {
		return
	}
	for i, segments := range other.disk.segments {
		for _, s := range segments {
			t.note(t.shards[i].load(context.Background(), s, shift, other.kept()))
		}
	}
}

// merge adds all of another shard, which must have the same number in its table.
func (s *Shard) merge(from *Shard, shift int64) {
	var group [GroupSize]Lookup
	var slots [GroupSize]uint32
	var text [WordBytes]byte
	n := 0
	add := func() {
		s.Seek(group[:n])
		for i, slot := range slots[:n] {
			r, count := from.at(slot), int64(0)
			if from.keep.counts {
				count = *from.countAt(slot)
			}
			to := s.Add(&group[i], from.text(text[:0], r), int64(r.first&positionMask)+shift, int64(r.textAt&positionMask)+shift, count)
			if s.keep.newDetail != nil && from.keep.newDetail != nil {
				s.Change(to, func(d Detail) { d.Merge(from.detail(slot), shift) })
			}
		}
		n = 0
	}
	for slot, r := range from.records() {
		group[n].prepareAgain(from, r)
		slots[n] = slot
		if n++; n == GroupSize {
			add()
		}
	}
	add()
}
