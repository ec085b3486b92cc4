package orders

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"

	"process-orders/input"
	"process-orders/internal/extsort"
	"process-orders/internal/unnamed"
)

// Join makes a source in which the rows of each order follow each other, of one in which
// they may be apart: the rows of a table with the same key, at the place of the first of them,
// in their order. The mapping must have a [Mapping.Group]. It takes about memoryBytes of
// memory (0 means 128 MiB) and files in the folder, which have no names and are, for a
// moment, some three times as large as the source after decompression. Closing the closer
// frees what is left of them.
//
// The places of what is read from the new source are those of the old one. If the rows
// follow each other already, all have the offsets that they had. Text that cannot be read
// ends the source, so that reading it ends with the same error.
func Join(ctx context.Context, source input.Source, o Options, memoryBytes int64, folder string) (input.Source, io.Closer, error) {
	if memoryBytes <= 0 {
		memoryBytes = 128 << 20
	}
	o.Reject, o.SourceDone, o.Phone = func(*Reject) error { return nil }, nil, nil
	j := joining{
		byKey:  extsort.New(memoryBytes/4, folder),
		inTurn: extsort.New(memoryBytes/4, folder),
		from:   source.From, newLine: math.MaxInt64,
	}
	err := j.read(ctx, source, o)
	if err == nil {
		err = j.group(ctx)
	}
	var text *joinedText
	if err == nil {
		text, err = j.write(ctx, folder)
	}
	err = errors.Join(err, j.byKey.Close(), j.inTurn.Close())
	if err != nil {
		if text != nil {
			err = errors.Join(err, text.Close())
		}
		return input.Source{}, nil, joinError(ctx, source, err)
	}
	text.isCut = j.isCut
	text.bytes, text.rowsEnd, text.newLine, text.newColumn = j.bytes, j.rowsEnd, j.newLine, j.newColumn
	return input.Source{
		Name: source.Name, From: source.From, Size: text.size, Reopens: true, Origin: text, Shop: source.Shop, Encoding: "utf-8", // it was decoded
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(text.file, 0, text.size)), nil
		},
	}, text, nil
}

// A readFailure is an error that a source itself has, which names the source.
type readFailure struct{ error }

func joinError(ctx context.Context, source input.Source, err error) error {
	var failed *readFailure
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &failed):
		return failed.error
	}
	return fmt.Errorf("%s: join its rows in a temporary file: %w", source.Name, err)
}

// joining takes the stretches of a source, which are its rows with what comes before them, and
// puts them into another order.
//
// Stretches with a key are sorted by their keys, which brings together those of one order.
// Then it is known where the order starts, and all stretches are sorted by that.
type joining struct {
	byKey  *extsort.Sorter // by two hashes of the key
	inTurn *extsort.Sorter // by the number of the order's first stretch, and the stretch's own
	isText bool            // tables: else what is between rows is not kept

	newline   byte   // what ends a row
	head      []byte // what comes before the rows
	gap       []byte // between the row before and the next one
	stretches uint64
	table     uint64 // the number of the table
	bytes     int64  // of the source
	isCut     bool   // see rowFindings
	key       []byte
	above     []byte // the key of the row before; of one without a key, that of a row above it
	goesOn    bool   // whether a row without a key is one of the order above it
	ended     bool

	from    int64 // that of the source
	rowsEnd int64 // the offset at which the last row ends
	// The line and the column of the first row that ends behind from.
	newLine, newColumn int64
}

// maxGapBytes is how much between two rows goes with the second one.
const maxGapBytes = 1 << 20

