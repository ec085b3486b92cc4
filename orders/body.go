package orders

import "bytes"

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
	data   []byte
	start  int         // the offset in data to start at
	expect expectation // what may come there
	shape  *shape
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
}

// reset prepares the reader to read data from pos on.
func (r *reader) reset(b *findings, data []byte, pos int) {
	o := &r.orders
	o.reset(r.program, b, data, pos)
	b.Arena = append(b.Arena[:0], r.program.constants...)
	b.HasNoPhone = r.program.mapping.NoPhone == NoPhoneItems
	r.limit = r.program.limit
	r.bitmaps.wide = hasWide && !r.program.switches.portable
	r.fast.order, r.fast.bitmaps = o, &r.bitmaps
	r.table.scanner, r.table.values, r.table.bitmaps = &o.scanner, &o.values, &r.bitmaps
	r.rows.program, r.rows.draft, r.rows.values = r.program, &o.draft, &o.values
}

// scan finds the orders in a window. It goes as far as it finds whole orders:
// Data[:rest] is done, and expect is what may follow.
func (r *reader) scan(b *findings, w *window) {
	b.reset(w.data)
	b.HasIDs = len(r.program.id) > 0
	b.rest, b.expect = w.start, w.expect
	r.reset(b, w.data, w.start)
	r.bitmaps.make(w.data)
	if r.program.mapping.CSV {
		r.table.mark(w.data, &w.shape.table)
	}
	switch {
	case w.expect == expectSequence && len(r.program.groupBy) > 0:
		r.rowsOf(w)
	case w.expect == expectSequence:
		r.sequence(w)
	default:
		r.array(w)
	}
	done, newline := w.data[:b.rest], w.shape.newline()
	b.newlines = int64(bytes.Count(done, []byte{newline}))
	if b.newlines > 0 {
		b.lineStart = bytes.LastIndexByte(done, newline) + 1
	}
}

var newline = []byte{'\n'}

// array scans orders with commas between them up to the closing bracket.
func (r *reader) array(w *window) {
	o, b := &r.orders, r.orders.draft.out
	for b.expect != expectClosed {
		c := o.space()
		if o.pos == len(o.data) {
			b.rest = o.pos
			if w.final {
				r.stop(o.pos, "the array of orders has no end")
			}
			return
		}
		switch {
		case b.expect == expectAfter && c == ',':
			o.pos++
			b.expect = expectOrder
		case b.expect != expectOrder && c == ']':
			o.pos++
			b.expect = expectClosed
		case b.expect == expectAfter:
			r.stop(o.pos, "want ',' or ']' after an order")
			return
		default:
			start := o.pos
			if result := r.bounded(w); result != whole {
				o.draft.dropLines()
				r.stopFor(result, start)
				return
			}
			o.draft.commit()
			b.expect = expectAfter
		}
		b.rest = o.pos
	}
}

// sequence scans orders that follow each other with nothing but white space between.
func (r *reader) sequence(w *window) {
	o, b := &r.orders, r.orders.draft.out
	for {
		o.space()
		start := o.pos
		if start == len(o.data) {
			b.rest = start
			return
		}
		result := r.bounded(w)
		if result == whole {
			result = r.alone(start, w)
		}
		if result == whole {
			o.draft.commit()
		} else {
			o.draft.dropLines()
			if result == broken && w.rejectLines && w.shape.byLine {
				result = r.rejectLine(start, w)
			}
		}
		if result != whole {
			r.stopFor(result, start)
			return
		}
		b.rest = o.pos
	}
}

// rowsOf scans orders that are rows.
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
		if result := r.row(w); result != whole {
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
		rows.add(start, o.pos)
		if rows.end-rows.start > r.limit {
			rows.drop()
			r.stopFor(tooLarge, rows.start)
			return
		}
	}
}

