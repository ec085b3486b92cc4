// Package shown is what messages may show of a text that comes from outside.
//
// A message never shows what may be personal: [Value] shows a number or an amount of
// money, and of any other text its length alone. What a message does show may be made to
// deceive: [Text] escapes what a terminal obeys instead of printing it.
package shown

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/money"
)

// Text returns a text with escapes, as in Go, for all that a terminal takes for a command
// or that changes how the letters around it are shown: control characters, marks of the
// direction of writing and other invisible ones, ends of lines, and bytes that are not
// UTF-8. Joiners stay, as scripts and emojis need them. A text that was escaped stays as it
// is.
func Text(text string) string {
	clean := true
	for i := 0; i < len(text) && clean; i++ {
		clean = text[i] >= ' ' && text[i] < 0x7f
	}
	if clean {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case isHidden(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	return b.String()
}

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// isHidden reports whether a character does something else than to be seen.
func isHidden(r rune) bool {
	switch {
	case r == joiner, r == nonJoiner, unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Value returns a value as a message shows it. An amount of money is shown in quotes, with
// its currency and its separators. Of all else, also of what may be a phone, only the
// length is shown, as in: a text of 14 characters.
func Value(value string) string {
	switch {
	case IsAmount(value):
		return strconv.Quote(value)
	case value == "":
		return "an empty text"
	}
	return Length(value)
}

// Length returns the length of a text as a message shows it.
func Length(text string) string {
	if n := utf8.RuneCountInString(text); n != 1 {
		return fmt.Sprintf("a text of %d characters", n)
	}
	return "a text of 1 character"
}

const (
	// maxAmountBytes is how long a text can be to be looked at as an amount: longer than
	// any with its currency.
	maxAmountBytes = 40
	// phoneDigits is how many digits a phone has at least.
	phoneDigits = 7
)

// IsAmount reports whether a text is a number or an amount of money, maybe with the sign or
// the code of its currency, with separators and with brackets for a minus, and can be nothing
// else. So many digits as a phone has are an amount only beside a currency, and in groups of
// three.
func IsAmount(text string) bool {
	if len(text) > maxAmountBytes {
		return false
	}
	number, before := money.CutCurrency(text)
	if inner, ok := strings.CutPrefix(number, "("); ok && strings.HasSuffix(inner, ")") {
		number = inner[:len(inner)-1]
	} else {
		number = withoutSign(number)
	}
	number, within := money.CutCurrency(number)
	return isAmount(number, before || within)
}

// isAmount is IsAmount for what is left without sign and currency.
func isAmount(number string, hasCurrency bool) bool {
	digits, groups, size := 0, true, 0
	var last rune
	for i, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
			size++
		case !strings.ContainsRune(".,'’ \u00a0\u202f\u2009", r), i > 0 && !isDigit(last):
			return false
		default:
			groups = groups && (size == 3 || digits == size && size < 3)
			size = 0
		}
		last = r
	}
	if digits < phoneDigits {
		return digits > 0
	}
	return hasCurrency && groups && digits > size && size <= 3
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func withoutSign(text string) string {
	text = strings.TrimSpace(text)
	for _, sign := range []string{"-", "+", "\u2212"} {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutSuffix(text, sign); ok {
			return strings.TrimSpace(rest)
		}
	}
	return text
}
