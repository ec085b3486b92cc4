package phones_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"process-orders/phones"
)

func TestMask(t *testing.T) {
	for _, test := range [][2]string{
		{"732-555-5509", "***-***-**09"},
		{"+1 (732) 555-5509", "+* (***) ***-**09"},
		{"7325555509", "********09"},
		{"1234", "**34"},
		{"123", "***"},
		{"1-2-3", "*****"},
		{"", ""},
		{"1-800-DOSA", "*-*00-****"},
		{"1-800-DOSA 24 x7", "*-***-**** *4 *7"},
		{"CALL ME", "**** **"},
		{"jan@example.org", "***********.***"},
		{"٠١٢٣٤٥", "****٤٥"},
		{"５５５-０９８７", "***-**８７"},
		{"☎ 5550987", "* *****87"},
		{"a\xffb\xffc1d2", "*****1*2"},
		{"📞📞📞📞", "****"},
	} {
		if got := phones.Mask(test[0]); got != test[1] {
			t.Errorf("%q: %q, want %q", test[0], got, test[1])
		}
	}
}

// For any text, at most two digits and no letters are shown, and the number of characters
// stays the same.
func FuzzMask(f *testing.F) {
	for _, text := range []string{"732-555-5509", "1-800-DOSA", "٠١٢٣٤٥", "a\xff1", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := phones.Mask(text)
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(text) {
			t.Errorf("%q became %q, of another length", text, got)
		}
		digits := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, got)
		if utf8.RuneCountInString(digits) > 2 || strings.ContainsFunc(got, unicode.IsLetter) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