// betweenRows passes what may come between rows. In a table that is also a byte order
// mark, as in files that were put together.
func (r *reader) betweenRows() {
	o := &r.orders
	if !r.program.mapping.CSV {
		o.space()
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

// row reads one row and takes its values.
func (r *reader) row(w *window) outcome {
	start := r.orders.pos
	if r.program.mapping.CSV {
		r.rows.rowFault.reason = reasonNone
		result := r.table.row(w, &r.rows.rowFault)
		r.rows.endsEarly = ""
		if t := &w.shape.table; r.table.cells <= t.firstItem {
			r.rows.endsEarly = t.widthText(r.table.cells)
		}
		return result
	}
	// The draft has the fault of the rows before. This row may belong to another order.
	d := &r.orders.draft
	before := d.fault
	result := r.bounded(w)
	if result == whole {
		result = r.alone(start, w)
	}
	r.rows.rowFault, d.fault = d.fault, before
	return result
}

// outcome is how the reading of one order ended.
type outcome uint8

const (
	whole      outcome = iota
	unfinished         // data ends first, and more of the source follows
	broken             // not JSON; the scanner's errAt and why say more
	tooLarge
)

// stopFor stops the scan for what happened to the order that starts at an offset.
func (r *reader) stopFor(result outcome, start int) {
	switch result {
	case broken:
		r.stop(r.orders.errAt, r.orders.why)
	case tooLarge:
		r.stop(start, "an order larger than "+r.program.limitText()+"; is a quote or a bracket missing?")
		r.orders.draft.out.stop.limit = r.limit
	default:
		return
	}
	stop := r.orders.draft.out.stop
	stop.start, stop.order = start, true
}

func (r *reader) stop(at int, why string) {
	r.orders.draft.out.stop = &stop{at: at, start: at, why: why}
}

// bounded reads an order that is not larger than the limit.
func (r *reader) bounded(w *window) outcome {
	o := &r.orders
	start, all := o.pos, o.data
	o.data = all[:min(len(all), start+r.limit)]
	ok := r.fast.read() || o.readOrder(w.shape.depth)
	if ok && o.pos == len(all) && !w.final && isDigit(all[o.pos-1]) {
		ok = o.fail(o.pos, "want a digit") // a number may go on behind data
	}
	o.data = all
	if ok {
		return whole
	}
	isShort := o.short
	o.short = false
	switch {
	case isShort && len(all)-start >= r.limit:
		return tooLarge
	case isShort && !w.final:
		return unfinished
	}
	return broken
}

// alone checks what follows the order that starts at an offset: the end of its line, or
// another order.
func (r *reader) alone(start int, w *window) outcome {
	o := &r.orders
	i := o.pos
	for i < len(o.data) && (o.data[i] == ' ' || o.data[i] == '\t' || o.data[i] == '\r') {
		i++
	}
	switch {
	case i-o.pos > maxBlankBytes:
		i = o.pos + maxBlankBytes
	case i == len(o.data) && (w.final || w.cutAfter):
		return whole
	case i == len(o.data):
		return unfinished
	case o.data[i] == '\n' || o.data[i] == '{' && o.data[start] == '{':
		return whole
	}
	o.fail(i, "want the end of the line or another order")
	return broken
}

// rejectLine makes a fault of the line that starts at an offset.
func (r *reader) rejectLine(start int, w *window) outcome {
	o, b := &r.orders, r.orders.draft.out
	length := bytes.IndexByte(o.data[start:], '\n')
	ends := length >= 0 || w.final
	if length < 0 {
		length = len(o.data) - start
	}
	switch {
	case length >= r.limit:
		return tooLarge
	case !ends:
		return unfinished
	}
	f := fault{
		start: start, end: start + len(bytes.TrimRight(o.data[start:start+length], "\r")),
		at: o.errAt, number: b.count, node: r.program.order, line: -1,
		reason: reasonSyntax, why: o.why,
	}
	if f.at >= f.end {
		f.at, f.why = f.end, "the line ends within its order"
	}
	b.faults = append(b.faults, f)
	b.count++
	o.pos = min(start+length+1, len(o.data))
	return whole
}
