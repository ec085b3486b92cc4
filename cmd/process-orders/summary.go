package main

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"process-orders/internal/finding"
	"process-orders/orders"
)

// summary is what a run did, as --summary json prints it.
type summary struct {
	Orders   int64 `json:"orders"`
	Rejected int64 `json:"rejected"`
	// Skipped counts the orders that the mapping skips, by reason. Repeated counts further
	// copies of an order's latest state, Superseded its other states.
	Skipped    map[string]int64 `json:"skipped,omitempty"`
	Repeated   int64            `json:"repeated,omitempty"`
	Superseded int64            `json:"superseded,omitempty"`
	finding.Remarkable
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
	Store   string        `json:"store,omitempty"`
	Applied []appliedFile `json:"applied,omitempty"`
}

// appliedFile is what became of a file in a store.
type appliedFile struct {
	finding.Applied
	name string // as messages call it
}

// summarize prints what was done. If that cannot be printed, nothing is undone, so it is no
// error.
func (r *run) summarize(sink sink, totals orders.Totals, written []string, took time.Duration) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected,
		Skipped: totals.Skipped, Repeated: totals.Repeated, Superseded: totals.Superseded,
		Remarkable: finding.NewRemarkable(totals),
		Files:      r.names, Bytes: totals.Bytes, Seconds: took.Seconds(), Written: written,
	}
	sink.summarize(&s)
	switch {
	case r.summary == "json":
		printJSON(r.stderr, s, "")
	case !r.quiet:
		for _, a := range s.Applied {
			for _, text := range a.Texts(flagWays) {
				r.say("%s: %s", a.name, text)
			}
		}
		for _, m := range r.remarks(&s.Remarkable) {
			r.say("note: %s", m.Text)
			if m.Needs != "" {
				r.note("%s", m.Needs)
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

func (s *summary) line() string {
	numbers := finding.Summary{
		Orders: s.Orders, Rejected: s.Rejected, Skipped: s.Skipped, Repeated: s.Repeated, Superseded: s.Superseded,
		LinesSkipped: s.LinesSkipped, PhonesKept: s.PhonesKept,
		Customers: int64(s.Customers), Items: int64(s.Items), HasStore: s.Store != "",
	}
	text := numbers.Text()
	if len(s.Written) > 0 {
		text += "; wrote " + strings.Join(s.Written, ", ")
	}
	return text + " in " + finding.Duration(s.Seconds)
}
