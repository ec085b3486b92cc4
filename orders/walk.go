package orders

// walkPortably follows edges from pos on, of which the first may be one of at's, as
// long as there is data for a whole literal, an edge that fits, a value that is a
// text or a number, and space for tokens. Pos must be within m.
//
// It returns how many tokens it found, which offset it came to and the vertex there.
// If the last token is neither a text nor a number, it has no end.
//
// A text ends wherever its plain part ends. If that is no quote, no edge fits there.
func walkPortably(data []byte, m *bitmaps, pos int, at *vertex, tokens *[maxTokens]token) (n, end int, to *vertex) {
	last := min(m.valid, len(data)) - aheadBytes
	for pos <= last && n < maxTokens {
		e := at.first
		for e != nil && string(data[pos:][:len(e.literal)]) != e.literal {
			e = e.other
		}
		if e == nil {
			break
		}
		pos += int(e.size)
		at = e.to
		tokens[n] = token{value: e.value, start: uint32(pos)}
		n++
		if e.value.kind > kindNumber {
			break
		}
		pos = m.next(uint8(e.value.kind), pos)
		tokens[n-1].end = uint32(pos)
	}
	return n, pos, at
}
