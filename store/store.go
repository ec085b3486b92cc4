// Package store is the contract of stores: records that last, and to which every order
// is applied exactly once.
//
// A [Store] holds the records of all orders that were ever applied to it, as if they had
// been read in one run: source after source, as the sources were first started, and each
// source from its start to its end. Which of two values is the later one is decided by
// their versions, which the store keeps beside them. It never depends on who commits
// first or on a clock, so several processes may apply different sources at once.
//
// Orders come in batches. A [Batch] has an identity and is applied whole and once. If a
// process or a database dies, the same batch is applied again: that finishes it, or does
// nothing if it was applied already.
//
// Most programs open a store (package [process-orders/store/sqlite] keeps it in a file,
// [process-orders/store/postgres] in a database, [process-orders/store/memory] for the
// time of the process), hand it to package [process-orders/apply], which reads sources
// and calls [Store.Start] and [Store.Apply], and read it with [Store.Records].
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// A Version says where, in all that was ever applied, a value was read. Of two values
// the one with the greater version is the later one.
type Version struct {
	// Source is the number of the source in the store, from 1.
	Source int64
	// At is an offset in the source, in bytes and from 0: what was read later in the
	// source has a greater one.
	At int64
}

// Before reports whether v is earlier than w. The zero Version is before all others.
func (v Version) Before(w Version) bool { return v.Compare(w) < 0 }

// Compare returns a negative number if v is earlier than w, a positive one if it is
// later, and 0 if they are the same.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Source, w.Source), cmp.Compare(v.At, w.At))
}

// A Customer is what a batch holds of a customer, or what a store knows.
type Customer struct {
	// Phone is the customer's key. Phones are compared byte by byte.
	Phone string
	// Name is the latest name that was provided, and Named its version. They are empty
	// and zero if none was provided.
	Name  string
	Named Version
	// First is the version of the phone's first appearance.
	First Version
}

// An Item is what a batch holds of an item, or what a store knows.
type Item struct {
	// Name is the item's key. Names are compared byte by byte.
	Name string
	// Price is the latest price, as the source wrote it, and Priced its version.
	Price  string
	Priced Version
	// First is the version of the item's first appearance.
	First Version
	// Orders is how often the item was ordered: in the batch, or ever.
	Orders int64
}

// A Delta is what a batch changes in the records. It holds each phone and each item once,
// in any order.
type Delta struct {
	Customers []Customer
	Items     []Item
}

// A Source describes a file or stream that orders are read from.
type Source struct {
	// ID is the source's identity: the same content has the same ID, and other content
	// has another.
	ID string
	// Name is what people call the source. It must hold no personal data.
	Name string
	// Kind names the system whose orders these are. Ids of orders are unique within a
	// kind.
	Kind string
	// Bytes is the size of the source after decompression.
	Bytes int64
	// BatchBytes is how much of the source makes a batch. The store keeps what was given
	// when the source was first started, as a source that is cut elsewhere has other
	// batches.
	BatchBytes int64
	// Rules says in one plain line how orders are read and counted, such as "count
	// lines; phones exact". The records of a store are of one kind only if all sources
	// were read by the same rules, so the store keeps the first line that it is given,
	// and [Store.Start] refuses any other with a [RulesError].
	//
	// An empty Rules makes no statement. It is accepted by every store and changes
	// nothing, also if the store has rules: a program that has no choice of rules, or
	// one that was written before there were any, goes on working. Programs that want
	// the protection always give a line.
	Rules string
}

// Progress is how far a source was applied to a store.
type Progress struct {
	// Source is as it was when the source was first started, but for its Rules: those
	// are the store's, which are the same for all its sources, or "" if it has none.
	Source
	// Number is the number of the source in the store: from 1, in the order in which
	// the sources were first started.
	Number int64
	// Batches is how many batches were applied. Done reports whether that is all of
	// them.
	Batches int64
	Done    bool
	// Orders, Rejected and Repeated are how many orders those batches had, how many
	// were rejected, and how many had an id that the store knew already.
	Orders, Rejected, Repeated int64
	// Started and Changed are when the source was first started and when a batch of it
	// was last applied. They are in UTC, to the microsecond, and for people only.
	Started, Changed time.Time
}

