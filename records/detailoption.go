package records

// Detail says how much is kept of each customer and item beyond name, price and number, for
// [Customers.Details], [Items.Details] and [Records.Activity].
type Detail uint8

const (
	DetailNone    Detail = iota // nothing
	DetailKept                  // amounts, times, quantities, prices
	DetailWritten               // the same, and WriteTo writes it
)

// keepsDetails reports whether records keep details: counting quantities needs them too.
func (o *Options) keepsDetails() bool { return o.Detail != DetailNone || o.Count == CountQuantity }
