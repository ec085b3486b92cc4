package orders

import (
	"bytes"
	"html"

	"process-orders/money"
)

// Reading an order of a mapping that is not plain.
//
// What a field is may be told only by several values: a phone by the first of
// four places that has one, a price by its currency. So the reader takes down, on
// its way through the order, where each value stands that the mapping names,
// without judging it; there is a slot for each. At the end of a line, and of the
// order, the fields are resolved from the slots. That is the same for the quick
// way and the careful way, which differ in how they come by the values.

// resolver is what a reader needs for that.
type resolver struct {
	details orderDetails
	// skipped is why the order is passed over, by the reason's number + 1.
	skipped int
	// lineBegin is the number of the order's first line in the batch.
	lineBegin int
	// places are where the values of the slots begin, with their quotes. The
	// quick way does without.
	places [maxSlots]uint32
}

// clear begins an order.
func (r *reader) clear() {
	if r.program.plain {
		r.found[roleName] = 0 // all else is there, or is not looked at
		return
	}
	clear(r.found[:r.program.slots])
	r.skipped = 0
	if len(r.program.groupBy) == 0 {
		r.lineBegin = len(r.batch.lines)
	}
}

// take takes a value down. Of several for one slot, as in an array, the first
// counts that is not blank.
func (r *reader) take(slot uint8, s Span) {
	at := &r.found[slot%maxSlots]
	if *at == 0 || slot < firstSlot || isBlank(r.batch.Text(*at)) {
		*at = s
	}
}

// raw takes the value at pos down.
func (r *reader) raw(n *node, depth int) bool {
	at := r.pos
	if old := r.found[n.slot]; old == 0 || isBlank(r.batch.Text(old)) {
		r.places[n.slot] = uint32(at)
	}
	if r.data[at] == '"' {
		r.learn(kindText, n, at+1)
		t, ok := r.text()
		if !ok {
			return false
		}
		r.learnt(kindText)
		r.take(n.slot, r.meaning(t))
		return true
	}
	kind := kindOther
	if isDigit(r.data[at]) {
		kind = kindNumber
	}
	r.learn(kind, n, at)
	ok := r.skip(depth)
	r.learnt(kind)
	if ok {
		r.take(n.slot, newSpan(at, r.pos))
	}
	return ok
}

// rawLine reads a line whose values are taken down.
func (r *reader) rawLine(n *node, depth int) bool {
	at := r.pos
	if at >= len(r.data) || r.data[at] != '{' {
		r.reject(at, n, r.lines, reasonType)
		r.lines++
		return r.skip(depth)
	}
	if !r.object(n, depth+1) {
		return false
	}
	r.endLine(at)
	r.lines++
	r.habits.ended++
	return true
}

// endLine resolves a line, of which at is a place, and returns whether the order
// has no fault so far.
func (r *reader) endLine(at int) bool {
	r.resolveLine(at)
	clear(r.found[r.program.lineSlot:r.program.slots])
	return r.fault.reason == reasonNone
}

func (r *reader) resolveLine(at int) {
	p := r.program
	if r.meets(p.skipLines) >= 0 {
		return
	}
	item, ok := r.textOf(p.itemAt, roleItem, at, r.lines)
	if !ok {
		return
	}
	var d lineDetails
	if d.quantity, ok = r.decimalOf(p.quantity, roleQuantity, at, r.lines); !ok {
		return
	}
	price, ok := r.decimalOf(p.priceAt, rolePrice, at, r.lines)
	if !ok {
		return
	}
	if d.currency, ok = r.currencyOf(p.lineCurrency, r.lines); !ok {
		return
	}
	switch p.mapping.PriceUnit {
	case Minor: // waits for the currency
		if bytes.IndexByte(r.batch.Text(price), '.') >= 0 {
			r.rejectField(p.priceAt, rolePrice, r.lines, reasonMinor)
		}
	case Total:
		d.total = price
		quantity := []byte("1")
		if d.quantity != 0 {
			quantity = r.batch.Text(d.quantity)
		}
		price = r.append(func(arena []byte) []byte {
			arena, ok = money.Unit(arena, r.batch.Text(d.total), quantity)
			return arena
		})
		if !ok {
			r.rejectField(p.priceAt, rolePrice, r.lines, reasonZero)
		}
	}
	if r.fault.reason == reasonNone {
		r.batch.lines = append(r.batch.lines, line{item, price, uint32(at)})
		r.batch.lineDetails = append(r.batch.lineDetails, d)
	}
}

