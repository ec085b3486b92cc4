package orders

import (
	"bytes"
	"math/bits"
	"slices"

	"process-orders/internal/columns"
)

// rowGroup makes orders of rows.
//
// Some exports write an order as rows that follow each other: rows of a table with one
// line each, or an object for the order and one more for each line. A key in each row
// says which rows belong together. So an order ends where a row with another key starts,
// or where the source ends. If the key comes again later in the same table, or a child
// comes without its order, the rows are apart, and the reading ends with an [ApartError].
// In a source of joined rows a child without an order is one that has none.
type rowGroup struct {
	program *program
	draft   *draft
	values  *resolver // has the values of the row that was read last
	// joined reports whether the rows of each order were brought together. collect makes
	// the reader find rows and no orders, to bring them together.
	joined, collect bool

	isOpen bool
	start  int // of the order's first row
	end    int // of its last row so far
	key    []byte
	// parent has the key of a row that is a child. hasParent reports whether one of the rows
	// is the order's own, and no child. hasLine reports whether one is a line.
	parent             field
	hasParent, hasLine bool
	// noItem are the offsets of the rows that would be lines if they had an item: see lacksItem.
	noItem   []int
	found    [maxSlots]columns.Span // the order's values, of all rows
	offsets  [maxSlots]uint32       // of the rows that have them
	rowFault fault                  // of the row that was read last, by itself
	// endsEarly is not empty if the row that was read last ends before it could have an
	// item; it says so. tooShort is the fault of the first such row.
	endsEarly string
	tooShort  fault
	row       [maxSlots]columns.Span // scratch
	given     uint64                 // the slots whose values are not blank
	// present and something are those of the resolver, of all rows.
	present, something uint64
	// changes are times of the last change, of all rows, and hasTwoIDs is the resolver's.
	changes   []columns.Span
	hasTwoIDs bool
	// before is what was open where the order's first row starts.
	before nesting
}

// add adds the row that was read to the order that it belongs to. A row that ends before
// its item can only be the first one of an order. Behind another row it is a line below the
// table, as in "3","records", even if an order has that number.
func (g *rowGroup) add(start, end int) {
	p, d, values := g.program, g.draft, g.values
	key, alternative := g.keyOfRow()
	if g.collect {
		d.out.rows = append(d.out.rows, foundRow{start: start, end: end, key: key})
		d.out.rest = end
		return
	}
	isBlank := key == 0 && p.mapping.NoGroup == NoGroupAbove
	goesOn := g.isOpen && (isBlank || key != 0 && bytes.Equal(d.out.Text(key), g.key))
	isBelow := goesOn && g.endsEarly != "" && g.rowFault.reason == reasonNone
	if !goesOn || isBelow {
		g.open(start, key)
	} else if d.isGood() || d.fault.reason == reasonMissing && g.rowFault.reason != reasonNone {
		d.fault = g.rowFault
	}
	values.inRow, values.row = true, start
	g.end = end
	if !isBlank && (key == 0 || alternative == len(p.groupBy)-1) || isBelow {
		g.hasParent = true
	} else if g.parent == nil && key != 0 {
		g.parent = p.groupBy[alternative : alternative+1]
	}
	if g.rowFault.reason == reasonSyntax {
		return // its values may be in the wrong columns
	}
	if g.endsEarly != "" && g.tooShort.reason == reasonNone {
		g.tooShort = fault{at: start, node: p.order, line: -1, reason: reasonSyntax, why: g.endsEarly}
	}
	g.keep(start, key != 0 && alternative < len(p.groupBy)-1)
	g.addLines(alternative, start)
	if isBelow {
		g.close()
	}
}

// addLines adds the lines of the row that was read.
func (g *rowGroup) addLines(alternative, start int) {
	lines := 0
	for i := range g.program.sets {
		set := &g.program.sets[i]
		switch {
		case g.isLine(set, alternative):
			// The row has a byte for each of its items.
			g.values.resolveLine(set, start, start+lines)
			g.draft.lines++
			lines++
			g.hasLine = true
		case g.lacksItem(set, alternative):
			g.passWithoutItem(start)
		}
	}
	g.values.more = g.values.more[:0]
}

// keyOfRow is the key of the row that was read, and which of the mapping's paths has it.
func (g *rowGroup) keyOfRow() (key columns.Span, alternative int) {
	groupBy := g.program.groupBy
	for i := range groupBy {
		if key, _, _ := g.values.pick(groupBy[i : i+1]); key != 0 {
			if g.program.mapping.CSV {
				key = g.values.withoutBlanks(key)
			}
			return key, i
		}
	}
	return 0, 0
}

