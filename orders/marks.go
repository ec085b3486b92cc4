package orders

import "math/bits"

// marks tell for each byte of some data whether a string, or a run of digits,
// can go on over it: a bit for a byte, 64 in a word. They are made for a whole
// chunk at once, with instructions that look at 32 bytes at a time; then the end
// of a string or of a number is found by counting zeros, without a loop over its
// bytes and without a branch on its length, which nobody could predict.
type marks struct {
	// stops has the bytes that end the plain part of a string: a quote, a
	// backslash, a control character, a byte of a character outside ASCII.
	stops []uint64
	// others has the bytes that are no digits.
	others []uint64
}

// mark makes the marks of data.
func (m *marks) mark(data []byte) bool {
	blocks := len(data) / 64
	m.stops, m.others = grown(m.stops, blocks+1), grown(m.others, blocks+1)
	if blocks > 0 {
		markBlocks(&data[0], &m.stops[0], &m.others[0], blocks)
	}
	// Behind the last whole block every byte ends everything.
	m.stops[blocks], m.others[blocks] = ^uint64(0), ^uint64(0)
	return true
}

func grown(words []uint64, n int) []uint64 {
	if cap(words) < n {
		return make([]uint64, n, n+n/4)
	}
	return words[:n]
}

// nextMark is the first marked place from pos on.
func nextMark(words []uint64, pos int) int {
	w := uint(pos) / 64
	if word := words[w] >> (uint(pos) % 64); word != 0 {
		return pos + bits.TrailingZeros64(word)
	}
	for {
		w++
		if words[w] != 0 {
			return int(w*64) + bits.TrailingZeros64(words[w])
		}
	}
}
