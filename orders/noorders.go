package orders

import (
	"fmt"
	"strings"
)

// nothing is what a cursor knows of a source in which it has not found an order yet. What is
// no order is held back until the first order comes: if none comes, the source is refused
// as a whole.
type nothing struct {
	hasOrders bool
	first     *Reject // of what is no order
	held      []*Reject
	heldBytes int

	// Of rows in JSON: hasLines reports whether there was a line, or else what was skipped or
	// rejected. lineless has the place and excerpt of the first order without lines.
	hasLines bool
	lineless *SyntaxError
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

// refusal is the error of a source that was read to its end and has something in it, but no
// order.
func (c *cursor) refusal() error {
	if c.lineless != nil && !c.hasLines {
		return c.lineless
	}
	if c.hasOrders || c.first == nil {
		return nil
	}
	place := c.first.Place
	place.Order = 0
	return &SyntaxError{
		Place: place, NoOrders: true, excerpt: c.first.Excerpt(),
		Reason: "no orders: " + c.program.diagnose(c.first.Text),
	}
}

// lookForLines looks for the lines of a chunk whose orders are rows in JSON. Any object with a key
// is an order there: customers and products have one too. A table has its header to show what
// it is.
func (c *cursor) lookForLines(chunk *chunk) {
	b, m := &chunk.findings, c.program.mapping
	if c.hasLines || len(m.Group) == 0 || m.CSV || c.collect != nil {
		return
	}
	c.hasLines = len(b.AllLines) > 0 || len(b.leftOut) > 0 || len(b.faults) > 0 || len(c.totals.Skipped) > 0
	if c.hasLines || c.lineless != nil || len(b.All) == 0 {
		return
	}
	o := &b.All[0]
	place := c.placeOf(chunk, int(o.Start), int64(o.Number))
	place.Order = 0
	price := append(m.Total[:len(m.Total):len(m.Total)], m.Price...)
	c.lineless = &SyntaxError{
		Place: place, NoOrders: true, excerpt: c.program.excerpt(b.Data[o.Start:o.End], 0, false),
		Reason: fmt.Sprintf("no orders: no row is a line of one, with an item at %s and a price at %s", either(m.Item), either(price)),
	}
}

// diagnose says what a value is that is no order and, if it is known, the way out.
func (p *program) diagnose(text []byte) string {
	if text[0] != '{' {
		return "want an object, got " + typeOf(text)
	}
	w := walker{scanner: scanner{data: text}, program: p}
	w.document()
	lines := p.lines.path
	if len(p.groupBy) > 0 {
		lines = p.leaves[p.groupBy[0][0]].path
	}
	switch {
	case w.isEmpty:
		return "{} holds none; if there are none, write []"
	case w.isError:
		return errorAnswer
	case w.array.count > 0:
		return found(&w.array, fmt.Sprintf("an array of %s is", objects(w.array.count)), "")
	case w.keyed.count > 0:
		return found(&w.keyed, fmt.Sprintf("an object of %s is", objects(w.keyed.count)), "{}")
	case w.isMessage:
		return errorAnswer
	case w.null != "":
		return w.null + " is null"
	case w.empty.isShown && w.empty.path != "":
		return found(&w.empty, "an empty array is", "")
	}
	return fmt.Sprintf("this object has no %q, where the mapping reads an order", lines)
}

const errorAnswer = "this is the error answer of an API"

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// found says where something is that may be the orders.
func found(s *spot, what, suffix string) string {
	if !s.isShown {
		return what + " in this one"
	}
	path := s.path + suffix
	if s.path == "" {
		what = strings.TrimSuffix(what, " is")
		return fmt.Sprintf("%s is the whole of it: if these are the orders, say orders = %q in a mapping", what, path)
	}
	return fmt.Sprintf("%s at %q: if these are the orders, say orders = %q in a mapping", what, s.path, path)
}

// isEmpty reports whether an object that has an empty array of orders says nothing more: it
// has no errors, and no orders elsewhere.
func (p *program) isEmpty(text []byte) bool {
	w := walker{scanner: scanner{data: text}, program: p}
	w.document()
	return !w.hasOrders && !w.isError
}
