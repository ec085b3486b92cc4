package orders

import (
	"bytes"
	"errors"
	"fmt"
)

// maxAroundBytes is how much may stand before and after the array of orders in
// the object that holds it: it is kept in memory until its end is seen.
const maxAroundBytes = 64 << 20

// maxHeadBytes is how much of a source is looked at to tell its shape: an order of
// the greatest size, and whether its line ends there.
const maxHeadBytes = MaxOrderBytes + 1

const byteOrderMark = "\xef\xbb\xbf"

// errMore says that the head of a source is not enough to tell its shape.
var errMore = errors.New("need more of the source")

// sniff tells a source's shape from its head; final says that the head is all
// of it. It returns errMore or, where the source can hold no orders, a *stop.
func sniff(head []byte, final bool, p *program) (*shape, *stop, error) {
	start := 0
	if len(head) < len(byteOrderMark) && !final {
		return nil, nil, errMore
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	} else if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, &stop{why: "this is UTF-16; convert the file to UTF-8 first, as with iconv -f UTF-16 -t UTF-8"}, nil
	}
	s := scanner{data: head, pos: start}
	c := s.space()
	switch {
	case s.pos == len(head) && !final:
		return nil, nil, errMore
	case len(head) == 0:
		return nil, &stop{why: "the input is empty (0 bytes); no orders at all are written []"}, nil
	case s.pos == len(head):
		return nil, &stop{at: s.pos, start: s.pos, why: "the input holds nothing but white space; no orders at all are written []"}, nil
	case c == '[':
		return &shape{state: stateFirst, body: s.pos + 1, depth: 1}, nil, nil
	case c == '{':
		body, twice, err := s.findArray(p, final)
		switch {
		case err != nil || twice != nil:
			return nil, twice, err
		case body > 0:
			return &shape{state: stateFirst, body: body, depth: 2, wrapped: true}, nil, nil
		}
	}
	byLine, err := linewise(head, start, final)
	return &shape{state: stateSequence, body: start, byLine: byLine}, nil, err
}

// findArray looks in the object at pos for the key that holds the orders and
// returns where its array begins, or 0 where this is an order itself: it ends,
// or has one of an order's own keys, before. Twice is the error that the key
// stood there before.
func (s *scanner) findArray(p *program, final bool) (body int, twice *stop, err error) {
	s.pos++
	if s.space() == '}' {
		return 0, nil, nil
	}
	seen := false
	for {
		at := s.pos
		key, ok := s.key()
		if !ok {
			break
		}
		name := string(unescape(nil, s.data[key.start:key.end]))
		if name == p.wrapper && s.pos < len(s.data) && s.data[s.pos] == '[' {
			if seen {
				twice = p.wrapperTwice(at)
			}
			return s.pos + 1, twice, nil
		}
		seen = seen || name == p.wrapper
		if p.order.find(name) != nil {
			return 0, nil, nil
		}
		if !s.skip(1) {
			break
		}
		more, ok := s.next()
		if !ok {
			break
		} else if !more {
			return 0, nil, nil
		}
	}
	if s.short && !final {
		return 0, nil, errMore
	}
	return 0, nil, nil // not JSON: the scan will say where
}

func (p *program) wrapperTwice(at int) *stop {
	return &stop{at: at, start: at, why: fmt.Sprintf("the key %q stands twice", p.wrapper)}
}

// linewise tells whether a sequence is one order a line (NDJSON): the first
// value ends where its line does. Where that value is not JSON: the first line
// ends as an object does, or the next line begins as one.
func linewise(head []byte, start int, final bool) (bool, error) {
	s := scanner{data: head, pos: start}
	s.space()
	first := s.pos
	if s.skip(0) {
		end := s.pos
		s.space()
		ends := bytes.IndexByte(head[end:s.pos], '\n') >= 0
		if s.pos == len(head) && !final && !ends && len(head) < maxHeadBytes {
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

// around checks what follows the array of orders: its object's other members
// and the end. Text is everything from the array's end on.
func around(text []byte, p *program) *stop {
	s := scanner{data: text}
	for {
		switch s.space() {
		case ',':
			s.pos++
			s.space()
		case '}':
			s.pos++
			if s.space(); s.pos < len(text) {
				return &stop{at: s.pos, why: trailing}
			}
			return nil
		default:
			return &stop{at: s.pos, why: "want ',' or '}' after a value of an object"}
		}
		at := s.pos
		key, ok := s.key()
		if ok && string(unescape(nil, text[key.start:key.end])) == p.wrapper {
			return p.wrapperTwice(at)
		}
		if !ok || !s.skip(1) {
			return &stop{at: s.errAt, why: s.why}
		}
	}
}

const trailing = "more text after the end of the orders"
