package orders

import "bytes"

// The search backwards from a block's end for the start of an order is bounded: a hostile
// file may be full of what looks like one.
const (
	cutBytes  = 64 << 10  // how far back to look
	cutEffort = 512 << 10 // how many bytes to read in all
)

// cutter finds where blocks can be cut: where an order starts, as far as the block itself
// shows it. Only reading everything before would make that certain, as the cut may be
// within a text that looks like orders. So a cut is a guess. Settling the block before
// the cut verifies it, and a wrong guess costs only time.
type cutter struct {
	program *program
	*head   // nil until something is cut
	// shape is the shape of the source, for orders that are rows. It is nil until it is
	// known.
	shape *shape
	// key is the key of the row behind the last cut, if the orders are rows.
	key []byte
}

func newCutter(p *program) *cutter { return &cutter{program: p} }

// reset starts to read data at an offset.
func (c *cutter) reset(data []byte, pos int) {
	if c.head == nil {
		c.head = &head{r: reader{program: c.program}}
	}
	c.b.reset(data)
	c.r.reset(&c.b, data, pos)
}

// cut returns where the last whole order in data starts, or 0.
//
// An opening brace starts an order if what comes before it can come before an order, and
// if what follows reads as one, with everything that an order must have. The lines of an
// order do not have that.
func (c *cutter) cut(data []byte) int {
	if len(c.program.groupBy) > 0 {
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

// mayFollow reports whether an order may follow this text.
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
	c.reset(data, 0)
	o := &c.r.orders
	o.holds, o.isEmpty = false, false
	ok := o.readOrder(1)
	*effort -= o.pos + 1
	return o.holds || ok && o.draft.isGood()
}

// cutLine cuts where a line starts like an object, without white space before it. It is
// for lines that are not good orders.
func cutLine(data []byte) int {
	return bytes.LastIndex(data, []byte("\n{")) + 1
}
