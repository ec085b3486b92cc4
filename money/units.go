package money

import "math"

// FromUnits returns the amount of so many units of a decimal place: 1250 with 2 places is 12.50.
// Places are 0 to 65,535.
func FromUnits(units int64, places int) Amount {
	digits := uint64(units)
	if units < 0 {
		digits = -digits
	}
	return Amount{natural{lo: digits}, uint16(places), units < 0}
}

// Units returns the amount in units of its last decimal place: 12.50 is 1250 with 2 places. ok is
// false if that is beyond 63 bits.
func (a Amount) Units() (units int64, places int, ok bool) {
	if a.digits.big != nil || a.digits.hi != 0 || a.digits.lo > math.MaxInt64 {
		return 0, 0, false
	}
	units = int64(a.digits.lo)
	if a.minus {
		units = -units
	}
	return units, int(a.places), true
}
