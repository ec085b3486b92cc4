package orders

// walkPortably walks on from pos, where the step s may be next, as long as there
// are whole gaps of data, a step that fits, a value that is a text or a number,
// and room for tokens. It returns how many tokens it found, where it came to and
// the spot there. The last token has no end where its value is neither text nor
// number. Pos must be within m.
//
// The end of a text is any place where its plain part ends. If that is no quote,
// no step fits there.
func walkPortably(data []byte, m *marks, pos int, at *spot, tokens *[maxTokens]token) (n, end int, to *spot) {
	last := min(m.valid, len(data)) - aheadBytes
	for pos <= last && n < maxTokens {
		s := at.first
		for s != nil && string(data[pos:][:len(s.gap)]) != s.gap {
			s = s.other
		}
		if s == nil {
			break
		}
		pos += int(s.size)
		at = s.next
		tokens[n] = token{value: s.value, start: uint32(pos)}
		n++
		if s.value.kind > kindNumber {
			break
		}
		pos = m.next(uint8(s.value.kind), pos)
		tokens[n-1].end = uint32(pos)
	}
	return n, pos, at
}
