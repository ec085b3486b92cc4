package look

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"process-orders/money"
)

// maxDecimalBytes is the size of the longest decimal that gets a bar or a percentage. A
// float64 holds any of that size. Longer ones are shown as numbers only.
const maxDecimalBytes = 300

// A Notation writes a decimal number, which has a point and maybe a minus, as people do. It changes no
// digit of it.
type Notation func(number string) string

// Count writes a number.
func (n Notation) Count(i int64) string { return n(strconv.FormatInt(i, 10)) }

// Decimal writes a decimal number. A text that is no number is shown as it is.
func (n Notation) Decimal(s string) string {
	if _, _, ok := split(s); !ok {
		short, _ := shorten(s, maxNameRunes)
		return short
	}
	return n(s)
}

// English separates the thousands, as in 1,234.5.
func English(number string) string {
	whole, rest, _ := split(number)
	unsigned, isBelow := strings.CutPrefix(whole, "-")
	if whole = Group(unsigned, ",", 3, 3); isBelow {
		whole = "−" + whole
	}
	return whole + rest
}

// Group puts a text between the groups of the digits of a whole number: the last group has so many
// digits, at least one, and each of the others has so many.
func Group(digits, between string, last, other int) string {
	if len(digits) <= last {
		return digits
	}
	at := len(digits) - last
	groups := []string{digits[at:]}
	for ; at > other; at -= other {
		groups = append(groups, digits[at-other:at])
	}
	groups = append(groups, digits[:at])
	slices.Reverse(groups)
	return strings.Join(groups, between)
}

// An Amount is a sum of money as text. Currency is "" if there is none.
type Amount struct{ Number, Currency string }

// Amount writes a sum with every digit that it has, as a price.
func (n Notation) Amount(s money.Sum) Amount {
	a := Amount{Number: n.Price(s.Written().String())}
	if !s.Currency.IsNone() {
		a.Currency = s.Currency.String()
	}
	return a
}

// Price writes a price as Decimal does, and 12.5 as 12.50: no currency has tenths.
func (n Notation) Price(s string) string {
	if places(s) == 1 {
		s += "0"
	}
	return n.Decimal(s)
}

// split divides a decimal number before its point. ok is false for a text that is no
// number: digits, with or without a minus in front, and a point and digits behind.
func split(s string) (whole, rest string, ok bool) {
	whole = s
	if point := strings.IndexByte(s, '.'); point >= 0 {
		whole, rest = s[:point], s[point:]
		if !digits(rest[1:]) {
			return "", "", false
		}
	}
	return whole, rest, digits(strings.TrimPrefix(whole, "-"))
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// length returns a decimal number as a float64. It is for the length of a bar or the
// height of a line, never for a text.
func length(s string) (float64, bool) {
	if _, _, ok := split(s); !ok || len(s) > maxDecimalBytes {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// Change returns how much a number rose or fell, as in "+0.55" and "+5.0 %". Both are
// empty if they cannot be computed, and the percentage also if there was nothing before.
func (n Notation) Change(from, to string) (amount, percent string) {
	a, ok := exact(from)
	b, ok2 := exact(to)
	if !ok || !ok2 {
		return "", ""
	}
	return n.signed(new(big.Rat).Sub(b, a), max(places(from), places(to))), n.Percent(from, to, 1)
}

// Percent returns by how much a number rose or fell, as in "+5 %" with 0 places. It is empty if
// that cannot be computed, or if there was nothing before.
func (n Notation) Percent(from, to string, places int) string {
	a, ok := exact(from)
	b, ok2 := exact(to)
	if !ok || !ok2 || a.Sign() <= 0 {
		return ""
	}
	by := new(big.Rat).Sub(b, a)
	by.Mul(by, big.NewRat(100, 1))
	return n.signed(by.Quo(by, a), places) + "\u00a0%" // on one line
}

func exact(s string) (*big.Rat, bool) {
	if _, _, ok := split(s); !ok || len(s) > maxDecimalBytes {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func places(s string) int {
	_, rest, _ := split(s)
	return max(0, len(rest)-1)
}

func (n Notation) signed(r *big.Rat, places int) string {
	s := n.Decimal(r.FloatString(places))
	if r.Sign() > 0 {
		s = "+" + s
	}
	return s
}
