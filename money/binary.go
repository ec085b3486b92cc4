package money

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// The binary form of an Amount is a head and its digits. The head is a varint: the
// number of decimal places, shifted left by two, and two flags. Digits that fit 64
// bits are a varint. Other digits are a varint of how many bytes follow, and those
// bytes, the most significant first. 12.50 takes three bytes.
const (
	flagMinus = 1 << iota // the amount is negative
	flagLong              // the digits are beyond 64 bits
	flagBits  = iota
)

// AppendBinary appends the binary form of a, from which [DecodeBinary] makes the
// same amount with the same decimal places. Two amounts have the same bytes if and
// only if they have the same text.
func (a Amount) AppendBinary(dst []byte) []byte {
	head := uint64(a.places) << flagBits
	if a.minus {
		head |= flagMinus
	}
	if a.digits.big == nil && a.digits.hi == 0 {
		dst = binary.AppendUvarint(dst, head)
		return binary.AppendUvarint(dst, a.digits.lo)
	}
	var buf [16]byte
	digits := a.digits.bytes(&buf)
	dst = binary.AppendUvarint(dst, head|flagLong)
	dst = binary.AppendUvarint(dst, uint64(len(digits)))
	return append(dst, digits...)
}

// DecodeBinary reads an amount at the start of src and returns what follows it. It
// keeps nothing of src. ok is false for bytes that [Amount.AppendBinary] does not
// write. No bytes make it panic, or take more memory than src has.
func DecodeBinary(src []byte) (a Amount, rest []byte, ok bool) {
	head, rest, ok := uvarint(src)
	if !ok || head>>flagBits > maxPlaces {
		return Amount{}, nil, false
	}
	n, rest, ok := uvarint(rest)
	if !ok {
		return Amount{}, nil, false
	}
	digits := natural{lo: n}
	if head&flagLong != 0 {
		if n > uint64(len(rest)) || n <= 8 || rest[0] == 0 {
			return Amount{}, nil, false
		}
		digits = fromBytes(rest[:n])
		rest = rest[n:]
	}
	minus := head&flagMinus != 0
	if minus && digits.isZero() {
		return Amount{}, nil, false
	}
	return Amount{digits, uint16(head >> flagBits), minus}, rest, true
}

// uvarint reads a varint that is not longer than it needs to be.
func uvarint(src []byte) (n uint64, rest []byte, ok bool) {
	n, size := binary.Uvarint(src)
	if size <= 0 || size > 1 && src[size-1] == 0 {
		return 0, nil, false
	}
	return n, src[size:], true
}

// bytes returns the bytes of a number beyond 64 bits, in buf if they fit.
func (a natural) bytes(buf *[16]byte) []byte {
	if a.big != nil {
		return a.big.Bytes()
	}
	binary.BigEndian.PutUint64(buf[:8], a.hi)
	binary.BigEndian.PutUint64(buf[8:], a.lo)
	return buf[bits.LeadingZeros64(a.hi)/8:]
}

// fromBytes reads a number and keeps nothing of src.
func fromBytes(src []byte) natural {
	if len(src) > 16 {
		return natural{big: new(big.Int).SetBytes(src)}
	}
	var buf [16]byte
	copy(buf[16-len(src):], src)
	return natural{hi: binary.BigEndian.Uint64(buf[:8]), lo: binary.BigEndian.Uint64(buf[8:])}
}
