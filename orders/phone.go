package orders

import (
	"bytes"
	"math/bits"
	"unicode"

	"process-orders/internal/columns"
)

// Spreadsheets take phones for numbers. They write 7325555439.0 for one, or 8.80E+12, in
// which most of its digits are lost; and people keep them from doing so by '0732… or
// ="0732…". A phone whose digits are lost is none: two people would become one.
//
// The default shape is what a program writes, and not a spreadsheet. Its phones are kept as
// they are.

// lostPhone is what a phone that lost its digits becomes: a blank text that no source has.
const lostPhone columns.Span = columns.InArena

// phone is the phone that a value was before a spreadsheet had it, lostPhone, or a blank if
// the value has no digit of any script. The value stays as it is if no spreadsheet had it.
func (r *resolver) phone(s columns.Span) columns.Span {
	d := r.draft
	text := d.out.Text(s)
	if isUsualPhone(text) || isBlank(text) {
		return s
	}
	isText := r.isText(s)
	if r.program.mapping.CSV {
		from, to := withoutWrapper(text)
		s = cut(s, from, to)
		if text = text[from:to]; isBlank(text) {
			return s
		}
	}
	switch c := text[0]; {
	case !isText && c != '-' && !isDigit(c): // true, or an object
		return s
	case !isText || r.program.mapping.CSV:
		if n := wholeDigits(text); n > 0 {
			return cut(s, 0, n)
		}
	}
	switch digits, isScientific := scientificDigits(text); {
	case isScientific && digits == nil, !isScientific && isCellError(text):
		r.hasLost = true
		return lostPhone
	case isScientific:
		return d.append(func(arena []byte) []byte { return append(arena, digits...) })
	case !bytes.ContainsFunc(text, unicode.IsNumber):
		return d.append(func(arena []byte) []byte { return append(arena, ' ') })
	}
	return s
}

// hasNoDigits reports whether the blank value of a slot was a phone without a digit, as N/A,
// which phone made a blank of the arena.
func (r *resolver) hasNoDigits(slot uint8) bool {
	return r.program.phoneSlots>>(slot%maxSlots)&1 != 0 && uint32(r.found[slot%maxSlots])&columns.InArena != 0
}

// losesPhone reports whether one of the order's phones lost its digits. It costs nothing in
// data in which none does.
func (r *resolver) losesPhone() bool {
	if !r.hasLost {
		return false
	}
	for slots := r.program.phoneSlots; slots != 0; slots &= slots - 1 {
		if r.found[bits.TrailingZeros64(slots)] == lostPhone {
			return true
		}
	}
	return false
}

// phoneOfNumber is the phone that is written as a number in JSON: it must be whole, as 7 and
// 7.0 are.
func (d *draft) phoneOfNumber(s columns.Span) (columns.Span, reason) {
	text := d.out.Text(s)
	if n := wholeDigits(text); n > 0 {
		return cut(s, 0, n), reasonNone
	}
	return 0, reasonType
}

// cut is a part of a span.
func cut(s columns.Span, from, to int) columns.Span {
	return columns.Span(uint32(s)+uint32(from)) | columns.Span(to-from)<<32
}

// isUsualPhone is the fast check of a phone: no spreadsheet changed it.
func isUsualPhone(text []byte) bool {
	found := isOther
	for _, c := range text {
		kind := phoneBytes[c]
		if kind == isOther {
			return false
		}
		found |= kind
	}
	return found&isPhoneDigit != 0
}

// phoneBytes are what the bytes of a phone are.
var phoneBytes = func() (kinds [256]phoneByte) {
	for _, c := range []byte(" ()-+/") {
		kinds[c] = isPhoneSign
	}
	for c := '0'; c <= '9'; c++ {
		kinds[c] = isPhoneDigit
	}
	return kinds
}()

type phoneByte uint8

const (
	isOther     phoneByte = 0
	isPhoneSign phoneByte = 1 << iota
	isPhoneDigit
)

// withoutWrapper returns where in a cell the phone or the id is that people wrapped: '0732 or
// ="0732".
func withoutWrapper(text []byte) (from, to int) {
	to = len(text)
	if to > 3 && bytes.HasPrefix(text, []byte(`="`)) && text[to-1] == '"' {
		from, to = 2, to-1
	}
	if to-from > 1 && text[from] == '\'' && (isDigit(text[from+1]) || text[from+1] == '+') {
		from++
	}
	return from, to
}

// wholeDigits returns how many digits a number starts with that is written with them alone,
// or with zeros behind a point too: 7325555439.0. It returns 0 for all else.
func wholeDigits(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if rest := text[n:]; len(rest) > 0 && (rest[0] != '.' || len(rest) == 1 || len(bytes.Trim(rest[1:], "0")) > 0) {
		return 0
	}
	return n
}

// scientificDigits returns all digits of a whole number that is written with an exponent, as
// 7.325555439E9. They are nil if some of them are not there.
func scientificDigits(text []byte) (digits []byte, isScientific bool) {
	mantissa, exponent, ok := bytes.Cut(bytes.ToUpper(text), []byte("E"))
	unsigned := bytes.TrimLeft(mantissa, "+-")
	whole, fraction, _ := bytes.Cut(bytes.ReplaceAll(unsigned, []byte(","), []byte(".")), []byte("."))
	power := bytes.TrimLeft(exponent, "+-")
	if !ok || len(whole) == 0 || len(power) == 0 || len(mantissa)-len(unsigned) > 1 || len(exponent)-len(power) > 1 ||
		wholeDigits(whole) == 0 || len(fraction) > 0 && wholeDigits(fraction) == 0 || wholeDigits(power) == 0 {
		return nil, false
	}
	places := 0
	for _, c := range power {
		places = min(10*places+int(c-'0'), len(fraction)+1)
	}
	if len(unsigned) < len(mantissa) || exponent[0] == '-' || places > len(fraction) || len(bytes.Trim(fraction[places:], "0")) > 0 {
		return nil, true
	}
	return append(whole, fraction[:places]...), true
}

// isLostID reports whether an id is a number of which a spreadsheet kept the first digits, as
// in 5.67891E+12: it may be that of several orders.
func isLostID(text []byte) bool {
	if !bytes.Contains(text, []byte("E+")) {
		return false
	}
	digits, isScientific := scientificDigits(text)
	return isScientific && digits == nil
}

// isCellError reports whether a text is what a spreadsheet writes into a cell instead of a
// value: #REF!, #DIV/0!, #N/A, ####.
func isCellError(text []byte) bool {
	text = bytes.TrimSpace(text)
	if text[0] != '#' {
		return false
	}
	last := text[len(text)-1]
	return last == '!' || last == '?' || !bytes.ContainsFunc(text, unicode.IsNumber)
}
