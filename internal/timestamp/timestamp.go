// Package timestamp reads the moments that exports write, in whichever of the usual forms.
// What could be one moment as well as another is not read: see [Open].
package timestamp

import (
	"bytes"
	"encoding/binary"
)

// None is the time of a text that is not a moment. It is earlier than all moments.
const None = -1 << 63

// Moments from 1900 to 2200 are accepted: from Min up to, not including, Max. Both are the
// start of a day, in milliseconds since 1970.
const (
	Min = -2208988800_000
	Max = 7258118400_000
)

// maxTextBytes is longer than any time in one of the forms.
const maxTextBytes = 96

// A Reading is what Parse makes of a text.
type Reading uint8

// The readings.
const (
	Unread Reading = iota // it is no moment, or in a form that is not known
	Read                  // it is one moment
	Open                  // it is one moment if the day comes first, and another if the month does
)

// An Order says which comes first where a date has both as numbers, before the year.
type Order uint8

// The orders of day and month.
const (
	UnknownOrder Order = iota // what can be read in one way only is read
	DayFirst                  // 15/08/2026
	MonthFirst                // 08/15/2026
)

// Formats say how times are written. The zero value reads the usual forms:
//
//   - dates as 2026-08-15, 2026/08/15, 20260815, 15 Aug 2026, Aug 15, 2026, Jul-25-26, with
//     a day of the week before them or not;
//   - dates as 15.08.2026, 2/23/2025 and 08/14/25, if they have one reading: the day is above
//     12, or both are the same, or the order is known. With dashes, 26-08-15 may have its year
//     first as well;
//   - behind a date a time of day, as 14:00, 14:00:05.250 or 2:00 PM, and behind that a zone:
//     Z, UTC, GMT, +02:00, +0200 or +02. The times of RFC 3339 and RFC 2822 are such times, and
//     so is the one of C, Sat Aug 15 14:00:00 2026;
//   - seconds, milliseconds, microseconds and nanoseconds since 1970, from 1973 on. Smaller
//     numbers may be anything, such as the days of a spreadsheet.
//
// A time without a zone is taken to be in UTC. No other names of zones are read: what they
// mean depends on the place. Names of months and days are English, in small or capital
// letters. A year of two digits is one from 1969 to 2068.
//
// Formats do not change, and can be used by several goroutines at once.
type Formats struct {
	order    Order
	patterns []pattern
}

// New returns formats with an order of day and month, and with patterns, which are tried
// before the usual forms. The error is a [*PatternError].
func New(order Order, patterns []string) (*Formats, error) {
	f := &Formats{order: order}
	for _, text := range patterns {
		p := pattern(text)
		if err := p.check(); err != "" {
			return nil, &PatternError{Pattern: text, Reason: err}
		}
		f.patterns = append(f.patterns, p)
	}
	return f, nil
}

// Parse returns a time in milliseconds since 1970. If it is not read, or not between the
// years 1900 and 2200, the time is [None].
func (f *Formats) Parse(text []byte) (ms int64, _ Reading) {
	if len(f.patterns) == 0 {
		if ms, ok := parseSeconds(text); ok {
			return within(ms, Read)
		}
		if ms, ok := parseISO(text); ok {
			return within(ms, Read)
		}
	}
	if text = bytes.TrimSpace(text); len(text) == 0 || len(text) > maxTextBytes {
		return None, Unread
	}
	for _, p := range f.patterns {
		if m, ok := p.parse(text); ok {
			return within(m.milliseconds(), Read)
		}
	}
	if ms, isNumber := parseNumber(text); isNumber {
		return within(ms, Read)
	}
	r := reader{text: text, order: f.order}
	m, ok := r.moment()
	switch {
	case !ok:
		return None, Unread
	case r.isOpen:
		return None, Open
	}
	return within(m.milliseconds(), Read)
}

func within(ms int64, reading Reading) (int64, Reading) {
	if ms < Min || ms >= Max {
		return None, Unread
	}
	return ms, reading
}

