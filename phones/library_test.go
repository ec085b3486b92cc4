package phones_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"

	"process-orders/internal/soak"
	"process-orders/phones"
)

// libraryE164 is E164 made with the library. If the two differ, the library is right.
func libraryE164(text, region string) string {
	phone := bytes.TrimFunc([]byte(text), func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if len(text) > 64 || !isPlain(phone) {
		return ""
	}
	vanity, ok := letters(phone)
	if !ok {
		return ""
	}
	number, code := libraryRead(string(phone), region)
	switch {
	case number == "", vanity && code != 1:
		return ""
	case code == 1:
		return number
	}
	if again, _ := libraryRead(number, region); again != number {
		return ""
	}
	return number
}

func libraryRead(phone, region string) (e164 string, code int32) {
	number, err := phonenumbers.Parse(phone, region)
	if err != nil || number.GetExtension() != "" {
		return "", 0
	}
	if phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", 0
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	if len(e164) > 16 {
		return "", 0
	}
	return e164, number.GetCountryCode()
}

func isPlain(phone []byte) bool {
	for _, c := range string(phone) {
		switch {
		case c < utf8.RuneSelf:
			if !isLetter(byte(c)) && (c < '0' || c > '9') && !strings.ContainsRune("+-.()[]/: ", c) {
				return false
			}
		case !unicode.In(c, unicode.L, unicode.Nd, unicode.Z, unicode.P, unicode.Sm, unicode.Cf) || c == utf8.RuneError:
			return false
		}
	}
	return utf8.Valid(phone)
}

func letters(phone []byte) (vanity, ok bool) {
	start := bytes.IndexFunc(phone, unicode.IsDigit)
	found := make(map[byte]bool)
	count := 0
	for _, c := range phone[max(start, 0):] {
		if isLetter(c) {
			found[c|0x20] = true
			count++
		}
	}
	return count > 0, count == 0 || count >= 3 && len(found) > 1
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// refused returns why a phone that the library accepts may be refused, "" if it must not
// be. These are the cases that isViable and keys name.
func refused(phone string) string {
	vanity, _ := letters([]byte(phone))
	for _, r := range phone {
		switch {
		case r == 'ſ', r == '\u212a':
			return "has letters that are those of ASCII in another case"
		case vanity && r >= utf8.RuneSelf && unicode.IsDigit(r):
			return "has digits beyond ASCII among letters"
		case unicode.IsDigit(r) && !strings.ContainsRune("0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", r):
			return "has digits of other scripts"
		}
	}
	return ""
}

// A comparison counts the results of the package and the library for the same phones.
type comparison struct {
	t       testing.TB
	all     map[string]*phones.Normalizer
	phones  int
	taken   int
	refused map[string]int // by why
}

func newComparison(t testing.TB) *comparison {
	t.Helper()
	c := &comparison{t: t, all: map[string]*phones.Normalizer{"": normalizer(t, "")}, refused: make(map[string]int)}
	for region := range phonenumbers.GetSupportedRegions() {
		c.all[region] = normalizer(t, region)
	}
	return c
}

func (c *comparison) compare(region, phone string) {
	c.t.Helper()
	c.phones++
	want := libraryE164(phone, region)
	got, ok := c.all[region].E164(nil, []byte(phone))
	if ok {
		c.taken++
	}
	if string(got) == want && ok == (want != "") {
		return
	}
	why := refused(phone)
	if ok || why == "" {
		c.t.Errorf("%q: %+q became %q, %v, want %q", region, phone, got, ok, want)
		return
	}
	c.refused[why]++
}

// TestLibrary compares the package with the library, in all regions: for the library's
// example numbers in many spellings, for numbers made from its expressions, and for
// random digits and texts.
func TestLibrary(t *testing.T) {
	random := soak.Random(t)
	c := newComparison(t)
	rounds := soak.Rounds{Short: 1, Default: 1, Soak: 1000}
	for l := soak.NewLoop(t, "rounds", rounds); l.Next() && !t.Failed(); {
		c.compareRegions(random)
	}
	t.Logf("%d phones, %d taken; the library takes these too: %v", c.phones, c.taken, c.refused)
	if c.taken < c.phones/10 {
		t.Errorf("%d of %d phones are taken: too few to compare", c.taken, c.phones)
	}
}

// compareRegions compares phones of all regions, until there is a difference.
func (c *comparison) compareRegions(random *rand.Rand) {
	plans := libraryPlans(c.t)
	for i, plan := range plans {
		if testing.Short() && i%16 != 0 && plan.GetId() != "US" {
			continue
		}
		maker := maker{random, plan}
		for _, phone := range maker.phones(1) {
			homes := []string{plan.GetId(), "", "US", plans[random.IntN(len(plans))].GetId()}
			for _, home := range homes {
				if home != "001" {
					c.compare(home, phone)
				}
			}
		}
		if c.t.Failed() {
			return // one region's differences are enough
		}
	}
}

// TestLibraryTakes has the phones that the library accepts and the package refuses,
// because digits or letters would be lost.
func TestLibraryTakes(t *testing.T) {
	for phone, library := range map[string]string{
		"732555550٥ſ":      "+17325555505",
		"732555550５K":      "+17325555505",
		"800 FLOWERS５":     "+18003569377",
		"+39 00000९":       "+39000000", // a nine of Devanagari
		"+１ 800 3569377 ſ": "+18003569377",
	} {
		if got := libraryE164(phone, "US"); got != library {
			t.Errorf("the library reads %+q as %q, want %q", phone, got, library)
		}
		if got, ok := normalizer(t, "US").E164(nil, []byte(phone)); ok || refused(phone) == "" {
			t.Errorf("%+q became %q", phone, got)
		}
	}
}

// A maker makes phones of a region.
type maker struct {
	*rand.Rand
	plan *phonenumbers.PhoneMetadata
}

func (m maker) phones(rounds int) (all []string) {
	for _, example := range m.examples() {
		all = append(all, example)
		for range 2 * rounds {
			all = append(all, m.spelling(example))
		}
	}
	for range 20 * rounds {
		all = append(all, m.number(), m.spelling(m.number()), m.digits(), m.spelling(m.digits()), m.text())
	}
	return all
}

// examples are the library's for each type of number, in its formats.
func (m maker) examples() (all []string) {
	region, code := m.plan.GetId(), int(m.plan.GetCountryCode())
	var numbers []*phonenumbers.PhoneNumber
	if region == "001" {
		numbers = append(numbers, phonenumbers.GetExampleNumberForNonGeoEntity(code))
	} else {
		numbers = append(numbers, phonenumbers.GetExampleNumber(region), phonenumbers.GetInvalidExampleNumber(region))
		for kind := range phonenumbers.GetSupportedTypesForRegion(region) {
			numbers = append(numbers, phonenumbers.GetExampleNumberForTypeInRegion(region, kind))
		}
	}
	for _, number := range numbers {
		if number == nil {
			continue
		}
		for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL} {
			all = append(all, phonenumbers.Format(number, format))
		}
		all = append(all, phonenumbers.FormatOutOfCountryCallingNumber(number, "US"), phonenumbers.FormatOutOfCountryCallingNumber(number, region))
	}
	slices.Sort(all) // the types are in a map
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return len(s) > 40 })
}

