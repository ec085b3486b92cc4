package orders

import (
	"bytes"
	"fmt"

	"process-orders/internal/columns"
)

// orderReader reads orders as the mapping says, and finds every fault: the slow path. It
// looks at each byte once. An order that cannot be accepted is read to its end all the
// same: it must be JSON, as otherwise the start of the next one is not known.
type orderReader struct {
	scanner
	program *program
	draft   draft
	values  resolver // of mappings that are not plain
	layouts layouts

	// isAlone reports whether the value that is read next comes in place of an array.
	isAlone bool

	key  []byte       // without its escapes
	open []openObject // from the order's own inwards
	line columns.Line // being read, if the mapping is plain
	// has says which fields of the order and of the line were found.
	has [roleCount]bool
	envelopeSigns
}

// envelopeSigns are what shows that an object is no order.
type envelopeSigns struct {
	look looker
	// mayHold reports whether the object may turn out to hold orders. It does not once a
	// line of an order was found.
	mayHold bool
	// holds reports that it does: it is not read further.
	holds bool
	// isEmpty reports that an array of orders in it is empty.
	isEmpty bool
	// seen are the keys of an envelope that it had; twice is the offset of the first that
	// came again, or 0.
	seen     uint64
	twice    int
	twiceKey string
}

// openObject is an object that is being read.
type openObject struct {
	node *node
	seen uint64 // which of the node's keys it has had; of a tuple, how many elements
	// isAlone reports whether it comes in place of an array, as its only element.
	isAlone bool
}

// reset prepares the reader to read orders of data, from pos on.
func (r *orderReader) reset(p *program, b *findings, data []byte, pos int) {
	r.scanner = scanner{data: data, pos: pos}
	r.program = p
	r.draft.program, r.draft.out = p, b
	r.draft.forgetLines()
	r.values.program, r.values.draft = p, &r.draft
}

// readOrder reads the value at pos as an order. Depth is the number of containers
// around it. It returns false if the value is not JSON.
func (r *orderReader) readOrder(depth int) bool {
	p, d, start := r.program, &r.draft, r.pos
	d.reset(start)
	r.has = [roleCount]bool{}
	r.layouts.reset(start)
	r.open = r.open[:0]
	r.values.clear()
	r.envelopeSigns = envelopeSigns{look: r.look, mayHold: hasRoom(depth)}
	r.isAlone = false
	isObject := r.data[start] == '{'
	if !isObject {
		d.reject(start, p.order, -1, reasonType)
		if !r.skip(depth) {
			return false
		}
	} else if !r.object(p.order, depth+1) {
		return false
	}
	hasLines := r.has[roleLines] || !isObject || len(p.groupBy) > 0
	if p.plain {
		r.require(start, rolePhone, p.phone, -1)
		d.order.End = uint32(r.pos)
	} else if len(p.groupBy) == 0 {
		isUsual := d.isGood() && r.has[roleLines]
		r.values.lacksLines = !r.has[roleLines]
		r.values.finish(start, r.pos)
		if !isUsual { // if it were not skipped, it would be a fault
			r.layouts.stop()
		}
	}
	if !hasLines && d.skipped == 0 {
		d.fault = fault{at: start, node: p.lines, line: -1, reason: reasonNoOrder}
	}
	if r.isEmpty = r.isEmpty && r.holdsNothing(start); r.isEmpty && r.twice > 0 {
		return r.fail(r.twice, twice(r.twiceKey))
	}
	r.record(kindEnd, unread, r.pos)
	return true
}

// holdsNothing reports whether the object that was read is an envelope without orders. An
// array of orders in it is empty, and nothing in it is an order's.
func (r *orderReader) holdsNothing(start int) bool {
	p, d := r.program, &r.draft
	if d.skipped > 0 || d.lines > 0 {
		return false
	}
	if r.has[roleLines] { // which are that empty array, if orders have lines at its key
		id, _, _ := r.values.pick(p.id)
		phone, _, _ := r.values.pick(p.phoneAt)
		return r.mayHold && !r.has[rolePhone] && id == 0 && phone == 0
	}
	return r.mayHold && p.isEmpty(r.data[start:r.pos])
}

