package orders

import (
	"bytes"
	"fmt"
)

// MaxOrderBytes is the greatest size of one order, as the input writes it, and what
// [Options].MaxOrderBytes can be at most. An order is in memory as a whole while it is
// read. Without a limit, a damaged file in which a quote is missing would be one order of
// any size.
const MaxOrderBytes = 64 << 20

// maxBlankBytes is how many blanks may come between an order and the end of its line.
// They are kept in memory with the order until that end is found.
const maxBlankBytes = 1 << 20

// window is the part of a source that is scanned at once.
type window struct {
	data  []byte
	start int     // the offset in data to start at
	now   nesting // what is open there
	shape *shape
	// final reports whether the source ends with data, cutAfter whether an order starts
	// right behind data.
	final, cutAfter bool
	// rejectLines reports whether a line that is not JSON is a fault of its own.
	rejectLines bool
	// strict makes rows that do not fit their header broken. It is for guesses: see
	// cutRows.
	strict bool
	// nextKey is the key of the row right behind data, if cutAfter is set.
	nextKey []byte
	// isHead reports whether the scan is only to find the first order.
	isHead bool
}

// reader finds the orders of windows. It holds every way to read one order, or one row
// of an order.
type reader struct {
	program *program
	limit   int // of an order, in bytes
	orders  orderReader
	bitmaps bitmaps
	fast    fastPath
	table   tableReader
	rows    rowGroup
	// opens is the container that starts at an order's place.
	opens container
	// isOutside reports whether what could not be read is no part of an order.
	isOutside bool
	// isOrder reports whether the value of an envelope's key is an order.
	isOrder bool
	// hasOpened reports whether the source starts with what holds orders, hasEnded whether
	// the scan of a head found the first order, or the end of what holds orders.
	hasOpened, hasEnded bool
}

// reset prepares the reader to read data from pos on.
func (r *reader) reset(b *findings, data []byte, pos int) {
	o := &r.orders
	o.reset(r.program, b, data, pos)
	b.Arena = append(b.Arena[:0], r.program.constants...)
	b.HasNoPhone = r.program.mapping.NoPhone == NoPhoneItems
	r.limit = r.program.limit
	r.bitmaps.wide = hasWide && !r.program.switches.portable
	r.fast.reset(o)
	r.table.scanner, r.table.values, r.table.bitmaps = &o.scanner, &o.values, &r.bitmaps
	r.rows.program, r.rows.draft, r.rows.values = r.program, &o.draft, &o.values
}

// scan finds the orders in a window. It goes as far as it finds whole orders:
// Data[:rest] is done, and now is what is open there.
func (r *reader) scan(b *findings, w *window) {
	b.reset(w.data)
	b.rest, b.now = w.start, w.now
	r.isOutside = false
	r.reset(b, w.data, w.start)
	if !w.isHead {
		r.bitmaps.make(w.data)
		r.fast.bitmaps = &r.bitmaps
	}
	if r.program.mapping.CSV {
		r.table.makeBitmaps(w.data, &w.shape.table)
		r.rowsOf(w)
	} else {
		r.rows.isOpen = false
		for r.inside(w) {
		}
		r.rows.drop()
	}
}

var newline = []byte{'\n'}

// usual is what is probably open where a window starts, which is between two orders or
// before an envelope.
func (r *reader) usual(w *window) nesting {
	now := w.shape.usual
	if outside, ok := now.outside(); ok {
		var b findings
		b.reset(w.data)
		b.now = now
		r.reset(&b, w.data, w.start)
		r.bitmaps.valid = 0 // they are of another window
		if r.opensAt(w) {
			return outside
		}
	}
	return now
}

// opensAt reports whether the value at which the window starts is an envelope.
func (r *reader) opensAt(w *window) bool {
	return len(w.data) > w.start && w.data[w.start] == '{' && r.bounded(w) == opens
}

