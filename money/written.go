package money

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Sign is the decimal sign of numbers as people write them.
type Sign uint8

// The signs.
const (
	UnknownSign Sign = iota // a point, unless the number could be read in two ways
	Point                   // 1,299.50
	Comma                   // 1.299,50
)

// A Reading is what [AppendWritten] makes of a text.
type Reading uint8

// The readings.
const (
	NoNumber  Reading = iota // it is no number, with this sign
	OneNumber                // it is a number
	TwoWays                  // it is one number if the sign is a point, and another if it is a comma
)

// AppendWritten appends a number to dst that is written as people write it. What it appends
// follows JSON's grammar (RFC 8259) and has the digits as they are written: 1,299.00 becomes
// 1299.00. A number that follows the grammar is appended as it is, unless the sign is a comma
// and the number has a point.
//
// A number is read by its sign, and never by its looks: with a comma as the sign 1.299 is
// 1299, and 4.50 is no number. Beside JSON's grammar it may have
//
//   - blanks around it, also those that do not break;
//   - a sign, or the code, of a currency before or behind it: $5, 5.00 €, EUR 5.00;
//   - a sign before or behind it, also around the currency: +5, -$5, $-5, 5-;
//   - brackets, which mean a minus: (5.00);
//   - no digit before the decimal sign, or none behind it: .5 is 0.5, and 5. is 5;
//   - digits in groups of three, as in 1,299.00, with one of the separators comma (point, if
//     the sign is a comma), blank and apostrophe; and as in India, 12,34,567.
//
// If the sign is unknown it is a point. But one comma before three digits could be a
// decimal sign as well as a separator: then nothing is appended, and the reading is
// [TwoWays]. All else, such as percents, fractions and two numbers, is no number.
//
// AppendWritten keeps nothing of text.
func AppendWritten(dst, text []byte, sign Sign) ([]byte, Reading) {
	if isNumber(text) && (sign != Comma || bytes.IndexByte(text, '.') < 0) {
		return append(dst, text...), OneNumber
	}
	number, minus, ok := bare(string(text))
	if !ok {
		return dst, NoNumber
	}
	decimal := byte('.')
	switch {
	case sign == Comma:
		decimal = ','
	case sign == UnknownSign && isOpen(number):
		return dst, TwoWays
	}
	from := len(dst)
	if minus {
		dst = append(dst, '-')
	}
	if dst, ok = appendGrouped(dst, number, decimal); !ok {
		return dst[:from], NoNumber
	}
	return dst, OneNumber
}

// isOpen reports whether a number has one comma that is a separator if the decimal sign is
// a point, and else the decimal sign.
func isOpen(number string) bool {
	whole, rest, hasComma := strings.Cut(number, ",")
	return hasComma && len(whole) <= 3 && len(rest) == 3 && areDigits(whole) && areDigits(rest) && whole != "" && whole[0] != '0'
}

// isNumber reports whether a text follows JSON's grammar of numbers.
func isNumber(text []byte) bool {
	mantissa, _ := bytes.CutPrefix(text, []byte("-"))
	if e := bytes.IndexAny(mantissa, "eE"); e >= 0 {
		if _, ok := readExponent(mantissa[e+1:], 1); !ok {
			return false
		}
		mantissa = mantissa[:e]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	return areDigits(whole) && areDigits(fraction) && isMantissa(mantissa, bytes.IndexByte(mantissa, '.'))
}

// bare returns a number without all that people write around its digits. ok is false if
// there is nothing left.
func bare(text string) (number string, minus, ok bool) {
	if n := len(text); n > 0 && areDigits(text[:1]) && areDigits(text[n-1:]) {
		return text, false, true
	}
	text, _ = CutCurrency(text)
	text, _ = CutCurrency(text) // $5 USD
	if inner, opens := strings.CutPrefix(text, "("); opens {
		inner, closes := strings.CutSuffix(inner, ")")
		text, _ = CutCurrency(trim(inner))
		return text, true, closes && text != ""
	}
	text, minus = cutSign(text)
	text, _ = CutCurrency(text)
	return text, minus, text != ""
}

// cutSign removes one sign from a start or else from an end. The minus of 5.- is no sign: it
// stands for cents.
func cutSign(text string) (number string, minus bool) {
	for _, sign := range []string{"-", "\u2212", "+"} {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return trim(rest), sign != "+"
		}
		if rest, ok := strings.CutSuffix(text, sign); ok && sign != "+" && !strings.HasSuffix(rest, ".") && !strings.HasSuffix(rest, ",") {
			return trim(rest), true
		}
	}
	return text, false
}

