//go:build !purego

package orders

import "golang.org/x/sys/cpu"

// wide says whether the processor has what markBlocks and walkWide need. Tests set it to see
// that the answers are the same without.
var wide = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// markBlocks marks so many blocks of 64 bytes and returns how many come before
// the first that shows the text not to be UTF-8. See marks.
//
//go:noescape
func markBlocks(data, text, number, other *byte, blocks int) (valid int)

// walk walks on from pos: see walkPortably.
func walk(data []byte, m *marks, pos int, at *spot, tokens *[maxTokens]token) (n, end int, to *spot) {
	if !wide {
		return walkPortably(data, m, pos, at, tokens)
	}
	last := min(m.valid, len(data)) - aheadBytes
	if pos > last {
		return 0, pos, at
	}
	return walkWide(&data[0], last, m, pos, at, tokens)
}

//go:noescape
func walkWide(data *byte, last int, m *marks, pos int, at *spot, tokens *[maxTokens]token) (n, end int, to *spot)
