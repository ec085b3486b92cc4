// Package timestamp reads the moments that exports write, in whichever of the usual forms.
package timestamp

import (
	"strconv"
	"time"
)

// None is what Parse returns for a text that is not a moment. It is earlier than all
// moments.
const None = -1 << 63

// layouts are how exports write times, beside seconds since 1970. A time without a zone is
// taken to be in UTC.
var layouts = []string{
	time.RFC3339, // also with fractions of a second
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	"2006-01-02",
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"2006/01/02 15:04:05",
}

// Moments from 1900 to 2200 are accepted: from Min up to, not including, Max. Both are the
// start of a day.
const (
	Min = -2208988800_000
	Max = 7258118400_000
)

// maxTextBytes is longer than any time in one of the layouts.
const maxTextBytes = 64

// A Parser reads times. It tries the layout of the last time first, as a source writes all
// of its times alike. The zero value is ready for use, by one goroutine.
type Parser struct{ last int }

// Parse returns a time in milliseconds since 1970, [None] if it cannot be read or is not
// between the years 1900 and 2200. A whole number is seconds since 1970, or milliseconds
// if it has more than eleven digits.
func (p *Parser) Parse(text []byte) int64 {
	if len(text) == 0 || len(text) > maxTextBytes {
		return None
	}
	ms := int64(None)
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		ms = n
		if n < 1e11 && n > -1e11 {
			ms = n * 1000
		}
	} else if t, ok := p.parse(string(text)); ok {
		ms = t.UnixMilli()
	}
	if ms < Min || ms >= Max {
		return None
	}
	return ms
}

func (p *Parser) parse(text string) (time.Time, bool) {
	if t, ok := parseLayout(layouts[p.last], text); ok {
		return t, true
	}
	for i, layout := range layouts {
		if t, ok := parseLayout(layout, text); ok {
			p.last = i
			return t, true
		}
	}
	return time.Time{}, false
}

// parseLayout reads a time of that layout. If its zone is a name, it must be UTC or GMT:
// what other names mean depends on the machine's own zone, or is not known at all.
func parseLayout(layout, text string) (time.Time, bool) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		return t, false
	}
	name, offset := t.Zone()
	return t, offset != 0 || name == "" || name == "UTC" || name == "GMT"
}
