package report

import (
	"fmt"
	"strconv"
	"time"
)

// The chart's sizes in pixels. Widths are in percent, so that the chart fills the page
// while its texts keep their size.
const (
	plotTop     = 18 // space for the number above the highest bar
	plotHeight  = 190
	plotBottom  = plotTop + plotHeight
	chartHeight = plotBottom + 42 // two lines below the axis
	minHeight   = 1.5             // of a bar that is not zero
)

const (
	maxBarPercent = 7   // without it, few bars would be blocks
	barShare      = 0.8 // of a bar's slot; the rest is the gap
	maxTicks      = 8   // dates below the axis
	maxNumbered   = 16  // with more bars, none has its number above it
	maxGridLines  = 5
	minShare      = 0.5 // of the width, for a bar that is not zero
)

// A chart shows the orders over time.
type chart struct {
	Unit    string
	Label   string // all of it in a sentence, for those who cannot see it
	Busiest string // the period with the most orders, the first of several
	Most    string // as in "12 orders"
	Bars    []bar
	Grid    []line
	Ticks   []tick
	Height  int
	Base    int // where the axis is
	Gutter  int // the width of the numbers at the axis, in digits
}

type bar struct {
	Label, Orders string
	When          string // its first day as 2006-01-02
	X, Width      string // in percent
	Slot, Place   string // the bar with its gaps
	Middle        string
	Y, Height     string // in pixels
	NumberY       string // of the number above it; "" if there is none
}

type line struct{ Y, Label string }

type tick struct {
	X, Line, Year string
	Minor         bool // left out on a narrow screen
}

func newChart(days []Day) *chart {
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
	c := &chart{Unit: u.name, Busiest: busiest.Label, Most: several(busiest.Orders, "order", "orders"), Height: chartHeight, Base: plotBottom}
	top := c.grid(busiest.Orders)
	c.bars(all, top)
	c.ticks(all, u)
	c.Label = fmt.Sprintf("Bar chart of the orders by %s, from %s to %s. The most: %s, %s.",
		u.name, all[0].Label, all[len(all)-1].Label, c.Busiest, c.Most)
	return c
}

// grid draws lines at round numbers and returns the greatest of them.
func (c *chart) grid(most int64) float64 {
	step := roundStep(most)
	lines := (uint64(max(most, 1)) + step - 1) / step
	top := float64(lines * step)
	for i := range lines + 1 {
		label := decimal(strconv.FormatUint(i*step, 10))
		c.Grid = append(c.Grid, line{Y: pixels(height(float64(i*step), top)), Label: label})
		c.Gutter = max(c.Gutter, len(label))
	}
	return top
}

// roundStep returns the least of 1, 2, 5, 10, 20, 50 and so on with which few lines
// are needed to reach most. It is unsigned because the line above the greatest int64 is
// no int64.
func roundStep(most int64) uint64 {
	for power := uint64(1); ; power *= 10 {
		for _, step := range []uint64{power, 2 * power, 5 * power} {
			if (uint64(max(most, 1))+step-1)/step <= maxGridLines {
				return step
			}
		}
	}
}

// height returns the vertical coordinate of a number. It grows downwards.
func height(n, top float64) float64 { return plotBottom - plotHeight*n/top }

func (c *chart) bars(all []period, top float64) {
	slot := 100 / float64(len(all))
	width := min(slot*barShare, maxBarPercent)
	for i, p := range all {
		middle := (float64(i) + 0.5) * slot
		y := plotBottom - 0.0
		if p.Orders > 0 {
			y = min(height(float64(p.Orders), top), plotBottom-minHeight)
		}
		b := bar{
			Label: p.Label, Orders: count(p.Orders), When: p.From.Format(time.DateOnly),
			X: percent(middle - width/2), Width: percent(width),
			Slot: percent(slot), Place: percent(float64(i) * slot), Middle: percent(middle),
			Y: pixels(y), Height: pixels(plotBottom - y),
		}
		if len(all) <= maxNumbered && p.Orders > 0 {
			b.NumberY = pixels(y - 5)
		}
		c.Bars = append(c.Bars, b)
	}
}

func (c *chart) ticks(all []period, u unit) {
	stride := u.strides[len(u.strides)-1]
	for i := len(u.strides) - 1; i >= 0; i-- {
		if int64(len(all)) <= u.strides[i]*maxTicks {
			stride = u.strides[i]
		}
	}
	year := 0
	for i, p := range all {
		if (p.index+u.offset)%stride != 0 {
			continue
		}
		t := tick{X: percent((float64(i) + 0.5) * 100 / float64(len(all))), Minor: len(c.Ticks)%2 == 1}
		var y int
		if t.Line, y = u.tick(p.From); y != year {
			t.Year, year = strconv.Itoa(y), y
			t.Minor = false
		}
		c.Ticks = append(c.Ticks, t)
	}
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) + "%" }

func pixels(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// shares returns the lengths of the bars of some numbers. The longest bar is as long as
// its column is wide. Numbers below zero, and numbers too long for a bar, have none.
func shares(numbers []string) []string {
	lengths := make([]float64, len(numbers))
	longest := 0.0
	for i, n := range numbers {
		lengths[i], _ = length(n)
		longest = max(longest, lengths[i])
	}
	bars := make([]string, len(numbers))
	for i, l := range lengths {
		bars[i] = "0%"
		if l > 0 {
			bars[i] = percent(max(100*l/longest, minShare))
		}
	}
	return bars
}
