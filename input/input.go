// Package input brings bytes in: files, standard input or any io.Reader,
// decompressed where they are compressed, in blocks that end where an order
// ends.
//
// It guarantees that the bytes of the blocks, put together, are the bytes of
// the sources, each once and in order, and that memory does not grow with them.
package input

import (
	"bufio"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// A Source is one file or stream of orders.
type Source struct {
	// Name stands in messages.
	Name string
	// Size is how many bytes Open's reader holds, before decompression; -1
	// where nobody knows.
	Size int64
	// Open is called once, when the source's turn comes. The reader is closed
	// at the source's end, also after an error.
	Open func() (io.ReadCloser, error)
}

// File is the source of the named file. The file must exist and be no folder;
// it is opened when its turn comes. A pipe or a device is read to its end.
func File(name string) (Source, error) {
	info, err := os.Stat(name)
	if name == "" {
		return Source{}, missing(`""`, fs.ErrNotExist)
	} else if err != nil {
		return Source{}, missing(name, err)
	}
	return Source{
		Name: name,
		Size: size(info),
		Open: func() (io.ReadCloser, error) { return os.Open(name) },
	}, folder(name, info)
}

func missing(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", name)
	}
	return fmt.Errorf("%s: %w", name, reason(err))
}

func folder(name string, info fs.FileInfo) error {
	if info.IsDir() {
		return fmt.Errorf("%s: is a folder; name the files in it, as in %s/*.json", name, strings.TrimRight(name, "/"))
	}
	return nil
}

// Size is the number of bytes to read, which only a regular file tells.
func size(info fs.FileInfo) int64 {
	if info.Mode().IsRegular() {
		return info.Size()
	}
	return -1
}

// Reader is a source of what r holds, called name in messages. r is not closed.
func Reader(name string, r io.Reader) Source {
	return Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
}

// reason is what went wrong without the operation and the path, which our
// messages have already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// Compressed streams tell themselves by their first bytes.
const (
	gzipMagic  = "\x1f\x8b"
	zstdMagic  = "\x28\xb5\x2f\xfd"
	bzip2Magic = "BZh"
	// A zstd stream may start with a frame to skip: 0x184D2A50 to 0x184D2A5F.
	zstdSkipMagic = "\x2a\x4d\x18"
)

// A zstd stream says how far back it refers, and so how much memory reading it
// takes. 128 MiB is what `zstd --ultra --long=27` writes; more is refused.
const maxZstdWindowBytes = 128 << 20

// rawBytes is how much of a compressed file is read at once.
const rawBytes = 256 << 10

// stream is an open source: its bytes before decompression are counted, those
// after are read.
type stream struct {
	io.Reader
	close func() error
}

func (s *Source) open(ctx context.Context, read *atomic.Int64) (*stream, error) {
	file, err := s.openFile(ctx)
	if err != nil {
		return nil, err
	}
	var raw io.Reader = file
	if s.Size < 0 {
		raw = newPatient(ctx, file)
	}
	plain, stop, err := decompress(&counter{raw, read})
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, cause(cutOff(err)))
	}
	return &stream{plain, func() error { stop(); return file.Close() }}, nil
}

// openFile opens the source. That a pipe has somebody to write to it may take
// for ever, so ctx ends the wait; a regular file keeps nobody waiting.
func (s *Source) openFile(ctx context.Context) (io.ReadCloser, error) {
	type result struct {
		file io.ReadCloser
		err  error
	}
	given := func(r result) (io.ReadCloser, error) {
		if r.err != nil {
			return nil, missing(s.Name, r.err)
		}
		return r.file, nil
	}
	open := func() (r result) { r.file, r.err = s.Open(); return r }
	if s.Size >= 0 {
		return given(open())
	}
	opened := make(chan result, 1)
	go func() { opened <- open() }()
	select {
	case r := <-opened:
		return given(r)
	case <-ctx.Done():
		go func() { // when it is open at last, nobody wants it
			if r := <-opened; r.err == nil {
				_ = r.file.Close()
			}
		}()
		return nil, ctx.Err()
	}
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

// failure is an error of the source itself, so that it is not taken for one of
// what the source holds.
type failure struct{ error }

// decompress tells the compression by the first bytes. A plain source is read
// straight through, in whatever pieces the caller asks for.
func decompress(r io.Reader) (plain io.Reader, stop func(), err error) {
	var first [4]byte
	n, err := readFull(r, first[:])
	whole := &plainReader{have: n, err: err, r: r}
	copy(whole.first[:], first[:n]) // the rest may still be written to, after the end of ctx
	err = nil
	stop = func() {}
	switch magic := string(first[:n]); {
	case has(magic, 0, gzipMagic):
		plain, err = newMembers(whole)
	case has(magic, 0, zstdMagic), has(magic, 1, zstdSkipMagic) && magic[0]&0xf0 == 0x50:
		var z *zstd.Decoder
		z, err = zstd.NewReader(whole, zstd.WithDecoderMaxWindow(maxZstdWindowBytes), zstd.WithDecoderLowmem(true))
		if err == nil {
			plain, stop = z, z.Close
		}
	case has(magic, 0, bzip2Magic):
		plain = bzip2.NewReader(bufio.NewReaderSize(whole, rawBytes))
	default:
		return whole, stop, nil
	}
	return compressed{plain}, stop, err
}

func has(s string, at int, part string) bool {
	return len(s) >= at+len(part) && s[at:at+len(part)] == part
}

// compressed turns the end of input within a stream, which decompressors report
// in several ways, into one error that says what happened.
type compressed struct{ r io.Reader }

func (c compressed) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	return n, cutOff(err)
}

func cutOff(err error) error {
	var failed *failure
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.As(err, &failed):
		return failed
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the compressed file is cut off: it ends within its data; copy or download it again")
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("this zstd file needs more than %d MiB of memory to read; compress it again without --long", maxZstdWindowBytes>>20)
	}
	return fmt.Errorf("the compressed file is damaged: %w", reason(err))
}

// cause is the source's own error, where it is one.
func cause(err error) error {
	if failed, ok := err.(*failure); ok {
		return failed.error
	}
	return err
}

// readFull reads until p is full or an error, which it returns as it is: io.EOF
// is the end, and io.ErrUnexpectedEOF one that the source itself found too early.
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
