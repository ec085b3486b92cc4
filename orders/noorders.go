package orders

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// nothing is what a cursor knows of a source in which it has not found an order yet. What is
// no order is held back until the first order comes: if none comes, the source is refused
// as a whole.
type nothing struct {
	hasOrders bool
	first     *Reject // of what is no order
	held      []*Reject
	heldBytes int
}

// maxHeldBytes is how much is held back. What comes behind it goes to Options.Reject before
// it is known whether the source has orders.
const maxHeldBytes = 1 << 20

// hasOrders reports whether there are orders among findings: good ones, skipped ones, or
// such with a fault.
func (p *program) hasOrders(b *findings) bool {
	if len(b.All) > 0 {
		return true
	}
	for i := range b.skipped {
		if b.skipped[i].orders > 0 {
			return true
		}
	}
	for i := range b.faults {
		if !p.isNoOrder(&b.faults[i]) {
			return true
		}
	}
	return false
}

// hold holds a reject back that is no order.
func (c *cursor) hold(r *Reject) error {
	if c.first == nil {
		c.first = r
	} else if c.options.Reject == nil {
		return nil // the first one is the error, if it is one at all
	}
	c.held = append(c.held, r)
	if c.heldBytes += len(r.Text); c.heldBytes > maxHeldBytes && c.options.Reject != nil {
		return c.passHeld()
	}
	return nil
}

// release passes on what was held back, as the source is not refused for it.
func (c *cursor) release() error {
	c.hasOrders = true
	return c.passHeld()
}

func (c *cursor) passHeld() error {
	held := c.held
	c.held = nil
	for _, r := range held {
		c.totals.Rejected++
		if err := c.pass(r); err != nil {
			return err
		}
	}
	return nil
}

// refusal is the error of a source that was read to its end and has something in it, but no
// order.
func (c *cursor) refusal() error {
	if c.hasOrders || c.first == nil {
		return nil
	}
	place := c.first.Place
	place.Order = 0
	return &SyntaxError{
		Place: place, NoOrders: true, excerpt: c.first.Excerpt(),
		Reason: "no orders: " + c.program.diagnose(c.first.Text),
	}
}

// diagnose says what a value is that is no order and, if it is known, the way out.
func (p *program) diagnose(text []byte) string {
	if text[0] != '{' {
		return "want an object, got " + typeOf(text)
	}
	w := walker{scanner: scanner{data: text}, program: p}
	w.object(nil, rootEnvelope, 1)
	lines := p.lines.path
	if len(p.groupBy) > 0 {
		lines = p.leaves[p.groupBy[0][0]].path
	}
	switch {
	case w.isEmpty:
		return "{} holds none; if there are none, write []"
	case w.isError:
		return errorAnswer
	case w.array.count > 0:
		return found(&w.array, fmt.Sprintf("an array of %s is", objects(w.array.count)), "")
	case w.keyed.count > 0:
		return found(&w.keyed, fmt.Sprintf("an object of %s is", objects(w.keyed.count)), "{}")
	case w.isMessage:
		return errorAnswer
	case w.null != "":
		return w.null + " is null"
	case w.empty.isShown && w.empty.path != "":
		return found(&w.empty, "an empty array is", "")
	}
	return fmt.Sprintf("this object has no %q, where the mapping reads an order", lines)
}

const errorAnswer = "this is the error answer of an API"

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// found says where something is that may be the orders.
func found(s *spot, what, suffix string) string {
	if !s.isShown {
		return what + " in this one"
	}
	path := s.path + suffix
	if s.path == "" {
		what = strings.TrimSuffix(what, " is")
		return fmt.Sprintf("%s is the whole of it: if these are the orders, say orders = %q in a mapping", what, path)
	}
	return fmt.Sprintf("%s at %q: if these are the orders, say orders = %q in a mapping", what, s.path, path)
}

// isEmpty reports whether an object that has an empty array of orders says nothing more: it
// has no errors, and no orders elsewhere.
func (p *program) isEmpty(text []byte) bool {
	w := walker{scanner: scanner{data: text}, program: p}
	w.object(nil, rootEnvelope, 1)
	return w.orders == "" && !w.isError
}

// A walker goes through a document that is no order, and notes what it may be instead.
type walker struct {
	scanner
	program *program

	// isError reports whether it has errors, isMessage whether it has what error answers
	// have, and other answers too.
	isEmpty, isError, isMessage bool
	null                        string // the path of a null where orders are usual
	array, keyed                spot   // of the most objects
	empty                       spot   // the first empty array
	orders                      string // the path of an array or object of orders
}

