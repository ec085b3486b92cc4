package orders

import (
	"context"
	"io"
	"sync/atomic"

	"process-orders/input"
)

// Options are how to read orders. The zero value reads the default shape and
// takes the first order that cannot be accepted for an error.
type Options struct {
	// Mapping says where the fields are; nil means Default.
	Mapping *Mapping
	// Reject, where it is not nil, is called with each order that cannot be
	// accepted, in the order of the input and by one goroutine at a time; the
	// orders around it are read. An error from Reject ends the reading. The
	// Reject is the callee's to keep.
	Reject func(*Reject) error
	// RejectLines says that, in a source with one order a line, a line that is
	// not JSON is rejected like an order that cannot be accepted. Otherwise it
	// ends the reading, as anything that is not JSON does.
	RejectLines bool
	// RejectNoPhone says that orders without a phone are rejected also where the
	// mapping passes them over.
	RejectNoPhone bool
	// Phone, where it is not nil, appends the form of a phone under which its
	// customer is kept to dst; where it is not ok the phone stays as it is. It is
	// called by several goroutines at once, which is safe for a phones.Normalizer's
	// E164.
	Phone func(dst, phone []byte) (normal []byte, ok bool)
	// BytesRead, where it is not nil, grows by what is read from the sources,
	// before decompression.
	BytesRead *atomic.Int64
	// BlockBytes is how much is read at a time, 0 for the default. It changes
	// nothing but speed and memory.
	BlockBytes int

	switches switches
}

// A Chunk is one piece of the input on its way: Reader.Next fills it with bytes,
// Scan finds the orders in them, Cursor.Settle verifies these and says where
// they stand. It is meant to be filled again, as its memory is then used again.
type Chunk struct {
	Batch
	block input.Block
	shape *shape
	stop  *stop // why the source's shape cannot be told
	buf   []byte
	read  reader
	// joined is the block behind what earlier blocks left over.
	joined      []byte
	rejectLines bool
	phone       func(dst, phone []byte) ([]byte, bool)
	// scanned says that Scan read the chunk, assuming that state before it.
	scanned bool
	assumed state
}

// Index is the chunk's place among the run's chunks, from 0.
func (c *Chunk) Index() int64 { return c.block.Index }

// A Reader cuts sources into chunks. Next is for one goroutine at a time.
type Reader struct {
	blocks      *input.Blocks
	cutter      *cutter
	program     *program
	rejectLines bool
	phone       func(dst, phone []byte) ([]byte, bool)
	index       int64
	shape       *shape // of the source that is being read
	more        []byte
}

// NewReader reads the sources in turn until they or ctx end. Close it at the
// end.
func NewReader(ctx context.Context, sources []input.Source, o Options) (*Reader, error) {
	mapping := Default()
	if o.Mapping != nil {
		mapping = *o.Mapping
	}
	p, err := compile(mapping, o.switches)
	if err != nil {
		return nil, err
	}
	cutter := newCutter(p)
	blocks := input.NewBlocks(ctx, sources, o.BlockBytes, cutter.cut, o.BytesRead)
	return &Reader{blocks: blocks, cutter: cutter, program: p, rejectLines: o.RejectLines, phone: o.Phone}, nil
}

// Close closes the source that is being read.
func (r *Reader) Close() { r.blocks.Close() }

// Slow says that Next is work, as the source that is being read is compressed.
func (r *Reader) Slow() bool { return r.blocks.Slow() }

// Next fills c with the next chunk. It returns io.EOF after the last one. What
// goes wrong in a source is told by Cursor.Settle, in its turn.
func (r *Reader) Next(c *Chunk) error {
	if r.blocks.AtBegin() {
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
	block.Index = r.index
	r.index++
	c.block, c.shape, c.buf = block, r.shape, block.Data
	c.read.program, c.rejectLines, c.phone = r.program, r.rejectLines, r.phone
	return nil
}

// sniff tells the shape of the source that begins with this block, which takes
// in as many more as that needs.
func (r *Reader) sniff(block *input.Block) (*shape, *stop, error) {
	for {
		head := block.Data[:min(len(block.Data), maxHeadBytes)]
		final := block.Last && block.Err == nil && len(head) == len(block.Data)
		shape, stop, err := sniff(head, final, r.program)
		switch {
		case err == nil:
			return shape, stop, nil
		case len(head) == maxHeadBytes:
			return nil, tooMuchAround(head), nil
		case block.Last: // cut short by block.Err
			return nil, nil, nil
		}
		if err := r.extend(block); err != nil {
			return nil, nil, err
		}
	}
}

// extend doubles a source's first block, so that looking at it again and again
// takes no more time than looking at it twice.
func (r *Reader) extend(block *input.Block) error {
	want := min(2*len(block.Data)+1, maxHeadBytes)
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

// tooMuchAround is the error for a head that never comes to its orders.
func tooMuchAround(head []byte) *stop {
	s := scanner{data: head}
	s.space()
	return &stop{at: s.pos, start: s.pos, why: "no order within the first 64 MiB"}
}

// Scan finds the orders in the chunk. It takes for granted that the chunk was
// cut where an order begins; Settle makes good where it was not. Chunks may be
// scanned at the same time.
func (c *Chunk) Scan() {
	c.Batch.reset(nil)
	c.scanned = false
	if c.shape == nil || !c.block.Cut {
		return // Settle will scan it, once it knows what is before
	}
	p := c.piece(c.block.Data)
	if c.block.First {
		p.start, p.state = c.shape.body, c.shape.state
	} else if p.state = c.shape.state; p.state == stateFirst {
		p.state = stateOrder
	}
	c.scan(p)
	c.assumed, c.scanned = p.state, true
}

func (c *Chunk) piece(data []byte) *window {
	return &window{
		data: data, shape: c.shape,
		final:    c.block.Last && c.block.Err == nil,
		cutAfter: c.block.CutAfter,
	}
}

func (c *Chunk) scan(p *window) {
	p.rejectLines = c.rejectLines
	c.read.scan(&c.Batch, p)
	if c.phone != nil {
		c.Batch.normalize(c.phone)
	}
}
