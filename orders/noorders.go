package orders

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"process-orders/internal/columns"
)

// nothing is what a cursor knows of a source in which it has not found an order yet. What is
// no order is held back until the first order comes: if none comes, the source is refused
// as a whole.
type nothing struct {
	hasOrders bool
	first     *Reject // of what is no order
	empty     *Place  // of an empty array in an array
	held      []*Reject
	heldBytes int
	// hasLine reports whether an order of rows has had a line, or what may have had one.
	// lineless is the first order otherwise.
	hasLine  bool
	lineless *Reject
	// isKnown reports whether an order had an id, a time or a phone. unknown is the first
	// order otherwise.
	isKnown bool
	unknown *Reject
}

// maxHeldBytes is how much is held back. What comes behind it goes to Options.Reject before
// it is known whether the source has orders.
const maxHeldBytes = 1 << 20

// hasOrders reports whether there are orders among findings: good ones, skipped ones, or
// such with a fault.
func (p *program) hasOrders(b *findings) bool {
	if len(b.All) > 0 {
		return true
	}
	for i := range b.skipped {
		if b.skipped[i].orders > 0 {
			return true
		}
	}
	for i := range b.faults {
		if !p.isNoOrder(&b.faults[i]) {
			return true
		}
	}
	return false
}

// hold holds a reject back that is no order.
func (c *cursor) hold(r *Reject) error {
	if c.first == nil {
		c.first = r
	} else if c.options.Reject == nil {
		return nil // the first one is the error, if it is one at all
	}
	c.held = append(c.held, r)
	if c.heldBytes += len(r.Text); c.heldBytes > maxHeldBytes && c.options.Reject != nil {
		return c.passHeld()
	}
	return nil
}

// release passes on what was held back, as the source is not refused for it.
func (c *cursor) release() error {
	c.hasOrders = true
	return c.passHeld()
}

func (c *cursor) passHeld() error {
	held := c.held
	c.held = nil
	for _, r := range held {
		c.totals.Rejected++
		if err := c.pass(r); err != nil {
			return err
		}
	}
	return nil
}

// seekLine looks for a line in a chunk of orders that are rows of JSON. One order may have
// none. If all have none, the rows of the lines are not there, or lack what a line needs.
func (c *cursor) seekLine(chunk *chunk) {
	b, p := &chunk.findings, c.program
	if c.hasLine || len(p.groupBy) == 0 || p.mapping.CSV {
		return
	}
	c.hasLine = len(b.AllLines) > 0 || len(b.leftOut) > 0 || len(b.faults) > 0 || slices.ContainsFunc(b.skipped, func(s skipped) bool { return s.orders > 0 }) ||
		slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.Skipped > 0 })
	if !c.hasLine && c.lineless == nil && len(b.All) > 0 {
		c.lineless = c.orderOf(chunk, 0)
	}
}

// seekIdentity looks for an order that says who or when. What has lines and nothing else is a
// cart or a product, which a mapping that wants no phone would take for a sale.
func (c *cursor) seekIdentity(chunk *chunk) {
	b, p := &chunk.findings, c.program
	if c.isKnown || p.mapping.NoPhone != NoPhoneItems || len(p.id)+len(p.time) == 0 {
		return
	}
	c.isKnown = slices.ContainsFunc(b.skipped, func(s skipped) bool { return s.orders > 0 })
	for i := range b.All {
		if b.All[i].Phone != 0 || len(b.ID(i)) > 0 || b.All[i].Time != 0 {
			c.isKnown = true
			return
		}
	}
	if c.unknown == nil && len(b.All) > 0 {
		c.unknown = c.orderOf(chunk, 0)
	}
}

// orderOf is the i-th order of a chunk, as an error shows it.
func (c *cursor) orderOf(chunk *chunk, i int) *Reject {
	o := &chunk.All[i]
	text := bytes.Clone(chunk.Data[o.Start:o.End])
	return &Reject{
		Place: c.placeOf(chunk, int(o.Start), int64(o.Number)), Text: text,
		excerpt: func() Excerpt { return c.program.excerpt(text, 0, false) },
	}
}

// refusal is the error of a source that was read to its end and has something in it, but no
// order.
func (c *cursor) refusal() error {
	first, reason := c.first, ""
	switch {
	case c.lineless != nil && !c.hasLine:
		first, reason = c.lineless, "no order has a line: the mapping wants an item and a price in rows of their own"
	case c.unknown != nil && !c.isKnown:
		first, reason = c.unknown, "no orders: none of these objects has an id, a time or a phone"
	case c.hasOrders:
		return nil
	case first == nil && c.empty != nil:
		return &SyntaxError{Place: *c.empty, NoOrders: true, Reason: "no orders: this is an empty array in an array; if there are none, write []"}
	case first == nil:
		return nil
	case first.Reason == otherKind:
		reason = "no orders: " + otherKind
	default:
		reason = "no orders: " + c.program.diagnose(first.Text)
	}
	place := first.Place
	place.Order = 0
	return &SyntaxError{Place: place, NoOrders: true, excerpt: first.Excerpt(), Reason: reason}
}

// diagnose says what a value is that is no order and, if it is known, the way out.
func (p *program) diagnose(text []byte) string {
	if text[0] != '{' {
		return "an order is an object, and this is " + typeOf(text)
	}
	w := walker{scanner: scanner{data: text}, program: p}
	w.document()
	lines := p.lines.path
	if len(p.groupBy) > 0 {
		lines = p.leaves[p.groupBy[0][0]].path
	}
	switch {
	case w.isEmpty:
		return "this is {}; if there are none, write []"
	case w.isError:
		return errorAnswer
	case w.array.count > 0 && (w.array.hasLines || w.keyed.count == 0): // else it may be the lines of an order
		return found(&w.array, fmt.Sprintf("an array of %s is", objects(w.array.count)), "")
	case w.keyed.count > 0:
		return found(&w.keyed, fmt.Sprintf("an object that holds %s is", objects(w.keyed.count)), "{}")
	case w.isMessage:
		return errorAnswer
	case w.null != "":
		return fmt.Sprintf("%q is null; if there are none, write []", w.null)
	case w.empty.isShown && w.empty.path != "":
		return found(&w.empty, "an empty array is", "")
	}
	return fmt.Sprintf("this object has no %q, which every order has; if the orders are elsewhere in it, a mapping says where", lines)
}

const errorAnswer = "this is the error answer of an API; fetch the orders again"

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// found says where something is that may be the orders.
func found(s *spot, what, suffix string) string {
	if !s.isShown {
		return what + " at a key that may be personal; a mapping says where the orders are"
	}
	path := s.path + suffix
	if s.path == "" {
		what = strings.TrimSuffix(what, " is")
		return fmt.Sprintf("%s is the whole of it: if these are the orders, say orders = %q in a mapping", what, path)
	}
	text := fmt.Sprintf("%s at %q: if these are the orders, say orders = %q in a mapping", what, s.path, path)
	if s.count > 0 && !s.hasLines && suffix == "" && !strings.Contains(path, "[]") {
		text += fmt.Sprintf("; if they are the lines of an order, lines = %q", path+"[]")
	}
	return text
}

// isEmpty reports whether an object that has an empty array of orders says nothing more: it
// has no errors, and no orders elsewhere.
func (p *program) isEmpty(text []byte) bool {
	w := walker{scanner: scanner{data: text}, program: p}
	w.document()
	return !w.hasOrders && !w.isError
}
