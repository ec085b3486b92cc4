package look

import "strconv"

// The sizes of charts in pixels. Widths are in percent, so that a chart fills the page while its
// texts keep their size.
const (
	plotTop     = 18 // space for the number above the highest bar
	plotHeight  = 190
	plotBottom  = plotTop + plotHeight
	chartHeight = plotBottom + 42 // two lines below the axis
)

const (
	maxGridLines = 5
	maxTicks     = 8 // texts below the axis
)

// A Plot is what all charts have: lines at round numbers, and texts below the axis.
type Plot struct {
	// Label says all of it in a sentence, for those who cannot see it.
	Label  string
	Grid   []Line
	Ticks  []Tick
	Height int
	Base   int    // the y of the axis
	Widest string // of the numbers at the axis, which need its width

	top float64 // the number at the top
}

// A Line is one at a round number.
type Line struct{ Y, Label string }

// A Tick is a text below the axis, and one below that.
type Tick struct {
	X, Line, Below string
	Minor          bool // left out on a narrow screen
}

// newPlot returns a plot in which most has space.
func newPlot(n Notation, most int64) Plot {
	step := roundStep(most)
	lines := (uint64(max(most, 1)) + step - 1) / step
	p := Plot{Height: chartHeight, Base: plotBottom, top: float64(lines * step)}
	for i := range lines + 1 {
		label := n.Decimal(strconv.FormatUint(i*step, 10))
		p.Grid = append(p.Grid, Line{Y: pixels(p.y(float64(i * step))), Label: label})
		if len(label) > len(p.Widest) {
			p.Widest = label
		}
	}
	return p
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

// y returns the vertical coordinate of a number. It grows downwards.
func (p *Plot) y(n float64) float64 { return plotBottom - plotHeight*n/p.top }

// tick adds a text below the middle of one of so many slots. Every second one that has nothing
// below it is minor.
func (p *Plot) tick(slot, slots int, line, below string) {
	p.Ticks = append(p.Ticks, Tick{
		X: percent((float64(slot) + 0.5) * 100 / float64(slots)), Line: line, Below: below,
		Minor: len(p.Ticks)%2 == 1 && below == "",
	})
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) + "%" }

func pixels(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
