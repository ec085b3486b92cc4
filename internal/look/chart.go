package look

const (
	minHeight     = 1.5 // in pixels, of a bar that is not zero
	maxBarPercent = 7   // without it, few bars would be blocks
	barShare      = 0.8 // of a bar's slot; the rest is the gap
	maxNumbered   = 16  // with more bars, none has its number above it
)

// A Chart shows numbers over time as bars.
type Chart struct {
	Plot
	Bars []Bar
}

// A Point is a number of a time.
type Point struct {
	Label  string // of the time
	Number int64
	// Tick is below the axis if there is space; "" if there never is. Below is one more line.
	Tick, Below string
}

// A Bar is that of a point.
type Bar struct {
	Label, Number string
	X, Width      string // in percent
	Slot, Place   string // the bar with its gaps
	Middle        string
	Y, Height     string // in pixels
	NumberY       string // of the number above it; "" if there is none
}

// NewChart draws points, of which there is one at least. The caller sets the label.
func NewChart(n Notation, points []Point) *Chart {
	most := int64(0)
	for _, p := range points {
		most = max(most, p.Number)
	}
	c := &Chart{Plot: newPlot(n, most)}
	slot := 100 / float64(len(points))
	width := min(slot*barShare, maxBarPercent)
	for i, p := range points {
		middle := (float64(i) + 0.5) * slot
		y := plotBottom - 0.0
		if p.Number > 0 {
			y = min(c.y(float64(p.Number)), plotBottom-minHeight)
		}
		b := Bar{
			Label: p.Label, Number: n.Count(p.Number),
			X: percent(middle - width/2), Width: percent(width),
			Slot: percent(slot), Place: percent(float64(i) * slot), Middle: percent(middle),
			Y: pixels(y), Height: pixels(plotBottom - y),
		}
		if len(points) <= maxNumbered && p.Number > 0 {
			b.NumberY = pixels(y - 5)
		}
		c.Bars = append(c.Bars, b)
		if p.Tick != "" {
			c.tick(i, len(points), p.Tick, p.Below)
		}
	}
	return c
}