// isTwice reports whether what is wrong is no JSON's fault: an envelope has a key twice.
func (r *orderReader) isTwice() bool { return r.isEmpty && r.twice > 0 && r.errAt == r.twice }

func (r *orderReader) require(at int, role role, n *node, line int) {
	if !r.has[role] {
		r.draft.reject(at, n, line, reasonMissing)
	}
}

// object reads the object at pos and what n reads in it.
func (r *orderReader) object(n *node, depth int) bool {
	if !r.enter(depth) {
		return false
	}
	if r.space() == '}' {
		r.pos++
		return true
	}
	outer := len(r.open)
	r.open = append(r.open, openObject{node: n, isAlone: r.isAlone})
	r.isAlone = false
	for {
		at := r.pos
		key, ok := r.scanner.key()
		if !ok {
			return false
		}
		i, as := r.child(n, key), unread
		if outer == 0 && r.mayHold {
			if as, ok = r.envelope(at, key, depth); !ok {
				return false
			}
		}
		if i < 0 {
			ok = r.pass(as, depth)
		} else {
			seen := &r.open[outer].seen
			if *seen&(1<<i) != 0 {
				r.values.hasTwoIDs = r.values.hasTwoIDs || r.program.idSlots>>n.children[i].node.slot&1 != 0
				r.draft.reject(at, n.children[i].node, r.lineOf(n.children[i].node), reasonTwice)
			}
			*seen |= 1 << i
			ok = r.field(n.children[i].node, depth)
		}
		if !ok {
			return false
		}
		more, ok := r.next()
		if !ok || !more {
			r.open = r.open[:outer]
			return ok
		}
	}
}

// child returns which of n's keys this is, or -1.
func (r *orderReader) child(n *node, key text) int {
	content := r.data[key.start:key.end]
	if key.escaped {
		r.key = unescape(r.key[:0], content)
		content = r.key
	}
	for i := range n.children {
		if string(content) == n.children[i].key {
			return i
		}
	}
	return -1
}

// lineOf returns the line that a fault at n belongs to.
func (r *orderReader) lineOf(n *node) int {
	if n.inLine {
		return r.draft.lines
	}
	return -1
}

// envelope looks at a value of the object that may be an order or an envelope. It returns
// false if the object holds orders there, and what to read the value as if it is not read.
//
// No layout must let an order pass that has orders there. So the value is text or a number
// in all orders of one layout.
func (r *orderReader) envelope(at int, key text, depth int) (as *node, ok bool) {
	p, name := r.program, r.data[key.start:key.end]
	if key.escaped {
		name = r.key
	}
	to, bit, ok := p.envelopeAt(rootEnvelope, name)
	if !ok || r.pos >= len(r.data) {
		return unread, true
	}
	isLines := p.envelopes[to].isLines
	if n := p.order.find(string(name)); n != nil && n.leadsToLines && !isLines {
		return unread, true
	}
	if r.seen&bit != 0 && r.twice == 0 && isNamed(bit) {
		r.twice, r.twiceKey = at, string(name)
	}
	r.seen |= bit
	switch c := r.data[r.pos]; {
	case c == '[', c == '{':
	case c == 't', c == 'f', c == 'n':
		r.layouts.stop()
		return unread, true
	default:
		return unreadEnvelope, true
	}
	r.look.scanner, r.look.program = scanner{data: r.data, pos: r.pos}, p
	s, ok := r.look.value(to, depth, maxWrapperKeys)
	switch {
	case !ok && r.look.short:
		return unread, r.fail(len(r.data), r.look.why)
	case ok && s >= seesOrder:
		r.holds = true
		return unread, false
	case s == seesEmpty:
		r.isEmpty = true
	}
	if !isLines || r.isEmpty {
		r.layouts.stop()
	}
	return unread, true
}

