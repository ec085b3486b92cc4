package orders

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"process-orders/internal/columns"
)

// tableShape is what the header of a table (CSV) says of its rows.
type tableShape struct {
	comma byte // what separates values
	// newline is the last byte of what ends a row: a newline, also behind a carriage
	// return, or a carriage return alone.
	newline  byte
	unquoted bool // whether quotes are characters like any other
	// names are the columns', as they are written, and header is their row.
	names  []string
	header []byte
	// columns has the slot of each column's values: 0 if the mapping does not read them.
	columns []uint8
	byKey   map[string][]int // the columns that a key of the mapping stands for
	byName  map[string]int   // the last column of each name
	starts  [256]bool        // whether a name starts with a byte
	reads   []readColumn     // the columns that the mapping reads
	// key is the slot of the rows' key, by which header rows and blank rows are known, and
	// keyName is the name of its column, folded.
	key     uint8
	keyName string
	// firstItem is the first column that can have an item: a row that ends before it is
	// no line.
	firstItem int
}

// newTableShape finds the columns that the mapping reads. A name that is written as in the
// mapping wins over those that only look like it.
func newTableShape(names []string, p *program) tableShape {
	t := tableShape{names: names, columns: make([]uint8, len(names)), byKey: map[string][]int{}, byName: map[string]int{}}
	exact, folded := map[string]*node{}, map[string]child{}
	for _, c := range p.order.children {
		if c.node.slot != 0 {
			exact[c.key] = c.node
			if fold := foldName(c.key); folded[fold].node == nil {
				folded[fold] = c
			}
		}
	}
	for i, name := range names {
		t.byName[name] = i
		if name != "" {
			t.starts[name[0]] = true
		}
		if n := exact[name]; n != nil {
			t.columns[i] = n.slot
			t.byKey[name] = append(t.byKey[name], i)
		}
	}
	var like []int
	for i, name := range names {
		if t.columns[i] == 0 && name != "" && len(name) <= maxPathBytes {
			if c := folded[foldName(name)]; c.node != nil && len(t.byKey[c.key]) == 0 {
				t.columns[i] = c.node.slot
				like = append(like, i)
			}
		}
	}
	for _, i := range like {
		key := folded[foldName(names[i])].key
		t.byKey[key] = append(t.byKey[key], i)
	}
	var columnsOf [maxSlots]int
	for _, slot := range t.columns {
		columnsOf[slot%maxSlots]++
	}
	for i, slot := range t.columns {
		if slot != 0 {
			t.reads = append(t.reads, readColumn{i, slot, p.phoneSlots>>slot&1 != 0, columnsOf[slot%maxSlots] > 1})
		}
	}
	t.findKey(p.mapping)
	return t
}

// findKey finds the columns by which a row is known to be no line.
func (t *tableShape) findKey(m *Mapping) {
	c := compiler{m: m}
	keys, _ := c.keysOf(m.Group)
	if at := t.columnsOf(keys); len(at) > 0 {
		t.key, t.keyName = t.columns[at[0]], foldName(t.names[at[0]])
	}
	items, _ := c.keysOf(m.Item)
	if at := t.columnsOf(items); len(at) > 0 {
		t.firstItem = slices.Min(at)
	}
}

// lineEnd is how the rows of a table end whose header is at the end of a text.
func (t *tableShape) lineEnd(text []byte) string {
	if t.newline == '\n' && bytes.HasSuffix(text, []byte("\r\n")) {
		return "\r\n"
	}
	return string(t.newline)
}

// withHeader is the text of rows below that of the header, so that it is a table of its
// own.
func (t *tableShape) withHeader(rows []byte) []byte { return append(bytes.Clone(t.header), rows...) }

// tableReader reads the rows of tables: RFC 4180, with any separator of tableShape.comma.
// A line may also end with a newline or a carriage return alone. A quote in a value that
// does not start with one is a character like any other.
type tableReader struct {
	*scanner
	values  *resolver
	bitmaps *bitmaps // say how much of data is known to be UTF-8
	rows    rowBitmaps
	// ends are those of the values of the row that the usual way read last, hasQuotes reports
	// whether one of them is in quotes: see findEnds.
	ends      []uint32
	hasQuotes bool

	// Of the row that was read last:
	kind  rowKind
	cells int // how many values it has, with those that have no column and are blank
	// broken is where the value starts that has no end, or -1 if all have one.
	broken int
}

// rowKind is what a row is.
type rowKind uint8

const (
	rowOfOrder     rowKind = iota
	rowBlank               // nothing but blank values
	rowHeader              // the header again: another table starts
	rowOtherHeader         // a header whose columns are elsewhere: the rows below would be misread
)

