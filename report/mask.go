package report

import (
	"strings"
	"unicode"
)

// A masked phone shows this many digits, and only one that is long enough for
// them to tell little.
const (
	shownDigits   = 2
	minMaskLength = 4 // letters and digits
)

// MaskPhone hides all but the last two digits of a phone: "732-555-5509" is
// "***-***-**09". Letters are hidden too, as some phones are words. What stands
// between stays: spaces, dashes, brackets, dots, slashes and a plus. A phone of
// fewer than four letters and digits is hidden whole.
func MaskPhone(phone string) string {
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
		case !separates(r):
			runes[i] = '*'
		}
	}
	return string(runes)
}

// separates says whether a character of a phone tells nothing. It lists those
// that may stay, so that anything unheard of is hidden.
func separates(r rune) bool {
	return strings.ContainsRune("()[]+./", r) || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}