// Nodes of values that the mapping does not read.
var (
	unread         = &node{}
	unreadEnvelope = &node{role: roleEnvelope} // at a key of an envelope
)

// pass passes a value that the mapping does not read.
func (r *orderReader) pass(n *node, depth int) bool {
	at, kind := r.pos, kindOther
	if at < len(r.data) {
		switch c := r.data[at]; {
		case c == '"':
			at, kind = at+1, kindText
		case isDigit(c):
			kind = kindNumber
		}
	}
	r.record(kind, n, at)
	ok := r.skip(depth)
	r.recordEnd(kind)
	return ok
}

// field reads the value at pos as what n says it is.
func (r *orderReader) field(n *node, depth int) bool {
	if r.pos >= len(r.data) {
		return r.fail(r.pos, "want a value")
	}
	c := r.data[r.pos]
	if c != 'n' && (n.role == roleLines || n.leadsToLines && n.role == roleRaw) {
		r.mayHold = r.mayHold && r.isEmpty && r.program.linesMayHold
		r.isEmpty = r.mayHold
	}
	switch {
	case c == 'n':
		return r.null(n)
	case n.role == roleObject && c == '{':
		r.mark(n)
		return r.object(n, depth+1)
	case n.role == roleObject && (c == 'f' && !n.isValueToo() || c == '[' && r.isEmptyArray()):
		r.mark(n)
		return r.skip(depth)
	case n.role == roleLines && (c == '[' || c == '{'):
		r.has[roleLines] = true
		r.mark(n)
		return r.many(n, depth)
	case n.role == roleArray && (c == '[' || c == '{' || n.each):
		if c == '[' || c == '{' {
			r.mark(n)
		}
		return r.many(n, depth)
	case n.role == roleTuple:
		return r.tuple(n, depth)
	case n.role == roleRaw, n.isValueToo() && c != '{' && c != '[':
		return r.raw(n, depth)
	case c == 'f' && (n.role == rolePhone || n.role == roleName || n.role == roleItem):
		return r.noText(n)
	case n.role == rolePhone && c == '"', n.role == roleName && c == '"', n.role == roleItem && c == '"':
		return r.string(n)
	case n.role == rolePhone && isDigit(c):
		return r.phoneNumber(n)
	case n.role == rolePrice && (c == '-' || c == '"' || isDigit(c)):
		return r.price(n)
	}
	r.has[n.role] = true // wrong, but not missing
	r.values.present |= r.program.marked & (1 << n.slot)
	r.draft.reject(r.pos, n, r.lineOf(n), reasonType)
	return r.skip(depth)
}

// isEmptyArray reports whether the array at pos is empty, as some systems write it for an
// object that is. Others write false.
func (r *orderReader) isEmptyArray() bool {
	inside := bytes.TrimLeft(r.data[r.pos+1:], " \t\r\n")
	return len(inside) > 0 && inside[0] == ']'
}

// many reads what an array is meant for: the array, an object whose values are its
// elements, if the mapping says so, or its only element.
func (r *orderReader) many(n *node, depth int) bool {
	switch c := r.data[r.pos]; {
	case c == '[':
		return r.elements(n, depth+1)
	case c == '{' && n.isKeyed:
		r.layouts.stop() // its keys are other ones in each order
		return r.keyed(n, depth+1)
	}
	outer := r.isAlone
	r.isAlone = true
	ok := r.element(n, depth)
	r.isAlone = outer
	return ok
}

// keyed reads an object and what n reads in each of its values.
func (r *orderReader) keyed(n *node, depth int) bool {
	if !r.enter(depth) {
		return false
	}
	if r.space() == '}' {
		r.pos++
		return true
	}
	for {
		if _, ok := r.scanner.key(); !ok || !r.element(n, depth) {
			return false
		}
		if more, ok := r.next(); !ok || !more {
			return ok
		}
	}
}

