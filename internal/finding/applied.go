package finding

import (
	"fmt"
	"time"

	"process-orders/mappings"
)

// Applied is what became of a file in a store.
type Applied struct {
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

	As AppliedAs `json:"-"`
}

// AppliedAs is how a file was read for a store, and how the store has it.
type AppliedAs struct {
	System, Shop string // that the store has it as
	OfShop       string // of this reading
	IsOther      bool   // this reading has another system or shop
}

// Texts are what is remarkable about a file in a store.
func (a *Applied) Texts(ways *Ways) (all []string) {
	switch {
	case a.Refused:
		return []string{"nothing of it was applied to the store"}
	case a.Known && a.As.IsOther:
		return []string{"the store has it already, read " + a.As.text(ways) + "; nothing was changed" + ways.Again}
	case a.Known:
		return []string{"the store has it already, nothing was changed" + ways.Again}
	}
	if a.Resumed {
		all = append(all, "finished what an earlier run started")
	}
	if a.Grown {
		all = append(all, "has grown since it was applied: only what is new counts ("+Count(a.Orders, "order")+")")
	}
	if a.Torn {
		all = append(all, "its last line has no end yet: it is left for the next time")
	}
	if a.LeftOut > 0 {
		all = append(all, "lines were added to "+Numbered(a.LeftOut, "order that counts already and has no id: these do not count", "orders that count already and have no id: these do not count"))
	}
	if a.Replaced > 0 {
		all = append(all, Numbered(a.Replaced, "order that the store had came in a later state, which counts now", "orders that the store had came in later states, which count now"))
	}
	return all
}

// text says how a store has read a source. What it keeps of that may be any text, so a shop is
// named only if it is that of this reading.
func (a *AppliedAs) text(ways *Ways) string {
	text := "by another mapping"
	if _, ok := mappings.Preset(a.System); ok {
		text = "as " + ways.Preset + a.System
	} else if a.System == "" {
		text = "as the default shape"
	}
	switch {
	case a.Shop == "" && a.OfShop != "":
		text += " of no shop"
	case a.Shop != a.OfShop:
		text += " of another shop"
	case a.Shop != "":
		text += " " + ways.Shop + a.Shop
	}
	return text
}

// A Summary is what a run did, in numbers.
type Summary struct {
	Orders, Rejected     int64
	Skipped              map[string]int64
	Repeated, Superseded int64
	LinesSkipped         map[string]int64
	PhonesKept           int64
	// Customers and Items are those of the records of the run, or of the store if HasStore. They are
	// left out if IsUncounted, as nobody knows them.
	Customers, Items      int64
	HasStore, IsUncounted bool
}

// Text is the line of a summary, without what was written and how long it took.
func (s *Summary) Text() string {
	text := Count(s.Orders, "order")
	if !s.HasStore && !s.IsUncounted {
		text += fmt.Sprintf(" from %s, %s", Count(s.Customers, "customer"), Count(s.Items, "item"))
	}
	if s.Rejected > 0 {
		text += fmt.Sprintf("; %s rejected", Count(s.Rejected, "order"))
	}
	text += LeftOut(s.Skipped, s.LinesSkipped, s.Repeated, s.Superseded)
	if s.PhonesKept > 0 {
		text += fmt.Sprintf("; %s with a phone that is kept as it is written", Count(s.PhonesKept, "order"))
	}
	if s.HasStore && !s.IsUncounted {
		text += fmt.Sprintf("; the store has %s, %s", Count(s.Customers, "customer"), Count(s.Items, "item"))
	}
	return text
}

// Duration is how long something took.
func Duration(seconds float64) string {
	switch {
	case seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	case seconds < 99.95:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
