package sqlstore

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"slices"

	"process-orders/internal/unnamed"
	"process-orders/store"
)

// spoolBytes is how much of a spool stays in memory. Most stores are smaller and need no
// file.
const spoolBytes = 1 << 20

// A Spool keeps records that a query found until all of them are there. If the query breaks
// off, it is made again, and whoever reads the spool sees no record twice. What does not
// fit into a little memory is in a temporary file without a name.
//
// A spool belongs to one goroutine. Close frees it.
type Spool[T any] struct {
	folder string // of the file; "" means the folder for temporary files
	append func([]byte, T) []byte
	read   func(*spoolReader) T

	file    *unnamed.File // nil if all fits into the memory
	written int64         // bytes in the file
	rest    []byte        // what follows those
}

// SpoolCustomers returns an empty spool of customers.
func SpoolCustomers(folder string) *Spool[store.Customer] {
	return &Spool[store.Customer]{
		folder: folder,
		append: func(b []byte, c store.Customer) []byte {
			return appendVersion(appendVersion(appendText(appendText(b, c.Phone), c.Name), c.Named), c.First)
		},
		read: func(r *spoolReader) store.Customer {
			return store.Customer{Phone: r.text(), Name: r.text(), Named: r.version(), First: r.version()}
		},
	}
}

// SpoolItems returns an empty spool of items.
func SpoolItems(folder string) *Spool[store.Item] {
	return &Spool[store.Item]{
		folder: folder,
		append: func(b []byte, i store.Item) []byte {
			b = appendVersion(appendVersion(appendText(appendText(b, i.Name), i.Price), i.Priced), i.First)
			return binary.AppendVarint(b, i.Orders)
		},
		read: func(r *spoolReader) store.Item {
			return store.Item{Name: r.text(), Price: r.text(), Priced: r.version(), First: r.version(), Orders: r.number()}
		},
	}
}

// Reset forgets all records.
func (s *Spool[T]) Reset() { s.written, s.rest = 0, s.rest[:0] }

// Add adds a record. It fails if the file cannot be made or written.
func (s *Spool[T]) Add(one T) (err error) {
	s.rest = s.append(s.rest, one)
	if len(s.rest) < spoolBytes {
		return nil
	}
	if s.file == nil {
		if s.file, err = unnamed.Create(s.folder); err != nil {
			return spoolError(err)
		}
	}
	if _, err := s.file.WriteAt(s.rest, s.written); err != nil {
		return spoolError(err)
	}
	s.written, s.rest = s.written+int64(len(s.rest)), s.rest[:0]
	return nil
}

// All yields the records in the order in which they were added. It may be called again. An
// error, as of a context that has ended, is the last pair.
func (s *Spool[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var from io.Reader = bytes.NewReader(s.rest)
		if s.file != nil {
			from = io.MultiReader(io.NewSectionReader(s.file, 0, s.written), from)
		}
		r := &spoolReader{from: bufio.NewReaderSize(from, 64<<10)}
		for !r.atEnd() {
			one := s.read(r)
			err := ctx.Err()
			if err == nil && r.err != nil {
				err = spoolError(r.err)
			}
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// Close frees the file.
func (s *Spool[T]) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

func spoolError(err error) error {
	return fmt.Errorf("keep the records in a temporary file until all are read: %w", err)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendVersion(b []byte, v store.Version) []byte { return appendText(b, string(v)) }

// A spoolReader reads what was appended. After its first error it reads zero values.
type spoolReader struct {
	from   *bufio.Reader
	buffer []byte
	err    error
}

func (r *spoolReader) atEnd() bool {
	_, err := r.from.Peek(1)
	return err == io.EOF
}

func (r *spoolReader) text() string {
	n, err := binary.ReadUvarint(r.from)
	if err != nil || r.err != nil {
		r.fail(err)
		return ""
	}
	r.buffer = slices.Grow(r.buffer[:0], int(n))[:n]
	_, err = io.ReadFull(r.from, r.buffer)
	r.fail(err)
	return string(r.buffer)
}

func (r *spoolReader) number() int64 {
	n, err := binary.ReadVarint(r.from)
	r.fail(err)
	return n
}

func (r *spoolReader) version() store.Version {
	return store.Version(r.text())
}

func (r *spoolReader) fail(err error) {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if r.err == nil {
		r.err = err
	}
}
