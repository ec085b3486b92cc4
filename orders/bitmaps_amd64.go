//go:build !purego

package orders

import "golang.org/x/sys/cpu"

// hasWide reports whether the processor has what makeLanes and goAlongWide need.
var hasWide = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// makeLanes makes the bitmaps of so many lanes of laneBytes bytes. It returns how many
// lanes come before the first that is known not to be UTF-8. See bitmaps.
//
//go:noescape
func makeLanes(data, text, number, notDigit *byte, lanes int) (valid int)

// makeRowLanes makes the bitmaps of so many lanes of a table: see rowBitmaps.
//
//go:noescape
func makeRowLanes(data *byte, commas, ends *uint64, comma, newline, quote byte, lanes int)
