package table

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"sync"

	"process-orders/internal/parallel"
)

// Reading a table by first appearance is sorting it. On several cores that goes in two
// steps. First each shard sorts the numbers of its records, and notes where in them each
// run starts: some thousand records that follow each other in the whole table. Then a run
// takes its share of each shard, and is sorted by whoever reads it.

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

// An order is the order of all records of a table in memory.
type order struct {
	table   *Table
	numbers [ShardCount][]uint32 // of the records of each shard, sorted
	// starts say where in a shard's numbers each run starts, and where the last one ends.
	starts [ShardCount][]uint32
	runs   int
}

// order sorts the records of each shard, on so many cores.
func (t *Table) order(workers int) *order {
	o := &order{table: t, runs: t.inMemory()/runRecords + 1}
	splitters := t.splitters(o.runs)
	spares := sync.Pool{New: func() any { return new(buffers) }} // one for each worker
	_ = parallel.Each(workers, ShardCount, func(i int) error {
		buffers := spares.Get().(*buffers)
		defer spares.Put(buffers)
		refs := t.sorter().all(i, buffers)
		starts := make([]uint32, o.runs+1)
		at := 0
		for r, splitter := range splitters {
			at += sort.Search(len(refs)-at, func(k int) bool { return t.sorter().compare(refs[at+k], splitter) >= 0 })
			starts[r+1] = uint32(at)
		}
		starts[o.runs] = uint32(len(refs))
		o.numbers[i], o.starts[i] = numbersOf(refs), starts
		return nil
	})
	return o
}

// splitters returns the first records of all runs but the first. They are those of some
// records that are evenly spaced among all that there are.
func (t *Table) splitters(runs int) []ref {
	const samples = 8 // for each run
	if runs == 1 {
		return nil
	}
	every := max(1, t.inMemory()/(runs*samples))
	var sample []ref
	next := 0
	for i := range t.shards {
		s := &t.shards[i]
		for ; next < s.count; next += every {
			sample = append(sample, s.ref(i, uint32(next)))
		}
		next -= s.count
	}
	slices.SortFunc(sample, t.sorter().compare)
	splitters := make([]ref, runs-1)
	for r := range splitters {
		splitters[r] = sample[(r+1)*len(sample)/runs]
	}
	return splitters
}

// ref returns a ref to a record of the shard, which is the i-th.
func (s *Shard) ref(i int, number uint32) ref { return ref{s.rank(number), uint32(i), number} }

func numbersOf(refs []ref) []uint32 {
	numbers := make([]uint32, len(refs))
	for i, f := range refs {
		numbers[i] = f.number
	}
	return numbers
}

// A sorter sorts refs to records of shards that follow each other.
type sorter []Shard

func (t *Table) sorter() sorter { return t.shards[:] }

// compare compares records by first appearance.
func (s sorter) compare(a, b ref) int {
	if a.rank != b.rank || !s[0].keep.versions {
		return cmp.Compare(a.rank, b.rank)
	}
	return s[a.shard].firstVersion(a.number).Compare(s[b.shard].firstVersion(b.number))
}

// all returns refs to all records of the i-th shard, sorted. They are in the buffers.
func (s sorter) all(i int, b *buffers) []ref {
	b.refs = slices.Grow(b.refs[:0], s[i].count)[:s[i].count]
	for number := range b.refs {
		b.refs[number] = s[i].ref(i, uint32(number))
	}
	s.sort(b)
	return b.refs
}

// buffers are refs that are to be sorted, and memory for as many.
type buffers struct{ refs, spare []ref }

// sort sorts the refs of the buffers.
func (s sorter) sort(b *buffers) {
	b.sortByRank()
	if !s[0].keep.versions {
		return
	}
	for rest := b.refs; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].rank == rest[0].rank {
			n++
		}
		slices.SortFunc(rest[:n], s.compare)
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
