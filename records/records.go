// Package records keeps what orders say of customers, by phone, and of items, by name.
//
// [ProcessFile] and [WriteJSON] are the two calls that most programs need: orders in, and
// a file out. [Process] takes any sources and [Options]. [Records.Merge] joins the records
// of several runs.
//
// Folding orders into records is a monoid: the records of A followed by B are the records
// of A merged with the records of B. Process builds on that law. Several workers fold
// parts of the input, records that do not fit into memory are merged back from disk, and
// the result is, byte for byte, what one worker would have found alone.
package records

import (
	"cmp"
	"errors"

	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/orders"
)

// Records are the customers and the items of some orders. The zero value is the records of
// no orders. It keeps no details, and counts order lines.
//
// Several goroutines may read Records that nobody changes. If some of the records are on
// disk (see [Options].MemoryBytes), that holds for what [Process] returned; after
// [Records.Add] or [Records.Merge] the first reading of Customers and of Items merges what
// is on disk with what is in memory. That can take long, no context ends it, and no other
// goroutine may read meanwhile.
type Records struct {
	Customers Customers
	Items     Items
	// end is the first position behind all that was folded in. A position says how far
	// along in the input something is.
	end      int64
	activity Activity
	budget   *table.Budget // of what Process made
}

// newRecords returns empty records that keep what the options ask for.
func newRecords(o *Options) *Records {
	r := new(Records)
	r.Items.table.KeepCounts()
	r.Items.count = o.Count
	if o.keepsDetails() {
		r.Items.table.KeepDetails(newTableDetail)
		r.Customers.table.KeepDetails(newTableDetail)
	}
	r.Items.detail, r.Customers.detail = o.Detail == DetailWritten, o.Detail == DetailWritten
	return r
}

// Activity returns what the orders say as a whole. It is empty unless details are kept: see
// [Options].Detail.
func (r *Records) Activity() *Activity { return &r.activity }

// Add folds in one order, later than all before. It takes the order as package orders reads
// it, and checks nothing: items must not be blank, and prices must be decimal numbers. An
// order without a phone makes no customer. It keeps copies only. What it adds stays
// in memory, whatever [Options].MemoryBytes was.
func (r *Records) Add(o orders.Order) {
	r.Items.table.KeepCounts()
	uncounted := r.Items.uncounted(o.Lines)
	if r.Items.table.HasDetails() {
		r.addDetailed(&o, uncounted)
	} else {
		if len(o.Phone) > 0 {
			r.Customers.table.Add(o.Phone, o.Name, r.end, 1, nil)
		}
		for i, l := range o.Lines {
			r.Items.table.Add(l.Item, l.Price, r.end+int64(i), fold.CountOf(uncounted, i), nil)
		}
	}
	r.end += int64(len(o.Lines)) + 1
}

// Merge folds in the records of orders that are all later than these. The other records
// stay as they are. Both should keep the same details and count the same: what one of them
// does not keep is not in the result.
//
// All that is merged stays in memory, also what the other records have on disk;
// [Records.Err] reports what goes wrong while that is read.
func (r *Records) Merge(other *Records) {
	r.Items.table.KeepCounts()
	r.Customers.table.Merge(&other.Customers.table, r.end)
	r.Items.table.Merge(&other.Items.table, r.end)
	r.activity.merge(&other.activity)
	r.end += other.end
}

// Err returns the first error that reading records from disk met, if the memory was too
// small for them (see [Options].MemoryBytes). It is usually a [*SpillError]. From then on
// Customers and Items may have left out records. WriteTo returns such an error itself.
func (r *Records) Err() error { return cmp.Or(r.Customers.table.Err(), r.Items.table.Err()) }

// Close frees what of the records is on disk, if the memory was too small for them. They
// must not be used afterwards. The end of the process frees it too.
func (r *Records) Close() error {
	return errors.Join(r.Customers.table.Close(), r.Items.table.Close())
}

// A SpillError says that records beyond [Options].MemoryBytes could not be written to
// disk, or not be read back. Its field Err is the error of the file.
type SpillError = table.SpillError
