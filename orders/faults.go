package orders

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"process-orders/internal/columns"
	"process-orders/internal/shown"
	"process-orders/money"
)

// stop is why the input cannot be read further.
type stop struct {
	at    int    // in data
	start int    // where its order starts, or at
	why   string // see scanner.why
	order bool   // whether it is within an order, which has the number findings.count
	limit int    // the limit that is exceeded, if that is why
}

// fault is why one order cannot be accepted.
type fault struct {
	start, end int // the order's text in data
	at         int // where in data the fault is
	number     int64
	node       *node
	line       int // which of the order's lines has it, or -1
	reason     reason
	as         role         // what the value should have been, if that is another role than its node's
	value      columns.Span // that is wrong, if the reason shows it
	why        string       // reasonSyntax: see scanner.why; reasonNoGroup: the ways out
}

// reason is what is wrong with an order.
type reason uint8

const (
	reasonNone reason = iota
	reasonMissing
	reasonBlank
	reasonTwice
	reasonNUL
	reasonType
	reasonPrice
	reasonTwoWays
	reasonDigits
	reasonMinor
	reasonZero
	reasonDivisor
	reasonCurrency
	reasonOtherCurrency
	reasonPhoneLost
	reasonNoDigits
	reasonIDLost
	reasonOrphan
	reasonNoGroup
	reasonOtherID
	reasonOtherKind
	reasonNoOrder
	reasonSyntax
)

// isNoOrder reports whether the fault is that something is no order at all.
func (p *program) isNoOrder(f *fault) bool {
	return f.reason == reasonNoOrder || f.reason == reasonOtherKind || f.reason == reasonType && f.node == p.order
}

const otherKind = "this is the id of something else than an order"

// explain makes a reject of a fault, all but its place.
func (p *program) explain(b *findings, f *fault) *Reject {
	text := bytes.Clone(b.Data[f.start:f.end])
	at := f.at - f.start
	// A table does not write texts as JSON does, and it is not always known where in the
	// table the text of a price starts.
	showPrice := (f.reason == reasonPrice || f.reason == reasonTwoWays) && !p.mapping.CSV
	why := describe(f, text, at)
	if f.value != 0 {
		switch value := string(b.Text(f.value)); f.reason {
		case reasonPrice:
			why += p.noNumber(value)
		case reasonTwoWays:
			why = twoWays(value)
		}
	}
	return &Reject{
		Path:    p.path(f),
		Reason:  why,
		Text:    text,
		excerpt: func() Excerpt { return p.excerpt(text, at, showPrice) },
	}
}

// path is the path of a fault, as in items[1].price.
func (p *program) path(f *fault) string {
	if f.line < 0 || len(p.groupBy) > 0 {
		return f.node.path
	}
	path := fmt.Sprintf("%s[%d]", p.lines.path, f.line)
	if f.node != p.lines {
		path += "." + f.node.path
	}
	return path
}

// describe returns what is wrong, in words.
func describe(f *fault, text []byte, at int) string {
	switch f.reason {
	case reasonMissing:
		return "missing"
	case reasonNoOrder:
		return "missing, so this is no order"
	case reasonBlank:
		return "blank"
	case reasonTwice:
		return "the key appears twice in one object"
	case reasonNUL:
		return "holds a NUL character"
	case reasonDigits:
		return fmt.Sprintf("more than %d digits when written out", maxDigits)
	case reasonMinor:
		return "want a whole number, as the price is in the currency's smallest unit"
	case reasonOtherCurrency:
		return "the price is written with another currency"
	case reasonOtherKind:
		return otherKind
	case reasonOtherID:
		return "an earlier row of this order has another id: these may be two orders"
	case reasonOrphan:
		return "the order that this row belongs to is in no other row"
	case reasonNoGroup:
		return "blank, and the row does not say who ordered or when" + f.why
	case reasonCurrency:
		return "want a currency of three letters, as in USD"
	case reasonZero:
		return "the quantity is 0, so there is no unit price"
	case reasonDivisor:
		return "want a divisor above 0"
	case reasonPrice:
		return "want a decimal number"
	case reasonPhoneLost:
		return "the phone lost its digits in a spreadsheet: export it again, as text"
	case reasonNoDigits:
		return "want a phone, got a text without digits"
	case reasonIDLost:
		return "it lost its digits in a spreadsheet, so it may be that of several orders: export them again"
	case reasonType:
		return "want " + wanted(f) + ", got " + typeOf(text[at:])
	default:
		return completed(f.why, text, at)
	}
}

