package timestamp

import (
	"bytes"
	"strings"
)

// A reader reads one time in the usual forms. Each of its methods reads one part of it, and
// returns false if the part is not there.
type reader struct {
	text   []byte
	pos    int
	order  Order
	isOpen bool // day and month could change places
}

// moment reads all of the text.
func (r *reader) moment() (m moment, ok bool) {
	r.weekday()
	if r.atClock() {
		if !r.clock(&m) {
			return m, false
		}
		r.zone(&m)
		r.skip(" ,")
		return m, r.date(&m) && r.ends()
	}
	if !r.date(&m) {
		return m, false
	}
	if r.ends() {
		return m, true
	}
	if !r.take('T') && !r.take(':') {
		r.skip(" ,")
		if word := r.word(); word != "at" {
			r.pos -= len(word)
		}
		r.skip(" ")
	}
	return m, r.clock(&m) && (r.ends() || r.zone(&m) && r.ends())
}

// ends reports whether nothing is left.
func (r *reader) ends() bool { return r.pos == len(r.text) }

// take reads one character, in small or capital letters.
func (r *reader) take(c byte) bool {
	if r.pos < len(r.text) && (r.text[r.pos] == c || isLetter(c) && r.text[r.pos] == c|0x20) {
		r.pos++
		return true
	}
	return false
}

// skip passes characters of a set. A space stands for all blanks.
func (r *reader) skip(set string) (some bool) {
	for r.pos < len(r.text) {
		c, rest := r.text[r.pos], r.text[r.pos:]
		switch {
		case c == '\t' && set[0] == ' ', strings.IndexByte(set, c) >= 0:
			r.pos++
		case set[0] == ' ' && bytes.HasPrefix(rest, []byte("\u00a0")):
			r.pos += len("\u00a0")
		case set[0] == ' ' && bytes.HasPrefix(rest, []byte("\u202f")):
			r.pos += len("\u202f")
		default:
			return some
		}
		some = true
	}
	return some
}

// number reads digits, at most that many, and returns how many there were.
func (r *reader) number(most int) (n, digits int) {
	for r.pos < len(r.text) && isDigit(r.text[r.pos]) && digits < most {
		n = 10*n + int(r.text[r.pos]-'0')
		r.pos++
		digits++
	}
	return n, digits
}

// wholeNumber is number for digits that end after at most that many.
func (r *reader) wholeNumber(most int) (n, digits int) {
	n, digits = r.number(most)
	if r.pos < len(r.text) && isDigit(r.text[r.pos]) {
		return 0, 0
	}
	return n, digits
}

