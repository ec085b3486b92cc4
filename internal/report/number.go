package report

import (
	"math/big"
	"strconv"
	"strings"
)

// maxDecimalBytes is the size of the longest decimal that gets a bar or a percentage. A
// float64 holds any of that size. Longer ones are shown as numbers only.
const maxDecimalBytes = 300

// count writes a number with its thousands separated.
func count(n int64) string { return decimal(strconv.FormatInt(n, 10)) }

// decimal separates the thousands of a decimal number and changes no digit of it. A
// text that is no number is shown as it is.
func decimal(s string) string {
	whole, rest, ok := split(s)
	if !ok {
		short, _ := shorten(s, maxNameRunes)
		return short
	}
	sign := ""
	if whole[0] == '-' {
		sign, whole = "−", whole[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String() + rest
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

// change returns how much a price rose or fell, as in "+0.55" and "+5.0 %". Both are
// empty if they cannot be computed.
func change(from, to string) (amount, percent string) {
	a, ok := exact(from)
	b, ok2 := exact(to)
	if !ok || !ok2 {
		return "", ""
	}
	by := new(big.Rat).Sub(b, a)
	amount = signed(by, max(places(from), places(to)))
	if a.Sign() <= 0 {
		return amount, ""
	}
	by.Mul(by, big.NewRat(100, 1))
	return amount, signed(by.Quo(by, a), 1) + "\u00a0%" // on one line
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

func signed(r *big.Rat, places int) string {
	s := decimal(r.FloatString(places))
	if r.Sign() > 0 {
		s = "+" + s
	}
	return s
}
