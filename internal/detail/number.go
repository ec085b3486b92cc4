package detail

import (
	"encoding/binary"
	"math"
	"math/bits"

	"process-orders/money"
)

// A number is an amount. Nearly all amounts have few digits. They are units of one decimal
// place, whatever places they are written with, so that the units of two numbers can be added
// as they are. Places are how many the amount has: of a sum, those of the one that has more.
// Any other amount is in big.
type number struct {
	units  int64
	places uint8
	big    *money.Amount
}

const (
	// unitPlaces is the decimal place of units, and unit is how many of them are 1. Money has
	// fewer places, nearly always also after it is multiplied by a quantity.
	unitPlaces = 8
	unit       = 100_000_000
	// maxUnits is above the units of all numbers. Two numbers are below 2^63 together.
	maxUnits = 1_000_000_000_000_000_000
)

// unitsOf holds how many units are 1 of each decimal place.
var unitsOf = func() (table [unitPlaces + 1]int64) {
	power := int64(1)
	for places := unitPlaces; places >= 0; places-- {
		table[places] = power
		power *= 10
	}
	return table
}()

// parse reads a number as [money.Parse] does. A text that is no number is 0.
func parse(text []byte) number {
	if n, ok := parseUnits(text); ok {
		return n
	}
	a, _ := money.Parse(text)
	return numberOf(a)
}

// numberOf returns an amount as a number.
func numberOf(a money.Amount) number {
	digits, places, ok := a.Units()
	if ok && places <= unitPlaces {
		if limit := maxUnits / unitsOf[places]; -limit < digits && digits < limit {
			return number{units: digits * unitsOf[places], places: uint8(places)}
		}
	}
	return number{big: &a}
}

// parseUnits reads a number of up to 8 bytes: digits, and perhaps a point and more of them.
// Other texts are for [money.Parse] to judge.
//
// A price is different from the one before it in its length and in where its point is, so the
// processor would guess wrong again and again in a loop over its bytes. This reads them as one
// word, cuts the point out, and computes with all digits at once.
func parseUnits(text []byte) (n number, ok bool) {
	length := len(text)
	if length == 0 || length > 8 {
		return number{}, false
	}
	word := wordOf(text)
	point, digits, places := length, length, 0
	if at := bits.TrailingZeros64(zeroBytes(word ^ eachByte*'.')); at < 64 {
		point, digits = at/8, length-1
		places = digits - point
		before := uint64(1)<<(8*uint(point)) - 1
		word = word&before | word>>8&^before
	}
	if point == 0 || point < length && places == 0 || text[0] == '0' && point > 1 {
		return number{}, false // .5, 5. and 007 are no numbers
	}
	value, ok := digitsOf(word, digits)
	return number{units: value * unitsOf[places], places: uint8(places)}, ok
}

// wordOf returns a text of 1 to 8 bytes as a word: the first byte is the lowest one, and those
// behind the text are 0.
func wordOf(text []byte) uint64 {
	if cap(text) < 8 {
		return shortWord(text)
	}
	return binary.LittleEndian.Uint64(text[:8]) & (math.MaxUint64 >> (64 - 8*uint(len(text))))
}

// shortWord is wordOf a text that has fewer bytes behind it than are read at once.
func shortWord(text []byte) uint64 {
	var buf [8]byte
	copy(buf[:], text)
	return binary.LittleEndian.Uint64(buf[:])
}

// eachByte times a byte is a word of such bytes.
const eachByte = 0x0101_0101_0101_0101

// zeroBytes returns a word whose lowest bit that is set is in the lowest byte of the word that
// is 0. It is 0 if there is none.
func zeroBytes(word uint64) uint64 { return (word - eachByte) & ^word & (eachByte * 0x80) }

// digitsOf returns the value of a word's n lowest bytes, of which the lowest is the first digit.
// ok is false if they are not all digits.
func digitsOf(word uint64, n int) (value int64, ok bool) {
	word = word<<(64-8*uint(n)) | eachByte*'0'>>(8*uint(n)) // zeros come first
	ok = ((word+eachByte*(0x7f-'9'))|(word-eachByte*'0'))&(eachByte*0x80) == 0
	word -= eachByte * '0'
	// Neighbors become numbers of two digits, these become numbers of four, and then of eight.
	word = word*10 + word>>8
	const lower, upper = 100 + 1_000_000<<32, 1 + 10_000<<32
	const pairs = 0x0000_00ff_0000_00ff
	return int64((word&pairs*lower + word>>16&pairs*upper) >> 32), ok
}

// amount returns the number as an amount.
func (n *number) amount() money.Amount {
	if n.big != nil {
		return *n.big
	}
	return money.FromUnits(n.units/unitsOf[n.places], int(n.places))
}

// times returns the product of two numbers.
func (n *number) times(by *number) number {
	if n.big == nil && by.big == nil && n.places+by.places <= unitPlaces && n.units >= 0 && by.units >= 0 {
		if hi, lo := bits.Mul64(uint64(n.units), uint64(by.units)); hi < unit {
			if units, _ := bits.Div64(hi, lo, unit); units < maxUnits { // there is no rest
				return number{units: int64(units), places: n.places + by.places}
			}
		}
	}
	return numberOf(n.amount().Mul(by.amount()))
}

// plus returns the sum of two numbers. ok is false if it may be beyond what numbers hold
// without big.
func (n *number) plus(by *number) (sum number, ok bool) {
	sum = number{units: n.units + by.units, places: morePlaces(n.places, by.places)}
	return sum, n.big == nil && by.big == nil && -maxUnits < sum.units && sum.units < maxUnits
}

// morePlaces is the greater one. It is not computed as a number of 8 bits, as that would be a
// branch, and the processor would often guess wrong.
func morePlaces(a, b uint8) uint8 { return uint8(max(int(a), int(b))) }
