package records

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"process-orders/input"
	"process-orders/orders"
)

// Options are how to process orders. The zero value reads the default shape on
// all cores and accepts no rejects.
type Options struct {
	orders.Options
	// Workers is how many cores to use; 0 means all that the process may. More
	// than 1,024 are 1,024.
	Workers int
	// MemoryBytes is how much memory the records may take; 0 means no limit.
	// What does not fit goes to a file in SpillFolder, and the result is the
	// same. The file is never seen, and gone when the Records are closed or the
	// process ends.
	MemoryBytes int64
	// SpillFolder is where records beyond MemoryBytes go; "" means the folder
	// for temporary files. They may take as much room there as in the output,
	// twice.
	SpillFolder string
	// Detail keeps more of each customer and item, which Customers.Details,
	// Items.Details and Records.Activity tell and the two files hold. Without a
	// mapping the orders are read by orders.Detailed.
	Detail bool
	// PlainFiles says that the files are as without Detail, which then is for those
	// who ask for details in another way.
	PlainFiles bool
	// Count is what an item's orders are the number of. CountQuantity keeps
	// details too, though the files do not hold them.
	Count Count
}

// Process folds all orders of the sources into records, on several cores. The
// result is the same for any number of workers and any size of blocks.
//
// If [orders.Options.Reject] is nil, Process reads on to the end after an order that
// cannot be accepted, and returns a [*RejectedError]. Input that is not JSON ends it
// with an [*orders.SyntaxError], a source that cannot be read with that source's
// error, and the end of ctx with ctx's. [errors.As] finds a *RejectedError beside any
// of them. With an error there are no records; the totals are of what was read.
func Process(ctx context.Context, sources []input.Source, o Options) (*Records, orders.Totals, error) {
	var rejected RejectedError
	rejected.collect(&o.Options)
	p := newProcess(&o)
	totals, err := orders.Batches(ctx, sources, o.Options, o.Workers, func(b *orders.Batch) (func() error, error) {
		return p.settled(ctx, b)
	})
	if err == nil {
		err = p.finish(ctx)
	}
	if err = rejected.join(err); err != nil {
		_ = p.all.Close() // what may be on disk
		return nil, totals, err
	}
	return p.all, totals, nil
}

// Verify reads all orders of the sources, as [Process] does, and keeps none. Rejects
// and errors are as in Process.
func Verify(ctx context.Context, sources []input.Source, o Options) (orders.Totals, error) {
	var rejected RejectedError
	rejected.collect(&o.Options)
	totals, err := orders.Batches(ctx, sources, o.Options, o.Workers, func(*orders.Batch) (func() error, error) {
		return nil, nil
	})
	return totals, rejected.join(err)
}

// A process folds batches into records, several at once.
type process struct {
	all     *Records // its shards are shared by all workers
	workers int
	limit   int64
	folder  string
	memory  atomic.Int64 // taken by the records and the ids
	// Of the worker whose turn it is:
	ids    int64 // memory that the ids take
	orders int64 // settled so far

	idle     folders
	spilling sync.Mutex
}

func newProcess(o *Options) *process {
	p := &process{all: new(Records), workers: o.Workers, limit: o.MemoryBytes, folder: o.SpillFolder}
	p.all.choose(o)
	if p.workers <= 0 {
		p.workers = runtime.GOMAXPROCS(0)
	}
	return p
}

// settled takes a batch in its turn, and leaves the folding for later.
func (p *process) settled(ctx context.Context, b *orders.Batch) (func() error, error) {
	p.memory.Add(b.IDBytes() - p.ids)
	p.ids = b.IDBytes()
	p.orders += int64(b.Len())
	if p.limit > 0 && p.ids > p.limit/2 {
		return nil, fmt.Errorf("order ids need %d MiB for %d orders, more than half of the memory limit, and cannot be spilled to disk", p.ids>>20, p.orders)
	}
	p.all.end = max(p.all.end, b.End())
	return func() error { return p.fold(ctx, b) }, nil
}

func (p *process) fold(ctx context.Context, b *orders.Batch) error {
	f := p.idle.take()
	f.fold(p.all, b)
	grown := f.grown
	f.grown = 0
	p.idle.put(f)
	if p.memory.Add(grown) > p.limit && p.limit > 0 {
		return p.spill(ctx)
	}
	return nil
}

// finish puts together what several workers, or the disk, have of the records.
func (p *process) finish(ctx context.Context) error {
	for _, f := range p.idle.all {
		p.all.activity.merge(&f.activity)
	}
	return p.settleDisk(ctx)
}

// spill writes the largest parts of the records to disk until they take half of
// the memory they may.
func (p *process) spill(ctx context.Context) error {
	p.spilling.Lock()
	defer p.spilling.Unlock()
	for p.memory.Load() > p.limit/2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		var largest *table
		var number int
		var size int64
		for _, t := range []*table{&p.all.Customers.table, &p.all.Items.table} {
			for i := range t.parts {
				part := &t.parts[i]
				part.Lock()
				if n := part.bytes(); n > size {
					largest, number, size = t, i, n
				}
				part.Unlock()
			}
		}
		if largest == nil {
			return nil // the tables take so much even when they are empty
		}
		if largest.disk == nil {
			largest.disk = &disk{folder: p.folder, room: max(p.limit, minRoom)}
		}
		part := &largest.parts[number]
		part.Lock()
		shrunk, err := largest.disk.spill(largest, number)
		part.Unlock()
		if err != nil {
			return err
		}
		p.memory.Add(-shrunk)
	}
	return nil
}

// settleDisk merges what went to disk.
func (p *process) settleDisk(ctx context.Context) error {
	for _, t := range []*table{&p.all.Customers.table, &p.all.Items.table} {
		if t.disk == nil {
			continue
		}
		if err := t.settle(ctx, p.workers); err != nil {
			return err
		}
	}
	return nil
}

// folders are folders that nobody uses now, kept for their memory.
type folders struct {
	mu   sync.Mutex
	idle []*folder
	all  []*folder
}

func (f *folders) take() *folder {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.idle); n > 0 {
		last := f.idle[n-1]
		f.idle = f.idle[:n-1]
		return last
	}
	one := new(folder)
	f.all = append(f.all, one)
	return one
}

func (f *folders) put(one *folder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, one)
}
