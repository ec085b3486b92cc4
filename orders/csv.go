package orders

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	"process-orders/internal/columns"
)

// tableShape is what the first row of a table (CSV) says of the others.
type tableShape struct {
	comma byte // what separates values: a comma, a semicolon or a tab
	// columns has the slot of each column's values: 0 if the mapping does not read them.
	columns []uint8
	// nextRead[i] is the first mapped column from column i on.
	nextRead []int
	known    int // how many columns are mapped
}

// sniffTable reads the first row of a table, which has the columns' names. It tries all
// separators and chooses the one with which the mapping knows the most columns.
func sniffTable(head []byte, start int, final bool, p *program) (*shape, *stop, error) {
	var best *shape
	for _, comma := range []byte(",;\t") {
		var r reader
		r.program = p
		r.reset(&findings{Orders: columns.Orders{Data: head}}, head, start)
		names, ok := r.table.header(comma)
		pos := r.orders.pos
		if pos == len(head) && head[pos-1] != '\n' && !final {
			return nil, nil, errMore
		}
		if !ok {
			if r.orders.short && !final {
				return nil, nil, errMore
			}
			continue
		}
		t := newTableShape(comma, names, p)
		if best == nil || t.known > best.table.known {
			best = &shape{expect: expectSequence, body: pos, table: t}
		}
	}
	if best == nil {
		return nil, &stop{at: start, start: start, why: "want a table (CSV) with the columns' names in its first row"}, nil
	}
	for _, f := range p.required() {
		if !best.table.has(f) {
			return nil, &stop{at: start, start: start, why: "the table has no column \"" + p.leaves[f[0][0]].path + "\""}, nil
		}
	}
	return best, nil, nil
}

func newTableShape(comma byte, names []string, p *program) tableShape {
	t := tableShape{comma: comma}
	for _, name := range names {
		slot := uint8(0)
		if n := p.order.find(name); n != nil {
			slot = n.slot
			t.known++
		}
		t.columns = append(t.columns, slot)
	}
	t.nextRead = make([]int, len(names)+1)
	for i := len(names); i >= 0; i-- {
		t.nextRead[i] = i
		if i < len(names) && t.columns[i] == 0 {
			t.nextRead[i] = t.nextRead[i+1]
		}
	}
	return t
}

// has reports whether there is a column for one of the field's alternatives.
func (t *tableShape) has(f field) bool {
	for _, joined := range f {
		for _, slot := range joined {
			if slot >= maxSlots || slices.Contains(t.columns, slot) {
				return true
			}
		}
	}
	return false
}

// tableReader reads the rows of tables: RFC 4180, with any separator of tableShape.comma.
// A line may also end with a newline alone.
type tableReader struct {
	*scanner
	values  *resolver
	bitmaps *bitmaps // say how much of data is known to be UTF-8
}

// header reads the first row.
func (r *tableReader) header(comma byte) (names []string, ok bool) {
	for {
		value, last, ok := r.cell(comma)
		if !ok {
			return nil, false
		}
		names = append(names, string(bytes.TrimSpace(r.values.draft.out.Text(value))))
		if last {
			return names, true
		}
	}
}

// row reads a row and takes its values. A row ends with its line, or with the source.
func (r *tableReader) row(w *window) outcome {
	p, t := r.values.program, &w.shape.table
	start, all := r.pos, r.data
	r.data = all[:min(len(all), start+p.limit)]
	defer func() { r.data = all }()
	clear(r.values.found[:p.slots])
	if !p.switches.slow && r.usualRow(t) {
		return r.valid(start)
	}
	clear(r.values.found[:p.slots])
	r.pos = start
	for i := 0; ; i++ {
		at := r.pos
		value, last, ok := r.cell(t.comma)
		switch {
		case !ok && r.short && len(all)-start >= p.limit:
			return tooLarge
		case !ok && r.short && !w.final:
			r.short = false
			return unfinished
		case !ok:
			return broken
		case last && r.pos == len(all) && all[r.pos-1] != '\n' && !w.final:
			return unfinished // the value may go on
		case i >= len(t.columns) || last && i < len(t.columns)-1:
			r.fail(at, "the row does not have as many columns as the first one")
			return broken
		}
		if slot := t.columns[i]; slot != 0 {
			r.values.take(slot, value)
		}
		if last {
			return r.valid(start)
		}
	}
}

