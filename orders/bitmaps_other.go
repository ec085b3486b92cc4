//go:build !amd64 || purego

package orders

var wide = false

func markBlocks(_, _, _, _ *byte, _ int) int { panic("unreachable") }

func walk(data []byte, m *marks, pos int, at *spot, tokens *[maxTokens]token) (n, end int, to *spot) {
	return walkPortably(data, m, pos, at, tokens)
}
