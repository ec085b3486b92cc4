package table

import (
	"context"
	"iter"
	"slices"
	"sync"
	"unsafe"
)

// A Run is some thousand records of a table that follow each other by first appearance.
type Run struct {
	table   *Table
	pieces  []piece
	raw     []byte // records from disk, as segments have them
	disk    Shard  // the same, as a list
	buffers        // refs to all records
}

// A piece is the numbers of some records in memory, of the i-th shard.
type piece struct {
	i       int
	numbers []uint32
}

// onDisk is the shard of the refs to records that came from disk.
const onDisk = ShardCount

// Len returns the number of records.
func (r *Run) Len() int { return len(r.refs) }

// Record returns the i-th record.
func (r *Run) Record(i int) Record {
	if next := i + recordsAhead; next < len(r.refs) {
		if s := r.shardOf(next); s.keep.details != nil {
			wanted := unsafe.Pointer(s.countAt(r.refs[next].number)) // which is beside the detail
			prefetch(&wanted, 1)
		}
	}
	s, number := r.shardOf(i), r.refs[i].number
	return Record{s, s.at(number), number}
}

// recordsAhead is how many records before its own the memory of a detail is asked for: so early
// that it is there in time, and so late that it is still there.
const recordsAhead = 32

// shardOf returns the shard of the i-th record.
func (r *Run) shardOf(i int) *Shard {
	if f := r.refs[i]; f.shard != onDisk {
		return &r.table.shards[f.shard]
	}
	return &r.disk
}

// fill gathers and sorts the records that were taken. Reading the ranks of so many records
// brings them into the core's cache, many at a time.
func (r *Run) fill() {
	r.refs = r.refs[:0]
	for _, p := range r.pieces {
		s := &r.table.shards[p.i]
		for _, number := range p.numbers {
			r.refs = append(r.refs, s.ref(p.i, number))
		}
	}
	keep := r.table.kept()
	r.disk.startList(keep)
	for b := r.raw; len(b) > 0; {
		h := keep.head(b)
		stored := keep.read(&h, b)
		r.disk.appendStored(&stored)
		r.refs = append(r.refs, r.disk.ref(onDisk, uint32(r.disk.count-1)))
		b = b[h.size():]
	}
	if cap(r.raw) > 2*runBytes { // for large records
		r.raw = nil
	}
	sorter{r.table, &r.disk}.sort(&r.buffers)
}

// Runs are the records of a table by first appearance, one [Run] after the other. Several
// goroutines may call Next at once; a run that it filled is its caller's alone.
type Runs struct {
	table   *Table
	mu      sync.Mutex // guards all below
	sources []source
	windows []int // how many records each source's window has
	given   int
	err     error
}

// Runs returns the runs of the table. It sorts on so many cores. A table that is on disk is
// compacted first (see [Table.Compact]), and reading it may fail: Next says so.
func (t *Table) Runs(workers int) *Runs {
	r := &Runs{table: t}
	if r.err = t.Compact(context.Background(), workers); r.err == nil {
		r.sources = t.sources(workers)
	}
	return r
}

// Next fills the run with the next records. It returns the index of the run, and false
// after the last one.
func (r *Runs) Next(run *Run) (index int, more bool, err error) {
	run.table = r.table
	index, err = r.next(run)
	if err != nil {
		return index, false, err
	}
	run.fill()
	return index, run.Len() > 0, nil
}

// next takes a run, and returns its index.
func (r *Runs) next(run *Run) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.take(run)
	}
	r.given++
	return r.given - 1, r.err
}

// All yields each record, by first appearance. It ends early if reading from disk fails,
// which Err reports.
func (t *Table) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		var run Run
		runs := t.Runs(1)
		for {
			_, more, err := runs.Next(&run)
			if t.note(err); !more {
				return
			}
			for i := range run.Len() {
				if !yield(run.Record(i)) {
					return
				}
			}
		}
	}
}

// Unsorted yields each record, in no order. It is faster than All for a table in memory,
// which All sorts first.
func (t *Table) Unsorted() iter.Seq[Record] { return t.Parts(1)[0].All() }

// A Part is some of the records of a table, of which another goroutine may read others.
type Part struct {
	table  *Table // all of it, if it is not in memory
	shards []Shard
}

// Parts returns about n parts of the table, or one if it is not in memory.
func (t *Table) Parts(n int) (all []Part) {
	if t.disk != nil {
		return []Part{{table: t}}
	}
	for shards := range slices.Chunk(t.shards[:], (len(t.shards)+n-1)/n) {
		all = append(all, Part{shards: shards})
	}
	return all
}

// Len is how many records the part has.
func (p Part) Len() (n int) {
	if p.table != nil {
		return p.table.Len()
	}
	for i := range p.shards {
		n += p.shards[i].count
	}
	return n
}

// All yields each record of the part, in no order.
func (p Part) All() iter.Seq[Record] {
	if p.table != nil {
		return p.table.All()
	}
	return func(yield func(Record) bool) {
		for i := range p.shards {
			s := &p.shards[i]
			for number, r := range s.records() {
				if !yield(Record{s, r, number}) {
					return
				}
			}
		}
	}
}
