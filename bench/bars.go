package main

import (
	"fmt"
	"slices"
	"strings"
)

// barChart has a row for each thing and a panel for each of its values. Bars start at 0 and
// their axes are linear, so twice the length is twice the value.
type barChart struct {
	title      string
	rows       []string
	emphasized int // the row in the first colour; -1: all are
	panels     []panel
}

// panel is one value of all rows.
type panel struct {
	title string
	bars  []bar
	mark  float64 // a value at which there is a line; 0: none
}

// bar is a value. Without a value there is no bar, only the text.
type bar struct {
	value float64
	text  string
}

// draw draws the chart. It returns "" if there is nothing to show.
func (c barChart) draw() string {
	if len(c.rows) == 0 {
		return ""
	}
	const width, top, each, thick, between, label = chartWidth, 76, 28, 14, 12, 74
	bottom := 16.0
	if slices.ContainsFunc(c.panels, func(p panel) bool { return p.mark > 0 }) {
		bottom += 14
	}
	left := 28 + letterWidth*longest(c.rows)
	panelWidth := (width - left - between*float64(len(c.panels)-1) - 12) / float64(len(c.panels))
	d := newDrawing(width, top+bottom+each*float64(len(c.rows)), c.title)
	middle := func(row int) float64 { return top + each*(float64(row)+0.5) }
	for i, name := range c.rows {
		d.text(left-12, middle(i)+5, "name", "end", name)
	}
	for n, p := range c.panels {
		x := left + float64(n)*(panelWidth+between)
		d.text(x, top-14, "", "start", p.title)
		d.line("grid", x, top, x, top+each*float64(len(c.rows)))
		greatest := p.mark
		for _, b := range p.bars {
			greatest = max(greatest, b.value)
		}
		length := func(value float64) float64 { return max(1, (panelWidth-label)*value/greatest) }
		for i, b := range p.bars {
			colour := 7
			if i == c.emphasized || c.emphasized < 0 {
				colour = 0
			}
			end := x
			if b.value > 0 {
				end += length(b.value)
				d.add(`<rect class="key c%d" x="%g" y="%g" width="%g" height="%g" rx="2"/>`+"\n", colour, x, middle(i)-thick/2, end-x, float64(thick))
			}
			d.text(end+6, middle(i)+5, "name", "start", b.text)
		}
		if p.mark > 0 {
			end := top + each*float64(len(c.rows))
			d.line("mark", x+length(p.mark), top-4, x+length(p.mark), end+2)
			d.text(x+length(p.mark), end+16, "", "middle", fmt.Sprintf("%g×", p.mark))
		}
	}
	return d.end()
}

// targetChart shows how far the targets are reached. A bar that comes to the line reaches its
// target.
type targetChart struct {
	title   string
	targets []target
}

// draw draws the chart. It returns "" if no target is measured.
func (c targetChart) draw() string {
	const width, top, bottom, each, name, thick, left, right = chartWidth, 76, 16, 44, 20, 10, 20, 20
	const mostShare = 2 // a longer bar is cut
	greatest := 1.25
	for _, t := range c.targets {
		greatest = min(max(greatest, t.share, t.stretchShare), mostShare)
	}
	if !slices.ContainsFunc(c.targets, func(t target) bool { return t.reached != notMeasured }) {
		return ""
	}
	bottomOfRows := top + each*float64(len(c.targets))
	d := newDrawing(width, bottomOfRows+bottom, c.title)
	at := func(share float64) float64 { return left + (width-left-right)*min(share, greatest)/greatest }
	d.line("mark", left+1, 44, left+1, 58)
	d.text(left+10, 56, "", "start", "target")
	d.line("stretch", left+80, 44, left+80, 58)
	d.text(left+89, 56, "", "start", "stretch")
	d.text(width-right, 56, "", "end", "twice as long: twice as good")
	for i, t := range c.targets {
		y := top + each*float64(i)
		measured, colour := t.measured, 0
		if t.share == 0 {
			measured = "" // a reason why there is no figure is too long
		}
		switch t.reached {
		case notMeasured:
			measured = "not measured"
		case missed:
			measured, colour = "✗ "+measured, 1
		default:
			measured = "✓ " + measured
		}
		d.text(left, y+name-6, "name", "start", strings.TrimSuffix(t.what, " with as much"))
		d.text(width-right, y+name-6, "name", "end", measured)
		d.add(`<rect class="track" x="%g" y="%g" width="%g" height="%g" rx="2"/>`+"\n", float64(left), y+name, float64(width-left-right), float64(thick))
		if t.share > 0 {
			d.add(`<rect class="key c%d" x="%g" y="%g" width="%g" height="%g" rx="2"/>`+"\n", colour, float64(left), y+name, at(t.share)-left, float64(thick))
		}
		d.line("mark", at(1), y+name-3, at(1), y+name+thick+3)
		if t.stretchShare > 0 {
			d.line("stretch", at(t.stretchShare), y+name-3, at(t.stretchShare), y+name+thick+3)
		}
	}
	return d.end()
}
