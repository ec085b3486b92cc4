package page

import (
	"fmt"
	"strings"
	"time"

	"process-orders/internal/look"
)

// An Hour is one of the clock: what came in it today and a week ago.
type Hour struct{ Now, Then Sums }

// Day is the view of the part day: its curve, and the same numbers as a table. The curve is nil if
// there are no orders on both days.
type Day struct {
	Curve       *look.Curve
	Today, Then string // the names of the lines
	Rows        []HourRow
}

// An HourRow is an hour of the table. Orders is "" if it has not come.
type HourRow struct {
	Time, Orders, Then string
	IsOpen             bool // it is not over
	Revenue            []look.Amount
}

// leastHours is how many hours the curve has at least.
const leastHours = 8

// NewDay makes the day of 24 hours, of which that with the number present is not over.
func (r *Reader) NewDay(hours []Hour, present int) *Day {
	w := &r.Words.Day
	d := &Day{Today: w.Today, Then: fmt.Sprintf(w.Then, r.Weekday(r.Now))}
	from, to := shownHours(hours, present)
	if from < 0 {
		return d
	}
	count := r.Count
	var moments []look.Moment
	for h := from; h < to; h++ {
		row := HourRow{Time: r.hour(h), Then: count(hours[h].Then.Orders), IsOpen: h == present}
		label := fmt.Sprintf(w.HourThen, row.Time, d.Then, row.Then)
		if h <= present {
			row.Orders = count(hours[h].Now.Orders)
			label = fmt.Sprintf(w.Hour, row.Time, row.Orders, d.Then, row.Then)
			for _, s := range hours[h].Now.Revenue {
				row.Revenue = append(row.Revenue, r.Notation().Amount(s))
			}
		}
		d.Rows = append(d.Rows, row)
		moments = append(moments, look.Moment{Label: label, Now: hours[h].Now.Orders, Then: hours[h].Then.Orders, Tick: tick(row.Time)})
	}
	d.Curve = look.NewCurve(r.Notation(), moments, max(0, present+1-from), true)
	d.Curve.Label = fmt.Sprintf(w.Label, d.Rows[0].Time, d.Rows[len(d.Rows)-1].Time, d.Then)
	return d
}

// shownHours are those from the first to the last that has orders on one of the days, and the present
// one; from is below 0 if none has.
func shownHours(hours []Hour, present int) (from, to int) {
	from = -1
	for h := range hours {
		if hours[h].Now.Orders > 0 || hours[h].Then.Orders > 0 {
			if from < 0 {
				from = h
			}
			to = h + 1
		}
	}
	if from < 0 {
		return from, to
	}
	from, to = min(from, present), max(to, present+1)
	to = min(max(to, from+leastHours), len(hours))
	return max(0, min(from, to-leastHours)), to
}

// tick is an hour below the curve. One of twelve needs no minutes, and is short: 9 PM.
func tick(hour string) string { return strings.Replace(hour, ":00\u00a0", "\u00a0", 1) }

// hour writes a full hour of the clock. No clock is changed on that day.
func (r *Reader) hour(h int) string { return r.Clock(time.Date(2026, 1, 15, h, 0, 0, 0, r.Zone)) }
