package records

import "process-orders/internal/version"

// LookAt looks at the price of an item that first appears at a line.
func (o *OddPrices) LookAt(name, price string, line int64) {
	o.look(name, price, version.Version{Line: line})
}
