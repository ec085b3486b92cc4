package money

// MinorDigits returns how many digits the minor units of a currency take by ISO
// 4217: two for USD, none for JPY. Capitals and small letters are the same. A
// currency that is unknown, or no text at all, has two.
//
// Payment companies have exceptions of their own, such as two digits for ISK.
// Those are not here.
func MinorDigits(currency []byte) int {
	if len(currency) != 3 {
		return 2
	}
	var code [3]byte
	for i, c := range currency {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		code[i] = c
	}
	switch string(code[:]) {
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

// FromMinor appends the amount in a currency's major units that so many of its
// minor units are: 1250 in USD is 12.50, in JPY 1250. ok is false, and dst as it
// was, where text is no whole number of MaxDigits digits at most, written as JSON
// does it without point and exponent. -0 is 0.
func FromMinor(dst, text, currency []byte) (_ []byte, ok bool) {
	digits, minus := text, false
	if len(text) > 0 && text[0] == '-' {
		digits, minus = text[1:], true
	}
	if !isWhole(digits) {
		return dst, false
	}
	if minus && digits[0] != '0' {
		dst = append(dst, '-')
	}
	return appendPoint(dst, digits, MinorDigits(currency)), true
}

// isWhole says whether a text is digits without zeros in front.
func isWhole(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0 && len(text) <= MaxDigits && (len(text) == 1 || text[0] != '0')
}
