package orders

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/parallel"
)

// maxWorkers keeps the workers' memory, some MiB for each, within bounds.
const maxWorkers = 1024

// Columns reads all orders of the sources on so many cores (0: all that the process may
// use; at most 1,024). It is for packages of this module. It calls settled with the orders
// of one chunk after the other, in the order of the input, by one goroutine at a time. What
// settled returns, if not nil, is called afterwards, side by side with what it returned for
// other chunks. That is where the work belongs: settled itself keeps the other cores
// waiting.
//
// The columns belong to settled, and to the function that it returns, until that function
// returns. [columns.Orders.Retain] keeps them longer.
//
// Rejects and errors are as in [All]: the first error in the order of the input ends the
// reading, and is returned. So does an error of settled, of what it returned, and of ctx.
// The totals are of all that was settled, also with an error. A function that settled
// returned is called in any case, and before Columns returns.
//
// If the mapping has an ID, settled gets the state of each order that is the latest up to then.
// A newer one may come later: a [Joiner] reads once more then, and gives settled the latest
// states only. What is left of the first reading has no orders then. Without a Joiner such an
// input is an error.
func Columns(ctx context.Context, sources []input.Source, o Options, workers int, settled func(*columns.Orders) (later func() error, err error)) (Totals, error) {
	if s := o.states; s != nil {
		if s.started {
			return Totals{}, errors.New("orders: a reading that finds the latest states reads once")
		}
		s.started = true
		return readColumns(ctx, sources, o, workers, settled)
	}
	if o.decisions != nil || o.allStates || o.Mapping == nil || len(o.Mapping.ID) == 0 {
		return readColumns(ctx, sources, o, workers, settled)
	}
	o.states = newStates(0, "")
	t, err := readColumns(ctx, sources, o, workers, settled)
	if err == nil && o.states.again {
		err = errors.New("orders: a newer state of an order came after an older one: a Joiner must read")
	}
	return t, errors.Join(err, o.states.Close())
}

// States reads as [Columns] does, for stores, which know more states than one run reads.
// settled gets all states of all orders, also those that are skipped: see
// [columns.Detail].Skipped. None is left out, and no ids are kept. Each state that is not
// skipped is counted as one of Totals.Orders, and each that is in Totals.Skipped.
func States(ctx context.Context, sources []input.Source, o Options, workers int, settled func(*columns.Orders) (later func() error, err error)) (Totals, error) {
	o.states, o.decisions, o.allStates = nil, nil, true
	return readColumns(ctx, sources, o, workers, settled)
}

func readColumns(ctx context.Context, sources []input.Source, o Options, workers int, settled func(*columns.Orders) (later func() error, err error)) (Totals, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, err := newChunkReader(ctx, sources, o)
	if err != nil {
		return Totals{}, err
	}
	defer reader.Close()
	p := &pipeline{
		ctx: ctx, workers: min(workers, maxWorkers), settled: settled,
		spare:  spares{program: reader.program},
		reader: reader, cursor: newCursor(reader.program, o), turns: parallel.NewSequencer(cancel),
	}
	err = p.run()
	return p.cursor.Totals(), err
}

// A pipeline is one run of [Columns] or [States]. Each worker goes round with one chunk: read it,
// scan it, settle it, and do what is left to do. Reading and settling go in the order
// of the input, one worker at a time. Scanning and what is left are the work, and go
// side by side. A worker reads for itself, so the bytes are in its core's cache when
// it scans them.
//
// Decompressing is work too, and it is the reader's. So if a source is compressed, one worker
// of two would often wait for the other: for what that one decompresses, or for its turn.
// Twice as many workers as cores leave no core idle, as one can decompress and another one
// scan whenever the rest wait. That takes no more cores only if there are no more: if a run
// is to use fewer cores than there are, it has as many workers as cores with any source.
type pipeline struct {
	ctx     context.Context
	workers int
	settled func(*columns.Orders) (func() error, error)
	group   sync.WaitGroup

	reading sync.Mutex // guards reader and doubled
	reader  *chunkReader
	doubled bool // there are twice as many workers as cores

	spare spares

	turns  *parallel.Sequencer
	cursor *cursor // of the worker whose turn it is
}

func (p *pipeline) run() error {
	if p.workers == 1 { // which needs no goroutine of its own
		_ = p.turns.End(p.work())
	} else {
		p.start(p.workers)
	}
	p.group.Wait()
	return p.turns.Err()
}

func (p *pipeline) start(workers int) {
	for range workers {
		p.group.Go(func() { _ = p.turns.End(p.work()) })
	}
}

// work takes chunks through the pipeline until there are no more.
func (p *pipeline) work() error {
	c := p.spare.take()
	defer func() { c.Release() }()
	for {
		if err := p.next(c); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		c.Scan()
		later, err := p.settle(c)
		if later != nil {
			if e := later(); err == nil {
				err = e
			}
		}
		if err != nil {
			return err
		}
		if c.Retained() {
			c.Release()
			c = p.spare.take()
		}
	}
}

// settle waits for the chunk's turn and settles it.
func (p *pipeline) settle(c *chunk) (later func() error, err error) {
	if err := p.turns.Wait(c.index); err != nil {
		return nil, err
	}
	if err = p.cursor.Settle(c); err == nil {
		c.IDBytes, c.KeyBytes = p.cursor.idBytes(), p.cursor.keys.bytes()
		if s := p.cursor.states; s != nil && s.again {
			c.keepNone()
		}
		later, err = p.settled(&c.Orders)
	}
	p.turns.Pass(err)
	return later, err
}

// next fills the chunk with what comes next in the input.
func (p *pipeline) next(c *chunk) error {
	p.reading.Lock()
	defer p.reading.Unlock()
	err := p.reader.Next(c)
	if err == nil && !p.doubled && p.reader.slow() && p.workers >= runtime.GOMAXPROCS(0) {
		p.doubled = true
		p.start(min(p.workers, maxWorkers))
	}
	return err
}

// spares are chunks that nobody uses, kept for their memory.
type spares struct {
	program *program
	mu      sync.Mutex
	free    []*chunk
}

// take returns a chunk that has one user. When it has none any more it comes back.
func (s *spares) take() *chunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c *chunk
	if n := len(s.free); n > 0 {
		c, s.free = s.free[n-1], s.free[:n-1]
	} else {
		c = s.program.chunk()
	}
	c.Use(func() { s.put(c) })
	return c
}

func (s *spares) put(c *chunk) {
	if spare := s.program.spare; spare != nil && c.isSmall() {
		spare.chunks.Put(c)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, c)
}
