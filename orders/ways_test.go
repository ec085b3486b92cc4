package orders

import (
	"context"
	"io"

	"process-orders/input"
	"process-orders/internal/blocks"
	"process-orders/internal/columns"
)

// Ways are the ways to read that must give the same answers. Each changes options so
// that they are read its way.
var Ways = map[string]func(Options) Options{
	"fast":        way(switches{}),
	"portable":    way(switches{portable: true}),
	"slow":        way(switches{slow: true}),
	"mapped":      way(switches{mapped: true}),
	"mapped slow": way(switches{mapped: true, slow: true}),
}

func way(s switches) func(Options) Options {
	return func(o Options) Options {
		o.switches = s
		return o
	}
}

// Layouts returns how many vertices a chunk's reader knows, and a measure of how often
// they did not help.
func (c *Chunk) Layouts() (vertices, fails int) {
	return len(c.read.orders.layouts.vertices), c.read.fast.fails
}

// The steps of reading, which tests take one by one.
type (
	Reader = chunkReader
	Chunk  = chunk
	Cursor = cursor
)

var (
	NewReader = newChunkReader
)

// IndexOf is the chunk's number in its run, from 0.
func IndexOf(c *Chunk) int64 { return c.index }

// NewCursor starts a run of what a reader reads.
func NewCursor(r *Reader, o Options) *Cursor { return newCursor(r.program, o) }

// A Rereader reads texts one after the other, each in a run of its own, with the memory
// that it has. So a fuzzer spends its time on reading. The layouts of one text help to
// read the next, until Forget.
type Rereader struct {
	reader *chunkReader
	cursor cursor
	chunks []*chunk
}

// NewRereader returns one that reads in the way that the options say.
func NewRereader(o Options) (*Rereader, error) {
	reader, err := newChunkReader(context.Background(), nil, o)
	return &Rereader{reader: reader}, err
}

// Forget makes it like a new one.
func (r *Rereader) Forget() {
	for _, c := range r.chunks {
		c.read = reader{bitmaps: c.read.bitmaps}
	}
	if h := r.reader.cutter.head; h != nil {
		h.r = reader{program: h.r.program, bitmaps: h.r.bitmaps}
	}
}

// Read reads a source in blocks, of which so many are scanned before the first of them is
// settled. It calls settled with the orders of each, and reject with what cannot be
// accepted.
func (r *Rereader) Read(source input.Source, blockBytes, ahead int, rejectLines bool, settled func(*columns.Orders), reject func(*Reject) error) error {
	cr := r.reader
	cr.options.RejectLines, cr.shape, cr.cutter.shape, cr.index = rejectLines, nil, nil, 0
	cr.sources = []input.Source{source}
	cr.blocks = blocks.NewReader(context.Background(), []input.Source{source}, blockBytes, cr.cutter.cut, nil)
	defer cr.Close()
	carry := r.cursor.carry[:0]
	r.cursor = *newCursor(cr.program, Options{Reject: reject})
	r.cursor.carry = carry
	for len(r.chunks) < ahead {
		r.chunks = append(r.chunks, new(chunk))
	}
	var end error
	from, to := 0, 0 // the chunks from one on up to another are scanned
	for {
		for to-from < ahead && end == nil {
			c := r.chunks[to%ahead]
			if end = cr.Next(c); end == nil {
				c.Scan()
				to++
			}
		}
		if from == to {
			if end == io.EOF {
				return nil
			}
			return end
		}
		c := r.chunks[from%ahead]
		from++
		err := r.cursor.Settle(c)
		settled(&c.Orders)
		if err != nil {
			return err
		}
	}
}

// ScannedStates reads a source and calls settled with all that was found in each chunk, before the
// cursor decides which states of an order count.
func ScannedStates(source input.Source, o Options, settled func(*columns.Orders, []string)) error {
	reader, err := newChunkReader(context.Background(), []input.Source{source}, o)
	if err != nil {
		return err
	}
	defer reader.Close()
	cur := newCursor(reader.program, o)
	c := new(chunk)
	for {
		if err := reader.Next(c); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		c.Scan()
		if c.block.First {
			cur.startSource(c)
		}
		if c.stop != nil || cur.shape == nil {
			return nil
		}
		if (!c.scanned || len(cur.carry) > 0 || c.assumed != cur.now) && !cur.rescan(c) {
			continue
		}
		b := &c.findings
		b.From = c.block.Base + cur.at.offset
		b.Before = cur.orders
		settled(&b.Orders, reader.program.reasons)
		if b.stop != nil {
			return nil
		}
		cur.orders += b.count
		cur.at, cur.now = cur.at.then(c.end), b.now
		cur.carry = append(cur.carry[:0], b.Data[b.rest:]...)
		cur.enough = min(2*len(cur.carry), cur.program.limit)
	}
}