// word reads letters, and returns them in small letters.
func (r *reader) word() string {
	from := r.pos
	for r.pos < len(r.text) && isLetter(r.text[r.pos]) {
		r.pos++
	}
	return strings.ToLower(string(r.text[from:r.pos]))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var (
	months   = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	weekdays = [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// find returns which of the names a word is or starts, from 1, and 0 for none. It has three
// letters or more.
func find(names []string, word string) int {
	for i, name := range names {
		if len(word) >= 3 && (word == name || word == name[:3]) {
			return i + 1
		}
	}
	if word == "sept" && len(names) == len(months) {
		return 9
	}
	return 0
}

// weekday passes the day of the week, if it is there.
func (r *reader) weekday() {
	from := r.pos
	switch word := r.word(); {
	case find(weekdays[:], word) > 0, word == "tues", word == "thur", word == "thurs":
		r.skip(" .,")
	default:
		r.pos = from
	}
}

// monthName reads the name of a month.
func (r *reader) monthName() (month int, ok bool) {
	from := r.pos
	if month = find(months[:], r.word()); month == 0 {
		r.pos = from
		return 0, false
	}
	return month, true
}

// gap passes what is between the parts of a date with the name of a month.
func (r *reader) gap() { r.skip(" -/.,") }

// date reads a date.
func (r *reader) date(m *moment) (ok bool) {
	if m.month, ok = r.monthName(); ok {
		return r.dayAndYear(m)
	}
	from := r.pos
	n, digits := r.wholeNumber(8)
	switch digits {
	case 8:
		r.pos = from
		var date moment
		if date, ok = r.compactDate(); ok {
			m.year, m.month, m.day = date.year, date.month, date.day
		}
		return ok
	case 4:
		m.year = n
		return r.monthAndDay(m)
	case 1, 2:
		return r.startsSmall(m, n, digits)
	}
	return false
}

// compactDate reads eight digits.
func (r *reader) compactDate() (m moment, ok bool) {
	m.year, _ = r.number(4)
	m.month, _ = r.number(2)
	m.day, _ = r.number(2)
	return m, m.isDate()
}

// compactClock reads 1400, 140005 and 140005250.
func (r *reader) compactClock(m *moment) bool {
	var digits int
	m.hour, _ = r.number(2)
	m.minute, digits = r.number(2)
	if digits < 2 {
		return false
	}
	if m.second, digits = r.number(2); digits == 1 {
		return false
	}
	if m.millisecond, digits = r.number(3); digits == 1 || digits == 2 {
		return false
	}
	return m.isClock()
}

// monthAndDay reads what is behind the year: -08-15 or -Aug-15.
func (r *reader) monthAndDay(m *moment) bool {
	separator := byte(0)
	if r.pos < len(r.text) {
		separator = r.text[r.pos]
	}
	r.gap()
	var digits int
	var ok bool
	if m.month, ok = r.monthName(); ok {
		r.gap()
	} else {
		m.month, digits = r.wholeNumber(2)
		if digits == 0 || strings.IndexByte("-/.", separator) < 0 || !r.take(separator) {
			return false
		}
		if separator == '.' {
			r.skip(" ")
		}
	}
	m.day, digits = r.wholeNumber(2)
	return digits > 0 && m.isDate()
}

// dayAndYear reads what is behind the name of a month: 15, 2026 or 15 14:00:00 UTC 2026.
func (r *reader) dayAndYear(m *moment) bool {
	r.gap()
	var digits int
	if m.day, digits = r.wholeNumber(2); digits == 0 {
		return false
	}
	r.ordinal()
	r.gap()
	if r.atClock() {
		if !r.clock(m) {
			return false
		}
		r.zone(m)
		r.skip(" ")
		return r.yearOf(m, 4)
	}
	return r.year(m)
}

// ordinal passes the letters of 1st.
func (r *reader) ordinal() {
	from := r.pos
	switch r.word() {
	case "st", "nd", "rd", "th":
	default:
		r.pos = from
	}
}

// year reads the year of a date that has all else.
func (r *reader) year(m *moment) bool { return r.yearOf(m, 2) }

// yearOf is year for one of at least so many digits.
func (r *reader) yearOf(m *moment, least int) bool {
	n, digits := r.wholeNumber(4)
	if digits < least {
		return false
	}
	var ok bool
	m.year, ok = fullYear(n, digits)
	return ok && m.isDate()
}

// fullYear is the year that is meant by digits.
func fullYear(n, digits int) (year int, ok bool) {
	switch {
	case digits == 4:
		return n, true
	case digits != 2:
		return 0, false
	case n < 69:
		return 2000 + n, true
	}
	return 1900 + n, true
}

// startsSmall reads a date whose first number has one or two digits.
func (r *reader) startsSmall(m *moment, first, firstDigits int) (ok bool) {
	separator := byte(0)
	if r.pos < len(r.text) {
		separator = r.text[r.pos]
	}
	from := r.pos
	r.ordinal()
	r.gap()
	if m.month, ok = r.monthName(); ok {
		m.day = first
		r.gap()
		return r.year(m)
	}
	r.pos = from + 1
	if strings.IndexByte("-/.", separator) < 0 {
		return false
	}
	if separator == '.' {
		r.skip(" ")
	}
	second, digits := r.wholeNumber(2)
	if digits == 0 || !r.take(separator) {
		return false
	}
	if separator == '.' {
		r.skip(" ")
	}
	third, thirdDigits := r.wholeNumber(4)
	year, ok := fullYear(third, thirdDigits)
	if !ok {
		return false
	}
	var readings []moment
	if r.order != MonthFirst {
		readings = add(readings, moment{year: year, month: second, day: first})
	}
	if r.order != DayFirst {
		readings = add(readings, moment{year: year, month: first, day: second})
	}
	if r.order == UnknownOrder && separator == '-' && firstDigits == 2 && thirdDigits == 2 {
		year, _ := fullYear(first, firstDigits)
		readings = add(readings, moment{year: year, month: second, day: third})
	}
	if len(readings) == 0 {
		return false
	}
	r.isOpen = len(readings) > 1
	m.year, m.month, m.day = readings[0].year, readings[0].month, readings[0].day
	return true
}

// add adds a date to different ones, if there is such a day.
func add(dates []moment, m moment) []moment {
	if !m.isDate() {
		return dates
	}
	for _, other := range dates {
		if other == m {
			return dates
		}
	}
	return append(dates, m)
}

// atClock reports whether a time of day follows, and no date: 14:00.
func (r *reader) atClock() bool {
	rest := r.text[r.pos:]
	i := bytes.IndexByte(rest, ':')
	return (i == 1 || i == 2) && areDigits(rest[:i])
}

// clock reads a time of day: 14:00, 14:00:05.250, 2:00 PM, 2 PM, 14.00, 140005.
func (r *reader) clock(m *moment) bool {
	from := r.pos
	if _, digits := r.number(9); digits == 4 || digits == 6 || digits == 9 {
		r.pos = from
		return r.compactClock(m) && r.half(m) != wrong
	}
	r.pos = from
	var digits int
	if m.hour, digits = r.wholeNumber(2); digits == 0 {
		return false
	}
	for _, separator := range []byte(":.") {
		if r.take(separator) {
			return r.minutes(m, separator) && r.half(m) != wrong
		}
	}
	return r.half(m) == right
}

// minutes reads what is behind the hours and the first separator.
func (r *reader) minutes(m *moment, separator byte) bool {
	var digits int
	if m.minute, digits = r.wholeNumber(2); digits != 2 {
		return false
	}
	if r.take(separator) {
		if m.second, digits = r.wholeNumber(2); digits != 2 {
			return false
		}
		if separator == ':' && r.pos+1 < len(r.text) && (r.text[r.pos] == '.' || r.text[r.pos] == ',') && isDigit(r.text[r.pos+1]) {
			var rest []byte
			m.millisecond, rest = fraction(r.text[r.pos+1:])
			r.pos = len(r.text) - len(rest)
		}
	}
	return m.isClock()
}

// What half finds.
const (
	missing = iota
	right
	wrong
)

// half reads AM or PM, if it is there, and changes the hour.
func (r *reader) half(m *moment) int {
	from := r.pos
	r.skip(" ")
	isAfternoon := false
	switch {
	case r.take('A'):
	case r.take('P'):
		isAfternoon = true
	default:
		r.pos = from
		return missing
	}
	r.take('.')
	if !r.take('M') {
		r.pos = from
		return missing
	}
	r.take('.')
	switch {
	case m.hour > 12 || m.hour == 0 && isAfternoon:
		return wrong
	case m.hour == 12:
		m.hour = 0
	}
	if isAfternoon {
		m.hour += 12
	}
	return right
}

// zone reads a zone, and what only repeats it.
func (r *reader) zone(m *moment) bool {
	from := r.pos
	r.skip(" ")
	switch word := r.word(); word {
	case "z":
	case "utc", "gmt", "ut":
		r.offset(m, 1)
	case "":
		if !r.offset(m, 2) {
			r.pos = from
			return false
		}
		r.nameOfZero(m)
	default:
		r.pos = from
		return false
	}
	r.comment()
	return true
}

// nameOfZero passes the name behind +0000 UTC.
func (r *reader) nameOfZero(m *moment) {
	from := r.pos
	r.skip(" ")
	if word := r.word(); m.offset != 0 || word != "utc" && word != "gmt" {
		r.pos = from
	}
}

// offset reads +02:00, +0200 or +02. Hours have at least so many digits.
func (r *reader) offset(m *moment, least int) bool {
	from := r.pos
	sign := byte('+')
	switch {
	case r.take('+'):
	case r.take('-'):
		sign = '-'
	default:
		return false
	}
	hours, digits := r.number(2)
	r.take(':')
	minutes, more := r.wholeNumber(2)
	if digits < least || digits == 0 || more == 1 || more == 2 && digits != 2 || r.text[r.pos-1] == ':' || hours > 23 || minutes > 59 {
		r.pos = from
		return false
	}
	m.setOffset(sign, hours, minutes)
	return true
}

// comment passes the name of a zone in brackets, at the end.
func (r *reader) comment() {
	rest := bytes.TrimLeft(r.text[r.pos:], " ")
	if len(rest) < 2 {
		return
	}
	for _, pair := range []string{"()", "[]"} {
		if rest[0] == pair[0] && bytes.IndexByte(rest, pair[1]) == len(rest)-1 {
			r.pos = len(r.text)
		}
	}
}
