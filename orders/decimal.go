package orders

import (
	"bytes"

	"process-orders/money"
)

// maxDigits is how many digits a price may have when it is written out: enough for any
// currency, and what the stores can hold exactly. Package money reads more, as a unit
// price can have more digits than the total that it is computed from.
const maxDigits = 40

// A verdict is what decimal makes of a number.
type verdict uint8

const (
	decimalAsIs    verdict = iota // the text itself
	decimalWritten                // its exponent was written out, and appended
	decimalTooLong                // more than maxDigits
)

// decimal judges a number that follows JSON's grammar. If it has an exponent, decimal
// appends the same value without one to dst, as [money.WriteOut] does. Otherwise it only
// counts the digits.
func decimal(dst, number []byte, exponent bool) ([]byte, verdict) {
	if exponent {
		dst, ok := money.WriteOut(dst, number, maxDigits)
		if !ok {
			return dst, decimalTooLong
		}
		return dst, decimalWritten
	}
	digits := len(number)
	if number[0] == '-' {
		digits--
	}
	if bytes.IndexByte(number, '.') >= 0 {
		digits--
	}
	if digits > maxDigits {
		return dst, decimalTooLong
	}
	return dst, decimalAsIs
}
