package table

import (
	"iter"
	"sync"
)

// A Run is some thousand records of a table that follow each other by first appearance.
type Run struct {
	table   *Table
	buffers       // refs to records in the table's memory
	shard   Shard // or records from disk: all that it has, in order
}

// Len returns the number of records.
func (r *Run) Len() int {
	if r.table != nil {
		return len(r.refs)
	}
	return r.shard.count
}

// Record returns the i-th record.
func (r *Run) Record(i int) Record {
	if r.table != nil {
		f := r.refs[i]
		s := &r.table.shards[f.shard]
		return Record{s, s.at(f.number), f.number}
	}
	return Record{&r.shard, r.shard.at(uint32(i)), uint32(i)}
}

// fill fills the run with the k-th run of records in memory. Reading the ranks of so many
// records brings them into the core's cache, many at a time.
func (r *Run) fill(o *order, k int) {
	t := o.table
	r.table, r.refs = t, r.refs[:0]
	for i := range o.numbers {
		s := &t.shards[i]
		for _, number := range o.numbers[i][o.starts[i][k]:o.starts[i][k+1]] {
			r.refs = append(r.refs, s.ref(i, number))
		}
	}
	t.sorter().sort(&r.buffers)
}

// Runs are the records of a table by first appearance, one [Run] after the other. Several
// goroutines may call Next at once; a run that it filled is its caller's alone.
type Runs struct {
	order *order // of a table in memory; or
	disk  func(*Run) (bool, error)
	mu    sync.Mutex // guards disk, next and given
	next  int        // the next run of order
	given int
}

// Runs returns the runs of the table. It sorts on so many cores. A table that is on disk is
// compacted first (see [Table.Compact]), and reading it may fail.
func (t *Table) Runs(workers int) *Runs {
	if t.disk != nil {
		return &Runs{disk: t.runsFromDisk(workers)}
	}
	return &Runs{order: t.order(workers)}
}

// Next fills the run with the next records. It returns the index of the run, and false
// after the last one.
func (r *Runs) Next(run *Run) (index int, more bool, err error) {
	if r.disk != nil {
		return r.nextFromDisk(run)
	}
	k, index, more := r.take()
	if more {
		run.fill(r.order, k)
	}
	return index, more, nil
}

// take takes the next run of the order that has records.
func (r *Runs) take() (k, index int, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ; r.next < r.order.runs; r.next++ {
		if r.order.size(r.next) > 0 {
			r.next++
			r.given++
			return r.next - 1, r.given - 1, true
		}
	}
	return 0, r.given, false
}

func (r *Runs) nextFromDisk(run *Run) (index int, more bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	more, err = r.disk(run)
	r.given++
	return r.given - 1, more, err
}

// size returns how many records the k-th run has.
func (o *order) size(k int) (n int) {
	for i := range o.starts {
		n += int(o.starts[i][k+1] - o.starts[i][k])
	}
	return n
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
func (t *Table) Unsorted() iter.Seq[Record] {
	if t.disk != nil {
		return t.All()
	}
	return func(yield func(Record) bool) {
		for i := range t.shards {
			s := &t.shards[i]
			for number, r := range s.records() {
				if !yield(Record{s, r, number}) {
					return
				}
			}
		}
	}
}
