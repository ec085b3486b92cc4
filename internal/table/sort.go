package table

import (
	"cmp"
	"iter"
	"slices"

	"process-orders/internal/parallel"
)

// A ref refers to a record in memory. first is the position at which its key came first. If
// the table keeps versions, it is what rank makes of that version.
type ref struct {
	first uint64
	shard uint32
	slot  uint32
}

// sortRefs sorts refs to records of shards that keep so much.
func sortRefs(refs []ref, keep kept, shardOf func(number uint32) *Shard) {
	if !keep.versions {
		slices.SortFunc(refs, func(a, b ref) int { return cmp.Compare(a.first, b.first) })
		return
	}
	slices.SortFunc(refs, func(a, b ref) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		return shardOf(a.shard).firstVersion(a.slot).Compare(shardOf(b.shard).firstVersion(b.slot))
	})
}

// records yields the shard's records and their slots, in the order of the slots.
func (s *Shard) records() iter.Seq2[uint32, *record] {
	return func(yield func(uint32, *record) bool) {
		for i := range s.slabs {
			records := s.slabs[i].records
			for n := range records {
				if records[n].first != 0 && !yield(uint32(i<<slabBits+n), &records[n]) {
					return
				}
			}
		}
	}
}

// refs returns refs to all records of the shard, which is the i-th, in the order of the
// slots.
func (s *Shard) refs(i int) []ref {
	refs := make([]ref, 0, s.count)
	if s.keep.versions {
		for slot := range s.records() {
			refs = append(refs, ref{rank(s.firstVersion(slot)), uint32(i), slot})
		}
		return refs
	}
	for slot, r := range s.records() {
		refs = append(refs, ref{r.first & positionMask, uint32(i), slot})
	}
	return refs
}

// sorted returns refs to all records in memory, by first appearance, as runs that follow
// each other. Positions are spread more or less evenly over the input, so the position
// decides the run, and the runs are small enough for a core's cache. All is done shard by
// shard or run by run, on several cores.
func (t *Table) sorted(workers int) [][]ref {
	if t.HasVersions() {
		return t.sortedByVersion(workers)
	}
	var refs [ShardCount][]ref
	var lasts [ShardCount]uint64
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		refs[i] = t.shards[i].refs(i)
		for _, f := range refs[i] {
			lasts[i] = max(lasts[i], f.first)
		}
		return nil
	})
	count, last := t.inMemory(), slices.Max(lasts[:])
	runs := make([][]ref, count/runRecords+1)
	width := last/uint64(len(runs)) + 1

	// Where the refs of each shard go in each run.
	var indexes [ShardCount][]uint32
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		indexes[i] = make([]uint32, len(runs))
		for _, f := range refs[i] {
			indexes[i][f.first/width]++
		}
		return nil
	})
	layOut(runs, &indexes, count)
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		for _, f := range refs[i] {
			r := f.first / width
			runs[r][indexes[i][r]] = f
			indexes[i][r]++
		}
		refs[i] = nil // frees that much memory
		return nil
	})
	_ = parallel.Each(workers, len(runs), func(i int) error {
		sortRefs(runs[i], kept{}, nil)
		return nil
	})
	return runs
}

// layOut makes room in the runs for count refs. indexes say how many of each shard go to
// each run; it makes them where in the run the first of these goes.
func layOut(runs [][]ref, indexes *[ShardCount][]uint32, count int) {
	all := make([]ref, count)
	for r := range runs {
		size := uint32(0)
		for i := range indexes {
			size, indexes[i][r] = size+indexes[i][r], size
		}
		runs[r], all = all[:size:size], all[size:]
	}
}
