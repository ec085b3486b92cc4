package input

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Open opens a source. What it returns is text in UTF-8, after decompression and decoding;
// a workbook is a table (CSV). An error while reading names the source. If read is not nil,
// it grows by the bytes that are read from the source, before decompression; a source that
// has an Origin was read when it was made, and does not count. The end of ctx ends every
// wait, for a source to open
// or to be written to. Close the reader at its end.
func Open(ctx context.Context, s Source, read *atomic.Int64) (io.ReadCloser, error) {
	if read == nil || s.Origin != nil {
		read = new(atomic.Int64)
	}
	window, err := s.window()
	if err != nil {
		return nil, err
	}
	file, err := s.openFile(ctx)
	if err != nil {
		return nil, err
	}
	plain, stop, err := s.decompress(&counter{s.reader(ctx, file), read}, window)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, cause(cutOff(err, window)))
	}
	opened := &stream{source: s, ctx: ctx, stop: stop, file: file}
	if err := opened.decode(plain); err != nil {
		_ = opened.Close()
		return nil, s.readError(ctx, err)
	}
	return opened, nil
}

// decompress decompresses what is read, unless that was done before.
func (s *Source) decompress(r io.Reader, window int64) (plain io.Reader, stop func(), err error) {
	if s.Decompressed {
		return &plainReader{r: r}, func() {}, nil
	}
	return decompress(r, window)
}

// decode makes text of what is read after decompression.
func (s *stream) decode(plain io.Reader) error {
	text, stop, asIs, err := s.source.text(s.ctx, plain)
	if err != nil {
		return err
	}
	_, uncompressed := plain.(*plainReader)
	s.plain, s.works = text, !asIs || !uncompressed
	if s.source.Text != nil {
		s.copy = s.source.Text(!s.works)
	}
	decompressed := s.stop
	s.stop = func() { stop(); decompressed() }
	return nil
}

// window is how much memory the window of a zstd file may take.
func (s *Source) window() (int64, error) {
	if n := s.MaxWindowBytes; n != 0 && (n < zstd.MinWindowSize || n > maxZstdWindowBytes) {
		return 0, fmt.Errorf("%s: a window of %d bytes: want %d to %d, or 0 for the default", s.Name, n, zstd.MinWindowSize, maxZstdWindowBytes)
	}
	return cmp.Or(s.MaxWindowBytes, maxZstdWindowBytes), nil
}

// A stream is an open source.
type stream struct {
	source Source
	ctx    context.Context
	plain  io.Reader // after decompression and decoding
	works  bool      // reading is more work than copying bytes
	copy   io.Writer // takes what is read; nil: nobody does
	stop   func()    // ends the decompression
	file   io.Closer
	err    error // the first, which every later Read returns again
}

func (s *stream) Read(p []byte) (int, error) {
	for range maxIdleReads {
		if s.err != nil {
			return 0, s.err
		}
		n, err := s.plain.Read(p)
		if s.copy != nil && n > 0 {
			_, _ = s.copy.Write(p[:n])
		}
		if err != nil && err != io.EOF {
			err = s.source.readError(s.ctx, err)
		}
		if s.err = err; n > 0 || len(p) == 0 {
			return n, err
		}
	}
	s.err = s.source.readError(s.ctx, io.ErrNoProgress)
	return 0, s.err
}

// Compressed reports whether the source is compressed, or not in UTF-8, so that reading is
// more work than copying bytes.
func (s *stream) Compressed() bool { return s.works }

func (s *stream) Close() error {
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

// Head returns the first n bytes of a source as [Open] reads it, or all of it if it is
// shorter. With an error, it returns what it read before. A source that does not reopen
// is used up by it.
func Head(ctx context.Context, s Source, n int) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx) // ends a read that waits
	defer cancel()
	open, err := Open(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	head := make([]byte, max(n, 0))
	n, err = io.ReadFull(open, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF { // bare, it is the end; errors are named
		err = nil
	}
	return head[:n], err
}

// OtherSheet returns the name of the sheet that is read of a source, if that is another one
// than without a name: then the source holds other orders. It is "" for all that is no
// workbook. A source that does not reopen is used up by it.
func OtherSheet(ctx context.Context, s Source) (string, error) {
	if s.Sheet == "" {
		return "", nil
	}
	ctx, cancel := context.WithCancel(ctx) // ends a read that waits
	defer cancel()
	open, err := Open(ctx, s, nil)
	if err != nil {
		return "", err
	}
	defer open.Close()
	if t, ok := open.(*stream).plain.(*table); ok && !t.sheet.Default {
		return t.sheet.Name, nil
	}
	return "", nil
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
