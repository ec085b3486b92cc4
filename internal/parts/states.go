package parts

import (
	"strings"

	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/store"
)

// appendStates returns the states of the orders i with from <= i < to that have an id. All
// texts are in one piece of memory, and all lines in another.
func appendStates(c *columns.Orders, from, to int, once bool) []store.State {
	n, textBytes, lineBytes := 0, 0, 0
	for i := from; i < to; i++ {
		id := c.ID(i)
		if len(id) == 0 {
			continue
		}
		n++
		textBytes += len(id) + len(c.Phone(i)) + len(c.Name(i))
		first, end := c.LineRange(i)
		for j := first; j < end; j++ {
			lineBytes += lineOverhead + len(c.Item(j)) + len(c.Price(j)) + len(c.Quantity(j)) + len(c.Total(j)) + len(c.Currency(i, j))
		}
	}
	if n == 0 {
		return nil
	}
	all := make([]store.State, 0, n)
	var texts strings.Builder
	texts.Grow(textBytes)
	text := func(b []byte) string {
		at := texts.Len()
		_, _ = texts.Write(b)
		return texts.String()[at:]
	}
	lines := make(store.Lines, 0, lineBytes)
	var uncounted []bool
	for i := from; i < to; i++ {
		id := c.ID(i)
		if len(id) == 0 {
			continue
		}
		d := &c.Details[i]
		s := store.State{
			ID: text(id), Updated: d.Updated, Placed: c.Placed(i), Time: c.Placed(i),
			Skipped: d.Skipped > 0, Digest: d.Digest, At: c.Position(i),
		}
		s.Phone = text(c.Phone(i)) // by which an erasure finds the order, also a skipped one
		if s.Skipped {
			s.Reason = c.Reasons[d.Skipped-1]
		} else {
			s.Name = text(c.Name(i))
			at := len(lines)
			lines, uncounted = appendLines(lines, uncounted, c, i, once)
			if len(lines) > at {
				s.Lines = lines[at:len(lines):len(lines)]
			}
		}
		all = append(all, s)
	}
	return all
}

// lineOverhead is how much a line takes beside its texts, mostly.
const lineOverhead = 6

// appendLines appends the lines of the i-th order. It uses the memory of uncounted.
func appendLines(lines store.Lines, uncounted []bool, c *columns.Orders, i int, once bool) (store.Lines, []bool) {
	first, end := c.LineRange(i)
	uncounted = append(uncounted[:0], make([]bool, end-first)...)
	if c.HasRefunds {
		fold.MarkRefunds(uncounted, func(k int) []byte { return c.Quantity(first + k) })
	}
	if once {
		fold.MarkRepeats(uncounted, func(k int) []byte { return c.Item(first + k) })
	}
	for j := first; j < end; j++ {
		lines = lines.Append(store.Line{
			Item: string(c.Item(j)), Price: string(c.Price(j)), Uncounted: uncounted[j-first],
			Quantity: string(c.Quantity(j)), Total: string(c.Total(j)), Currency: string(c.Currency(i, j)),
		})
	}
	return lines, uncounted
}
