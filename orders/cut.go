package orders

import "bytes"

// Looking for an order's begin from a block's end backwards is bounded, as a
// hostile file may be full of what looks like one.
const (
	cutBytes  = 64 << 10  // how far back to look
	cutEffort = 512 << 10 // how many bytes to read in all
)

// cutter finds where blocks can be cut: at the begin of an order, as far as the
// block itself tells. Nothing is certain without having read all that is
// before: the place may be within a text that looks like orders. So a cut is a
// guess, which settling the block before it verifies, and a wrong guess costs
// time only.
type cutter struct {
	r reader
	b Batch
	// shape is that of the source, once it is known, for orders that are rows.
	shape *shape
}

func newCutter(p *program) *cutter { return &cutter{r: reader{program: p}} }

// cut returns where the last whole order in data begins, or 0.
//
// An opening brace begins an order if what stands before it can stand before an
// order and what stands behind it reads as one, with everything that an order
// must have; the entries of its lines do not.
func (c *cutter) cut(data []byte) int {
	if len(c.r.program.groupBy) > 0 {
		return c.cutRows(data)
	}
	from := max(0, len(data)-cutBytes)
	effort := cutEffort
	for i := len(data); i > from && effort > 0; {
		i = from + bytes.LastIndexByte(data[from:i], '{')
		if i < from {
			break
		}
		if mayFollow(data[:i]) && c.isOrder(data[i:], &effort) {
			return i
		}
	}
	return cutLine(data)
}

// mayFollow says whether an order may follow this text.
func mayFollow(before []byte) bool {
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i] {
		case ' ', '\t', '\r':
		case '\n', ',', '}':
			return true
		default:
			return false
		}
	}
	return false
}

func (c *cutter) isOrder(data []byte, effort *int) bool {
	c.b.reset(data)
	c.r.batch = &c.b
	c.r.scanner = scanner{data: data}
	ok := c.r.readOrder(1)
	*effort -= c.r.pos + 1
	return ok && (c.r.fault.reason == reasonNone || c.r.fault.reason == reasonNoPhone)
}

// cutLine cuts where a line begins like an object without white space before
// it, for lines that are no good orders.
func cutLine(data []byte) int {
	return bytes.LastIndex(data, []byte("\n{")) + 1
}
