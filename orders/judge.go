package orders

import (
	"bytes"
	"unicode/utf8"

	"process-orders/internal/columns"
	"process-orders/money"
)

// The judges: what each kind of value must be. The slow path, the fast path and the
// resolver all ask them, so that each rule about values is here only.

// isBlank reports whether a text has nothing but white space (Unicode's). A blank
// text is not provided: it is as good as none.
func isBlank(text []byte) bool {
	return len(text) == 0 || !startsASCII(text) && len(bytes.TrimSpace(text)) == 0
}

// startsASCII reports whether a text starts with a character of ASCII that is not white, as
// most do.
func startsASCII(text []byte) bool {
	return len(text) > 0 && text[0] > ' ' && text[0] < utf8.RuneSelf
}

// startsPlainly reports whether c, the byte at the start of a text, shows that the text
// is provided, as it does for most texts. If the text is empty, c is the quote behind it.
// Outside ASCII, white space starts with one of four bytes.
func startsPlainly(c byte) bool {
	return c > '"' && c < 0x7f || c > 0xc2 && c != 0xe1 && c != 0xe2 && c != 0xe3
}

// judgeText judges a phone, a name or an item. It reports whether the text is
// provided. Only a name need not be.
//
// A text can hold NUL only if it had escapes or is from a table: JSON forbids the
// byte itself.
func judgeText(role role, text []byte, canHoldNUL bool) (provided bool, why reason) {
	if isBlank(text) {
		if role == roleName {
			return false, reasonNone
		}
		return false, reasonBlank
	}
	if canHoldNUL && bytes.IndexByte(text, 0) >= 0 {
		return true, reasonNUL
	}
	return true, reasonNone
}

// judgeDecimal judges a price or a quantity, written as a text or as a number. It
// must follow JSON's grammar of numbers or, in a text, be a number as people write it, and
// have at most maxDigits digits. What it returns has no exponent.
func (d *draft) judgeDecimal(s columns.Span) (columns.Span, reason) {
	if d.program.mapping.Decimal != DecimalComma && isPlainDecimal(d.out.Text(s)) {
		return s, reasonNone
	}
	return d.judgeAnyDecimal(s)
}

// judgeAnyDecimal is judgeDecimal for a number that may be written in any way.
func (d *draft) judgeAnyDecimal(s columns.Span) (columns.Span, reason) {
	inner := scanner{data: d.out.Text(s)}
	var n number
	ok := len(inner.data) > 0 && (inner.data[0] == '-' || isDigit(inner.data[0]))
	if ok {
		n, ok = inner.number()
	}
	switch sign := d.program.mapping.Decimal; {
	case ok && n.end == len(inner.data) && (sign != DecimalComma || bytes.IndexByte(inner.data, '.') < 0 || !d.isText(s)):
		return d.judgeNumber(s, n.exponent)
	case isBlank(inner.data):
		return 0, reasonBlank
	case !d.isText(s):
		return 0, reasonPrice
	default:
		return d.judgeWritten(s, sign)
	}
}

// judgeWritten judges a number in a text that does not follow JSON's grammar, or that the
// decimal sign in force reads in another way.
func (d *draft) judgeWritten(s columns.Span, sign Decimal) (columns.Span, reason) {
	reading := money.NoNumber
	written := d.append(func(arena []byte) []byte {
		arena, reading = money.AppendWritten(arena, d.out.Text(s), signs[sign])
		return arena
	})
	switch reading {
	case money.OneNumber:
		if c := money.WrittenCurrency(d.out.Text(s)); !c.IsNone() {
			d.written = c
		}
		return d.judgeNumber(written, false)
	case money.TwoWays:
		return 0, reasonTwoWays
	}
	return 0, reasonPrice
}

// signs are the decimal signs of mappings.
var signs = [...]money.Sign{DecimalUnknown: money.UnknownSign, DecimalPoint: money.Point, DecimalComma: money.Comma}

// isText reports whether a value was a text: then a quote comes before it.
func (d *draft) isText(s columns.Span) bool {
	at := uint32(s)
	return at&columns.InArena != 0 || d.program.mapping.CSV || d.out.Data[at-1] == '"'
}

// judgeNumber is judgeDecimal for what is known to follow the grammar.
func (d *draft) judgeNumber(s columns.Span, exponent bool) (columns.Span, reason) {
	b := d.out
	arena, v := decimal(b.Arena, b.Text(s), exponent)
	switch v {
	case decimalAsIs:
		return s, reasonNone
	case decimalWritten:
		s = columns.NewSpan(len(b.Arena), len(arena)) | columns.InArena
		b.Arena = arena
		return s, reasonNone
	}
	return 0, reasonDigits
}

// isPlainNumber is the fast check of a number: n digits and points, first byte first, and
// a bit in points for each point. False means: ask judgeDecimal. The shift is masked so
// that the processor needs no test for it.
func isPlainNumber(first byte, n int, points uint64) bool {
	return uint(n-1) < maxDigits && points&(points-1) == 0 && points&(1|1<<((n-1)&63)) == 0 &&
		(first != '0' || n == 1 || points == 2)
}

// isPlainDecimal is isPlainNumber for a text that is in no bitmap.
func isPlainDecimal(text []byte) bool {
	points := uint64(0)
	for i, c := range text {
		switch {
		case isDigit(c):
		case c == '.':
			points |= 1 << (i & 63)
		default:
			return false
		}
	}
	return len(text) > 0 && isPlainNumber(text[0], len(text), points)
}

// judgeMinor judges a price in a currency's smallest unit: it must be whole.
func judgeMinor(price []byte) reason {
	if bytes.IndexByte(price, '.') >= 0 {
		return reasonMinor
	}
	return reasonNone
}

// judgeCurrency judges the code of a currency: it must be three letters.
func judgeCurrency(code []byte) reason {
	if _, ok := money.ParseCurrency(code); !ok {
		return reasonCurrency
	}
	return reasonNone
}
