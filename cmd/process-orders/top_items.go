package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"

	"process-orders/internal/finding"
	"process-orders/internal/shown"
	"process-orders/records"
)

// After a run whose summary somebody reads on a terminal, a table shows the items that were
// ordered most.

// The sizes of the table, in columns of the terminal.
const (
	shownTop     = 10 // rows
	defaultWidth = 80 // if the terminal does not say
	minTopWidth  = 20 // in less, nobody reads a table
	maxNameWidth = 36
	minNameWidth = 8
	maxBarWidth  = 30
	minBarWidth  = 4 // a shorter bar shows nothing

	topGap = "  " // before each column
)

// showsTop reports whether somebody will see the table.
func (r *run) showsTop() bool {
	_, ok := terminal(r.stderr)
	return ok && !r.quiet && r.summary == "text"
}

// printTop prints the table of the items, the most ordered first.
func (r *run) printTop(items []records.TopItem) {
	width := defaultWidth
	if file, ok := terminal(r.stderr); ok {
		if w, _, err := term.GetSize(int(file.Fd())); err == nil && w > 0 {
			width = w
		}
	}
	for _, line := range topLines(items, r.count, width) {
		_, _ = fmt.Fprintln(r.stderr, line)
	}
}

// topLines are the lines of the table: name, count, price and a bar for the count. They are
// narrower than the terminal; what does not fit is left out, as half a number would be wrong.
func topLines(items []records.TopItem, counted string, width int) (lines []string) {
	if len(items) == 0 || width < minTopWidth {
		return nil
	}
	names, numbers, prices := column{"most ordered"}, column{counted}, column{"price"}
	for _, item := range items {
		names = append(names, shown.Text(item.Name))
		numbers = append(numbers, finding.GroupDigits(item.Orders.Trim(0).String()))
		prices = append(prices, shown.Text(item.Price))
	}
	rest := width - 1 - len(topGap) // the last column of the terminal stays free
	var shown []column
	for _, c := range []column{numbers, prices} {
		if need := len(topGap) + c.width(); need <= rest-minNameWidth {
			shown = append(shown, c)
			rest -= need
		}
	}
	forBar := len(topGap) + minBarWidth
	if rest-forBar < minNameWidth {
		forBar = 0
	}
	nameWidth := min(names.width(), maxNameWidth, rest-forBar)
	barWidth := min(rest-nameWidth-len(topGap), maxBarWidth)

	most := float(items[0].Orders.String())
	for i := range names {
		line := topGap + left(names[i], nameWidth)
		for _, c := range shown {
			line += topGap + runewidth.FillLeft(c[i], c.width())
		}
		if i > 0 && barWidth >= minBarWidth && most > 0 {
			line += topGap + bar(float(items[i-1].Orders.String())/most, barWidth)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// column is a column of the table, with its heading.
type column []string

func (c column) width() (width int) {
	for _, text := range c {
		width = max(width, runewidth.StringWidth(text))
	}
	return width
}

// left is a text that is cut or filled up to a width.
func left(text string, width int) string {
	return runewidth.FillRight(runewidth.Truncate(text, width, "…"), width)
}

// bar is a bar of a share, from 0 to 1, of the width. It is as exact as an eighth of a
// column, and never empty.
func bar(share float64, width int) string {
	eighths := max(1, int(share*float64(width)*8+0.5))
	text := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	return text
}

// float is a number that is exact enough for a bar.
func float(number string) float64 {
	f, _ := strconv.ParseFloat(number, 64)
	return f
}
