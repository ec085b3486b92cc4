package orders

import (
	"bytes"
	"html"

	"process-orders/internal/columns"
	"process-orders/money"
)

// resolver reads the fields of orders whose mapping is not plain.
//
// A field may depend on several values: a phone is at the first of four paths that has
// one, and a price depends on its currency. So the reader of an order only takes the
// values that the mapping names, on its way through the order. There is a slot for each.
// At the end of a line, and of the order, the resolver makes fields of the values and
// judges the fields. The slow path, the fast path and the rows of tables differ only in
// how they find the values.
type resolver struct {
	program *program
	draft   *draft

	// found are the values of the order and of the line that is being read, by slot.
	// The fast path of plain mappings keeps values here too, by role.
	found [maxSlots]columns.Span
	// offsets are where the values start, with their quotes. The fast path does not
	// set them, as it finds no faults. For orders that are rows, see inRow.
	offsets [maxSlots]uint32
	// inRow reports whether found has the values of one row, which starts at the offset
	// row. When an order that is rows ends, found has the values of all of its rows, and
	// offsets has the offsets of the rows that they are from.
	inRow bool
	row   int
}

// clear forgets the values of the order before.
func (r *resolver) clear() {
	if r.program.plain {
		r.found[roleName] = 0 // the rest is set by each order, or not looked at
		return
	}
	clear(r.found[:r.program.slots])
}

// take keeps a value. If there are several for one slot, as in an array, it keeps the
// first that is not blank.
func (r *resolver) take(slot uint8, s columns.Span) {
	if r.program.phoneSlots>>slot&1 != 0 {
		s = r.phone(s)
	}
	at := &r.found[slot%maxSlots]
	if *at == 0 || slot < firstSlot || isBlank(r.draft.out.Text(*at)) {
		*at = s
	}
}

// takeOffset keeps the offset of a value that take will be called with.
func (r *resolver) takeOffset(slot uint8, at int) {
	if old := r.found[slot]; old == 0 || isBlank(r.draft.out.Text(old)) {
		r.offsets[slot] = uint32(at)
	}
}

// endLine resolves the line at an offset and reports whether the order has no fault so
// far.
func (r *resolver) endLine(at int) bool {
	r.resolveLine(at)
	clear(r.found[r.program.lineSlot:r.program.slots])
	return r.draft.isGood()
}

func (r *resolver) resolveLine(at int) {
	p, d := r.program, r.draft
	if r.meets(p.skipLines) >= 0 {
		return
	}
	// All are judged, as "missing" counts only if nothing else is wrong.
	var details columns.LineDetail
	item, hasItem := r.textOf(p.itemAt, roleItem, at, d.lines)
	quantity, hasQuantity := r.decimalOf(p.quantity, roleQuantity, at, d.lines)
	price, hasPrice := r.decimalOf(p.priceAt, rolePrice, at, d.lines)
	currency, hasCurrency := r.currencyOf(p.lineCurrency, d.lines)
	if !hasItem || !hasQuantity || !hasPrice || !hasCurrency {
		return
	}
	details.Quantity, details.Currency = quantity, currency
	switch p.mapping.PriceUnit {
	case Minor: // unitPrices changes it when the order's currency is known
		if why := judgeMinor(d.out.Text(price)); why != reasonNone {
			r.rejectField(p.priceAt, rolePrice, d.lines, why)
		}
	case Total: // the same
		details.Total = price
		if q, _ := money.Parse(r.quantity(details.Quantity)); q.Sign() == 0 {
			r.rejectField(p.priceAt, rolePrice, d.lines, reasonZero)
		}
	}
	if d.isGood() {
		d.out.AllLines = append(d.out.AllLines, columns.Line{Item: item, Price: price, At: uint32(at)})
		d.out.LineDetails = append(d.out.LineDetails, details)
	}
}

// quantity is a line's, which is 1 if it is missing.
func (r *resolver) quantity(s columns.Span) []byte {
	if s == 0 {
		return []byte("1")
	}
	return r.draft.out.Text(s)
}

