package orders

import (
	"bytes"
	"unicode/utf8"
)

// reader reads orders as a mapping says into a batch. It looks at every byte
// once. An order that is JSON but no order is read to its end all the same, as
// it must be JSON to the end for the one after it to be found.
type reader struct {
	scanner
	program *program
	batch   *Batch

	scratch []byte // a key without its escapes

	order order
	lines int  // of this order, so far
	line  line // being read
	// has says which fields of the order and of the line were found.
	has   [roleCount]bool
	fault fault // the order's first, if its reason is one

	// found are the values of the order and of the line that is being read, by
	// slot, or by role where the mapping is plain.
	found [maxSlots]Span
	resolver
	grouper

	habits habits
	marks  marks
}

// readOrder reads the value at pos as an order. Depth is the number of
// containers around it. It returns false where the value is not JSON.
func (r *reader) readOrder(depth int) bool {
	start := r.pos
	r.order = order{start: uint32(start)}
	r.lines = 0
	r.has = [roleCount]bool{}
	r.fault.reason = reasonNone
	r.habits.begin(start)
	r.clear()
	if r.data[start] != '{' {
		r.reject(start, r.program.order, -1, reasonType)
		if !r.skip(depth) {
			return false
		}
	} else if !r.object(r.program.order, depth+1) {
		return false
	}
	if r.program.plain {
		r.require(start, rolePhone, r.program.phone, -1)
		r.require(start, roleLines, r.program.lines, -1)
		r.order.end = uint32(r.pos)
	} else if len(r.program.groupBy) == 0 {
		good := r.fault.reason == reasonNone && r.has[roleLines]
		r.finish(start, r.pos)
		if r.skipped == 0 && r.fault.reason != reasonNoPhone {
			r.require(start, roleLines, r.program.lines, -1)
		}
		if !good { // one that is not passed over is a fault at this place
			r.habits.at = nil
		}
	}
	r.learn(kindEnd, nobody, r.pos)
	return true
}

// commit keeps the order that was read, or its fault.
func (r *reader) commit() {
	b := r.batch
	if r.skipped > 0 {
		b.skip(r.skipped-1, int(r.order.start))
		r.drop()
	} else if r.fault.reason == reasonNone {
		o := b.newOrder()
		o.start, o.end, o.phone, o.name = r.order.start, r.order.end, r.order.phone, r.order.name
		o.lines, o.number = uint32(len(b.lines)), uint32(b.count)
		if !r.program.plain {
			b.orderDetails = append(b.orderDetails, r.details)
		}
	} else {
		r.fault.start, r.fault.end = int(r.order.start), int(r.order.end)
		r.fault.number = b.count
		b.faults = append(b.faults, r.fault)
		r.drop()
	}
	b.count++
}

// drop forgets the lines of an order that is not kept. A row that is not kept has
// none, and those of the rows before it are the order's.
func (r *reader) drop() {
	if r.open {
		return
	}
	kept := uint32(0)
	if n := len(r.batch.orders); n > 0 {
		kept = r.batch.orders[n-1].lines
	}
	r.batch.cutLines(int(kept))
}

// reject notes what is wrong with the order: what comes first in it, but that
// something is missing only where nothing else is wrong.
func (r *reader) reject(at int, where *node, line int, why reason) {
	if r.fault.reason == reasonNone || why != reasonMissing && at < r.fault.at {
		r.fault = fault{at: at, where: where, line: line, reason: why}
	}
}

func (r *reader) require(at int, role role, where *node, line int) {
	if !r.has[role] {
		r.reject(at, where, line, reasonMissing)
	}
}

// object reads the object at pos and what n reads in it.
func (r *reader) object(n *node, depth int) bool {
	if !r.enter(depth) {
		return false
	}
	if r.space() == '}' {
		r.pos++
		return true
	}
	open := len(r.habits.frames)
	r.habits.frames = append(r.habits.frames, frame{node: n})
	for {
		at := r.pos
		key, ok := r.key()
		if !ok {
			return false
		}
		if i := r.child(n, key); i < 0 {
			ok = r.pass(depth)
		} else {
			seen := &r.habits.frames[open].seen
			if *seen&(1<<i) != 0 {
				r.reject(at, n.children[i].node, r.lineNow(n.children[i].node), reasonTwice)
			}
			*seen |= 1 << i
			ok = r.field(n.children[i].node, depth)
		}
		if !ok {
			return false
		}
		more, ok := r.next()
		if !ok || !more {
			r.habits.frames = r.habits.frames[:open]
			return ok
		}
	}
}

