//go:build !purego

package orders

import "golang.org/x/sys/cpu"

// wide says whether the processor has what markBlocks needs. Tests set it to see
// that the answers are the same without.
var wide = cpu.X86.HasAVX2

// markBlocks marks so many blocks of 64 bytes and returns how many come before
// the first that shows the text not to be UTF-8. See marks.
//
//go:noescape
func markBlocks(data, text, number, other *byte, blocks int) (valid int)
