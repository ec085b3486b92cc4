package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Plots are drawn here and not by a library. They must look right on light and on dark
// pages, and that needs a style sheet within the SVG.

// point is a value of a series. low and high are the least and the greatest measurement,
// or 0 if these are not shown.
type point struct {
	x, y      float64
	low, high float64
}

// series are points with a name. colour is the number of their colour.
type series struct {
	name   string
	colour int
	points []point
}

// axis is a logarithmic axis.
type axis struct {
	label  string
	format func(float64) string
}

// lineChart shows how values grow: both axes are logarithmic, so that what grows
// evenly is a straight line.
type lineChart struct {
	title  string
	x, y   axis
	series []series
}

// dotChart shows values of things side by side, a row for each thing. The points of a
// series have the row's number as x and the value as y.
type dotChart struct {
	title  string
	value  axis
	rows   []string
	series []series
}

const style = `<style>
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #52514e }
.title { font-size: 16px; font-weight: 600; fill: #0b0b0b }
.name { fill: #0b0b0b }
.paper { fill: #fcfcfb; stroke: #e1e0d9 }
.over { paint-order: stroke; stroke: #fcfcfb; stroke-width: 5px }
.grid { stroke: #e1e0d9 }
.mark { stroke: #52514e; stroke-width: 1.5 }
.stretch { stroke: #52514e; stroke-width: 1.5; stroke-dasharray: 2 2 }
.track { fill: #ecebe4 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.range { stroke-width: 1.5; stroke-opacity: .55 }
.dot { stroke: #fcfcfb; stroke-width: 2 }
.c0 { color: #2a78d6 } .c1 { color: #eb6834 } .c2 { color: #1baf7a } .c3 { color: #c98500 }
.c4 { color: #d55181 } .c5 { color: #008300 } .c6 { color: #4a3aa7 } .c7 { color: #898781 }
.c8 { color: #a0622d } .c9 { color: #0f8a9d }
.line, .range { stroke: currentColor } .dot, .key { fill: currentColor }
@media (prefers-color-scheme: dark) {
text { fill: #c3c2b7 }
.title, .name { fill: #ffffff }
.paper { fill: #1a1a19; stroke: #2c2c2a }
.over { stroke: #1a1a19 }
.grid { stroke: #2c2c2a }
.mark, .stretch { stroke: #c3c2b7 }
.track { fill: #2c2c2a }
.dot { stroke: #1a1a19 }
.c0 { color: #3987e5 } .c1 { color: #d95926 } .c2 { color: #199e70 } .c3 { color: #c98500 }
.c4 { color: #d55181 } .c5 { color: #2fa32f } .c6 { color: #9085e9 } .c7 { color: #898781 }
.c8 { color: #b9793f } .c9 { color: #2aa5b8 }
}
</style>
`

// colours is how many there are.
const colours = 10

// drawing is an SVG in the making. Coordinates are pixels.
type drawing struct {
	strings.Builder
	width, height float64
}

func newDrawing(width, height float64, title string) *drawing {
	d := &drawing{width: width, height: height}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img">`+"\n",
		width, height, width, height)
	d.add("<title>%s</title>\n", html.EscapeString(title))
	d.WriteString(style)
	d.add(`<rect class="paper" x=".5" y=".5" width="%g" height="%g" rx="6"/>`+"\n", width-1, height-1)
	d.text(20, 28, "title", "start", title)
	return d
}

func (d *drawing) add(format string, args ...any) {
	for i, arg := range args {
		if x, ok := arg.(float64); ok {
			args[i] = math.Round(x*10) / 10
		}
	}
	fmt.Fprintf(d, format, args...)
}

