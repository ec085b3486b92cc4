package orders

import (
	"bytes"
	"slices"
	"strings"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
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
	// filled has the slots of the row's values that are not empty, empty those of the others.
	// A slot in filled may have an empty value all the same.
	filled, empty uint64

	// present has the slots whose key is there without a value that was taken: with null,
	// or with an object or an array that is read for what is in it. something has those of
	// the objects and arrays that are not empty.
	present, something uint64
	// more are the values of the line after the first, of slots of which all count.
	// lastOffset is that of the value that take will be called with.
	more       []moreValue
	lastOffset uint32
	crowd      crowd
	// changes are more times of the last change than those in found, of the order or of the
	// row that is being read.
	changes []columns.Span
	// hasTwoIDs reports whether the order has more than one id, so that none is known.
	hasTwoIDs bool
	// hasLost reports whether a phone lost its digits, in this order or in one before.
	hasLost bool
	// lacksLines reports whether the order that ends has none of the mapping's arrays of
	// lines.
	lacksLines bool
}

// moreValue is another value of a slot.
type moreValue struct {
	slot   uint8
	span   columns.Span
	offset uint32
}

// clear forgets the values of the order before.
func (r *resolver) clear() {
	if r.program.plain {
		r.found[roleName] = 0 // the rest is set by each order, or not looked at
		return
	}
	clear(r.found[:r.program.slots])
	r.present, r.something = 0, 0
	r.more, r.changes, r.lacksLines, r.hasTwoIDs = r.more[:0], r.changes[:0], false, false
	if len(r.program.arrays) > 0 {
		r.crowd.clear(r.program, len(r.draft.out.AllLines))
	}
}

// clearRow forgets the values of the row of a table before.
func (r *resolver) clearRow() {
	clear(r.found[:r.program.slots])
	r.changes = r.changes[:0]
}

// sortRow finds which slots of the row are filled.
func (r *resolver) sortRow() {
	r.filled, r.empty = 0, 0
	for slot, s := range r.found[:r.program.slots] {
		if s != 0 {
			r.filled |= 1 << slot
		}
	}
}

// take keeps a value. If there are several for one slot, as in an array, it keeps the
// first that is not blank, or all of a slot of which all count. For a name, as in
// [7,"Ann"], it keeps the first text.
func (r *resolver) take(slot uint8, s columns.Span) {
	slot %= maxSlots
	if r.program.phoneSlots>>slot&1 != 0 || r.found[slot] != 0 && slot >= firstSlot {
		r.choose(slot, s)
		return
	}
	r.found[slot] = s // nearly always
}

// choose is take for a phone, or for a value that is not the slot's first.
func (r *resolver) choose(slot uint8, s columns.Span) {
	if r.program.phoneSlots>>slot&1 != 0 {
		s = r.phone(s)
	}
	at := &r.found[slot]
	switch {
	case *at == 0 || isBlank(r.draft.out.Text(*at)), r.wantsText(slot) && r.isText(s):
		*at = s
	case r.program.every>>slot&1 != 0:
		r.more = append(r.more, moreValue{slot, s, r.lastOffset})
	case r.program.updatedSlots>>slot&1 != 0:
		r.changes = append(r.changes, s)
	}
}

// takeOffset keeps the offset of a value that take will be called with.
func (r *resolver) takeOffset(slot uint8, at int) {
	r.lastOffset = uint32(at)
	if old := r.found[slot]; old == 0 || isBlank(r.draft.out.Text(old)) || r.wantsText(slot) && r.draft.out.Data[at] == '"' {
		r.offsets[slot] = uint32(at)
	}
}

// wantsText reports whether the value that was taken for a slot is no text, and should be
// one.
func (r *resolver) wantsText(slot uint8) bool {
	return r.program.textSlots>>slot&1 != 0 && !r.isText(r.found[slot])
}

