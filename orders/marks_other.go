//go:build !amd64 || purego

package orders

var wide = false

func markBlocks(_, _, _, _ *byte, _ int) int { panic("unreachable") }
