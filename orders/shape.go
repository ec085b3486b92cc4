package orders

import (
	"bytes"
	"errors"
	"fmt"
)

// shape is how a source holds its orders.
type shape struct {
	// body is the offset in the source where the orders start, or what is around them.
	body int
	// usual is what is open between two orders, if it stays as it is at the first one.
	usual nesting
	// isHeld reports whether the source starts with what holds orders, and so has nothing
	// but orders in objects, envelopes and arrays.
	isHeld bool
	// byLine reports whether each line is one order, or one envelope or array of orders, so
	// that a line that is not JSON can be rejected alone.
	byLine bool

	table tableShape // if the mapping is of tables
	note  string     // what somebody should know of the source: see Totals.Notes

	// isBlank reports whether nothing follows what holds the orders, as far as was looked.
	isBlank bool
}

// findUsual finds what is open at the first order. It returns false if the head does not
// have that order.
func (s *shape) findUsual(head []byte, start int, final bool, p *program) bool {
	h := p.head()
	defer p.leave(h)
	b, r := &h.b, &h.r
	r.scan(b, &window{data: head, start: start, final: final, isHead: true})
	s.usual, s.isHeld = b.now.between(), r.hasOpened
	s.isBlank = r.hasOpened && b.stop == nil && b.rest == len(head)
	return b.stop != nil || r.hasEnded
}

// newline is the byte that ends a line.
func (s *shape) newline() byte {
	if s != nil && s.table.newline != 0 {
		return s.table.newline
	}
	return '\n'
}

// maxHead is how many bytes of a source are read to find its shape: an order of the
// greatest size, and one byte that shows whether its line ends there.
func (p *program) maxHead() int { return p.limit + 1 }

// maxPageBytes is how long the first line of a source can be if each line is an envelope or
// an array of orders.
const maxPageBytes = 1 << 20

const byteOrderMark = "\xef\xbb\xbf"

// errMore says that the head of a source is not enough to find its shape.
var errMore = errors.New("need more of the source")

// sniff finds a source's shape from its head; final reports whether the head is all of
// it, isLast whether it is all that can be read. It returns errMore or, if the source cannot hold orders, a *stop.
func sniff(head []byte, final, isLast bool, p *program) (*shape, *stop, error) {
	start := 0
	if len(head) < len(byteOrderMark) && !final {
		return nil, nil, errMore
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	}
	s := scanner{data: head, pos: start}
	c := s.space()
	switch {
	case s.pos == len(head) && !final:
		return nil, nil, errMore
	case s.pos == len(head) && p.fields.mapping.CSV:
		return nil, &stop{at: s.pos, start: s.pos, why: "the table is empty; one without orders has its header at least"}, nil
	case len(head) == 0:
		return nil, &stop{why: "the input is empty (0 bytes); if there are no orders, write []"}, nil
	case s.pos == len(head):
		return nil, &stop{at: s.pos, start: s.pos, why: "the input has only white space; if there are no orders, write []"}, nil
	case p.fields.mapping.CSV:
		return sniffTable(head, start, final, p)
	}
	shape := &shape{body: start}
	if c == '[' || c == '{' {
		found := shape.findUsual(head, start, final, p)
		if !found && len(head) > maxPageBytes { // white space in an array streams, too
			found = shape.findUsual(head[:maxPageBytes], start, false, p) || shape.isBlank
		}
		if !found && !final && len(head) < p.maxHead() {
			return nil, nil, errMore
		}
	}
	var err error
	switch {
	case len(p.groupBy) > 0: // a line is a part of an order
	case shape.isHeld:
		shape.byLine, err = pagewise(head, s.pos, final || isLast, p.maxHead())
	default:
		shape.byLine, err = linewise(head, start, final, p.maxHead())
	}
	return shape, nil, err
}

// twice is the error that a key has appeared before.
func twice(key string) string { return fmt.Sprintf("the key %q appears twice", key) }

// linewise reports whether a sequence is one order a line (NDJSON): the first value ends
// where its line does. If that value is not JSON, the first line must end like an object,
// or the next line start like one.
func linewise(head []byte, start int, final bool, maxHead int) (bool, error) {
	s := scanner{data: head, pos: start}
	s.space()
	first := s.pos
	if s.skip(0) {
		end := s.pos
		s.space()
		ends := bytes.IndexByte(head[end:s.pos], '\n') >= 0
		if s.pos == len(head) && !final && !ends && len(head) < maxHead {
			return false, errMore
		}
		oneLine := bytes.IndexByte(head[first:end], '\n') < 0
		return oneLine && (ends || s.pos == len(head)), nil
	}
	line, after, found := bytes.Cut(head[first:], newline)
	after = bytes.TrimLeft(after, " \t\r\n")
	if !final && (s.short || !found || len(after) == 0) {
		return false, errMore
	}
	line = bytes.TrimRight(line, " \t\r")
	return bytes.HasSuffix(line, []byte("}")) || len(after) == 0 || after[0] == '{', nil
}

// pagewise reports whether a source has one envelope or array of orders a line: the first
// ends where its line does, and another line follows.
func pagewise(head []byte, first int, final bool, maxHead int) (bool, error) {
	isAll := final || len(head) >= maxHead
	if end := first + 2*maxPageBytes; len(head) > end {
		head, isAll = head[:end], true
	}
	line, after, found := bytes.Cut(head[first:], newline)
	after = bytes.TrimLeft(after, " \t\r\n")
	switch {
	case len(line) > maxPageBytes:
		return false, nil
	case found && len(after) > 0:
	case isAll:
		return false, nil
	default:
		return false, errMore
	}
	s := scanner{data: line}
	isWhole := s.skip(0)
	s.space()
	return isWhole && s.pos == len(line), nil
}

const trailing = "more text after the end of the orders"
