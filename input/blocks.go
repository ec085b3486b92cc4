package input

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
)

// DefaultBlockBytes is how much is read at once: large enough that a block's
// overhead vanishes, small enough that a worker's block stays in its core's
// cache from the read until the last look at it.
const DefaultBlockBytes = 512 << 10

// maxBlockBytes keeps places within a block within 31 bits.
const maxBlockBytes = 1 << 30

// A Block is a run of bytes of one source.
type Block struct {
	// Index counts the blocks of a run from 0.
	Index int64
	// Source is the source's place in the list of sources.
	Source int
	Name   string
	// Base is how many bytes all earlier sources held, Offset where Data starts
	// in its own source; both count bytes after decompression.
	Base, Offset int64
	Data         []byte
	// First and Last mark a source's first and last block. A source without
	// any byte is one empty block that is both.
	First, Last bool
	// Cut says that the block begins where the cutter thinks that an order
	// begins. It may be wrong: who uses it must verify it.
	Cut bool
	// CutAfter says the same of what follows the block.
	CutAfter bool
	// Err is why the source could not be read further than Data.
	Err error
}

// A Cutter returns where in data the last order begins, as well as it can tell
// from data alone, or 0. Everything before belongs to one block, the rest to
// the next.
type Cutter func(data []byte) int

// Blocks reads sources one after the other. It is not safe for use by several
// goroutines at once.
type Blocks struct {
	ctx     context.Context
	cancel  func()
	sources []Source
	size    int
	cut     Cutter
	read    *atomic.Int64

	next   Block // what the next block is to be, without its data
	open   *stream
	carry  []byte // read and not yet given out
	source int
}

// NewBlocks reads the sources in blocks of about the given size (0 means
// DefaultBlockBytes). The number of bytes read from the sources, before
// decompression, is added to read as it grows. Ending ctx ends the reading,
// even one that waits for a pipe.
func NewBlocks(ctx context.Context, sources []Source, blockBytes int, cut Cutter, read *atomic.Int64) *Blocks {
	if blockBytes <= 0 {
		blockBytes = DefaultBlockBytes
	}
	blockBytes = min(blockBytes, maxBlockBytes)
	if read == nil {
		read = new(atomic.Int64)
	}
	ctx, cancel := context.WithCancel(ctx)
	return &Blocks{ctx: ctx, cancel: cancel, sources: sources, size: blockBytes, cut: cut, read: read}
}

// Next returns the next block, or io.EOF after the last. The block's data lies
// in buf, which is grown where it is too small: it is the caller's, who may
// hand it in again.
func (b *Blocks) Next(buf []byte) (Block, error) {
	if b.source == len(b.sources) {
		return Block{}, io.EOF
	}
	if err := b.ctx.Err(); err != nil {
		return Block{}, err
	}
	if b.open == nil {
		b.start()
	}
	return b.fill(buf), nil
}

// AtBegin says that the next block, if there is one, is the first of its source.
func (b *Blocks) AtBegin() bool { return b.open == nil }

// Slow says that reading on is work, as what is read must be decompressed: more of
// it than a copy of bytes.
func (b *Blocks) Slow() bool {
	if b.open == nil {
		return false
	}
	_, plain := b.open.Reader.(*plainReader)
	return !plain
}

// start opens the next source. An error is kept for the source's block.
func (b *Blocks) start() {
	source := &b.sources[b.source]
	b.next.Source, b.next.Name = b.source, source.Name
	b.next.Offset, b.next.First, b.next.Cut = 0, true, true
	b.open, b.next.Err = source.open(b.ctx, b.read)
}

// fill reads a block behind what was carried over and keeps what follows the
// cut for the next one.
func (b *Blocks) fill(buf []byte) Block {
	buf = append(buf[:0], b.carry...)
	b.carry = b.carry[:0]
	block := b.next
	if block.Err == nil {
		buf, block.Err = b.readMore(buf)
	}
	block.Data = buf
	block.Last = block.Err != nil
	if block.Last {
		b.finish(&block)
	} else if at := b.cut(buf); at > 0 {
		block.Data, block.CutAfter = buf[:at], true
		b.carry = append(b.carry, buf[at:]...)
	}
	b.next.Index++
	b.next.First, b.next.Cut = false, block.CutAfter
	b.next.Offset += int64(len(block.Data))
	return block
}

// readMore appends up to one block's bytes; io.EOF comes with the last of them.
func (b *Blocks) readMore(buf []byte) ([]byte, error) {
	have := len(buf)
	if cap(buf) < have+b.size {
		buf = append(make([]byte, 0, have+b.size), buf...)
	}
	buf = buf[:have+b.size]
	n, err := readFull(b.open, buf[have:])
	return buf[:have+n], err
}

// finish closes the source of its last block.
func (b *Blocks) finish(block *Block) {
	if block.Err == io.EOF {
		block.Err = nil
	} else if b.ctx.Err() != nil {
		block.Err = b.ctx.Err()
	} else if b.open != nil { // an error of opening has the name already
		block.Err = fmt.Errorf("%s: %w", block.Name, cause(block.Err))
	}
	if b.open != nil {
		// What was read was read; a failed close of a file opened for reading
		// loses nothing.
		_ = b.open.close()
		b.open = nil
	}
	b.next.Base += block.Offset + int64(len(block.Data))
	b.next.Err = nil
	b.source++
}

// Close closes the source that is open, if any. Next must not be called again.
func (b *Blocks) Close() {
	b.cancel() // lets go of a source that keeps us waiting
	if b.open != nil {
		_ = b.open.close()
		b.open = nil
	}
	b.source = len(b.sources)
}
