//go:build !purego

package orders

import "golang.org/x/sys/cpu"

// canMark says whether the processor has what markBlocks needs. Tests set it to
// see that the answers are the same without.
var canMark = cpu.X86.HasAVX2

// markBlocks marks so many blocks of 64 bytes. See marks.
//
//go:noescape
func markBlocks(data *byte, stops, others *uint64, blocks int)