// keySeeds are for hashes of keys. The two have 128 bits, so no two of any number of keys
// will share them.
var keySeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// read takes all stretches of the source.
func (j *joining) read(ctx context.Context, source input.Source, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, err := newChunkReader(ctx, []input.Source{source}, o)
	if err != nil {
		return &readFailure{err}
	}
	defer reader.Close()
	reader.collect, j.isText = true, reader.program.mapping.CSV
	j.goesOn = reader.program.mapping.NoGroup == NoGroupAbove
	cursor := newCursor(reader.program, o)
	cursor.collect = func(c *chunk) error { return j.take(c, cursor.at) }
	var c chunk
	for {
		if err := reader.Next(&c); err == io.EOF {
			j.bytes = cursor.Totals().Bytes
			return nil
		} else if err != nil {
			return &readFailure{err}
		}
		c.Scan()
		switch err := cursor.Settle(&c); {
		case j.ended: // the error comes again when the joined rows are read
			j.bytes = cursor.Totals().Bytes
			return nil
		case err != nil:
			return &readFailure{err}
		}
	}
}

// take takes the rows of a chunk, and those that cannot be read, which are rejects.
func (j *joining) take(c *chunk, at location) error {
	b := &c.findings
	j.isCut = b.isCut
	j.newline = c.shape.newline()
	done := 0
	if c.block.First && at.offset == 0 {
		done = c.shape.body
		j.head = append(j.head, j.between(b.Data[:done])...)
	}
	located := 0
	add := func(row foundRow, key []byte) error {
		at, located = at.forward(b.Data[located:row.start]), row.start
		if row.header {
			j.table++
		}
		gap := b.Data[done:row.start]
		done = row.end
		return j.add(gap, b.Data[row.start:row.end], key, at)
	}
	rows, faults := b.rows, b.faults
	for len(rows) > 0 || len(faults) > 0 {
		var row foundRow
		var key []byte
		if len(rows) == 0 || len(faults) > 0 && faults[0].start < rows[0].start {
			row, faults = foundRow{start: faults[0].start, end: faults[0].end}, faults[1:]
		} else {
			row, rows = rows[0], rows[1:]
			key = j.keyOf(b, row)
		}
		if err := add(row, key); err != nil {
			return err
		}
	}
	if b.stop != nil {
		j.ended = true
		start := max(b.rest, done)
		start += len(b.Data[start:]) - len(bytes.TrimLeft(b.Data[start:], " \t\r\n"))
		return add(foundRow{start: start, end: len(b.Data)}, nil)
	}
	if done < b.rest {
		return j.keepGap(b.Data[done:b.rest])
	}
	return nil
}

// keyOf is the key of a row. It may be that of a row above it, as the mapping says.
func (j *joining) keyOf(b *findings, row foundRow) []byte {
	switch {
	case row.key != 0:
		j.above = append(j.above[:0], b.Text(row.key)...)
	case row.header || !j.goesOn:
		j.above = j.above[:0]
	}
	return j.above
}

// between is what is kept of a text that is no row. A table needs its header; of JSON only
// the lines are kept, as its rows are written one after the other, without an array.
func (j *joining) between(text []byte) []byte {
	if j.isText || len(bytes.Trim(text, " \t\r\n")) == 0 {
		return text
	}
	text = bytes.Clone(text)
	for i, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
		case ',':
			text[i] = '\n'
		default:
			text[i] = ' '
		}
	}
	return text
}

// keepGap keeps a text for the stretch that follows. A long one becomes stretches of its own, at
// the same offsets however the source is cut.
func (j *joining) keepGap(text []byte) error {
	for j.gap = append(j.gap, j.between(text)...); len(j.gap) >= maxGapBytes; {
		if err := j.put(stretch{gap: maxGapBytes}, j.gap[:maxGapBytes], nil, nil); err != nil {
			return err
		}
		j.gap = append(j.gap[:0], j.gap[maxGapBytes:]...)
	}
	return nil
}

// add adds a row, with the text between the row before and this one.
func (j *joining) add(gap, row, key []byte, at location) error {
	if err := j.keepGap(gap); err != nil {
		return err
	}
	p := stretch{gap: len(j.gap), line: at.line + 1, column: at.offset - at.lineStart + 1}
	j.rowsEnd = at.offset + int64(len(bytes.TrimRight(row, "\r\n")))
	if j.rowsEnd > j.from && j.newLine == math.MaxInt64 {
		j.newLine, j.newColumn = p.line, p.column
	}
	err := j.put(p, j.gap, row, key)
	j.gap = j.gap[:0]
	return err
}