// number returns one or two prefixes and a national number that the expressions match,
// sometimes with one digit more or less.
func (m maker) number() string {
	code := fmt.Sprint(m.plan.GetCountryCode())
	abroad, within := m.match(m.plan.GetInternationalPrefix()), m.match(m.plan.GetNationalPrefixForParsing())
	front := m.pick("", "", "+", "+"+code, code, abroad, abroad+code, "+"+abroad+code, "00"+code, "011"+code, code+code, "+"+code+code)
	back := m.pick("", within, within, within+within, m.pick("0", "1", "8", "00"))
	number := front + back + m.match(m.plan.GetGeneralDesc().GetNationalNumberPattern())
	switch m.IntN(6) {
	case 0:
		number += m.pick("0", "1", "7")
	case 1:
		number = number[:len(number)-1]
	case 2: // local numbers, which the prefix's groups put an area code before
		number = front + within
	}
	return number[:min(len(number), 30)]
}

// digits returns any digits after a common start of numbers.
func (m maker) digits() string {
	code := fmt.Sprint(m.plan.GetCountryCode())
	number := m.pick("", "+", "+"+code, code, "0", "00", "000", "00"+code, "011"+code, "+"+code+"0", "+"+code+code, "1", "8", "810")
	for range m.IntN(20) {
		number += m.pick("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
	}
	return number
}

// spelling writes a number in another way, or spoils it.
func (m maker) spelling(number string) string {
	at := 0
	if len(number) > 1 {
		at = 1 + m.IntN(len(number)-1)
	}
	switch m.IntN(15) {
	case 0:
		return m.pick("tel:", "Tel: ", "☎", "Téléphone ", "call +", "(", "++", "+ ", "＋") + strings.TrimLeft(number, "+")
	case 1:
		return m.pick("+", "00", "011", "0", "1", "(0)") + number
	case 2:
		return number + m.pick(" x12", "x1", " ext. 123", "доб 5", " ДОБ. 12", "＃12", "～12", "ｘ123", " ｅｘｔ12", " int 3", " Anexo 12",
			" extensión 1234", " xtn: 7", " EXTN.-7", "  ext 12345678901", "ext 123456789012345678901", " x 12/x 13", "～1234567890", " ＩＮＴ：1", " ｘｔ．5")
	case 3:
		return number + m.pick("/", " /", ".", "-", " )", "\u200b", "，", "ー", "~", " / x", "/x", "a", "ſ", "\u212a", "？")
	case 4:
		zero := []rune(m.pick("０", "٠", "۰", "०"))[0]
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, number[:min(len(number), 20)])
	case 5:
		return number[:at] + m.pick("٣", "７", "७", "۰", "𝟜") + number[at:]
	case 6:
		words := "ABCabcFLOWERSxXwyZ"
		from := m.IntN(len(words) - 3)
		return number[:at] + words[from:from+1+m.IntN(len(words)-from)]
	case 7:
		word := m.pick("x", "xt", "Ext", "extn", "int", "INT", "anexo", "extension", "～", " ～", "－", "flow", "xXx") + m.pick("", "", " ", ".", "．", "-", ". -", "\u00a0")
		return number[:at] + word + number[min(at+len(strings.Trim(word, "～ .．-\u00a0")), len(number)):]
	case 13:
		return number[:at] + m.pick("x", "X", " / x", "/x", "(0)", "доб", "ext", "int", "～", "＃", "+", "ſ", "K") + number[at:]
	case 8:
		return number[:at] + m.pick(" ", "-", ".", "/", "(", ")", "[", "]", ":", "  ", " - ", "\u00a0", "\u2011", "\u2013", "−", "ー", "－", "．", "／",
			"\u200b", "\u2060", "\u00ad", "\u3000", "（", "⁓", "∼", "，", "\u2003", "\u202f", "·", "_") + number[at:]
	case 9:
		return m.pick(" ", "\t", "\u202a", "\u00a0") + number + m.pick(" ", "\r\n", "\u202c", "\u2028")
	case 10:
		return number[:at]
	case 11:
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) || r == '+' {
				return r
			}
			return -1
		}, number)
	case 12:
		return number + number[at:min(at+2, len(number))]
	}
	return m.spelling(m.spelling(number))
}