// row reads a row and takes its values. A row ends with its line, or with the source. What
// is wrong with it alone is noted in f.
func (r *tableReader) row(w *window, f *fault) outcome {
	p, t := r.values.program, &w.shape.table
	start, all := r.pos, r.data
	r.data = all[:min(len(all), start+p.limit)]
	r.kind, r.broken, r.short = rowOfOrder, -1, false
	r.values.clearRow()
	result := whole
	if p.switches.slow || !r.usualRow(t) {
		r.values.clearRow()
		r.pos = start
		result = r.unusualRow(w, start, all, f)
		r.values.sortRow()
	}
	if result == whole {
		result = r.valid(start)
	}
	if result == whole {
		r.kind = r.kindOf(t, start)
	} else if result == broken && w.rejectLines {
		result = r.passLine(t, w, all, f)
	}
	r.data = all
	if result == whole && r.kind == rowOtherHeader {
		r.fail(start, otherHeader)
		return broken
	}
	if result == whole && w.strict && (f.reason != reasonNone || r.cells != len(t.columns)) {
		return broken
	}
	return result
}

// otherHeader is the reason for a row of the kind rowOtherHeader, which ends the reading.
const otherHeader = "another header, with the columns elsewhere than above; put it and the rows below it into a file of their own"

// unusualRow is the slow path, which finds what is wrong.
func (r *tableReader) unusualRow(w *window, start int, all []byte, f *fault) outcome {
	p, t := r.values.program, &w.shape.table
	tooLong := -1 // where the first value is that has no column
	for r.cells = 0; ; r.cells++ {
		at := r.pos
		value, last, ok := r.cell(t)
		switch {
		case !ok && r.short && len(all)-start < p.limit && !w.final:
			r.short = false
			return unfinished
		case !ok && r.short && len(all)-start >= p.limit && !w.rejectLines:
			return tooLarge
		case !ok:
			r.short = false
			r.broken = at
			return broken
		case last && r.short && len(all)-start > p.limit:
			return tooLarge
		case last && r.short && !w.final:
			return unfinished // the value may go on
		case r.cells < len(t.columns):
			if slot := t.columns[r.cells]; slot != 0 {
				r.values.take(slot, value)
			}
		case tooLong < 0 && !isBlank(r.values.draft.out.Text(value)):
			tooLong = at
		}
		if last {
			r.cells++
			break
		}
	}
	if tooLong >= 0 {
		*f = r.rowFault(tooLong, t.widthText(r.cells))
	}
	return whole
}

// rowFault is something that is wrong with a row as a whole.
func (r *tableReader) rowFault(at int, why string) fault {
	return fault{at: at, node: r.values.program.order, line: -1, reason: reasonSyntax, why: why}
}

// widthText says that a row does not fit the header.
func (t *tableShape) widthText(cells int) string {
	values, columns := "values", "columns"
	if cells == 1 {
		values = "value"
	}
	if len(t.columns) == 1 {
		columns = "column"
	}
	return fmt.Sprintf("the row has %d %s, the header has %d %s", cells, values, len(t.columns), columns)
}

// passLine passes a row that is broken: it ends with the line on which the broken value
// starts. The values before that one were taken.
func (r *tableReader) passLine(t *tableShape, w *window, all []byte, f *fault) outcome {
	start := r.broken
	if start < 0 { // all values have an end
		*f = r.rowFault(r.errAt, r.why)
		return whole
	}
	limit := r.values.program.limit
	end := min(len(all), start+limit)
	if n := bytes.IndexByte(all[start:end], t.newline); n >= 0 {
		end = start + n + 1
	} else if end < len(all) || len(all)-start >= limit {
		return tooLarge
	} else if !w.final {
		return unfinished
	}
	*f = r.rowFault(r.errAt, r.why)
	if f.at >= end {
		f.at, f.why = start, noClosingQuote
	}
	r.pos = end
	return whole
}

// makeBitmaps makes the bitmaps of data.
func (r *tableReader) makeBitmaps(data []byte, t *tableShape) {
	quote := byte('"')
	if t.unquoted {
		quote = t.newline
	}
	r.rows.make(data, t.comma, t.newline, quote, r.bitmaps.wide)
}

// kindOf returns what the row is that starts at an offset and was read. The key, which all
// rows have, tells nearly all of them apart.
func (r *tableReader) kindOf(t *tableShape, start int) rowKind {
	key := r.values.draft.out.Text(r.values.found[t.key])
	switch {
	case len(key) == 0 || isBlank(key):
		if r.all(t, start, func(_ int, value []byte) bool { return isBlank(value) }) {
			return rowBlank
		}
	case len(key) >= len(t.keyName) && (key[0]|0x20 == t.keyName[0]|0x20 || key[0] <= ' ' || key[0] >= utf8.RuneSelf):
		if foldName(string(key)) == t.keyName && r.all(t, start, func(i int, value []byte) bool {
			if i >= len(t.names) {
				return isBlank(value)
			}
			return foldName(string(value)) == foldName(t.names[i])
		}) {
			return rowHeader
		}
	}
	if len(key) > 0 && t.starts[key[0]] { // few keys of orders start like a name
		if _, isName := t.byName[string(key)]; isName && r.isOtherHeader(t, start) {
			return rowOtherHeader
		}
	}
	return rowOfOrder
}

