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
// half of the limit is taken. It locks shards, so the caller must hold none.
func (b *Budget) Grew(ctx context.Context, n int64) error {
	if b.taken.Add(n) <= b.limit || b.limit <= 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.taken.Load() > b.limit/2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, i := b.largest()
		if t == nil {
			return nil // the tables take so much even when they are empty
		}
		shrunk, err := b.spill(t, i)
		if err != nil {
			return err
		}
		b.taken.Add(-shrunk)
	}
	return nil
}

// largest returns the shard that takes most memory, as its table and its number. The table
// is nil if all are empty.
func (b *Budget) largest() (largest *Table, number int) {
	var size int64
	for _, t := range b.tables {
		for i := range t.shards {
			s := &t.shards[i]
			s.Lock()
			if n := s.Bytes(); n > size {
				largest, number, size = t, i, n
			}
			s.Unlock()
		}
	}
	return largest, number
}

func (b *Budget) spill(t *Table, i int) (int64, error) {
	if t.disk == nil {
		t.disk = &disk{folder: b.folder, budget: max(b.limit, minBudget)}
	}
	s := &t.shards[i]
	s.Lock()
	defer s.Unlock()
	return t.disk.spill(t, i)
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
