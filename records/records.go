// Package records keeps what orders say of customers, by phone, and of items, by name.
//
// [ProcessFile] and [WriteJSON] are the two calls that most programs need: orders in, and
// a file out. [Process] takes any sources and [Options]. [Records.Merge] joins the records
// of several runs.
//
// Folding orders into records is a monoid: the records of A followed by B are the records
// of A merged with the records of B. If times decide what is later, B followed by A is the
// same. Process builds on that law. Several workers fold
// parts of the input, records that do not fit into memory are merged back from disk, and
// the result is, byte for byte, what one worker would have found alone.
package records

import (
	"cmp"
	"errors"

	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
	"process-orders/orders"
)

// Records are the customers and the items of some orders. The zero value is the records of
// no orders. It keeps no details, counts order lines, and goes by positions; [New] makes
// others.
//
// A customer has the name of the latest order that provides one, an item the price of the
// latest line, and both are in the order of their first appearance. What is later depends on
// the mapping. Either the position decides: what is further along in the input is later. Or
// the time decides at which an order was placed, see [orders.Mapping.Later]: of two orders of
// one time the one with the greater id is later, by length and then byte by byte, or, if one
// has none, that which is further along. An order without a time that can be read is earlier
// than all that have one.
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
	end int64
	// byTime reports whether times decide what is later. Then the tables keep versions. They
	// do so too if orders have ids, as the position of an order can be that of another state.
	byTime   bool
	activity Activity
	budget   *table.Budget // of what Process made
}

// New returns the records of no orders that keep the details that the options ask for, count
// what they say, and go by their mapping for what is later. So they can be merged with what
// [Process] makes with these options. No other option matters.
func New(o Options) *Records { return newRecords(&o) }

// newRecords returns empty records that keep what the options ask for.
func newRecords(o *Options) *Records {
	r := new(Records)
	r.Items.table.KeepCounts()
	r.Items.count = o.Count
	if o.keepsDetails() {
		detail.Keep(&r.Items.table)
		detail.Keep(&r.Customers.table)
	}
	if m := o.Mapping; m != nil && (len(m.ID) > 0 || m.ByTime()) {
		r.byTime = m.ByTime()
		r.Items.table.KeepVersions()
		r.Customers.table.KeepVersions()
	}
	r.Items.detail, r.Customers.detail = o.Detail == DetailWritten, o.Detail == DetailWritten
	return r
}

// Activity returns what the orders say as a whole. It is empty unless details are kept: see
// [Options].Detail.
func (r *Records) Activity() *Activity { return &r.activity }

// Add folds in one order, which is further along than all before. If these records go by
// time, its ID and Placed say when it is later; without Placed, Time does if it can be read
// without knowing its form. Add does not look for other states of the order: whoever adds an
// order twice counts it twice.
//
// Add takes the order as package orders reads it, and checks nothing: items must not be
// blank, and prices must be decimal numbers. An order without a phone makes no customer. It
// keeps copies only. What it adds stays in memory, whatever [Options].MemoryBytes was.
func (r *Records) Add(o orders.Order) {
	r.Items.table.KeepCounts()
	uncounted := r.Items.uncounted(o.Lines)
	if r.Items.table.HasDetails() {
		r.addDetailed(&o, uncounted)
	} else {
		v := r.version(&o)
		if len(o.Phone) > 0 {
			r.add(&r.Customers.table, o.Phone, o.Name, &v, 1, nil)
		}
		for i, l := range o.Lines {
			v.Line = int64(i)
			r.add(&r.Items.table, l.Item, l.Price, &v, fold.CountOf(uncounted, i), nil)
		}
	}
	r.end += int64(len(o.Lines)) + 1
}

// versioned reports whether the records keep versions in place of positions.
func (r *Records) versioned() bool { return r.Items.table.HasVersions() }

// version returns the version of an order that comes now, if versions are kept. It is the one
// that [columns.Orders] gives an order.
func (r *Records) version(o *orders.Order) version.Version {
	if !r.versioned() {
		return version.Version{}
	}
	if r.byTime {
		if ms := placed(o); ms != timestamp.None {
			v := version.Version{Time: ms}
			if len(o.ID) > 0 {
				v.Order = version.AppendID(nil, nil, o.ID, nil)
			} else {
				v.Order = version.AppendPosition(nil, 0, r.end)
			}
			return v
		}
	}
	return version.Position(nil, r.end)
}

// add adds a key and a text of the order, or of its line, that comes now. Only the line of v
// counts if no versions are kept.
func (r *Records) add(t *table.Table, key, text []byte, v *version.Version, count int64, change func(table.Detail)) {
	if t.HasVersions() {
		t.AddVersion(key, text, *v, count, change)
	} else {
		t.Add(key, text, r.end+v.Line, count, change)
	}
}

// Merge folds in the records of orders that are all further along than these. If one of both
// goes by time, the result does, and an order that it knows by its position alone is earlier
// than all that have a time. The other records stay as they are. Both should keep the same
// details and count the same: what one of them does not keep is not in the result.
//
// All that is merged stays in memory, also what the other records have on disk;
// [Records.Err] reports what goes wrong while that is read.
func (r *Records) Merge(other *Records) {
	r.Items.table.KeepCounts()
	r.Customers.table.Merge(&other.Customers.table, r.end)
	r.Items.table.Merge(&other.Items.table, r.end)
	r.byTime = r.byTime || other.byTime
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
