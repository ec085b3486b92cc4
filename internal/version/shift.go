package version

import "encoding/binary"

// AppendShifted appends the Order of a [Version] with its position, if it has one, moved by
// shift. It is for joining what was read from two inputs: the positions of the second start
// where those of the first end.
func AppendShifted(dst, order []byte, shift int64) []byte {
	at := behindSource(order)
	if at == 0 {
		return append(dst, order...)
	}
	n := at + 1 + int(order[at])
	var b [8]byte
	copy(b[8-order[at]:], order[at+1:n])
	dst = appendNumber(append(dst, order[:at]...), int64(binary.BigEndian.Uint64(b[:]))+shift)
	return append(dst, order[n:]...)
}

// AppendShiftedKey is AppendShifted for what [Version.AppendKey] made of a version that has an
// Order.
func AppendShiftedKey(dst, key []byte, shift int64) []byte {
	const timeBytes = 8
	return AppendShifted(append(dst, key[:timeBytes]...), key[timeBytes:], shift)
}

// behindSource returns where the offset of a position is: behind its source's number. It is 0
// if the order has no position.
func behindSource(order []byte) int {
	if len(order) < 2 || order[0] != byPosition {
		return 0
	}
	return 2 + int(order[1])
}

// Position returns the version of a position alone: of something that has no time, and that
// is known by where it is in the input. Its Order is in buf.
func Position(buf []byte, at int64) Version {
	return Version{Time: None.Time, Order: AppendPosition(buf, 0, at)}
}
