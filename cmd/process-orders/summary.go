package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"process-orders/orders"
	"process-orders/records"
)

// summary is what a run did, as --summary json prints it.
type summary struct {
	Orders   int64 `json:"orders"`
	Rejected int64 `json:"rejected"`
	// Skipped counts orders that the mapping passes over, by reason, Repeated
	// those whose id came before, PhonesKept those whose phone has no E.164.
	Skipped    map[string]int64 `json:"skipped,omitempty"`
	Repeated   int64            `json:"repeated,omitempty"`
	PhonesKept int64            `json:"phones_kept,omitempty"`
	Customers  int              `json:"customers"`
	Items      int              `json:"items"`
	Files      []string         `json:"files"`
	// BytesRead counts what was read from the files, Bytes the same after
	// decompression.
	BytesRead int64    `json:"bytes_read"`
	Bytes     int64    `json:"bytes"`
	Seconds   float64  `json:"seconds"`
	Written   []string `json:"written"`
	// Store is where the records are kept for good, Applied what became of each
	// file there; then customers and items are the store's.
	Store   string          `json:"store,omitempty"`
	Applied []appliedSource `json:"applied,omitempty"`
}

// summarize tells what was done. That it cannot be told undoes nothing, and so is
// no error.
func (r *run) summarize(all *records.Records, totals orders.Totals, since time.Time) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected,
		Skipped: totals.Skipped, Repeated: totals.Repeated, PhonesKept: totals.PhonesKept,
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
	text += leftOut(s.Skipped, s.Repeated)
	if s.PhonesKept > 0 {
		text += fmt.Sprintf("; %s with a phone that is kept as it is written", count(s.PhonesKept, "order"))
	}
	if len(s.Written) > 0 {
		text += "; wrote " + strings.Join(s.Written, ", ")
	}
	return text + " in " + duration(s.Seconds)
}

// leftOut tells which orders were passed over, and why.
func leftOut(skipped map[string]int64, repeated int64) (text string) {
	var total int64
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		total += skipped[reason]
		reasons = append(reasons, thousands(skipped[reason])+" "+reason)
	}
	if total > 0 {
		text = fmt.Sprintf("; %s skipped (%s)", count(total, "order"), strings.Join(reasons, ", "))
	}
	if repeated > 0 {
		text += fmt.Sprintf("; %s came again and counted once", count(repeated, "order"))
	}
	return text
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
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}

func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
