package look

import (
	"strings"
	"time"
)

// maxDrawnSteps is how many prices of an item are drawn. More would be closer
// together than a line is wide.
const maxDrawnSteps = 60

// The drawing of a price in pixels.
const (
	stepWidth  = 150.0
	stepHeight = 36.0
	stepMargin = 4.0
)

// A Step is a price and the time from which it was seen, which is zero if it is unknown.
type Step struct {
	From  time.Time
	Price string
}

// A Drawing is a line that is level as long as a price stays. Path is "" if there is nothing to
// draw.
type Drawing struct {
	Label      string // of it, for those who cannot see it
	Path       string
	EndX, EndY string
}

// DrawSteps draws prices, the oldest first, up to the time end. Of many the last ones are drawn; it
// returns which. It is drawn over time if all times are known; otherwise all steps are equally long.
// The caller sets the label.
func DrawSteps(steps []Step, end time.Time) (d Drawing, drawn []Step) {
	drawn = steps[max(0, len(steps)-maxDrawnSteps):]
	d.Path, d.EndX, d.EndY = draw(drawn, end)
	return d, drawn
}

func draw(steps []Step, end time.Time) (path, endX, endY string) {
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
func shareOfTime(steps []Step, end time.Time) []float64 {
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
