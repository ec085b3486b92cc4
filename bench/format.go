package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// significant writes x with three significant digits: 0.123, 1.23, 12.3, 123.
func significant(x float64) string {
	if x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(x))))
	return strconv.FormatFloat(x, 'f', min(decimals, 3), 64)
}

// formatSeconds writes a time: 4.21 ms, 1.23 s.
func formatSeconds(s float64) string {
	if s < 0.1 {
		return significant(s*1000) + " ms"
	}
	return significant(s) + " s"
}

// formatBytes writes the size of a file: 489 MB, 2.93 GB.
func formatBytes(n int64) string {
	x := float64(n)
	for _, unit := range []string{"B", "kB", "MB"} {
		if x < 999.5 {
			return significant(x) + " " + unit
		}
		x /= 1000
	}
	return significant(x) + " GB"
}

// formatMemory writes an amount of memory: 64.2 MiB, 1.23 GiB.
func formatMemory(n int64) string {
	if n < 1000<<20 {
		return significant(float64(n)/(1<<20)) + " MiB"
	}
	return significant(float64(n)/(1<<30)) + " GiB"
}

// formatCount writes a number of things: 24, 167 k, 7 M.
func formatCount(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1_000_000, " M"}, {1_000, " k"}} {
		if n >= unit.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(unit.size)), ".0") + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}
