package input

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
)

// members reads a gzip file, which may be several compressed streams one after
// the other. It looks itself for what follows a stream, because the library takes a file
// that is cut off in a later stream's header for one that ends before it.
type members struct {
	raw    *bufio.Reader
	member *gzip.Reader
}

func newMembers(r io.Reader) (*members, error) {
	raw := bufio.NewReaderSize(r, rawBytes)
	member, err := gzip.NewReader(raw)
	if err != nil {
		return nil, withinHeader(err)
	}
	member.Multistream(false)
	return &members{raw, member}, nil
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.member.Read(p)
	if err != io.EOF {
		return n, err
	}
	return n, m.next()
}

// next starts the next stream; it returns io.EOF if there is none.
func (m *members) next() error {
	magic, err := m.raw.Peek(len(gzipMagic))
	if len(magic) == 0 {
		return err
	}
	if magic[0] == 0 {
		return m.padding()
	}
	if string(magic) != gzipMagic[:len(magic)] {
		return gzip.ErrHeader
	}
	if err := m.member.Reset(m.raw); err != nil {
		return withinHeader(err)
	}
	m.member.Multistream(false)
	return nil
}

// padding passes zeros up to the end of the file, with which tapes and block devices fill
// the last block. gzip does the same, and so takes zeros before another stream for damage.
// It returns io.EOF if there is nothing else.
func (m *members) padding() error {
	for {
		zeros, err := m.raw.Peek(max(1, m.raw.Buffered()))
		if len(zeros) == 0 {
			return err
		}
		if len(bytes.Trim(zeros, "\x00")) > 0 {
			return gzip.ErrHeader
		}
		_, _ = m.raw.Discard(len(zeros)) // they are buffered
	}
}

func withinHeader(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
