package records

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A find is a record and where in the input its key came first.
type find struct {
	first uint64
	part  uint32
	index uint32
}

func sortFinds(finds []find) {
	slices.SortFunc(finds, func(a, b find) int { return cmp.Compare(a.first, b.first) })
}

// all yields the part's records and their numbers, in no order.
func (p *part) all() iter.Seq2[uint32, *record] {
	return func(yield func(uint32, *record) bool) {
		for i := range p.chunks {
			records := p.chunks[i].records
			for n := range records {
				if records[n].first != 0 && !yield(uint32(i<<chunkBits+n), &records[n]) {
					return
				}
			}
		}
	}
}

// finds are the part's records in no order, as those of the i-th part.
func (p *part) finds(i int) []find {
	finds := make([]find, 0, p.count)
	for n, r := range p.all() {
		finds = append(finds, find{r.first & placeMask, uint32(i), n})
	}
	return finds
}

// batchLength is about how many records are sorted, and later written, together.
const batchLength = 2048

// A batch is some records of a table that follow each other, by where their keys
// came first.
type batch struct {
	table *table
	finds []find // in the table's memory
	part  part   // or from disk: all of its records, in their order
}

func (b *batch) len() int {
	if b.finds != nil {
		return len(b.finds)
	}
	return b.part.count
}

// record is the i-th record, as its part and its number there.
func (b *batch) record(i int) (*part, uint32) {
	if b.finds != nil {
		f := b.finds[i]
		return &b.table.parts[f.part], f.index
	}
	return &b.part, uint32(i)
}

// inOrder returns a function that fills one batch after the other, by where the
// keys came first, and returns false behind the last one.
func (t *table) inOrder(workers int) func(*batch) (bool, error) {
	if t.disk != nil {
		return t.fromDisk(workers)
	}
	runs := t.sorted(workers)
	return func(b *batch) (bool, error) {
		for len(runs) > 0 {
			b.table, b.finds, runs = t, runs[0], runs[1:]
			if len(b.finds) > 0 {
				return true, nil
			}
		}
		return false, nil
	}
}

// ask asks for the memory of records, without waiting for it: going through them
// in order is going from one end of a large table to the other all the time.
func (p *part) ask(finds []find) {
	asked := uint64(0)
	for _, f := range finds {
		asked += p.at(f.index).first
	}
	runtime.KeepAlive(asked)
}

// ask does that for a group of records from the i-th on.
func (b *batch) ask(i int) {
	asked := uint64(0)
	for _, f := range b.finds[min(i, len(b.finds)):min(i+groupSize, len(b.finds))] {
		asked += b.table.parts[f.part].at(f.index).first
	}
	runtime.KeepAlive(asked)
}

// sorted returns all records in memory as runs that follow each other. Places are
// spread evenly over the input, more or less, so a find's place tells its run;
// then the runs are small enough for a core's cache. Everything is done part by
// part or run by run, on all cores.
func (t *table) sorted(workers int) [][]find {
	var finds [partCount][]find
	var lasts [partCount]uint64
	_ = each(workers, partCount, func(i int) error {
		finds[i] = t.parts[i].finds(i)
		for _, f := range finds[i] {
			lasts[i] = max(lasts[i], f.first)
		}
		return nil
	})
	count, last := t.inMemory(), slices.Max(lasts[:])
	runs := make([][]find, count/batchLength+1)
	width := last/uint64(len(runs)) + 1

	// Where each part's finds go in each run.
	var places [partCount][]uint32
	_ = each(workers, partCount, func(i int) error {
		places[i] = make([]uint32, len(runs))
		for _, f := range finds[i] {
			places[i][f.first/width]++
		}
		return nil
	})
	all := make([]find, count)
	for r := range runs {
		size := uint32(0)
		for i := range places {
			size, places[i][r] = size+places[i][r], size
		}
		runs[r], all = all[:size:size], all[size:]
	}
	_ = each(workers, partCount, func(i int) error {
		for _, f := range finds[i] {
			r := f.first / width
			runs[r][places[i][r]] = f
			places[i][r]++
		}
		finds[i] = nil // so much less memory
		return nil
	})
	_ = each(workers, len(runs), func(i int) error {
		sortFinds(runs[i])
		return nil
	})
	return runs
}

// each calls do for 0 to n-1, on so many cores.
func each(workers, n int, do func(int) error) error {
	var group errgroup.Group
	var next atomic.Int64
	for range min(workers, n) {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

// all yields each record, as its part and its number there, by where they came
// first. An error while reading from disk ends it, and err keeps it.
func (t *table) all() iter.Seq2[*part, uint32] {
	return func(yield func(*part, uint32) bool) {
		var b batch
		next := t.inOrder(1)
		for {
			more, err := next(&b)
			if t.note(err); !more {
				return
			}
			for i := range b.len() {
				if !yield(b.record(i)) {
					return
				}
			}
		}
	}
}

func (t *table) len() int {
	if t.disk == nil {
		return t.inMemory()
	}
	t.note(t.settle(context.Background(), 1))
	return t.disk.count
}

func (t *table) inMemory() (n int) {
	for i := range t.parts {
		n += t.parts[i].count
	}
	return n
}

// lookup finds the record of a key; p is nil where there is none.
func (t *table) lookup(key string) (p *part, number uint32) {
	var l lookup
	l.prepare([]byte(key), hashOf([]byte(key)))
	p = t.part(l.hash)
	if t.disk != nil {
		var err error
		p, err = t.onDisk(&l, key)
		if t.note(err); p == nil {
			return nil, 0
		}
	}
	if number, found := p.search(&l); found {
		return p, number
	}
	return nil, 0
}

// bytes is about how much memory the part takes.
func (p *part) bytes() int64 {
	// A find for each is what it takes to sort them, twice for a moment.
	n := int64(p.size)*64 + int64(p.count)*24 + int64(cap(p.longs))*16 + p.texts.size
	if len(p.chunks) > 0 && p.chunks[0].counts != nil {
		n += int64(p.size) * 8
	}
	if len(p.chunks) > 0 && p.chunks[0].details != nil {
		n += int64(p.size)*8 + p.detailBytes
	}
	return n
}
