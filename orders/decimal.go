package orders

import "bytes"

// maxDigits is how many digits a price may have when it is written out: enough
// for any currency, and what the stores can hold exactly.
const maxDigits = 40

// verdict is what decimal says of a number.
type verdict uint8

const (
	decimalAsIs    verdict = iota // the text itself
	decimalWritten                // with its exponent written out, appended
	decimalTooLong                // more than maxDigits
	decimalNot                    // no decimal number
)

// decimal judges a number that follows JSON's grammar. Where it has an exponent
// the same value without one is appended to dst: 1.2e1 is 12, and 1.20e1 is
// 12.0, as every digit that the source wrote is kept.
func decimal(dst, number []byte, exponent bool) ([]byte, verdict) {
	if exponent {
		return writeOut(dst, number)
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

func writeOut(dst, number []byte) ([]byte, verdict) {
	e := bytes.IndexAny(number, "eE")
	mantissa, minus := bytes.CutPrefix(number[:e], []byte("-"))
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	exponent := readExponent(number[e+1:])
	var room [64]byte
	digits := append(append(room[:0], whole...), fraction...)
	// point is how many digits stand before the decimal point.
	point := len(whole) + exponent
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
		point--
	}
	if digits[0] == '0' { // zero itself has no use for digits before the point
		point = min(point, 1)
	}
	if !fits(len(digits), point) {
		return dst, decimalTooLong
	}
	if minus {
		dst = append(dst, '-')
	}
	switch {
	case point <= 0:
		dst = append(dst, '0', '.')
		dst = appendZeros(dst, -point)
		dst = append(dst, digits...)
	case point >= len(digits):
		dst = append(dst, digits...)
		dst = appendZeros(dst, point-len(digits))
	default:
		dst = append(dst, digits[:point]...)
		dst = append(dst, '.')
		dst = append(dst, digits[point:]...)
	}
	return dst, decimalWritten
}

// fits says whether so many digits with the point there are at most maxDigits
// when they are written out.
func fits(digits, point int) bool {
	if point <= 0 {
		return 1-point+digits <= maxDigits
	}
	return max(digits, point) <= maxDigits
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// maxExponent is beyond what the digits of any order can take back.
const maxExponent = 2 * MaxOrderBytes

// readExponent reads an exponent; a greater one than maxExponent is that.
func readExponent(digits []byte) int {
	n, sign := 0, 1
	for _, c := range digits {
		switch {
		case c == '-':
			sign = -1
		case c != '+':
			n = min(10*n+int(c-'0'), maxExponent)
		}
	}
	return sign * n
}