// tuple reads an array of which each element has a meaning of its own. What is no array
// counts as the first element.
func (r *orderReader) tuple(n *node, depth int) bool {
	isAlone := r.data[r.pos] != '['
	outer := len(r.open)
	r.open = append(r.open, openObject{node: n, isAlone: isAlone})
	ok := r.tupleElements(n, depth, isAlone)
	r.open = r.open[:outer]
	return ok
}

func (r *orderReader) tupleElements(n *node, depth int, isAlone bool) bool {
	if isAlone {
		return r.tupleElement(n, 0, depth)
	}
	if !r.enter(depth + 1) {
		return false
	}
	if r.space() == ']' {
		r.pos++
		return true
	}
	for i := 0; ; i++ {
		r.open[len(r.open)-1].seen = uint64(i)
		if !r.tupleElement(n, i, depth+1) {
			return false
		}
		if more, ok := r.nextElement(); !ok || !more {
			return ok
		}
	}
}

func (r *orderReader) tupleElement(n *node, i, depth int) bool {
	for _, c := range n.children {
		if c.key == fmt.Sprintf("[%d]", i) {
			return r.field(c.node, depth)
		}
	}
	return r.pass(unread, depth)
}

// elements reads an array and what n reads in each element.
func (r *orderReader) elements(n *node, depth int) bool {
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
		if more, ok := r.nextElement(); !ok || !more {
			return ok
		}
	}
}

func (r *orderReader) element(n *node, depth int) bool {
	ok := r.elementValue(n, depth)
	if n.ends != 0 {
		r.values.endElements(n.ends)
		r.layouts.end(n.ends)
	}
	return ok
}

func (r *orderReader) elementValue(n *node, depth int) bool {
	switch {
	case n.isKeyed && r.pos < len(r.data) && r.data[r.pos] == 'n':
		return r.word("null") // an array has it for keys that are not there
	case n.role == roleLines && r.program.plain:
		return r.plainLine(n, depth)
	case n.role == roleLines:
		return r.mappedLine(n, depth)
	case r.pos >= len(r.data):
		return r.fail(r.pos, "want a value")
	case r.data[r.pos] == 'n':
		return r.null(n)
	case r.data[r.pos] == '{':
		if n.each {
			r.mark(n)
		}
		return r.object(n, depth+1)
	case n.each:
		return r.raw(n, depth)
	}
	r.draft.rejectType(r.pos, n, r.lineOf(n), roleObject)
	return r.skip(depth)
}

// null passes null, which is as good as missing, except to conditions that ask whether
// the key is there.
func (r *orderReader) null(n *node) bool {
	at := r.pos
	if r.program.nulls>>n.slot&1 == 0 {
		return r.word("null")
	}
	if n.role != roleRaw {
		r.mark(n)
		return r.word("null")
	}
	r.record(kindOther, n, at)
	ok := r.word("null")
	r.recordEnd(kindOther)
	if ok {
		r.values.mark(n.slot, at)
	}
	return ok
}

// mark notes that null, or an object or an array that is read for what is in it, starts
// at pos, if conditions look at it.
func (r *orderReader) mark(n *node) {
	if r.program.marked>>n.slot&1 == 0 {
		return
	}
	r.record(kindMark, n, r.pos)
	r.layouts.from = r.pos
	r.values.mark(n.slot, r.pos)
}

// noText passes the word false in the place of a text, which some systems write if there
// is none.
func (r *orderReader) noText(n *node) bool {
	at := r.pos
	if !r.word("false") {
		return false
	}
	if n.role != roleName {
		r.wrong(n, at, reasonBlank)
	}
	return true
}

// plainLine reads a line whose values are judged on the way.
func (r *orderReader) plainLine(n *node, depth int) bool {
	p, d, at := r.program, &r.draft, r.pos
	r.line = columns.Line{}
	r.has[roleItem], r.has[rolePrice] = false, false
	if at < len(r.data) && r.data[at] == '{' {
		if !r.object(n, depth+1) {
			return false
		}
		r.require(at, roleItem, p.item, d.lines)
		r.require(at, rolePrice, p.price, d.lines)
	} else {
		d.reject(at, n, d.lines, reasonType)
		if !r.skip(depth) {
			return false
		}
	}
	d.lines++
	r.layouts.end(endsLine)
	if d.isGood() {
		r.line.At = uint32(at)
		d.out.AllLines = append(d.out.AllLines, r.line)
	}
	return true
}