// text returns a hostile text: characters with a meaning to the library, and any others.
func (m maker) text() (text string) {
	pieces := []string{"+", "＋", "0", "1", "7", "55", "732", "x", "X", "ext", "доб", "int", "～", "＃", ";", ";ext=", ",", "#", "*", "/", " ", "-", ".", ":",
		"tel:", ";phone-context=", ";isub=", "\\", "(", ")", "٣", "५", "Ａ", "ſ", "\u212a", "abc", "\u0301", "\ufffd", "\xff", "\x00", "\U0010ffff", "\n",
		fmt.Sprint(m.plan.GetCountryCode())}
	for range 1 + m.IntN(12) {
		text += m.pick(pieces...)
	}
	return text
}

func (m maker) pick(from ...string) string { return from[m.IntN(len(from))] }

// match returns a text that matches an expression.
func (m maker) match(expression string) string {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return m.walk(parsed)
}

func (m maker) walk(e *syntax.Regexp) (text string) {
	switch e.Op {
	case syntax.OpLiteral:
		return string(e.Rune)
	case syntax.OpCharClass:
		span := 2 * m.IntN(len(e.Rune)/2)
		return string(e.Rune[span] + m.Int32N(e.Rune[span+1]-e.Rune[span]+1))
	case syntax.OpCapture:
		return m.walk(e.Sub[0])
	case syntax.OpConcat:
		for _, part := range e.Sub {
			text += m.walk(part)
		}
		return text
	case syntax.OpAlternate:
		return m.walk(e.Sub[m.IntN(len(e.Sub))])
	case syntax.OpQuest:
		return strings.Repeat(m.walk(e.Sub[0]), m.IntN(2))
	case syntax.OpRepeat:
		for range e.Min + m.IntN(e.Max-e.Min+1) {
			text += m.walk(e.Sub[0])
		}
		return text
	case syntax.OpEmptyMatch, syntax.OpEndText:
		return ""
	}
	panic(fmt.Sprintf("no text is made of %v", e))
}

func FuzzLibrary(f *testing.F) {
	c := newComparison(f)
	regions := slices.Sorted(maps.Keys(c.all))
	for _, seed := range []struct{ region, phone string }{
		{"US", "(732) 555-5509"}, {"GB", "0044 (0) 20 7946 0958"}, {"IT", "02 3661 8300"}, {"AR", "011 15 2345 6789"},
		{"BR", "0 15 21 98765 4321"}, {"GG", "256789"}, {"", "+800 1234 5678"}, {"DE", "+1 800 FLOWERS"}, {"RU", "8 (912) 345-67-89 доб. 12"},
		{"NF", "３22222"}, {"SM", "886377"}, {"US", "+011 44 20 7946 0958 / x12"}, {"FI", "73 x5"}, {"JP", "000212345"}, {"CV", "+23～82211234"},
	} {
		f.Add(uint(slices.Index(regions, seed.region)), seed.phone)
	}
	f.Fuzz(func(t *testing.T, region uint, phone string) {
		one := *c
		one.t = t
		one.compare(regions[region%uint(len(regions))], phone)
	})
}