// put gives a stretch to its sorter.
func (j *joining) put(p stretch, gap, row, key []byte) error {
	p.number = j.stretches
	j.stretches++
	var header [stretchBytes]byte
	p.encode(&header)
	if len(key) == 0 {
		return j.inTurn.Add(p.number, p.number, header[:], gap, row)
	}
	j.key = append(binary.LittleEndian.AppendUint64(j.key[:0], j.table), key...)
	return j.byKey.Add(maphash.Bytes(keySeeds[0], j.key), maphash.Bytes(keySeeds[1], j.key), header[:], gap, row)
}

// group brings together the stretches of each order.
func (j *joining) group(ctx context.Context) error {
	var a, b, first uint64
	isFirst := true
	for r, err := range j.byKey.Sorted() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		number := decodeStretch(r.Data).number
		if isFirst || r.A != a || r.B != b {
			a, b, first, isFirst = r.A, r.B, number, false
		}
		if err := j.inTurn.Add(first, number, r.Data); err != nil {
			return err
		}
	}
	return j.byKey.Close()
}

// write writes the stretches in their new order.
func (j *joining) write(ctx context.Context, folder string) (*joinedText, error) {
	t := new(joinedText)
	w, err := newJoinedWriter(t, folder, j.newline)
	if err != nil {
		return t, err
	}
	w.write(j.head)
	next := uint64(0) // the number of the stretch that follows in the source
	for r, err := range j.inTurn.Sorted() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return t, err
		}
		p := decodeStretch(r.Data)
		w.add(p, r.Data[stretchBytes:], p.number == next)
		next = p.number + 1
	}
	return t, w.flush()
}

// A stretch is a row and what comes before it.
type stretch struct {
	number       uint64
	line, column int64 // of the row, from 1; 0 if there is no row
	gap          int   // how many bytes are before the row
}

const stretchBytes = 4 * 8

func (p *stretch) encode(b *[stretchBytes]byte) {
	for i, v := range []uint64{p.number, uint64(p.line), uint64(p.column), uint64(p.gap)} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
}

func decodeStretch(b []byte) stretch {
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	return stretch{at(0), int64(at(1)), int64(at(2)), int(at(3))}
}

// A joinedWriter writes a joinedText.
type joinedWriter struct {
	text        *joinedText
	rows, index *bufio.Writer
	newline     byte // what ends a row
	last        byte // that was written
}

func newJoinedWriter(t *joinedText, folder string, newline byte) (w *joinedWriter, err error) {
	if t.file, err = unnamed.Create(folder); err != nil {
		return nil, err
	}
	if t.index, err = unnamed.Create(folder); err != nil {
		return nil, err
	}
	const buffer = 64 << 10
	return &joinedWriter{
		text: t, rows: bufio.NewWriterSize(t.file, buffer), index: bufio.NewWriterSize(t.index, buffer), newline: newline,
	}, nil
}

// write writes some text. An error comes with flush.
func (w *joinedWriter) write(text []byte) {
	if len(text) > 0 {
		_, _ = w.rows.Write(text)
		w.text.size += int64(len(text))
		w.last = text[len(text)-1]
	}
}

// add writes a stretch. If another one came before it in the source, a line ends first, as
// the lines of the source do: in a table with carriage returns a newline is a part of a value.
func (w *joinedWriter) add(p stretch, text []byte, follows bool) {
	if !follows && w.text.size > 0 && len(text) > 0 && w.last != w.newline && text[0] != w.newline {
		w.write([]byte{w.newline})
	}
	if p.line > 0 {
		var entry [indexBytes]byte
		binary.LittleEndian.PutUint64(entry[:], uint64(w.text.size+int64(p.gap)))
		binary.LittleEndian.PutUint64(entry[8:], uint64(p.line))
		binary.LittleEndian.PutUint64(entry[16:], uint64(p.column))
		_, _ = w.index.Write(entry[:])
		w.text.count++
	}
	w.write(text)
}

func (w *joinedWriter) flush() error { return errors.Join(w.rows.Flush(), w.index.Flush()) }