// trim removes blanks from both ends, and what cannot be seen.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// appendGrouped appends digits with that decimal sign, a point or a comma, without their
// separators.
func appendGrouped(dst []byte, number string, decimal byte) (_ []byte, ok bool) {
	whole, fraction, _ := strings.Cut(number, string(decimal))
	if !areDigits(fraction) || whole == "" && fraction == "" {
		return dst, false
	}
	if whole == "" {
		dst = append(dst, '0')
	} else if dst, ok = appendWhole(dst, whole, decimal); !ok {
		return dst, false
	}
	if fraction != "" {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst, true
}

// appendWhole appends the digits before the decimal sign without their separators.
func appendWhole(dst []byte, whole string, decimal byte) (_ []byte, ok bool) {
	from := len(dst)
	var separator rune
	size, first, middle := 0, 0, 0 // of groups of digits: of this one, of the first, of those between
	for _, r := range whole {
		switch {
		case r >= '0' && r <= '9':
			dst = append(dst, byte(r))
			size++
			continue
		case !isSeparator(r, decimal), separator != 0 && r != separator, size == 0:
			return dst, false
		case separator == 0:
			separator, first = r, size
		case middle != 0 && middle != size:
			return dst, false
		default:
			middle = size
		}
		size = 0
	}
	switch isGrouped := separator != 0; {
	case isGrouped && (size != 3 || first > 3):
		return dst, false
	case middle == 2: // lakhs
		return dst, separator == ',' && first <= 2 && dst[from] != '0'
	case middle != 0 && middle != 3:
		return dst, false
	}
	return dst, dst[from] != '0' || len(dst) == from+1
}

// isSeparator reports whether digits may be in groups with r between them.
func isSeparator(r rune, decimal byte) bool {
	switch r {
	case ' ', '\u00a0', '\u202f', '\u2009', '\'', '\u2019':
		return true
	case ',', '.':
		return r != rune(decimal)
	}
	return false
}

// CutCurrency removes the sign or the code of a currency, and the blanks beside it, from the
// start of an amount or else from its end. ok reports whether there is one: $, US$, EUR, or a
// word that shops write, such as kr. A sign of cents is none, as 50¢ are not 50.
func CutCurrency(amount string) (number string, ok bool) {
	amount = trim(amount)
	isOther := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) }
	from := strings.IndexFunc(amount, isOther)
	if from > 0 {
		switch kind := currencyKind(amount[:from]); {
		case kind == currencyWord:
			return trim(strings.TrimPrefix(amount[from:], ".")), true // the point is that of Rs. 5
		case kind == currencyCode && amount[from] == '.': // it may be either
		case kind != noCurrency:
			return trim(amount[from:]), true
		case from <= 2 && isShortCode(amount[:from]): // US $5
			rest := trim(amount[from:])
			if r, n := utf8.DecodeRuneInString(rest); rest != amount[from:] && isCurrencySign(r) {
				return trim(rest[n:]), true
			}
		}
	}
	end := strings.TrimSuffix(amount, ".")
	to := strings.LastIndexFunc(end, isOther)
	if to < 0 {
		return amount, false
	}
	_, n := utf8.DecodeRuneInString(end[to:])
	kind := currencyKind(end[to+n:])
	if kind == noCurrency || len(end) < len(amount) && kind != currencyWord {
		return amount, false
	}
	return trim(end[:to+n]), true
}

// WrittenCurrency returns the currency that is written beside an amount: by its code, as in
// EUR 5.00, or by a sign or word that no other currency has, as in 5.00 € and 5 TL. It is the
// zero value if there is none, and for those of several currencies, such as $ and kr. It keeps
// nothing of amount.
func WrittenCurrency(amount []byte) Currency {
	for word := range strings.FieldsFuncSeq(string(amount), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) }) {
		if code := ownSigns[strings.ToLower(word)]; code != "" {
			word = code
		}
		if c, ok := ParseCurrency([]byte(word)); ok && currencyKind(word) == currencyCode {
			return c
		}
	}
	return Currency{}
}

// ownSigns are signs and words that one currency has, in small letters.
var ownSigns = map[string]string{
	"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₴": "UAH", "₫": "VND",
	"euro": "EUR", "euros": "EUR", "zł": "PLN", "kč": "CZK", "ft": "HUF", "лв": "BGN", "грн": "UAH", "tl": "TRY", "円": "JPY",
}

// What a word says of a currency.
const (
	noCurrency   = iota
	currencySign // $ or US$
	currencyCode // of ISO 4217
	currencyWord // of words
)

func currencyKind(word string) int {
	first, n := utf8.DecodeRuneInString(word)
	last, m := utf8.DecodeLastRuneInString(word)
	switch {
	case word == "":
		return noCurrency
	case isCurrencySign(last) && isShortCode(word[:len(word)-m]), isCurrencySign(first) && isShortCode(word[n:]):
		return currencySign
	case len(word) == 3 && strings.Contains(codes, " "+word+" "):
		return currencyCode
	case strings.Contains(words, " "+strings.ToLower(word)+" "):
		return currencyWord
	}
	return noCurrency
}

func isCurrencySign(r rune) bool {
	return unicode.Is(unicode.Sc, r) && r != '¢' && r != '\uffe0'
}

// isShortCode reports whether letters may be beside a sign, as in US$.
func isShortCode(letters string) bool {
	return len(letters) <= 3 && !strings.ContainsFunc(letters, func(r rune) bool { return r < 'A' || r > 'Z' })
}

const (
	// words are currencies as shops write them, in small letters.
	words = " rs kr zł kč ft лв руб р грн fr rm lei din tl 元 円 euro euros eur usd gbp chf inr "
	// codes are those of ISO 4217.
	codes = " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL" +
		" BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP" +
		" ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD" +
		" IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD" +
		" MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB" +
		" PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD" +
		" SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES" +
		" VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
)
