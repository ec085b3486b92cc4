package input

import (
	"bufio"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// A compressed stream is known by its first bytes.
const (
	gzipMagic  = "\x1f\x8b"
	zstdMagic  = "\x28\xb5\x2f\xfd"
	bzip2Magic = "BZh"
	// A zstd stream may start with a frame to skip: 0x184D2A50 to 0x184D2A5F.
	zstdSkipMagic = "\x2a\x4d\x18"
)

// A zstd stream says how far back it refers, its window, and so how much memory reading it
// takes. `zstd --ultra --long=27` writes 128 MiB; more is refused.
const maxZstdWindowBytes = 128 << 20

// rawBytes is how much of a compressed file is read at once.
const rawBytes = 256 << 10

// decompress finds the compression by the first bytes. An uncompressed source is read
// straight through, in whatever amounts the caller asks for. A zstd window takes at most so
// many bytes.
func decompress(r io.Reader, window int64) (plain io.Reader, stop func(), err error) {
	var first [4]byte
	n, err := readFull(r, first[:])
	whole := &plainReader{have: n, err: err, r: r}
	copy(whole.first[:], first[:n]) // the rest may still be written to, after the end of ctx
	err = nil
	stop = func() {}
	switch magic := string(first[:n]); {
	case has(magic, 0, gzipMagic):
		plain, err = newMembers(whole)
	case isZstd(magic):
		var z *zstd.Decoder
		z, err = zstd.NewReader(whole, zstd.WithDecoderMaxWindow(uint64(window)), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderConcurrency(1)) // more takes a third more CPU, which other work can use
		if err == nil {
			plain, stop = z, z.Close
		}
	case has(magic, 0, bzip2Magic):
		plain = bzip2.NewReader(bufio.NewReaderSize(whole, rawBytes))
	default:
		return whole, stop, nil
	}
	return compressed{plain, window}, stop, err
}

// IsCompressed reports whether a source that starts with head is decompressed by [Open]. Four
// bytes are enough.
func IsCompressed(head []byte) bool {
	magic := string(head[:min(len(head), 4)])
	return has(magic, 0, gzipMagic) || has(magic, 0, bzip2Magic) || isZstd(magic)
}

func isZstd(magic string) bool {
	return has(magic, 0, zstdMagic) || has(magic, 1, zstdSkipMagic) && magic[0]&0xf0 == 0x50
}

// Decompress opens a source as [Open] does, and decompresses it, but leaves what is in it as it
// is, whatever that is. A [Source] of the result is marked as Decompressed.
func Decompress(ctx context.Context, s Source) (io.ReadCloser, error) {
	window, err := s.window()
	if err != nil {
		return nil, err
	}
	file, err := s.openFile(ctx)
	if err != nil {
		return nil, err
	}
	plain, stop, err := decompress(&counter{s.reader(ctx, file), new(atomic.Int64)}, window)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, cause(cutOff(err, window)))
	}
	return &stream{source: s, ctx: ctx, plain: plain, works: true, stop: stop, file: file}, nil
}

func has(s string, at int, part string) bool {
	return len(s) >= at+len(part) && s[at:at+len(part)] == part
}

// compressed is a decompressor whose errors say what happened.
type compressed struct {
	r      io.Reader
	window int64 // that it may take
}

func (c compressed) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	return n, cutOff(err, c.window)
}

// cutOff turns the end of input within a compressed stream, which decompressors report in
// several ways, into one error that says what happened.
func cutOff(err error, window int64) error {
	var failed *failure
	if err == nil || err == io.EOF {
		return err
	} else if errors.As(err, &failed) {
		return failed
	}
	return compressedError(err, window)
}

// compressedError is what a decompressor's error means.
func compressedError(err error, window int64) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the compressed file is cut off: it ends within its data; copy or download it again")
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &WindowError{MaxBytes: window}
	}
	return fmt.Errorf("the compressed file is damaged: %w", reason(err))
}

// A WindowError says that a zstd file wants a larger window than [Source].MaxWindowBytes.
type WindowError struct{ MaxBytes int64 }

// Error returns what the file needs, and the way out.
func (e *WindowError) Error() string {
	size := fmt.Sprintf("%d bytes", e.MaxBytes)
	switch {
	case e.MaxBytes%(1<<20) == 0:
		size = fmt.Sprintf("%d MiB", e.MaxBytes>>20)
	case e.MaxBytes%(1<<10) == 0:
		size = fmt.Sprintf("%d KiB", e.MaxBytes>>10)
	}
	return "this zstd file needs more than " + size + " of memory to read; compress it again without --long"
}
