package phones

import (
	"strings"
	"unicode"
)

// A masked phone shows this many digits, and only if it is long enough for them
// to reveal little.
const (
	shownDigits   = 2
	minMaskLength = 4 // letters and digits
)

// Mask hides all but the last two digits of a phone: 732-555-5509 becomes
// ***-***-**09. It is for messages and pages: nobody can call the phone, and its
// owner still recognizes it. Letters are hidden too, because some phones are
// words. Only separators stay: spaces, dashes, brackets, dots, slashes and a plus. A
// phone of fewer than four letters and digits is hidden completely.
//
// The text may be any text. Bytes that are not UTF-8 are hidden like letters. The
// result has as many characters as the phone.
func Mask(phone string) string {
	runes := []rune(phone)
	length := 0
	for _, r := range runes {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			length++
		}
	}
	if length < minMaskLength {
		return strings.Repeat("*", len(runes))
	}
	shown := 0
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case unicode.IsDigit(r) && shown < shownDigits:
			shown++
		case !isSeparator(r):
			runes[i] = '*'
		}
	}
	return string(runes)
}

// isSeparator reports whether a character of a phone reveals nothing. It lists
// those that may stay, so that an unexpected one is hidden.
func isSeparator(r rune) bool {
	return strings.ContainsRune("()[]+./", r) || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}
