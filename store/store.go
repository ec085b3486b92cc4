// Package store is the contract of stores: records that last, and to which every
// order is applied exactly once.
//
// A store holds the records of all orders that were ever applied to it, as if they
// had been read in one run: sources in the order in which they were first begun,
// and each from its begin to its end. What is later is told by versions, which
// are kept beside each value, and never by the order of commits or by a clock; so
// several processes may apply different sources at once.
//
// Orders come in batches. A batch has an identity and is applied whole and once:
// however a process or a database dies, applying it again finishes it or does
// nothing.
package store

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"
)

// A Version says where in all that was ever applied a value is from. Of two values
// that with the greater version is the later.
type Version struct {
	// Source is the source's number in the store, from 1.
	Source int64
	// At is the place in the source.
	At int64
}

// Before says whether v is earlier than w. The zero Version is before all others.
func (v Version) Before(w Version) bool { return v.Compare(w) < 0 }

// Compare is negative where v is earlier than w, and positive where it is later.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Source, w.Source), cmp.Compare(v.At, w.At))
}

// A Customer is what a batch tells of a customer, or what a store knows.
type Customer struct {
	Phone string
	// Name is the latest that was provided, Named its version; "" and zero where
	// none was.
	Name  string
	Named Version
	// First is where the phone came first.
	First Version
}

// An Item is what a batch tells of an item, or what a store knows.
type Item struct {
	Name string
	// Price is the latest, as the source wrote it, Priced its version.
	Price  string
	Priced Version
	// First is where the item came first.
	First Version
	// Orders is how often it was ordered: by the batch, or ever.
	Orders int64
}

// A Delta is what a batch does to the records: each phone and each name once, in any
// order.
type Delta struct {
	Customers []Customer
	Items     []Item
}

// A Source is where orders come from: a file, known by its content.
type Source struct {
	// ID is the source's identity: the same content has the same, and other
	// content another.
	ID string
	// Name is what people call it. It may hold no personal data.
	Name string
	// Kind says which system's orders these are: ids of orders are told apart
	// within a kind.
	Kind  string
	Bytes int64
	// BatchBytes is how much of it is a batch. It is that of the first begin: with
	// another, a source that was begun would be cut elsewhere.
	BatchBytes int64
}

// A State is how far a source was applied.
type State struct {
	Source
	// Number is the source's in the store, from 1, by when it was first begun.
	Number int64
	// Batches were applied; Done says that they are all.
	Batches int64
	Done    bool
	// Orders, Rejected and Repeated count those of the batches.
	Orders, Rejected, Repeated int64
	// Begun and Changed are when it was first begun and last applied to, for
	// people only.
	Begun, Changed time.Time
}

// A Batch is a run of orders of one source: the unit that is applied exactly once.
type Batch struct {
	// ID is the batch's identity, unlike that of any other batch of any source. A
	// batch with the same identity has the same content.
	ID string
	// Source is the number that Begin gave the source. Last says that no batch of
	// it follows.
	Source int64
	Last   bool
	// Batches is, of the last, how many the source has with it, or 0 where nobody
	// counted: a store that lost some, as a database may whose replica took over,
	// refuses it with ErrMissing, and the source is to be applied again.
	Batches int64
	// Orders and Rejected count the orders in it.
	Orders, Rejected int64
	// OrderIDs are those of the orders that have one, each once, none empty.
	OrderIDs []string
	// Fold tells what the batch does to the records without the orders whose id,
	// by its place in OrderIDs, was applied before. It may be called several times,
	// also at once with other batches' folds, and takes no more than memory and
	// time.
	Fold func(repeated func(i int) bool) (Delta, error)
}

// A Store keeps records. Its methods may be called by several goroutines and, on
// one database, by several processes at once.
//
// When a method that changes something returns without an error, the change is
// durable: it survives a crash of the process, the database and the machine. When
// it returns an error the change may have been made or not, unless the error says
// more; the same call again settles it.
type Store interface {
	// Begin takes note of a source, or finds it by its identity, and tells how
	// far it was applied. Again makes a new one even where there is one that is
	// done: the same content is to be applied once more.
	Begin(ctx context.Context, s Source, again bool) (State, error)
	// Apply applies a batch in one transaction: its identity, the ids of its
	// orders, and what it does to the records. It returns false, and changes
	// nothing, where the batch was applied before.
	Apply(ctx context.Context, b Batch) (applied bool, err error)
	// Records reads all records as they are at one moment, in the order of their
	// first appearance. The iterators are to be used one after the other, before
	// read returns; an error while reading is in a pair of its own, the last.
	Records(ctx context.Context, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error
	// States tells of all sources, by their numbers.
	States(ctx context.Context) ([]State, error)
	// Erase removes a customer for good, from the records and from the bytes of the
	// database as far as that can be done, and leaves a line in the store's log that
	// does not hold the phone. Items stay. It returns false where there is no such
	// customer.
	Erase(ctx context.Context, phone string) (found bool, err error)
	Close() error
}

// ErrUnknownSource says that a batch is of a source that was never begun.
var ErrUnknownSource = errors.New("the batch's source is not known to the store")

// ErrMissing says that a batch is the last of a source of which others are missing.
var ErrMissing = errors.New("the store does not have all of the source's batches before the last")

// ErrSourceDone says that a batch that was not applied before is of a source that
// is done.
var ErrSourceDone = errors.New("the batch's source is done")