// A spot is where several objects are.
type spot struct {
	path    string
	isShown bool // no key of the path can be personal
	count   int
}

// maxWalk is how deep a walker looks.
const maxWalk = 8

// object goes through the object at pos, which is JSON.
func (w *walker) object(path []string, e uint16, depth int) {
	w.pos++
	if w.space() == '}' {
		w.pos++
		w.isEmpty = len(path) == 0
		return
	}
	signs := map[string]bool{}
	values, objects := 0, 0
	first := 0
	for more := true; more; more, _ = w.next() {
		key, _ := w.key()
		name := string(unescape(nil, w.data[key.start:key.end]))
		at := w.pos
		if values++; w.data[at] == '{' {
			if objects++; objects == 1 {
				first = at
			}
		}
		to, _, isEnvelope := w.program.envelopeAt(e, []byte(name))
		if !isEnvelope {
			to = rootEnvelope
		}
		w.value(append(path[:len(path):len(path)], name), to, isEnvelope, depth)
		text := w.data[at:w.pos]
		signs[name] = isSomething(text) && string(text) != `""` && string(text) != "0"
	}
	if len(path) < 2 {
		w.isError = w.isError || isErrorAnswer(signs)
		w.isMessage = w.isMessage || isMessage(signs)
	}
	if objects == values && (len(path) > 0 || objects > 1 || w.hasLines(first)) {
		s := newSpot(path, objects)
		if hasLines := w.hasLines(first); hasLines && w.orders == "" {
			w.orders = cmp.Or(s.path, "{}")
			w.keyed = s
		}
	}
}

// value goes through the value at pos.
func (w *walker) value(path []string, e uint16, isEnvelope bool, depth int) {
	switch c := w.data[w.pos]; {
	case c == '{' && depth < maxWalk:
		w.object(path, e, depth+1)
		return
	case c == '[':
		w.list(path, depth)
		return
	case c == 'n' && isEnvelope && w.null == "":
		w.null = strings.Join(path, ".")
	}
	w.skip(depth)
}

// list goes through the array at pos.
func (w *walker) list(path []string, depth int) {
	w.pos++
	if w.space() == ']' {
		w.pos++
		if w.empty.path == "" {
			w.empty = newSpot(path, 0)
		}
		return
	}
	first, count := w.pos, 0
	for {
		if w.data[w.pos] == '{' {
			count++
		}
		w.skip(depth)
		if w.space() == ']' {
			break
		}
		w.pos++
		w.space()
	}
	w.pos++
	if s := newSpot(path, count); count > w.array.count {
		w.array = s
	}
	if count > 0 && w.orders == "" && w.hasLines(first) {
		w.orders = strings.Join(path, ".")
		w.array = newSpot(path, count)
	}
}

// hasLines reports whether the value at an offset is an order, by its lines, or holds one.
func (w *walker) hasLines(at int) bool {
	if at == 0 || w.data[at] != '{' {
		return false
	}
	l := looker{scanner: scanner{data: w.data, pos: at}, program: w.program}
	s, _ := l.value(rootEnvelope, 0, 1)
	return s >= seesOrder
}

func newSpot(path []string, count int) spot {
	s := spot{isShown: true, count: count}
	for _, key := range path {
		s.isShown = s.isShown && isPublic(key)
	}
	if s.path = strings.Join(path, "."); !s.isShown {
		s.path = "…"
	}
	return s
}

// maxPublicBytes is how long a key of a document can be that a message shows.
const maxPublicBytes = 40

// isPublic reports whether a key looks like one that a program chose, and so is no data.
func isPublic(key string) bool {
	for i, c := range []byte(key) {
		isLetter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !isLetter && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return key != "" && len(key) <= maxPublicBytes
}

// isErrorAnswer reports whether an object with these keys, of which some have more than
// nothing, is what APIs answer if something is wrong.
func isErrorAnswer(has map[string]bool) bool {
	return hasOne(has, "error", "errors", "Error", "Errors", "fault", "Fault", "faultstring", "faultString", "faultcode",
		"error_description", "error_message", "errorMessage", "error_code", "errorCode", "exception", "errorMessages")
}

// isMessage reports whether an object with these keys has a message, and a code or little
// else.
func isMessage(has map[string]bool) bool {
	if !hasOne(has, "message", "Message", "title", "detail", "msg", "description") {
		return false
	}
	for _, key := range []string{"code", "Code", "status", "statusCode", "status_code", "type", "success", "ok"} {
		if _, ok := has[key]; ok {
			return true
		}
	}
	return len(has) <= 2
}

func hasOne(has map[string]bool, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return has[key] })
}
