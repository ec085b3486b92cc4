package orders

import (
	"bytes"
	"maps"
	"slices"
)

// A Cursor goes through the chunks of a run in their order and holds what only
// that order tells: whether a chunk begins where the one before it ended, which
// line this is, how many orders came before. It belongs to one goroutine at a
// time.
type Cursor struct {
	reject        func(*Reject) error
	rejectNoPhone bool
	ids           ids

	shape *shape
	state state
	// carry is what was read and not scanned to an end: the begin of an order,
	// or what follows the array of orders.
	carry []byte
	// enough is how large carry must be for another look at it. It doubles, so
	// that an order of any number of chunks is looked at few times.
	enough int
	place  place // of carry, or of the next chunk
	orders int64 // of this source so far

	totals Totals
}

// Totals count what a run read.
type Totals struct {
	// Orders were accepted, Rejected were not.
	Orders, Rejected int64
	// Skipped were passed over, by the reason that the mapping has for it.
	Skipped map[string]int64
	// SkippedAt is where the first order begins that was passed over for a reason.
	SkippedAt map[string]Place
	// Repeated have an id that came before, and were passed over too.
	Repeated int64
	// PhonesKept are orders whose phone Options.Phone could not read.
	PhonesKept int64
	// Bytes were read, after decompression.
	Bytes int64
}

// IDBytes is how much memory the ids of the orders take, which are kept to
// the end of the run.
func (c *Cursor) IDBytes() int64 { return c.ids.bytes() }

// skip counts orders that are passed over, of which the first begins at a place
// in the chunk's data and has that number there.
func (c *Cursor) skip(chunk *Chunk, reason string, s skipped) {
	if s.orders == 0 {
		return
	}
	if c.totals.Skipped == nil {
		c.totals.Skipped, c.totals.SkippedAt = map[string]int64{}, map[string]Place{}
	}
	if c.totals.Skipped[reason] == 0 {
		at := c.tell(chunk, c.place.forward(chunk.data[:s.at]))
		at.Order = c.orders + s.number + 1
		c.totals.SkippedAt[reason] = at
	}
	c.totals.Skipped[reason] += s.orders
}

// place is where in a source something stands.
type place struct {
	at    int64 // in the source
	line  int64 // from 0
	begin int64 // where that line begins in the source
}

// forward is the place behind a text that begins here.
func (p place) forward(text []byte) place {
	p.line += int64(bytes.Count(text, newline))
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		p.begin = p.at + int64(i) + 1
	}
	p.at += int64(len(text))
	return p
}

// NewCursor begins a run. Options.Reject is called from Settle.
func NewCursor(o Options) *Cursor { return &Cursor{reject: o.Reject, rejectNoPhone: o.RejectNoPhone} }

// Totals is what was read so far.
func (c *Cursor) Totals() Totals {
	t := c.totals
	t.Skipped, t.SkippedAt = maps.Clone(t.Skipped), maps.Clone(t.SkippedAt)
	return t
}

// Settle takes the next chunk, which must be the one after the last: it verifies
// that the chunk begins where the input before it ended and scans it anew where
// not, and calls Options.Reject. After it the chunk's batch holds orders of the
// input, in order.
//
// It returns a *SyntaxError where the input is not JSON, a *Reject where an
// order cannot be accepted and there is no Options.Reject, and the source's
// error where it could not be read. After any of them there is nothing more to
// settle; the batch holds what was good before.
func (c *Cursor) Settle(chunk *Chunk) error {
	block := &chunk.block
	if block.First {
		c.begin(chunk)
	}
	c.totals.Bytes += int64(len(block.Data))
	switch {
	case chunk.stop != nil:
		return c.syntaxError(chunk, block.Data, chunk.stop)
	case c.shape == nil:
		return block.Err
	case c.state == stateClosed:
		chunk.reset(nil)
		if err := c.tail(chunk, block.Data); err != nil {
			return err
		}
	default:
		if err := c.body(chunk); err != nil {
			return err
		}
	}
	return block.Err
}

func (c *Cursor) begin(chunk *Chunk) {
	*c = Cursor{
		reject: c.reject, rejectNoPhone: c.rejectNoPhone, ids: c.ids,
		totals: c.totals, carry: c.carry[:0], shape: chunk.shape,
	}
	if c.shape != nil {
		c.state = c.shape.state
	}
	if bytes.HasPrefix(chunk.block.Data, []byte(byteOrderMark)) {
		c.place.begin = int64(len(byteOrderMark))
	}
}

