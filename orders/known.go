package orders

import (
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// A content is what decides which of two states of an order is the latest.
type content struct {
	// updated is when the order last changed.
	updated int64
	// rank decides between states of one time: its first bits are a [version.Rank], the others
	// are of the digest.
	rank uint64
}

func newContent(updated int64, digest uint64, rank version.Rank) content {
	return content{updated, uint64(rank)<<(64-version.RankBits) | digest>>version.RankBits}
}

// replaces reports whether a state takes the place of one that comes before it in the input
// and is another one.
func (c content) replaces(before content) bool {
	switch {
	case c.updated != before.updated:
		return c.updated > before.updated
	case c.updated == timestamp.None:
		return true
	}
	return c.rank > before.rank
}

// known is what is kept of an order: its latest state, and its first one.
type known struct {
	content // of the latest state
	// position is that of the latest state. Of several that are the same it is the first.
	position int64
	// first is the position of the first state; traits, source and at are its own.
	first  int64
	traits traits
	source uint16 // its number in the run
	at     uint64 // its line and, in the lower columnBits, its column; see also byPosition
}

// Lines, columns and sources with larger numbers are kept as the largest. They are only
// shown.
const (
	columnBits = 24
	lineBits   = 39
	maxSource  = 1<<16 - 1
	// byPosition is a bit of known.at: the version of the latest state goes by positions.
	byPosition = 1 << 63
)

func packPlace(line, column int64) uint64 {
	column = min(column, 1<<columnBits-1)
	line = min(line, 1<<lineBits-1)
	return uint64(line)<<columnBits | uint64(column)
}

// place is where the first state starts.
func (k *known) place() Place {
	return Place{Line: int64(k.at &^ byPosition >> columnBits), Column: int64(k.at & (1<<columnBits - 1))}
}

// replace makes another state the latest one.
func (k *known) replace(c content, position int64, goesByPosition bool) {
	k.content, k.position = c, position
	if k.at &^= byPosition; goesByPosition {
		k.at |= byPosition
	}
}

// join adds what is known of an order from later parts of the input. The result is what would
// be known if all had been read together.
func (k *known) join(later *known) {
	goesByPosition := later.at&byPosition != 0
	switch {
	case later.content != k.content:
		if later.replaces(k.content) {
			k.replace(later.content, later.position, goesByPosition)
		}
	case k.updated == timestamp.None && later.position != later.first: // others were between them
		k.replace(later.content, later.position, goesByPosition)
	}
}

// A fate is what becomes of a state.
type fate uint8

const (
	stands fate = iota
	repeated
	superseded
)

// of is the fate of a state of the order.
func (k *known) of(c content, position int64) fate {
	switch {
	case position == k.position:
		return stands
	case c == k.content:
		return repeated
	}
	return superseded
}
