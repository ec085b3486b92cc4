package orders

import "encoding/binary"

// rowBitmaps are the bitmaps of a table, made for a whole block at once: a bit for each
// byte of the data that is a separator, and one for each that may end a row or is a quote.
// So the values that a mapping does not read, which are most, are passed by counting bits,
// and no byte of them is looked at.
type rowBitmaps struct {
	commas, ends []uint64 // a word for each lane of laneBytes bytes; the last is padded
}

// make makes the bitmaps of data. If quotes are characters like any other, quote is the
// newline.
func (m *rowBitmaps) make(data []byte, comma, newline, quote byte, wide bool) {
	lanes := (len(data) + laneBytes - 1) / laneBytes
	m.commas, m.ends = grownWords(m.commas, lanes), grownWords(m.ends, lanes)
	full := len(data) / laneBytes
	fill := makeRowsPortably
	if wide {
		fill = makeRowsWide
	}
	if full > 0 {
		fill(data[:full*laneBytes], m.commas, m.ends, comma, newline, quote)
	}
	if full < lanes {
		var last [laneBytes]byte
		n := copy(last[:], data[full*laneBytes:])
		fill(last[:], m.commas[full:], m.ends[full:], comma, newline, quote)
		m.commas[full] &= 1<<n - 1
		m.ends[full] &= 1<<n - 1
	}
}

func grownWords(w []uint64, n int) []uint64 {
	if cap(w) < n {
		return make([]uint64, n, n+n/4)
	}
	return w[:n]
}

// makeRowsWide does what makeRowsPortably does, with wide instructions.
func makeRowsWide(data []byte, commas, ends []uint64, comma, newline, quote byte) {
	makeRowLanes(&data[0], &commas[0], &ends[0], comma, newline, quote, len(data)/laneBytes)
}

// makeRowsPortably makes the bitmaps of whole lanes, eight bytes at a time.
func makeRowsPortably(data []byte, commas, ends []uint64, comma, newline, quote byte) {
	c, l, q := ones*uint64(comma), ones*uint64(newline), ones*uint64(quote)
	for at := 0; at < len(data); at += laneBytes {
		var found, others uint64
		for i := 0; i < laneBytes; i += 8 {
			word := binary.LittleEndian.Uint64(data[at+i:])
			found |= gather(zeros(word^c)) << i
			others |= gather(zeros(word^l)|zeros(word^q)) << i
		}
		commas[at/laneBytes], ends[at/laneBytes] = found, others
	}
}

// zeros has the highest bit set of each byte of v that is zero.
func zeros(v uint64) uint64 { return ^((v&^highs + ^uint64(highs)) | v | ^uint64(highs)) }
