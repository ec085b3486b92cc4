package money

import "bytes"

// WriteOut appends number to dst without its exponent: 1.2e1 becomes 12, and
// 1.20e1 becomes 12.0, because every digit that was written is kept. A number
// without an exponent is appended as it is. -0e1 becomes -0.
//
// ok is false, and dst is as it was, if number does not follow JSON's grammar
// (RFC 8259), or if the result would have more than maxDigits digits, of which the
// zero before the point is one. number itself may have more: 0.001e3 becomes 1.
// WriteOut keeps nothing of number.
func WriteOut(dst, number []byte, maxDigits int) (_ []byte, ok bool) {
	mantissa, minus := bytes.CutPrefix(number, []byte("-"))
	exponent := 0
	if e := bytes.IndexAny(mantissa, "eE"); e >= 0 {
		exponent, ok = readExponent(mantissa[e+1:], len(number)+maxDigits)
		if !ok {
			return dst, false
		}
		mantissa = mantissa[:e]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	if !areDigits(whole) || !areDigits(fraction) || !isMantissa(mantissa, bytes.IndexByte(mantissa, '.')) {
		return dst, false
	}
	var buf [64]byte
	digits := append(append(buf[:0], whole...), fraction...)
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	places := len(fraction) - exponent
	if digits[0] == '0' {
		places = max(places, 0) // zero has no use for zeros before the point
	}
	if max(len(digits), len(digits)-places, places+1) > maxDigits {
		return dst, false
	}
	if minus {
		dst = append(dst, '-')
	}
	if places >= 0 {
		return appendPoint(dst, digits, places), true
	}
	return appendZeros(append(dst, digits...), -places), true
}

// areDigits reports whether a text has nothing but digits. It may be empty.
func areDigits[T []byte | string](text T) bool {
	for i := range len(text) {
		if c := text[i]; c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isMantissa reports whether digits with a point at that index, or none at -1,
// are what JSON allows before an exponent.
func isMantissa[T []byte | string](text T, point int) bool {
	whole := point
	if point < 0 {
		whole = len(text)
	}
	return whole > 0 && (whole == 1 || text[0] != '0') && point != len(text)-1
}

// readExponent reads an exponent, after its e. A greater one than limit is read as limit,
// which must be so great that the digits of the number cannot make up for it. ok is false
// if the text is no exponent.
func readExponent(text []byte, limit int) (n int, ok bool) {
	minus := false
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		minus = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 || !areDigits(text) {
		return 0, false
	}
	for _, c := range text {
		// In 64 bits, as ten times the limit can be beyond 32.
		n = int(min(10*int64(n)+int64(c-'0'), int64(limit)))
	}
	if minus {
		n = -n
	}
	return n, true
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}
