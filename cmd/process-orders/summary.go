package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"process-orders/orders"
	"process-orders/records"
)

// summary is what a run did, as --summary json prints it.
type summary struct {
	Orders    int64    `json:"orders"`
	Rejected  int64    `json:"rejected"`
	Customers int      `json:"customers"`
	Items     int      `json:"items"`
	Files     []string `json:"files"`
	// BytesRead counts what was read from the files, Bytes the same after
	// decompression.
	BytesRead int64    `json:"bytes_read"`
	Bytes     int64    `json:"bytes"`
	Seconds   float64  `json:"seconds"`
	Written   []string `json:"written"`
}

// summarize tells what was done. That it cannot be told undoes nothing, and so is
// no error.
func (r *run) summarize(all *records.Records, totals orders.Totals, since time.Time) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected,
		Customers: all.Customers.Len(), Items: all.Items.Len(),
		Files: r.names, BytesRead: r.read.Load(), Bytes: totals.Bytes,
		Seconds: time.Since(since).Seconds(), Written: r.written,
	}
	switch {
	case r.summary == "json":
		encoder := json.NewEncoder(r.stderr)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(s)
	case !r.quiet:
		r.say("%s", s.line())
	}
}

func (s *summary) line() string {
	text := fmt.Sprintf("%s from %s, %s", count(s.Orders, "order"), count(int64(s.Customers), "customer"), count(int64(s.Items), "item"))
	if s.Rejected > 0 {
		text += fmt.Sprintf("; %s rejected", count(s.Rejected, "order"))
	}
	if len(s.Written) > 0 {
		text += "; wrote " + strings.Join(s.Written, ", ")
	}
	return text + " in " + duration(s.Seconds)
}

func duration(seconds float64) string {
	switch {
	case seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	case seconds < 99.95:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// count is a number with its thousands apart, and the thing counted.
func count(n int64, thing string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + thing
	}
	return digits + " " + thing + "s"
}