// open ends the order before and starts a new one with the row that was read.
func (g *rowGroup) open(start int, key columns.Span) {
	d, values, slots := g.draft, g.values, g.program.slots
	copy(g.row[:slots], values.found[:slots])
	present, something := values.present, values.something
	g.close()
	copy(values.found[:slots], g.row[:slots])
	values.present, values.something = present, something
	values.inRow, values.row = true, start
	d.out.rest = start
	if !g.program.mapping.CSV {
		g.before = d.out.now
	}
	d.reset(start)
	d.fault, g.tooShort.reason = g.rowFault, reasonNone
	g.isOpen, g.start = true, start
	g.key = append(g.key[:0], d.out.Text(key)...)
	g.parent, g.hasParent, g.hasLine, g.noItem = nil, false, false, g.noItem[:0]
	clear(g.found[:slots])
	g.present, g.something, g.given = 0, 0, 0
	g.changes, g.hasTwoIDs = g.changes[:0], false
}

// keep keeps the row's values that belong to the order. Values of earlier rows stay,
// unless they are blank. Rows that have one key and several ids may be of two orders, as in
// a file that was put together of those of two shops. The id of a child is its own.
func (g *rowGroup) keep(start int, isChild bool) {
	notKept := uint64(0)
	if isChild {
		notKept = g.program.idSlots
	}
	v := g.values
	g.present |= v.present
	g.something |= v.something
	g.changes = append(g.changes, v.changes...)
	g.hasTwoIDs = g.hasTwoIDs || v.hasTwoIDs && !isChild
	of := (uint64(1)<<g.program.lineSlot - 1<<firstSlot) &^ notKept
	for slots := v.empty & of &^ g.given; slots != 0; slots &= slots - 1 {
		slot := bits.TrailingZeros64(slots) % maxSlots
		g.found[slot], g.offsets[slot] = v.found[slot], uint32(start)
	}
	out := g.draft.out
	for slots := v.filled & of; slots != 0; slots &= slots - 1 {
		slot := bits.TrailingZeros64(slots) % maxSlots
		now, old := v.found[slot], g.found[slot]
		isGiven := !isBlank(out.Text(now))
		switch {
		case g.given>>slot&1 == 0:
			g.found[slot], g.offsets[slot] = now, uint32(start)
			if isGiven {
				g.given |= 1 << slot
			}
		case !isGiven || bytes.Equal(out.Text(old), out.Text(now)):
		case g.program.updatedSlots>>slot&1 != 0:
			g.changes = append(g.changes, now)
		case g.program.ownIDs>>slot&1 != 0:
			g.hasTwoIDs = true
			v.rejectAt(uint8(slot), roleNone, -1, reasonOtherID)
		}
	}
}

// isLine reports whether the row that was read has a line in that set of fields. If there
// are several paths of keys, only a child, which names its parent, has one.
func (g *rowGroup) isLine(set *lineFields, alternative int) bool {
	p := g.program
	if item, _, _ := g.values.pick(set.item); item == 0 {
		return false
	}
	if len(p.groupBy) == 1 {
		return true
	}
	price, _, _ := g.values.pick(set.price)
	if price == 0 {
		price, _, _ = g.values.pick(set.total)
	}
	return price != 0 && alternative < len(p.groupBy)-1
}

// lacksItem reports whether the row that was read has an amount in that set of fields and no
// item: what it costs is missing in all that is made of the order. An amount that all rows have
// in common says nothing of the row, and 0 is missing nowhere.
func (g *rowGroup) lacksItem(set *lineFields, alternative int) bool {
	p, v := g.program, g.values
	if len(p.groupBy) > 1 && alternative == len(p.groupBy)-1 {
		return false // only children are lines
	}
	if item, _, _ := v.pick(set.item); item != 0 {
		return false
	}
	return slices.ContainsFunc([]field{set.price, set.total, set.paid}, func(f field) bool {
		amount, slot, _ := v.pick(f)
		return amount != 0 && slot < maxSlots && !isZero(v.draft.out.Text(amount))
	})
}

// passWithoutItem notes that the row that was read has no item, unless the mapping leaves it out.
func (g *rowGroup) passWithoutItem(start int) {
	if reason := g.values.meets(g.program.skipLines); reason >= 0 {
		g.draft.leaveOut(reason)
		return
	}
	if n := len(g.noItem); n == 0 || g.noItem[n-1] != start { // a row may have several lines
		g.noItem = append(g.noItem, start)
	}
}