// mappedLine reads a line whose values are taken, and judged at its end.
func (r *orderReader) mappedLine(n *node, depth int) bool {
	at := r.pos
	if at >= len(r.data) || r.data[at] != '{' {
		r.draft.reject(at, n, r.draft.lines, reasonType)
		r.draft.lines++
		return r.skip(depth)
	}
	if !r.object(n, depth+1) {
		return false
	}
	r.values.endLine(at)
	r.draft.lines++
	r.layouts.end(endsLine)
	return true
}

// raw takes the value at pos as it is.
func (r *orderReader) raw(n *node, depth int) bool {
	at := r.pos
	r.values.takeOffset(n.slot, at)
	if r.data[at] == '"' {
		r.record(kindText, n, at+1)
		t, ok := r.text()
		if !ok {
			return false
		}
		r.recordEnd(kindText)
		r.values.take(n.slot, r.draft.content(t))
		return true
	}
	kind := kindOther
	if isDigit(r.data[at]) {
		kind = kindNumber
	}
	r.record(kind, n, at)
	ok := r.skip(depth)
	r.recordEnd(kind)
	if ok {
		r.values.take(n.slot, columns.NewSpan(at, r.pos))
	}
	return ok
}

// string reads a phone, a name or an item.
func (r *orderReader) string(n *node) bool {
	at := r.pos
	r.record(kindText, n, at+1)
	t, ok := r.text()
	if !ok {
		return false
	}
	r.recordEnd(kindText)
	content := r.draft.content(t)
	provided, why := judgeText(n.role, r.draft.out.Text(content), t.escaped)
	if provided {
		r.set(n.role, content)
	}
	if why != reasonNone {
		r.wrong(n, at, why)
	}
	return true
}

// phoneNumber reads a phone that is written as a number.
func (r *orderReader) phoneNumber(n *node) bool {
	at := r.pos
	r.record(kindNumber, n, at)
	num, ok := r.number()
	if !ok {
		return false
	}
	r.recordEnd(kindNumber)
	phone, why := r.draft.phoneOfNumber(columns.NewSpan(num.start, num.end))
	if why != reasonNone {
		r.wrong(n, at, why)
		return true
	}
	r.set(rolePhone, phone)
	return true
}

// price reads a price: a number, or a string that holds one.
func (r *orderReader) price(n *node) bool {
	at := r.pos
	var value, price columns.Span
	var why reason
	if r.data[at] == '"' {
		r.record(kindText, n, at+1)
		t, ok := r.text()
		if !ok {
			return false
		}
		r.recordEnd(kindText)
		value = r.draft.content(t)
		price, why = r.draft.judgeDecimal(value)
	} else {
		r.record(kindNumber, n, at)
		num, ok := r.number()
		if !ok {
			return false
		}
		r.recordEnd(kindNumber)
		price, why = r.draft.judgeNumber(columns.NewSpan(num.start, num.end), num.exponent)
	}
	if why != reasonNone {
		if r.wrong(n, at, why) {
			r.draft.fault.value = value
		}
		return true
	}
	r.set(rolePrice, price)
	return true
}

// wrong notes a fault of the value at an offset, which is there and so not missing.
// It reports whether this is the fault that counts so far.
func (r *orderReader) wrong(n *node, at int, why reason) bool {
	r.has[n.role] = true
	return r.draft.reject(at, n, r.lineOf(n), why)
}

func (r *orderReader) set(role role, s columns.Span) {
	r.has[role] = true
	switch role {
	case rolePhone:
		r.draft.order.Phone = s
	case roleName:
		r.draft.order.Name = s
	case roleItem:
		r.line.Item = s
	case rolePrice:
		r.line.Price = s
	}
}