// inside scans what is in the innermost container. It returns true if that was left, or
// another one opened.
func (r *reader) inside(w *window) bool {
	switch n := &r.orders.draft.out.now; n.kind() {
	case kindSequence:
		return r.sequence(w)
	case kindArray:
		return r.array(w)
	default:
		return r.members(w)
	}
}

// passed notes that all up to pos is done. Rows are done when their order is.
func (r *reader) passed() {
	if !r.rows.isOpen {
		r.orders.draft.out.rest = r.orders.pos
	}
}

// enter opens the container that was found.
func (r *reader) enter() bool {
	r.orders.draft.out.now.push(r.opens)
	r.hasOpened = true
	r.passed()
	return true
}

// leave closes the innermost container, whose bracket is at pos.
func (r *reader) leave(w *window) bool {
	n := &r.orders.draft.out.now
	r.orders.pos++
	n.pop()
	r.passed()
	r.hasEnded = n.depth == 0
	return n.depth > 0 || !w.isHead
}

// array scans orders with commas between them up to the closing bracket.
func (r *reader) array(w *window) bool {
	o, n := &r.orders, &r.orders.draft.out.now
	for {
		c := o.space()
		if o.pos == len(o.data) {
			return r.ends(w, "the array of orders has no end")
		}
		switch {
		case n.expect == expectAfter && c == ',':
			o.pos++
			n.expect = expectValue
		case n.expect != expectValue && c == ']':
			return r.leave(w)
		case n.expect == expectAfter:
			return r.refuse("want ',' or ']' after an order")
		default:
			if r.fast.readMany(kindArray) > 0 {
				n.expect = expectValue
				r.passed()
				continue
			}
			start := o.pos
			switch result := r.value(w, start); result {
			case whole:
				n.expect = expectAfter
			case opens:
				return r.enter()
			default:
				return r.stopFor(result, start)
			}
		}
		r.passed()
	}
}

// sequence scans values that follow each other with nothing but white space between.
func (r *reader) sequence(w *window) bool {
	o := &r.orders
	for {
		c := o.space()
		start := o.pos
		switch {
		case start == len(o.data):
			return r.ends(w, "")
		case c != '{' && c != '[' && w.shape != nil && w.shape.isHeld && !(w.shape.byLine && w.rejectLines):
			return r.refuse(trailing)
		}
		if r.fast.readMany(kindSequence) > 0 {
			r.passed()
			continue
		}
		result := r.value(w, start)
		if w.rejectLines && w.shape.byLine {
			result = r.checkLine(result, start, w)
		}
		switch result {
		case whole:
			r.passed()
		case opens:
			return r.enter()
		default:
			return r.stopFor(result, start)
		}
	}
}

// members scans an object around orders.
func (r *reader) members(w *window) bool {
	o, n := &r.orders, &r.orders.draft.out.now
	for {
		c := o.space()
		switch {
		case o.pos == len(o.data) && n.expect == expectAfter:
			return r.ends(w, "want ',' or '}' after a value of an object")
		case o.pos == len(o.data):
			return r.ends(w, "want a key in double quotes")
		case n.expect == expectAfter && c == ',':
			o.pos++
			n.expect = expectValue
		case n.expect != expectValue && c == '}':
			return r.leave(w)
		case n.expect == expectAfter:
			return r.refuse("want ',' or '}' after a value of an object")
		default:
			start := o.pos
			switch result := r.member(w, start); result {
			case whole:
				n.expect = expectAfter
			case opens:
				return r.enter()
			default:
				return r.stopFor(result, start)
			}
		}
		r.passed()
	}
}

// ends notes that data ends between orders. If that is the source's end, but a container
// is still open, it stops the scan. It returns false.
func (r *reader) ends(w *window, open string) bool {
	if w.final && open != "" {
		r.rows.close()
		return r.refuse(open)
	}
	if w.final || w.cutAfter {
		r.rows.close()
	}
	r.passed()
	return false
}

