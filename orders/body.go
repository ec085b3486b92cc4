package orders

import "bytes"

// MaxOrderBytes is the greatest size of one order, as the input writes it. An
// order lies in memory as a whole while it is read; without a limit a damaged
// file (a quote that is missing) would be one order of any size.
const MaxOrderBytes = 64 << 20

// maxBlankBytes is how many blanks may stand between an order and the end of its
// line: they lie in memory with it until the end is seen.
const maxBlankBytes = 1 << 20

// piece is what to scan.
type piece struct {
	data  []byte
	start int   // where in data to begin
	state state // what is met there
	shape *shape
	// final says that the source ends with data; cutAfter that an order
	// begins behind data.
	final, cutAfter bool
	// rejectLines says that a line that is not JSON is a fault of its own.
	rejectLines bool
}

// scan fills the batch from a piece. It goes as far as it finds whole orders:
// data[:batch.rest] is done with, and batch.state tells what may follow.
func (r *reader) scan(b *Batch, p *piece) {
	b.reset(p.data)
	b.ids = len(r.program.id) > 0
	r.batch = b
	r.scanner = scanner{data: p.data, pos: p.start}
	b.rest, b.state = p.start, p.state
	r.marks.mark(p.data)
	if p.state == stateSequence && len(r.program.groupBy) > 0 {
		r.rows(p)
	} else if p.state == stateSequence {
		r.sequence(p)
	} else {
		r.array(p)
	}
	r.batch = nil
	done := p.data[:b.rest]
	b.newlines = int64(bytes.Count(done, newline))
	if b.newlines > 0 {
		b.lineStart = bytes.LastIndexByte(done, '\n') + 1
	}
}

var newline = []byte{'\n'}

// array scans orders with commas between them up to the closing bracket.
func (r *reader) array(p *piece) {
	b := r.batch
	for b.state != stateClosed {
		c := r.space()
		if r.pos == len(r.data) {
			b.rest = r.pos
			if p.final {
				r.halt(r.pos, "the array of orders has no end", false)
			}
			return
		}
		switch {
		case b.state == stateAfter && c == ',':
			r.pos++
			b.state = stateOrder
		case b.state != stateOrder && c == ']':
			r.pos++
			b.state = stateClosed
		case b.state == stateAfter:
			r.halt(r.pos, "want ',' or ']' after an order", false)
			return
		default:
			start := r.pos
			if result := r.bounded(p); result != whole {
				r.haltFor(result, start)
				return
			}
			r.commit()
			b.state = stateAfter
		}
		b.rest = r.pos
	}
}

// sequence scans orders that follow each other with nothing but white space
// between.
func (r *reader) sequence(p *piece) {
	b := r.batch
	for {
		r.space()
		start := r.pos
		if start == len(r.data) {
			b.rest = start
			return
		}
		result := r.bounded(p)
		if result == whole {
			result = r.alone(start, p)
		}
		if result == broken && p.rejectLines && p.shape.byLine {
			result = r.rejectLine(start, p)
		} else if result == whole {
			r.commit()
		}
		if result != whole {
			r.haltFor(result, start)
			return
		}
		b.rest = r.pos
	}
}

// outcome is how the reading of one order ended.
type outcome uint8

const (
	whole      outcome = iota
	unfinished         // data ends first, and there is more behind it
	broken             // not JSON; errAt and why tell
	tooLarge
)

// haltFor stops the scan for what happened to the order that began at start.
func (r *reader) haltFor(result outcome, start int) {
	switch result {
	case broken:
		r.halt(r.errAt, r.why, true)
		r.batch.stop.start = start
	case tooLarge:
		r.halt(start, "an order larger than 64 MiB; is a quote or a bracket missing?", true)
	}
}

func (r *reader) halt(at int, why string, order bool) {
	r.batch.stop = &stop{at: at, start: at, why: why, order: order}
}

// bounded reads an order of at most MaxOrderBytes.
func (r *reader) bounded(p *piece) outcome {
	start, all := r.pos, r.data
	r.data = all[:min(len(all), start+MaxOrderBytes)]
	ok := r.quick() || r.readOrder(p.shape.depth)
	if ok && r.pos == len(all) && !p.final && isDigit(all[r.pos-1]) {
		ok = r.fail(r.pos, "want a digit") // a number may go on behind data
	}
	r.data = all
	if ok {
		return whole
	}
	return r.failed(start, p)
}

// failed forgets the order that began at start and tells why it is not whole.
func (r *reader) failed(start int, p *piece) outcome {
	r.drop()
	short := r.short
	r.short = false
	switch {
	case short && len(r.data)-start >= MaxOrderBytes:
		return tooLarge
	case short && !p.final:
		return unfinished
	}
	return broken
}

// alone checks that the order that began at start is followed by the end of its
// line or by another order.
func (r *reader) alone(start int, p *piece) outcome {
	i := r.pos
	for i < len(r.data) && (r.data[i] == ' ' || r.data[i] == '\t' || r.data[i] == '\r') {
		i++
	}
	switch {
	case i-r.pos > maxBlankBytes:
		i = r.pos + maxBlankBytes
	case i == len(r.data) && (p.final || p.cutAfter):
		return whole
	case i == len(r.data):
		r.drop()
		return unfinished
	case r.data[i] == '\n' || r.data[i] == '{' && r.data[start] == '{':
		return whole
	}
	r.drop()
	r.fail(i, "want the end of the line or another order")
	return broken
}

// rejectLine makes a fault of the line from start on.
func (r *reader) rejectLine(start int, p *piece) outcome {
	b := r.batch
	length := bytes.IndexByte(r.data[start:], '\n')
	ends := length >= 0 || p.final
	if length < 0 {
		length = len(r.data) - start
	}
	switch {
	case length >= MaxOrderBytes:
		return tooLarge
	case !ends:
		return unfinished
	}
	f := fault{
		start: start, end: start + len(bytes.TrimRight(r.data[start:start+length], "\r")),
		at: r.errAt, number: b.count, where: r.program.order, line: -1,
		reason: reasonSyntax, why: r.why,
	}
	if f.at >= f.end {
		f.at, f.why = f.end, "the line ends within its order"
	}
	b.faults = append(b.faults, f)
	b.count++
	r.pos = min(start+length+1, len(r.data))
	return whole
}