// mark notes that the key of a slot is there, with what starts at an offset: null, or an
// object or an array that is read for what is in it. It returns false if it is none of
// these.
func (r *resolver) mark(slot uint8, at int) bool {
	data := r.draft.out.Data
	if at >= len(data) || data[at] != '{' && data[at] != '[' && data[at] != 'n' {
		return false
	}
	bit := uint64(1) << slot
	r.present |= bit
	if data[at] != 'n' {
		inner := scanner{data: data, pos: at + 1}
		if c := inner.space(); c != '}' && c != ']' {
			r.something |= bit
		}
	}
	return true
}

// end resolves what ends at an offset, and reports whether the order has no fault so far.
func (r *resolver) end(ends uint8, at int) bool {
	isGood := ends&endsLine == 0 || r.endLine(at)
	r.endElements(ends) // a line ends before what it is in
	return isGood
}

// endLine resolves the line at an offset and reports whether the order has no fault so
// far.
func (r *resolver) endLine(at int) bool {
	r.resolveLine(&r.program.sets[0], at, at)
	r.clearLine()
	return r.draft.isGood()
}

// clearLine forgets the values of a line.
func (r *resolver) clearLine() {
	clear(r.found[r.program.lineSlot:r.program.slots])
	r.more = r.more[:0]
	before := uint64(1)<<r.program.lineSlot - 1
	r.present &= before
	r.something &= before
}

// resolveLine makes a line of the values of one set of fields. What is missing is missing
// at the offset at; position is an offset that no other line has.
func (r *resolver) resolveLine(f *lineFields, at, position int) {
	p, d := r.program, r.draft
	if reason := r.meets(p.skipLines); reason >= 0 {
		d.leaveOut(reason)
		return
	}
	if !p.switches.slow && r.usualLine(f, position) {
		return
	}
	quantity, ok := r.quantityOf(f)
	if ok && !p.mapping.KeepRefunds && isNegative(d.out.Text(quantity)) {
		d.leaveOut(p.refund)
		return
	}
	var a amounts
	d.written = money.Currency{}
	a.total, ok = r.amountOf(f.total)
	if quantity != 0 && isZero(d.out.Text(quantity)) {
		isNothing := a.total == 0 && !p.mapping.KeepRefunds
		if isNothing || a.total != 0 && isZero(d.out.Text(a.total)) {
			d.leaveOut(p.zero)
			return
		}
		if a.total != 0 {
			r.rejectField(f.total, rolePrice, d.lines, reasonZero)
		}
	}
	// All are judged, as "missing" counts only if nothing else is wrong.
	item, _ := r.textOf(f.item, roleItem, at, d.lines)
	price := a.total
	if price == 0 && ok {
		price = r.priceOf(f, at)
	}
	a.paid, _ = r.amountOf(f.paid)
	a.divisor = r.divisorOf(f, at)
	currency, _ := r.currencyOf(f.currency, d.lines)
	if !d.written.IsNone() {
		currency = r.writtenCurrency(f, currency)
	}
	if !d.isGood() {
		return
	}
	d.out.AddLine(columns.Line{Item: item, Price: price, At: uint32(position)}, columns.LineDetail{Quantity: quantity, Currency: currency})
	if p.computes {
		d.amounts = append(d.amounts, a)
	}
	if p.mapping.KeepRefunds && isNegative(d.out.Text(quantity)) {
		d.out.HasRefunds = true
	}
}

// endOrder resolves an order and reports whether it has no fault.
func (r *resolver) endOrder(start, end int) bool {
	r.finish(start, end)
	return r.draft.isGood()
}

func (r *resolver) finish(start, end int) {
	p, d := r.program, r.draft
	d.order = columns.Order{Start: uint32(start), End: uint32(end)}
	r.crowd.restore(r)
	d.phoneLost = r.losesPhone()
	d.details = columns.NoDetail
	r.customer(start) // also of an order that is skipped, as an erasure finds it by its phone
	if reason := r.meets(p.skip); reason >= 0 {
		d.skip(reason)
	}
	r.resolveDetails()
}

