package orders

import "bytes"

// cutTries is how many starts the search for a cut tries in each of a few windows.
const cutTries = 4

// cutRows returns the offset at which the last order in data starts, or 0.
//
// It reads rows from some line to the end and looks for the last two that follow each
// other and have different keys. That line may be within a value in quotes, or within an
// object of several lines. If the cut is within it too, the scan of the block before finds
// that out, as the block does not end with a row. If the cut is at a row, but the one
// before was misread, the scan finds that its order has the key of the row behind the cut:
// see window.nextKey. As any text reads as short rows, the rows must have all columns
// first, and only if there are no such rows, any number of them.
func (c *cutter) cutRows(data []byte) int {
	if c.shape == nil {
		return 0
	}
	for _, strict := range []bool{true, false} {
		for back := cutBytes / 8; back <= 8*cutBytes; back *= 8 {
			from := max(0, len(data)-back)
			for range cutTries {
				n := bytes.IndexByte(data[from:], c.shape.newline())
				if n < 0 {
					break
				}
				from += n + 1
				if at, ok := c.rowsIn(data[from:], strict); ok && at > 0 {
					return from + at
				}
			}
		}
		if !c.program.mapping.CSV {
			break
		}
	}
	return 0
}

// rowsIn is cutRows for rows that start with data. It is not ok if these are not
// rows, or too few.
func (c *cutter) rowsIn(data []byte, strict bool) (cut int, ok bool) {
	c.reset(data, 0)
	r, o := &c.r, &c.r.orders
	r.bitmaps.valid = len(data) // the scan of the block will check that it is UTF-8
	if r.program.mapping.CSV {
		r.table.makeBitmaps(data, &c.shape.table)
	}
	w := &window{data: data, shape: c.shape, strict: strict}
	var last []byte
	rows := 0
	for {
		r.betweenRows()
		start := o.pos
		if start == len(data) {
			return cut, rows > 1
		}
		result := whole
		if r.program.mapping.CSV {
			var f fault
			if result = r.table.row(w, &f); f.reason != reasonNone {
				result = broken
			}
		} else if !o.readOrder(0) {
			result = unfinished
			if !o.short {
				result = broken
			}
		}
		if result != whole {
			return cut, result == unfinished && rows > 1
		}
		switch r.table.kind {
		case rowBlank:
			continue
		case rowHeader: // it ends the order above it
			cut, last, c.key = start, last[:0], c.key[:0]
			rows++
			continue
		}
		key, _, _ := o.values.pick(r.program.groupBy)
		if r.program.mapping.CSV {
			key = o.values.withoutBlanks(key)
		}
		if key == 0 && r.program.mapping.NoGroup == NoGroupAbove { // a row of the order above
			rows++
			continue
		}
		now := o.draft.out.Text(key)
		if rows > 0 && (key == 0 || !bytes.Equal(last, now)) {
			cut, c.key = start, append(c.key[:0], now...)
		}
		last = append(last[:0], now...)
		rows++
	}
}
