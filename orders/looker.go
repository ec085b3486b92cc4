package orders

// sight is what a looker sees at a path.
type sight uint8

const (
	seesNothing  sight = iota
	seesEmpty          // an empty array where orders are usual
	seesOrder          // an order
	seesEnvelope       // an object that holds orders
	seesKeyed          // an object whose values are orders
	seesArray          // an array of orders
)

// A looker looks ahead: it tells envelopes from orders. Whichever comes first in an object
// decides: the lines of an order or, at a path of an envelope, orders.
//
// Where the mapping says that orders are, an array is one of orders, whatever is in it.
// Elsewhere one of its elements must have lines.
type looker struct {
	scanner
	program *program
	key     []byte
}

// value looks at the value at pos, which is at the path of an envelope. If it sees nothing,
// or nothing but empty arrays, it passes the value.
func (l *looker) value(e uint16, depth, levels int) (sight, bool) {
	switch {
	case l.pos >= len(l.data):
		return seesNothing, l.fail(l.pos, "want a value")
	case levels == 0:
	case l.data[l.pos] == '[':
		return l.array(e, depth+1, levels-1)
	case l.data[l.pos] == '{':
		return l.object(e, depth+1, levels-1)
	}
	return seesNothing, l.skip(depth)
}

// array looks at the array at pos.
func (l *looker) array(e uint16, depth, levels int) (sight, bool) {
	env := &l.program.envelopes[e]
	if !l.enter(depth) {
		return seesNothing, false
	}
	if l.space(); l.pos >= len(l.data) {
		return seesNothing, l.fail(l.pos, "want a value")
	}
	mayHold := env.isNamed || env.isUsual
	switch {
	case l.data[l.pos] == ']':
		l.pos++
		if env.isNamed || env.isForOrders {
			return seesEmpty, true
		}
		return seesNothing, true
	case env.isNamed && !env.isLines:
		return seesArray, true
	}
	// The first orders may be without lines, as those that were cancelled often are. Pages
	// may come in an array too, and be empty.
	found := seesEmpty
	for {
		s, ok := seesNothing, true
		isScalar := l.pos < len(l.data) && l.data[l.pos] != '{' && l.data[l.pos] != '[' && l.data[l.pos] != 'n'
		if mayHold {
			s, ok = l.element(env, depth, levels)
		} else {
			ok = l.skip(depth)
		}
		switch {
		case !ok:
			return seesNothing, false
		case s >= seesOrder:
			return seesArray, true
		}
		found = min(found, s)
		mayHold = mayHold && !isScalar
		if more, ok := l.nextElement(); !ok {
			return seesNothing, false
		} else if !more {
			return found, true
		}
	}
}

// element looks at an element of an array that may be one of orders.
func (l *looker) element(env *envelope, depth, levels int) (sight, bool) {
	start := l.pos
	s, ok := l.value(rootEnvelope, depth, max(1, levels))
	if ok && s == seesNothing && env.isLines && l.data[start] == '{' {
		end := l.pos
		l.pos = start
		if !l.has(depth, l.program.itemKeys) {
			l.pos = start
			if l.has(depth, l.program.orderKeys) {
				return seesOrder, true
			}
		}
		l.pos = end
	}
	return s, ok
}

// has reports whether the object at pos, which is JSON, has one of the keys.
func (l *looker) has(depth int, keys map[string]bool) bool {
	l.pos++
	if l.space() == '}' {
		return false
	}
	for more := true; more; {
		key, _ := l.scanner.key()
		l.key = unescape(l.key[:0], l.data[key.start:key.end])
		if keys[string(l.key)] {
			return true
		}
		l.skip(depth)
		more, _ = l.next()
	}
	return false
}

// object looks at the object at pos.
func (l *looker) object(e uint16, depth, levels int) (sight, bool) {
	env := &l.program.envelopes[e]
	if !l.enter(depth) {
		return seesNothing, false
	}
	if l.space(); l.pos >= len(l.data) {
		return seesNothing, l.fail(l.pos, "want a key in double quotes")
	}
	switch {
	case l.data[l.pos] == '}':
		l.pos++
		if env.isNamed {
			return seesEmpty, true
		}
		return seesNothing, true
	case env.isKeyed:
		return seesKeyed, true
	}
	found := seesNothing
	for first := true; ; first = false {
		s, ok := l.member(e, first && e != rootEnvelope, depth, levels)
		switch {
		case !ok:
			return seesNothing, false
		case s >= seesOrder:
			return s, true
		case s == seesEmpty:
			found = seesEmpty
		}
		if more, ok := l.next(); !ok || !more {
			return found, ok
		}
	}
}

