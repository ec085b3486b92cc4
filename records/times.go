package records

import (
	"strconv"
	"time"
)

// layouts are how exports write times, beside seconds since 1970. One without a
// zone is taken to be in UTC.
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

// The times that are taken for times: 1900 to 2200.
const (
	minTime = -2208988800_000
	maxTime = 7258118400_000
)

// parseTime reads a time, in milliseconds since 1970. Last is the layout that the
// time before had, to be tried first.
func parseTime(text []byte, last *int) int64 {
	if len(text) == 0 || len(text) > 64 {
		return noTime
	}
	ms := int64(noTime)
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		ms = n
		if n < 1e11 && n > -1e11 { // seconds; more are milliseconds
			ms = n * 1000
		}
	} else if t, ok := parseLayouts(string(text), last); ok {
		ms = t.UnixMilli()
	}
	if ms < minTime || ms >= maxTime {
		return noTime
	}
	return ms
}

func parseLayouts(text string, last *int) (time.Time, bool) {
	if t, ok := parseLayout(layouts[*last], text); ok {
		return t, true
	}
	for i, layout := range layouts {
		if t, ok := parseLayout(layout, text); ok {
			*last = i
			return t, true
		}
	}
	return time.Time{}, false
}

// parseLayout reads a time of that layout. A zone that is a name must be UTC or
// GMT: what others mean depends on the machine's own zone, or is not known at all.
func parseLayout(layout, text string) (time.Time, bool) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		return t, false
	}
	name, offset := t.Zone()
	return t, offset != 0 || name == "" || name == "UTC" || name == "GMT"
}
