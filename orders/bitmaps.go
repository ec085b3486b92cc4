package orders

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// bitmaps has one bit for each byte of data. The bit is set if the byte is not of a kind,
// such as a digit. The bitmaps are made for a whole block at once, many bytes at a time.
// Then the end of a string or of a number is found by counting zeros: without a loop over
// its bytes, and without a branch on its length, which nobody could predict.
type bitmaps struct {
	// bits has a bitmap for each kind of value, and one for digits. Each has bitmapSlack
	// bytes behind those of valid data, in which all bits are set.
	bits [bitsCount][]byte
	// valid is how many bytes from the start have bits and are known to be UTF-8. If they
	// end within a character, the rest of it may still be wrong.
	valid int
	// wide reports whether the processor's wide instructions are used.
	wide bool
}

// The bitmaps. Those of kindText and kindNumber have the numbers of these kinds.
const (
	bitsText     = iota // ends a string or its plain part: quote, backslash, control character
	bitsNumber          // neither digit nor point
	bitsNotDigit        // no digit
	bitsCount
)

const (
	laneBytes   = 64 // bytes of data whose bits are made together
	bitmapSlack = 8
)

// make makes the bitmaps of data.
func (m *bitmaps) make(data []byte) {
	lanes := len(data) / laneBytes
	for i := range m.bits {
		m.bits[i] = grown(m.bits[i], lanes*laneBytes/8+bitmapSlack)
	}
	m.valid = 0
	if lanes == 0 {
		return
	}
	if m.wide {
		lanes = makeLanes(&data[0], &m.bits[bitsText][0], &m.bits[bitsNumber][0], &m.bits[bitsNotDigit][0], lanes)
	} else {
		lanes = m.makePortably(data[:lanes*laneBytes])
	}
	m.valid = lanes * laneBytes
	for i := range m.bits {
		binary.LittleEndian.PutUint64(m.bits[i][m.valid/8:], ^uint64(0))
	}
}

func grown(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n, n+n/4)
	}
	return b[:n]
}

// next returns the first offset from pos on whose bit is set. Pos must be less than
// valid.
func (m *bitmaps) next(bitmap uint8, pos int) int {
	// Of eight bytes, 57 bits or more are from pos on: most strings end within them.
	b := m.bits[bitmap&3]
	if word := binary.LittleEndian.Uint64(b[pos>>3:]) >> (pos & 7); word != 0 {
		return pos + bits.TrailingZeros64(word)
	}
	for pos = pos&^7 + 64; ; pos += 64 {
		if word := binary.LittleEndian.Uint64(b[pos>>3:]); word != 0 {
			return pos + bits.TrailingZeros64(word)
		}
	}
}

// makePortably does what makeLanes does, eight bytes at a time.
func (m *bitmaps) makePortably(data []byte) (lanes int) {
	checked := 0 // as UTF-8
	for at := 0; at < len(data); at += laneBytes {
		var text, number, other, high uint64
		for i := 0; i < laneBytes; i += 8 {
			v := binary.LittleEndian.Uint64(data[at+i:])
			// The highest bit of each byte is set if the byte is none of these. It is
			// first removed from the bytes, so that no sum carries into the next.
			low := v &^ highs
			notQuote := (low ^ ones*'"') + ones*0x7f
			notSlash := (low ^ ones*'\\') + ones*0x7f
			notControl := low + ones*(0x80-' ')
			text |= gather(^(notQuote&notSlash&notControl | v)) << i
			// With the bits of '0' removed a digit is at most 9, and adding 0x76 to
			// anything greater sets its highest bit.
			notDigit := (low ^ ones*'0') + ones*0x76 | v
			notPoint := (low ^ ones*'.') + ones*0x7f | v
			other |= gather(notDigit) << i
			number |= gather(notDigit&notPoint) << i
			high |= v
		}
		if high&highs != 0 {
			for checked = max(checked, at); checked < at+laneBytes; {
				r, n := utf8.DecodeRune(data[checked:])
				if r == utf8.RuneError && n <= 1 {
					return at / laneBytes
				}
				checked += n
			}
		}
		binary.LittleEndian.PutUint64(m.bits[bitsText][at/8:], text)
		binary.LittleEndian.PutUint64(m.bits[bitsNumber][at/8:], number)
		binary.LittleEndian.PutUint64(m.bits[bitsNotDigit][at/8:], other)
	}
	return len(data) / laneBytes
}

// gather makes a byte of the highest bits of eight bytes. The multiplication moves each
// to a bit of its own in the top byte.
func gather(v uint64) uint64 {
	return (v & highs >> 7) * 0x0102040810204080 >> 56
}
