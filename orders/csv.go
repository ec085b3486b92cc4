package orders

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// A column is a slot of the values in one column of a table; 0 is one that nobody
// reads.
type column uint8

// sniffCSV reads the first row of a table, which names the columns.
func sniffCSV(head []byte, start int, final bool, p *program) (*shape, *stop, error) {
	var best *shape
	for _, comma := range []byte(",;\t") {
		r := reader{program: p, scanner: scanner{data: head, pos: start}}
		r.batch = &Batch{data: head}
		names, ok := r.header(comma)
		if r.pos == len(head) && head[r.pos-1] != '\n' && !final {
			return nil, nil, errMore
		}
		if !ok {
			if r.short && !final {
				return nil, nil, errMore
			}
			continue
		}
		s := &shape{state: stateSequence, body: r.pos, comma: comma}
		for _, name := range names {
			slot := column(0)
			if n := p.order.find(name); n != nil {
				slot = column(n.slot)
				s.known++
			}
			s.columns = append(s.columns, slot)
		}
		if best == nil || s.known > best.known {
			best = s
		}
	}
	if best == nil {
		return nil, &stop{at: start, start: start, why: "want a table (CSV) with the columns' names in its first row"}, nil
	}
	for _, f := range []field{p.groupBy, p.phoneAt, p.itemAt, p.priceAt} {
		if !best.has(f) {
			return nil, &stop{at: start, start: start, why: "the table has no column \"" + p.leaves[f[0][0]].path + "\""}, nil
		}
	}
	best.unread = make([]int, len(best.columns)+1)
	for i := len(best.columns); i >= 0; i-- {
		best.unread[i] = i
		if i < len(best.columns) && best.columns[i] == 0 {
			best.unread[i] = best.unread[i+1]
		}
	}
	return best, nil, nil
}

// has says whether there is a column for one of the field's alternatives.
func (s *shape) has(f field) bool {
	for _, joined := range f {
		for _, slot := range joined {
			if slices.Contains(s.columns, column(slot)) {
				return true
			}
		}
	}
	return false
}

func (r *reader) header(comma byte) (names []string, ok bool) {
	for {
		value, last, ok := r.cell(comma)
		if !ok {
			return nil, false
		}
		names = append(names, string(bytes.TrimSpace(r.batch.Text(value))))
		if last {
			return names, true
		}
	}
}

// record reads a row of a table. A row ends with its line, or with the source.
func (r *reader) record(p *piece) outcome {
	clear(r.found[:r.program.slots])
	start, all := r.pos, r.data
	r.data = all[:min(len(all), start+MaxOrderBytes)]
	defer func() { r.data = all }()
	r.rowFault.reason = reasonNone
	if !carefully && r.usualRecord(p.shape) {
		return r.valid(start)
	}
	clear(r.found[:r.program.slots])
	r.pos = start
	columns := p.shape.columns
	for i := 0; ; i++ {
		at := r.pos
		value, last, ok := r.cell(p.shape.comma)
		switch {
		case !ok && r.short && len(all)-start >= MaxOrderBytes:
			return tooLarge
		case !ok && r.short && !p.final:
			r.short = false
			return unfinished
		case !ok:
			return broken
		case last && r.pos == len(all) && all[r.pos-1] != '\n' && !p.final:
			return unfinished // the value may go on
		case i >= len(columns) || last && i < len(columns)-1:
			r.fail(at, "the row has not as many columns as the first")
			return broken
		}
		if slot := uint8(columns[i]); slot != 0 {
			r.take(slot, value)
		}
		if last {
			return r.valid(start)
		}
	}
}

// usualRecord reads a row that is as it should be, and returns false for others.
// Most values are short, and nobody reads most columns; so it looks at eight bytes
// at a time for what ends a value, and what there is of it in them, and not at the
// values; and where nobody reads the values that end there, it only counts them.
func (r *reader) usualRecord(s *shape) bool {
	data, columns := r.data, s.columns
	commas := ones * uint64(s.comma)
	from, column := r.pos, 0 // of the value that is being read
	for at := from; at+8 <= len(data); at += 8 {
		word := binary.LittleEndian.Uint64(data[at:])
		found, others := zeros(word^commas), zeros(word^ones*'\n')|zeros(word^ones*'"')
		if n := bits.OnesCount64(found); others == 0 && column+n <= s.unread[column] {
			if n > 0 {
				from, column = at+8-bits.LeadingZeros64(found)/8, column+n
			}
			continue
		}
		for found |= others; found != 0; found &= found - 1 {
			i := at + bits.TrailingZeros64(found)/8
			if column == len(columns) {
				return false
			}
			switch slot := uint8(columns[column]); {
			case data[i] == '"':
				if i != from {
					return false
				}
				r.pos = from
				value, last, ok := r.cell(s.comma)
				if !ok || last && r.short {
					return false
				}
				if slot != 0 {
					r.take(slot, value)
				}
				column++
				if last {
					return column == len(columns)
				}
				from = r.pos
				at, found = from-8, 0 // on from here
				continue
			case data[i] == '\n':
				if i > from && data[i-1] == '\r' {
					i--
				}
				if slot != 0 {
					r.take(slot, newSpan(from, i))
				}
				if data[i] == '\r' {
					i++
				}
				r.pos = i + 1
				return column == len(columns)-1
			case slot != 0:
				r.take(slot, newSpan(from, i))
			}
			from = i + 1
			column++
		}
	}
	return false
}

// zeros has the highest bit set of each byte of v that is zero.
func zeros(v uint64) uint64 { return ^((v&^highs + ^uint64(highs)) | v | ^uint64(highs)) }

// valid checks that the row that began at start is UTF-8, where the marks do not
// tell.
func (r *reader) valid(start int) outcome {
	if r.pos <= r.marks.valid {
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

// cell reads one value of a table and what ends it; last says that it is the
// row's. A value in quotes may hold anything, with quotes written twice.
func (r *reader) cell(comma byte) (value Span, last, ok bool) {
	from := r.pos
	if from < len(r.data) && r.data[from] == '"' {
		if value, ok = r.quoted(); !ok {
			return 0, false, false
		}
	} else {
		for r.pos < len(r.data) && r.data[r.pos] != comma && r.data[r.pos] != '\n' {
			if r.data[r.pos] == '"' {
				return 0, false, r.fail(r.pos, "a quote within a value that does not begin with one")
			}
			r.pos++
		}
		end := r.pos
		if end > from && r.data[end-1] == '\r' && (end == len(r.data) || r.data[end] == '\n') {
			end--
		}
		value = newSpan(from, end)
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
	return 0, false, r.fail(r.pos, "want the end of the value behind its closing quote")
}

// quoted reads a value in quotes, and a carriage return behind it.
func (r *reader) quoted() (Span, bool) {
	from, twice := r.pos+1, false
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
		twice = true
	}
	value := newSpan(from, r.pos-1)
	if twice {
		value = r.append(func(arena []byte) []byte {
			return append(arena, bytes.ReplaceAll(r.data[from:r.pos-1], []byte(`""`), []byte(`"`))...)
		})
	}
	if r.pos < len(r.data) && r.data[r.pos] == '\r' && (r.pos+1 == len(r.data) || r.data[r.pos+1] == '\n') {
		r.pos++
	}
	return value, true
}
