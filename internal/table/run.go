package table

import (
	"iter"
	"runtime"
)

// runRecords is about how many records are sorted, and later written, together.
const runRecords = 2048

// A Run is some thousand records of a table that follow each other by first appearance.
type Run struct {
	table *Table
	refs  []ref // to records in the table's memory
	shard Shard // or records from disk: all that it has, in order
}

// Len returns the number of records.
func (r *Run) Len() int {
	if r.refs != nil {
		return len(r.refs)
	}
	return r.shard.count
}

// Record returns the i-th record.
func (r *Run) Record(i int) Record {
	if r.refs != nil {
		f := r.refs[i]
		s := &r.table.shards[f.shard]
		return Record{s, s.at(f.slot), f.slot}
	}
	return Record{&r.shard, r.shard.at(uint32(i)), uint32(i)}
}

// Prefetch asks for the memory of a group of [GroupSize] records, from the i-th on,
// without waiting for it.
func (r *Run) Prefetch(i int) {
	asked := uint64(0)
	for _, f := range r.refs[min(i, len(r.refs)):min(i+GroupSize, len(r.refs))] {
		asked += r.table.shards[f.shard].at(f.slot).first
	}
	runtime.KeepAlive(asked)
}

// Runs returns a function that fills one run after the other, by first appearance, and
// returns false after the last one. The function is not for several goroutines at once,
// but a run that it filled is its caller's alone. It sorts on so many cores. A table that
// is on disk is compacted first (see [Table.Compact]), and reading it may fail.
func (t *Table) Runs(workers int) (next func(*Run) (bool, error)) {
	if t.disk != nil {
		return t.runsFromDisk(workers)
	}
	runs := t.sorted(workers)
	return func(r *Run) (bool, error) {
		for len(runs) > 0 {
			r.table, r.refs, runs = t, runs[0], runs[1:]
			if len(r.refs) > 0 {
				return true, nil
			}
		}
		return false, nil
	}
}

// All yields each record, by first appearance. It ends early if reading from disk fails,
// which Err reports.
func (t *Table) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		var run Run
		next := t.Runs(1)
		for {
			more, err := next(&run)
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
			for slot, r := range s.records() {
				if !yield(Record{s, r, slot}) {
					return
				}
			}
		}
	}
}
