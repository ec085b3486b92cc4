package xlsx

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
)

// What a workbook may have. Excel's own limits are 1,048,576 rows of 16,384 columns and
// texts of 32,767 characters; a file that has more was made to take memory.
const (
	maxRows      = 1 << 20
	maxColumns   = 1 << 14
	maxTextBytes = 1 << 20  // of a cell, and of all else in the XML that has no end in between
	maxRowBytes  = 16 << 20 // of the texts of a row
	maxDepth     = 64       // of elements in elements

	maxPartBytes  = 16 << 20 // of the lists of sheets and styles, as XML
	maxTextsBytes = 1 << 30  // of the texts that cells share
	maxSheetBytes = 8 << 30
)

// A limitError says that something is larger than it may be.
type limitError struct{ what string }

func (e *limitError) Error() string { return e.what }

// A part is an open part of the workbook, which is read to its end.
type part struct {
	name  string
	book  *book
	file  io.ReadCloser
	xml   *xml.Decoder
	bytes *byteReader
	depth int
	// started reports whether there was an element: the decoder takes nothing for XML.
	started bool
}

// An element is the start of an element. Its name is without the prefix.
type element struct {
	name  string
	attrs []xml.Attr
}

// value returns an attribute, or "".
func (e *element) value(name string) string {
	for i := range e.attrs {
		if e.attrs[i].Name.Local == name {
			return e.attrs[i].Value
		}
	}
	return ""
}

// part opens a part of which at most so many bytes are read.
func (b *book) part(name string, limit int64) (*part, error) {
	f := b.parts[canonical(name)]
	switch {
	case f == nil:
		return nil, damaged("it has no %s", name)
	case f.Flags&1 != 0:
		return nil, fmt.Errorf("the workbook is protected by a password; save it without one")
	}
	file, err := f.Open()
	if err != nil {
		return nil, b.readError(name, err)
	}
	p := &part{name: name, book: b, file: file, bytes: &byteReader{ctx: b.ctx, r: file, rest: limit, limit: limit}}
	p.xml = xml.NewDecoder(p.bytes)
	return p, nil
}

// each calls do with the start of each element of a part.
func (b *book) each(name string, limit int64, do func(*part, *element) error) error {
	p, err := b.part(name, limit)
	if err != nil {
		return err
	}
	defer p.Close()
	for {
		start, _, _, err := p.next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if start != nil {
			if err := do(p, start); err != nil {
				return err
			}
		}
	}
}

// Close closes the part. What was read of it was read, so an error harms nobody.
func (p *part) Close() { _ = p.file.Close() }

// next returns what comes next: the start of an element, the name of one that ends, or text.
// At the end of the part, if all of it was right, it returns io.EOF.
func (p *part) next() (start *element, end string, text []byte, err error) {
	for {
		p.bytes.left = maxTextBytes
		token, err := p.xml.Token()
		if err == io.EOF && p.started {
			return nil, "", nil, io.EOF
		} else if err != nil {
			return nil, "", nil, p.book.readError(p.name, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			p.started = true
			if p.depth++; p.depth > maxDepth {
				return nil, "", nil, p.book.readError(p.name, &limitError{fmt.Sprintf("has elements in more than %d others", maxDepth)})
			}
			return &element{t.Name.Local, t.Attr}, "", nil, nil
		case xml.EndElement:
			p.depth--
			return nil, t.Name.Local, nil, nil
		case xml.CharData:
			return nil, "", t, nil
		}
	}
}

// skip passes the rest of the element that has just started.
func (p *part) skip() error {
	for depth := p.depth - 1; p.depth > depth; {
		if _, _, _, err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// text appends the text of the element that has just started, without that of elements in
// it of another name than those.
func (p *part) text(dst []byte, within ...string) ([]byte, error) {
	from := len(dst)
	for depth := p.depth - 1; p.depth > depth; {
		start, _, text, err := p.next()
		switch {
		case err != nil:
			return dst, err
		case start != nil && !slices.Contains(within, start.name):
			if err := p.skip(); err != nil {
				return dst, err
			}
		case len(within) == 0 || p.depth > depth+1: // of a text, not between texts
			dst = append(dst, text...)
		}
		if len(dst)-from > maxTextBytes {
			return dst, p.book.readError(p.name, errLong)
		}
	}
	return dst, nil
}

var errLong = &limitError{fmt.Sprintf("has a text of more than %d MiB", maxTextBytes>>20)}

// byteReader gives a decoder its bytes: as many as are left, for what is one thing to the
// decoder and so comes into memory as a whole.
type byteReader struct {
	ctx   context.Context
	r     io.Reader
	left  int
	rest  int64 // of the part
	limit int64
	buf   []byte
	at, n int
	err   error
}

const xmlBytes = 32 << 10

func (b *byteReader) ReadByte() (byte, error) {
	if b.at == b.n {
		if err := b.fill(); err != nil {
			return 0, err
		}
	}
	if b.left--; b.left < 0 {
		return 0, errLong
	}
	c := b.buf[b.at]
	b.at++
	return c, nil
}

func (b *byteReader) fill() error {
	if b.buf == nil {
		b.buf = make([]byte, xmlBytes)
	}
	b.at, b.n = 0, 0
	for b.n == 0 {
		switch {
		case b.err != nil:
			return b.err
		case b.ctx.Err() != nil:
			return b.ctx.Err()
		case b.rest < 0:
			return &limitError{fmt.Sprintf("is larger than %d MiB", b.limit>>20)}
		}
		b.n, b.err = b.r.Read(b.buf)
		b.rest -= int64(b.n)
	}
	return nil
}

// Read is for a decoder that wants no single bytes; xml.Decoder does.
func (b *byteReader) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	p[0], err = b.ReadByte()
	if err != nil {
		return 0, err
	}
	return 1, nil
}
