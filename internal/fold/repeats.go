package fold

import (
	"slices"

	"process-orders/internal/columns"
)

// fewLines are compared each with each; more are looked up in a map.
const fewLines = 32

// MarkRepeats sets repeats[i] to whether an order listed its i-th item before.
func MarkRepeats(repeats []bool, item func(i int) []byte) {
	if len(repeats) > fewLines {
		seen := map[string]bool{}
		for i := range repeats {
			name := string(item(i))
			repeats[i] = seen[name]
			seen[name] = true
		}
		return
	}
	for i := range repeats {
		repeats[i] = false
		for k := 0; k < i && !repeats[i]; k++ {
			repeats[i] = string(item(k)) == string(item(i))
		}
	}
}

// CountOf returns how often the i-th line counts: not at all if it is a repeat.
func CountOf(repeats []bool, i int) int64 {
	if len(repeats) > 0 && repeats[i] {
		return 0
	}
	return 1
}

// findRepeats finds the lines whose item the same order listed before. It looks at the
// orders i with from <= i < to.
func (a *Accumulator) findRepeats(c *columns.Orders, from, to int) {
	a.repeats = slices.Grow(a.repeats[:0], c.Lines())[:c.Lines()]
	for i := from; i < to; i++ {
		first, end := c.LineRange(i)
		MarkRepeats(a.repeats[first:end], func(i int) []byte { return c.Item(first + i) })
	}
}
