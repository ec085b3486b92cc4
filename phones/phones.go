// Package phones brings the many spellings of a phone to one, E.164: (732)
// 555-5509 and 1 732 555 5509 are +17325555509 in the US. [New] returns a
// [Normalizer] that does it. [Mask] hides most of a phone, for messages and pages.
//
// The package would rather leave a text alone than make two people one: it refuses
// what its rules and the lengths of a country's numbers do not make certain.
//
// The lengths and prefixes of all countries are in table.txt, which is made from a
// library. Only the tests use the library itself: it decodes everything it knows at
// each start of a program, which takes longer than a small run.
package phones

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/internal/shown"
)

// maxPhoneBytes is how long a text may be to be read as a phone: twice what the
// longest number takes with its spaces, brackets and a word in front. It bounds the
// time that a hostile text can take, and the memory of the cache.
const maxPhoneBytes = 64

// maxE164Bytes is a plus and the 15 digits that E.164 allows. The table has possible
// lengths beyond that for some countries.
const maxE164Bytes = 1 + 15

// nanp is the calling code of the US, Canada and the Caribbean.
const nanp = "1"

// A Normalizer turns phones into E.164. Several goroutines may use it at once. It
// remembers up to 65,536 phones, which take some 10 MB, and as many of other regions than
// its own.
type Normalizer struct {
	home *plan // of the region; nil if there is none
	seen *cache
	away *cache // of phones with their regions before them, in capital letters
}

// New returns a Normalizer for phones that are written as in a region: the two letters
// that ISO 3166 has for a country, such as US or de. Without a region, "", it reads
// only phones that start with +, because what 00 and 011 mean depends on where one
// dials. The error says which regions are wrong: all but two letters, and those of no
// country.
func New(region string) (*Normalizer, error) {
	code := strings.ToUpper(region)
	var home *plan
	if code != "" {
		if !twoLetters(code) {
			return nil, fmt.Errorf("want a region of two letters, as in US, got %s", shown.Value(region))
		}
		if code == "UK" {
			return nil, fmt.Errorf("no phones are known of a region %q: the United Kingdom is GB", region)
		}
		if home = planOf(code); home == nil {
			return nil, fmt.Errorf("no phones are known of a region %q", region)
		}
	}
	return &Normalizer{home: home, seen: newCache(), away: newCache()}, nil
}

func twoLetters(s string) bool {
	return len(s) == 2 && isLetter(s[0]) && isLetter(s[1])
}

// E164 appends phone to dst in E.164. It keeps nothing of phone. ok is false, and dst
// is as it was, if it is not certain which phone that is:
//
//   - It is no possible number: the calling code is unknown, or the country has no
//     numbers of that length. Only the length counts, because countries give out new
//     numbers faster than programs learn of them: a real customer with a new number
//     must not become two.
//   - It lacks its area code, as 555-5509 does: the phone depends on the town.
//   - It reads as another phone once it is in E.164, as a number does that starts
//     with one prefix too many. So a phone in E.164 stays as it is, in all regions.
//   - It has an extension. E.164 has no form for one, and two people at one exchange
//     are not one.
//   - It has letters, and is no vanity number. 555-555-BILL is read as the keys that
//     the letters are on, but only if the calling code is 1: there all numbers have
//     one length, so a word after a number does not become part of it. Letters that
//     are all the same, as in 732-555-XXXX, stand for hidden digits. One or two
//     letters are a typing error.
//   - It has characters that numbers are not written with, or more than 64 bytes.
//     Digits may be those of ASCII, Arabic and Persian, and those in full width;
//     beside letters, only those of ASCII.
func (n *Normalizer) E164(dst, phone []byte) (out []byte, ok bool) {
	return n.remembered(dst, phone, n.seen, phone)
}

// remembered is E164 with a cache, in which the phone has that key.
func (n *Normalizer) remembered(dst, phone []byte, seen *cache, key []byte) (out []byte, ok bool) {
	if len(phone) > maxPhoneBytes {
		return dst, false
	}
	if seen == nil { // the zero value
		number := n.normalize(phone)
		return append(dst, number...), number != ""
	}
	number, known := seen.get(key)
	if !known {
		number = n.normalize(phone)
		seen.put(key, number)
	}
	return append(dst, number...), number != ""
}

