package records

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"process-orders/input"
	"process-orders/internal/parallel"
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
	// Detail is how much more is kept of each customer and item, and whether it is
	// written. If Mapping is nil and details are kept, orders.Detailed reads the orders.
	Detail Detail
	// Count is what an item's orders are the number of. CountQuantity keeps details, as
	// DetailKept does.
	Count Count
}

// maxWorkers keeps the workers' memory within bounds.
const maxWorkers = 1024

// maxReported is how many rejects an error tells in full.
const maxReported = 10

// A RejectedError says that orders could not be accepted, and nobody took them.
type RejectedError struct {
	// First are the first of them, ten at most.
	First []*orders.Reject
	Count int64
}

func (e *RejectedError) Error() string {
	if len(e.First) == 0 {
		return fmt.Sprintf("%d orders cannot be accepted", e.Count)
	}
	if e.Count == 1 {
		return e.First[0].Error()
	}
	return fmt.Sprintf("%v (and %d more orders that cannot be accepted)", e.First[0], e.Count-1)
}

// Add adds a reject, as Options.Reject asks for.
func (e *RejectedError) Add(r *orders.Reject) error {
	if len(e.First) < maxReported {
		e.First = append(e.First, r)
	}
	e.Count++
	return nil
}

// Process folds all orders of the sources into records, on several cores. The
// result is the same for any number of workers and any size of blocks.
//
// Where Options.Reject is nil, orders that cannot be accepted make it read on to
// the end and return a *RejectedError. Input that is not JSON ends it with a
// *orders.SyntaxError, a source that cannot be read with that error, and the end
// of ctx with ctx's; errors.As finds a *RejectedError beside any of them. With
// an error there are no records; the totals tell how far it came.
func Process(ctx context.Context, sources []input.Source, o Options) (*Records, orders.Totals, error) {
	var rejected RejectedError
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	return process(ctx, sources, o, &rejected, false)
}

// Verify reads all orders of the sources, as Process does, and folds none. Rejects and errors are as in
// Process.
func Verify(ctx context.Context, sources []input.Source, o Options) (orders.Totals, error) {
	var rejected RejectedError
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	_, totals, err := process(ctx, sources, o, &rejected, true)
	return totals, err
}

func process(ctx context.Context, sources []input.Source, o Options, rejected *RejectedError, onlyCount bool) (*Records, orders.Totals, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := newPipeline(ctx, sources, o)
	if err != nil {
		return nil, orders.Totals{}, err
	}
	p.onlyCount = onlyCount
	defer p.reader.Close()
	p.turn = parallel.NewSequencer(cancel)
	all, err := p.run()
	if rejected.Count > 0 {
		err = errors.Join(rejected, err)
	}
	if err != nil {
		_ = p.all.Close() // what may be on disk
		return nil, p.cursor.Totals(), err
	}
	return all, p.cursor.Totals(), nil
}

// pipeline is one run. Each worker goes round with one chunk: read it, scan it,
// settle it, fold it. Reading and settling take turns, in the order of the
// input; scanning and folding, which are the work, go on side by side. A worker
// reads for itself, so the bytes are in its core's cache when it scans them.
type pipeline struct {
	workers   int
	onlyCount bool
	ctx       context.Context
	limit     int64

	all      *Records   // its tables are shared
	counting sync.Mutex // guards all.activity

	group   errgroup.Group
	reading sync.Mutex
	reader  *orders.Reader // guarded by reading, and readAhead's from then on
	// ready are chunks that were read ahead, free those to read into.
	ready, free chan *orders.Chunk

	turn   *parallel.Sequencer
	cursor *orders.Cursor // belongs to the worker whose turn it is
}

func newPipeline(ctx context.Context, sources []input.Source, o Options) (*pipeline, error) {
	all := newRecords(&o)
	all.limit(o.MemoryBytes, o.SpillFolder)
	if o.Mapping == nil && o.keepsDetails() {
		o.Mapping = &orders.Detailed
	}
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, maxWorkers)
	reader, err := orders.NewReader(ctx, sources, o.Options)
	if err != nil {
		return nil, err
	}
	p := &pipeline{workers: workers, ctx: ctx, limit: o.MemoryBytes, all: all, reader: reader, cursor: orders.NewCursor(o.Options)}
	return p, nil
}

func (p *pipeline) run() (*Records, error) {
	for range p.workers {
		p.group.Go(func() error { return p.turn.End(p.work()) })
	}
	if err := p.group.Wait(); err != nil {
		return nil, p.turn.Err()
	}
	return p.all, p.all.compact(p.ctx, p.workers)
}

// work folds chunks into the records until there are no more.
func (p *pipeline) work() error {
	chunk, acc := new(orders.Chunk), new(accumulator)
	for {
		var err error
		if chunk, err = p.next(chunk); err == io.EOF {
			p.counting.Lock()
			defer p.counting.Unlock()
			p.all.activity.merge(&acc.activity)
			return nil
		} else if err != nil {
			return err
		}
		chunk.Scan()
		if err := p.settle(chunk); err != nil {
			return err
		}
		if p.onlyCount {
			continue
		}
		acc.fold(p.all, &chunk.Batch)
		if err := p.all.grew(p.ctx, acc.grown); err != nil {
			return err
		}
		acc.grown = 0
	}
}

// next fills the chunk, or returns another one instead.
func (p *pipeline) next(chunk *orders.Chunk) (*orders.Chunk, error) {
	p.reading.Lock()
	if p.ready == nil {
		defer p.reading.Unlock()
		err := p.reader.Next(chunk)
		if err == nil && p.reader.Slow() {
			p.ready, p.free = make(chan *orders.Chunk, 2*p.workers), make(chan *orders.Chunk, 2*p.workers)
			for range p.workers {
				p.free <- new(orders.Chunk)
			}
			p.group.Go(func() error { return p.turn.End(p.readAhead()) })
		}
		return chunk, err
	}
	p.reading.Unlock()
	p.free <- chunk
	if ready, ok := <-p.ready; ok {
		return ready, nil
	}
	return nil, io.EOF
}

// readAhead reads for all workers. Decompressing takes longer than all that is
// done with what comes of it; so one goroutine does nothing else, and waits for
// nobody who works.
func (p *pipeline) readAhead() error {
	defer close(p.ready)
	for {
		select {
		case chunk := <-p.free:
			if err := p.reader.Next(chunk); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			p.ready <- chunk // there is room for all
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
	}
}

func (p *pipeline) settle(chunk *orders.Chunk) error {
	if err := p.turn.Wait(chunk.Index()); err != nil {
		return err
	}
	before := p.cursor.IDBytes()
	err := p.cursor.Settle(chunk)
	ids := p.cursor.IDBytes()
	p.all.take(ids - before)
	if err == nil && p.limit > 0 && ids > p.limit/2 {
		err = fmt.Errorf("the ids of %d orders take %d MiB, half of the memory that the records may take; ids cannot go to disk", p.cursor.Totals().Orders, ids>>20)
	}
	p.all.end = max(p.all.end, chunk.End())
	p.turn.Pass(err)
	return err
}