// refuse stops the scan at pos for what is there around the orders. It returns false.
func (r *reader) refuse(why string) bool {
	r.rows.close()
	r.stop(r.orders.pos, why)
	return false
}

// value reads the value that starts at an order's place: an order, a row of one, or what
// holds orders.
func (r *reader) value(w *window, start int) outcome {
	o, n := &r.orders, &r.orders.draft.out.now
	isSequence := n.depth == 0
	switch c := o.data[start]; {
	case c == '[' && (isSequence || n.kind() == kindArray):
		isOpening, ok := r.opensArray(w)
		if !ok {
			return unfinished
		} else if isOpening {
			return opens
		}
	case c == 'n' && n.kind() != kindSequence && r.program.skipsNull(n):
		return r.null(w)
	case c == '{' && isSequence && r.program.isKeyed:
		o.pos++
		r.opens = container{kind: kindKeyed}
		return opens
	}
	d := &o.draft
	before := d.fault // of the rows before: this row may belong to another order
	result := r.bounded(w)
	if result == whole && isSequence && !o.isEmpty {
		result = r.alone(start, w)
	}
	switch isRows := len(r.program.groupBy) > 0; {
	case w.isHead && result != opens:
		d.dropLines()
		r.hasEnded = result != unfinished
		return inHead
	case isRows:
		r.rows.rowFault, d.fault = d.fault, before
		if result == whole && !o.isEmpty {
			o.values.sortRow()
			return r.rowOf(start)
		}
	case result == whole && !o.isEmpty:
		d.commit()
	default:
		d.dropLines()
	}
	return result
}

// rowOf adds the row that was read to its order.
func (r *reader) rowOf(start int) outcome {
	rows := &r.rows
	rows.add(start, r.orders.pos)
	if rows.end-rows.start > r.limit {
		first := rows.start
		rows.drop()
		r.orders.pos = first
		return tooLarge
	}
	return whole
}

// opensArray reports whether the array at pos, where an order may stand, is one of orders.
// It is not ok if that is not known yet.
func (r *reader) opensArray(w *window) (isOpening, ok bool) {
	o, n := &r.orders, &r.orders.draft.out.now
	start := o.pos
	o.pos++
	c := o.space()
	switch {
	case n.depth == 0:
		o.pos = start + 1
	case o.pos == len(o.data) && !w.final && o.pos-start < r.limit:
		return false, false
	case !hasRoom(n.depth) || c != '{' && c != '[' && c != ']':
		o.pos = start
		return false, true
	}
	if out := o.draft.out; c == ']' && n.kind() == kindArray && out.emptyIn < 0 {
		out.emptyIn = start
	}
	r.opens = container{kind: kindArray}
	return true, true
}

// null passes a null.
func (r *reader) null(w *window) outcome {
	o := &r.orders
	if o.word("null") {
		return whole
	}
	isShort := o.short && !w.final
	if o.short = false; isShort {
		return unfinished
	}
	return broken
}

// skipsNull reports whether null is as good as nothing in a container: databases write the
// values of an object as an array if its keys are numbers, with null for those that are missing.
func (p *program) skipsNull(n *nesting) bool {
	if n.kind() != kindArray {
		return false
	}
	if at := n.top().at; at != rootEnvelope {
		return p.envelopes[at].isKeyed
	}
	return p.isKeyed && n.depth == 1
}

