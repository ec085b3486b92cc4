package main

import (
	"fmt"
	"strconv"
	"strings"
)

// title is the name of the shape on the page.
func (s Shape) title() string {
	return map[Shape]string{NDJSON: "NDJSON", Array: "Array", Indented: "Indented array",
		Shopify: "Shopify's API", ShopifyCSV: "Shopify CSV"}[s]
}

// inputTitle names an input by what is in it.
func inputTitle(in Input) string {
	title := formatCount(in.Count) + " orders"
	if in.Compression != "" {
		title += ", " + in.Compression
	}
	return title
}

// timeCell is a result as a table shows it: 1.37 s (1.35–1.44).
func timeCell(r *Result) string {
	if !r.ok() {
		return "–"
	}
	if r.Max() < 0.1 {
		return fmt.Sprintf("%s (%s–%s)", formatSeconds(r.Median()), significant(r.Min()*1000), significant(r.Max()*1000))
	}
	return fmt.Sprintf("%s (%s–%s)", formatSeconds(r.Median()), significant(r.Min()), significant(r.Max()))
}

// timesCell is a result and its time as a multiple of ours.
func timesCell(r, our *Result) string {
	cell := timeCell(r)
	if r.ok() && our.ok() && r != our {
		cell += fmt.Sprintf(" %.3g×", r.Median()/our.Median())
	}
	return cell
}

func memoryCell(r *Result) string {
	if !r.ok() {
		return "–"
	}
	return formatMemory(r.Peak())
}

// plainNumber writes 0.05, 2, 10,000.
func plainNumber(x float64) string {
	digits, decimals, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if decimals != "" {
		return digits + "." + decimals
	}
	return digits
}

// timePoint and memoryPoint are a result in a plot.
func timePoint(x float64, r *Result) point {
	return point{x: x, y: r.Median(), low: r.Min(), high: r.Max()}
}

func memoryPoint(x float64, r *Result) point { return point{x: x, y: float64(r.Peak()) / (1 << 20)} }