// endOrder resolves an order and returns whether it has no fault.
func (r *reader) endOrder(start, end int) bool {
	r.finish(start, end)
	return r.fault.reason == reasonNone
}

func (r *reader) finish(start, end int) {
	p := r.program
	r.order = order{start: uint32(start), end: uint32(end)}
	if reason := r.meets(p.skip); reason >= 0 {
		r.skipped, r.fault.reason = reason+1, reasonNone
		return
	}
	// A row whose order is not there has no phone either, and is not to be lost; and
	// what is built otherwise is no such order at all.
	other := r.fault.reason == reasonOrphan || r.fault.reason == reasonType
	if phone, _, _ := r.pick(p.phoneAt); phone == 0 && p.mapping.SkipNoPhone && !other {
		r.fault = fault{at: start, where: p.phone, line: -1, reason: reasonNoPhone}
		return
	}
	r.order.phone, _ = r.textOf(p.phoneAt, rolePhone, start, -1)
	r.order.name, _ = r.textOf(p.name, roleName, start, -1)
	r.details.id, _, _ = r.pick(p.id)
	r.details.time, _, _ = r.pick(p.time)
	r.details.currency, _ = r.currencyOf(p.currency, -1)
	if p.mapping.PriceUnit == Minor {
		r.major()
	}
}

// major turns the prices of the order's lines into major units.
func (r *reader) major() {
	b := r.batch
	for j := r.lineBegin; j < len(b.lines); j++ {
		currency := r.details.currency
		if own := b.lineDetails[j].currency; own != 0 {
			currency = own
		}
		l := &b.lines[j]
		l.price = r.append(func(arena []byte) []byte {
			arena, _ = money.FromMinor(arena, b.Text(l.price), b.Text(currency))
			return arena
		})
	}
}

// meets returns the reason of the first condition that holds, or -1.
func (r *reader) meets(conditions []condition) int {
	for i := range conditions {
		c := &conditions[i]
		if s := r.found[c.slot%maxSlots]; s != 0 && r.holds(c, s) {
			return c.reason
		}
	}
	return -1
}

func (r *reader) holds(c *condition, s Span) bool {
	text := r.batch.Text(s)
	for _, value := range c.values {
		if value == "*" && (r.isText(s) && !isBlank(text) || !r.isText(s) && isSomething(text)) || value == string(text) {
			return true
		}
	}
	return false
}

// isSomething says whether a value that is no text is more than nothing.
func isSomething(value []byte) bool {
	switch value[0] {
	case 'f', 'n':
		return false
	case '[', '{':
		return len(bytes.TrimSpace(value[1:len(value)-1])) > 0
	}
	return true
}

// isText says whether a value was a text, which is told by the quote before it.
func (r *reader) isText(s Span) bool {
	at := uint32(s)
	return at&inArena != 0 || r.program.mapping.CSV || r.batch.data[at-1] == '"'
}

// pick returns the field's first alternative that is there and not blank, or else
// 0; and its slot, or that of the first which is there and blank.
func (r *reader) pick(f field) (s Span, slot uint8, blank bool) {
	for _, joined := range f {
		for _, one := range joined {
			value := r.found[one%maxSlots]
			if value == 0 {
				continue
			}
			if isBlank(r.batch.Text(value)) {
				if !blank {
					slot, blank = one, true
				}
				continue
			}
			switch {
			case s == 0:
				s, slot = value, one
			case !r.isText(s):
				return s, slot, false // only texts are joined
			case !r.isText(value):
				return value, one, false
			default:
				s = r.join(s, value)
			}
		}
		if s != 0 {
			return s, slot, false
		}
	}
	return 0, slot, blank
}

