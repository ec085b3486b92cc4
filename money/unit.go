package money

// unitPlaces is how many places more than the total a unit price may have: a
// pack of 16 needs four.
const unitPlaces = 4

// minUnitPlaces is how many places a rounded unit price has at least.
const minUnitPlaces = 2

// Unit appends what one costs where quantity cost total, both numbers that Parse
// reads. The quotient is exact where it ends within four places more than the
// total has, and then keeps the total's places: 45.00 for 2 is 22.50, and for 16
// it is 2.8125. Another is rounded to the nearest of the total's places, at least
// two: 10 for 3 is 3.33. A half needs no rule, as it ends one place further. ok is false, and dst as it was, where quantity is
// zero or either is no number.
func Unit(dst, total, quantity []byte) (_ []byte, ok bool) {
	t, ok := Parse(total)
	if !ok {
		return dst, false
	}
	q, ok := Parse(quantity)
	if !ok || q.Sign() == 0 {
		return dst, false
	}
	return t.unit(q).Append(dst), true
}

func (a Amount) unit(quantity Amount) Amount {
	exact, rest, _ := a.divide(quantity, int(a.places)+unitPlaces)
	if rest.isZero() {
		return exact.Trim(int(a.places))
	}
	rounded, rest, divisor := a.divide(quantity, max(int(a.places), minUnitPlaces))
	if rest.add(rest).cmp(divisor) >= 0 {
		rounded.digits = rounded.digits.add(natural{lo: 1})
		rounded.minus = a.minus != quantity.minus
	}
	return rounded
}

// divide returns a ÷ b cut off after so many places, at least those of a, and
// what is left over of the division by divisor. b is not zero.
func (a Amount) divide(b Amount, places int) (quotient Amount, rest, divisor natural) {
	divisor = b.digits
	digits, rest := a.digits.scale(places - int(a.places) + int(b.places)).quoRem(divisor)
	return Amount{digits, uint16(places), a.minus != b.minus && !digits.isZero()}, rest, divisor
}