// close ends the order whose rows were read, and commits it.
func (g *rowGroup) close() {
	if !g.isOpen {
		return
	}
	p, d, values := g.program, g.draft, g.values
	slots := p.slots
	g.isOpen = false
	copy(values.found[:slots], g.found[:slots])
	copy(values.offsets[:slots], g.offsets[:slots])
	values.present, values.something = g.present, g.something
	values.inRow = false
	d.skipped = 0
	changes, hasTwoIDs := values.changes, values.hasTwoIDs // of the row that was read last
	values.changes, values.hasTwoIDs = g.changes, g.hasTwoIDs
	group := foundGroup{start: g.start, orphan: !g.hasParent}
	if len(g.key) > 0 {
		group.key = hashOfKey(g.key)
	}
	d.out.groups = append(d.out.groups, group)
	if g.hasParent {
		g.closeOrder()
	} else {
		g.orphans()
	}
	values.changes, values.hasTwoIDs = changes, hasTwoIDs
	d.out.rest = g.end
}

// closeOrder ends an order, which may be none.
func (g *rowGroup) closeOrder() {
	p, d := g.program, g.draft
	if p.mapping.CSV && !g.hasLine && d.isGood() {
		d.fault = g.noLine()
	}
	g.values.lacksLines = !p.mapping.CSV && len(g.key) == 0 && !g.hasLine
	g.values.finish(g.start, g.end)
	if p.mapping.CSV && isLostID(g.key) {
		d.skipped = 0 // as these may be several orders
		_, slot, _ := g.values.pick(p.groupBy)
		g.values.rejectAt(slot, roleNone, -1, reasonIDLost)
	}
	if g.isUnclear() {
		d.skipped = 0 // as it may be a line of an order that is not
		if d.reject(g.start, p.keyNode(), -1, reasonNoGroup) && len(p.groupBy) == 1 {
			d.fault.why = noGroupWays
		}
	}
	if g.values.lacksLines && d.skipped == 0 && !p.isNoOrder(&d.fault) {
		d.fault = fault{at: g.start, node: p.keyNode(), line: -1, reason: reasonNoOrder}
	}
	for _, at := range g.noItem {
		d.out.remark(noItem, true, uint32(d.out.count), uint32(at))
	}
	d.commit()
}

// noGroupWays are the ways out for rows with one path of a key.
const noGroupWays = ": no_group = \"above\" in the mapping makes it a line of the order above, \"alone\" an order of its own"

// isUnclear reports whether the order is a row that may be one of the order above: it has a
// line, and neither a key nor anything else that tells orders apart.
func (g *rowGroup) isUnclear() bool {
	return g.hasLine && len(g.key) == 0 && g.program.mapping.NoGroup == NoGroupUnclear && g.given&g.program.ownSlots == 0
}

// keyNode is what messages name if a row has no key.
func (p *program) keyNode() *node { return p.leaves[p.groupBy[0][0]] }

// orphans ends a group of children whose order is nowhere. Lines and amounts are missed there,
// so they are a fault. All else is passed over, as it would be in an order.
func (g *rowGroup) orphans() {
	d := g.draft
	if g.hasLine || len(g.noItem) > 0 {
		d.reset(g.start)
		d.order.End = uint32(g.end)
		if g.parent == nil { // rows without a key, below none that has one
			d.reject(g.start, g.program.keyNode(), -1, reasonOrphan)
		} else {
			_, slot, _ := g.values.pick(g.parent)
			g.values.rejectAt(slot, roleNone, -1, reasonOrphan)
		}
		d.commit()
	}
	d.dropLines()
}

// newTable notes that the row that was read is the first of a new table: its header. Rows
// of one order are in one table.
func (g *rowGroup) newTable(start, end int) {
	g.close()
	out := g.draft.out
	out.newTables = append(out.newTables, len(out.groups))
	if g.collect {
		out.rows = append(out.rows, foundRow{start: start, end: end, header: true})
	}
	out.rest = end
}

// noLine is what is wrong with an order without a line, if that is no order: a line below
// the table, as in "3 records downloaded".
func (g *rowGroup) noLine() fault {
	if g.tooShort.reason == reasonNone && !g.values.hasPhone() && g.program.mapping.NoPhone == NoPhoneItems {
		return fault{at: g.start, node: g.program.order, line: -1, reason: reasonSyntax, why: "no order: it has no item and no phone"}
	}
	return g.tooShort
}

// goesOn reports whether a row with that key belongs to the order whose rows were read.
func (g *rowGroup) goesOn(key []byte) bool {
	return g.isOpen && len(g.key) > 0 && bytes.Equal(g.key, key)
}

// drop forgets an order that does not end in the data: it will be read again, with what
// follows.
func (g *rowGroup) drop() {
	if g.isOpen {
		g.isOpen = false
		g.draft.out.now = g.before
		g.draft.dropLines()
	}
}
