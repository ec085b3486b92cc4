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
// A store has one transaction that writes at a time: from its start to its end it sees all that
// was committed before, and nobody else changes anything. So nothing is ever locked by itself.
//
// Rows of customers, names, items, prices and hours have a part that only this package reads, with a
// checksum: see [Sealed]. So has the state of an order. All tables with such rows have a total:
// see [Total]. Whoever reads a row of any table checks it.
type Transaction interface {
	sourceRows
	orderRows
	recordRows
	documentRows

	// LogErasure adds a line to the log of erasures.
	LogErasure() error
}

// sourceRows are the rows of rules, shops, sources, batches and feeds.
type sourceRows interface {
	// Rules returns the lines of those scopes that have one.
	Rules(scopes []string) (map[string]string, error)
	// InsertRules keeps the line of a scope that has none.
	InsertRules(scope, line string) error
	// Shop returns the number of a shop, which it makes if there is none.
	Shop(system, shop string) (number int64, err error)
	// Shops returns all shops by their numbers.
	Shops() (map[int64]Shop, error)
	// LastNumber returns the number that a source or a group of a feed got last, or 0, and
	// PutNumber keeps it.
	LastNumber() (int64, error)
	PutNumber(last int64) error

	// NewestSource returns the progress of the source with an id that was started last.
	NewestSource(id string) (p store.Progress, found bool, err error)
	// InsertSource takes note of a source of a shop.
	InsertSource(number, shop int64, s store.Source) error
	// FindSource returns the shop of a source and whether all of it was applied, or
	// [store.ErrUnknownSource].
	FindSource(number int64) (shop Shop, done bool, err error)
	// InsertBatch takes note of a batch. It returns false if the store has it.
	InsertBatch(id string, source int64) (isNew bool, err error)
	// CountBatch adds a batch to the progress of its source. It returns false, and adds
	// nothing, if the source is done or lacks batches before its last one.
	CountBatch(b *store.Batch, c store.Counts) (counted bool, err error)

	// Feed returns what is kept of a feed, and PutFeed keeps it.
	Feed(name string) (f FeedRow, found bool, err error)
	PutFeed(*FeedRow) error
}

// orderRows are the rows of orders that have an id.
type orderRows interface {
	// InsertOrders inserts those orders of one shop that are not there. The orders are sorted by
	// their ids. It calls settled for one run of them after the
	// other, with where the run ends and those rows of it, as they are, that were there. So
	// the caller can go on with these while others are inserted.
	InsertOrders(orders []Order, settled func(end int, known []Order)) error
	// UpdateOrders replaces the rows of orders, which are there.
	UpdateOrders(orders []Order) error
	// ExpectOrdersOf says for whom OrdersOf will mostly be called next.
	ExpectOrdersOf(phones []string)
	// OrdersOf yields the orders that have a phone, sorted by Time, Source and At, or the
	// other way round if the latest are wanted first. No other statement is made meanwhile.
	OrdersOf(phone string, latestFirst bool) iter.Seq2[Order, error]
	// OrdersFrom yields all orders from a place on, it included, in the same order.
	OrdersFrom(from Place, latestFirst bool) iter.Seq2[Order, error]
}

// recordRows are the rows of customers, names, items, prices and hours, and their totals. What is put
// is sorted as what it was asked for, and each has its old row if there is one. The bodies of what is put
// stay as they are; all else of a row serves another one when it is put.
type recordRows interface {
	// Customers calls do with some phones after the other, in their order, and with the rows that
	// there are of them, and maybe with others. The phones are sorted by [EndingOf], and then by their bytes. Do may
	// put these customers then or later, and make other statements. It keeps what was found until
	// these are put. It may be asked for the next phones while the rows of those before are put.
	//
	// If wantsAll is true, and it takes little more time, do gets all other customers too, each
	// once, and Customers returns true. One is valid until the next one comes.
	Customers(phones []string, wantsAll bool, do func(some []string, found []Customer, others Others) error) (hasAll bool, err error)
	PutCustomers([]Change[Customer]) error

	// NameBlocks returns the block to which each of some sorted keys belongs, once: the last of
	// those whose First is not greater. Others may come along. A key has none if all blocks come
	// behind it. If the keys are dense, most of the blocks from the first key to the last are wanted.
	NameBlocks(keys [][]byte, areDense bool) ([]NameBlock, error)
	PutNameBlocks([]Change[NameBlock]) error

	// Items returns rows of items.
	Items(names []string) ([]Item, error)
	PutItems([]Change[Item]) error
	// AllItems yields all items as they are by now, with details with their prices: see
	// [Gathering.AddItem].
	AllItems(details bool) iter.Seq2[ItemPrice, error]

	// Prices returns rows of prices. The keys are sorted by the item, and then by the price.
	Prices(keys []PriceKey) ([]Price, error)
	PutPrices([]Change[Price]) error

	// Hours returns rows of hours, and maybe others that are between them. The keys are sorted.
	Hours(keys []HourKey) ([]Hour, error)
	PutHours([]Change[Hour]) error

	// Totals returns all totals by their tables, as they were at the start of the transaction.
	Totals() (map[string]Total, error)
	PutTotals([]Total) error
}

// Others are customers whom nobody has asked for by their phones; nil are none.
type Others iter.Seq2[*Customer, error]

// A Change is what becomes of a row: there was none if Old is nil, and there is none any more if
// Now is nil. At least one of them is there mostly; if neither is, nothing is to be done.
type Change[R any] struct{ Old, Now *R }

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

	row Sealed // what was read, or was kept last
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
