// Package records keeps what orders tell: who the customers are, by phone, and
// what the items are, by name.
//
// Folding orders into records is a monoid: the records of A followed by B are
// the records of A merged with the records of B. Process builds on that law:
// several workers fold parts of the input, records beyond the memory they may
// take are merged back from disk, and the result is, byte for byte, what one
// worker would have found alone.
//
// ProcessFile and WriteJSON are the two calls that most programs need.
package records

import (
	"cmp"
	"errors"
	"io"

	"process-orders/orders"
)

// Records are the customers and the items of some orders. The zero value is
// that of no orders. They are not safe for use by several goroutines at once
// while one of them changes them.
type Records struct {
	Customers Customers
	Items     Items
	// end is the first position behind all that was folded in. A position says
	// how far along in the input something stands.
	end      int64
	activity Activity
}

// choose says what is to be kept.
func (r *Records) choose(o *Options) {
	r.Items.table.keep, r.Items.count = keepTimes, o.Count
	if !o.Detail && o.Count != CountQuantity {
		return
	}
	r.Items.table.keep, r.Customers.table.keep = keepDetails, keepDetails
	files := o.Detail && !o.PlainFiles
	r.Items.detail, r.Customers.detail = files, files
	if o.Mapping == nil {
		detailed := orders.Detailed()
		o.Mapping = &detailed
	}
}

// Activity is what the orders tell as a whole, where Options.Detail says so.
func (r *Records) Activity() *Activity { return &r.activity }

// Add folds in one order, later than all before. Nothing of it is kept but
// copies.
func (r *Records) Add(o orders.Order) {
	at := r.end
	r.Items.table.keep = max(r.Items.table.keep, keepTimes)
	r.Customers.table.add(o.Phone, o.Name, at)
	for i, l := range o.Lines {
		r.Items.table.add(l.Item, l.Price, at+int64(i))
	}
	r.end = at + int64(len(o.Lines)) + 1
}

// Merge folds in the records of orders that are all later than these. Other
// stays as it is.
func (r *Records) Merge(other *Records) {
	r.Items.table.keep = max(r.Items.table.keep, keepTimes)
	r.Customers.table.merge(&other.Customers.table, r.end)
	r.Items.table.merge(&other.Items.table, r.end)
	r.activity.merge(&other.activity)
	r.end += other.end
}

// Err is the first error that reading records from disk met, where the memory was
// too small for them (see Options.MemoryBytes): from then on what Customers and
// Items told was not all. WriteTo reports such an error itself.
func (r *Records) Err() error { return cmp.Or(r.Customers.table.noted(), r.Items.table.noted()) }

// Close frees what of the records is on disk, where the memory was too small for
// them. They must not be used afterwards. What is not closed is freed when the
// process ends.
func (r *Records) Close() error {
	return errors.Join(r.Customers.table.close(), r.Items.table.close())
}

// WriteTo writes both as one JSON document: {"customers": …, "items": …}.
func (r *Records) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) {
		j.raw("{")
		j.newline(1)
		j.raw(`"customers": `)
		r.Customers.write(j, 1)
		j.raw(",")
		j.newline(1)
		j.raw(`"items": `)
		r.Items.write(j, 1)
		j.newline(0)
		j.raw("}")
	})
}
