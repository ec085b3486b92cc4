package orders

import (
	"sync/atomic"
	"time"
)

// Options say how orders are read. The zero value reads the default shape (see
// [Default]), and the first order that cannot be accepted is an error.
type Options struct {
	// Mapping says where the fields are. Nil means [Default].
	Mapping *Mapping
	// Reject is called with each order that cannot be accepted, in the order of the
	// input and by one goroutine at a time. The orders around it are read. An error
	// from Reject ends the reading. The callee may keep the [Reject].
	//
	// Nil means that the first such order ends the reading, with the *Reject as the
	// error.
	Reject func(*Reject) error
	// RejectLines makes a line that is not JSON a reject, if the source has one order
	// a line. So it does with a row of a table whose quotes are broken, together with the
	// other rows of its order. Otherwise such a line or row ends the reading, as all that
	// is not JSON does.
	RejectLines bool
	// Phone appends to dst the form of a phone under which its customer is kept. region
	// is what the order has at [Mapping].Region; it may be empty, or anything. If ok is
	// false, the phone is kept as it is written. Phone is called by several goroutines at
	// once; the E164In method of a phones.Normalizer allows that. Nil keeps all phones as
	// they are written.
	Phone func(dst, phone, region []byte) (normal []byte, ok bool)
	// SourceDone, if not nil, is called after each source that was read to its end, in the
	// order of the sources and by one goroutine at a time, with what was read of it. An
	// error from SourceDone ends the reading.
	SourceDone func(source string, read Totals) error
	// BytesRead, if not nil, grows by what is read from the sources, before
	// decompression. What is read again does not count.
	BytesRead *atomic.Int64
	// BlockBytes is how much is read at a time; 0 means the default of 512 KiB. It
	// changes speed and memory, and nothing else. A negative one is an error.
	BlockBytes int
	// Now is the present: times that are more than a day after it are counted, see
	// [Totals.Future]. The zero time means the one at which the reading starts.
	Now time.Time
	// MaxOrderBytes is how large one order may be, as the input writes it, and what an
	// object may have before its orders, and one value behind them. A larger order ends the
	// reading with a [*SyntaxError]. While it is read, an order takes some four times its
	// size in memory, and up to twenty times if it is nothing but short lines. 0 means the
	// default and the most that is possible, the constant [MaxOrderBytes].
	MaxOrderBytes int

	switches switches
	joining  bool  // whether a Joiner reads
	keyBytes int64 // how much memory the keys of rows may take; 0 means no limit
	// states take what the reading learns of the states of orders; decisions say what was
	// learned before; allStates is that of States. Without all three the reading must not need
	// to read again.
	states    *states
	decisions *decisions
	allStates bool
}
