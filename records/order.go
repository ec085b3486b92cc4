package records

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sync/errgroup"
)

// A find is a record and where in the input its key came first.
type find struct {
	first uint64
	part  uint32
	index uint32
}

// runLength is about how many finds are sorted, and later written, together.
const runLength = 2048

// inOrder returns all records of a table by where they came first, as runs that
// follow each other. Places are spread evenly over the input, more or less, so
// a find's place tells its run; then the runs are small enough for a core's
// cache and can be sorted on all cores.
func (t *table) inOrder(workers int) [][]find {
	count, last := t.len(), uint64(0)
	for f := range t.finds() {
		last = max(last, f.first)
	}
	runs := make([][]find, count/runLength+1)
	width := last/uint64(len(runs)) + 1
	sizes := make([]int, len(runs))
	for f := range t.finds() {
		sizes[f.first/width]++
	}
	all := make([]find, count)
	for i, size := range sizes {
		runs[i], all = all[:0:size], all[size:]
	}
	for f := range t.finds() {
		runs[f.first/width] = append(runs[f.first/width], f)
	}
	_ = each(workers, len(runs), func(i int) error {
		slices.SortFunc(runs[i], func(a, b find) int { return cmp.Compare(a.first, b.first) })
		return nil
	})
	return runs
}

// finds yields the records in no order.
func (t *table) finds() iter.Seq[find] {
	return func(yield func(find) bool) {
		for i := range t.parts {
			p := &t.parts[i]
			for n := range p.records {
				first := p.records[n].first
				if first != 0 && !yield(find{first & placeMask, uint32(i), uint32(n)}) {
					return
				}
			}
		}
	}
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
// first.
func (t *table) all() iter.Seq2[*part, uint32] {
	return func(yield func(*part, uint32) bool) {
		for _, run := range t.inOrder(1) {
			for _, f := range run {
				if !yield(&t.parts[f.part], f.index) {
					return
				}
			}
		}
	}
}

func (t *table) len() (n int) {
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
	if number, found := p.search(&l); found {
		return p, number
	}
	return nil, 0
}

// bytes is about how much memory the table takes.
func (t *table) bytes() int64 {
	n := int64(unsafe.Sizeof(*t))
	for i := range t.parts {
		n += t.parts[i].bytes()
	}
	return n
}

func (p *part) bytes() int64 {
	return int64(len(p.records))*64 + int64(len(p.counts))*8 + int64(cap(p.longs))*16 + p.texts.size
}
