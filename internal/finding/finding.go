// Package finding is what reading orders has found, in words: what is in them, what was left out
// and why, and what is odd. The command and the page say the same.
//
// The package guarantees that no text holds personal data, but that of rejects whoever asks for
// it. Texts from outside, as names of items, may be anything: whoever shows them escapes them.
package finding

import (
	"encoding/json"
	"time"

	"process-orders/money"
	"process-orders/orders"
	"process-orders/records"
)

// A Finding is what is found in sources of orders, as check prints it with --summary json.
// Whoever reads the sources gives it the rejects, with [Finding.Reject], and then all else, with
// [Finding.Find].
type Finding struct {
	Files []string `json:"files"`
	// From is the preset or the mapping that the files were read with, "" for the default
	// shape; Title says what that is. Guessed reports whether the preset was found by
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
	Remarkable
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
	remarks []Remark
	Prices  []priced `json:"prices,omitempty"`
	Rejects []string `json:"rejects,omitempty"`

	Seconds float64 `json:"seconds"`

	how Reading
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
func (f *Finding) price(name string, detail records.ItemDetail) {
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