// A Fold returns what a batch changes in the records. Repeated reports whether the order
// with the i-th id of [Batch.OrderIDs] was applied before, by this or by another source
// of the same kind: such an order is left out.
//
// A store may call it several times, as when a transaction is tried again, and at the
// same time as the folds of other batches. It has no effects, and Repeated is not used
// after it has returned. The store does not change the Delta.
type Fold func(repeated func(i int) bool) (Delta, error)

// A Batch is a run of orders of one source: the unit that is applied exactly once.
type Batch struct {
	// ID is the batch's identity. No other batch of any source has the same, and a batch
	// that is applied again has the same content.
	ID string
	// Source is the number that [Store.Start] gave the source.
	Source int64
	// Last reports whether no batch of the source follows.
	Last bool
	// Batches, if not 0, is given with the last batch of a source: how many the source
	// has, this one included. A database may lose batches, as when a replica takes over
	// that did not have them yet. A store that has fewer refuses the last one with
	// [ErrMissing], and the source is to be applied again.
	Batches int64
	// Orders is how many orders are in the batch, and Rejected how many were rejected.
	Orders, Rejected int64
	// OrderIDs are the ids of those orders that have one. Each is there once, and none
	// is empty.
	OrderIDs []string
	// Fold returns what the batch changes.
	Fold Fold
}

// A Store keeps records. Its methods may be called by several goroutines, and by several
// processes that use one database or file.
//
// When a method that changes something returns no error, the change is durable: it
// survives a crash of the process, of the database and of the machine, as far as the
// package of the store promises it. When it returns an error the change may have been
// made or not, unless the error says more. The same call made again settles it. When the
// context ends, a method returns its error.
//
// All texts are UTF-8 without zero bytes.
type Store interface {
	// Start takes note of a source, or finds it by its ID, and returns how far it was
	// applied. If again is true and all of the source was applied, it is started once
	// more, under a new number: the same content is to be applied again.
	//
	// Start returns a *[RulesError], and takes note of nothing, if the source was read
	// by other rules than the store keeps.
	Start(ctx context.Context, s Source, again bool) (Progress, error)
	// Apply applies a batch in one transaction: its identity, the ids of its orders, and
	// what it changes in the records. It returns false, and changes nothing, if the
	// batch was applied before. An error of the batch's [Fold] is returned as it is or
	// wrapped.
	//
	// Apply returns [ErrUnknownSource], [ErrSourceDone] or [ErrMissing] for a batch that
	// cannot be applied, and then has changed nothing.
	Apply(ctx context.Context, b Batch) (applied bool, err error)
	// Records calls read with all records as they are at one moment, sorted by their
	// first appearance. Others may write meanwhile. The iterators are used one after
	// the other and before read returns. An error while reading is the last pair of an
	// iterator, with a zero record. Records returns the error of read as it is.
	//
	// Records calls read once at most, and no iterator yields a record twice. A store whose
	// connection may break finds all records before it calls read, and starts over by
	// itself. A store that finds only afterwards that the records were not of one moment
	// returns an error, also if read returned none.
	Records(ctx context.Context, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error
	// Sources returns how far each source was applied, sorted by their numbers.
	Sources(ctx context.Context) ([]Progress, error)
	// Erase removes a customer for good: from the records, and from the bytes of the
	// database as far as that can be done. It leaves a line in the store's log that does
	// not hold the phone. Items stay as they are. It returns false if there is no such
	// customer.
	Erase(ctx context.Context, phone string) (found bool, err error)
	// Close ends the use of the store. What was applied is durable without it.
	Close() error
}

var (
	// ErrUnknownSource says that a batch belongs to a source that was never started.
	ErrUnknownSource = errors.New("the store does not know the batch's source")
	// ErrSourceDone says that a batch is new, and that its source is done already.
	ErrSourceDone = errors.New("all of the batch's source was applied already")
	// ErrMissing says that a batch is the last of its source, and that the store lacks
	// some of the batches before it.
	ErrMissing = errors.New("the store lacks batches of the source that were applied before the last one")
)

// A RulesError says that a source was read by other rules than the store keeps. Either
// the source is to be read by the store's rules, or it belongs in another store.
type RulesError struct {
	// Have is the line of the store, and Got that of the source.
	Have, Got string
}

func (e *RulesError) Error() string {
	return fmt.Sprintf("the store keeps %q; this run has %q", e.Have, e.Got)
}
