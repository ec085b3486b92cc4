package sqlstore

import (
	"iter"

	"process-orders/store"
)

// A Transaction is a transaction of a store, in which this package reads and changes rows.
// It is what a database must offer. All that decides what becomes of orders is in this
// package; the methods hold SQL and locks alone.
//
// Lists of keys are sorted by the bytes of the keys, and hold each once. Rows that are found
// come in any order, without those that are not there.
//
// Where several transactions write at the same time, rows that a method locks cannot be
// changed or made by others until the transaction ends. What it waits for has been
// committed, and is seen by all that is read afterwards.
type Transaction interface {
	sourceRows
	orderRows
	customerRows
	itemRows

	// LogErasure adds a line to the log of erasures.
	LogErasure() error
}

// sourceRows are the rows of rules, shops, sources, batches and feeds.
type sourceRows interface {
	// KeepRules keeps a line of rules if there is none in the scope, and returns the one that
	// is kept. The line is not empty.
	KeepRules(scope, line string) (kept string, err error)
	// Shop returns the number of a shop, which it makes if there is none.
	Shop(system, shop string) (number int64, err error)
	// Shops returns all shops by their numbers.
	Shops() (map[int64]Shop, error)
	// TakeNumber returns a number for a source or a group of a feed. It is greater than all
	// that transactions took which were committed before.
	TakeNumber() (number int64, err error)

	// NewestSource returns the progress of the source with an id that was started last.
	NewestSource(id string) (p store.Progress, found bool, err error)
	// InsertSource takes note of a source of a shop.
	InsertSource(number, shop int64, s store.Source) error
	// FindSource returns the shop of a source and whether all of it was applied, or
	// [store.ErrUnknownSource].
	FindSource(number int64) (shop Shop, done bool, err error)
	// InsertBatch takes note of a batch, and locks it. It returns false if the store has it.
	InsertBatch(b *store.Batch) (isNew bool, err error)
	// CountBatch adds a batch to the progress of its source. It returns false, and adds
	// nothing, if the source is done or lacks batches before its last one.
	CountBatch(b *store.Batch, c store.Counts) (counted bool, err error)

	// Feed returns how far a feed was applied, and locks its row. It makes the row if there
	// is none, with the offset 0.
	Feed(f *store.Feed, shop int64) (offset int64, err error)
	// CountGroup adds a group to what is kept of its feed. It keeps the offset of the group
	// if that is not 0.
	CountGroup(b *store.Batch, c store.Counts) error
}

// orderRows are the rows of orders that have an id.
type orderRows interface {
	// InsertOrders inserts those orders of one shop that are not there. It locks all of them.
	// The orders are sorted by their ids. It calls settled for one run of them after the
	// other, with where the run ends and those rows of it, as they are, that were there. So
	// the caller can go on with these while others are inserted.
	InsertOrders(orders []Order, settled func(end int, known []Order)) error
	// UpdateOrders replaces the rows of orders, which are there and locked.
	UpdateOrders(orders []Order) error
	// OrdersOf yields the orders that have a phone, sorted by Time, Source and At, or the
	// other way round if the latest are wanted first. No other statement is made meanwhile.
	OrdersOf(phone string, latestFirst bool) iter.Seq2[Order, error]
	// OrdersFrom yields all orders from a place on, it included, in the same order.
	OrdersFrom(from Place, latestFirst bool) iter.Seq2[Order, error]
}

// customerRows are the rows of customers.
type customerRows interface {
	// LockCustomers locks the rows that there are of the phones.
	LockCustomers(phones []string) error
	// Customers returns rows that are locked.
	Customers(phones []string) ([]Customer, error)
	// AddCustomers adds to rows, or makes them: [Customer.Orders] is added, and of Fixed and
	// Live the later names with their versions are kept, and the earlier first appearances.
	AddCustomers(customers []Customer) error
	// PutCustomers replaces rows, which are there and locked, and removes those that are
	// empty: see [Customer.IsEmpty].
	PutCustomers(customers []Customer) error
	// DeleteCustomer removes a row, and reports whether there was one.
	DeleteCustomer(phone string) (found bool, err error)
}

// itemRows are the rows of items.
type itemRows interface {
	// Items returns rows of items and locks all of them, also those that are not there yet
	// and that others may make at the same time.
	Items(names []string) ([]Item, error)
	// AddItems adds what is fixed of items to their rows, or makes them: [Item.FixedOrders]
	// is added, and of Fixed the later price with its version is kept, and the earlier first
	// appearance. Nothing else of the items is set.
	AddItems(items []Item) error
	// PutItems replaces or makes rows, which are locked, and removes those that are empty:
	// see [Item.IsEmpty].
	PutItems(items []Item) error
}

// A Shop is whose orders have ids of their own.
type Shop struct {
	Number       int64
	System, Name string
}

// An Order is the row of an order that has an id. There is one for each, with its latest
// state.
type Order struct {
	Shop int64 // its number
	ID   string
	// Updated, Placed, Time and Digest are those of the latest state.
	Updated, Placed, Time int64
	Digest                uint64
	Flags                 Flags
	// Source and At are the position of the order's first state, LastSource and LastAt that
	// of its latest one.
	Source, At         int64
	LastSource, LastAt int64
	// Bringer is the number of the source that brought the latest state. It is less than
	// LastSource if the same state came again, without a time.
	Bringer int64
	// Phone is empty if the order makes no customer. A skipped order keeps its phone, so that
	// an erasure finds it.
	Phone string
	// Body holds the customer's name and the lines: see [store.Lines]. If the order is skipped
	// it holds the reason.
	Body []byte
}

// Flags say more of an order. Stores keep them as a number.
type Flags int64

const (
	// Skipped orders do not stand.
	Skipped Flags = 1 << iota
	// Erased orders never make a customer again.
	Erased
	// Unseen orders were named in an erasure, and no state of theirs has come.
	Unseen

	// hasBringer says, where rows are kept, that the bringer is not the last source.
	hasBringer
)

// A Place is where an order is among all orders by their versions. Orders of one time that
// have one are not sorted by their places: see [store.State].
type Place struct{ Time, Source, At int64 }

// A Customer is the row of a customer, or what is added to it.
type Customer struct {
	Phone string
	// Fixed is what orders without an id say, and Live what orders with an id say that
	// stand. The versions are empty if there are none.
	Fixed, Live Person
	// Orders is how many orders with an id make the customer.
	Orders int64
}

// A Person is the latest name, and the first appearance, that some orders give.
type Person struct {
	Name         string
	Named, First store.Version
}

// IsEmpty reports whether no order makes the customer.
func (c *Customer) IsEmpty() bool { return c.Fixed.First == "" && c.Orders == 0 }

// An Item is the row of an item, or what is added to it.
type Item struct {
	Name string
	// Fixed is what orders without an id say, and Live what orders with an id say that
	// stand. The versions are empty if there are none.
	Fixed, Live Offer
	// FixedOrders and LiveOrders are how often the item was ordered in either, and Lines is
	// how many lines of orders with an id have the item, uncounted ones included.
	FixedOrders, LiveOrders, Lines int64
	// Candidates are those for the price and the first appearance in Live, in one compact
	// value.
	Candidates []byte
}

// An Offer is the latest price, and the first appearance, that some orders give.
type Offer struct {
	Price         string
	Priced, First store.Version
}

// IsEmpty reports whether no order lists the item.
func (i *Item) IsEmpty() bool { return i.Fixed.First == "" && i.Lines == 0 }
