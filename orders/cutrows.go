package orders

import "bytes"

// cutRows returns where in data the last order begins whose first row is there,
// or 0.
//
// It reads rows from some line on to the end and looks for the last two that
// follow each other and have different keys. That line may be within a quoted
// value, or an object that stands over several lines; then so is the cut, as
// quotes come in pairs and what is nested ends before what it is in. Scanning the
// block before comes to know that, as it does not end with a row.
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

// cutTries is from how many lines it is tried, within each of a few windows.
const cutTries = 4

func (c *cutter) cutRowsFrom(data []byte, from int) (cut int, ok bool) {
	r := &c.r
	c.b.reset(data)
	r.batch = &c.b
	r.scanner = scanner{data: data, pos: from}
	r.marks.valid = len(data) // who scans the block looks at that
	p := &piece{data: data, shape: c.shape, state: stateSequence}
	var last []byte
	rows := 0
	for {
		r.betweenRows()
		start := r.pos
		if start == len(data) {
			return cut, rows > 1
		}
		r.open = false
		result := whole
		if r.program.mapping.CSV {
			result = r.record(p)
		} else if !r.readOrder(0) {
			result = unfinished
			if !r.short {
				result = broken
			}
		}
		if result != whole {
			return cut, result == unfinished && rows > 1
		}
		key, _, _ := r.pick(r.program.groupBy)
		now := r.batch.Text(key)
		if rows > 0 && (key == 0 || !bytes.Equal(last, now)) {
			cut = start
		}
		last = append(last[:0], now...)
		rows++
	}
}
