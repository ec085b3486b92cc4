package records

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"process-orders/internal/table"
	"process-orders/internal/version"
)

// OddPrices finds the items whose latest price is odd. Its methods may be called by several
// goroutines at once.
type OddPrices struct {
	// Whether a price has a point that cannot separate thousands, and whether one of the others
	// ends in 0.
	hasDecimals, endsIn0 atomic.Bool
	mu                   sync.Mutex // guards all below
	belowZero, thousands oddItems
}

// OddItems are items that have something in common.
type OddItems struct {
	Items int64
	First string // the name of the first of them
}

// oddItems are OddItems with the version of the first appearance of the first of them.
type oddItems struct {
	OddItems
	version version.Version
}

// BelowZero returns the items with a price below 0. A refund that is a line of its own, and counts
// as a sale, makes such a price.
func (o *OddPrices) BelowZero() OddItems {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.belowZero.OddItems
}

// Thousands returns the items with a price such as 25.000, whose point may separate thousands. There
// are none if any price has a point that cannot, such as 4.50 and 0.125, and none if no such price
// ends in 0: then the prices may be numbers, which programs write without such zeros.
func (o *OddPrices) Thousands() OddItems {
	if o.hasDecimals.Load() || !o.endsIn0.Load() {
		return OddItems{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.thousands.OddItems
}

// Look looks at the price of the next item, without exponent.
func (o *OddPrices) Look(name, price string) {
	if !o.isPlain(price) {
		o.look(name, price, version.Version{})
	}
}

// lookAt looks at a record. They may come in any order.
func (o *OddPrices) lookAt(r table.Record) {
	if price := string(r.Text()); !o.isPlain(price) {
		o.look(string(r.Key()), price, r.FirstVersion())
	}
}

// isPlain reports whether there is nothing to find out about a price, as about most.
func (o *OddPrices) isPlain(price string) bool {
	return o.hasDecimals.Load() && !strings.HasPrefix(price, "-")
}

func (o *OddPrices) look(name, price string, first version.Version) {
	if strings.HasPrefix(price, "-") && strings.Trim(price, "-0.") != "" {
		o.add(&o.belowZero, name, first)
	}
	switch {
	case o.hasDecimals.Load():
	case hasDecimals(price):
		o.hasDecimals.Store(true)
	case strings.Contains(price, "."):
		o.add(&o.thousands, name, first)
		if strings.HasSuffix(price, "0") {
			o.endsIn0.Store(true)
		}
	}
}

func (o *OddPrices) add(to *oddItems, name string, first version.Version) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if to.Items++; to.Items == 1 || first.Compare(to.version) < 0 {
		to.version, to.First = first, name
		to.version.Order = slices.Clone(first.Order)
	}
}

// hasDecimals reports whether a price has a point that cannot separate thousands.
func hasDecimals(price string) bool {
	whole, behind, hasPoint := strings.Cut(strings.TrimPrefix(price, "-"), ".")
	return hasPoint && (len(behind) != 3 || len(whole) > 3 || whole[0] == '0')
}
