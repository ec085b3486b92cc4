package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"process-orders/internal/shown"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/records"
)

// finding is what check finds, as --summary json prints it.
type finding struct {
	Files      []string `json:"files"`
	shownFiles []string // is what messages call them
	// From is the preset or the mapping that the files were read with, "" for the default
	// shape; Title says what that is. Guessed reports whether check found the preset by
	// looking at the first file.
	From    string `json:"from"`
	Title   string `json:"title"`
	Guessed bool   `json:"guessed"`
	// Later is what decides which of two names or prices is the later: time or position.
	// Updated is where it is looked for which state of an order is the latest.
	Later   string   `json:"later"`
	Updated []string `json:"updated,omitempty"`
	hasIDs  bool

	Orders   int64            `json:"orders"`
	Lines    int64            `json:"lines"`
	Rejected int64            `json:"rejected"`
	Skipped  map[string]int64 `json:"skipped,omitempty"`
	// SkippedAt is where the first order that is skipped for each reason starts.
	SkippedAt map[string]orders.Place `json:"skipped_at,omitempty"`
	// Repeated counts further copies of an order's latest state, Superseded its other states.
	Repeated   int64 `json:"repeated"`
	Superseded int64 `json:"superseded,omitempty"`
	remarkable
	Customers int        `json:"customers"`
	Items     int        `json:"items"`
	First     *time.Time `json:"first"`
	Last      *time.Time `json:"last"`
	// Revenue is what the lines cost, by currency.
	Revenue map[string]json.Number `json:"revenue"`
	revenue []money.Sum
	// With is the share of the orders that have each field, from 0 to 1; for the quantity,
	// the share of the lines.
	With map[string]float64 `json:"with"`

	SeveralNames  int64 `json:"phones_with_several_names"`
	SeveralPrices int64 `json:"items_with_several_prices"`
	// SamePhones counts phones that are another spelling of one seen before.
	SamePhones int64 `json:"phones_spelled_differently"`
	// SamePhonesAtLeast reports that there may be more: the memory was not enough to compare
	// all phones.
	SamePhonesAtLeast bool `json:"phones_spelled_differently_at_least,omitempty"`
	// Prices are those of some items with several; Rejects are the first rejects.
	remarks []remark
	Prices  []priced `json:"prices,omitempty"`
	Rejects []string `json:"rejects,omitempty"`

	Seconds float64 `json:"seconds"`
}

// priced is an item with several prices.
type priced struct {
	Item   string        `json:"item"`
	Prices []json.Number `json:"prices"`
}

// How many examples of each kind are shown.
const (
	shownRejects = 10
	shownPriced  = 5
	shownPrices  = 6
)

// price counts an item with several prices.
func (f *finding) price(name string, detail records.ItemDetail) {
	f.SeveralPrices++
	if len(f.Prices) == shownPriced {
		return
	}
	p := priced{Item: name}
	for _, price := range detail.Prices[max(0, len(detail.Prices)-shownPrices):] {
		p.Prices = append(p.Prices, json.Number(price.Price))
	}
	f.Prices = append(f.Prices, p)
}

// text is the finding for people.
func (f *finding) text() string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-11s %s\n", name, shown.Text(fmt.Sprintf(format, args...)))
	}
	shape := f.Title
	switch {
	case f.From != "" && shape == "":
		shape = "--from " + f.From
	case f.From != "":
		shape += " (--from " + f.From + ")"
	}
	fmt.Fprintf(&b, "%s: %s\n", shown.Text(strings.Join(f.shownFiles, ", ")), shown.Text(shape))
	row("orders", "%s with %s%s", thousands(f.Orders), count(f.Lines, "line"), leftOut(f.Skipped, f.LinesSkipped, f.Repeated, f.Superseded))
	for _, reason := range slices.Sorted(maps.Keys(f.SkippedAt)) {
		row("", "the first that is skipped as %s: %v", reason, f.SkippedAt[reason])
	}
	for _, reason := range slices.Sorted(maps.Keys(f.LinesSkippedAt)) {
		row("", "the first with a line that is left out as %s: %v", reason, f.LinesSkippedAt[reason])
	}
	row("customers", "%s", thousands(int64(f.Customers)))
	row("items", "%s", thousands(int64(f.Items)))
	if f.First != nil {
		row("time", "%s to %s", f.First.Format(time.DateTime), f.Last.Format(time.DateTime))
	}
	var amounts []string
	for _, m := range f.revenue {
		amount := m.Written().String()
		if !m.Currency.IsNone() {
			amount = m.Currency.String() + " " + amount
		}
		amounts = append(amounts, amount)
	}
	if len(amounts) > 0 {
		row("sum", "%s", strings.Join(amounts, ", "))
	}
	row("have", "name %s, time %s, id %s, currency %s; of the lines, quantity %s",
		percent(f.With["name"]), percent(f.With["time"]), percent(f.With["id"]), percent(f.With["currency"]), percent(f.With["quantity"]))
	if f.From != "" {
		row("later", "%s", f.laterText())
	}
	f.odd(row)
	for _, m := range f.remarks {
		row("note", "%s", m.text)
	}
	for _, m := range f.remarks {
		if m.needs != "" {
			row("needs", "%s", m.needs)
		}
	}
	if f.Rejected > 0 {
		row("rejected", "%s", count(f.Rejected, "order"))
		for _, reject := range f.Rejects {
			row("", "%s", reject)
		}
		if more := f.Rejected - int64(len(f.Rejects)); more > 0 {
			row("", "… and %s more", thousands(more))
		}
	}
	return b.String()
}

// laterText says which name, which price and which state of an order counts.
func (f *finding) laterText() string {
	text := "the latest name and price are those further along in the input"
	if f.Later == "time" {
		text = "the latest name and price are those of the order placed last"
	}
	switch {
	case !f.hasIDs:
		return text
	case len(f.Updated) > 0:
		return text + "; if an order comes again, its latest state by " + strings.Join(f.Updated, ", ") + " counts"
	}
	return text + "; if an order comes again, what comes last counts"
}

// odd prints what somebody may want to look at.
func (f *finding) odd(row func(name, format string, args ...any)) {
	if f.PhonesKept > 0 {
		row("phones", "%s with a phone that is not a number, kept as it is written", count(f.PhonesKept, "order"))
	}
	if f.SeveralNames > 0 {
		row("phones", "%s with several names", count(f.SeveralNames, "phone"))
	}
	switch {
	case f.SamePhonesAtLeast:
		row("phones", "at least %s phone numbers are written in more than one way: --memory is not enough to compare all; --phone e164 merges them", thousands(f.SamePhones))
	case f.SamePhones == 0:
	case f.SamePhones == 1:
		row("phones", "1 phone number is written in more than one way; --phone e164 merges them")
	default:
		row("phones", "%s phone numbers are written in more than one way; --phone e164 merges them", thousands(f.SamePhones))
	}
	if f.SeveralPrices > 0 {
		row("prices", "%s with several prices", count(f.SeveralPrices, "item"))
		for _, p := range f.Prices {
			var prices []string
			for _, price := range p.Prices {
				prices = append(prices, price.String())
			}
			row("", "%s: %s", p.Item, strings.Join(prices, ", "))
		}
	}
}

func percent(share float64) string {
	switch {
	case share == 1 || share == 0:
		return fmt.Sprintf("%.0f %%", 100*share)
	case share > 0.99:
		return "> 99 %"
	case share < 0.01:
		return "< 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
