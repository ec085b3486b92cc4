package fold

import (
	"bytes"
	"slices"

	"process-orders/internal/columns"
)

// fewLines are compared each with each; more are looked up in a map.
const fewLines = 32

// MarkRefunds sets uncounted[i] if the i-th line of an order has a negative quantity. Such
// a line takes a sale back, and so it is none.
func MarkRefunds(uncounted []bool, quantity func(i int) []byte) {
	for i := range uncounted {
		if q := quantity(i); len(q) > 0 && q[0] == '-' && bytes.IndexAny(q, "123456789") > 0 {
			uncounted[i] = true
		}
	}
}

// MarkRepeats sets uncounted[i] if an order listed its i-th item before, in a line that is
// counted.
func MarkRepeats(uncounted []bool, item func(i int) []byte) {
	if len(uncounted) > fewLines {
		seen := map[string]bool{}
		for i := range uncounted {
			name := string(item(i))
			if !uncounted[i] {
				uncounted[i] = seen[name]
				seen[name] = true
			}
		}
		return
	}
	for i := range uncounted {
		for k := 0; k < i && !uncounted[i]; k++ {
			uncounted[i] = !uncounted[k] && string(item(k)) == string(item(i))
		}
	}
}

// CountOf returns how often the i-th line counts: not at all if it is uncounted.
func CountOf(uncounted []bool, i int) int64 {
	if len(uncounted) > 0 && uncounted[i] {
		return 0
	}
	return 1
}

// findUncounted finds the lines of the orders i with from <= i < to that are not counted.
func (a *Accumulator) findUncounted(c *columns.Orders, from, to int) {
	a.uncounted = slices.Grow(a.uncounted[:0], c.Lines())[:c.Lines()]
	for i := from; i < to; i++ {
		first, end := c.LineRange(i)
		lines := a.uncounted[first:end]
		clear(lines)
		if c.HasRefunds {
			MarkRefunds(lines, func(i int) []byte { return c.Quantity(first + i) })
		}
		if a.OncePerOrder {
			MarkRepeats(lines, func(i int) []byte { return c.Item(first + i) })
		}
	}
}
