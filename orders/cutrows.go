package orders

import "bytes"

// cutTries is how many starts the search for a cut tries in each of a few windows.
const cutTries = 4

// cutRows returns the offset at which the last order in data starts, or 0.
//
// It reads rows from some line to the end and looks for the last two that follow each
// other and have different keys. That line may be within a value in quotes, or within an
// object of several lines. Then the cut is within it too: quotes come in pairs, and an
// inner object ends before the outer one. The scan of the block before the cut finds that
// out, as that block does not end with a row.
func (c *cutter) cutRows(data []byte) int {
	if c.shape == nil {
		return 0
	}
	for back := cutBytes / 8; back <= 8*cutBytes; back *= 8 {
		from := max(0, len(data)-back)
		for range cutTries {
			n := bytes.IndexByte(data[from:], '\n')
			if n < 0 {
				break
			}
			from += n + 1
			if at, ok := c.cutRowsFrom(data, from); ok && at > 0 {
				return at
			}
		}
	}
	return 0
}

// cutRowsFrom is cutRows for the rows from an offset on. It is not ok if these are not
// rows, or too few.
func (c *cutter) cutRowsFrom(data []byte, from int) (cut int, ok bool) {
	c.reset(data, from)
	r, o := &c.r, &c.r.orders
	r.bitmaps.valid = len(data) // the scan of the block will check that it is UTF-8
	w := &window{data: data, shape: c.shape}
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
			result = r.table.row(w)
		} else if !o.readOrder(0) {
			result = unfinished
			if !o.short {
				result = broken
			}
		}
		if result != whole {
			return cut, result == unfinished && rows > 1
		}
		key, _, _ := o.values.pick(r.program.groupBy)
		now := o.draft.out.Text(key)
		if rows > 0 && (key == 0 || !bytes.Equal(last, now)) {
			cut = start
		}
		last = append(last[:0], now...)
		rows++
	}
}
