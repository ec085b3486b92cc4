package orders

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// An expectation is what may come next in a source.
type expectation uint8

const (
	expectFirst    expectation = iota // an order or the end of the array
	expectOrder                       // an order, after a comma
	expectAfter                       // a comma or the end of the array, after an order
	expectClosed                      // what follows the array
	expectSequence                    // an order or the end, if the orders are not in an array
)

// shape is how a source holds its orders.
type shape struct {
	expect expectation // at the start of the orders
	// body is the offset in the source where the orders start.
	body int
	// depth is the number of containers around an order.
	depth int
	// wrapper is the path of the array, if it is in an object.
	wrapper []string
	// byLine reports whether each line is one order, so that a line that is not JSON can
	// be rejected alone.
	byLine bool

	table tableShape // if the mapping is of tables
	note  string     // what somebody should know of the source: see Totals.Notes
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
//
// The limit of an order is also that of what an object may have before its array of
// orders, and after it: both are kept in memory until their end is found.
func (p *program) maxHead() int { return p.limit + 1 }

const byteOrderMark = "\xef\xbb\xbf"

// errMore says that the head of a source is not enough to find its shape.
var errMore = errors.New("need more of the source")

// sniff finds a source's shape from its head; final reports whether the head is all of
// it. It returns errMore or, if the source cannot hold orders, a *stop.
func sniff(head []byte, final bool, p *program) (*shape, *stop, error) {
	start := 0
	if len(head) < len(byteOrderMark) && !final {
		return nil, nil, errMore
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	} else if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, &stop{why: "this is UTF-16; convert the file to UTF-8 first, for example with iconv -f UTF-16 -t UTF-8"}, nil
	}
	s := scanner{data: head, pos: start}
	c := s.space()
	switch {
	case s.pos == len(head) && !final:
		return nil, nil, errMore
	case len(head) == 0:
		return nil, &stop{why: "the input is empty (0 bytes); if there are no orders, write []"}, nil
	case s.pos == len(head):
		return nil, &stop{at: s.pos, start: s.pos, why: "the input has only white space; if there are no orders, write []"}, nil
	case p.fields.mapping.CSV:
		return sniffTable(head, start, final, p)
	case len(p.groupBy) > 0 && c == '[':
		return nil, &stop{at: s.pos, start: s.pos, why: "this mapping reads one row per line, but the input is a JSON array"}, nil
	case len(p.groupBy) > 0:
		return &shape{expect: expectSequence, body: start}, nil, nil
	case c == '[':
		return &shape{expect: expectFirst, body: s.pos + 1, depth: 1}, nil, nil
	case c == '{':
		f := arrayFinder{scanner: &s, order: p.order}
		switch found, err := f.find(p.wrappers, nil, final); {
		case err != nil || f.twice != nil:
			return nil, f.twice, err
		case found:
			return &shape{expect: expectFirst, body: s.pos, depth: len(f.path) + 1, wrapper: f.path}, nil, nil
		}
	}
	byLine, err := linewise(head, start, final, p.maxHead())
	return &shape{expect: expectSequence, body: start, byLine: byLine}, nil, err
}

// arrayFinder looks for the array of orders in a document that is one object.
type arrayFinder struct {
	*scanner
	order *node
	// path is the path of the array that was found.
	path []string
	// twice is the error that one of the path's keys has appeared before.
	twice *stop
	// broken reports whether something is not JSON.
	broken bool
}

// find looks in the object at pos, which is at that path, for an array at any of the
// wrappers, and goes to the start of the array. If the object ends first, or has one of an
// order's own keys first, there is no array: the object is an order itself.
func (f *arrayFinder) find(wrappers [][]string, path []string, final bool) (found bool, err error) {
	f.pos++
	if f.space() == '}' {
		f.pos++
		return false, nil
	}
	var seen []string
	for {
		at := f.pos
		key, ok := f.key()
		if !ok {
			break
		}
		name := string(unescape(nil, f.data[key.start:key.end]))
		isArray, below := within(wrappers, name)
		first := byte(0)
		if f.pos < len(f.data) {
			first = f.data[f.pos]
		}
		here := append(path[:len(path):len(path)], name)
		switch {
		case isArray && first == '[':
			if slices.Contains(seen, name) {
				f.twice = twice(at, name)
			}
			f.pos++
			f.path = here
			return true, nil
		case len(below) > 0 && first == '{' && len(here) < maxWrapperKeys:
			if found, err := f.find(below, here, final); found || err != nil {
				if slices.Contains(seen, name) {
					f.twice = twice(at, name)
				}
				return found, err
			}
			ok = !f.broken
		case len(path) == 0 && f.order.find(name) != nil:
			return false, nil
		default:
			ok = f.skip(len(here))
		}
		if !ok {
			break
		}
		seen = append(seen, name)
		more, ok := f.next()
		if !ok {
			break
		} else if !more {
			return false, nil
		}
	}
	f.broken = true
	if f.short && !final {
		return false, errMore
	}
	return false, nil // not JSON: the scan will say where
}

// maxWrapperKeys is how many keys the path of an array of orders can have.
const maxWrapperKeys = 8

// within returns what is left of the wrappers in the value of a key: whether that is the
// array itself, and the rest of the paths that go through it.
func within(wrappers [][]string, key string) (isArray bool, below [][]string) {
	for _, w := range wrappers {
		switch {
		case w[0] != key:
		case len(w) == 1:
			isArray = true
		default:
			below = append(below, w[1:])
		}
	}
	return isArray, below
}

// twice is the error that a key has appeared before.
func twice(at int, key string) *stop {
	return &stop{at: at, start: at, why: fmt.Sprintf("the key %q appears twice", key)}
}

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

// around checks what follows the array of orders: the other members of the objects that
// it is in, and the end. Text is everything behind the array.
func around(text []byte, wrapper []string) *stop {
	s := scanner{data: text}
	for level := len(wrapper); level > 0; {
		switch s.space() {
		case ',':
			s.pos++
			s.space()
		case '}':
			s.pos++
			level--
			continue
		default:
			return &stop{at: s.pos, why: "want ',' or '}' after a value of an object"}
		}
		at := s.pos
		key, ok := s.key()
		if ok && string(unescape(nil, text[key.start:key.end])) == wrapper[level-1] {
			return twice(at, wrapper[level-1])
		}
		if !ok || !s.skip(level) {
			return &stop{at: s.errAt, why: s.why}
		}
	}
	if s.space(); s.pos < len(text) {
		return &stop{at: s.pos, why: trailing}
	}
	return nil
}

const trailing = "more text after the end of the orders"
