// Package money computes with amounts of money: exact decimal numbers that keep
// their decimal places, as 1.50 is not written 1.5.
//
// It never rounds, Unit and Float aside, and never uses binary fractions. What
// fits 128 bits, which is each price there is, takes no memory beyond the value;
// the rest is computed by math/big.
package money

import (
	"math"
	"strconv"
)

// maxPlaces is how many decimal places an Amount can have. Numbers that are read
// have fewer than MaxDigits, so this is hundreds of multiplications away; a limit
// keeps the zeros that a few stored bytes can ask for within some kilobytes.
const maxPlaces = math.MaxUint16

// An Amount is an exact decimal number. The zero value is 0. Amounts are values:
// they can be copied and used by several goroutines at once, and no method
// changes one. There is no negative zero. Compare them by Cmp, not by ==.
type Amount struct {
	digits natural // all digits, those behind the point included
	places uint16  // how many of them are behind the point
	minus  bool    // never of zero
}

// Add returns a + b, with the places of the one that has more: 1.10 + 2 = 3.10.
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

// addAligned is Add of amounts with different places.
func (a Amount) addAligned(b Amount) Amount {
	places := max(a.places, b.places)
	return a.withPlaces(places).Add(b.withPlaces(places))
}

// withPlaces returns a with so many places, which are at least those it has.
func (a Amount) withPlaces(places uint16) Amount {
	return Amount{a.digits.scale(int(places - a.places)), places, a.minus}
}

// Mul returns a × b. The places add up: 10.00 × 2.25 = 22.5000. It panics where
// they would be more than 65,535: numbers from Parse are hundreds of
// multiplications away from that.
func (a Amount) Mul(b Amount) Amount {
	places := int(a.places) + int(b.places)
	if places > maxPlaces {
		panic("money: a product of more than " + strconv.Itoa(maxPlaces) + " decimal places")
	}
	digits := a.digits.mul(b.digits)
	return Amount{digits, uint16(places), a.minus != b.minus && !digits.isZero()}
}

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

// Trim removes zeros at the end, but keeps at least so many places: 22.5000 with
// two is 22.50. It never removes another digit, and never adds a place.
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

// Whole returns a as an integer. ok is false where it is no whole number, which
// 1.00 is, or beyond 64 bits.
func (a Amount) Whole() (n int64, ok bool) {
	a = a.Trim(0)
	d := a.digits
	switch {
	case a.places > 0 || d.big != nil || d.hi != 0:
		return 0, false
	case a.minus && d.lo <= 1<<63:
		return int64(-d.lo), true
	case !a.minus && d.lo < 1<<63:
		return int64(d.lo), true
	}
	return 0, false
}

// Float returns the binary number that is nearest to a, infinite beyond what
// there is. It is for charts: sums of money are computed by Add and Mul.
func (a Amount) Float() float64 {
	var room [textRoom]byte
	// The error is of the range alone, and comes with an infinity.
	f, _ := strconv.ParseFloat(string(a.Append(room[:0])), 64)
	return f
}

// textRoom holds the text of any Amount of 128 bits whose places are as many as
// its digits at most.
const textRoom = 48

// Append appends a as text, with all its places: what Parse reads.
func (a Amount) Append(dst []byte) []byte {
	if a.minus {
		dst = append(dst, '-')
	}
	var room [textRoom]byte
	digits := a.digits.append(room[:0])
	return appendPoint(dst, digits, int(a.places))
}

// appendPoint appends digits with a point before the last places of them, and
// with the zeros that takes.
func appendPoint(dst, digits []byte, places int) []byte {
	if places == 0 {
		return append(dst, digits...)
	}
	whole := len(digits) - places
	if whole <= 0 {
		dst = append(dst, '0', '.')
		for range -whole {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:whole]...)
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}

// String returns what Append appends.
func (a Amount) String() string {
	return string(a.Append(nil))
}

// FromInt is a whole number.
func FromInt(n int64) Amount {
	text := strconv.AppendInt(nil, n, 10)
	a, _ := Parse(text)
	return a
}
