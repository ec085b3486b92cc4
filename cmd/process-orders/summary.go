package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"process-orders/mappings"
	"process-orders/orders"
)

// summary is what a run did, as --summary json prints it.
type summary struct {
	Orders   int64 `json:"orders"`
	Rejected int64 `json:"rejected"`
	// Skipped counts the orders that the mapping skips, by reason, Repeated those whose id
	// came before, PhonesKept those whose phone has no E.164 form.
	Skipped    map[string]int64 `json:"skipped,omitempty"`
	Repeated   int64            `json:"repeated,omitempty"`
	PhonesKept int64            `json:"phones_kept,omitempty"`
	// Customers and Items are those of the records that were written.
	Customers int      `json:"customers"`
	Items     int      `json:"items"`
	Files     []string `json:"files"`
	// BytesRead is the size of the files, Bytes the same after decompression.
	BytesRead int64    `json:"bytes_read"`
	Bytes     int64    `json:"bytes"`
	Seconds   float64  `json:"seconds"`
	Written   []string `json:"written"`
	// Store is the store that has the records, Applied what became of each file there.
	Store   string          `json:"store,omitempty"`
	Applied []appliedSource `json:"applied,omitempty"`
}

// appliedSource is what became of a file in a store.
type appliedSource struct {
	File string `json:"file"`
	// Known reports whether the store had the file before, Resumed whether it had a part.
	Known   bool  `json:"known"`
	Resumed bool  `json:"resumed"`
	Orders  int64 `json:"orders"`

	kind      string // that the store has it as
	otherKind bool   // than that of the run
}

// summarize prints what was done. If that cannot be printed, nothing is undone, so it is no
// error.
func (r *run) summarize(sink sink, totals orders.Totals, written []string, took time.Duration) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected,
		Skipped: totals.Skipped, Repeated: totals.Repeated, PhonesKept: totals.PhonesKept,
		Files: r.names, Bytes: totals.Bytes, Seconds: took.Seconds(), Written: written,
	}
	sink.summarize(&s)
	switch {
	case r.summary == "json":
		printJSON(r.stderr, s, "")
	case !r.quiet:
		for _, a := range s.Applied {
			if text := a.text(); text != "" {
				r.say("%s: %s", a.File, text)
			}
		}
		r.say("%s", s.line())
	}
	if r.showsTop() {
		r.printTop(sink.top(shownTop))
	}
}

func printJSON(w io.Writer, value any, indent string) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	_ = encoder.Encode(value) // the writer keeps an error, if anybody wants it
}

// text is what is remarkable about a file in a store; "" if there is nothing.
func (a *appliedSource) text() string {
	switch {
	case a.Known && a.otherKind:
		kind := "by another mapping" // the store may hold anything as its name
		if _, ok := mappings.Preset(a.kind); ok {
			kind = "as --from " + a.kind
		} else if a.kind == "" {
			kind = "as the default shape"
		}
		return "the store has it already, read " + kind + "; nothing was changed; --again applies it once more"
	case a.Known:
		return "the store has it already, nothing was changed; --again applies it once more"
	case a.Resumed:
		return "finished what an earlier run started"
	}
	return ""
}

func (s *summary) line() string {
	text := count(s.Orders, "order")
	if s.Store == "" {
		text += fmt.Sprintf(" from %s, %s", count(int64(s.Customers), "customer"), count(int64(s.Items), "item"))
	}
	if s.Rejected > 0 {
		text += fmt.Sprintf("; %s rejected", count(s.Rejected, "order"))
	}
	text += leftOut(s.Skipped, s.Repeated)
	if s.PhonesKept > 0 {
		text += fmt.Sprintf("; %s with a phone that is kept as it is written", count(s.PhonesKept, "order"))
	}
	if s.Store != "" {
		text += fmt.Sprintf("; the store has %s, %s", count(int64(s.Customers), "customer"), count(int64(s.Items), "item"))
	}
	if len(s.Written) > 0 {
		text += "; wrote " + strings.Join(s.Written, ", ")
	}
	return text + " in " + duration(s.Seconds)
}

// leftOut says which orders were left out, and why.
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

func thousands(n int64) string { return groupDigits(fmt.Sprint(n)) }

// groupDigits sets the thousands of a number apart, which may have decimals.
func groupDigits(number string) string {
	whole, decimals, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals != "" {
		whole += "." + decimals
	}
	return whole
}