// resolveDetails resolves what is known of an order beside who placed it.
func (r *resolver) resolveDetails() {
	p, d := r.program, r.draft
	id, slot, why := r.idOf()
	switch {
	case d.skipped > 0 && (why != reasonNone || r.hasTwoIDs):
		// nobody knows which order is skipped
	case why != reasonNone:
		r.rejectAt(slot, roleNone, -1, why)
	default:
		d.details.ID = id
	}
	d.order.Time, _, _ = r.pick(p.time)
	r.readUpdated()
	if d.skipped > 0 {
		return // the rest does not matter, nor what is wrong with it
	}
	d.details.Region, _, _ = r.pick(p.region)
	d.details.Currency, _ = r.currencyOf(p.currency, -1)
	if p.computes && d.isGood() {
		r.computePrices()
	}
}

// readUpdated reads when the order last changed: the latest of all times that are there and
// can be read.
func (r *resolver) readUpdated() {
	d := r.draft
	d.details.Updated, d.updated = timestamp.None, timestamp.Read
	for _, slot := range r.program.updated {
		r.readChange(r.found[slot%maxSlots])
	}
	for _, s := range r.changes {
		r.readChange(s)
	}
	if d.details.Updated != timestamp.None {
		d.updated = timestamp.Read
	}
}

// readChange reads one of the times at which the order changed.
func (r *resolver) readChange(s columns.Span) {
	if s == 0 || r.isNothing(s, true) {
		return
	}
	d := r.draft
	ms, reading := r.program.times.Parse(d.out.Text(s))
	d.details.Updated = max(d.details.Updated, ms)
	if reading != timestamp.Read && d.updated != timestamp.Open {
		d.updated = reading
	}
}

// idOf resolves the id. If it is none of an order, or may be that of several, why says so.
func (r *resolver) idOf() (id columns.Span, slot uint8, why reason) {
	id, slot, _ = r.pick(r.program.id)
	if id == 0 {
		return 0, 0, reasonNone
	}
	if r.program.mapping.CSV {
		text := r.draft.out.Text(id)
		if len(r.program.mapping.IDPrefixes) == 0 && isUsualID(text) && !r.program.switches.slow {
			return id, slot, reasonNone
		}
		if isLostID(text) {
			return 0, slot, reasonIDLost
		}
		from, to := withoutWrapper(text)
		id = cut(id, from, to)
	}
	id, why = r.withoutPrefix(id)
	return id, slot, why
}

// isUsualID reports whether an id of a table has nothing around it: digits, perhaps behind #.
func isUsualID(text []byte) bool {
	if len(text) > 1 && text[0] == '#' {
		text = text[1:]
	}
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// withoutPrefix is an id without the first of the mapping's prefixes that it starts with.
// It is not made blank.
func (r *resolver) withoutPrefix(id columns.Span) (columns.Span, reason) {
	text := r.draft.out.Text(id)
	if r.program.mapping.CSV {
		id = r.withoutBlanks(id)
		text = r.draft.out.Text(id)
	}
	for _, prefix := range r.program.mapping.IDPrefixes {
		if rest := len(text) - len(prefix); len(prefix) > 0 && rest > 0 && string(text[:len(prefix)]) == prefix && !isBlank(text[len(prefix):]) {
			return id.From(len(prefix)), reasonNone
		}
	}
	if i := bytes.Index(text, []byte("://")); i > 0 && slices.ContainsFunc(r.program.mapping.IDPrefixes, func(prefix string) bool { return strings.HasPrefix(prefix, string(text[:i+3])) }) {
		return 0, reasonOtherKind
	}
	return id, reasonNone
}

// withoutBlanks is a text without the blanks around it: people who write tables do not see
// them.
func (r *resolver) withoutBlanks(s columns.Span) columns.Span {
	text := r.draft.out.Text(s)
	if n := len(text); n > 0 && text[0] > ' ' && text[n-1] > ' ' {
		return s // nearly always
	}
	from := len(text) - len(bytes.TrimLeft(text, " \t"))
	return cut(s, from, from+len(bytes.Trim(text, " \t")))
}

// isText reports whether a value was a text: then a quote comes before it.
func (r *resolver) isText(s columns.Span) bool { return r.draft.isText(s) }
