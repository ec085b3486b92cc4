package orders

import (
	"bytes"
	"fmt"
	"slices"

	"process-orders/internal/columns"
)

// A cursor goes through the chunks of a run in the order of the input. It holds what
// depends on that order: whether a chunk starts at the point at which the one
// before it ended, the number of the line, the number of the order, and which states of
// orders came before. It belongs to one goroutine at a time.
type cursor struct {
	options Options
	program *program
	// states learns which states are the latest. It is nil if that was decided, or if all
	// states are wanted: see Options.decisions and Options.allStates.
	states *states
	chunkStates
	names []string // of the sources so far
	keys  keySet   // of the present table, if orders are rows
	done  Totals   // of the sources before
	// collect, if not nil, takes the rows of each chunk. There are no orders then.
	collect func(*chunk) error
	// failed is why the place of a joined row is not known.
	failed error

	// Of the source that is being read:
	totals Totals
	shape  *shape
	now    nesting // what is open at the start of carry
	nothing
	// carry is what was read and not scanned to an end: the start of an order.
	carry []byte
	// enough is how long carry must be before it is worth another scan. It doubles,
	// so that an order of any number of chunks is scanned a few times only.
	enough  int
	silence silence
	at      location // of carry or, if that is empty, of the next chunk
	orders  int64    // so far
	// open counts times in which the day or the month could be first. openAt is the place of
	// the first.
	open   int64
	openAt Place
	sum    uint64 // of the states with an id: see sourceSum
}

// newCursor starts a run of the compiled mapping. Settle calls Options.Reject and
// Options.SourceDone.
func newCursor(p *program, o Options) *cursor {
	c := &cursor{options: o, program: p, states: o.states}
	if c.states == nil && o.decisions == nil && !o.allStates {
		c.states = newStates(0, "")
	}
	return c
}

// Totals is what was read so far.
func (c *cursor) Totals() Totals {
	t := c.done.clone()
	t.Add(c.totals)
	return t
}

// A location is an offset in a source, and the line that it is in.
type location struct {
	offset    int64 // from the start of the source
	line      int64 // from 0
	lineStart int64 // the offset at which the line starts
	newline   byte  // what ends a line
}

// then is the location that is at l2 in a text that starts at l.
func (l location) then(l2 location) location {
	if l2.line > 0 {
		l.line += l2.line
		l.lineStart = l.offset + l2.lineStart
	}
	l.offset += l2.offset
	return l
}

// forward is the location behind a text that starts at l.
func (l location) forward(text []byte) location {
	if n := bytes.Count(text, []byte{l.newline}); n > 0 {
		l.line += int64(n)
		l.lineStart = l.offset + int64(bytes.LastIndexByte(text, l.newline)) + 1
	}
	l.offset += int64(len(text))
	return l
}

// Settle takes the chunk that follows the one before it. It verifies that the chunk
// starts at the point at which the input before it ended, and scans it again if not.
// It calls Options.Reject, and Options.SourceDone at the end of a source. After it the
// chunk holds orders of the input, in order.
//
// It returns a [*SyntaxError] if the input is not JSON, a [*Reject] if an order
// cannot be accepted and there is no Options.Reject, and the source's own error if
// it cannot be read. After an error there is nothing more to settle; the chunk holds
// the good orders before the error.
func (c *cursor) Settle(chunk *chunk) error {
	block := &chunk.block
	if block.First {
		c.startSource(chunk)
	}
	c.totals.Bytes += int64(len(block.Data))
	switch {
	case chunk.stop != nil:
		return c.syntaxError(chunk, block.Data, chunk.stop)
	case c.shape == nil:
		return block.Err
	}
	if err := c.body(chunk); err != nil {
		return err
	}
	if c.failed != nil {
		return c.failed
	}
	if block.Last && chunk.origin != nil {
		c.totals.Bytes = chunk.origin.Bytes()
	}
	if block.Err != nil || !block.Last {
		return block.Err
	}
	if err := c.refusal(); err != nil {
		return err
	}
	if err := c.sumUp(block.Name); err != nil {
		return err
	}
	for _, text := range c.silence.texts() {
		c.totals.Notes = append(c.totals.Notes, Note{block.Name, text})
	}
	c.noteTimes(block.Name)
	c.noteCut(chunk)
	if c.options.SourceDone == nil {
		return nil
	}
	return c.options.SourceDone(block.Name, c.totals.clone())
}

