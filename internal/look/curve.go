package look

import "strings"

// curveWidth is how wide the drawing of a curve is in its own coordinates. It is stretched to the
// width of the chart.
const curveWidth = 1000

// A Curve shows the numbers of a time that may not be over, as an hour after the other of a day,
// beside those of an earlier time.
type Curve struct {
	Plot
	// Now is the line of what is over, Open that of what is not yet, which is dotted, and Area what is
	// below Now. Then is the line of the earlier time. Each is "" if it is not there.
	Now, Open, Area, Then string
	EndX, EndY            string // where the line of now ends; "" if there is none
	Slots                 []Slot
	Width, Top, Depth     int // of the drawing
}

// A Slot is where a time is, with a text that tells its numbers.
type Slot struct{ Label, Place, Width string }

// A Moment is a part of the time of a curve.
type Moment struct {
	Label     string // all of its numbers in words
	Now, Then int64
	Tick      string // below the axis if there is space
}

// NewCurve draws moments. Now has numbers for the first passed of them; if isOpen, the last of these
// is not over. The caller sets the label.
func NewCurve(n Notation, moments []Moment, passed int, isOpen bool) *Curve {
	most := int64(0)
	for i, m := range moments {
		if most = max(most, m.Then); i < passed {
			most = max(most, m.Now)
		}
	}
	c := &Curve{Plot: newPlot(n, most), Width: curveWidth, Top: plotTop, Depth: plotHeight}
	c.Height = plotBottom + 24 // one line below the axis
	c.slots(moments)
	then, now := make([]string, len(moments)), make([]string, passed)
	for i, m := range moments {
		x := pixels((float64(i) + 0.5) * curveWidth / float64(len(moments)))
		then[i] = x + " " + pixels(c.y(float64(m.Then))-plotTop)
		if i < passed {
			now[i] = x + " " + pixels(c.y(float64(m.Now))-plotTop)
		}
	}
	c.Then = path(then)
	if passed == 0 {
		return c
	}
	closed := now
	if isOpen {
		closed = now[:passed-1]
		c.Open = path(now[max(0, passed-2):])
	}
	if c.Now = path(closed); c.Now != "" {
		c.Area = c.Now + "V" + pixels(plotHeight) + "H" + closed[0][:strings.IndexByte(closed[0], ' ')] + "Z"
	}
	last := passed - 1
	c.EndX, c.EndY = percent((float64(last)+0.5)*100/float64(len(moments))), pixels(c.y(float64(moments[last].Now)))
	return c
}

// path is a line through points; "" if there are fewer than two.
func path(points []string) string {
	if len(points) < 2 {
		return ""
	}
	return "M" + strings.Join(points, "L")
}

func (c *Curve) slots(moments []Moment) {
	slot := 100 / float64(len(moments))
	stride := (len(moments) + maxTicks - 1) / maxTicks
	for i, m := range moments {
		c.Slots = append(c.Slots, Slot{Label: m.Label, Place: percent(float64(i) * slot), Width: percent(slot)})
		if i%stride == 0 {
			c.tick(i, len(moments), m.Tick, "")
		}
	}
}
