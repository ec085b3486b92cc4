package records

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"process-orders/internal/table"
	"process-orders/internal/version"
)

// OddPrices are the items whose latest price is odd.
type OddPrices struct {
	// BelowZero are those with a price below 0. A refund that is a line of its own, and counts
	// as a sale, makes such a price.
	BelowZero OddItems
	// Thousands are those with a price such as 25.000, whose point may separate thousands. There
	// are none if any price has a point that cannot, such as 4.50 and 0.125, and none if no price
	// ends in 0: then the prices may be numbers, whose last digit is never 0.
	Thousands OddItems

	hasDecimals bool
	unsure      OddItems // while none of them has ended in 0
}

// OddItems are items that have something in common.
type OddItems struct {
	Items int64
	First string // the name of the first of them
}

// Look looks at the price of the next item, without exponent.
func (o *OddPrices) Look(name, price string) {
	if isBelowZero(price) {
		o.BelowZero.add(name)
	}
	switch {
	case o.hasDecimals:
	case hasDecimals(price):
		o.hasDecimals, o.Thousands = true, OddItems{}
	case strings.Contains(price, "."):
		o.unsure.add(name)
		if o.Thousands.Items > 0 || strings.HasSuffix(price, "0") {
			o.Thousands = o.unsure
		}
	}
}

func (o *OddItems) add(name string) {
	if o.Items++; o.Items == 1 {
		o.First = name
	}
}

func isBelowZero(price string) bool {
	return strings.HasPrefix(price, "-") && strings.Trim(price, "-0.") != ""
}

// hasDecimals reports whether a price has a point that cannot separate thousands.
func hasDecimals(price string) bool {
	whole, behind, hasPoint := strings.Cut(strings.TrimPrefix(price, "-"), ".")
	return hasPoint && (len(behind) != 3 || len(whole) > 3 || whole[0] == '0')
}

// oddPrices finds odd prices while several cores write records, in no order.
type oddPrices struct {
	hasDecimals, endIn0  atomic.Bool
	mu                   sync.Mutex // guards all below
	belowZero, thousands firstItem
}

// firstItem is OddItems while the first one is not known yet.
type firstItem struct {
	OddItems
	version version.Version // of the first appearance of the first of them
}

// look looks at a record. Nothing is odd about most of them.
func (o *oddPrices) look(r table.Record) {
	price := r.Text()
	if o.hasDecimals.Load() && (len(price) == 0 || price[0] != '-') {
		return
	}
	text := string(price)
	if isBelowZero(text) {
		o.add(&o.belowZero, r)
	}
	switch {
	case o.hasDecimals.Load():
	case hasDecimals(text):
		o.hasDecimals.Store(true)
	case strings.Contains(text, "."):
		o.add(&o.thousands, r)
		if strings.HasSuffix(text, "0") {
			o.endIn0.Store(true)
		}
	}
}

func (o *oddPrices) add(to *firstItem, r table.Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := r.FirstVersion()
	if to.Items++; to.Items == 1 || v.Compare(to.version) < 0 {
		to.version, to.First = v, string(r.Key())
		to.version.Order = slices.Clone(v.Order)
	}
}

// found is what was found when all is written.
func (o *oddPrices) found() *OddPrices {
	all := &OddPrices{BelowZero: o.belowZero.OddItems}
	if !o.hasDecimals.Load() && o.endIn0.Load() {
		all.Thousands = o.thousands.OddItems
	}
	return all
}
