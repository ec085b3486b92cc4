package money

import (
	"math"
	"math/big"
	"math/bits"
)

// maxDigits is how many digits a number may have that Parse reads, both as it
// is written and with its exponent written out. It is beyond any currency, and more
// than Unit makes of two numbers of 40 digits, which is at most 83. It bounds the
// time that one hostile number can take.
const maxDigits = 100

// Parse reads a number that follows JSON's grammar (RFC 8259), with all its decimal
// places: 1.50 has two. An exponent is written out as [WriteOut] does it. -0 is 0.
// Parse keeps nothing of text.
//
// ok is false for all other text, and for a number of more than 100 digits, as it
// is written or when it is written out.
func Parse(text []byte) (a Amount, ok bool) {
	mantissa, minus := text, false
	if len(text) > 0 && text[0] == '-' {
		mantissa, minus = text[1:], true
	}
	var lo uint64
	i, point := 0, -1
	for ; i < len(mantissa); i++ {
		c := mantissa[i]
		if c == '.' && point < 0 {
			point = i
			continue
		}
		if c -= '0'; c > 9 || lo >= 1<<60 { // below 2^60 nothing carries
			break
		}
		lo = 10*lo + uint64(c)
	}
	n, beyond := natural{lo: lo}, false
	if i < len(mantissa) && lo >= 1<<60 {
		n, i, point, beyond = n.read(mantissa, i, point)
	}
	mantissa, rest := mantissa[:i], text[len(text)-len(mantissa)+i:]
	digits, places := i, 0
	if point >= 0 {
		digits, places = i-1, i-1-point
	}
	if !isMantissa(mantissa, point) || digits > maxDigits {
		return Amount{}, false
	}
	if beyond {
		n = readBig(mantissa)
	}
	if len(rest) == 0 {
		return Amount{n, uint16(places), minus && !n.isZero()}, true
	}
	return parseExponent(text)
}

// parseExponent is Parse of a number with an exponent, whose mantissa has no more
// than maxDigits digits.
func parseExponent(text []byte) (a Amount, ok bool) {
	var buf [1 + maxDigits + 1]byte // with a minus and a point
	plain, ok := WriteOut(buf[:0], text, maxDigits)
	if !ok {
		return Amount{}, false
	}
	return Parse(plain)
}

// read appends the digits from i on to a, which is near 64 bits. point is the index
// of the point, -1 if there was none so far. It returns where the digits end, where
// the point is, and whether the digits are beyond 128 bits.
func (a natural) read(mantissa []byte, i, point int) (_ natural, end, _ int, beyond bool) {
	for ; i < len(mantissa); i++ {
		c := mantissa[i]
		if c == '.' && point < 0 {
			point = i
			continue
		}
		if c -= '0'; c > 9 {
			break
		}
		var carry bool
		a, carry = a.push(c)
		beyond = beyond || carry
	}
	return a, i, point, beyond
}

// push returns 10a + digit. If that is beyond 128 bits, it returns carry and some
// number from 2^127 on.
func (a natural) push(digit byte) (_ natural, carry bool) {
	up, lo := bits.Mul64(a.lo, 10)
	over, hi := bits.Mul64(a.hi, 10)
	lo, c := bits.Add64(lo, uint64(digit), 0)
	hi, c = bits.Add64(hi, up, c)
	if over|c != 0 {
		return natural{hi: math.MaxUint64}, true
	}
	return natural{hi: hi, lo: lo}, false
}

// readBig reads digits beyond 128 bits, with or without a point.
func readBig(mantissa []byte) natural {
	digits := make([]byte, 0, maxDigits)
	for _, c := range mantissa {
		if c != '.' {
			digits = append(digits, c)
		}
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	return fromBig(n)
}
