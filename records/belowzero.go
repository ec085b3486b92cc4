package records

import (
	"slices"
	"strings"
	"sync"

	"process-orders/internal/table"
	"process-orders/internal/version"
)

// BelowZero are items whose latest price is below 0. A refund that is a line of its own, and
// counts as a sale, makes such a price.
type BelowZero struct {
	Items int64
	First string // the name of the first of them
}

// Look looks at the price of the next item.
func (b *BelowZero) Look(name, price string) {
	if !isBelowZero(price) {
		return
	}
	if b.Items++; b.Items == 1 {
		b.First = name
	}
}

func isBelowZero(price string) bool {
	return strings.HasPrefix(price, "-") && strings.Trim(price, "-0.") != ""
}

// belowZero finds items with a price below 0 while several cores write records, in no order.
type belowZero struct {
	mu    sync.Mutex // guards all below
	found BelowZero
	first version.Version // of the first appearance of found.First
}

// look looks at a record.
func (b *belowZero) look(r table.Record) {
	if !isBelowZero(string(r.Text())) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	v := r.FirstVersion()
	if b.found.Items++; b.found.Items == 1 || v.Compare(b.first) < 0 {
		b.first, b.found.First = v, string(r.Key())
		b.first.Order = slices.Clone(v.Order)
	}
}
