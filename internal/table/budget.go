package table

import (
	"context"
	"sync"
	"sync/atomic"
)

// A Budget is how much memory some tables may take together. Whoever adds to them reports
// by how much they have grown. If they are over the limit, the budget spills their largest
// shards. Its methods may be called by several goroutines at once, except Compact.
type Budget struct {
	limit  int64
	folder string
	tables []*Table
	taken  atomic.Int64
	mu     sync.Mutex // held while spilling
}

// minBudget is how much memory a merge may always take: with less it would go from disk to
// disk for ever.
const minBudget = 64 << 10

// NewBudget returns a budget of limit bytes; 0 means no limit. What does not fit goes to
// files in the folder; "" means the folder for temporary files. The files have no names.
// They are gone when the tables are closed or the process ends.
func NewBudget(limit int64, folder string, tables ...*Table) *Budget {
	return &Budget{limit: limit, folder: folder, tables: tables}
}

// Take notes that something that cannot be spilled takes n bytes of the budget, or gives
// them back if n is negative. It does not spill: the next Grew does.
func (b *Budget) Take(n int64) { b.taken.Add(n) }

// Grew notes that the tables take n bytes more. If that is over the limit, it spills until
// 3/4 of the limit are taken. It locks shards, so the caller must hold none.
func (b *Budget) Grew(ctx context.Context, n int64) error {
	if b.taken.Add(n) <= b.limit || b.limit <= 0 {
		return nil
	}
	return b.spillUntil(ctx, b.limit/4*3, b.tables...)
}

// spillUntil spills shards of some of the tables until no more than most bytes are taken, or
// nothing is left to spill.
func (b *Budget) spillUntil(ctx context.Context, most int64, tables ...*Table) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.taken.Load() > most {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, i := next(tables)
		if t == nil {
			return nil // what cannot be spilled takes so much
		}
		if err := b.spill(t, i); err != nil {
			return err
		}
	}
	return nil
}

// spilledBefore is how much larger a shard must be to be spilled for the first time, than
// one to be spilled again. A shard that is never spilled can stay in memory to the end. So it
// need not be written and merged, and a key that comes again costs nothing.
const spilledBefore = 8

// next returns the shard to be spilled next, as its table and its number. The table is nil
// if all are empty.
func next(tables []*Table) (next *Table, number int) {
	var most int64
	for _, t := range tables {
		for i := range t.shards {
			s := &t.shards[i]
			s.Lock()
			n := s.Bytes()
			s.Unlock()
			if t.disk != nil && len(t.disk.segments[i]) > 0 {
				n *= spilledBefore
			}
			if n > most {
				next, number, most = t, i, n
			}
		}
	}
	return next, number
}

func (b *Budget) spill(t *Table, i int) error {
	if t.disk == nil {
		t.disk = &disk{budget: b}
	}
	s := &t.shards[i]
	s.Lock()
	defer s.Unlock()
	before := s.Bytes()
	err := t.disk.spill(s, i)
	b.taken.Add(s.Bytes() - before)
	return err
}

// forMerging returns how much memory merging the segments of a shard may take, and on how
// many cores that can be done at once. All merges may take half of the limit.
func (b *Budget) forMerging(workers int) (most int64, cores int) {
	all := max(b.limit/2, minBudget)
	for _, t := range b.tables {
		for i := range t.shards {
			if t.disk != nil {
				most = max(most, mergeBytes(&t.shards[i], t.disk.segments[i]))
			}
		}
	}
	most = max(1, min(most, all))
	return most, int(max(1, min(int64(workers), all/most)))
}

// forReading returns how much memory the readers of a table may take for their buffers.
func (b *Budget) forReading() int64 { return min(b.limit/16, 4<<20) }

// readBytes returns how large the buffer of each of n readers should be.
func (b *Budget) readBytes(n int) int {
	return int(min(bufferBytes, max(4<<10, b.forReading()/int64(max(n, 1)))))
}

// Compact compacts the tables, see [Table.Compact].
func (b *Budget) Compact(ctx context.Context, workers int) error {
	for _, t := range b.tables {
		if err := t.Compact(ctx, workers); err != nil {
			return err
		}
	}
	return nil
}
