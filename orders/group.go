package orders

import "bytes"

// Orders that are several values.
//
// Some exports write an order as rows that follow each other: the rows of a
// table, of which each holds one line, or an object for the order and one more
// for each line. Which rows belong together is told by a key in each of them. So
// an order ends where a row with another key begins, or the source ends.

// grouper is what a reader knows of the order whose rows it reads.
type grouper struct {
	open     bool
	start    int // of its first row
	end      int // of its last row so far
	groupKey []byte
	kept     [maxSlots]Span // its values, of all rows
	keptRow  [maxSlots]int  // where the rows begin that have them
	rowStart int
	rowFault fault // of the row that was read, by itself
}

// rows scans orders that are rows.
func (r *reader) rows(p *piece) {
	b := r.batch
	r.open = false
	defer r.dropOpen()
	for {
		r.betweenRows()
		start := r.pos
		if start == len(r.data) {
			if p.final || p.cutAfter {
				r.closeGroup()
				b.rest = start
			}
			return
		}
		if result := r.row(p); result != whole {
			if result != unfinished { // what is before the row is whole
				r.closeGroup()
			}
			r.haltFor(result, start)
			return
		}
		r.group(start)
		if r.end-r.start > MaxOrderBytes {
			r.dropOpen()
			r.haltFor(tooLarge, r.start)
			return
		}
	}
}

// dropOpen forgets an order whose end is not in sight: it will be read again, with
// what follows.
func (r *reader) dropOpen() {
	if r.open {
		r.open = false
		r.drop()
	}
}

// betweenRows passes what may stand between rows.
func (r *reader) betweenRows() {
	if !r.program.mapping.CSV {
		r.space()
		return
	}
	for r.pos < len(r.data) && (r.data[r.pos] == '\n' || r.data[r.pos] == '\r') {
		r.pos++
	}
}

// row reads one row and takes down its values.
func (r *reader) row(p *piece) outcome {
	r.rowStart = r.pos
	if r.program.mapping.CSV {
		return r.record(p)
	}
	// The faults of the rows before are the order's, to which this row may not
	// belong.
	before := r.fault
	result := r.bounded(p)
	if result == whole {
		result = r.alone(r.rowStart, p)
	}
	r.rowFault, r.fault = r.fault, before
	return result
}

// group adds the row that was read, and began at start, to the order that it
// belongs to.
func (r *reader) group(start int) {
	p := r.program
	key, alternative := Span(0), 0
	for i := range p.groupBy {
		if key, _, _ = r.pick(p.groupBy[i : i+1]); key != 0 {
			alternative = i
			break
		}
	}
	if !r.open || key == 0 || !bytes.Equal(r.batch.Text(key), r.groupKey) {
		var row [maxSlots]Span
		copy(row[:p.slots], r.found[:p.slots])
		r.closeGroup()
		copy(r.found[:p.slots], row[:p.slots])
		r.batch.rest = start
		r.fault = r.rowFault
		r.open, r.start = true, start
		r.groupKey = append(r.groupKey[:0], r.batch.Text(key)...)
		clear(r.kept[:p.slots])
		r.lines, r.lineBegin = 0, len(r.batch.lines)
		if key != 0 && alternative < len(p.groupBy)-1 {
			r.rejectAt(p.groupBy[alternative][0], roleNone, -1, reasonOrphan)
		}
	} else if r.fault.reason == reasonNone || r.fault.reason == reasonMissing && r.rowFault.reason != reasonNone {
		r.fault = r.rowFault
	}
	r.end = r.pos
	for slot := int(firstSlot); slot < p.lineSlot; slot++ {
		if now := r.found[slot]; now != 0 {
			if old := r.kept[slot]; old == 0 || isBlank(r.batch.Text(old)) {
				r.kept[slot], r.keptRow[slot] = now, start
			}
		}
	}
	item, _, _ := r.pick(p.itemAt)
	isLine := item != 0
	if len(p.groupBy) > 1 {
		price, _, _ := r.pick(p.priceAt)
		isLine = isLine && price != 0 && alternative < len(p.groupBy)-1
	}
	if isLine {
		r.resolveLine(start)
		r.lines++
	}
}

// closeGroup ends the order whose rows were read.
func (r *reader) closeGroup() {
	if !r.open {
		return
	}
	r.open = false
	copy(r.found[:r.program.slots], r.kept[:r.program.slots])
	r.skipped = 0
	r.finish(r.start, r.end)
	r.commit()
	r.batch.rest = r.end
}

// placeOf is where the value of a slot begins.
func (r *reader) placeOf(slot uint8) int {
	if len(r.program.groupBy) == 0 {
		return int(r.places[slot])
	}
	at := uint32(r.found[slot])
	switch {
	case (at&inArena != 0 || at == 0) && r.open:
		return r.rowStart
	case at&inArena != 0 || at == 0: // of the order that ends, whose rows were before
		return r.keptRow[slot]
	case r.data[at-1] == '"':
		return int(at) - 1
	}
	return int(at)
}