// usualRow is the fast path. It returns false for a row that the slow path must read. It
// searches eight bytes at a time for separators. If none of the columns that end in those
// bytes is mapped, it only counts them: most values are short, and most columns are not
// mapped.
func (r *tableReader) usualRow(t *tableShape) bool {
	data, slots, values := r.data, t.columns, r.values
	commas := ones * uint64(t.comma)
	from, column := r.pos, 0 // of the value that is being read
	for at := from; at+8 <= len(data); at += 8 {
		word := binary.LittleEndian.Uint64(data[at:])
		found, others := zeros(word^commas), zeros(word^ones*'\n')|zeros(word^ones*'"')
		if n := bits.OnesCount64(found); others == 0 && column+n <= t.nextRead[column] {
			if n > 0 {
				from, column = at+8-bits.LeadingZeros64(found)/8, column+n
			}
			continue
		}
		for found |= others; found != 0; found &= found - 1 {
			i := at + bits.TrailingZeros64(found)/8
			if column == len(slots) {
				return false
			}
			switch slot := slots[column]; {
			case data[i] == '"':
				if i != from {
					return false
				}
				r.pos = from
				value, last, ok := r.cell(t.comma)
				if !ok || last && r.short {
					return false
				}
				if slot != 0 {
					values.take(slot, value)
				}
				column++
				if last {
					return column == len(slots)
				}
				from = r.pos
				at, found = from-8, 0 // on from here
				continue
			case data[i] == '\n':
				if i > from && data[i-1] == '\r' {
					i--
				}
				if slot != 0 {
					values.take(slot, columns.NewSpan(from, i))
				}
				if data[i] == '\r' {
					i++
				}
				r.pos = i + 1
				return column == len(slots)-1
			case slot != 0:
				values.take(slot, columns.NewSpan(from, i))
			}
			from = i + 1
			column++
		}
	}
	return false
}

// zeros has the highest bit set of each byte of v that is zero.
func zeros(v uint64) uint64 { return ^((v&^highs + ^uint64(highs)) | v | ^uint64(highs)) }

// valid checks that the row that starts at an offset is UTF-8, unless the bitmaps have
// checked that already.
func (r *tableReader) valid(start int) outcome {
	if r.pos <= r.bitmaps.valid {
		return whole
	}
	for at := start; at < r.pos; {
		c, n := utf8.DecodeRune(r.data[at:r.pos])
		if c == utf8.RuneError && n == 1 {
			r.fail(at, "not valid UTF-8; convert the file to UTF-8 first")
			return broken
		}
		at += n
	}
	return whole
}

// cell reads one value and what ends it; last reports whether it is the row's last. A
// value in quotes may hold anything, with its quotes doubled.
func (r *tableReader) cell(comma byte) (value columns.Span, last, ok bool) {
	from := r.pos
	if from < len(r.data) && r.data[from] == '"' {
		if value, ok = r.quoted(); !ok {
			return 0, false, false
		}
	} else {
		for r.pos < len(r.data) && r.data[r.pos] != comma && r.data[r.pos] != '\n' {
			if r.data[r.pos] == '"' {
				return 0, false, r.fail(r.pos, "a quote in a value that does not start with one")
			}
			r.pos++
		}
		end := r.pos
		if end > from && r.data[end-1] == '\r' && (end == len(r.data) || r.data[end] == '\n') {
			end--
		}
		value = columns.NewSpan(from, end)
	}
	switch {
	case r.pos == len(r.data):
		r.short = true
		return value, true, true
	case r.data[r.pos] == comma:
		r.pos++
		return value, false, true
	case r.data[r.pos] == '\n':
		r.pos++
		return value, true, true
	}
	return 0, false, r.fail(r.pos, "want the end of the value after its closing quote")
}

// quoted reads a value in quotes, and a carriage return behind it.
func (r *tableReader) quoted() (columns.Span, bool) {
	from, isDoubled := r.pos+1, false
	for r.pos++; ; r.pos++ {
		n := bytes.IndexByte(r.data[r.pos:], '"')
		if n < 0 {
			r.pos = len(r.data)
			return 0, r.fail(r.pos, "want the end of a value in quotes")
		}
		r.pos += n + 1
		if r.pos == len(r.data) || r.data[r.pos] != '"' {
			break
		}
		isDoubled = true
	}
	value := columns.NewSpan(from, r.pos-1)
	if isDoubled {
		value = r.values.draft.append(func(arena []byte) []byte {
			return append(arena, bytes.ReplaceAll(r.data[from:r.pos-1], []byte(`""`), []byte(`"`))...)
		})
	}
	if r.pos < len(r.data) && r.data[r.pos] == '\r' && (r.pos+1 == len(r.data) || r.data[r.pos+1] == '\n') {
		r.pos++
	}
	return value, true
}
