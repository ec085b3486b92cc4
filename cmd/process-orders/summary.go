package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"process-orders/mappings"
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
	remarkable
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
	// Refused reports whether none of its orders could be accepted, so that nothing of it
	// was applied.
	Known   bool  `json:"known"`
	Resumed bool  `json:"resumed"`
	Refused bool  `json:"refused"`
	Orders  int64 `json:"orders"`
	// Grown reports whether the file has grown since it was applied, so that only what is new
	// counts, and Torn whether its last line had no end and was left. LeftOut counts orders
	// without an id to which lines were added then, which do not count.
	Grown   bool  `json:"grown,omitempty"`
	Torn    bool  `json:"torn,omitempty"`
	LeftOut int64 `json:"left_out,omitempty"`
	// Replaced counts states of orders that the store had, for which the file has later ones.
	Replaced int64 `json:"replaced,omitempty"`

	name         string // as messages call it
	system, shop string // that the store has it as
	ofShop       string // of the run
	asOther      bool   // the run has another system or shop
}

// summarize prints what was done. If that cannot be printed, nothing is undone, so it is no
// error.
func (r *run) summarize(sink sink, totals orders.Totals, written []string, took time.Duration) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected,
		Skipped: totals.Skipped, Repeated: totals.Repeated, Superseded: totals.Superseded,
		remarkable: newRemarkable(totals),
		Files:      r.names, Bytes: totals.Bytes, Seconds: took.Seconds(), Written: written,
	}
	sink.summarize(&s)
	switch {
	case r.summary == "json":
		printJSON(r.stderr, s, "")
	case !r.quiet:
		for _, a := range s.Applied {
			for _, text := range a.texts() {
				r.say("%s: %s", a.name, text)
			}
		}
		for _, m := range r.remarks(&s.remarkable) {
			r.say("note: %s", m.text)
			if m.needs != "" {
				r.note("%s", m.needs)
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

// texts are what is remarkable about a file in a store.
func (a *appliedSource) texts() (all []string) {
	switch {
	case a.Refused:
		return []string{"nothing of it was applied to the store"}
	case a.Known && a.asOther:
		return []string{"the store has it already, read " + a.systemText() + "; nothing was changed; --again applies it once more"}
	case a.Known:
		return []string{"the store has it already, nothing was changed; --again applies it once more"}
	}
	if a.Resumed {
		all = append(all, "finished what an earlier run started")
	}
	if a.Grown {
		all = append(all, "has grown since it was applied: only what is new counts ("+count(a.Orders, "order")+")")
	}
	if a.Torn {
		all = append(all, "its last line has no end yet: it is left for the next time")
	}
	if a.LeftOut > 0 {
		all = append(all, "lines were added to "+numbered(a.LeftOut, "order that counts already and has no id: these do not count", "orders that count already and have no id: these do not count"))
	}
	if a.Replaced > 0 {
		all = append(all, numbered(a.Replaced, "order that the store had came in a later state, which counts now", "orders that the store had came in later states, which count now"))
	}
	return all
}

// systemText says how a store has read a source. What it keeps of that may be any text, so
// a shop is named only if it is the run's own.
func (a *appliedSource) systemText() string {
	text := "by another mapping"
	if _, ok := mappings.Preset(a.system); ok {
		text = "as --from " + a.system
	} else if a.system == "" {
		text = "as the default shape"
	}
	switch {
	case a.shop == "" && a.ofShop != "":
		text += " of no shop"
	case a.shop != a.ofShop:
		text += " of another shop"
	case a.shop != "":
		text += " --shop " + a.shop
	}
	return text
}

func (s *summary) line() string {
	text := count(s.Orders, "order")
	if s.Store == "" {
		text += fmt.Sprintf(" from %s, %s", count(int64(s.Customers), "customer"), count(int64(s.Items), "item"))
	}
	if s.Rejected > 0 {
		text += fmt.Sprintf("; %s rejected", count(s.Rejected, "order"))
	}
	text += leftOut(s.Skipped, s.LinesSkipped, s.Repeated, s.Superseded)
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