// E164In is E164 for a phone from a region of its own, an ISO 3166 code of two letters in
// any case; UK is GB, as people write it. If region is anything else, or empty, the phone is
// from the normalizer's own region.
func (n *Normalizer) E164In(dst, phone, region []byte) (out []byte, ok bool) {
	region = bytes.TrimSpace(region)
	if len(region) != 2 || !isLetter(region[0]) || !isLetter(region[1]) || len(phone) > maxPhoneBytes {
		return n.E164(dst, phone)
	}
	var buf [2 + maxPhoneBytes]byte
	code := append(buf[:0], region[0]&^0x20, region[1]&^0x20)
	if string(code) == "UK" {
		code = append(buf[:0], "GB"...)
	}
	home := planOf(string(code))
	if home == nil || home == n.home {
		return n.E164(dst, phone)
	}
	there := Normalizer{home: home}
	return there.remembered(dst, phone, n.away, append(code, phone...))
}

// normalize returns a phone in E.164, or "" if E164 refuses it.
func (n *Normalizer) normalize(phone []byte) string {
	phone = bytes.TrimFunc(phone, isUnseen)
	if !isPlain(phone) {
		return ""
	}
	vanity, ok := letters(phone)
	if !ok {
		return ""
	}
	number, code := n.read(string(phone))
	switch {
	case number == "", vanity && code != nanp:
		return ""
	case code == nanp:
		return number // of one length, so it has no prefix left
	}
	if again, _ := n.read(number); again != number {
		return ""
	}
	return number
}

// read returns a phone in E.164 with its calling code, or "" if it is no possible
// number or has an extension. It follows Google's libphonenumber, because people know
// what that makes of their phones. Wherever it refuses what the library accepts, a
// comment says so.
func (n *Normalizer) read(phone string) (e164, code string) {
	digits, plus, ok := dial(phone)
	if !ok {
		return "", ""
	}
	p, national := n.route(digits, plus)
	if p == nil {
		return "", ""
	}
	// What looks like a prefix is none if the rest has no possible length.
	if rest := p.cutNational(national); p.lengths.have(rest) || p.lengths.below(rest) {
		national = rest
	}
	// The lengths of the code's main region count, because it is not known which of the
	// code's regions gave out the number.
	if main, _ := cutCallingCode(p.code); !main.lengths.have(national) {
		return "", ""
	}
	e164 = "+" + p.code + national
	if len(e164) > maxE164Bytes {
		return "", ""
	}
	return e164, p.code
}

// route returns the plan of a number, nil for none, and the number without its calling
// code. A plus before an international prefix is there by mistake.
func (n *Normalizer) route(digits string, plus bool) (p *plan, national string) {
	if plus {
		if p, national := cutCallingCode(digits); p != nil {
			return p, national
		}
	}
	if n.home == nil {
		return nil, ""
	}
	if rest, ok := n.home.cutInternational(digits); ok {
		return cutCallingCode(rest)
	}
	if plus {
		return nil, ""
	}
	if rest, ok := n.home.cutOwnCode(digits); ok {
		main, _ := cutCallingCode(n.home.code)
		return main, rest
	}
	return n.home, digits
}

// isPlain reports whether a text has only characters that can be dropped without loss.
// * and # are not, as they are keys; nor are ; and , as extensions and parameters
// follow them. Beyond ASCII there are digits of other scripts, and spaces and dashes of
// all kinds, which isViable and keys judge.
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

// letters looks at the letters after the first digit, as there may be a word in front,
// such as "Tel:". vanity reports whether there are any. ok is false if there are some
// and they cannot be those of a vanity number.
func letters(phone []byte) (vanity, ok bool) {
	start := bytes.IndexFunc(phone, unicode.IsDigit)
	count, same := 0, true
	var first byte
	for _, c := range phone[max(start, 0):] {
		if !isLetter(c) {
			continue
		}
		c |= 0x20
		if count == 0 {
			first = c
		}
		same = same && c == first
		count++
	}
	return count > 0, count == 0 || count >= 3 && !same
}

// isUnseen reports whether a character is invisible: a space, or one of the marks of
// direction that come with phones copied from an address book.
func isUnseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func isLetter(c byte) bool {
	c |= 0x20
	return 'a' <= c && c <= 'z'
}
