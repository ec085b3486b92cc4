package money

import (
	"math"
	"math/big"
	"math/bits"
)

// MaxDigits is how many digits a number may have that Parse reads, both as it
// stands there and with its exponent written out. It is beyond any currency, and
// keeps short the time that one hostile number can take.
const MaxDigits = 100

// Parse reads a number that follows JSON's grammar, with all its places: 1.50 has
// two. Where there is an exponent it is written out: 1.2e1 is 12, and 1.20e1 is
// 12.0, as every digit that was written is kept. ok is false for all other text,
// and for more than MaxDigits digits. -0 is 0.
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
	if !isMantissa(mantissa, point) || digits > MaxDigits {
		return Amount{}, false
	}
	if beyond {
		n = readBig(mantissa)
	}
	if len(rest) == 0 {
		return Amount{n, uint16(places), minus && !n.isZero()}, true
	}
	exponent, ok := readExponent(rest)
	if !ok {
		return Amount{}, false
	}
	return shift(n, places-exponent, minus)
}

// isMantissa says whether digits with a point at that index, or none at -1, are
// what JSON allows.
func isMantissa(text []byte, point int) bool {
	whole := point
	if point < 0 {
		whole = len(text)
	}
	return whole > 0 && (whole == 1 || text[0] != '0') && point != len(text)-1
}

// read goes on with the digits at i, beyond 64 bits, and with the point where
// there was none so far. It returns where they end and the point is, and beyond if
// they do not fit 128 bits.
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

// push returns 10a + digit, or, with a carry, some number from 2^127 on.
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

// readBig reads digits beyond 128 bits, with a point or without.
func readBig(mantissa []byte) natural {
	digits := make([]byte, 0, MaxDigits)
	for _, c := range mantissa {
		if c != '.' {
			digits = append(digits, c)
		}
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	return fromBig(n)
}

// maxExponent is beyond what MaxDigits can take back. A greater exponent is read
// as this.
const maxExponent = 10 * MaxDigits

// readExponent reads an exponent with its e. ok is false if it is none.
func readExponent(text []byte) (n int, ok bool) {
	if text[0]|0x20 != 'e' {
		return 0, false
	}
	text = text[1:]
	minus := false
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		minus = text[0] == '-'
		text = text[1:]
	}
	for _, c := range text {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = min(10*n+int(c), maxExponent)
	}
	if minus {
		n = -n
	}
	return n, len(text) > 0
}

// shift returns n with so many places, which are negative where n lacks zeros at
// its end. ok is false where that has more than MaxDigits digits.
func shift(n natural, places int, minus bool) (a Amount, ok bool) {
	if n.isZero() {
		places = max(places, 0) // zero has no use for zeros before the point
	}
	if places < -MaxDigits || places >= MaxDigits {
		return Amount{}, false
	}
	if places < 0 {
		n, places = n.scale(-places), 0
	}
	if n.cmp(ten(MaxDigits)) >= 0 {
		return Amount{}, false
	}
	return Amount{n, uint16(places), minus && !n.isZero()}, true
}
