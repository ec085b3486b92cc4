package page

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"process-orders/internal/look"
)

// A form is how a language writes days, times and numbers. Digits are 0 to 9 in all of them, as
// texts of the page may be copied into other programs.
type form struct {
	language   string
	day, clock string // as the layouts of package time
	// keepsFour reports whether a number of four digits has no sign in it.
	keepsFour bool

	signs func() *signs
}

// forms has the form of each language that the page knows. The first is that of all others. It has
// the same days as the other English ones: their months are names.
var forms = []form{
	{language: "en", day: "2 Jan 2006", clock: "15:04"},
	{language: "en-GB", day: "2 Jan 2006", clock: "15:04"},
	{language: "en-US", day: "Jan 2, 2006", clock: "3:04\u00a0PM"},
	{language: "en-CA", day: "Jan 2, 2006", clock: "3:04\u00a0PM"},
	{language: "en-AU", day: "2 Jan 2006", clock: "3:04\u00a0PM"},
	{language: "en-IN", day: "2 Jan 2006", clock: "3:04\u00a0PM"},
	{language: "de", day: "02.01.2006", clock: "15:04"},
	{language: "de-AT", day: "02.01.2006", clock: "15:04"},
	{language: "de-CH", day: "02.01.2006", clock: "15:04"},
	{language: "fr", day: "02/01/2006", clock: "15:04"},
	{language: "fr-CA", day: "2006-01-02", clock: "15:04"},
	{language: "fr-CH", day: "02.01.2006", clock: "15:04"},
	{language: "es", day: "02/01/2006", clock: "15:04", keepsFour: true},
	{language: "es-MX", day: "02/01/2006", clock: "15:04"},
	{language: "pt", day: "02/01/2006", clock: "15:04"},
	{language: "pt-PT", day: "02/01/2006", clock: "15:04", keepsFour: true},
	{language: "it", day: "02/01/2006", clock: "15:04"},
	{language: "it-CH", day: "02.01.2006", clock: "15:04"},
	{language: "nl", day: "02-01-2006", clock: "15:04"},
	{language: "pl", day: "02.01.2006", clock: "15:04", keepsFour: true},
	{language: "ru", day: "02.01.2006", clock: "15:04"},
	{language: "uk", day: "02.01.2006", clock: "15:04"},
	{language: "tr", day: "02.01.2006", clock: "15:04"},
	{language: "sv", day: "2006-01-02", clock: "15:04"},
	{language: "da", day: "02.01.2006", clock: "15.04"},
	{language: "nb", day: "02.01.2006", clock: "15:04"},
	{language: "fi", day: "2.1.2006", clock: "15.04"},
	{language: "cs", day: "2. 1. 2006", clock: "15:04"},
	{language: "el", day: "02/01/2006", clock: "15:04"},
	{language: "hu", day: "2006. 01. 02.", clock: "15:04"},
	{language: "ro", day: "02.01.2006", clock: "15:04"},
	{language: "ja", day: "2006/01/02", clock: "15:04"},
	{language: "ko", day: "2006. 1. 2.", clock: "15:04"},
	{language: "zh", day: "2006/1/2", clock: "15:04"},
	{language: "zh-TW", day: "2006/1/2", clock: "15:04"},
	{language: "hi", day: "02/01/2006", clock: "15:04"},
	{language: "ar", day: "02/01/2006", clock: "15:04"},
	{language: "he", day: "02.01.2006", clock: "15:04"},
	{language: "id", day: "02/01/2006", clock: "15.04"},
	{language: "vi", day: "02/01/2006", clock: "15:04"},
	{language: "th", day: "02/01/2006", clock: "15:04"},
}

// A catalog finds forms.
type catalog struct {
	byLanguage map[string]*form
	matcher    language.Matcher
}

// known is made when the first page is written, as most runs of the program write none.
var known = sync.OnceValue(func() *catalog {
	c := &catalog{byLanguage: map[string]*form{}}
	var tags []language.Tag
	for i := range forms {
		one := &forms[i]
		one.signs = sync.OnceValue(func() *signs { return signsOf(one) })
		c.byLanguage[one.language] = one
		tags = append(tags, language.MustParse(one.language))
	}
	c.matcher = language.NewMatcher(tags)
	return c
})

func formOf(language string) *form {
	all := known().byLanguage
	if one := all[language]; one != nil {
		return one
	}
	return all[forms[0].language]
}

// maxAccepted is how much of an Accept-Language is read. Browsers send far less.
const maxAccepted = 256

// languageOf is the language of forms that fits best to the header Accept-Language.
func languageOf(accepted string) string {
	if len(accepted) > maxAccepted {
		accepted = accepted[:max(0, strings.LastIndexByte(accepted[:maxAccepted], ','))]
	}
	var good []string // one that is not good would spoil all
	for one := range strings.SplitSeq(accepted, ",") {
		if _, _, err := language.ParseAcceptLanguage(one); err == nil {
			good = append(good, one)
		}
	}
	tags, _, _ := language.ParseAcceptLanguage(strings.Join(good, ","))
	_, at, _ := known().matcher.Match(tags...)
	return forms[at].language
}

// signs are what a language puts between the digits of a number.
type signs struct {
	point, between string
	// last is how many digits the last group has, and other how many the others have: two in
	// India. 0 is no groups.
	last, other int
	keepsFour   bool
}

// signsOf learns the signs from one number that x/text writes. Amounts are not written by it: it
// takes floating point numbers only, which have too few digits.
func signsOf(f *form) *signs {
	tag := language.MustParse(f.language + "-u-nu-latn")
	written := message.NewPrinter(tag).Sprint(number.Decimal(123456789.5))
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	between := strings.FieldsFunc(written, isDigit)
	groups := strings.FieldsFunc(written, func(r rune) bool { return !isDigit(r) })
	n := len(groups) - 1 // the last one is what comes after the point
	s := &signs{point: between[len(between)-1], keepsFour: f.keepsFour}
	if n >= 3 {
		s.between, s.last, s.other = between[0], len(groups[n-1]), len(groups[n-2])
	}
	return s
}

// write writes a decimal number, which has a point and maybe a minus.
func (s *signs) write(number string) string {
	unsigned, isBelow := strings.CutPrefix(number, "-")
	whole, rest, hasPoint := strings.Cut(unsigned, ".")
	if whole = s.group(whole); isBelow {
		whole = "−" + whole
	}
	if !hasPoint {
		return whole
	}
	return whole + s.point + rest
}

// group puts signs between the digits of a whole number.
func (s *signs) group(digits string) string {
	if s.last == 0 || s.keepsFour && len(digits) == 4 {
		return digits
	}
	return look.Group(digits, s.between, s.last, s.other)
}
