package page

import (
	"strconv"
	"time"

	"process-orders/internal/look"
)

// A Reader is who reads a page: in which language and zone, and what the time is there.
type Reader struct {
	Words    *Words
	Language string // of numbers and dates, as in "de-AT"
	Zone     *time.Location
	Now      time.Time // in the zone
}

// Clock is the time of a day.
func (r *Reader) Clock(t time.Time) string { return t.In(r.Zone).Format("15:04") }

// Day is a day, as in 4 May 2026.
func (r *Reader) Day(t time.Time) string { return t.In(r.Zone).Format("2 Jan 2006") }

// Weekday is the name of a day of the week.
func (r *Reader) Weekday(t time.Time) string { return r.Words.Weekdays[t.In(r.Zone).Weekday()] }

// Count writes a number.
func (r *Reader) Count(n int64) string { return r.Decimal(strconv.FormatInt(n, 10)) }

// Decimal writes a decimal number.
func (r *Reader) Decimal(text string) string { return look.Notation(look.English).Decimal(text) }
