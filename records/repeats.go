package records

import (
	"slices"

	"process-orders/internal/columns"
	"process-orders/orders"
)

// fewLines are compared each with each; more are looked up in a map.
const fewLines = 32

// markRepeats sets in repeats which of an order's items the order listed before.
func markRepeats(repeats []bool, item func(i int) []byte) {
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

// repeats returns which of an order's lines have an item that the order listed before, or
// nil if that makes no difference.
func (items *Items) repeats(lines []orders.Line) []bool {
	if items.count != CountOrders {
		return nil
	}
	repeats := make([]bool, len(lines))
	markRepeats(repeats, func(i int) []byte { return lines[i].Item })
	return repeats
}

// countOf returns how often the i-th line counts: not at all if it is a repeat.
func countOf(repeats []bool, i int) int64 {
	if len(repeats) > 0 && repeats[i] {
		return 0
	}
	return 1
}

// findRepeats finds the lines of the orders from one on up to another whose item the same
// order listed before.
func (a *accumulator) findRepeats(b *columns.Orders, from, to int) {
	a.repeats = slices.Grow(a.repeats[:0], b.Lines())[:b.Lines()]
	for i := from; i < to; i++ {
		first, end := b.LineRange(i)
		markRepeats(a.repeats[first:end], func(i int) []byte { return b.Item(first + i) })
	}
}