// endOrder resolves an order and reports whether it has no fault.
func (r *resolver) endOrder(start, end int) bool {
	r.finish(start, end)
	return r.draft.isGood()
}

func (r *resolver) finish(start, end int) {
	p, d := r.program, r.draft
	d.order = columns.Order{Start: uint32(start), End: uint32(end)}
	d.phoneLost = r.losesPhone()
	if reason := r.meets(p.skip); reason >= 0 {
		d.skipped, d.fault.reason = reason+1, reasonNone
		return
	}
	// Orphan and broken rows and values of the wrong type have no phone either. Those faults are
	// reported: skipping them as "no phone" would lose orders, or hide that the
	// mapping is the wrong one.
	isOther := d.fault.reason == reasonOrphan || d.fault.reason == reasonType || d.fault.reason == reasonSyntax
	if phone, _, _ := r.pick(p.phoneAt); phone == 0 && p.mapping.NoPhone == NoPhoneSkip && !isOther {
		d.fault = fault{at: start, node: p.phone, line: -1, reason: reasonNoPhone}
		return
	}
	d.order.Phone, _ = r.textOf(p.phoneAt, rolePhone, start, -1)
	d.order.Name, _ = r.textOf(p.name, roleName, start, -1)
	d.details.ID, _, _ = r.pick(p.id)
	d.details.Time, _, _ = r.pick(p.time)
	d.details.Currency, _ = r.currencyOf(p.currency, -1)
	if p.mapping.PriceUnit != Major {
		r.unitPrices()
	}
}

// unitPrices turns the prices of the order's lines into those of one piece, in major
// units.
func (r *resolver) unitPrices() {
	d, b := r.draft, r.draft.out
	for j := d.firstLine(); j < len(b.AllLines); j++ {
		currency := d.details.Currency
		if own := b.LineDetails[j].Currency; own != 0 {
			currency = own
		}
		l := &b.AllLines[j]
		l.Price = d.append(func(arena []byte) []byte {
			code, _ := money.ParseCurrency(b.Text(currency))
			if r.program.mapping.PriceUnit == Minor {
				arena, _ = money.FromMinor(arena, b.Text(l.Price), code)
			} else {
				arena, _ = money.Unit(arena, b.Text(l.Price), r.quantity(b.LineDetails[j].Quantity), code)
			}
			return arena
		})
	}
}

// meets returns the reason of the first condition that holds, or -1.
func (r *resolver) meets(conditions []condition) int {
	for i := range conditions {
		c := &conditions[i]
		if s := r.found[c.slot%maxSlots]; s != 0 && r.holds(c, s) {
			return c.reason
		}
	}
	return -1
}

func (r *resolver) holds(c *condition, s columns.Span) bool {
	text := r.draft.out.Text(s)
	for _, value := range c.values {
		if value == "*" && (r.isText(s) && !isBlank(text) || !r.isText(s) && isSomething(text)) || value == string(text) {
			return true
		}
	}
	return false
}

// isSomething reports whether a value that is no text is more than null, false, an
// empty array or an empty object.
func isSomething(value []byte) bool {
	switch value[0] {
	case 'f', 'n':
		return false
	case '[', '{':
		return len(bytes.TrimSpace(value[1:len(value)-1])) > 0
	}
	return true
}

// isText reports whether a value was a text: then a quote comes before it.
func (r *resolver) isText(s columns.Span) bool { return r.draft.isText(s) }

