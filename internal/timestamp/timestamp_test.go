package timestamp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"process-orders/internal/timestamp"
)

const (
	unread = "unread"
	open   = "open" // day and month could change places
)

// parsed is what formats make of a text: the time as RFC 3339, or one of the constants.
func parsed(f *timestamp.Formats, text string) string {
	ms, reading := f.Parse([]byte(text))
	if (reading == timestamp.Read) != (ms != timestamp.None) {
		return fmt.Sprintf("%d with reading %d", ms, reading)
	}
	switch reading {
	case timestamp.Unread:
		return unread
	case timestamp.Open:
		return open
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
}

const (
	day  = "2026-08-15T00:00:00Z"
	noon = "2026-08-15T14:00:00Z" // two hours later
	five = "2026-08-15T14:00:05Z"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		// RFC 3339, ISO 8601 and what is near them.
		"2026-08-15T14:00:05Z":                     five,
		"2026-08-15t14:00:05z":                     five,
		"2026-08-15 14:00:05Z":                     five,
		"2026-08-15T14:00:05.250Z":                 "2026-08-15T14:00:05.25Z",
		"2026-08-15T14:00:05.123456789Z":           "2026-08-15T14:00:05.123Z",
		"2026-08-15T14:00:05,5Z":                   "2026-08-15T14:00:05.5Z",
		"2026-08-15T16:00:05+02:00":                five,
		"2026-08-15T08:30:05-05:30":                five,
		"2026-08-15T16:00:05+0200":                 five,
		"2026-08-15 16:00:05+02":                   five,
		"2026-08-15 09:00:05 -0500":                five,
		"2026-08-15 14:00:05 UTC":                  five,
		"2026-08-15 14:00:05 GMT":                  five,
		"2026-08-15 14:00:05 utc":                  five,
		"2026-08-15 14:00:05 +0000 UTC":            five,
		"2026-08-15T16:00:05+02:00[Europe/Berlin]": five,
		"2026-08-15T14:00:05":                      five,
		"2026-08-15 14:00:05":                      five,
		"2026-08-15  14:00:05":                     five,
		"2026-08-15T14:00":                         noon,
		"2026-08-15T14:00Z":                        noon,
		"2026-08-15T16:00+02:00":                   noon,
		"2026-08-15 14:00":                         noon,
		"2026-08-15":                               day,
		"2026/08/15":                               day,
		"2026/08/15 14:00:05":                      five,
		"2026.08.15 14:00":                         noon,
		"2026-8-5":                                 "2026-08-05T00:00:00Z",
		"2026-Aug-15":                              day,
		"20260815":                                 day,
		"20260815T140005Z":                         five,
		"20260815T1400":                            noon,
		"20260815 14:00":                           noon,
		"20260815140005":                           five,
		"20260815140005250":                        "2026-08-15T14:00:05.25Z",
		"2026-08-15T14:00:05 +02:00 (CEST)":        "2026-08-15T12:00:05Z",
		" 2026-08-15\u00a0":                        day,
		"2024-02-29":                               "2024-02-29T00:00:00Z",
		"2000-02-29":                               "2000-02-29T00:00:00Z",
		"1969-12-31T23:59:59.5Z":                   "1969-12-31T23:59:59.5Z",
		"2026-08-15T23:59:59Z":                     "2026-08-15T23:59:59Z",
		"1900-01-01":                               "1900-01-01T00:00:00Z",
		"2199-12-31":                               "2199-12-31T00:00:00Z",
		"2026-12-31 23:00 -02:00":                  "2027-01-01T01:00:00Z",
		"Saturday, August 15, 2026 2:00:05 PM":     five,
		"Saturday, August 15, 2026 at 2:00:05 PM":  five,
		"Sat, 15 Aug 2026 14:00:05 GMT":            five,
		"Sat, 15 Aug 2026 16:00:05 +0200":          five,
		"Sat, 5 Sep 2026 16:00:05 +0200":           "2026-09-05T14:00:05Z",
		"15 Aug 2026 16:00 +0200 (CEST)":           noon,
		"Sat Aug 15 14:00:05 2026":                 five,
		"Sat Aug 15 14:00:05 UTC 2026":             five,
		"Sat Aug 15 16:00:05 +0200 2026":           five,
		"Sat Aug  5 14:00:05 2026":                 "2026-08-05T14:00:05Z",
		"Sat Aug 15 2026 16:00:05 GMT+0200 (Central European Summer Time)": five,
		"14:00:05 Aug 15, 2026":      five,
		"14:00 15.08.2026":           noon,
		"15/Aug/2026:14:00:05 +0000": five,
		// Names of months.
		"15 Aug 2026":              day,
		"15 August 2026":           day,
		"15. August 2026":          day,
		"15-Aug-2026":              day,
		"15-AUG-26":                day,
		"15aug2026":                day,
		"15th August 2026":         day,
		"Aug 15, 2026":             day,
		"August 15th, 2026, 14:00": noon,
		"aug 15 2026":              day,
		"Aug-15-26":                day,
		"Jul-25-26":                "2026-07-25T00:00:00Z",
		"25-Jul-2026":              "2026-07-25T00:00:00Z",
		"Sept 5, 2026":             "2026-09-05T00:00:00Z",
		"1 May 69":                 "1969-05-01T00:00:00Z",
		"1 May 68":                 "2068-05-01T00:00:00Z",
		// One reading only.
		"2/23/2025 9:12:00 AM":      "2025-02-23T09:12:00Z",
		"2/23/2025 9:12:00\u202fPM": "2025-02-23T21:12:00Z",
		"2/23/2025, 9:12 p.m.":      "2025-02-23T21:12:00Z",
		"2/23/2025 12:05 AM":        "2025-02-23T00:05:00Z",
		"2/23/2025 12:05 PM":        "2025-02-23T12:05:00Z",
		"2/23/2025 9 PM":            "2025-02-23T21:00:00Z",
		"08/15/26":                  day,
		"15/08/2026":                day,
		"15.08.2026 14:00":          noon,
		"15.08.2026 14.00":          noon,
		"15.08.2026, 14:00:05":      five,
		"15. 8. 2026":               day,
		"15-08-2026":                day,
		"05.05.2026":                "2026-05-05T00:00:00Z",
		"5/5/26":                    "2026-05-05T00:00:00Z",
		"31-12-45":                  "2045-12-31T00:00:00Z",
		// Two readings.
		"4/5/2026":       open,
		"4/5/2026 21:06": open,
		"04.05.2026":     open,
		"12-11-2026":     open,
		"26-08-15":       open, // the year may be first
		"05-05-26":       open,
		// Numbers.
		"1702219784":           "2023-12-10T14:49:44Z",
		"1702219784.25":        "2023-12-10T14:49:44.25Z",
		"1702219784250":        "2023-12-10T14:49:44.25Z",
		"1702219784250.0":      "2023-12-10T14:49:44.25Z",
		"1702219784250999":     "2023-12-10T14:49:44.25Z",
		"1702219784250999999":  "2023-12-10T14:49:44.25Z",
		"100000000":            "1973-03-03T09:46:40Z",
		"999999999999":         "2001-09-09T01:46:39.999Z",
		"20260815.0":           day,
		"99999999":             unread,
		"202608151400":         unread, // or milliseconds in 1976
		"45000":                unread,
		"45000.5":              unread,
		"20261315":             unread,
		"0":                    unread,
		"-1":                   unread,
		"01702219784":          unread,
		"9999999999":           unread,
		"9223372036854775807":  unread,
		"99999999999999999999": unread,
		"1.74e9":               unread,
		"8.80E+12":             unread,
		// No times.
		"":                               unread,
		" ":                              unread,
		"soon":                           unread,
		"Aug":                            unread,
		"Aug 2026":                       unread,
		"15 Aug":                         unread,
		"14:00":                          unread,
		"2026":                           unread,
		"2026-08":                        unread,
		"1800-01-01":                     unread,
		"2200-01-01":                     unread,
		"2026-02-29":                     unread,
		"1900-02-29":                     unread,
		"2026-13-01":                     unread,
		"2026-00-01":                     unread,
		"2026-08-00":                     unread,
		"31.06.2026":                     unread,
		"13/13/2026":                     unread,
		"2026-08-15T24:00:00Z":           unread,
		"2026-08-15T14:60:00Z":           unread,
		"2026-08-15T14:00:60Z":           unread,
		"2026-08-15T14:00:05+24:00":      unread,
		"2026-08-15T14:00:05+02:60":      unread,
		"2026-08-15T14:00:05+2":          unread,
		"2026-08-15T":                    unread,
		"2026-08-15 14":                  unread,
		"2026-08-15 14:0":                unread,
		"2026-08-15 14:00 EST":           unread,
		"2026-08-15 14:00:05 CEST":       unread,
		"2026-08-15 13:00 PM":            unread,
		"2026-08-15 0:00 PM":             unread,
		"2026-08-15, in the morning":     unread,
		"2026-08-15 2026-08-16":          unread,
		"2026-08/15":                     unread,
		"15/08-2026":                     unread,
		"15 08 2026":                     unread,
		"15/8/026":                       unread,
		"4/5/2026 99:99":                 unread,
		"15 Agosto 2026":                 unread,
		"Mayo 15, 2026":                  unread,
		"2026-08-15T14:00:05.Z":          unread,
		strings.Repeat("2026-08-15", 20): unread,
	} {
		if got := parsed(new(timestamp.Formats), text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, c := range []struct{ text, dayFirst, monthFirst string }{
		{"4/5/2026 21:06", "2026-05-04T21:06:00Z", "2026-04-05T21:06:00Z"},
		{"04.05.26", "2026-05-04T00:00:00Z", "2026-04-05T00:00:00Z"},
		{"26-08-15", "2015-08-26T00:00:00Z", unread},
		{"15/08/2026", day, unread}, // not the order that is in force
		{"08/15/2026", unread, day},
		{"2026-04-05", "2026-04-05T00:00:00Z", "2026-04-05T00:00:00Z"},
		{"Apr 5, 2026", "2026-04-05T00:00:00Z", "2026-04-05T00:00:00Z"},
	} {
		for order, want := range map[timestamp.Order]string{timestamp.DayFirst: c.dayFirst, timestamp.MonthFirst: c.monthFirst} {
			f, err := timestamp.New(order, nil)
			if got := parsed(f, c.text); err != nil || got != want {
				t.Errorf("%q, order %d: got %s, %v, want %s", c.text, order, got, err, want)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"%d.%m.%y %H:%M", "04.05.26 21:06", "2026-05-04T21:06:00Z"},
		{"%d.%m.%y %H:%M", "4.5.26  21:06", "2026-05-04T21:06:00Z"},
		{"%d.%m.%y %H:%M", "04.05.26 21:60", unread},
		{"%d.%m.%y %H:%M", "04.13.26 21:06", "2026-04-13T21:06:00Z"}, // as without a pattern
		{"%d.%m.%y %H:%M", "2026-08-15T14:00:05Z", five},             // the usual forms are read as well
		{"%d.%m.%y", "04.05.26 21:06", open},                         // it is not the whole text
		{"%Y-%d-%m", "2026-04-05", "2026-05-04T00:00:00Z"},
		{"%y%m%d", "260815", day},
		{"%Y%m%d%H%M", "202608151400", noon},
		{"%m/%d/%Y %I:%M:%S %p %z", "08/15/2026 02:00:05 pm +00:00", five},
		{"%p %I:%M %d-%m-%Y", "PM 12:00 15-08-2026", "2026-08-15T12:00:00Z"},
		{"%I:%M %p %d-%m-%Y", "13:00 PM 15-08-2026", unread},
		{"%I:%M %p %d-%m-%Y", "0:00 AM 15-08-2026", "2026-08-15T00:00:00Z"},
		{"%d %B %Y, %H Uhr", "15 August 2026, 14 UHR", noon},
		{"%d %b %Y 100%%", "15 Aug 2026 100%", day},
		{"%d/%m/%Y %H:%M:%S%z", "15/08/2026 16:00:05.5+0200", "2026-08-15T14:00:05.5Z"},
	} {
		f, err := timestamp.New(timestamp.UnknownOrder, []string{"%d~%m~%Y", c.pattern})
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		} else if got := parsed(f, c.text); got != c.want {
			t.Errorf("%s, %q: got %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
	for _, wrong := range []string{
		"", "soon", "dd.mm.yyyy", "%d.%m", "%H:%M", "%d.%m.%Y %y", "%d.%m.%b.%Y", "%d.%d.%m.%Y", "%d.%m.%Y %", "%d.%m.%Y %Q", "%d.%m.%Y %é",
		"%d.%m.%Y %I:%M", "%d.%m.%Y %H:%M %p", "%d.%m.%Y %I:%H:%M %p", "%d.%m.%Y %M", "%d.%m.%Y %H:%S", strings.Repeat("x", 60) + "%d.%m.%Y",
	} {
		var why *timestamp.PatternError
		if _, err := timestamp.New(timestamp.UnknownOrder, []string{wrong}); !errors.As(err, &why) || why.Pattern != wrong || why.Reason == "" {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
}

// What Go writes is read as the same time, in all of its layouts that have a date.
func TestAgainstGo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	layouts := []string{
		time.RFC3339, time.RFC3339Nano, time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate, time.RubyDate, time.DateTime,
		"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 -0700", "Jan 2, 2006 3:04:05 PM", "2 January 2006 15:04:05", "20060102T150405Z0700", "20060102150405",
	}
	for range 3000 {
		ms := timestamp.Min + random.Int64N(timestamp.Max-timestamp.Min)
		at := time.UnixMilli(ms).UTC()
		layout := layouts[random.IntN(len(layouts))]
		if strings.Contains(layout, "07") {
			at = at.In(time.FixedZone("", 60*(random.IntN(2*14*60)-14*60)))
		}
		want := at.UTC().Truncate(time.Second)
		if layout == time.RFC3339Nano {
			want = at.UTC()
		}
		text := at.Format(layout)
		if got := parsed(new(timestamp.Formats), text); got != want.Format(time.RFC3339Nano) {
			t.Fatalf("%q: got %s, want %s", text, got, want.Format(time.RFC3339Nano))
		}
	}
}

// The fast path reads what the other way reads, which comes if blanks are around a text.
func TestFastPath(t *testing.T) {
	var f timestamp.Formats
	for _, text := range []string{"2026-08-15T14:00:05Z", "2024-02-29 23:59:59.250+02:00", "1702219784", "6987654321"} {
		for i := range text {
			for c := range 256 {
				other := []byte(text)
				other[i] = byte(c)
				ms, reading := f.Parse(other)
				want, wanted := f.Parse([]byte(" " + string(other) + " "))
				if ms != want || reading != wanted {
					t.Errorf("%q: got %d, %d, want %d, %d", other, ms, reading, want, wanted)
				}
			}
		}
	}
}

// Whatever the text, a time is within bounds, is open only if the order decides, and does
// not depend on blanks around it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026-08-15T14:00:05.5+02:00", "4/5/2026 9:12 AM", "Sat Aug 15 14:00:05 2026", "15. Aug 26", "1702219784.5", "20260815T140005"} {
		f.Add(text)
	}
	var usual timestamp.Formats
	pattern, err := timestamp.New(timestamp.DayFirst, []string{"%I:%M:%S %p %d%b%y %z", "%d %m %Y"})
	if err != nil {
		f.Fatal(err)
	}
	dayFirst, _ := timestamp.New(timestamp.DayFirst, nil)
	monthFirst, _ := timestamp.New(timestamp.MonthFirst, nil)
	f.Fuzz(func(t *testing.T, text string) {
		pattern.Parse([]byte(text))
		ms, reading := usual.Parse([]byte(text))
		if (reading == timestamp.Read) != (ms != timestamp.None) || ms != timestamp.None && (ms < timestamp.Min || ms >= timestamp.Max) {
			t.Errorf("%q: %d with reading %d", text, ms, reading)
		}
		if again, _ := usual.Parse([]byte(" " + text + " ")); again != ms && len(text) < 90 {
			t.Errorf("%q with blanks: %d, want %d", text, again, ms)
		}
		first, _ := dayFirst.Parse([]byte(text))
		second, _ := monthFirst.Parse([]byte(text))
		switch {
		case reading == timestamp.Open && first == timestamp.None && second == timestamp.None:
			t.Errorf("%q is open, and no order reads it", text)
		case reading == timestamp.Read && first != ms && second != ms:
			t.Errorf("%q is %d, and %d or %d by its order", text, ms, first, second)
		}
	})
}

func BenchmarkGo(b *testing.B) {
	for b.Loop() {
		time.Parse(time.RFC3339, "2026-08-15T14:00:05Z")
	}
}

func BenchmarkParse(b *testing.B) {
	var f timestamp.Formats
	for _, text := range []string{"2026-08-15", "2026-08-15T14:00:05Z", "2026-08-15T14:00:05.250+02:00", "2026-08-15 14:00:05 +0200", "8/15/2026 2:00 PM", "Aug 15, 2026", "1702219784", "soon"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			in := []byte(text)
			for b.Loop() {
				f.Parse(in)
			}
		})
	}
}
