package detail

import (
	"math/bits"

	"process-orders/money"
)

// A number is an amount. Nearly all amounts are units of a decimal place, of which there are few;
// any other is in big.
type number struct {
	units  int64
	places uint8
	big    *money.Amount
}

const (
	// maxUnits is above the units of all numbers, and maxPlaces their greatest number of places.
	maxUnits  = 1_000_000_000_000_000_000
	maxPlaces = 18
	maxDigits = 18
)

// tens holds the powers of ten that scale units.
var tens = func() (table [maxPlaces + 1]int64) {
	power := int64(1)
	for i := range table {
		table[i] = power
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
	units, places, ok := a.Units()
	if ok && places <= maxPlaces && isUnits(units) {
		return number{units: units, places: uint8(places)}
	}
	return number{big: &a}
}

// parseUnits reads a number of few digits: digits, and perhaps a point and more of them. Other
// texts are for [money.Parse] to judge.
func parseUnits(text []byte) (n number, ok bool) {
	if len(text) == 0 || len(text) > maxDigits {
		return number{}, false
	}
	point := len(text)
	for i, c := range text {
		if c -= '0'; c <= 9 {
			n.units = 10*n.units + int64(c)
			continue
		}
		if text[i] != '.' || point < len(text) {
			return number{}, false
		}
		point = i
	}
	switch {
	case point == 0 || point == len(text)-1: // .5 and 5. are none
		return number{}, false
	case text[0] == '0' && point > 1: // nor is 007
		return number{}, false
	case point < len(text):
		n.places = uint8(len(text) - 1 - point)
	}
	return n, true
}

// amount returns the number as an amount.
func (n *number) amount() money.Amount {
	if n.big != nil {
		return *n.big
	}
	return money.FromUnits(n.units, int(n.places))
}

// times returns the product of two numbers.
func (n *number) times(by *number) number {
	if n.big == nil && by.big == nil && n.places+by.places <= maxPlaces && n.units >= 0 && by.units >= 0 {
		if hi, lo := bits.Mul64(uint64(n.units), uint64(by.units)); hi == 0 && lo < maxUnits {
			return number{units: int64(lo), places: n.places + by.places}
		}
	}
	return numberOf(n.amount().Mul(by.amount()))
}

// plus returns the sum of units with the places of the one that has more. ok is false if it may
// be beyond what numbers hold.
func (n *number) plus(by *number) (sum number, ok bool) {
	if n.big != nil || by.big != nil {
		return number{}, false
	}
	a, b, places := n.units, by.units, n.places
	if n.places != by.places {
		places = max(n.places, by.places)
		a, ok = scaled(a, places-n.places)
		if !ok {
			return number{}, false
		}
		b, ok = scaled(b, places-by.places)
		if !ok {
			return number{}, false
		}
	}
	sum = number{units: a + b, places: places} // below 2^63, as both are below 10^18
	return sum, isUnits(sum.units)
}

// scaled returns units of a smaller place.
func scaled(units int64, places uint8) (int64, bool) {
	if limit := maxUnits / tens[places]; units >= limit || units <= -limit {
		return 0, false
	}
	return units * tens[places], true
}

func isUnits(units int64) bool { return -maxUnits < units && units < maxUnits }