func (d *drawing) text(x, y float64, class, anchor, text string) {
	d.add(`<text x="%g" y="%g" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, html.EscapeString(text))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	d.add(`<line class="%s" x1="%g" y1="%g" x2="%g" y2="%g"/>`+"\n", class, x1, y1, x2, y2)
}

func (d *drawing) dot(colour int, x, y float64) {
	d.add(`<circle class="dot c%d" cx="%g" cy="%g" r="5"/>`+"\n", colour%colours, x, y)
}

// chartWidth is that of all charts: narrow, so that the text is large enough to read if a
// small screen shrinks them.
const chartWidth = 520

// letterWidth is about the width of a letter.
const letterWidth = 7.6

// A label names a series, at a place in the legend.
type label struct {
	series
	x, y float64
}

// legend places the names of the series under the title, in as many rows as they need. It
// also returns where the last row ends.
func legend(all []series) ([]label, float64) {
	const left, right, top, row, key, gap = 20, chartWidth - 20, 52, 20, 15, 20
	var labels []label
	x, y := float64(left), float64(top)
	for _, s := range all {
		width := key + letterWidth*longest([]string{s.name})
		if x > left && x+width > right {
			x, y = left, y+row
		}
		labels = append(labels, label{s, x, y})
		x += width + gap
	}
	return labels, y + 8
}

func (d *drawing) legend(labels []label) {
	for _, l := range labels {
		d.add(`<circle class="key c%d" cx="%g" cy="%g" r="5"/>`+"\n", l.colour%colours, l.x+5, l.y-5)
		d.text(l.x+15, l.y, "name", "start", l.name)
	}
}

// withPoints leaves out the series without points.
func withPoints(all []series) []series {
	return slices.DeleteFunc(slices.Clone(all), func(s series) bool { return len(s.points) == 0 })
}

func (d *drawing) end() string {
	d.WriteString("</svg>\n")
	return d.String()
}

// scale maps the values of a logarithmic axis to pixels between two.
type scale struct {
	low, high float64 // values at the ends
	from, to  float64 // pixels
}

func (s scale) at(value float64) float64 {
	return s.from + (s.to-s.from)*math.Log(value/s.low)/math.Log(s.high/s.low)
}

// newScale returns a scale for all of the values, with a margin at both ends.
func newScale(values []float64, from, to float64) scale {
	low, high := slices.Min(values), slices.Max(values)
	margin := math.Max(math.Pow(high/low, 0.05), 1.1)
	return scale{low / margin, high * margin, from, to}
}

// ticks returns the values to mark: powers of ten, and values between if these are few.
func (s scale) ticks() []float64 {
	decades := math.Log10(s.high / s.low)
	steps := []float64{1}
	switch {
	case decades < 1.2:
		steps = []float64{1, 1.5, 2, 3, 4, 5, 7}
	case decades < 2.5:
		steps = []float64{1, 2, 5}
	}
	var ticks []float64
	for power := math.Floor(math.Log10(s.low)); power <= math.Log10(s.high); power++ {
		for _, step := range steps {
			x, _ := strconv.ParseFloat(fmt.Sprintf("%ge%g", step, power), 64) // 0.3 and not 0.30000000000000004
			if x >= s.low && x <= s.high {
				ticks = append(ticks, x)
			}
		}
	}
	return ticks
}

// values returns what get returns for the points of all series, without zeros.
func values(all []series, get func(point) []float64) []float64 {
	var found []float64
	for _, s := range all {
		for _, p := range s.points {
			for _, x := range get(p) {
				if x > 0 {
					found = append(found, x)
				}
			}
		}
	}
	return found
}

func xs(p point) []float64 { return []float64{p.x} }
func ys(p point) []float64 { return []float64{p.y, p.low, p.high} }

// draw draws the chart, "" if there is nothing to show.
func (c lineChart) draw() string {
	if len(values(c.series, ys)) == 0 {
		return ""
	}
	labels, under := legend(withPoints(c.series))
	const width, left, right, bottom = chartWidth, 72, 24, 56
	top := under + 28
	height := top + 280 + bottom
	d := newDrawing(width, height, c.title)
	d.legend(labels)
	x := newScale(values(c.series, xs), left, width-right)
	y := newScale(values(c.series, ys), height-bottom, top)
	for _, tick := range x.ticks() {
		d.line("grid", x.at(tick), top, x.at(tick), height-bottom)
		d.text(x.at(tick), height-bottom+20, "", "middle", c.x.format(tick))
	}
	for _, tick := range y.ticks() {
		d.line("grid", left, y.at(tick), width-right, y.at(tick))
		d.text(left-8, y.at(tick)+4, "", "end", c.y.format(tick))
	}
	d.text((left+width-right)/2, height-14, "", "middle", c.x.label)
	d.text(20, under+18, "", "start", c.y.label)
	for _, s := range slices.Backward(c.series) { // the first is on top
		d.path(s, x, y)
	}
	return d.end()
}

// path draws a line through the points of a series.
func (d *drawing) path(s series, x, y scale) {
	if len(s.points) == 0 {
		return
	}
	var steps []string
	for _, p := range s.points {
		steps = append(steps, fmt.Sprintf("%.1f,%.1f", x.at(p.x), y.at(p.y)))
	}
	d.add(`<polyline class="line c%d" points="%s"/>`+"\n", s.colour%colours, strings.Join(steps, " "))
	for _, p := range s.points {
		d.dot(s.colour, x.at(p.x), y.at(p.y))
	}
}

// draw draws the chart, "" if there is nothing to show.
func (c dotChart) draw() string {
	if len(values(c.series, ys)) == 0 {
		return ""
	}
	labels, under := legend(withPoints(c.series))
	const width, left, right, bottom, name, between, apart = chartWidth, 24, 24, 52, 20, 10, 10
	height := under
	rows := make([]float64, len(c.rows)) // where the next point of each row goes
	for i := range c.rows {
		rows[i] = height + name + apart/2
		height += name + between + apart*float64(c.pointsOf(i))
	}
	bottomOfRows := height
	height += bottom
	d := newDrawing(width, height, c.title)
	d.legend(labels)
	value := newScale(values(c.series, ys), left, width-right)
	for _, tick := range value.ticks() {
		d.line("grid", value.at(tick), under, value.at(tick), bottomOfRows)
		d.text(value.at(tick), bottomOfRows+20, "", "middle", c.value.format(tick))
	}
	d.text((left+width-right)/2, height-12, "", "middle", c.value.label)
	for i, text := range c.rows { // above its points, as some are long
		d.text(left, rows[i]-apart/2-4, "name over", "start", text)
	}
	for _, s := range c.series {
		for _, p := range s.points {
			y := rows[int(p.x)]
			rows[int(p.x)] += apart // the points of a row do not cover each other
			if p.low > 0 && p.high > p.low {
				d.line(fmt.Sprintf("range c%d", s.colour%colours), value.at(p.low), y, value.at(p.high), y)
			}
			d.dot(s.colour, value.at(p.y), y)
		}
	}
	return d.end()
}

// pointsOf is how many points a row has.
func (c dotChart) pointsOf(row int) int {
	n := 0
	for _, s := range c.series {
		for _, p := range s.points {
			if int(p.x) == row {
				n++
			}
		}
	}
	return n
}

// longest is how many letters the longest of the texts has.
func longest(texts []string) float64 {
	most := 0
	for _, text := range texts {
		most = max(most, len([]rune(text)))
	}
	return float64(most)
}