// parseISO is the fast path, for the forms that most exports have: 2026-08-15, with a time of
// day and a zone or without. If ok is false, another way may read the text.
func parseISO(text []byte) (ms int64, ok bool) {
	var m moment
	if len(text) > 19 && m.readSeconds(text) {
		return m.inZone(text[19:])
	}
	if len(text) < 10 || text[4] != '-' && text[4] != '/' || text[7] != text[4] {
		return 0, false
	}
	var bad bool
	century, bad1 := twoDigits(text, 0)
	years, bad2 := twoDigits(text, 2)
	m.month, bad = twoDigits(text, 5)
	day, bad3 := twoDigits(text, 8)
	m.year, m.day = 100*century+years, day
	if bad || bad1 || bad2 || bad3 || !m.isDate() {
		return 0, false
	}
	if len(text) == 10 {
		return m.milliseconds(), true
	}
	if c := text[10]; len(text) < 16 || c|0x20 != 't' && c != ' ' || text[13] != ':' {
		return 0, false
	}
	m.hour, bad = twoDigits(text, 11)
	m.minute, bad1 = twoDigits(text, 14)
	rest := text[16:]
	if len(rest) >= 3 && rest[0] == ':' {
		m.second, bad2 = twoDigits(rest, 1)
		rest = rest[3:]
	} else if len(rest) > 0 && rest[0] == '.' {
		return 0, false
	}
	if bad || bad1 || bad2 || !m.isClock() {
		return 0, false
	}
	return m.inZone(rest)
}

// parseSeconds is the fast path for the seconds since 1970 of all moments from 2001 on: ten
// digits, of which the first is not 0. It reads eight of them at a time.
func parseSeconds(text []byte) (ms int64, ok bool) {
	if len(text) != 10 {
		return 0, false
	}
	word := binary.LittleEndian.Uint64(text) ^ eightZeros // no byte of which is read by itself
	last, bad := twoDigits(text, 8)
	if bad || (word|(word+others))&noDigits != 0 || byte(word) == 0 {
		return 0, false
	}
	// Neighbors become numbers of two digits, these become numbers of four, and then of eight.
	word = 10*word + word>>8
	const lower, upper = 100 + 1_000_000<<32, 1 + 10_000<<32
	const pairs = 0x0000_00ff_0000_00ff
	first := (word&pairs*lower + word>>16&pairs*upper) >> 32
	return 1000 * (100*int64(first) + int64(last)), true
}

// Eight digits XOR eightZeros are bytes from 0 to 9. Any other byte has one of the bits of
// noDigits then, or gets one if others are added.
const eightZeros, noDigits, others = 0x3030303030303030, 0xf0f0f0f0f0f0f0f0, 0x0606060606060606

// readSeconds reads 2026-08-15T14:00:05, which more characters follow: eight at a time, as
// nearly all exports of programs write times so.
func (m *moment) readSeconds(text []byte) bool {
	// What belongs there is 0 then, or a digit from 0 to 9.
	date := binary.LittleEndian.Uint64(text) ^ 0x2d30302d30303030      // 0000-00-
	clock := binary.LittleEndian.Uint64(text[8:]) ^ 0x30303a3030543030 // 00T00:00
	wrong := (date|clock|(date+others)|(clock+others))&noDigits | date&0xff0000ff00000000 | clock&0x0000ff0000ff0000
	second, bad := twoDigits(text, 17)
	if wrong != 0 || bad || text[16] != ':' {
		return false
	}
	// Each byte becomes the number that it and the one behind it are.
	date, clock = 10*date+date>>8, 10*clock+clock>>8
	m.year, m.month, m.day = 100*int(date&0xff)+int(date>>16&0xff), int(date>>40&0xff), int(clock&0xff)
	m.hour, m.minute, m.second = int(clock>>24&0xff), int(clock>>48&0xff), second
	return m.isDate() && m.isClock()
}

// inZone reads what is behind the seconds of a moment, or behind its minutes: a part of a
// second, and a zone. It returns the moment.
func (m *moment) inZone(rest []byte) (ms int64, ok bool) {
	if len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		m.millisecond, rest = fraction(rest[1:])
	}
	if len(rest) > 1 && rest[0] == ' ' {
		rest = rest[1:]
	}
	switch n := len(rest); {
	case n == 0, n == 1 && rest[0]|0x20 == 'z', string(rest) == "UTC":
		return m.milliseconds(), true
	case (n == 5 || n == 6 && rest[3] == ':') && (rest[0] == '+' || rest[0] == '-'):
		hours, bad1 := twoDigits(rest, 1)
		minutes, bad2 := twoDigits(rest, n-2)
		m.setOffset(rest[0], hours, minutes)
		return m.milliseconds(), !bad1 && !bad2 && hours < 24 && minutes < 60
	}
	return 0, false
}