// pass passes a value that nobody reads.
func (r *reader) pass(depth int) bool {
	at, kind := r.pos, kindOther
	if at < len(r.data) {
		switch c := r.data[at]; {
		case c == '"':
			at, kind = at+1, kindText
		case isDigit(c):
			kind = kindNumber
		}
	}
	r.learn(kind, nobody, at)
	ok := r.skip(depth)
	r.learnt(kind)
	return ok
}

// nobody is the node of values that nobody reads.
var nobody = &node{}

// child is which of n's keys this is, or -1.
func (r *reader) child(n *node, key text) int {
	content := r.data[key.start:key.end]
	if key.escaped {
		r.scratch = unescape(r.scratch[:0], content)
		content = r.scratch
	}
	for i := range n.children {
		if string(content) == n.children[i].key {
			return i
		}
	}
	return -1
}

// lineNow is the line that a fault at n belongs to.
func (r *reader) lineNow(n *node) int {
	if n.inLine {
		return r.lines
	}
	return -1
}

// field reads the value at pos as what n says it is.
func (r *reader) field(n *node, depth int) bool {
	if r.pos >= len(r.data) {
		return r.fail(r.pos, "want a value")
	}
	c := r.data[r.pos]
	switch {
	case c == 'n':
		return r.literal("null") // as good as not there
	case n.role == roleObject && c == '{':
		return r.object(n, depth+1)
	case n.role == roleLines && c == '[':
		r.has[roleLines] = true
		return r.elements(n, depth+1)
	case n.role == roleArray && c == '[':
		return r.elements(n, depth+1)
	case n.role == roleRaw:
		return r.raw(n, depth)
	case n.role == rolePhone && c == '"', n.role == roleName && c == '"', n.role == roleItem && c == '"':
		return r.string(n)
	case n.role == rolePhone && isDigit(c):
		return r.phoneNumber(n)
	case n.role == rolePrice && (c == '-' || c == '"' || isDigit(c)):
		return r.price(n)
	}
	r.has[n.role] = true // wrong, but not missing
	r.reject(r.pos, n, r.lineNow(n), reasonType)
	return r.skip(depth)
}

// elements reads an array of which each element is read.
func (r *reader) elements(n *node, depth int) bool {
	if !r.enter(depth) {
		return false
	}
	if r.space() == ']' {
		r.pos++
		return true
	}
	for {
		if !r.element(n, depth) {
			return false
		}
		switch r.space() {
		case ',':
			r.pos++
			r.space()
		case ']':
			r.pos++
			return true
		default:
			return r.fail(r.pos, "want ',' or ']' after a value of an array")
		}
	}
}

func (r *reader) element(n *node, depth int) bool {
	switch {
	case n.role == roleLines:
		return r.readLine(n, depth)
	case r.pos >= len(r.data):
		return r.fail(r.pos, "want a value")
	case r.data[r.pos] == 'n':
		return r.literal("null") // as good as not there
	case r.data[r.pos] == '{':
		return r.object(n, depth+1)
	case n.slot > 0:
		return r.raw(n, depth)
	}
	r.reject(r.pos, n, r.lineNow(n), reasonType)
	return r.skip(depth)
}

func (r *reader) readLine(n *node, depth int) bool {
	at := r.pos
	if !r.program.plain {
		return r.rawLine(n, depth)
	}
	r.line = line{}
	r.has[roleItem], r.has[rolePrice] = false, false
	if at < len(r.data) && r.data[at] == '{' {
		if !r.object(n, depth+1) {
			return false
		}
		r.require(at, roleItem, r.program.item, r.lines)
		r.require(at, rolePrice, r.program.price, r.lines)
	} else {
		r.reject(at, n, r.lines, reasonType)
		if !r.skip(depth) {
			return false
		}
	}
	r.lines++
	r.habits.ended++
	if r.fault.reason == reasonNone {
		r.line.at = uint32(at)
		r.batch.lines = append(r.batch.lines, r.line)
	}
	return true
}

