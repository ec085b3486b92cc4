// Package phones brings the many spellings of a phone to one, E.164: (732)
// 555-5509 and 1 732 555 5509 are +17325555509 in the US.
//
// It would rather leave a text alone than make two people one: what the rules
// here and the lengths of the country's numbers do not make certain is refused.
//
// The lengths and prefixes of all countries are in table.txt, which is made from a
// library. The library itself is for the tests alone, as it decodes all it knows at
// each start of a program, in more time than a small run takes.
package phones

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPhoneBytes is how long a text may be that is looked at: twice what the
// longest number takes with its spaces, brackets and a word in front. It bounds the
// time a hostile text can take, and the memory of the cache.
const maxPhoneBytes = 64

// maxE164Bytes is a plus and the 15 digits that E.164 allows. Some countries'
// numbers have possible lengths beyond that.
const maxE164Bytes = 1 + 15

// nanp is the calling code of the US, Canada and the Caribbean.
const nanp = "1"

// A Normalizer turns phones into E.164. It may be used by several goroutines at
// once. It remembers up to 64 Ki phones, which takes some 10 MB.
type Normalizer struct {
	home *plan // of the region, nil for none
	seen *cache
}

// New returns a Normalizer for phones that are written as in a region, a country's
// two letters of ISO 3166 such as US or de. Without a region, "", only phones that
// begin with + can be read: what 00 and 011 mean depends on where one dials.
func New(region string) (*Normalizer, error) {
	code := strings.ToUpper(region)
	var home *plan
	if code != "" {
		if !twoLetters(code) {
			return nil, fmt.Errorf("want a region of two letters, as in US, got %q", region)
		}
		if code == "UK" {
			return nil, fmt.Errorf("no phones are known of a region %q: the United Kingdom is GB", region)
		}
		if home = planOf(code); home == nil {
			return nil, fmt.Errorf("no phones are known of a region %q", region)
		}
	}
	return &Normalizer{home: home, seen: newCache()}, nil
}

func twoLetters(s string) bool {
	return len(s) == 2 && isLetter(s[0]) && isLetter(s[1])
}

// E164 appends phone to dst in E.164. ok is false, and dst as it was, where it is
// not certain which phone that is:
//
//   - It is no possible number: the calling code is unknown, or the country has no
//     numbers of that length. The length is all that counts, as which numbers a
//     country has given out changes faster than programs do: a real customer with
//     a new number must not become two.
//   - It lacks its area code, as 555-5509 does: the phone depends on the town.
//   - It reads as another phone once it is in E.164, as a number does that begins
//     with one prefix too many. So what is in E.164 stays as it is, in all regions.
//   - It has an extension. E.164 has no place for one, and two people at one
//     exchange are not one.
//   - It has letters, and is no vanity number. 555-555-BILL is read as the keys
//     they are on, where the calling code is 1: there numbers have one length, so
//     that a word behind a number does not become part of it. Letters that are all
//     the same, as in 732-555-XXXX, hide digits. One or two are a slip.
//   - It has characters that numbers are not written with, or more than 64 bytes.
//     Digits are those of ASCII, of Arabic and Persian, and in full width; among
//     letters, those of ASCII.
func (n *Normalizer) E164(dst, phone []byte) (out []byte, ok bool) {
	if len(phone) > maxPhoneBytes {
		return dst, false
	}
	number, known := n.seen.get(phone)
	if !known {
		number = n.normalize(phone)
		n.seen.put(phone, number)
	}
	return append(dst, number...), number != ""
}

// normalize returns a phone in E.164, or "" where E164 refuses it.
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

// read returns a phone in E.164 with its calling code, or "" where it is no
// possible number or has an extension. It goes the way of Google's libphonenumber,
// for people know what that makes of their phones; where it refuses what the library
// takes, a comment says so.
func (n *Normalizer) read(phone string) (e164, code string) {
	digits, plus, ok := dial(phone)
	if !ok {
		return "", ""
	}
	p, national := n.route(digits, plus)
	if p == nil {
		return "", ""
	}
	// What looks like a prefix is none where the rest has no possible length.
	if rest := p.cutNational(national); p.lengths.have(rest) || p.lengths.below(rest) {
		national = rest
	}
	// It is the main region's lengths that count: which of the code's regions gave out
	// a number is not known.
	if main, _ := cutCallingCode(p.code); !main.lengths.have(national) {
		return "", ""
	}
	e164 = "+" + p.code + national
	if len(e164) > maxE164Bytes {
		return "", ""
	}
	return e164, p.code
}

// route returns the plan that a number is of, nil for none, and the number without
// its calling code. A plus before a prefix of calls abroad is there by mistake.
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

// isPlain says whether a text has only characters that could be dropped without a
// loss: * and # are keys, behind ; and , follow extensions and parameters. Beyond
// ASCII there are digits of other scripts and spaces and dashes of all kinds, which
// isViable and keys look at.
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

// letters looks at the letters behind the first digit, as there may be a
// word in front, such as "Tel:". ok is false where they are neither none nor those
// of a vanity number.
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

// isUnseen says whether a character leaves no ink: spaces, and the marks of
// direction that come with phones copied from an address book.
func isUnseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func isLetter(c byte) bool {
	c |= 0x20
	return 'a' <= c && c <= 'z'
}