// member looks at the member at pos of the object at the path e, and returns what it makes
// of the object. Only the first member shows whether an object has orders as its values.
func (l *looker) member(e uint16, mayBeKeyed bool, depth, levels int) (sight, bool) {
	p := l.program
	key, ok := l.scanner.key()
	if !ok {
		return seesNothing, false
	}
	l.key = unescape(l.key[:0], l.data[key.start:key.end])
	env, isRoot := &p.envelopes[e], e == rootEnvelope
	mayHold := isRoot || env.isNamed || env.isUsual
	line := p.order.find(string(l.key))
	to, _, isEnvelope := p.envelopeAt(e, l.key)
	first := byte(0)
	if l.pos < len(l.data) {
		first = l.data[l.pos]
	}
	var s sight
	switch {
	case isEnvelope && p.envelopes[to].isLines && isRoot:
		if s, ok = l.value(to, depth, levels); ok && s == seesNothing && first != 'n' {
			return seesOrder, true
		}
	case line != nil && line.leadsToLines && mayHold:
		has, ok := l.lines(line, depth)
		if has && ok {
			return seesOrder, true
		}
		return seesNothing, ok
	case isEnvelope:
		s, ok = l.value(to, depth, levels)
	case mayBeKeyed && mayHold && first == '{':
		return l.keyedValue(depth, levels)
	default:
		ok = l.skip(depth)
	}
	if s >= seesOrder {
		s = seesEnvelope
	}
	return s, ok
}

// keyedValue looks at the first value of an object, which is an order if all may be.
func (l *looker) keyedValue(depth, levels int) (sight, bool) {
	at := l.pos
	s, ok := l.value(rootEnvelope, depth, max(1, levels))
	if ok && s == seesOrder {
		return seesKeyed, true
	} else if ok && s > seesOrder {
		l.pos = at
		ok = l.skip(depth)
	}
	return seesNothing, ok
}

// lines reports whether the value at pos, at a key that leads to an order's lines, has
// them. If not, it passes the value.
func (l *looker) lines(n *node, depth int) (has, ok bool) {
	if l.pos >= len(l.data) {
		return false, l.fail(l.pos, "want a value")
	}
	c := l.data[l.pos]
	switch isLeaf := n.role == roleLines || n.role == roleRaw; {
	case isLeaf && c != 'n':
		return true, true
	case !isLeaf && c == '{':
		return l.linesOfObject(n, depth+1, n.isKeyed)
	case !isLeaf && c == '[':
		return l.linesOfArray(n, depth+1)
	}
	return false, l.skip(depth)
}

// linesOfObject is lines for an object; isKeyed reports whether n is of its values.
func (l *looker) linesOfObject(n *node, depth int, isKeyed bool) (has, ok bool) {
	if !l.enter(depth) {
		return false, false
	}
	if l.space() == '}' {
		l.pos++
		return false, true
	}
	for {
		key, ok := l.scanner.key()
		if !ok {
			return false, false
		}
		l.key = unescape(l.key[:0], l.data[key.start:key.end])
		switch next := n.find(string(l.key)); {
		case isKeyed && l.pos < len(l.data) && l.data[l.pos] == '{':
			has, ok = l.linesOfObject(n, depth+1, false)
		case !isKeyed && next != nil && next.leadsToLines:
			has, ok = l.lines(next, depth)
		default:
			ok = l.skip(depth)
		}
		if has || !ok {
			return has, ok
		}
		if more, ok := l.next(); !ok || !more {
			return false, ok
		}
	}
}

func (l *looker) linesOfArray(n *node, depth int) (has, ok bool) {
	if !l.enter(depth) {
		return false, false
	}
	if l.space() == ']' {
		l.pos++
		return false, true
	}
	for {
		if l.pos < len(l.data) && l.data[l.pos] == '{' {
			has, ok = l.linesOfObject(n, depth+1, false)
		} else {
			ok = l.skip(depth)
		}
		if has || !ok {
			return has, ok
		}
		if more, ok := l.nextElement(); !ok || !more {
			return false, ok
		}
	}
}
