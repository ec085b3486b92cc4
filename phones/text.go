package phones

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plusSigns are the plus of ASCII and the one in full width.
const plusSigns = "+＋"

// minVanityLetters is how many letters it takes for them to stand for keys. Fewer are
// dropped.
const minVanityLetters = 3

// dial returns the digits of a phone that is plain, and whether they follow a plus. ok is
// false if it is not written like a number, or has an extension.
func dial(phone string) (digits string, plus, ok bool) {
	phone = firstNumber(phone)
	if !isViable(phone) || hasExtension(phone) {
		return "", false, false
	}
	number := strings.TrimLeft(phone, plusSigns)
	digits, ok = keys(number)
	return digits, len(number) < len(phone), ok
}

// firstNumber returns the part of a text that starts with a plus or a digit. It ends
// before a second extension, as in 732-555-5509 x12/x13, and before anything at the end
// that is neither a letter nor a number.
func firstNumber(phone string) string {
	start := strings.IndexFunc(phone, func(r rune) bool {
		return unicode.IsDigit(r) || strings.ContainsRune(plusSigns, r)
	})
	if start < 0 {
		return ""
	}
	phone = strings.TrimRightFunc(phone[start:], func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	for i := range len(phone) {
		if phone[i] == '/' && strings.HasPrefix(strings.TrimLeft(phone[i+1:], " "), "x") {
			return phone[:i]
		}
	}
	return phone
}

// isViable reports whether a text that starts with a number has nothing else: pluses
// first, three digits before any letter, and the spaces, dashes and brackets that
// numbers are written with. Two digits alone are viable too, as they can have an
// extension.
//
// Letters are those of ASCII. The library also accepts ſ and the sign of Kelvin, which
// are a small S and a capital K to it, and drops most of them.
func isViable(text string) bool {
	digits := 0
	for _, r := range strings.TrimLeft(text, plusSigns) {
		switch {
		case unicode.IsDigit(r):
			digits++
		case isPunctuation(r):
		case digits >= 3 && isASCIILetter(r):
		default:
			return false
		}
	}
	return digits >= 3 || digits == 2 && utf8.RuneCountInString(text) == 2
}

// isPunctuation includes the x, which stands for a carrier's digits in some countries.
func isPunctuation(r rune) bool {
	switch {
	case strings.ContainsRune("-xX ().[]/~", r):
		return true
	case r < utf8.RuneSelf:
		return false
	case r >= '\u2010' && r <= '\u2015', r >= '\uff0d' && r <= '\uff0f':
		return true // dashes, and dash, full stop and slash in full width
	}
	switch r {
	case '\u2212', '\u30fc', // minus, and the long vowel of Japanese
		'\u00a0', '\u00ad', '\u200b', '\u2060', '\u3000', // spaces, most of no width
		'（', '）', '［', '］', '\u2053', '\u223c', '～':
		return true
	}
	return false
}

// labels are the labels of extensions that isViable accepts. It refuses all others, such
// as доб and #.
var labels = [...]struct {
	text      string // in any case
	maxDigits int    // of the extension: a sign is less certain than a word
}{
	{"xt", 20}, {"xtn", 20}, {"xtensio", 20}, {"xtension", 20}, {"anexo", 20}, // ext has an xt
	{"x", 9}, {"int", 9}, {"～", 9},
}

// hasExtension reports whether a viable phone ends in a label and digits, and is viable
// without them.
func hasExtension(phone string) bool {
	front := strings.TrimRightFunc(phone, unicode.IsDigit)
	digits := utf8.RuneCountInString(phone[len(front):])
	front = strings.TrimRight(front, " \u00a0-")
	if dot, size := utf8.DecodeLastRuneInString(front); dot == '.' || dot == '．' {
		front = front[:len(front)-size]
	}
	for _, label := range labels {
		before, ok := cutSuffixFold(front, label.text)
		if ok && digits > 0 && digits <= label.maxDigits {
			return isViable(strings.TrimRight(before, " \u00a0"))
		}
	}
	return false
}

// cutSuffixFold cuts a suffix, whatever the case of its letters.
func cutSuffixFold(s, suffix string) (before string, ok bool) {
	start := len(s)
	for range suffix { // as many runes, whose sizes may differ
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	if !strings.EqualFold(s[start:], suffix) {
		return s, false
	}
	return s[:start], true
}

// keypad has the digit of each letter from A to Z on the keys of a phone.
const keypad = "22233344455566677778889999"

// keys returns the digits of a number, and those that letters stand for if there are
// enough letters.
//
// ok is false for digits of scripts that the library takes for zeros. Beside letters it
// is false for all digits but those of ASCII, as the library drops them: a number that
// lacks some of its digits would be that of somebody else.
func keys(number string) (digits string, ok bool) {
	vanity := countLetters(number) >= minVanityLetters
	all := make([]byte, 0, maxPhoneBytes)
	for _, r := range number {
		switch digit, known := digitOf(r); {
		case known && (!vanity || r < utf8.RuneSelf):
			all = append(all, digit)
		case unicode.IsDigit(r):
			return "", false
		case vanity && isASCIILetter(r):
			all = append(all, keypad[r|0x20-'a'])
		}
	}
	return string(all), true
}

func countLetters(number string) (count int) {
	for i := range len(number) {
		if isLetter(number[i]) {
			count++
		}
	}
	return count
}

// Digits returns the digits of any text as those of ASCII: those of ASCII, both kinds of Arabic, and
// full width. So what somebody types finds a phone that is kept otherwise.
func Digits(text string) string {
	var all []byte
	for _, r := range text {
		if digit, ok := digitOf(r); ok {
			all = append(all, digit)
		}
	}
	return string(all)
}

// digitOf knows the digits of ASCII, both kinds of Arabic, and full width.
func digitOf(r rune) (digit byte, ok bool) {
	for _, zero := range [...]rune{'0', '\u0660', '\u06f0', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return '0' + byte(r-zero), true
		}
	}
	return 0, false
}

func isASCIILetter(r rune) bool { return r < utf8.RuneSelf && isLetter(byte(r)) }
