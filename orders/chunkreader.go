package orders

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"process-orders/input"
	"process-orders/internal/blocks"
)

// A chunkReader cuts sources into chunks. It is for one goroutine at a time.
type chunkReader struct {
	options Options
	program *program
	sources []input.Source
	// collect makes it find rows and no orders.
	collect bool
	blocks  *blocks.Reader
	cutter  *cutter
	index   int64  // of the next chunk
	shape   *shape // of the source that is being read
	more    []byte // scratch of extend
	latest  int64  // the latest time that is not in the future
}

// newChunkReader reads the sources in turn until they or ctx end. Close it at the
// end.
func newChunkReader(ctx context.Context, sources []input.Source, o Options) (*chunkReader, error) {
	if o.BlockBytes < 0 {
		return nil, fmt.Errorf("blocks of %d bytes: want 1 or more, or 0 for the default", o.BlockBytes)
	}
	if o.MaxOrderBytes < 0 || o.MaxOrderBytes > MaxOrderBytes {
		return nil, fmt.Errorf("orders of at most %d bytes: want 1 to %d, or 0 for the default", o.MaxOrderBytes, MaxOrderBytes)
	}
	p, err := programOf(o.Mapping, o.switches, cmp.Or(o.MaxOrderBytes, MaxOrderBytes))
	if err != nil {
		return nil, err
	}
	cutter := newCutter(p)
	reader := blocks.NewReader(ctx, withTables(sources, p.mapping), o.BlockBytes, cutter.cut, o.BytesRead)
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	latest := o.Now.Add(maxAhead).UnixMilli()
	return &chunkReader{options: o, program: p, sources: sources, blocks: reader, cutter: cutter, latest: latest}, nil
}

// maxAhead is how far a time may be after the present, as clocks differ, and times are read
// without the zone that they are of.
const maxAhead = 24 * time.Hour

// withTables returns the sources so that workbooks are read as the mapping reads tables, or
// refused if it reads none.
func withTables(sources []input.Source, m *Mapping) []input.Source {
	sources = slices.Clone(sources)
	for i := range sources {
		sources[i].NoTables = sources[i].NoTables || !m.CSV
		sources[i].Sheet = cmp.Or(sources[i].Sheet, m.Sheet)
		sources[i].DecimalComma = m.Decimal == DecimalComma
	}
	return sources
}

// Close closes the source that is being read.
func (r *chunkReader) Close() { r.blocks.Close() }

// slow reports whether Next is work, because the source is compressed.
func (r *chunkReader) slow() bool { return r.blocks.Decompresses() }

// Next fills c with the next chunk, and returns io.EOF after the last one. If a
// source cannot be read further, cursor.Settle returns that error when it comes to
// the chunk.
func (r *chunkReader) Next(c *chunk) error {
	if r.blocks.AtStart() {
		r.cutter.shape = nil
	}
	block, err := r.blocks.Next(c.buf)
	if err != nil {
		return err
	}
	c.stop = nil
	if block.First {
		r.shape, c.stop, err = r.sniff(&block)
		if err != nil {
			return err
		}
		r.cutter.shape = r.shape
	}
	c.nextKey = append(c.nextKey[:0], r.cutter.key...)
	c.block, c.index, c.shape, c.buf = block, r.index, r.shape, block.Data
	r.index++
	c.read.program, c.rejectLines, c.phone = r.program, r.options.RejectLines, r.options.Phone
	c.latest, c.origin = r.latest, r.sources[block.Source].Origin
	c.read.rows.joined, c.read.rows.collect = c.origin != nil, r.collect
	return nil
}

// sniff finds out the shape of the source that starts with this block. If the
// block is too short for that, it takes in as many more as needed.
func (r *chunkReader) sniff(block *blocks.Block) (*shape, *stop, error) {
	for {
		head := block.Data[:min(len(block.Data), r.program.maxHead())]
		final := block.Last && block.Err == nil && len(head) == len(block.Data)
		shape, stop, err := sniff(head, final, block.Last, r.program)
		switch {
		case err == nil:
			return shape, stop, nil
		case len(head) == r.program.maxHead():
			return nil, r.program.tooMuchAround(head), nil
		case block.Last: // cut short by block.Err
			return nil, nil, nil
		}
		if err := r.extend(block); err != nil {
			return nil, nil, err
		}
	}
}

// extend doubles a source's first block. Doubling keeps the time of all looks at it
// within twice that of the last one.
func (r *chunkReader) extend(block *blocks.Block) error {
	want := min(2*len(block.Data)+1, r.program.maxHead())
	block.Data = slices.Grow(block.Data, want-len(block.Data)+r.blocks.Size())
	for len(block.Data) < want && !block.Last {
		more, err := r.blocks.Next(r.more)
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
		r.more = more.Data
		block.Data = append(block.Data, more.Data...)
		block.Last, block.CutAfter, block.Err = more.Last, more.CutAfter, more.Err
	}
	return nil
}

// tooMuchAround is the error of a head in which no orders start.
func (p *program) tooMuchAround(head []byte) *stop {
	s := scanner{data: head}
	s.space()
	return &stop{at: s.pos, start: s.pos, why: "no order within the first " + p.limitText(), limit: p.limit}
}
