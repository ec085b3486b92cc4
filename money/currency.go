package money

import "bytes"

// A Currency is the code of a currency: three letters, as in ISO 4217. The zero
// value is no currency, or one that is not known. Currencies are values: compare
// them by ==, and use them as keys.
type Currency struct {
	code [3]byte // capital letters; zeros for none
}

// none is the code that ISO 4217 has for no currency.
var none = [3]byte{'X', 'X', 'X'}

// ParseCurrency reads a code of three letters of ASCII, small or capital. XXX is the
// zero value, as ISO 4217 has it for no currency. ok is false for all other text. The
// code need not be that of a currency, as new ones are introduced.
func ParseCurrency(code []byte) (c Currency, ok bool) {
	if len(code) != len(c.code) {
		return Currency{}, false
	}
	for i, letter := range code {
		letter &^= 0x20 // to a capital
		if letter < 'A' || letter > 'Z' {
			return Currency{}, false
		}
		c.code[i] = letter
	}
	if c.code == none {
		return Currency{}, true
	}
	return c, true
}

// IsNone reports whether c is the zero value: no currency.
func (c Currency) IsNone() bool { return c == Currency{} }

// Compare returns -1, 0 or 1, as c comes before, is, or comes after d in
// alphabetical order. No currency comes before all others.
func (c Currency) Compare(d Currency) int { return bytes.Compare(c.code[:], d.code[:]) }

// String returns the code in capital letters, XXX for no currency.
func (c Currency) String() string {
	if c.IsNone() {
		return string(none[:])
	}
	return string(c.code[:])
}

// MinorDigits returns how many digits the minor unit of c takes by ISO 4217: two
// for USD, none for JPY. A currency that is not known has two.
//
// Payment companies have exceptions of their own, such as two digits for ISK.
// Those are not here.
func (c Currency) MinorDigits() int {
	switch string(c.code[:]) {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
		"UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// FromMinor appends an amount in a currency's major unit, given in its minor unit:
// 1250 is 12.50 in USD, and 1250 in JPY. minor is a whole number as JSON writes it,
// without point and exponent, of at most 100 digits; for all other text ok is
// false, and dst is as it was. -0 is 0.
func FromMinor(dst, minor []byte, c Currency) (_ []byte, ok bool) {
	digits, minus := bytes.CutPrefix(minor, []byte("-"))
	if !areDigits(digits) || !isMantissa(digits, -1) || len(digits) > maxDigits {
		return dst, false
	}
	if minus && digits[0] != '0' {
		dst = append(dst, '-')
	}
	return appendPoint(dst, digits, c.MinorDigits()), true
}