// member reads a key of an object around orders, and its value.
func (r *reader) member(w *window, start int) outcome {
	o, n := &r.orders, &r.orders.draft.out.now
	all := o.data
	o.data = all[:min(len(all), start+r.limit)]
	key, ok := o.scanner.key()
	if ok && o.pos >= len(o.data) {
		ok = o.fail(o.pos, "want a value")
	}
	if ok && n.kind() == kindKeyed {
		o.data = all
		return r.value(w, o.pos)
	}
	before := *n.top()
	result := whole
	if ok {
		result, ok = r.envelopeMember(start, key)
	}
	if ok && result == whole && !r.isOrder && o.pos == len(all) && !w.final && isDigit(all[o.pos-1]) {
		ok = o.fail(o.pos, "want a digit") // a number may go on behind data
	}
	o.data = all
	switch {
	case ok && r.isOrder:
		result = r.value(w, o.pos)
	case !ok:
		r.isOutside = true
		result = r.unread(start, w)
	}
	if result != whole && result != opens {
		*n.top() = before
	}
	return result
}

// unread is how the reading of something that starts at an offset ended that is not right.
func (r *reader) unread(start int, w *window) outcome {
	o := &r.orders
	isShort := o.short
	o.short = false
	switch {
	case isShort && len(o.data)-start >= r.limit:
		o.pos = start
		return tooLarge
	case isShort && !w.final:
		return unfinished
	}
	return broken
}

// envelopeMember reads the value of an envelope's key. What holds orders is opened, an order
// is left to the caller, and all else is passed.
func (r *reader) envelopeMember(start int, key text) (outcome, bool) {
	o, p := &r.orders, r.program
	n := &o.draft.out.now
	top, look := n.top(), &o.look
	r.isOrder = false
	name := unescape(nil, o.data[key.start:key.end])
	look.scanner, look.program = scanner{data: o.data, pos: o.pos}, p
	to, bit, ok := p.envelopeAt(top.at, name)
	lines := p.order.find(string(name))
	hasOwn := lines != nil && lines.leadsToLines && (o.data[o.pos] == '[' || o.data[o.pos] == '{')
	saw := seesNothing
	if ok {
		if saw, ok = look.value(to, n.depth, maxWrapperKeys); !ok {
			return whole, o.failAs(&look.scanner)
		}
		if top.seen&bit != 0 && (isNamed(bit) || saw >= seesOrder || top.holder == bit) {
			return whole, o.fail(start, twice(string(name)))
		}
	}
	if hasOwn && saw < seesOrder {
		look.scanner.pos = o.pos
		has, ok := look.lines(lines, n.depth)
		if !ok {
			return whole, o.failAs(&look.scanner)
		} else if has && top.holder != 0 {
			return whole, o.fail(start, ambiguousLines(string(name)))
		}
	}
	if saw >= seesOrder && top.holder != 0 {
		return whole, o.fail(start, ambiguousOrders(string(name)))
	}
	if saw < seesOrder && !o.skip(n.depth) {
		return whole, false
	}
	top.seen |= bit
	if saw < seesOrder {
		return whole, true
	}
	top.holder = bit
	switch saw {
	case seesOrder:
		r.isOrder = true
		return whole, true
	case seesArray:
		r.opens = container{kind: kindArray, at: to}
	case seesKeyed:
		r.opens = container{kind: kindKeyed, at: to}
	case seesEnvelope:
		r.opens = container{kind: kindEnvelope, at: to}
	}
	o.pos++
	return opens, true
}

func ambiguousLines(key string) string {
	return fmt.Sprintf("ambiguous: this object holds orders, and %q would be lines of its own; keep one of them", key)
}

func ambiguousOrders(key string) string {
	return fmt.Sprintf("ambiguous: %q holds orders, and so does a key before it in the same object; keep one of them", key)
}

// rowsOf scans the rows of a table.
func (r *reader) rowsOf(w *window) {
	o, rows := &r.orders, &r.rows
	rows.isOpen = false
	defer rows.drop()
	for {
		r.betweenRows()
		r.passBlank()
		start := o.pos
		if start == len(o.data) {
			if w.final || w.cutAfter && !rows.goesOn(w.nextKey) {
				rows.close()
				o.draft.out.rest = start
			}
			return
		}
		if result := r.tableRow(w); result != whole {
			if result != unfinished { // what is before the row is whole
				rows.close()
			}
			r.stopFor(result, start)
			return
		}
		switch r.table.kind {
		case rowBlank:
			continue
		case rowHeader:
			rows.newTable(start, o.pos)
			continue
		}
		if r.rowOf(start) == tooLarge {
			r.stopFor(tooLarge, o.pos)
			return
		}
	}
}

