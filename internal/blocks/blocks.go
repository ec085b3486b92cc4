// Package blocks reads sources in blocks that end where an order ends.
//
// It guarantees that the bytes of the blocks, put together, are the bytes of the sources,
// each once and in order, and that memory does not grow with them.
package blocks

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"

	"process-orders/input"
)

// DefaultBytes is how much is read at once: so much that the cost of a block does not
// count, and so little that a worker's block stays in its core's cache from the read to
// the last look at it.
const DefaultBytes = 512 << 10

// maxBytes keeps offsets in a block within 31 bits.
const maxBytes = 1 << 30

// A Block is bytes of one source that follow each other.
type Block struct {
	// Source is the number of the source in the list of sources, Name its name, and Shop
	// its shop.
	Source int
	Name   string
	Shop   string
	// From is that of the source, see [input.Source]. No block has bytes on both sides of it.
	From int64
	// Base is how many bytes all earlier sources held. Offset is that of Data in its
	// own source. Both count bytes after decompression.
	Base, Offset int64
	Data         []byte
	// First and Last mark a source's first and last block. A source without any byte is
	// one empty block that is both.
	First, Last bool
	// Cut reports whether the cutter thinks that an order starts at the block's start. It
	// may be wrong: whoever relies on it must verify it.
	Cut bool
	// CutAfter reports the same of what follows the block.
	CutAfter bool
	// Err is why the source could not be read further than Data.
	Err error
}

// A Cutter returns the offset at which the last order in data starts, as well as data
// alone shows it, or 0. Everything before that offset belongs to one block, the rest to
// the next.
type Cutter func(data []byte) int

// A Reader reads sources one after the other. It is for one goroutine at a time.
type Reader struct {
	ctx     context.Context
	cancel  func()
	sources []input.Source
	size    int
	cut     Cutter
	read    *atomic.Int64

	next   Block // what the next block is to be, without its data
	open   io.ReadCloser
	carry  []byte // read and not yet given out
	source int    // the number of the source that is open or comes next
}

// NewReader reads the sources in blocks of about so many bytes (0: [DefaultBytes]). If
// read is not nil, it grows by what is read from the sources, before decompression. The
// end of ctx ends the reading, even if that waits for a pipe.
func NewReader(ctx context.Context, sources []input.Source, blockBytes int, cut Cutter, read *atomic.Int64) *Reader {
	if blockBytes <= 0 {
		blockBytes = DefaultBytes
	}
	ctx, cancel := context.WithCancel(ctx)
	return &Reader{ctx: ctx, cancel: cancel, sources: sources, size: min(blockBytes, maxBytes), cut: cut, read: read}
}

// Next returns the next block, or [io.EOF] after the last. The block's data is in buf,
// which grows if it is too small. It belongs to the caller, who may hand it in again.
func (r *Reader) Next(buf []byte) (Block, error) {
	if r.source == len(r.sources) {
		return Block{}, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return Block{}, err
	}
	if r.AtStart() {
		r.start()
	}
	return r.fill(buf), nil
}

// Size returns about how many bytes Next reads at once.
func (r *Reader) Size() int { return r.size }

// AtStart reports whether the next block, if there is one, is the first of its source.
func (r *Reader) AtStart() bool { return r.open == nil }

// Decompresses reports whether the source that is being read is compressed, so that
// reading on is more work than copying bytes.
func (r *Reader) Decompresses() bool {
	stream, ok := r.open.(interface{ Compressed() bool })
	return ok && stream.Compressed()
}

// start opens the next source. The source's block keeps an error.
func (r *Reader) start() {
	source := &r.sources[r.source]
	r.next.Source, r.next.Name, r.next.Shop, r.next.From = r.source, source.Name, source.Shop, source.From
	r.next.Offset, r.next.First, r.next.Cut = 0, true, true
	r.open, r.next.Err = input.Open(r.ctx, *source, r.read)
}

// fill reads a block behind what was carried over, and carries over what follows the
// cut.
func (r *Reader) fill(buf []byte) Block {
	buf = append(buf[:0], r.carry...)
	r.carry = r.carry[:0]
	block := r.next
	if block.Err == nil {
		buf, block.Err = r.readMore(buf)
	}
	if block.Err == io.EOF && r.sources[r.source].WholeLines {
		buf = wholeLines(buf)
	}
	block.Data = buf
	if old := block.From - block.Offset; old > 0 && old < int64(len(buf)) {
		block.Data, r.next.Err, block.Err = buf[:old], block.Err, nil // the next block has the error
		r.carry = append(r.carry, buf[old:]...)
	} else if block.Last = block.Err != nil; block.Last {
		r.finish(&block)
	} else if at := r.cut(buf); at > 0 {
		block.Data, block.CutAfter = buf[:at], true
		r.carry = append(r.carry, buf[at:]...)
	}
	r.next.First, r.next.Cut = false, block.CutAfter
	r.next.Offset += int64(len(block.Data))
	return block
}

// wholeLines is a text without what follows its last end of a line.
func wholeLines(text []byte) []byte { return text[:bytes.LastIndexAny(text, "\r\n")+1] }

// readMore appends up to one block's bytes. io.EOF comes with the last of them.
func (r *Reader) readMore(buf []byte) ([]byte, error) {
	have := len(buf)
	if cap(buf) < have+r.size {
		buf = append(make([]byte, 0, have+r.size), buf...)
	}
	buf = buf[:have+r.size]
	n, err := io.ReadFull(r.open, buf[have:])
	if err == io.ErrUnexpectedEOF { // of ReadFull: a stream names its errors
		err = io.EOF
	}
	return buf[:have+n], err
}

// finish closes the source of its last block.
func (r *Reader) finish(block *Block) {
	if block.Err == io.EOF {
		block.Err = nil
	} else if r.ctx.Err() != nil {
		block.Err = r.ctx.Err()
	}
	r.closeSource()
	r.next.Base += block.Offset + int64(len(block.Data))
	r.next.Err = nil
	r.source++
}

// closeSource closes the source that is open, if any. What was read was read: closing a
// file that was opened for reading loses nothing if it fails.
func (r *Reader) closeSource() {
	if r.open != nil {
		_ = r.open.Close()
		r.open = nil
	}
}

// Close closes the source that is open, if any. Next must not be called again.
func (r *Reader) Close() {
	r.cancel() // lets go of a source that waits
	r.closeSource()
	r.source = len(r.sources)
}
