//go:build !purego

package orders

import "golang.org/x/sys/cpu"

// hasWide says that the processor has what makeBlocks and walkWide need.
var hasWide = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// makeBlocks makes the bitmaps of so many blocks of 64 bytes. It returns how many come
// before the first that shows the text not to be UTF-8. See bitmaps.
//
//go:noescape
func makeBlocks(data, text, number, notDigit *byte, blocks int) (valid int)

// walk follows edges from pos on: see walkPortably.
func walk(data []byte, m *bitmaps, pos int, at *vertex, tokens *[maxTokens]token) (n, end int, to *vertex) {
	if !m.wide {
		return walkPortably(data, m, pos, at, tokens)
	}
	last := min(m.valid, len(data)) - aheadBytes
	if pos > last {
		return 0, pos, at
	}
	return walkWide(&data[0], last, m, pos, at, tokens)
}

//go:noescape
func walkWide(data *byte, last int, m *bitmaps, pos int, at *vertex, tokens *[maxTokens]token) (n, end int, to *vertex)