// betweenRows passes what may come between rows. In a table that is also a byte order
// mark, as in files that were put together.
func (r *reader) betweenRows() {
	o := &r.orders
	if !r.program.mapping.CSV {
		for o.space() == ',' {
			o.pos++
		}
		return
	}
	for o.pos < len(o.data) {
		switch c := o.data[o.pos]; {
		case c == '\n' || c == '\r':
			o.pos++
		case c == byteOrderMark[0] && bytes.HasPrefix(o.data[o.pos:], []byte(byteOrderMark)):
			o.pos += len(byteOrderMark)
		default:
			return
		}
	}
}

// passBlank forgets what was passed between rows. An order ends before many blanks, so that
// they need no memory.
func (r *reader) passBlank() {
	o, rows := &r.orders, &r.rows
	if rows.isOpen && o.pos-rows.end > maxBlankBytes {
		rows.close()
	}
	if !rows.isOpen {
		o.draft.out.rest = o.pos
	}
}

// tableRow reads one row of a table and takes its values.
func (r *reader) tableRow(w *window) outcome {
	r.rows.rowFault.reason = reasonNone
	result := r.table.row(w, &r.rows.rowFault)
	r.rows.endsEarly = ""
	t, o := &w.shape.table, &r.orders
	if r.table.cells <= t.firstItem {
		r.rows.endsEarly = t.widthText(r.table.cells)
	}
	if w.final && result == whole && o.pos == len(o.data) && o.data[o.pos-1] != t.newline && r.table.kind == rowOfOrder {
		o.draft.out.isCut = r.table.cells < len(t.columns)
	}
	return result
}

// outcome is how the reading of one order ended.
type outcome uint8

const (
	whole      outcome = iota
	unfinished         // data ends first, and more of the source follows
	broken             // not JSON; the scanner's errAt and why say more
	tooLarge
	opens  // no order: the reader's container starts there
	inHead // the first order of the source, if only that is looked for
)

// stopFor stops the scan for what happened to what starts at an offset. It returns false.
func (r *reader) stopFor(result outcome, start int) bool {
	if result != unfinished && result != inHead {
		r.rows.close() // what is before is whole
	}
	what := "an order larger than " + r.program.limitText()
	if r.isOutside {
		what = "more than " + r.program.limitText() + " beside the orders"
	}
	switch result {
	case broken:
		r.stop(r.orders.errAt, r.orders.why)
	case tooLarge:
		start = r.orders.pos
		r.stop(start, what+"; is a quote or a bracket missing?")
		r.orders.draft.out.stop.limit = r.limit
	default:
		return false
	}
	stop := r.orders.draft.out.stop
	stop.start, stop.order = start, !r.isOutside && !r.orders.isEmpty
	return false
}

func (r *reader) stop(at int, why string) {
	r.orders.draft.out.stop = &stop{at: at, start: at, why: why}
}

// bounded reads an order that is not larger than the limit.
func (r *reader) bounded(w *window) outcome {
	o := &r.orders
	start, all := o.pos, o.data
	o.data = all[:min(len(all), start+r.limit)]
	o.holds, o.isEmpty = false, false
	ok := r.fast.read() || o.readOrder(o.draft.out.now.depth)
	if ok && o.pos == len(all) && !w.final && isDigit(all[o.pos-1]) {
		ok = o.fail(o.pos, "want a digit") // a number may go on behind data
	}
	o.data = all
	switch {
	case ok:
		return whole
	case o.holds:
		o.pos = start + 1
		r.opens = container{kind: kindEnvelope}
		return opens
	}
	return r.unread(start, w)
}
