package report

import (
	"fmt"
	"time"
)

// maxBars is how many bars the chart may have. With more, they would be too narrow to
// distinguish and to point at.
const maxBars = 100

// A period is a day, a week, a month or some years, and the number of its orders.
type period struct {
	From   time.Time
	Label  string
	Orders int64
	index  int64 // the number of the period in its unit
}

// A unit divides time into numbered periods of one length.
type unit struct {
	name  string // as in "orders by day"
	index func(time.Time) int64
	start func(index int64) time.Time
	label func(start time.Time) string
	// tick returns the text below the axis. The year is 0 if none is shown.
	tick    func(start time.Time) (line string, year int)
	strides []int64 // possible numbers of periods from one tick to the next
	offset  int64   // moves the ticks to Mondays
}

const secondsPerDay = 24 * 60 * 60

// mondayOffset is the number of days from the Monday before 1 January 1970 to that day.
const mondayOffset = 3

var byDay = unit{
	name:    "day",
	index:   day,
	start:   date,
	label:   func(t time.Time) string { return t.Format("Mon 2 Jan 2006") },
	tick:    func(t time.Time) (string, int) { return t.Format("2 Jan"), t.Year() },
	strides: []int64{1, 2, 7, 14},
	offset:  mondayOffset,
}

var byWeek = unit{
	name:  "week",
	index: func(t time.Time) int64 { return floor(day(t)+mondayOffset, 7) },
	start: func(i int64) time.Time { return date(i*7 - mondayOffset) },
	label: func(t time.Time) string {
		_, week := t.ISOWeek()
		return fmt.Sprintf("week %d, %s", week, span(t, t.AddDate(0, 0, 6)))
	},
	tick:    byDay.tick,
	strides: []int64{1, 2, 4, 8, 13},
}

var byMonth = unit{
	name:  "month",
	index: func(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) - 1 },
	start: func(i int64) time.Time {
		return time.Date(int(floor(i, 12)), time.Month(i-12*floor(i, 12)+1), 1, 0, 0, 0, 0, time.UTC)
	},
	label:   func(t time.Time) string { return t.Format("January 2006") },
	tick:    func(t time.Time) (string, int) { return t.Format("Jan"), t.Year() },
	strides: []int64{1, 3, 6, 12, 24},
}

// byYears returns the unit of a number of years.
func byYears(years int64) unit {
	u := unit{
		name:    "year",
		index:   func(t time.Time) int64 { return floor(int64(t.Year()), years) },
		start:   func(i int64) time.Time { return time.Date(int(i*years), 1, 1, 0, 0, 0, 0, time.UTC) },
		label:   func(t time.Time) string { return t.Format("2006") },
		tick:    func(t time.Time) (string, int) { return t.Format("2006"), 0 },
		strides: []int64{1, 2, 5, 10, 20},
	}
	if years > 1 {
		u.name = count(years) + " years"
		u.label = func(t time.Time) string {
			return fmt.Sprintf("%s – %s", t.Format("2006"), t.AddDate(int(years)-1, 0, 0).Format("2006"))
		}
	}
	return u
}

// periods divides days into periods, which are as short as the chart can show. Periods
// without orders between others are included.
func periods(days []Day) ([]period, unit) {
	for _, u := range []unit{byDay, byWeek, byMonth} {
		if all := divide(days, u); all != nil {
			return all, u
		}
	}
	for years := int64(1); years < 1e9; years *= 10 { // one order with a wrong date can be far away
		if all := divide(days, byYears(years)); all != nil {
			return all, byYears(years)
		}
	}
	return nil, unit{}
}

// divide returns nil if there would be no period, or more than maxBars.
func divide(days []Day, u unit) []period {
	var first, last int64
	some := false
	for _, d := range days {
		if d.Date.IsZero() {
			continue
		}
		i := u.index(d.Date.UTC())
		if !some {
			first, last, some = i, i, true
		}
		first, last = min(first, i), max(last, i)
	}
	if !some || last-first >= maxBars {
		return nil
	}
	all := make([]period, last-first+1)
	for i := range all {
		start := u.start(first + int64(i))
		all[i] = period{From: start, Label: u.label(start), index: first + int64(i)}
	}
	for _, d := range days {
		if !d.Date.IsZero() {
			all[u.index(d.Date.UTC())-first].Orders += d.Orders
		}
	}
	return all
}

// day numbers the days, 1 January 1970 being 0.
func day(t time.Time) int64 { return floor(t.Unix(), secondsPerDay) }

func date(day int64) time.Time { return time.Unix(day*secondsPerDay, 0).UTC() }

// floor divides and rounds down, also below zero: Go rounds towards zero.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// span writes two dates as briefly as possible: "2 – 8 Mar 2026".
func span(from, to time.Time) string {
	end := to.Format("2 Jan 2006")
	switch {
	case from.Year() != to.Year():
		return from.Format("2 Jan 2006") + " – " + end
	case from.Month() != to.Month():
		return from.Format("2 Jan") + " – " + end
	case from.Day() != to.Day():
		return from.Format("2") + " – " + end
	}
	return end
}
