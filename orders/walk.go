package orders

// walkPortably follows edges from vertex at, at offset pos. It stops if the data is too
// short for a literal, if no edge fits, at a value that is neither text nor number, or if
// tokens is full. Pos must be within m.
//
// It returns how many tokens it found, the offset that it came to and the vertex there. A
// last token that is neither text nor number has no end.
//
// A text ends where its plain part ends. If no quote is there, no edge fits.
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