// pick returns the field's first alternative that is there and not blank, and its
// slot. If there is none it returns 0, and the slot of the first that is blank.
func (r *resolver) pick(f field) (s columns.Span, slot uint8, blank bool) {
	for _, joined := range f {
		for _, one := range joined {
			value := r.found[one%maxSlots]
			if value == 0 {
				continue
			}
			if isBlank(r.draft.out.Text(value)) {
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

// join returns two texts with a space between them.
func (r *resolver) join(a, b columns.Span) columns.Span {
	out := r.draft.out
	return r.draft.append(func(arena []byte) []byte {
		arena = append(arena, out.Text(a)...)
		arena = append(arena, ' ')
		return append(arena, out.Text(b)...)
	})
}

// textOf resolves a phone, a name or an item.
func (r *resolver) textOf(f field, as role, at, line int) (columns.Span, bool) {
	s, slot, blank := r.pick(f)
	if s == 0 {
		if as == roleName {
			return 0, true
		}
		r.rejectAbsent(f, slot, blank, at, line)
		return 0, false
	}
	why, provided, d := reasonNone, true, r.draft
	switch {
	case r.isText(s):
		if as != rolePhone && r.program.mapping.HTML {
			s = r.withoutEntities(s)
		}
		// A text as JSON has it needs no judge: pick has seen that it is not blank, and
		// it cannot hold NUL.
		if uint32(s)&columns.InArena != 0 || r.program.mapping.CSV {
			provided, why = judgeText(as, d.out.Text(s), true)
		}
	case as == rolePhone:
		s, why = d.phoneOfNumber(s)
	default:
		why = reasonType
	}
	if why != reasonNone {
		r.rejectAt(slot, as, line, why)
		return 0, false
	}
	if !provided {
		return 0, true
	}
	return s, true
}

// withoutEntities is a text with its HTML entities replaced.
func (r *resolver) withoutEntities(s columns.Span) columns.Span {
	text := r.draft.out.Text(s)
	if bytes.IndexByte(text, '&') < 0 {
		return s
	}
	return r.draft.append(func(arena []byte) []byte { return append(arena, html.UnescapeString(string(text))...) })
}

// decimalOf resolves a price or a quantity. A quantity that is missing is 0.
func (r *resolver) decimalOf(f field, as role, at, line int) (columns.Span, bool) {
	s, slot, blank := r.pick(f)
	if s == 0 {
		if as == roleQuantity {
			return 0, true
		}
		r.rejectAbsent(f, slot, blank, at, line)
		return 0, false
	}
	var why reason
	if c := r.draft.out.Text(s)[0]; c != '-' && !isDigit(c) && !r.isText(s) {
		why = reasonType
	} else {
		s, why = r.draft.judgeDecimal(s)
	}
	if why != reasonNone {
		r.rejectAt(slot, as, line, why)
		return 0, false
	}
	return s, true
}

// currencyOf resolves a currency. It is 0 if it is missing.
func (r *resolver) currencyOf(f field, line int) (columns.Span, bool) {
	s, slot, _ := r.pick(f)
	if s == 0 {
		return 0, true
	}
	if why := judgeCurrency(r.draft.out.Text(s)); why != reasonNone {
		r.rejectAt(slot, roleNone, line, why)
		return 0, false
	}
	return s, true
}

// rejectAbsent notes that a field is blank or missing.
func (r *resolver) rejectAbsent(f field, slot uint8, blank bool, at, line int) {
	if blank {
		why := reasonBlank
		if r.found[slot%maxSlots] == lostPhone {
			why = reasonPhoneLost
		}
		r.rejectAt(slot, roleNone, line, why)
		return
	}
	r.draft.reject(at, r.program.leaves[f[0][0]], line, reasonMissing)
}

// rejectField notes what is wrong with the value that pick chose for a field.
func (r *resolver) rejectField(f field, as role, line int, why reason) {
	_, slot, _ := r.pick(f)
	r.rejectAt(slot, as, line, why)
}

// rejectAt notes what is wrong with the value of a slot.
func (r *resolver) rejectAt(slot uint8, as role, line int, why reason) {
	if d := r.draft; d.reject(r.offsetOf(slot), r.program.leaves[slot], line, why) {
		d.fault.as, d.fault.value = as, r.found[slot%maxSlots]
	}
}

// offsetOf returns the offset at which the value of a slot starts.
func (r *resolver) offsetOf(slot uint8) int {
	if len(r.program.groupBy) == 0 {
		return int(r.offsets[slot])
	}
	at := uint32(r.found[slot])
	switch {
	case (at&columns.InArena != 0 || at == 0) && r.inRow: // it is not in data as it is
		return r.row
	case at&columns.InArena != 0 || at == 0:
		return int(r.offsets[slot])
	case r.draft.out.Data[at-1] == '"':
		return int(at) - 1
	}
	return int(at)
}
