package page

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"process-orders/internal/look"
)

// A Reader is who reads a page: in which language and zone, and what the time is there.
type Reader struct {
	Words *Words
	// Language is that of numbers and dates, as in "de-AT". [NewReader] takes it from a few dozen,
	// so readers fall into few groups.
	Language string
	Zone     *time.Location
	Now      time.Time // in the zone
	// Shop is the one that the page is of; "" is all.
	Shop string
}

// To is a path of the page with its shop, so that an answer is of the same one.
func (r *Reader) To(path string) string {
	if r.Shop == "" {
		return path
	}
	return path + "?" + url.Values{"shop": {r.Shop}}.Encode()
}

// NewReader returns a reader. Accepted is the header Accept-Language of a request, which may be
// anything.
func NewReader(accepted string, zone *time.Location, now time.Time) *Reader {
	return &Reader{Words: English, Language: languageOf(accepted), Zone: zone, Now: now.In(zone)}
}

// Clock is the time of a day, as in 15:04.
func (r *Reader) Clock(t time.Time) string { return t.In(r.Zone).Format(formOf(r.Language).clock) }

// Day is a day, as in 4 May 2026. English readers see the name of the month, as they do not agree on
// what comes first, and all others numbers.
func (r *Reader) Day(t time.Time) string { return t.In(r.Zone).Format(formOf(r.Language).day) }

// Moment is a day and the time of it.
func (r *Reader) Moment(t time.Time) string { return r.Day(t) + ", " + r.Clock(t) }

// Weekday is the name of a day of the week.
func (r *Reader) Weekday(t time.Time) string { return r.Words.Weekdays[t.In(r.Zone).Weekday()] }

// Count writes a number.
func (r *Reader) Count(n int64) string { return r.Decimal(strconv.FormatInt(n, 10)) }

// Counted writes a number in its text.
func (r *Reader) Counted(p Plural, n int64) string { return fmt.Sprintf(p.of(n), r.Count(n)) }

// Sum writes an amount with its currency. The amount is a decimal number with a point, as in
// 1234.50, and keeps every digit. XXX is no currency.
func (r *Reader) Sum(amount, currency string) string {
	if currency == "" || currency == "XXX" {
		return r.Decimal(amount)
	}
	return r.Decimal(amount) + "\u00a0" + currency
}

// Notation is how the language writes decimal numbers.
func (r *Reader) Notation() look.Notation { return formOf(r.Language).signs().write }

// Decimal writes a decimal number, which has a point, as the language does, and changes no digit of
// it. A text that is no number stays as it is.
func (r *Reader) Decimal(text string) string { return r.Notation().Decimal(text) }