// join is two texts with a space between them.
func (r *reader) join(a, b Span) Span {
	return r.append(func(arena []byte) []byte {
		arena = append(arena, r.batch.Text(a)...)
		arena = append(arena, ' ')
		return append(arena, r.batch.Text(b)...)
	})
}

// textOf resolves a phone, a name or an item.
func (r *reader) textOf(f field, as role, at, line int) (Span, bool) {
	s, slot, blank := r.pick(f)
	switch {
	case s == 0 && as == roleName:
		return 0, true
	case s == 0:
		r.rejectAbsent(f, slot, blank, at, line)
		return 0, false
	case !r.isText(s) && (as != rolePhone || !isWhole(r.batch.Text(s))):
		r.rejectAt(slot, as, line, reasonType)
		return 0, false
	}
	if as != rolePhone && r.program.mapping.HTML && bytes.IndexByte(r.batch.Text(s), '&') >= 0 {
		s = r.append(func(arena []byte) []byte {
			return append(arena, html.UnescapeString(string(r.batch.Text(s)))...)
		})
		if isBlank(r.batch.Text(s)) {
			if as == roleName {
				return 0, true
			}
			r.rejectAt(slot, as, line, reasonBlank)
			return 0, false
		}
	}
	if (uint32(s)&inArena != 0 || r.program.mapping.CSV) && bytes.IndexByte(r.batch.Text(s), 0) >= 0 {
		r.rejectAt(slot, as, line, reasonNUL)
		return 0, false
	}
	return s, true
}

// isWhole says whether a value that is no text is a whole number, not negative.
func isWhole(value []byte) bool {
	for _, c := range value {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// decimalOf resolves a price or a quantity. A quantity that is not there is 0.
func (r *reader) decimalOf(f field, as role, at, line int) (Span, bool) {
	s, slot, blank := r.pick(f)
	if s == 0 {
		if as != roleQuantity {
			r.rejectAbsent(f, slot, blank, at, line)
		}
		return 0, as == roleQuantity
	}
	value, isText := r.batch.Text(s), r.isText(s)
	if !isText && value[0] != '-' && !isDigit(value[0]) {
		r.rejectAt(slot, as, line, reasonType)
		return 0, false
	}
	inner := scanner{data: value}
	var num number
	ok := value[0] == '-' || isDigit(value[0])
	if ok {
		num, ok = inner.number()
	}
	if !ok || num.end < len(value) {
		r.rejectAt(slot, as, line, reasonPrice)
		return 0, false
	}
	if s, ok = r.writtenOut(s, num.exponent); !ok {
		r.rejectAt(slot, as, line, reasonDigits)
	}
	return s, ok
}

// currencyOf resolves a currency: three letters, or 0 where nothing is said.
func (r *reader) currencyOf(f field, line int) (Span, bool) {
	s, slot, _ := r.pick(f)
	if s == 0 {
		return 0, true
	}
	code := r.batch.Text(s)
	for _, c := range code {
		if c |= 0x20; c < 'a' || c > 'z' {
			code = nil
		}
	}
	if len(code) != 3 {
		r.rejectAt(slot, roleNone, line, reasonCurrency)
		return 0, false
	}
	return s, true
}

// rejectAbsent says that a field is blank or missing.
func (r *reader) rejectAbsent(f field, slot uint8, blank bool, at, line int) {
	if blank {
		r.rejectAt(slot, roleNone, line, reasonBlank)
		return
	}
	r.reject(at, r.program.leaves[f[0][0]], line, reasonMissing)
}

// rejectField says what is wrong with the value that was picked for a field.
func (r *reader) rejectField(f field, as role, line int, why reason) {
	_, slot, _ := r.pick(f)
	r.rejectAt(slot, as, line, why)
}

func (r *reader) rejectAt(slot uint8, as role, line int, why reason) {
	at := r.placeOf(slot)
	r.reject(at, r.program.leaves[slot], line, why)
	if r.fault.at == at {
		r.fault.as = as
	}
}