// wanted is what a value of the wrong type should have been.
func wanted(f *fault) string {
	role := f.node.role
	if f.as != roleNone {
		role = f.as
	}
	switch role {
	case roleArray:
		return "an array"
	case rolePhone:
		return "a string or a whole number"
	case roleName, roleItem:
		return "a string"
	case rolePrice, roleQuantity:
		return "a decimal number"
	case roleLines:
		if f.line < 0 {
			return "an array"
		}
		return "an object"
	}
	if f.node.path == "" {
		return "an order (an object)"
	}
	return "an object"
}

// typeOf names the type of a JSON value by its first byte.
func typeOf(value []byte) string {
	switch c := value[0]; c {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return "a number"
}

// noNumber says what is there instead of a number, and which decimal sign makes a number of
// it.
func (p *program) noNumber(value string) string {
	got := ", got " + shown.Value(value)
	sign, quoted := money.Comma, ","
	if p.mapping.Decimal == DecimalComma {
		sign, quoted = money.Point, "."
	}
	number, reading := money.AppendWritten(nil, []byte(value), sign)
	if reading != money.OneNumber {
		return got
	}
	is := "a number"
	if shown.IsAmount(value) {
		is = string(number)
	}
	return fmt.Sprintf("%s, which is %s with --decimal %s or decimal = %q in the mapping", got, is, quoted, quoted)
}

// twoWays says which two numbers a value could be.
func twoWays(value string) string {
	point, _ := money.AppendWritten(nil, []byte(value), money.Point)
	comma, _ := money.AppendWritten(nil, []byte(value), money.Comma)
	if !shown.IsAmount(value) {
		point, comma = []byte("one number"), []byte("another")
	}
	return fmt.Sprintf("want a decimal number, got %s, which could be %s (--decimal .) or %s (--decimal ,); decimal in the mapping decides too",
		shown.Value(value), point, comma)
}

// notUTF8 is the reason for bytes that are not UTF-8; completed says what they may be.
const notUTF8 = "not valid UTF-8"

// single is an encoding that text is often in that is not UTF-8: programs for Windows write
// it. It has one byte a character.
const single = "windows-1252"

// maybeSingle reports whether what is not UTF-8 at an offset may be a character of single:
// a byte behind ASCII, as all of the text before it is UTF-8, and one that has a character.
func maybeSingle(data []byte, at int) bool {
	if at > 0 && data[at-1] >= utf8.RuneSelf {
		return false
	}
	return !bytes.Contains([]byte("\x81\x8d\x8f\x90\x9d"), data[at:at+1])
}

// completed adds to a reason what is there instead, if it starts with "want", and what it may
// be if it is not UTF-8.
func completed(why string, data []byte, at int) string {
	switch {
	case why != notUTF8:
	case maybeSingle(data, at):
		return notUTF8 + "; the text may be in " + single + ": read it as that, or convert it to UTF-8"
	default:
		return notUTF8 + "; the file is damaged, or in another encoding: read it as that, or convert it to UTF-8"
	}
	if !strings.HasPrefix(why, "want ") {
		return why
	}
	if at >= len(data) {
		return why + ", got the end of the input"
	}
	if c := data[at]; c > ' ' && c < 0x7f {
		return fmt.Sprintf("%s, got '%c'", why, c)
	}
	return fmt.Sprintf("%s, got byte 0x%02x", why, data[at])
}
