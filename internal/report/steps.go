package report

import (
	"strings"
	"time"
)

const (
	// maxDrawnSteps is how many prices of an item are drawn. More would be closer
	// together than a line is wide.
	maxDrawnSteps = 60
	// maxListedSteps is how many prices are listed with their dates: the first one and
	// the last ones.
	maxListedSteps = 6
)

// The drawing of a price in pixels.
const (
	stepWidth  = 150.0
	stepHeight = 36.0
	stepMargin = 4.0
)

type priceRow struct {
	Item            text
	Label           string // of the drawing
	Path            string // "" if there is nothing to draw
	EndX, EndY      string
	Steps           []stepRow
	Amount, Percent string
}

type stepRow struct {
	Price   string
	When    moment
	Omitted string // how many steps are between these; nothing else is set then
}

func newPriceRow(c PriceChange, end time.Time) priceRow {
	first, last := c.Steps[0].Price, c.Steps[len(c.Steps)-1].Price
	row := priceRow{Item: name(c.Item), Steps: listSteps(c.Steps)}
	row.Amount, row.Percent = change(first, last)
	drawn := c.Steps[max(0, len(c.Steps)-maxDrawnSteps):]
	row.Path, row.EndX, row.EndY = draw(drawn, end)
	row.Label = "The price in " + count(int64(len(drawn))) + " steps, from " + decimal(drawn[0].Price) + " to " + decimal(last) + "."
	return row
}

func listSteps(steps []PriceStep) (rows []stepRow) {
	for i, s := range steps {
		tail := len(steps) - maxListedSteps + 2 // where the last ones start
		switch {
		case len(steps) <= maxListedSteps, i == 0, i >= tail:
			rows = append(rows, stepRow{Price: decimal(s.Price), When: newDate(s.From)})
		case i == 1:
			rows = append(rows, stepRow{Omitted: count(int64(tail - 1))})
		}
	}
	return rows
}

// draw returns a line that is level as long as a price stays, and where the line ends.
// It is drawn over time if all times are known; otherwise all steps are equally long.
func draw(steps []PriceStep, end time.Time) (path, endX, endY string) {
	prices := make([]float64, len(steps))
	for i, s := range steps {
		var ok bool
		if prices[i], ok = length(s.Price); !ok {
			return "", "", ""
		}
	}
	low, high := prices[0], prices[0]
	for _, p := range prices {
		low, high = min(low, p), max(high, p)
	}
	y := func(price float64) string {
		if low == high {
			return pixels(stepHeight / 2)
		}
		return pixels(stepMargin + (stepHeight-2*stepMargin)*(1-(price/2-low/2)/(high/2-low/2))) // halves cannot overflow
	}
	starts := shareOfTime(steps, end)
	x := func(share float64) string {
		return pixels(stepMargin + (stepWidth-2*stepMargin)*share)
	}
	var b strings.Builder
	b.WriteString("M" + x(0) + " " + y(prices[0]))
	for i := 1; i < len(steps); i++ {
		b.WriteString("H" + x(starts[i]) + "V" + y(prices[i]))
	}
	b.WriteString("H" + x(1))
	return b.String(), x(1), y(prices[len(prices)-1])
}

// shareOfTime returns where between 0 and 1 each step starts. The last price gets some
// of the width even if it is as new as the last order.
func shareOfTime(steps []PriceStep, end time.Time) []float64 {
	const lastShare = 0.1
	at := make([]float64, len(steps))
	first, last := steps[0].From, steps[len(steps)-1].From
	known := first.Before(last)
	for i, s := range steps {
		at[i] = float64(i) / float64(len(steps))
		if s.From.IsZero() || i > 0 && s.From.Before(steps[i-1].From) {
			known = false
		}
	}
	if !known {
		return at
	}
	seconds := func(t time.Time) float64 { return float64(t.Unix()) - float64(first.Unix()) }
	whole := max(seconds(end), seconds(last)/(1-lastShare), 1)
	for i, s := range steps {
		at[i] = seconds(s.From) / whole
	}
	return at
}