// noteCut notes that a table is cut off, it seems.
func (c *cursor) noteCut(chunk *chunk) {
	joined, isJoined := chunk.origin.(*joinedText)
	if chunk.isCut && !isJoined || isJoined && joined.isCut {
		c.totals.Notes = append(c.totals.Notes, Note{chunk.block.Name,
			"the last row has no end, and fewer values than the header: if the file was cut off, the row is not what it was; get the file again"})
	}
}

// startSource forgets all of the source before but what it counted and the ids.
func (c *cursor) startSource(chunk *chunk) {
	c.done.Add(c.totals)
	c.keys.reset()
	*c = cursor{
		options: c.options, program: c.program, states: c.states, chunkStates: c.chunkStates, names: append(c.names, chunk.block.Name), keys: c.keys, done: c.done, collect: c.collect,
		carry: c.carry[:0], shape: chunk.shape, silence: newSilence(c.program),
	}
	c.at.newline = c.shape.newline()
	if c.shape != nil && c.shape.note != "" {
		c.totals.Notes = append(c.totals.Notes, Note{Source: chunk.block.Name, Text: c.shape.note})
	}
	if bytes.HasPrefix(chunk.block.Data, []byte(byteOrderMark)) {
		c.at.lineStart = int64(len(byteOrderMark))
	}
}

// body settles a chunk that holds orders.
func (c *cursor) body(chunk *chunk) error {
	if !chunk.scanned || len(c.carry) > 0 || chunk.assumed != c.now {
		if !c.rescan(chunk) {
			return nil
		}
	}
	b := &chunk.findings
	b.From = chunk.block.Base + c.at.offset
	b.Before, b.Source = c.orders, chunk.block.Name
	hasOrders := c.program.hasOrders(b)
	c.seekIdentity(chunk)
	if b.emptyIn >= 0 && c.empty == nil {
		at := c.public(chunk, c.at.forward(b.Data[:b.emptyIn]))
		c.empty = &at
	}
	if c.collect != nil {
		if err := c.collect(chunk); err != nil {
			return err
		}
	} else if err := c.apart(chunk); err != nil {
		chunk.reset(nil)
		return err
	}
	c.seekLine(chunk)
	c.dropOld(chunk)
	b.RejectsEnd = c.rejectsEnd(b)
	c.cutAtReject(chunk)
	if err := c.latest(chunk); err != nil {
		b.keepBefore(0)
		return err
	}
	c.silence.look(b)
	for reason, s := range b.skipped {
		c.skip(chunk, c.program.reasons[reason], s)
	}
	if hasOrders {
		if err := c.release(); err != nil {
			b.keepBefore(0)
			return err
		}
	}
	err := c.faults(chunk)
	c.accepted(chunk)
	if err != nil {
		return err
	}
	c.remarks(chunk)
	c.orders += b.count
	if b.stop != nil {
		if err := c.release(); err != nil {
			return err
		}
		return c.syntaxError(chunk, b.Data, b.stop)
	}
	c.at = c.at.then(chunk.end)
	c.now = b.now
	rest := b.Data[b.rest:]
	c.carry = append(c.carry[:0], rest...)
	c.enough = min(2*len(rest), c.program.limit)
	return nil
}

// rescan scans a chunk together with what was carried over. It returns false if
// there is not enough yet to be worth a scan.
func (c *cursor) rescan(chunk *chunk) bool {
	chunk.reset(nil)
	block := &chunk.block
	if len(c.carry)+len(block.Data) < c.enough && !block.Last {
		c.carry = append(c.carry, block.Data...)
		return false
	}
	chunk.joined = append(slices.Grow(chunk.joined[:0], len(c.carry)+len(block.Data)), c.carry...)
	chunk.joined = append(chunk.joined, block.Data...)
	p := chunk.window(chunk.joined)
	p.now = c.now
	chunk.scan(p)
	return true
}

