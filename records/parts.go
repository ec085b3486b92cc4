package records

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"process-orders/input"
	"process-orders/internal/parallel"
	"process-orders/orders"
)

// A Part is a run of a source's orders: those that begin within so many bytes of
// it. Which these are depends on the source alone, and not on how it is read.
type Part struct {
	// Index is the part's place among the source's, from 0. Those without orders
	// are left out, unless there are none at all. First says that none was before,
	// Last that none follows.
	Index       int64
	First, Last bool
	// Orders and Rejected count the orders.
	Orders, Rejected int64
	// IDs are those of the orders that have one.
	IDs []string

	all    *Records // of all orders, where none has an id
	pieces []piece  // where the mapping has ids
	count  Count
}

// piece is some of a chunk's orders, which stays in memory until its part is done
// with.
type piece struct {
	chunk    *orders.Chunk
	from, to int
	firstID  int // the number of its first id
}

// Records are those of the part's orders without the ones whose id, by its place in
// IDs, is repeated. Places are the bytes of the source, after decompression.
func (p *Part) Records(repeated func(i int) bool) *Records {
	if p.all != nil {
		return p.all
	}
	all := newRecords(&Options{Count: p.count})
	var f accumulator
	for _, piece := range p.pieces {
		b, id, from := &piece.chunk.Batch, piece.firstID, piece.from
		for i := piece.from; i < piece.to; i++ {
			if len(b.ID(i)) == 0 {
				continue
			}
			if repeated != nil && repeated(id) {
				f.foldRange(all, b, from, i)
				from = i + 1
			}
			id++
		}
		f.foldRange(all, b, from, piece.to)
	}
	return all
}

// EachPart reads a source and calls do with one part of about partBytes after the
// other, while it reads on: two parts are in memory. An error from do ends it. Rejects and errors are as in Process, but that
// parts may have come before; Detail, MemoryBytes and CountQuantity are not for
// parts. The part is do's until it returns; the last one stays as it is.
func EachPart(ctx context.Context, source input.Source, o Options, partBytes int64, do func(*Part) error) (orders.Totals, error) {
	var rejected RejectedError
	if o.Reject == nil {
		o.Reject = rejected.Add
	}
	if partBytes <= 0 {
		return orders.Totals{}, fmt.Errorf("a part of %d bytes: want at least 1", partBytes)
	}
	if o.Mapping == nil && o.Count == CountQuantity {
		o.Mapping = &orders.Detailed
	}
	p := &parter{size: partBytes, do: do, count: o.Count, workers: o.Workers, reject: o.Reject}
	if p.workers <= 0 {
		p.workers = runtime.GOMAXPROCS(0)
	}
	o.Reject = p.rejected
	reader, err := orders.NewReader(ctx, []input.Source{source}, o.Options)
	if err != nil {
		return orders.Totals{}, err
	}
	defer reader.Close()
	p.reader, p.cursor = reader, orders.NewCursor(o.Options)
	err = p.run(ctx)
	err = errors.Join(err, p.wait())
	if rejected.Count > 0 {
		err = errors.Join(&rejected, err)
	}
	return p.cursor.Totals(), err
}

// parter goes through a source in waves: some chunks are read, while those before are
// scanned side by side, settled one after the other, and folded side by side.
type parter struct {
	reader  *orders.Reader
	cursor  *orders.Cursor
	size    int64
	workers int
	count   Count
	reject  func(*orders.Reject) error
	do      func(*Part) error

	free    []*orders.Chunk
	uses    map[*orders.Chunk]int // how many pieces a chunk has
	folders chan *accumulator
	todo    []piece // of the part, to be folded
	part    *Part   // that orders are added to
	parts   int     // handed on
	ready   *Part   // the one before, which is the last if no other comes
	doing   *Part   // the one before that, which do has
	done    chan error
	failed  int64 // rejected since the last look
}

// waveChunks is how many chunks there are for each worker in a wave.
const waveChunks = 4

func (p *parter) rejected(r *orders.Reject) error {
	p.failed++
	return p.reject(r)
}

func (p *parter) run(ctx context.Context) error {
	p.uses, p.folders, p.done = map[*orders.Chunk]int{}, make(chan *accumulator, p.workers), make(chan error)
	for range p.workers {
		p.folders <- new(accumulator)
	}
	next := p.readAhead(ctx)
	for {
		w := <-next
		if w.more {
			next = p.readAhead(ctx)
		}
		err := p.process(w.chunks)
		switch {
		case err != nil && w.more:
			<-next // before the reader is closed
			return err
		case err != nil || w.err != nil:
			return cmp.Or(err, w.err)
		case !w.more:
			return p.end()
		}
	}
}