// isOtherHeader reports whether the row at an offset has the names of all columns that are
// read, or of most: a header may lack some, and be followed by rows that would be misread.
func (r *tableReader) isOtherHeader(t *tableShape, start int) bool {
	found := map[int]bool{}
	r.all(t, start, func(_ int, value []byte) bool {
		if i, ok := t.byName[string(value)]; ok && t.columns[i] != 0 {
			found[i] = true
		}
		return true
	})
	return len(found) == len(t.reads) || len(found) > 2 && 2*len(found) > len(t.reads)
}

// all reports whether something is so of all values of the row at an offset, which was
// read.
func (r *tableReader) all(t *tableShape, start int, is func(i int, value []byte) bool) bool {
	end := r.pos
	defer func() { r.pos, r.short = end, false }()
	r.pos = start
	for i := 0; r.pos < end || i == 0; i++ {
		value, last, ok := r.cell(t)
		if !ok || !is(i, r.values.draft.out.Text(value)) {
			return false
		}
		if last {
			break
		}
	}
	return true
}

// valid checks that the row that starts at an offset is UTF-8, unless the bitmaps have
// checked that already.
func (r *tableReader) valid(start int) outcome {
	if r.pos < r.bitmaps.valid { // they may end within a character
		return whole
	}
	for at := start; at < r.pos; {
		c, n := utf8.DecodeRune(r.data[at:r.pos])
		if c == utf8.RuneError && n == 1 {
			r.fail(at, notUTF8)
			return broken
		}
		at += n
	}
	return whole
}

// cell reads one value and what ends it; last reports whether it is the row's last. A
// value in quotes may hold anything, with its quotes doubled.
func (r *tableReader) cell(t *tableShape) (value columns.Span, last, ok bool) {
	from, isQuoted := r.pos, false
	if from < len(r.data) && r.data[from] == '"' && !t.unquoted {
		if value, ok = r.quoted(t); !ok {
			return 0, false, false
		}
		isQuoted = true
	} else {
		for r.pos < len(r.data) && r.data[r.pos] != t.comma && r.data[r.pos] != t.newline {
			r.pos++
		}
		end := r.pos
		if t.newline == '\n' && end > from && r.data[end-1] == '\r' && (end == len(r.data) || r.data[end] == '\n') {
			end--
		}
		value = columns.NewSpan(from, end)
	}
	end := r.pos
	switch {
	case end == len(r.data):
		r.short, last = true, true
	case r.data[end] == t.comma:
		r.pos++
	case r.data[end] == t.newline:
		r.pos++
		last = true
	default:
		return 0, false, r.fail(end, "want the end of the value after its closing quote")
	}
	if isQuoted && t.holdsRows(r.data[from:end]) {
		return 0, false, r.fail(from, rowsWithinValue)
	}
	return value, last, true
}

const (
	noClosingQuote  = "a value in quotes has no end; is a quote missing?"
	rowsWithinValue = "a value in quotes holds whole rows; is a quote missing? If quotes are characters like any other here, quotes = false of the mapping says so"
)

// quoted reads a value in quotes, and a carriage return behind it.
func (r *tableReader) quoted(t *tableShape) (columns.Span, bool) {
	from := r.pos + 1
	end, isDoubled := r.closingQuote(r.pos)
	if end < 0 {
		r.fail(r.pos, noClosingQuote)
		r.pos, r.short = len(r.data), true
		return 0, false
	}
	r.pos = end
	value := columns.NewSpan(from, r.pos-1)
	if isDoubled {
		value = r.values.draft.append(func(arena []byte) []byte {
			return append(arena, bytes.ReplaceAll(r.data[from:r.pos-1], []byte(`""`), []byte(`"`))...)
		})
	}
	if t.newline == '\n' && r.pos < len(r.data) && r.data[r.pos] == '\r' && (r.pos+1 == len(r.data) || r.data[r.pos+1] == '\n') {
		r.pos++
	}
	return value, true
}

// closingQuote returns where the quote ends that closes the value in quotes at an offset, or -1
// if there is none. isDoubled reports whether the value has quotes, which are doubled.
func (r *tableReader) closingQuote(at int) (end int, isDoubled bool) {
	for end = at + 1; ; end++ {
		n := bytes.IndexByte(r.data[end:], '"')
		if n < 0 {
			return -1, false
		}
		if end += n + 1; end == len(r.data) || r.data[end] != '"' {
			return end, isDoubled
		}
		isDoubled = true
	}
}

// minWideColumns is how many columns a table has whose rows differ from other texts in
// the number of their separators.
const minWideColumns = 4

// holdsRows reports whether a value in quotes goes over the ends of rows: it has a newline
// and as many separators as a row has, for each newline. So does a value whose closing
// quote is missing, if the next quote comes in the same column of a later row. The rows
// between would be lost without a word.
func (t *tableShape) holdsRows(value []byte) bool {
	if len(t.columns) < minWideColumns || bytes.IndexByte(value, t.newline) < 0 {
		return false
	}
	lines := bytes.Count(value, []byte{t.newline})
	return bytes.Count(value, []byte{t.comma}) == lines*(len(t.columns)-1)
}
