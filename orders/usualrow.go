package orders

import (
	"math/bits"

	"process-orders/internal/columns"
)

// The usual way to read a row. It knows only rows in which nothing is wrong, and leaves all
// others to unusualRow.
//
// A table of a shop has some eighty columns, of which a mapping reads twenty. So a row is read
// in two steps. The first one writes down where each value ends, as the bitmaps of the block
// say: eight ends at a time, whether there are so many or not, as a branch on their number
// could not be predicted. The second step takes the values of the columns that the mapping
// reads. These are the same columns in each row, so its branches can be predicted. No byte of
// another column is looked at, unless it has a quote.

// A readColumn is a column that the mapping reads.
type readColumn struct {
	column  int
	slot    uint8
	isPhone bool
	// isShared reports whether other columns have the slot too.
	isShared bool
}

// endsAtOnce is how many ends of values are written at once.
const endsAtOnce = 8

// usualRow reads a row if it is a usual one, and reports whether it is.
func (r *tableReader) usualRow(t *tableShape) bool {
	if !r.findEnds(t) {
		return false
	}
	v, data, behind := r.values, r.data, r.pos
	ends, reads := r.ends[:r.cells+1], t.reads
	var filled, empty uint64
	for i := range reads {
		c := &reads[i]
		if c.column >= r.cells {
			break // the row is a short one
		}
		from, to := int(ends[c.column]+1), int(ends[c.column+1])
		value, slot := columns.NewSpan(from, to), c.slot%maxSlots
		if from == to && !c.isShared {
			v.found[slot] = value
			empty |= 1 << slot
			continue
		}
		if r.hasQuotes && from < to && data[from] == '"' {
			r.pos = from
			value, _, _ = r.cell(t)
		}
		if c.isPhone || c.isShared {
			v.take(slot, value)
		} else {
			v.found[slot] = value
		}
		filled |= 1 << slot
	}
	v.filled, v.empty = filled, empty
	r.pos = behind
	return true
}

// findEnds writes down where the values of the row at pos end, and moves pos behind the row.
// The value with number i goes from ends[i]+1 up to ends[i+1], with its quotes. It reports
// whether the row is a usual one: it ends in the data with a newline, it has no more values
// than the table has columns, and nothing is wrong with its quotes.
func (r *tableReader) findEnds(t *tableShape) bool {
	data, most := r.data, len(t.columns)
	if len(r.ends) < most+2*laneBytes { // a lane may have more than there are columns
		r.ends = make([]uint32, most+2*laneBytes)
	}
	r.ends[0] = uint32(r.pos - 1)
	r.hasQuotes = false
	for at, n := r.pos, 0; ; {
		var to int
		n, to = r.rows.endsUpTo(r.ends, n, most, at)
		if n >= most || to >= len(data) {
			return false
		}
		switch from := int(r.ends[n] + 1); {
		case data[to] == t.newline:
			r.pos, r.cells = to+1, n+1
			if t.newline == '\n' && to > from && data[to-1] == '\r' {
				to--
			}
			r.ends[n+1] = uint32(to)
			return true
		case from != to: // a quote within a value is a character like any other
			at = to + 1
		default:
			if at = r.passQuoted(t, to); at < 0 {
				return false
			}
			r.hasQuotes = true
		}
	}
}

// endsUpTo writes the offsets of the separators from an offset on behind the n-th of ends, up to
// what may end a row or is a quote. It returns how many ends there are then and where it
// stopped, which is behind the data if there is nothing to stop at. With most ends or more it
// stops too. Behind the ends it writes what has no meaning.
func (m *rowBitmaps) endsUpTo(ends []uint32, n, most, at int) (count, stop int) {
	for mask := ^uint64(0) << (at % laneBytes); at/laneBytes < len(m.commas); mask = ^uint64(0) {
		lane, base := at/laneBytes, at&^(laneBytes-1)
		commas, stops := m.commas[lane]&mask, m.ends[lane]&mask
		if stops != 0 {
			commas &= stops&-stops - 1
		}
		n = writeEnds(ends, n, uint32(base), commas)
		if stops != 0 || n >= most {
			return n, base + bits.TrailingZeros64(stops)
		}
		at = base + laneBytes
	}
	return n, len(m.commas) * laneBytes
}

// writeEnds writes the offsets of the bits of a word behind the n-th end. It returns how many
// ends there are then.
func writeEnds(ends []uint32, n int, base uint32, word uint64) int {
	for count := bits.OnesCount64(word); ; count -= endsAtOnce {
		next := (*[endsAtOnce]uint32)(ends[n+1:])
		next[0] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[1] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[2] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[3] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[4] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[5] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[6] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		next[7] = base + uint32(bits.TrailingZeros64(word))
		word &= word - 1
		if count <= endsAtOnce {
			return n + count
		}
		n += endsAtOnce
	}
}

// passQuoted returns where what ends the value in quotes at an offset starts, or -1 if the row
// is no usual one.
func (r *tableReader) passQuoted(t *tableShape, at int) int {
	end, _ := r.closingQuote(at)
	if end < 0 || end == len(r.data) {
		return -1
	}
	c := r.data[end]
	isEnd := c == t.comma || c == t.newline || c == '\r' && t.newline == '\n' && end+1 < len(r.data) && r.data[end+1] == '\n'
	if !isEnd || t.holdsRows(r.data[at:end]) {
		return -1
	}
	return end
}