// process does with a wave all that comes after reading.
func (p *parter) process(wave []*orders.Chunk) error {
	_ = parallel.Each(p.workers, len(wave), func(i int) error { wave[i].Scan(); return nil })
	for _, chunk := range wave {
		if err := p.settle(chunk); err != nil {
			return err
		}
	}
	p.fold()
	return nil
}

// wave is some chunks that were read, and what was wrong behind them.
type wave struct {
	chunks []*orders.Chunk
	more   bool
	err    error
}

// readAhead reads a wave while that before is processed: one core reads, as the
// source's bytes come one after the other.
func (p *parter) readAhead(ctx context.Context) <-chan wave {
	chunks := make([]*orders.Chunk, p.workers*waveChunks)
	for i := range chunks {
		chunks[i] = new(orders.Chunk)
		if n := len(p.free); n > 0 {
			chunks[i], p.free = p.free[n-1], p.free[:n-1]
		}
	}
	result := make(chan wave, 1)
	go func() { result <- p.read(ctx, chunks) }()
	return result
}

func (p *parter) read(ctx context.Context, chunks []*orders.Chunk) wave {
	for i, chunk := range chunks {
		if err := ctx.Err(); err != nil {
			return wave{chunks: chunks[:i], err: err}
		}
		if err := p.reader.Next(chunk); err == io.EOF {
			return wave{chunks: chunks[:i]}
		} else if err != nil {
			return wave{chunks: chunks[:i], err: err}
		}
	}
	return wave{chunks: chunks, more: true}
}

// settle settles a chunk and deals its orders out to parts.
func (p *parter) settle(chunk *orders.Chunk) error {
	if err := p.cursor.Settle(chunk); err != nil {
		return err
	}
	b := &chunk.Batch
	p.uses[chunk] = 1 // until it is dealt out
	for from := 0; from < b.Len(); {
		index := b.Position(from) / p.size
		to := from + 1
		for to < b.Len() && b.Position(to)/p.size == index {
			to++
		}
		if err := p.open(index); err != nil {
			return err
		}
		p.add(chunk, from, to)
		from = to
	}
	if p.part != nil {
		p.part.Rejected += p.failed
		p.failed = 0
	}
	p.release(chunk)
	return nil
}

// release gives up one use of a chunk.
func (p *parter) release(chunk *orders.Chunk) {
	if p.uses[chunk]--; p.uses[chunk] == 0 {
		p.free = append(p.free, chunk)
	}
}

// open makes the index-th part the one that orders are added to.
func (p *parter) open(index int64) error {
	if p.part != nil && p.part.Index == index {
		return nil
	}
	p.fold()
	if err := p.pass(false); err != nil {
		return err
	}
	p.ready, p.part = p.part, &Part{Index: index, count: p.count}
	return nil
}

// pass hands the part that is ready on, when the one before has been done.
func (p *parter) pass(last bool) error {
	if p.ready == nil {
		return nil
	}
	if err := p.wait(); err != nil {
		return err
	}
	part := p.ready
	p.ready, part.Last = nil, last
	part.First = p.parts == 0
	p.parts++
	p.doing = part
	go func() { p.done <- p.do(part) }()
	return nil
}

// wait waits for the part that was handed on.
func (p *parter) wait() error {
	if p.doing == nil {
		return nil
	}
	err := <-p.done
	for _, piece := range p.doing.pieces {
		p.release(piece.chunk)
	}
	p.doing = nil
	return err
}

func (p *parter) end() error {
	if p.part == nil {
		p.part = &Part{Rejected: p.failed, all: newRecords(&Options{Count: p.count})}
	}
	if err := p.pass(false); err != nil {
		return err
	}
	p.ready = p.part
	return p.pass(true)
}

// add adds some of a chunk's orders to the part.
func (p *parter) add(chunk *orders.Chunk, from, to int) {
	part := p.part
	part.Orders += int64(to - from)
	p.uses[chunk]++
	piece := piece{chunk, from, to, len(part.IDs)}
	if !chunk.HasIDs() {
		p.todo = append(p.todo, piece)
		return
	}
	part.pieces = append(part.pieces, piece)
	for i := from; i < to; i++ {
		if id := chunk.ID(i); len(id) > 0 {
			part.IDs = append(part.IDs, string(id))
		}
	}
}

// fold folds what is to be folded, side by side.
func (p *parter) fold() {
	if len(p.todo) == 0 {
		return
	}
	if p.part.all == nil {
		p.part.all = newRecords(&Options{Count: p.count})
	}
	_ = parallel.Each(p.workers, len(p.todo), func(i int) error {
		f := <-p.folders
		f.foldRange(p.part.all, &p.todo[i].chunk.Batch, p.todo[i].from, p.todo[i].to)
		p.folders <- f
		return nil
	})
	for _, piece := range p.todo {
		p.release(piece.chunk)
	}
	p.todo = p.todo[:0]
}
