// Package version decides what is later: of two names of a customer, of two prices of an
// item, of two first appearances.
//
// A [Version] belongs to an order, or to one line of it. It does not depend on which worker
// reads the order, or when. So the fold of orders does not either.
package version

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"

	"process-orders/internal/timestamp"
)

// A Version says when an order was placed, which order it is, and which line of it. Of two
// versions the greater is the later: see [Version.Compare].
type Version struct {
	// Time is when the order was placed, in milliseconds since 1970. It is
	// [timestamp.None], which is before all times, if the order has none, or if positions
	// decide.
	Time int64
	// Order tells orders of one time apart: what [AppendPosition] or [AppendID] made. It is
	// compared byte by byte. Empty means that Line has the position.
	Order []byte
	// Line is the number of a line in its order, from 0. If Order is empty it is a position
	// of the order or of the line.
	Line int64
}

// Compare returns a negative number if v is earlier than w, a positive one if it is later,
// and 0 if they are the same.
func (v Version) Compare(w Version) int {
	if v.Time != w.Time { // mostly
		return cmp.Compare(v.Time, w.Time)
	}
	return cmp.Or(bytes.Compare(v.Order, w.Order), cmp.Compare(v.Line, w.Line))
}

// The first byte of Version.Order: orders without an id are before those with one.
const (
	byPosition = 1 + iota
	byID
)

// AppendPosition appends the Order of an order that has no id, or no time: its source's
// number, and the offset of its first state in it. Both are not negative. In one run all
// sources have the number 0, and offsets count on from source to source.
func AppendPosition(dst []byte, source, at int64) []byte {
	return appendNumber(appendNumber(append(dst, byPosition), source), at)
}

// AppendID appends the Order of an order that has a time and an id: ids are compared by shop,
// then by their length, then by their bytes, then by the system. One run has one system, and
// leaves it empty. Neither the shop nor the system has a NUL, and an id has less than 4 GiB.
func AppendID(dst []byte, shop, id, system []byte) []byte {
	dst = append(dst, byID)
	if len(shop) > 0 {
		dst = append(dst, shop...)
	}
	dst = append(appendNumber(append(dst, 0), int64(len(id))), id...)
	if len(system) > 0 {
		dst = append(dst, system...)
	}
	return append(dst, 0)
}

// appendNumber appends a number from 0 so that bytes compare as numbers do: how many bytes
// it has, and these.
func appendNumber(dst []byte, n int64) []byte {
	if 0 < n && n < 1<<8 { // the length of an id
		return append(dst, 1, byte(n))
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	zeros := 0
	for zeros < len(b) && b[zeros] == 0 {
		zeros++
	}
	return append(append(dst, byte(len(b)-zeros)), b[zeros:]...)
}

// AppendKey appends a form of the version that is compared byte by byte, as databases do it.
// It starts with eight bytes of the time.
func (v Version) AppendKey(dst []byte) []byte {
	dst = appendTime(dst, v.Time)
	return appendNumber(append(dst, v.Order...), v.Line)
}

// AppendLine appends a key of the line 0 of an order as that of another line.
func AppendLine(dst, key []byte, line int64) []byte {
	return appendNumber(append(dst, key[:len(key)-1]...), line)
}

// Renumber returns a key of a position with another number of the source.
func Renumber(key []byte, source int64) []byte { return AppendRenumbered(nil, key, source) }

// AppendRenumbered is Renumber of a key that is appended.
func AppendRenumbered(dst, key []byte, source int64) []byte {
	const at = 8 + 1 // behind the time and what says that it is a position
	if len(key) <= at || key[at-1] != byPosition {
		return append(dst, key...)
	}
	old := at + 1 + int(key[at])
	return append(appendNumber(append(dst, key[:at]...), source), key[old:]...)
}

// appendTime appends eight bytes that are compared as times are.
func appendTime(dst []byte, ms int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(ms)^uint64(1)<<63)
}

// None is before all versions of orders.
var None = Version{Time: math.MinInt64}

var _ = [1]struct{}{}[timestamp.None-math.MinInt64] // None is before all times

// WithTime returns a key with another time: what change makes of the one that it has.
func WithTime(key []byte, change func(ms int64) int64) []byte {
	ms := int64(binary.BigEndian.Uint64(key) ^ 1<<63)
	return append(appendTime(nil, change(ms)), key[8:]...)
}
