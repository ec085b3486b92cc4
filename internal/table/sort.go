package table

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"

	"process-orders/internal/parallel"
	"process-orders/internal/version"
)

// Reading a table by first appearance is sorting it. On several cores that goes in two
// steps. First each shard sorts the numbers of its records. Then a run takes from each shard
// what comes next, and is sorted by whoever reads it: see Runs.

// A ref refers to a record in memory. Its rank orders the records: see Shard.rank.
type ref struct {
	rank   uint64
	shard  uint32
	number uint32
}

const refBytes = 16

// runRecords is about how many records are sorted, and later written, together: so few that
// they stay in a core's cache meanwhile.
const runRecords = 4096

// inMemory returns a source for each shard that has records, on so many cores.
func (t *Table) inMemory(workers int) []source {
	var all [ShardCount]source
	spares := sync.Pool{New: func() any { return new(buffers) }} // one for each worker
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		s := &t.shards[i]
		if s.count == 0 {
			return nil
		}
		buffers := spares.Get().(*buffers)
		defer spares.Put(buffers)
		m := &memorySource{shard: s, piece: piece{i, s.sorted(buffers)}, ranks: make([]uint64, s.count/rankEvery)}
		for k := range m.ranks {
			m.ranks[k] = buffers.refs[rankEvery*k+rankEvery-1].rank
		}
		all[i] = m
		return nil
	})
	return slices.DeleteFunc(all[:], func(s source) bool { return s == nil })
}

// ref returns a ref to a record of the shard, which is the i-th.
func (s *Shard) ref(i int, number uint32) ref { return ref{s.rank(number), uint32(i), number} }

// sorted returns the numbers of all records of the shard, sorted. It needs the buffers.
func (s *Shard) sorted(b *buffers) []uint32 {
	b.refs = slices.Grow(b.refs[:0], s.count)[:s.count]
	for number := range b.refs {
		b.refs[number] = s.ref(onDisk, uint32(number))
	}
	sorter{nil, s}.sort(b)
	numbers := make([]uint32, s.count)
	for i, f := range b.refs {
		numbers[i] = f.number
	}
	return numbers
}

// A sorter sorts refs to records of the shards of a table, and of one more.
type sorter struct {
	table *Table
	extra *Shard
}

func (s sorter) firstVersion(f ref) version.Version {
	if f.shard < ShardCount {
		return s.table.shards[f.shard].firstVersion(f.number)
	}
	return s.extra.firstVersion(f.number)
}

// compare compares records of the same rank by first appearance.
func (s sorter) compare(a, b ref) int { return s.firstVersion(a).Compare(s.firstVersion(b)) }

// buffers are refs that are to be sorted, and memory for as many.
type buffers struct{ refs, spare []ref }

// sort sorts the refs of the buffers.
func (s sorter) sort(b *buffers) {
	b.sortByRank()
	if !s.extra.keep.versions {
		return
	}
	for rest := b.refs; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].rank == rest[0].rank {
			n++
		}
		if n > 1 {
			slices.SortFunc(rest[:n], s.compare)
		}
		rest = rest[n:]
	}
}

// fewRefs are sorted faster by comparing them.
const fewRefs = 256

// sortByRank sorts refs by rank, by a radix sort from the lowest digits to the highest: it
// counts how often each digit comes, so it knows where the refs with each digit go, and
// moves all refs there, in their order. Ranks that follow each other closely have few
// digits. Refs of records in the order of the input are often sorted already.
func (b *buffers) sortByRank() {
	refs := b.refs
	if len(refs) < fewRefs {
		slices.SortStableFunc(refs, func(a, b ref) int { return cmp.Compare(a.rank, b.rank) })
		return
	}
	least, greatest, isSorted := refs[0].rank, refs[0].rank, true
	for i := 1; i < len(refs); i++ {
		rank := refs[i].rank
		isSorted = isSorted && refs[i-1].rank <= rank
		least, greatest = min(least, rank), max(greatest, rank)
	}
	if isSorted {
		return
	}
	spare := slices.Grow(b.spare[:0], len(refs))[:len(refs)]
	const digitBits = 11
	for shift := 0; shift < bits.Len64(greatest-least); shift += digitBits {
		var next [1 << digitBits]uint32 // where the next ref with each digit goes
		for i := range refs {
			next[(refs[i].rank-least)>>shift%(1<<digitBits)]++
		}
		sum := uint32(0)
		for digit, n := range next {
			next[digit] = sum
			sum += n
		}
		for i := range refs {
			to := &next[(refs[i].rank-least)>>shift%(1<<digitBits)]
			spare[*to] = refs[i]
			*to++
		}
		refs, spare = spare, refs
	}
	b.refs, b.spare = refs, spare
}