// apart returns an error if rows of one order are apart.
func (c *cursor) apart(chunk *chunk) error {
	b := &chunk.findings
	if chunk.origin != nil || c.options.decisions != nil { // else the rows are not apart
		return nil
	}
	tables := b.newTables
	c.keys.seek(b.groups)
	for i, g := range b.groups {
		for ; len(tables) > 0 && tables[0] == i; tables = tables[1:] {
			c.keys.reset()
		}
		if isNew := g.key == 0 || c.keys.add(g.key); isNew && !g.orphan && !c.tooManyKeys() {
			continue
		}
		at := c.public(chunk, c.at.forward(b.Data[:g.start]))
		return &ApartError{Place: at, source: chunk.block.Source}
	}
	if len(tables) > 0 {
		c.keys.reset()
	}
	return nil
}

// tooManyKeys reports whether the keys take more than their share of the memory. It is not
// known then whether rows are apart.
func (c *cursor) tooManyKeys() bool {
	return c.options.keyBytes > 0 && c.keys.bytes() > c.options.keyBytes
}

// skip counts orders that the mapping skips. The first of them starts at s.at in the
// chunk's data.
func (c *cursor) skip(chunk *chunk, reason string, s skipped) {
	if s.orders == 0 {
		return
	}
	if c.totals.Skipped == nil {
		c.totals.Skipped, c.totals.SkippedAt = map[string]int64{}, map[string]Place{}
	}
	if c.totals.Skipped[reason] == 0 {
		c.totals.SkippedAt[reason] = c.placeOf(chunk, s.at, s.number)
	}
	c.totals.Skipped[reason] += s.orders
}

// placeOf is the place of the order that starts at an offset in the chunk's data.
func (c *cursor) placeOf(chunk *chunk, start int, number int64) Place {
	at := c.public(chunk, c.at.forward(chunk.Data[:start]))
	at.Order = c.orders + number + 1
	return at
}

// accepted counts the orders of a chunk, and what was left out of them.
func (c *cursor) accepted(chunk *chunk) {
	b, t := &chunk.findings, &c.totals
	t.Orders += int64(len(b.All))
	left := b.leftOut
	for i := 0; i < len(b.All) && (len(left) > 0 || b.HasNoPhone || c.options.allStates); i++ {
		o := &b.All[i]
		switch {
		case c.options.allStates && b.IsSkipped(i):
			t.Orders--
		case o.Phone == 0:
			t.NoPhone++
		}
		for len(left) > 0 && left[0].number < o.Number { // its order came before
			left = left[1:]
		}
		for ; len(left) > 0 && left[0].number == o.Number; left = left[1:] {
			c.leaveOut(chunk, c.program.reasons[left[0].reason], o)
		}
	}
}

// leaveOut counts a line that was left out of an order.
func (c *cursor) leaveOut(chunk *chunk, reason string, o *columns.Order) {
	t := &c.totals
	if t.LinesSkipped == nil {
		t.LinesSkipped, t.LinesSkippedAt = map[string]int64{}, map[string]Place{}
	}
	if t.LinesSkipped[reason] == 0 {
		t.LinesSkippedAt[reason] = c.placeOf(chunk, int(o.Start), int64(o.Number))
	}
	t.LinesSkipped[reason]++
}

