package table

import (
	"cmp"
	"encoding/binary"
	"slices"

	"process-orders/internal/parallel"
	"process-orders/internal/version"
)

// rank returns a number of a version: of two versions the earlier one has the smaller
// number, or the same. Versions without a time come first, by the start of their Orders.
func rank(v version.Version) uint64 {
	if v.Time != version.None.Time {
		const after, sign = 1 << 63, 1 << 63
		return after | (uint64(v.Time)^sign)>>1
	}
	var start [8]byte
	copy(start[:], v.Order)
	return binary.BigEndian.Uint64(start[:]) >> 1
}

// A splitter is where a run starts.
type splitter struct {
	rank  uint64
	first version.Version
}

func (a splitter) compare(b splitter) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	return a.first.Compare(b.first)
}

// samples is how many records are looked at to find where one run starts.
const samples = 8

// splitters returns where the runs but the first start; there may be fewer. Records are in
// their slots by the hashes of their keys, so those of some slots that are evenly spaced are
// a fair sample.
func (t *Table) splitters(runs int) (starts []splitter) {
	if runs == 1 {
		return nil
	}
	slots := uint64(0)
	for i := range t.shards {
		slots += t.shards[i].size
	}
	every := max(1, slots/uint64(runs*samples))
	var sample []splitter
	next := uint64(0)
	for i := range t.shards {
		s := &t.shards[i]
		for ; next < s.size; next += every {
			if slot := uint32(next); s.at(slot).first != 0 {
				v := s.firstVersion(slot)
				sample = append(sample, splitter{rank(v), v})
			}
		}
		next -= s.size
	}
	slices.SortFunc(sample, splitter.compare)
	for r := 1; r < runs && len(sample) > 0; r++ {
		starts = append(starts, sample[r*len(sample)/runs])
	}
	return starts
}

// runOf returns the index of the run that the record of a ref belongs to.
func (s *Shard) runOf(f ref, starts []splitter) int {
	low, high := 0, len(starts)
	for low < high {
		middle := int(uint(low+high) / 2)
		start := &starts[middle]
		if start.rank < f.first || start.rank == f.first && start.first.Compare(s.firstVersion(f.slot)) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// sortedByVersion is sorted for a table that keeps versions. They may be spread in any way,
// so a sample of them decides where runs start.
func (t *Table) sortedByVersion(workers int) [][]ref {
	count := t.inMemory()
	runs := make([][]ref, count/runRecords+1)
	starts := t.splitters(len(runs))
	var refs [ShardCount][]ref
	var runOf, indexes [ShardCount][]uint32 // the runs of the refs; where these go in each run
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		s := &t.shards[i]
		refs[i], indexes[i] = s.refs(i), make([]uint32, len(runs))
		runOf[i] = make([]uint32, len(refs[i]))
		for k, f := range refs[i] {
			r := s.runOf(f, starts)
			runOf[i][k] = uint32(r)
			indexes[i][r]++
		}
		return nil
	})
	layOut(runs, &indexes, count)
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		for k, f := range refs[i] {
			r := runOf[i][k]
			runs[r][indexes[i][r]] = f
			indexes[i][r]++
		}
		refs[i], runOf[i] = nil, nil // frees that much memory
		return nil
	})
	_ = parallel.Each(workers, len(runs), func(i int) error {
		sortRefs(runs[i], t.kept(), func(n uint32) *Shard { return &t.shards[n] })
		return nil
	})
	return runs
}
