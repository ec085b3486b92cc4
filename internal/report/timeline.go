package report

import (
	"fmt"
	"strconv"
	"time"

	"process-orders/internal/look"
)

// maxTicks is how many dates are below the axis at most.
const maxTicks = 8

// A timeline shows the orders over time.
type timeline struct {
	*look.Chart
	Unit    string
	Busiest string // the period with the most orders, the first of several
	Most    string // as in "12 orders"
	Rows    []periodRow
}

type periodRow struct {
	Label, Orders string
	When          string // its first day as 2006-01-02
}

// newTimeline returns nil if no order has a date.
func newTimeline(days []Day) *timeline {
	all, u := periods(days)
	if len(all) == 0 {
		return nil
	}
	busiest := all[0]
	for _, p := range all {
		if p.Orders > busiest.Orders {
			busiest = p
		}
	}
	t := &timeline{
		Chart: look.NewChart(look.English, points(all, u)),
		Unit:  u.name, Busiest: busiest.Label, Most: several(busiest.Orders, "order", "orders"),
	}
	for _, p := range all {
		t.Rows = append(t.Rows, periodRow{p.Label, count(p.Orders), p.From.Format(time.DateOnly)})
	}
	t.Label = fmt.Sprintf("Bar chart of the orders by %s, from %s to %s. The most: %s, %s.",
		u.name, all[0].Label, all[len(all)-1].Label, t.Busiest, t.Most)
	return t
}

// points are the periods, with dates below as many of them as there is space for.
func points(all []period, u unit) []look.Point {
	stride := u.strides[len(u.strides)-1]
	for i := len(u.strides) - 1; i >= 0; i-- {
		if int64(len(all)) <= u.strides[i]*maxTicks {
			stride = u.strides[i]
		}
	}
	points, year := make([]look.Point, len(all)), 0
	for i, p := range all {
		points[i] = look.Point{Label: p.Label, Number: p.Orders}
		if (p.index+u.offset)%stride != 0 {
			continue
		}
		var y int
		if points[i].Tick, y = u.tick(p.From); y != year {
			points[i].Below, year = strconv.Itoa(y), y
		}
	}
	return points
}
