package sqlstore

import (
	"encoding/binary"
	"slices"

	"process-orders/store"
)

// mostCandidates is how many lines a list of candidates holds. If an item loses that many of
// its latest lines in a row, the next ones are looked up among the orders. With more, the rows are
// larger, and a server writes those of most items with each transaction.
var mostCandidates = 8 // fewer in tests

// mostRead is how many lines a list may have that is read: earlier builds kept more.
const mostRead = 16

// A candidate is a line of an order with an id that has an item.
type candidate struct {
	version store.Version
	price   string
	placed  int64 // when the order was placed
}

// candidates are the latest or the earliest lines that have an item, the best first. They
// are all lines that are not beyond the limit; all lines at all if there is none.
type candidates struct {
	earliest bool
	lines    []candidate
	limit    store.Version
}

// before reports whether v is better than w.
func (l *candidates) before(v, w store.Version) bool {
	if l.earliest {
		return v < w
	}
	return v > w
}

// beyond reports whether lines of a version may be missing in the list.
func (l *candidates) beyond(v store.Version) bool { return l.limit != "" && l.before(l.limit, v) }

// timeIsBeyond reports whether the time of a version alone says that lines of it may be
// missing in the list.
func (l *candidates) timeIsBeyond(v store.Version) bool {
	return len(l.limit) > timeBytes && l.before(l.limit[:timeBytes], v[:timeBytes])
}

// add adds a line, unless it is beyond the limit. The list is sorted only by cut.
func (l *candidates) add(one candidate) {
	if l.beyond(one.version) {
		return
	}
	if l.lines = append(l.lines, one); len(l.lines) == 4*mostCandidates {
		l.cut()
	}
}

// cut sorts the list, and leaves the best.
func (l *candidates) cut() {
	slices.SortFunc(l.lines, func(a, b candidate) int {
		switch {
		case a.version == b.version:
			return 0
		case l.before(a.version, b.version):
			return -1
		}
		return 1
	})
	if len(l.lines) > mostCandidates {
		l.lines = l.lines[:mostCandidates]
		l.limit = l.lines[mostCandidates-1].version
	}
}

// remove removes lines.
func (l *candidates) remove(lost map[store.Version]bool) {
	l.lines = slices.DeleteFunc(l.lines, func(one candidate) bool { return lost[one.version] })
}

// merge adds all lines of another list.
func (l *candidates) merge(m *candidates) {
	if m.limit != "" && !l.beyond(m.limit) {
		l.limit = m.limit
		l.lines = slices.DeleteFunc(l.lines, func(one candidate) bool { return l.beyond(one.version) })
	}
	for _, one := range m.lines {
		l.add(one)
	}
	l.cut()
}

// append appends the list in a compact form. Of the earliest the prices are not needed, and of
// the latest not the times.
func (l *candidates) append(dst []byte) []byte {
	dst = binary.AppendUvarint(appendText(dst, l.limit), uint64(len(l.lines)))
	for _, one := range l.lines {
		dst = appendText(dst, one.version)
		if l.earliest {
			dst = binary.AppendVarint(dst, one.placed)
		} else {
			dst = appendText(dst, one.price)
		}
	}
	return dst
}

// read reads what append appended.
func (l *candidates) read(r *bodyReader) {
	l.limit = r.version()
	n := r.unsigned()
	r.isBad = r.isBad || n > mostRead
	if r.isBad {
		return
	}
	l.lines = make([]candidate, 0, n)
	for i := uint64(0); i < n && !r.isBad; i++ {
		one := candidate{version: r.version()}
		if l.earliest {
			one.placed = r.signed()
		} else {
			one.price = r.text()
		}
		l.lines = append(l.lines, one)
	}
}
