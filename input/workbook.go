package input

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"process-orders/internal/unnamed"
	"process-orders/internal/xlsx"
)

const (
	// maxWorkbookBytes is how large a workbook may be as a file.
	maxWorkbookBytes = 1 << 30
	// inMemoryBytes is how much of it is kept in memory; a larger one goes to a temporary
	// file.
	inMemoryBytes = 2 << 20
	// maxDirectoryBytes is how large the list of parts may be, which is kept in memory.
	maxDirectoryBytes = 4 << 20
)

// A table is a sheet of a workbook as CSV (RFC 4180, with newlines). A row of the sheet is a
// line, unless a cell has more than one line; so places that messages name are those of the
// sheet.
type table struct {
	sheet *xlsx.Sheet
	copy  io.Closer
	buf   []byte
	at    int
	row   int // that was written last
	width int // the most columns so far
	err   error
}

// openTable opens a source that is a zip archive, if it is a workbook.
func (s *Source) openTable(ctx context.Context, r io.Reader) (*table, error) {
	at, size, closer, err := s.spoolZip(r)
	if err != nil {
		return nil, err
	}
	t, err := s.openSheet(ctx, at, size)
	if err != nil {
		return nil, errors.Join(err, closer.Close())
	}
	t.copy = closer
	return t, nil
}

// spoolZip copies an archive, which is read from its end: to memory if it is small.
func (s *Source) spoolZip(r io.Reader) (io.ReaderAt, int64, io.Closer, error) {
	var small bytes.Buffer
	_, err := io.CopyN(&small, r, inMemoryBytes)
	if err == io.EOF {
		return bytes.NewReader(small.Bytes()), int64(small.Len()), io.NopCloser(nil), nil
	} else if err != nil {
		return nil, 0, nil, err
	}
	file, err := unnamed.Create(s.SpoolFolder)
	if err != nil {
		return nil, 0, nil, zipSpoolError(err)
	}
	from := &failing{r: io.MultiReader(&small, r)}
	size, err := io.Copy(struct{ io.Writer }{file}, io.LimitReader(from, maxWorkbookBytes+1))
	switch {
	case from.err != nil:
		err = from.err
	case err != nil:
		err = zipSpoolError(err)
	case size > maxWorkbookBytes:
		err = &FormatError{fmt.Sprintf("a zip archive, or a workbook of more than %d MiB", maxWorkbookBytes>>20), "unpack it first, as with unzip, or save it as CSV"}
	default:
		return file, size, file, nil
	}
	return nil, 0, nil, errors.Join(err, file.Close())
}

func zipSpoolError(err error) error {
	return fmt.Errorf("copy it to a temporary file, to read it as a workbook: %w", reason(err))
}

// failing keeps the error of a reader, which must not be taken for one of a writer.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// openSheet opens the sheet that the source names.
func (s *Source) openSheet(ctx context.Context, at io.ReaderAt, size int64) (*table, error) {
	limited := &limitedAt{at, maxDirectoryBytes}
	z, err := zip.NewReader(limited, size)
	if err == errDirectory {
		return nil, &FormatError{"a zip archive of very many files", aZip.WayOut}
	} else if err != nil {
		return nil, errors.New("this zip archive or workbook is damaged or cut off; copy or download it again")
	}
	limited.left = -1
	if !xlsx.IsWorkbook(z) {
		return nil, archiveError(z)
	}
	if s.NoTables {
		return nil, &FormatError{"a workbook (.xlsx)", "it is read as a table, with a mapping or a preset of tables"}
	}
	sheet, err := xlsx.Open(ctx, z, xlsx.Options{Sheet: s.Sheet, DecimalComma: s.DecimalComma, Folder: s.SpoolFolder})
	if err != nil {
		return nil, err
	}
	return &table{sheet: sheet}, nil
}

// archiveError names an archive that is no workbook.
func archiveError(z *zip.Reader) error {
	var names []string
	for i, f := range z.File {
		names = append(names, f.Name)
		if i > 0 || f.Name != "mimetype" {
			continue
		}
		if file, err := f.Open(); err == nil {
			mediaType, _ := io.ReadAll(io.LimitReader(file, 100)) // as far as it can be read
			_ = file.Close()
			if err := officeFormat(mediaType); err != nil {
				return err
			}
		}
	}
	return zipFormat(names)
}

// limitedAt allows so many bytes to be read; -1 is any.
type limitedAt struct {
	r    io.ReaderAt
	left int
}

var errDirectory = errors.New("the directory is too large")

func (l *limitedAt) ReadAt(p []byte, offset int64) (int, error) {
	if l.left >= 0 {
		if l.left -= len(p); l.left < 0 {
			return 0, errDirectory
		}
	}
	return l.r.ReadAt(p, offset)
}

// tableBytes is about how much of a table is made at once.
const tableBytes = 64 << 10

func (t *table) Read(p []byte) (int, error) {
	for t.at == len(t.buf) && len(p) > 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.buf[t.at:])
	t.at += n
	return n, nil
}

// fill makes the next rows.
func (t *table) fill() {
	for t.buf, t.at = t.buf[:0], 0; len(t.buf) < tableBytes; {
		row, cells, err := t.sheet.Next()
		if err == io.EOF && t.row == 0 {
			err = t.sheet.EmptyError()
		}
		if t.err = err; err != nil {
			return
		}
		if len(cells) == 0 {
			continue // a row without cells counts only if one with cells follows
		}
		for t.row++; t.row < row; t.row++ {
			t.buf = append(t.buf, '\n')
		}
		t.write(cells)
	}
}

// write appends a row. One that is shorter than those before it has empty cells at its end,
// as the sheet has.
func (t *table) write(cells [][]byte) {
	t.width = max(t.width, len(cells))
	for i, cell := range cells {
		if i > 0 {
			t.buf = append(t.buf, ',')
		}
		t.buf = appendValue(t.buf, cell)
	}
	for range t.width - len(cells) {
		t.buf = append(t.buf, ',')
	}
	t.buf = append(t.buf, '\n')
}

// appendValue appends a value of CSV, in quotes if it needs them.
func appendValue(dst, value []byte) []byte {
	if !bytes.ContainsAny(value, ",\"\r\n") {
		return append(dst, value...)
	}
	dst = append(dst, '"')
	for _, c := range value {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// close frees what is on disk. It has no name there, so an error harms nobody.
func (t *table) close() {
	_ = t.sheet.Close()
	_ = t.copy.Close()
}

// maxDirectoryAt is how far behind the start of a document its directory is searched.
const maxDirectoryAt = 1 << 30

// oleError names an old document, whose header says where the names of its streams are.
func oleError(r io.Reader) error {
	header := make([]byte, 512)
	if _, err := readFull(r, header); err != nil {
		return oleFormat(nil)
	}
	sector := int64(1) << min(binary.LittleEndian.Uint16(header[30:]), 16)
	at := (int64(binary.LittleEndian.Uint32(header[48:])) + 1) * sector
	if at < int64(len(header)) || at > maxDirectoryAt {
		return oleFormat(nil)
	}
	_, _ = io.CopyN(io.Discard, r, at-int64(len(header))) // as far as it goes
	directory := make([]byte, max(sector, 512))
	n, _ := readFull(r, directory)
	return oleFormat(directory[:n])
}