// body settles a chunk of the source's orders.
func (c *Cursor) body(chunk *Chunk) error {
	if !chunk.scanned || len(c.carry) > 0 || chunk.assumed != c.state {
		if !c.rescan(chunk) {
			return nil
		}
	}
	b := &chunk.Batch
	b.from = chunk.block.Base + c.place.at
	b.before, b.source = c.orders, chunk.block.Name
	c.totals.Repeated += c.ids.once(b)
	c.totals.PhonesKept += b.phonesKept
	for reason, s := range b.skipped {
		c.skip(chunk, chunk.read.program.reasons[reason], s)
	}
	if err := c.faults(chunk); err != nil {
		return err
	}
	c.orders += b.count
	c.totals.Orders += int64(len(b.orders))
	if b.stop != nil {
		return c.syntaxError(chunk, b.data, b.stop)
	}
	if b.newlines > 0 {
		c.place.line += b.newlines
		c.place.begin = c.place.at + int64(b.lineStart)
	}
	c.place.at += int64(b.rest)
	c.state = b.state
	rest := b.data[b.rest:]
	c.carry = c.carry[:0]
	if c.state == stateClosed {
		return c.tail(chunk, rest)
	}
	c.carry = append(c.carry, rest...)
	c.enough = min(2*len(rest), MaxOrderBytes)
	return nil
}

// rescan scans a chunk behind what was carried over. It returns false where
// there is not enough yet to look at.
func (c *Cursor) rescan(chunk *Chunk) bool {
	chunk.reset(nil)
	block := &chunk.block
	if len(c.carry)+len(block.Data) < c.enough && !block.Last {
		c.carry = append(c.carry, block.Data...)
		return false
	}
	chunk.joined = append(slices.Grow(chunk.joined[:0], len(c.carry)+len(block.Data)), c.carry...)
	chunk.joined = append(chunk.joined, block.Data...)
	p := chunk.piece(chunk.joined)
	p.state = c.state
	chunk.scan(p)
	return true
}

// faults passes on the orders of a batch that cannot be accepted.
func (c *Cursor) faults(chunk *Chunk) error {
	b := &chunk.Batch
	at, done := c.place, 0
	for i := range b.faults {
		f := &b.faults[i]
		if f.reason == reasonNoPhone && !c.rejectNoPhone {
			c.skip(chunk, NoPhone, skipped{1, f.start, f.number})
			continue
		}
		at = at.forward(b.data[done:f.start])
		done = f.start
		reject := chunk.read.program.explain(b, f)
		reject.Place = c.tell(chunk, at.forward(b.data[f.start:f.at]))
		reject.Order = c.orders + f.number + 1
		c.totals.Rejected++
		if err := c.pass(reject); err != nil {
			b.keep(f.number)
			c.totals.Orders += int64(len(b.orders))
			return err
		}
	}
	return nil
}

func (c *Cursor) pass(r *Reject) error {
	if c.reject == nil {
		return r
	}
	return c.reject(r)
}

// tell is a place as messages name it.
func (c *Cursor) tell(chunk *Chunk, at place) Place {
	return Place{Source: chunk.block.Name, Line: at.line + 1, Column: at.at - at.begin + 1}
}

// tail checks what follows the array of orders.
func (c *Cursor) tail(chunk *Chunk, text []byte) error {
	final := chunk.block.Last && chunk.block.Err == nil
	var why *stop
	switch {
	case len(c.shape.wrapper) == 0:
		s := scanner{data: text}
		if s.space(); s.pos < len(text) {
			why = &stop{at: s.pos, why: trailing}
		}
	case len(c.carry)+len(text) > maxAroundBytes:
		why = &stop{why: "more than 64 MiB after the end of the orders"}
		text = nil
	default:
		c.carry = append(c.carry, text...)
		if !final {
			return nil
		}
		text = c.carry
		why = around(text, c.shape.wrapper)
	}
	if why != nil {
		why.start = why.at
		return c.syntaxError(chunk, text, why)
	}
	c.place = c.place.forward(text)
	return nil
}

func (c *Cursor) syntaxError(chunk *Chunk, data []byte, s *stop) error {
	err := &SyntaxError{
		Place:   c.tell(chunk, c.place.forward(data[:s.at])),
		Reason:  completed(s.why, data, s.at),
		ByLine:  c.shape != nil && c.shape.byLine,
		excerpt: chunk.read.program.excerpt(data[s.start:min(s.at+1, len(data))], s.at-s.start, false),
	}
	if s.order {
		err.Order = c.orders + 1
	}
	return err
}
