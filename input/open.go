package input

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
)

// A Stream is an open source, which is read after decompression.
type Stream struct {
	source *Source
	ctx    context.Context
	plain  io.Reader
	stop   func()
	file   io.Closer
}

// OpenStream opens the source. If read is not nil, it grows by the bytes that are read
// from the source, before decompression. Close the stream at its end. The end of ctx ends
// every wait, for a source to open or to be written to.
func (s *Source) OpenStream(ctx context.Context, read *atomic.Int64) (*Stream, error) {
	if read == nil {
		read = new(atomic.Int64)
	}
	file, err := s.openFile(ctx)
	if err != nil {
		return nil, err
	}
	plain, stop, err := decompress(&counter{s.reader(ctx, file), read})
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, cause(cutOff(err)))
	}
	return &Stream{s, ctx, plain, stop, file}, nil
}

// Read reads what the source holds. An error other than [io.EOF] names the source.
func (s *Stream) Read(p []byte) (int, error) {
	n, err := s.plain.Read(p)
	return n, s.named(err)
}

// ReadFull reads until p is full or an error, which is [io.EOF] at the end.
func (s *Stream) ReadFull(p []byte) (int, error) {
	n, err := readFull(s.plain, p)
	return n, s.named(err)
}

func (s *Stream) named(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return s.source.readError(s.ctx, err)
}

// Compressed reports whether the source is compressed.
func (s *Stream) Compressed() bool {
	_, plain := s.plain.(*plainReader)
	return !plain
}

// Close closes the source.
func (s *Stream) Close() error {
	s.stop()
	return s.file.Close()
}

// reader reads an open source so that the end of ctx ends every wait.
func (s *Source) reader(ctx context.Context, file io.Reader) io.Reader {
	if s.Reopens {
		return file
	}
	return newCancellable(ctx, file)
}

// openFile opens the source as it is, compressed or not. Opening a pipe waits until
// somebody writes to it, perhaps for ever, so the end of ctx ends the wait.
func (s *Source) openFile(ctx context.Context) (io.ReadCloser, error) {
	if s.Open == nil {
		return nil, fmt.Errorf("%s: the source has no Open function", s.Name)
	}
	type result struct {
		file io.ReadCloser
		err  error
	}
	given := func(r result) (io.ReadCloser, error) {
		if r.err != nil {
			return nil, openError(s.Name, r.err)
		}
		return r.file, nil
	}
	open := func() (r result) { r.file, r.err = s.Open(); return r }
	if s.Reopens {
		return given(open())
	}
	opened := make(chan result, 1)
	go func() { opened <- open() }()
	select {
	case r := <-opened:
		return given(r)
	case <-ctx.Done():
		go func() { // nobody wants it any more when it is open at last
			if r := <-opened; r.err == nil {
				_ = r.file.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// Head returns the first n bytes of a source after decompression, or all of it if it is
// shorter. With an error, it returns what it read before. A source that does not reopen
// is used up by it.
func Head(ctx context.Context, s Source, n int) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx) // ends a read that waits
	defer cancel()
	open, err := s.OpenStream(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	head := make([]byte, n)
	n, err = open.ReadFull(head)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

// readError is why the source could not be read on.
func (s *Source) readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s: %w", s.Name, cause(err))
}

// counter counts what is read, for the progress bar.
type counter struct {
	r    io.Reader
	read *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read.Add(int64(n))
	if err != nil && err != io.EOF {
		err = &failure{reason(err)}
	}
	return n, err
}

// failure is an error of the source itself, which must not be taken for an error in what
// the source holds.
type failure struct{ error }

// cause is the source's own error, if err is one.
func cause(err error) error {
	if failed, ok := err.(*failure); ok {
		return failed.error
	}
	return err
}

// readFull reads until p is full or an error, which it returns as it is: io.EOF is the
// end, and io.ErrUnexpectedEOF an end that the source itself found too early.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p) && err == nil; idle++ {
		var m int
		m, err = r.Read(p[n:])
		if n += m; m > 0 {
			idle = 0
		}
		if idle == maxIdleReads && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// maxIdleReads is how often a reader may return nothing before it is given up.
const maxIdleReads = 100
