// Package phones brings the many spellings of a phone to one, E.164: (732)
// 555-5509 and 1 732 555 5509 are +17325555509 in the US.
//
// It would rather leave a text alone than make two people one: what the rules
// here and the lengths of the country's numbers do not make certain is refused.
package phones

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"
)

// maxPhoneBytes is how long a text may be that is looked at: twice what the
// longest number takes with its spaces, brackets and a word in front. It bounds the
// time a hostile text can take, and the memory of the cache.
const maxPhoneBytes = 64

// maxE164Bytes is a plus and the 15 digits that E.164 allows. Some countries'
// numbers have possible lengths beyond that.
const maxE164Bytes = 1 + 15

// nanp is the calling code of the US, Canada and the Caribbean.
const nanp = 1

// A Normalizer turns phones into E.164. It may be used by several goroutines at
// once. It remembers up to 64 Ki phones, which takes some 10 MB.
type Normalizer struct {
	region string // as the library has it, "" for none
	seen   *cache
}

// New returns a Normalizer for phones that are written as in a region, a country's
// two letters of ISO 3166 such as US or de. Without a region, "", only phones that
// begin with + can be read: what 00 and 011 mean depends on where one dials.
func New(region string) (*Normalizer, error) {
	code := strings.ToUpper(region)
	if code != "" {
		if !twoLetters(code) {
			return nil, fmt.Errorf("want a region of two letters, as in US, got %q", region)
		}
		if code == "UK" {
			return nil, fmt.Errorf("no phones are known of a region %q: the United Kingdom is GB", region)
		}
		if !phonenumbers.GetSupportedRegions()[code] {
			return nil, fmt.Errorf("no phones are known of a region %q", region)
		}
	}
	return &Normalizer{region: code, seen: newCache()}, nil
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
	number, code := read(string(phone), n.region)
	switch {
	case number == "", vanity && code != nanp:
		return ""
	case code == nanp:
		return number // of one length, so it has no prefix left
	}
	if again, _ := read(number, n.region); again != number {
		return ""
	}
	return number
}

// read returns a phone in E.164 with its calling code, or "" where it is no
// possible number or has an extension.
func read(phone, region string) (e164 string, code int32) {
	number, err := phonenumbers.Parse(phone, region)
	if err != nil || number.GetExtension() != "" {
		return "", 0
	}
	// Not IsPossibleNumber, which lets pass what lacks an area code.
	if phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", 0
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	if len(e164) > maxE164Bytes {
		return "", 0
	}
	return e164, number.GetCountryCode()
}

// isPlain says whether a text has only characters that the library does not drop
// silently though they mean something: * and # are keys, behind ; and , follow
// extensions and parameters. Beyond ASCII there are digits of other scripts and
// spaces and dashes of all kinds, which the library knows.
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
