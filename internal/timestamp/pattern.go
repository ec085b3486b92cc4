package timestamp

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A pattern is how a time is written, with the letters of strftime:
//
//	%d %m          day and month as numbers, of one or two digits
//	%b %B          the month's English name, short or long
//	%Y %y          the year with four digits, or with two
//	%H %M %S       hour, minute and second; a fraction of the second may follow
//	%I %p          the hour from 1 to 12, with AM or PM
//	%z             the zone: Z, UTC, GMT, +02:00, +0200 or +02
//	%%             a percent sign
//
// A blank is any number of blanks, and all else is what it is, in small or capital letters.
type pattern string

// letters are those that a pattern may have behind %, but for %.
const letters = "dmbBYyHMSIpz"

// A PatternError is why a pattern says of no time how it is written.
type PatternError struct{ Pattern, Reason string }

func (e *PatternError) Error() string { return fmt.Sprintf("%q: %s", e.Pattern, e.Reason) }

// maxPatternBytes is how long a pattern may be.
const maxPatternBytes = 64

// check returns what is wrong with a pattern, "" for nothing.
func (p pattern) check() string {
	const known = "%d %m %b %B %Y %y %H %M %S %I %p %z"
	if len(p) > maxPatternBytes {
		return fmt.Sprintf("want a pattern of at most %d bytes", maxPatternBytes)
	}
	has := map[rune]bool{}
	for rest := string(p); ; {
		_, after, more := strings.Cut(rest, "%")
		if !more {
			break
		}
		letter, n := utf8.DecodeRuneInString(after)
		switch {
		case n == 0 || letter != '%' && !strings.ContainsRune(letters, letter):
			return "want no percent signs but these: " + known
		case has[letter]:
			return fmt.Sprintf("%%%c is there twice", letter)
		}
		has[letter] = letter != '%'
		rest = after[n:]
	}
	count := func(set string) (n int) {
		for _, letter := range set {
			if has[letter] {
				n++
			}
		}
		return n
	}
	switch {
	case len(has) == 0 || !has['d'] || count("mbB") != 1 || count("Yy") != 1:
		return `want "day-first", "month-first", or a pattern with a day (%d), a month (%m, %b or %B) and a year (%Y or %y)`
	case has['I'] != has['p'] || has['I'] && has['H']:
		return "want either %H, or %I with %p"
	case has['M'] && count("HI") == 0, has['S'] && !has['M']:
		return "want %M only with an hour, and %S only with %M"
	}
	return ""
}

// parse reads a time that is written so.
func (p pattern) parse(text []byte) (m moment, ok bool) {
	r := reader{text: text}
	var half reader // where AM or PM is
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case c == '%' && p[i+1] == 'p':
			i++
			half = r
			if at := (moment{hour: 1}); r.half(&at) != right {
				return m, false
			}
		case c == '%':
			i++
			if !r.part(&m, p[i]) {
				return m, false
			}
		case c == ' ':
			if !r.skip(" ") {
				return m, false
			}
		case isLetter(c):
			if !r.take(c &^ 0x20) {
				return m, false
			}
		case !r.take(c):
			return m, false
		}
	}
	if half.text != nil && (m.hour == 0 || half.half(&m) != right) {
		return m, false
	}
	return m, r.ends() && m.isDate() && m.isClock()
}

// part reads what a letter of a pattern stands for.
func (r *reader) part(m *moment, letter byte) (ok bool) {
	digits := 1
	switch letter {
	case '%':
		return r.take('%')
	case 'd':
		m.day, digits = r.number(2)
	case 'm':
		m.month, digits = r.number(2)
	case 'b', 'B':
		m.month, ok = r.monthName()
		return ok
	case 'Y':
		m.year, digits = r.number(4)
		return digits == 4
	case 'y':
		n, digits := r.number(2)
		m.year, ok = fullYear(n, digits)
		return ok
	case 'H', 'I':
		m.hour, digits = r.number(2)
	case 'M':
		m.minute, digits = r.number(2)
		return digits == 2
	case 'S':
		if m.second, digits = r.number(2); digits == 2 && r.pos+1 < len(r.text) && r.text[r.pos] == '.' && isDigit(r.text[r.pos+1]) {
			var rest []byte
			m.millisecond, rest = fraction(r.text[r.pos+1:])
			r.pos = len(r.text) - len(rest)
		}
		return digits == 2
	case 'z':
		return r.zone(m)
	}
	return digits > 0
}
