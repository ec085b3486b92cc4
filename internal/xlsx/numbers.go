package xlsx

import (
	"bytes"
	"math"
	"strconv"
)

const (
	// exactDigits is how many digits a number in a sheet can have exactly.
	exactDigits = 15
	// maxExponent is up to where a number is written without an exponent.
	maxExponent = 40
)

// appendNumber appends a number as plain digits: no exponent, and no more digits than the
// sheet can have. A number that is too large to be exact stays as it is written, and so does
// what is no number.
func appendNumber(dst, text []byte, comma bool) []byte {
	from := len(dst)
	dst = appendPlain(dst, bytes.TrimSpace(text))
	if comma {
		if i := bytes.IndexByte(dst[from:], '.'); i >= 0 {
			dst[from+i] = ','
		}
	}
	return dst
}

func appendPlain(dst, text []byte) []byte {
	if isPlain(text) {
		return append(dst, text...)
	}
	digits, exponent, negative, ok := split(text)
	if !ok {
		return append(dst, text...)
	}
	if len(digits) > exactDigits {
		if exponent >= exactDigits {
			return append(dst, text...)
		}
		value, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return append(dst, text...)
		}
		var buf [32]byte
		digits, exponent, _, _ = split(strconv.AppendFloat(buf[:0], math.Abs(value), 'e', exactDigits-1, 64))
	}
	if exponent > maxExponent || exponent < -maxExponent {
		return append(dst, text...)
	}
	if negative && len(digits) > 0 {
		dst = append(dst, '-')
	}
	return appendDigits(dst, digits, exponent)
}

// appendDigits appends 0.DIGITS * 10^exponent.
func appendDigits(dst, digits []byte, exponent int) []byte {
	switch {
	case len(digits) == 0:
		return append(dst, '0')
	case exponent <= 0:
		dst = append(dst, "0."...)
		dst = append(dst, bytes.Repeat([]byte("0"), -exponent)...)
		return append(dst, digits...)
	case exponent >= len(digits):
		dst = append(dst, digits...)
		return append(dst, bytes.Repeat([]byte("0"), exponent-len(digits))...)
	}
	dst = append(append(dst, digits[:exponent]...), '.')
	return append(dst, digits[exponent:]...)
}

// split splits a number into 0.DIGITS * 10^exponent, without zeros on either side of the
// digits. It reports false for what is no number.
func split(text []byte) (digits []byte, exponent int, negative, ok bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative, text = text[0] == '-', text[1:]
	}
	mantissa, power := text, 0
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		var err error
		if power, err = strconv.Atoi(string(text[i+1:])); err != nil || power > 400 || power < -400 {
			return nil, 0, false, false
		}
		mantissa = text[:i]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	if len(whole)+len(fraction) == 0 {
		return nil, 0, false, false
	}
	digits = append(append(make([]byte, 0, 32), whole...), fraction...)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil, 0, false, false
		}
	}
	all := len(digits)
	digits = bytes.TrimLeft(digits, "0")
	exponent = len(whole) - (all - len(digits)) + power
	digits = bytes.TrimRight(digits, "0")
	if len(digits) == 0 {
		exponent = 0
	}
	return digits, exponent, negative, true
}

// isPlain reports whether a number is written as it should be, as most are. It may report
// false for one that is.
func isPlain(text []byte) bool {
	if len(text) == 0 || len(text) > exactDigits || text[0] == '0' && len(text) > 1 && text[1] != '.' {
		return false
	}
	point := -1
	for i, c := range text {
		if c == '.' && point < 0 && i > 0 {
			point = i
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return point < 0 || text[len(text)-1] != '0' && point < len(text)-1
}
