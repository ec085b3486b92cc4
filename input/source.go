// Package input brings text in: files, standard input or any [io.Reader], decompressed
// if they are compressed with gzip, zstd or bzip2, in UTF-8 whatever their encoding is, and
// as CSV if they are workbooks (.xlsx). What cannot be text is named and refused.
//
// It guarantees that reading a source gives each of its bytes once and in order, that a
// stream that is cut off or damaged is an error and never a short reading, and that
// memory does not grow with the source.
//
// [File] and [Reader] make the sources that most programs need. [Spool] makes one that
// can be read again of one that cannot.
package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"sync/atomic"
)

// A Source is a file or a stream that orders are read from.
type Source struct {
	// Name is what messages call the source.
	Name string
	// Shop is the shop that the orders are of, if several shops may use the same ids for
	// their orders: ids are compared within one shop.
	Shop string
	// Size is how many bytes the source holds, before decompression; -1 if that is
	// not known. It is an estimate, for showing progress.
	Size int64
	// Reopens reports whether Open may be called several times, each time for all the
	// bytes from the first on, as of a file. Opening and reading such a source waits
	// for nobody. Anything else, as a pipe, is opened once; it may wait as long as its
	// writer does, so the end of a context must be able to end the wait.
	Reopens bool
	// MaxWindowBytes is how much memory the window of a zstd file may take, which the file
	// says itself. A file that wants more is refused. 0 means the default and the most that
	// is possible, 128 MiB, as of zstd --ultra --long=27; at least 1 KiB. Without --long,
	// zstd wants 8 MiB at most.
	MaxWindowBytes int64
	// Decompressed says that the source was decompressed before, as by [Decompress]: what still
	// looks compressed is refused.
	Decompressed bool
	// Origin says where the rows of the source come from, if it is made of the rows of
	// another source, in another order. It is nil otherwise.
	Origin Origin
	// Encoding is what the source is in, as in windows-1252, if that is not UTF-8; see
	// [UsualEncodings]. A byte order mark says more, and UTF-16 is found without it.
	Encoding string
	// Sheet is the name of the sheet that is read if the source is a workbook (.xlsx); ""
	// is the first that is not hidden.
	Sheet string
	// DecimalComma makes the numbers of a workbook have a comma where they usually have a
	// point, for readers of tables that take the comma for the decimal sign.
	DecimalComma bool
	// NoTables refuses a workbook, for readers of JSON.
	NoTables bool
	// SpoolFolder is for temporary files: a large workbook is copied to one. "" is the
	// folder for temporary files.
	SpoolFolder string
	// From is for a source that has grown since it was read: the offset, after decompression,
	// at which the last order of then ended. Orders that end at it or before are left out, and
	// so is all else that there is to say of what comes before it.
	From int64
	// WholeLines leaves out what follows the last end of a line: somebody may still be
	// writing it.
	WholeLines bool
	// Text, if not nil, is called each time that the source is opened, and what is read of
	// it is written to the result, which must not fail: text in UTF-8, as [Open] says. asIs
	// reports whether that is the bytes that the source holds. A nil result takes nothing.
	Text func(asIs bool) io.Writer
	// Grows, if not nil, reports whether the source holds more by now than it had when it was
	// made, of which it has nothing.
	Grows func() bool
	// Open opens the source when its turn comes. The reader is closed at its end, also
	// after an error.
	Open func() (io.ReadCloser, error)
}

// An Origin knows the text that a source was made of. It may be called by several
// goroutines at once.
type Origin interface {
	// Row returns the row that an offset of the source is in: the offset at which it
	// starts, and the line and the column, from 1, at which it starts in the original.
	Row(offset int64) (start, line, column int64, err error)
	// Bytes is the size of the original, after decompression.
	Bytes() int64
}

// File is the source of the named file, which must exist and must not be a folder. The
// file is opened when its turn comes. If it grows after that call, the source has what was
// there before. A pipe or a device is read to its end.
func File(name string) (Source, error) {
	info, err := os.Stat(name)
	if name == "" {
		return Source{}, openError(`""`, fs.ErrNotExist)
	} else if err != nil {
		return Source{}, openError(name, err)
	} else if info.IsDir() {
		return Source{}, fmt.Errorf("%s: is a folder; name the files in it, as in %s/*.json", name, strings.TrimRight(name, "/"))
	}
	s := Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
	if info.Mode().IsRegular() {
		s.Size, s.Reopens = info.Size(), true
		if s.Size > 0 { // else it may be one that the system makes up as it is read
			size := s.Size
			s.Open = func() (io.ReadCloser, error) { return openUpTo(name, size) }
			s.Grows = func() bool {
				info, err := os.Stat(name)
				return err == nil && info.Size() > size
			}
		}
	}
	return s, nil
}

// openUpTo opens the first bytes of a file.
func openUpTo(name string, size int64) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &limited{io.LimitReader(file, size), file}, nil
}

// limited reads the start of a file.
type limited struct {
	io.Reader
	io.Closer
}

// Reader is the source of what r still holds; messages call it name. r is not closed.
//
// If r is an [os.File] that is a regular file, as standard input may be, the source starts
// at the file's present offset and can be opened again. Anything else can be opened once.
func Reader(name string, r io.Reader) Source {
	if r == nil {
		return Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) { return nil, errors.New("there is no reader") }}
	}
	if file, ok := r.(*os.File); ok {
		if s, ok := restOfFile(name, file); ok {
			return s
		}
	}
	var opened atomic.Bool
	return Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		if opened.Swap(true) {
			return nil, errors.New("can be read only once")
		}
		return io.NopCloser(r), nil
	}}
}

// restOfFile is the source of an open file from its present offset on. It reports false
// if the file is not a regular one.
func restOfFile(name string, file *os.File) (Source, bool) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return Source{}, false
	}
	start, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return Source{}, false
	}
	size := max(0, info.Size()-start)
	end := int64(math.MaxInt64)
	if size > 0 { // else the system may make it up as it is read
		end = start + size
	}
	open := func() (io.ReadCloser, error) { return &fileRest{file, start, end}, nil }
	grows := func() bool {
		info, err := file.Stat()
		return err == nil && info.Size() > end
	}
	return Source{Name: name, Size: size, Reopens: true, Grows: grows, Open: open}, true
}

// fileRest reads an open file from an offset of its own, up to what was there at first.
type fileRest struct {
	file        *os.File
	offset, end int64
}

func (r *fileRest) Read(p []byte) (int, error) {
	if r.offset >= r.end {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.end-r.offset)]
	n, err := r.file.ReadAt(p, r.offset)
	r.offset += int64(n)
	return n, err
}

// Close moves the file's own offset behind what was read: whoever shares the file, as the
// next command of a shell script does, continues there.
func (r *fileRest) Close() error {
	_, err := r.file.Seek(r.offset, io.SeekStart)
	return err
}

// openError is why the named source cannot be opened.
func openError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", name)
	}
	return fmt.Errorf("%s: %w", name, reason(err))
}

// reason is what went wrong without the operation and the path, which our messages have
// already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
