package orders

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// marks tell for each byte of some data what it cannot be: a bit for a byte.
// They are made for a whole chunk at once, many bytes at a time; then the end of
// a string or of a number is found by counting zeros, without a loop over its
// bytes and without a branch on its length, which nobody could predict.
type marks struct {
	// planes has the marks for each kind of value, and those of what is no digit.
	// Each has marksSlack bytes of marks behind those of valid data.
	planes [planeCount][]byte
	// valid is how many bytes from the start are marked and known to be UTF-8,
	// as far as nothing behind them is needed to know it.
	valid int
}

// The planes. Those of kindText and kindNumber have these kinds' numbers.
const (
	planeText   = iota // ends a string or its plain part: quote, backslash, control character
	planeNumber        // neither digit nor point
	planeOther         // no digit
	planeCount
)

const (
	blockBytes = 64 // what is marked together
	marksSlack = 8
)

// mark makes the marks of data.
func (m *marks) mark(data []byte) {
	blocks := len(data) / blockBytes
	for i := range m.planes {
		m.planes[i] = grown(m.planes[i], blocks*blockBytes/8+marksSlack)
	}
	m.valid = 0
	if blocks == 0 {
		return
	}
	if wide {
		blocks = markBlocks(&data[0], &m.planes[planeText][0], &m.planes[planeNumber][0], &m.planes[planeOther][0], blocks)
	} else {
		blocks = m.markPortably(data[:blocks*blockBytes])
	}
	m.valid = blocks * blockBytes
	for i := range m.planes {
		binary.LittleEndian.PutUint64(m.planes[i][m.valid/8:], ^uint64(0))
	}
}

func grown(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n, n+n/4)
	}
	return b[:n]
}

// next is the first marked place from pos on, which must be less than valid.
func (m *marks) next(plane uint8, pos int) int {
	// Of eight bytes of marks 57 bits at least are from pos on: most strings
	// end within them.
	marks := m.planes[plane&3]
	if word := binary.LittleEndian.Uint64(marks[pos>>3:]) >> (pos & 7); word != 0 {
		return pos + bits.TrailingZeros64(word)
	}
	for pos = pos&^7 + 64; ; pos += 64 {
		if word := binary.LittleEndian.Uint64(marks[pos>>3:]); word != 0 {
			return pos + bits.TrailingZeros64(word)
		}
	}
}

// markPortably does what markBlocks does, eight bytes at a time.
func (m *marks) markPortably(data []byte) (blocks int) {
	checked := 0 // as UTF-8
	for at := 0; at < len(data); at += blockBytes {
		var text, number, other, high uint64
		for i := 0; i < blockBytes; i += 8 {
			v := binary.LittleEndian.Uint64(data[at+i:])
			// The highest bit of each byte is set where that byte is none of
			// these; the bytes themselves have it taken away, so that no sum
			// carries into the next.
			low := v &^ highs
			notQuote := (low ^ ones*'"') + ones*0x7f
			notSlash := (low ^ ones*'\\') + ones*0x7f
			notControl := low + ones*(0x80-' ')
			text |= gather(^(notQuote&notSlash&notControl | v)) << i
			// With the bits of '0' taken away a digit is at most 9, and adding
			// 0x76 to anything greater sets its highest bit.
			notDigit := (low ^ ones*'0') + ones*0x76 | v
			notPoint := (low ^ ones*'.') + ones*0x7f | v
			other |= gather(notDigit) << i
			number |= gather(notDigit&notPoint) << i
			high |= v
		}
		if high&highs != 0 {
			for checked = max(checked, at); checked < at+blockBytes; {
				r, n := utf8.DecodeRune(data[checked:])
				if r == utf8.RuneError && n <= 1 {
					return at / blockBytes
				}
				checked += n
			}
		}
		binary.LittleEndian.PutUint64(m.planes[planeText][at/8:], text)
		binary.LittleEndian.PutUint64(m.planes[planeNumber][at/8:], number)
		binary.LittleEndian.PutUint64(m.planes[planeOther][at/8:], other)
	}
	return len(data) / blockBytes
}

// gather makes a byte of the highest bits of eight bytes. The multiplication
// moves each to its place in the top byte; no two meet.
func gather(v uint64) uint64 {
	return (v & highs >> 7) * 0x0102040810204080 >> 56
}
