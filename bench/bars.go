package main

import (
	"cmp"
	"slices"
)

// barChart has a row for each thing and a panel for each of its values. Bars start at 0 and
// their axes are linear, so twice the length is twice the value.
type barChart struct {
	title      string
	rows       []string
	emphasized int // the row in the first colour
	panels     []panel
}

// panel is one value of all rows.
type panel struct {
	title string
	bars  []bar
}

type bar struct {
	value float64
	text  string
}

// draw draws the chart. It returns "" if there is nothing to show.
func (c barChart) draw() string {
	if len(c.rows) == 0 {
		return ""
	}
	const width, top, bottom, each, thick, between, label = 760, 72, 16, 28, 14, 24, 76
	left := 30 + 7*longest(c.rows)
	panelWidth := (width - left - between*float64(len(c.panels)-1) - 12) / float64(len(c.panels))
	d := newDrawing(width, top+bottom+each*float64(len(c.rows)), c.title)
	middle := func(row int) float64 { return top + each*(float64(row)+0.5) }
	for i, name := range c.rows {
		d.text(left-12, middle(i)+4, "name", "end", name)
	}
	for n, p := range c.panels {
		x := left + float64(n)*(panelWidth+between)
		d.text(x, top-12, "", "start", p.title)
		d.line("grid", x, top, x, top+each*float64(len(c.rows)))
		greatest := slices.MaxFunc(p.bars, func(a, b bar) int { return cmp.Compare(a.value, b.value) }).value
		for i, b := range p.bars {
			colour := 7
			if i == c.emphasized {
				colour = 0
			}
			length := max(1, (panelWidth-label)*b.value/greatest)
			d.add(`<rect class="key c%d" x="%g" y="%g" width="%g" height="%g" rx="2"/>`+"\n", colour, x, middle(i)-thick/2, length, float64(thick))
			d.text(x+length+6, middle(i)+4, "name", "start", b.text)
		}
	}
	return d.end()
}