// remarks counts what there is to say of the chunk's orders.
func (c *cursor) remarks(chunk *chunk) {
	b, t := &chunk.findings, &c.totals
	for _, r := range b.remarks {
		if !c.counts(b, r) {
			continue
		}
		n, at := &t.TimesUnread, &t.TimesUnreadAt
		switch r.kind {
		case phoneKept:
			t.PhonesKept++
			continue
		case phoneLost:
			n, at = &t.PhonesLost, &t.PhonesLostAt
		case timeOpen:
			n, at = &c.open, &c.openAt
		case updatedUnread:
			n, at = &t.UpdatedUnread, &t.UpdatedUnreadAt
		case timeFuture:
			n, at = &t.Future, &t.FutureAt
		case noItem:
			n, at = &t.NoItem, &t.NoItemAt
		}
		if *n == 0 {
			*at = c.public(chunk, c.at.forward(chunk.Data[:r.start]))
			at.Order = c.orders + int64(r.number) + 1
		}
		*n++
	}
}

// noteTimes says how times could be read that were not.
func (c *cursor) noteTimes(source string) {
	if c.open == 0 {
		return
	}
	times := fmt.Sprintf("1 time could be day or month first (%s)", c.openAt)
	if c.open > 1 {
		times = fmt.Sprintf("%d times could be day or month first, the first at %s", c.open, c.openAt)
	}
	c.totals.Notes = append(c.totals.Notes, Note{Source: source, Text: times + ": --day-first decides, or time_format in a mapping"})
}

// faults passes on the orders of a chunk that cannot be accepted.
func (c *cursor) faults(chunk *chunk) error {
	b := &chunk.findings
	at, done := c.at, 0
	for i := range b.faults {
		f := &b.faults[i]
		at = at.forward(b.Data[done:f.start])
		done = f.start
		reject := c.program.explain(b, f)
		reject.Place = c.public(chunk, at.forward(b.Data[f.start:f.at]))
		reject.Order = c.orders + f.number + 1
		if c.program.mapping.CSV {
			reject.Text = c.shape.table.withHeader(reject.Text)
		}
		if !c.hasOrders && c.program.isNoOrder(f) {
			if err := c.hold(reject); err != nil {
				return err
			}
			continue
		}
		c.totals.Rejected++
		if err := c.pass(reject); err != nil {
			b.keepBefore(f.number)
			c.remarks(chunk)
			return err
		}
	}
	return nil
}

func (c *cursor) pass(r *Reject) error {
	if c.options.Reject == nil {
		return r
	}
	return c.options.Reject(r)
}

// public is a location as messages name it.
func (c *cursor) public(chunk *chunk, at location) Place {
	if chunk.origin != nil {
		return c.original(chunk, at)
	}
	return Place{Source: chunk.block.Name, Line: at.line + 1, Column: at.offset - at.lineStart + 1}
}

// original is a location in joined rows, as it was before they were joined.
func (c *cursor) original(chunk *chunk, at location) Place {
	place := Place{Source: chunk.block.Name}
	start, line, column, err := chunk.origin.Row(at.offset)
	if err != nil {
		c.failed = fmt.Errorf("%s: read a temporary file: %w", chunk.block.Name, err)
		return place
	}
	row := location{offset: start, line: line - 1, lineStart: start - column + 1}
	if from := start - c.at.offset; from >= 0 && at.offset-c.at.offset <= int64(len(chunk.Data)) {
		row = row.forward(chunk.Data[from : at.offset-c.at.offset])
	}
	place.Line, place.Column = row.line+1, row.offset-row.lineStart+1
	return place
}

func (c *cursor) syntaxError(chunk *chunk, data []byte, s *stop) error {
	err := &SyntaxError{
		Place:   c.public(chunk, c.at.forward(data[:s.at])),
		Reason:  completed(s.why, data, s.at),
		ByLine:  c.shape != nil && c.shape.byLine && s.order && s.why != otherHeader,
		Limit:   s.limit,
		excerpt: c.program.excerpt(data[s.start:min(s.at+1, len(data))], s.at-s.start, false),
	}
	if s.order {
		err.Order = c.orders + 1
	}
	switch {
	case s.why == notUTF8 && maybeSingle(data, s.at):
		err.Encoding = single
	case s.at < len(data) && data[s.at] == 0: // UTF-16 that input did not know by its start
		err.Encoding = []string{"utf-16be", "utf-16le"}[(c.at.offset+int64(s.at))%2]
	}
	return err
}