// twoDigits reads the two digits at an index.
func twoDigits(text []byte, at int) (n int, bad bool) {
	a, b := text[at]-'0', text[at+1]-'0'
	return 10*int(a) + int(b), a > 9 || b > 9
}

// fraction reads the digits of a part of a second, as milliseconds. The rest is behind them.
func fraction(text []byte) (milliseconds int, rest []byte) {
	scale := 100
	for len(text) > 0 && isDigit(text[0]) {
		milliseconds += scale * int(text[0]-'0')
		scale /= 10
		text = text[1:]
	}
	return milliseconds, text
}

// parseNumber reads a time that is written as one number. isNumber is false if the text is
// none; a number that is no time is None.
func parseNumber(text []byte) (ms int64, isNumber bool) {
	whole, part, hasPoint := bytes.Cut(text, []byte("."))
	if !areDigits(whole) || hasPoint && !areDigits(part) {
		return None, false
	}
	part = bytes.TrimRight(part, "0")
	n := int64(0)
	if whole[0] == '0' || len(whole) > 18 && whole[0] > '7' || len(whole) > 19 {
		return None, true
	}
	for _, c := range whole {
		n = 10*n + int64(c-'0')
	}
	compact, isCompact := parseCompact(whole)
	isCompact = isCompact && len(part) == 0
	switch {
	case n >= 1e17:
		ms = n / 1e6
	case n >= 1e14:
		ms = n / 1e3
	case n >= 1e11 && n < Max && !isCompact:
		ms = n
	case n >= 1e8 && n < Max/1000:
		milliseconds, _ := fraction(part)
		return n*1000 + int64(milliseconds), true
	case isCompact && n >= 1e11 && n < Max: // it could be milliseconds as well
		return None, true
	case isCompact:
		return compact, true
	default:
		return None, true
	}
	if ms >= Max && isCompact {
		return compact, true
	}
	return ms, true
}

// parseCompact reads 20260815 and, with a time of day behind it, 202608151400,
// 20260815140005 and 20260815140005250.
func parseCompact(digits []byte) (ms int64, ok bool) {
	switch len(digits) {
	case 8, 12, 14, 17:
	default:
		return None, false
	}
	r := reader{text: digits}
	m, ok := r.compactDate()
	if ok && len(digits) > 8 {
		ok = r.compactClock(&m)
	}
	return m.milliseconds(), ok && m.year >= 1900 && m.year < 2200
}

// A moment is a date with a time of day in UTC, as it is written.
type moment struct {
	year, month, day                  int
	hour, minute, second, millisecond int
	offset                            int // seconds to the east of UTC
}

func (m *moment) setOffset(sign byte, hours, minutes int) {
	if m.offset = 3600*hours + 60*minutes; sign == '-' {
		m.offset = -m.offset
	}
}

// isDate reports whether there is such a day.
func (m *moment) isDate() bool {
	return uint(m.month-1) < 12 && m.day >= 1 && (m.day <= 28 || m.day <= daysIn(m.year, m.month))
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// isClock reports whether a day has such a time.
func (m *moment) isClock() bool {
	return uint(m.hour) < 24 && uint(m.minute) < 60 && uint(m.second) < 60
}

// milliseconds is the time since 1970. It counts the days from March of the year 0 on, as the
// day of a leap year is then the last.
func (m *moment) milliseconds() int64 {
	year, month := m.year, m.month-3
	if month < 0 {
		year, month = year-1, month+12
	}
	const daysTo1970 = 719468
	days := 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + m.day - 1 - daysTo1970
	seconds := int64(days)*86400 + int64(3600*m.hour+60*m.minute+m.second-m.offset)
	return seconds*1000 + int64(m.millisecond)
}

func isDigit(c byte) bool { return c-'0' < 10 }

// areDigits reports whether a text has nothing but digits, and at least one.
func areDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return len(text) > 0
}
