package money

// unitPlaces is how many decimal places more than the total a unit price may have. A
// pack of 16 needs four.
const unitPlaces = 4

// Unit appends the price of one if quantity of them cost total in a currency. Both are
// numbers that [Parse] reads.
//
// The quotient is exact if it ends within four decimal places more than the total has.
// It keeps the places of the total: 45.00 for 2 is 22.50, and for 16 it is 2.8125.
// Otherwise it is rounded like the prices of a list: to the nearest number with the digits
// of the currency's minor unit ([Currency.MinorDigits]), or with the places of the total if
// these are more. 10 USD for 3 is 3.33, and 10 JPY for 3 is 3. The places of the total
// alone would be too few, as programs that write numbers drop zeros: a total of 825.50 comes
// as 825.5, and for 12 it is 68.79. Unit never has to break a tie: a quotient that is half
// way ends one place further, and so is exact.
//
// ok is false, and dst is as it was, if quantity is zero or one of them is no number.
func Unit(dst, total, quantity []byte, c Currency) (_ []byte, ok bool) {
	t, ok := Parse(total)
	if !ok {
		return dst, false
	}
	q, ok := Parse(quantity)
	if !ok || q.Sign() == 0 {
		return dst, false
	}
	return t.unit(q, c.MinorDigits()).Append(dst), true
}

// unit is Unit of amounts. A rounded price has at least that many places.
func (a Amount) unit(quantity Amount, places int) Amount {
	exact, rest, _ := a.divide(quantity, int(a.places)+unitPlaces)
	if rest.isZero() {
		return exact.Trim(int(a.places))
	}
	rounded, rest, divisor := a.divide(quantity, max(int(a.places), places))
	if rest.add(rest).cmp(divisor) >= 0 {
		rounded.digits = rounded.digits.add(natural{lo: 1})
		rounded.minus = a.minus != quantity.minus
	}
	return rounded
}

// divide returns a ÷ b, cut off after that many places, which are at least those of
// a. rest is the remainder of the division by divisor. b is not zero.
func (a Amount) divide(b Amount, places int) (quotient Amount, rest, divisor natural) {
	divisor = b.digits
	digits, rest := a.digits.scale(places - int(a.places) + int(b.places)).quoRem(divisor)
	return Amount{digits, uint16(places), a.minus != b.minus && !digits.isZero()}, rest, divisor
}
