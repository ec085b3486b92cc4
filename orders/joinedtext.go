package orders

import (
	"encoding/binary"
	"errors"
	"io"
	"sort"
	"sync"

	"process-orders/internal/unnamed"
)

// A joinedText holds joined rows in a file without a name, and where each of them was
// before in another: [input.Origin].
type joinedText struct {
	file, index *unnamed.File
	size        int64 // of the file
	count       int   // of the rows in the index
	bytes       int64 // of the original
	isCut       bool  // see rowFindings
	rowsEnd     int64 // the offset in the original at which its last row ends
	newLine     int64 // where the first row is that is not old, see IsOld
	newColumn   int64

	mu sync.Mutex
	// page is a part of the index, as rows are mostly asked for in their order. It starts
	// with the row of that number, and next is where the row behind it starts, or -1.
	page   []byte
	number int
	next   int64
}

// A row in the index is its offset, and the line and column that it had.
const (
	indexBytes = 3 * 8
	pageRows   = 512
)

func (t *joinedText) Bytes() int64 { return t.bytes }

// RowsEnd is the offset in the original at which its last row ends, without the end of its
// line.
func (t *joinedText) RowsEnd() int64 { return t.rowsEnd }

// IsOld reports whether the row at an offset was there before the original has grown, see
// [input.Source.From]. A row that cannot be found is not old; reading it is an error.
func (t *joinedText) IsOld(offset int64) bool {
	_, line, column, err := t.Row(offset)
	return err == nil && (line < t.newLine || line == t.newLine && column < t.newColumn)
}

// Row returns the last row that starts at the offset or before it.
func (t *joinedText) Row(offset int64) (start, line, column int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.page) == 0 || offset < t.value(0, 0) || t.next >= 0 && offset >= t.next {
		if err := t.find(offset); err != nil {
			return 0, 0, 0, err
		}
	}
	i := t.last(offset, len(t.page)/indexBytes)
	if i < 0 { // before all rows
		return 0, 1, 1, nil
	}
	return t.value(i, 0), t.value(i, 1), t.value(i, 2), nil
}

// value is one of the three of the i-th row of the page.
func (t *joinedText) value(i, which int) int64 {
	return int64(binary.LittleEndian.Uint64(t.page[i*indexBytes+8*which:]))
}

// last is the last of the page's first n rows that starts at the offset or before it, or -1.
func (t *joinedText) last(offset int64, n int) int {
	return sort.Search(n, func(i int) bool { return t.value(i, 0) > offset }) - 1
}

// find makes page the one in which the row at the offset is.
func (t *joinedText) find(offset int64) error {
	if len(t.page) > 0 && t.next >= 0 && offset >= t.next { // mostly the next one
		if err := t.load(t.number + pageRows); err != nil || t.next < 0 || offset < t.next {
			return err
		}
	}
	var failed error
	pages := (t.count + pageRows - 1) / pageRows
	page := sort.Search(pages, func(i int) bool {
		var start [8]byte
		_, err := t.index.ReadAt(start[:], int64(i)*pageRows*indexBytes)
		failed = errors.Join(failed, err)
		return int64(binary.LittleEndian.Uint64(start[:])) > offset
	}) - 1
	if failed != nil {
		return failed
	}
	return t.load(max(0, page) * pageRows)
}

// load reads the page that starts with the row of that number.
func (t *joinedText) load(number int) error {
	rows := min(pageRows+1, t.count-number) // one more, for next
	page := make([]byte, rows*indexBytes)
	if _, err := t.index.ReadAt(page, int64(number)*indexBytes); err != nil && err != io.EOF {
		t.page = nil
		return err
	}
	t.page, t.number, t.next = page, number, -1
	if rows > pageRows {
		t.next = t.value(pageRows, 0)
		t.page = page[:pageRows*indexBytes]
	}
	return nil
}

// Close frees the files.
func (t *joinedText) Close() (err error) {
	for _, file := range []*unnamed.File{t.file, t.index} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return err
}
