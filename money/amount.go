// Package money computes with amounts of money: exact decimal numbers that keep
// their decimal places, so that 1.50 is not written 1.5.
//
// [Parse] reads an [Amount], [Amount.Add] and [Amount.Mul] compute with it, and
// [Amount.String] writes it. An amount in a [Currency] is a [Sum]. For texts there
// are [WriteOut], which removes an exponent, [FromMinor], which makes dollars of
// cents, [Unit], which divides a total by a quantity, and [AppendWritten], which reads
// numbers as people write them.
//
// Only Unit rounds. Nothing is ever a binary fraction. An amount that fits 128 bits,
// as every real price does, takes no memory beyond its value; math/big computes the
// others.
package money

import (
	"math"
	"strconv"
)

// maxPlaces is how many decimal places an Amount can have. Parse reads fewer than
// maxDigits, so hundreds of multiplications stay below it. DecodeBinary needs the
// limit: a few bytes can ask for no more zeros than some kilobytes.
const maxPlaces = math.MaxUint16

// An Amount is an exact decimal number. The zero value is 0. Amounts are values:
// they can be copied and used by several goroutines at once, and no method
// changes one. There is no negative zero. Compare them by [Amount.Cmp], not by ==.
type Amount struct {
	digits natural // all digits, as a whole number
	places uint16  // how many of them are after the point
	minus  bool    // false for zero
}

// Add returns a + b, with the decimal places of the one that has more: 1.10 + 2 is
// 3.10.
func (a Amount) Add(b Amount) Amount {
	if a.places != b.places {
		return a.addAligned(b)
	}
	if a.minus == b.minus {
		return Amount{a.digits.add(b.digits), a.places, a.minus}
	}
	switch a.digits.cmp(b.digits) {
	case 1:
		return Amount{a.digits.sub(b.digits), a.places, a.minus}
	case -1:
		return Amount{b.digits.sub(a.digits), a.places, b.minus}
	}
	return Amount{places: a.places}
}

// addAligned is Add of amounts with different numbers of places.
func (a Amount) addAligned(b Amount) Amount {
	places := max(a.places, b.places)
	return a.withPlaces(places).Add(b.withPlaces(places))
}

// withPlaces returns a with that many places. It has no more than that.
func (a Amount) withPlaces(places uint16) Amount {
	return Amount{a.digits.scale(int(places - a.places)), places, a.minus}
}

// Mul returns a × b. The decimal places add up: 10.00 × 2.25 is 22.5000. It panics if
// they would be more than 65,535. Numbers from [Parse] have at most 99, so it takes
// hundreds of multiplications to get there.
func (a Amount) Mul(b Amount) Amount {
	places := int(a.places) + int(b.places)
	if places > maxPlaces {
		panic("money: a product of more than " + strconv.Itoa(maxPlaces) + " decimal places")
	}
	digits := a.digits.mul(b.digits)
	return Amount{digits, uint16(places), a.minus != b.minus && !digits.isZero()}
}

// Neg returns -a, with the same decimal places.
func (a Amount) Neg() Amount {
	a.minus = !a.minus && !a.digits.isZero()
	return a
}

// Places returns how many decimal places a has: 2 for 1.50.
func (a Amount) Places() int { return int(a.places) }

// Cmp returns -1, 0 or 1, as a is less than, equal to or greater than b in value:
// 1.5 equals 1.50.
func (a Amount) Cmp(b Amount) int {
	if s := a.Sign(); s != b.Sign() {
		if s > b.Sign() {
			return 1
		}
		return -1
	}
	if a.places != b.places {
		places := max(a.places, b.places)
		a, b = a.withPlaces(places), b.withPlaces(places)
	}
	if a.minus {
		return b.digits.cmp(a.digits)
	}
	return a.digits.cmp(b.digits)
}

// Sign returns -1, 0 or 1, as a is negative, zero or positive.
func (a Amount) Sign() int {
	switch {
	case a.minus:
		return -1
	case a.digits.isZero():
		return 0
	}
	return 1
}

// Trim removes zeros at the end, but keeps at least places decimal places: 22.5000
// with 2 is 22.50. It removes no other digit, and adds no place.
func (a Amount) Trim(places int) Amount {
	most := int(a.places) - max(places, 0) // zeros to remove
	if most <= 0 {
		return a
	}
	zeros := most
	if !a.digits.isZero() {
		a.digits, zeros = a.digits.trim(most)
	}
	a.places -= uint16(zeros)
	return a
}

// maxTextBytes is the size of a buffer for the digits of any Amount of 128 bits,
// which are at most 39.
const maxTextBytes = 48

// Append appends a as text with all its decimal places, as [Parse] reads it.
func (a Amount) Append(dst []byte) []byte {
	if a.minus {
		dst = append(dst, '-')
	}
	var buf [maxTextBytes]byte
	digits := a.digits.append(buf[:0])
	return appendPoint(dst, digits, int(a.places))
}

// appendPoint appends digits with a point before the last places of them. It puts
// zeros in front if digits has too few.
func appendPoint(dst, digits []byte, places int) []byte {
	if places == 0 {
		return append(dst, digits...)
	}
	whole := len(digits) - places
	if whole <= 0 {
		dst = append(dst, '0', '.')
		dst = appendZeros(dst, -whole)
		return append(dst, digits...)
	}
	dst = append(dst, digits[:whole]...)
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}

// String returns what [Amount.Append] appends.
func (a Amount) String() string {
	return string(a.Append(nil))
}

// FromInt returns n as an Amount.
func FromInt(n int64) Amount {
	text := strconv.AppendInt(nil, n, 10)
	a, _ := Parse(text)
	return a
}
