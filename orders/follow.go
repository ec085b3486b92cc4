package orders

import (
	"slices"

	"process-orders/internal/columns"
)

// A run is what goAlong works on: it goes along the edges from value to value, compares the
// literals and finds where the values end.
//
// The values of a plain mapping are judged on the way, by what the bitmaps and the first
// byte show, and the columns are filled. All this is in one loop, so that the processor has
// to guess only once for each value: the edge that fits decides all the rest. If the bytes
// behind an order are those that were between two orders before, the run reads the next
// order too, without a return to its caller.
//
// Other values goAlong keeps if they are the first in their slots. It leaves the loop at each
// value behind which, or before which, there is more to do: see program.stopsAt. So it does at
// the end of an order of which more is known than its time: see fastPath.endDetailed.
//
// It has a version in assembly, follow_amd64.s.
type run struct {
	data []byte
	// bitmaps are those of data; bits are where those of texts, of numbers and of what is no
	// digit start.
	bitmaps *bitmaps
	bits    [bitsCount]*byte
	first   *vertex // at which an order starts
	found   *[maxSlots]columns.Span
	time    int  // the slot of an order's time
	hasMore bool // more is known of the order
	lines   []columns.Line
	orders  []columns.Order
	number  uint32 // of the next order
	// start is where the order starts, from where the last value starts that was met.
	start, from int
	// last and final are the greatest offsets at which a literal may be compared: in this
	// order, which may have limit bytes, and in all.
	last, final, limit int
	// gap is the literal between two orders of a container of the kind gapIn. Its size is 0
	// if it is not known.
	gap   edge
	gapIn containerKind
}

// A leave is why goAlong left the loop.
type leave uint8

const (
	leaveEnd   leave = iota // behind an order, and it cannot see that another one follows
	leaveFit                // at a vertex: no edge fits, or the data is too short for one
	leaveValue              // at a value that it cannot judge or keep: it starts at run.from
	leaveRoom               // at a vertex: there is no room for a line
)

// Bits of firstBytes.
const (
	startsAny   = 1 << iota // set for all bytes
	startsPlain             // see startsPlainly
	startsDigit             // of a time it shows that there is one
)

// firstBytes says what the first byte of a text shows.
var firstBytes = func() (all [256]uint8) {
	for c := range all {
		if all[c] = startsAny; startsPlainly(byte(c)) {
			all[c] |= startsPlain
		}
		if '0' <= c && c <= '9' {
			all[c] |= startsDigit
		}
	}
	return all
}()

// prepare prepares a run that starts at the reader's place.
func (f *run) prepare(r *orderReader, m *bitmaps) {
	b := r.draft.out
	f.data, f.bitmaps, f.first, f.found = r.data, m, r.layouts.start, &r.values.found
	f.lines, f.number = b.AllLines, uint32(b.count)
	f.orders = slices.Grow(b.All, 1)
	f.limit, f.time, f.hasMore = r.program.limit, int(r.program.timeSlot), false
	f.final = min(m.valid, len(r.data)) - aheadBytes
	for i := range f.bits {
		f.bits[i] = &m.bits[i][0]
	}
	f.startAt(r.pos)
}

// startAt starts an order.
func (f *run) startAt(pos int) {
	f.start = pos
	f.last = min(f.final, pos+f.limit-aheadBytes)
	f.found[roleName] = 0 // the rest is set by each order
}

// goAlongPortably starts at a vertex, with the literal at offset pos. It returns why it left
// the loop, the offset and the vertex that it came to, and the last edge, or nil. If it left
// at a value, the offset is where the value starts or, of a text, where its plain part ends.
//
// If no quote is where the plain part of a text ends, no edge fits.
func (f *run) goAlongPortably(pos int, at *vertex) (why leave, end int, to *vertex, last *edge) {
	m := f.bitmaps
	for pos <= f.last {
		e := at.first
		for e != nil && string(f.data[pos:][:len(e.literal)]) != e.literal {
			e = e.other
		}
		if e == nil {
			break
		}
		from, v := pos+int(e.size), e.step
		if v.ends != 0 {
			if len(f.lines) == cap(f.lines) {
				return leaveRoom, pos, at, last
			}
			f.lines = append(f.lines, columns.Line{Item: f.found[roleItem], Price: f.found[rolePrice], At: uint32(from)})
		}
		at, last, f.from, pos = e.to, e, from, from
		switch v.kind {
		case kindText:
			pos = m.next(bitsText, from)
			if firstBytes[f.data[from]]&e.starts == 0 || uint64(f.found[v.slot%maxSlots])&e.once != 0 {
				return leaveValue, pos, at, last
			}
		case kindNumber:
			end := m.next(bitsNumber, from)
			points := pointsOf(m.bits[bitsNotDigit], from, end)
			if !isPlainNumber(f.data[from], end-from, points) || points&e.noPoint != 0 ||
				uint64(f.found[v.slot%maxSlots])&e.once != 0 {
				return leaveValue, pos, at, last
			}
			pos = end
		case kindOther:
			n := wordLen(f.data[from:])
			if n == 0 {
				return leaveValue, pos, at, last
			}
			pos += n
			continue
		case kindEnd:
			if f.hasMore {
				return leaveValue, pos, at, last
			}
			f.addOrder(pos)
			if !f.startNext(pos) {
				return leaveEnd, pos, at, last
			}
			pos, at = f.start, f.first
			continue
		default:
			return leaveValue, pos, at, last
		}
		f.found[v.slot%maxSlots] = columns.NewSpan(from, pos)
	}
	return leaveFit, pos, at, last
}

// addOrder adds the order that ends at an offset to the columns.
func (f *run) addOrder(end int) {
	f.orders = append(f.orders, columns.Order{
		Start: uint32(f.start), End: uint32(end), Phone: f.found[rolePhone], Name: f.found[roleName],
		Lines: uint32(len(f.lines)), Number: f.number, Time: f.found[f.time%maxSlots],
	})
	f.found[f.time%maxSlots] = 0
	f.number++
}

// startNext starts the next order behind the one that ends at an offset. It returns false if
// it cannot see that there is one.
func (f *run) startNext(end int) bool {
	gap := f.gap.head[:f.gap.size]
	if len(gap) == 0 || end > f.final || len(f.orders) == cap(f.orders) || string(f.data[end:][:len(gap)]) != string(gap) {
		return false
	}
	f.startAt(end + len(gap))
	return true
}

// wordLen is the length of the word true, false or null that data starts with, or 0.
func wordLen(data []byte) int {
	switch string(data[:4]) {
	case "true", "null":
		return 4
	case "fals":
		if data[4] == 'e' {
			return 5
		}
	}
	return 0
}