// string reads a phone or a name. One that is blank is not provided.
func (r *reader) string(n *node) bool {
	at := r.pos
	r.learn(kindText, n, at+1)
	t, ok := r.text()
	if !ok {
		return false
	}
	r.learnt(kindText)
	content := r.meaning(t)
	b := r.batch.Text(content)
	if isBlank(b) {
		if n.role != roleName {
			r.has[n.role] = true
			r.reject(at, n, r.lineNow(n), reasonBlank)
		}
		return true
	}
	if t.escaped && bytes.IndexByte(b, 0) >= 0 {
		r.reject(at, n, r.lineNow(n), reasonNUL)
	}
	r.set(n.role, content)
	return true
}

// meaning is a string's text, without its escapes.
func (r *reader) meaning(t text) Span {
	if !t.escaped {
		return newSpan(t.start, t.end)
	}
	return r.append(func(arena []byte) []byte { return unescape(arena, r.data[t.start:t.end]) })
}

// append adds a text to the arena.
func (r *reader) append(add func([]byte) []byte) Span {
	b := r.batch
	from := len(b.arena)
	b.arena = add(b.arena)
	return newSpan(from, len(b.arena)) | inArena
}

// isBlank says whether there is nothing but white space (Unicode's) in b.
func isBlank(b []byte) bool {
	if len(b) > 0 && b[0] > ' ' && b[0] < utf8.RuneSelf {
		return false
	}
	return len(bytes.TrimSpace(b)) == 0
}

func (r *reader) set(role role, s Span) {
	r.has[role] = true
	switch role {
	case rolePhone:
		r.order.phone = s
	case roleName:
		r.order.name = s
	case roleItem:
		r.line.item = s
	case rolePrice:
		r.line.price = s
	}
}

// phoneNumber reads a phone that is written as a number: its digits.
func (r *reader) phoneNumber(n *node) bool {
	r.learn(kindNumber, n, r.pos)
	num, ok := r.number()
	if !ok {
		return false
	}
	r.learnt(kindNumber)
	if num.point || num.exponent {
		r.has[rolePhone] = true
		r.reject(num.start, n, -1, reasonType)
		return true
	}
	r.set(rolePhone, newSpan(num.start, num.end))
	return true
}

// price reads a price: a number, or a string that holds one.
func (r *reader) price(n *node) bool {
	at := r.pos
	if r.data[at] == '"' {
		r.learn(kindText, n, at+1)
		t, ok := r.text()
		if ok {
			r.learnt(kindText)
			r.priceText(n, at, t)
		}
		return ok
	}
	r.learn(kindNumber, n, at)
	num, ok := r.number()
	if ok {
		r.learnt(kindNumber)
		r.judge(n, at, newSpan(num.start, num.end), num.exponent)
	}
	return ok
}

func (r *reader) priceText(n *node, at int, t text) {
	content := r.meaning(t)
	inner := scanner{data: r.batch.Text(content)}
	if isBlank(inner.data) {
		r.has[rolePrice] = true
		r.reject(at, n, r.lineNow(n), reasonBlank)
		return
	}
	var num number
	ok := inner.data[0] == '-' || isDigit(inner.data[0])
	if ok {
		num, ok = inner.number()
	}
	if !ok || num.end < len(inner.data) {
		r.has[rolePrice] = true
		r.reject(at, n, r.lineNow(n), reasonPrice)
		return
	}
	r.judge(n, at, content, num.exponent)
}

// judge keeps a price that is a decimal.
func (r *reader) judge(n *node, at int, s Span, exponent bool) {
	s, ok := r.writtenOut(s, exponent)
	if !ok {
		r.has[rolePrice] = true
		r.reject(at, n, r.lineNow(n), reasonDigits)
		return
	}
	r.set(rolePrice, s)
}

// writtenOut is a number without exponent. It is not ok where that is too long.
func (r *reader) writtenOut(s Span, exponent bool) (Span, bool) {
	var v verdict
	written := r.append(func(arena []byte) []byte {
		arena, v = decimal(arena, r.batch.Text(s), exponent)
		return arena
	})
	if v == decimalWritten {
		return written, true
	}
	return s, v != decimalTooLong
}
