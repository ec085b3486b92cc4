package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Reader answers single questions about what a store holds. All stores of this module are
// readers. Each method reads in a transaction of its own, which takes milliseconds however
// large the store is, and sees what was committed before it was called. Others may write
// meanwhile. What is returned belongs to the caller.
//
// Every row that is read is checked. What is not as it was written is an error that wraps
// [ErrDamaged].
//
// Lists come in pages. The first page is after "", and the next one after what came with the
// page before; "" says that there is none. Nothing else says so: a page may be shorter than the
// limit, and empty, though others follow. A list may change between two pages. What was there
// all the time at one place is on one of them, once; what moved may be missing, or come twice. A
// limit is from 1 to [MostListed], and any other is [ErrLimit].
//
// The text that leads to the next page belongs to one list with one search, and any other text
// is [ErrCursor]. It stays good as long as the store, also in other processes. It holds the row
// that the page before ended with, and nothing hides that. So that of a list of customers is as
// secret as a phone: whoever puts it where others see it, as in a URL, encrypts it first. A
// store cannot, as it has no key that all who read it share.
type Reader interface {
	// Customer returns a customer with all details, and whether there is one.
	Customer(ctx context.Context, phone string) (c Customer, found bool, err error)
	// Customers lists customers with all details, see [Search].
	Customers(ctx context.Context, s Search, after string, limit int) (page []Customer, next string, err error)
	// Item returns an item with all details, and whether there is one.
	Item(ctx context.Context, name string) (i Item, found bool, err error)
	// Items lists items without their Prices. They are sorted by how often they were ordered,
	// the most ordered first, and then by name; or, if the search has a Name, by their names
	// in small letters.
	Items(ctx context.Context, s Search, after string, limit int) (page []Item, next string, err error)
	// Order returns an order that has an id, and whether the store has it.
	Order(ctx context.Context, system, shop, id string) (o Order, found bool, err error)
	// Orders lists orders that have an id, those with the latest Time first. Of one time, and
	// of those without one, which come last, the one that came last comes first. Orders that
	// are Unseen are not listed.
	Orders(ctx context.Context, after string, limit int) (page []Order, next string, err error)
	// Shops returns all shops that orders came from, by sources and by feeds, or that an erasure has
	// named, sorted by their names and then by their systems. Shops of several systems may have one
	// name, and it is "" if orders came from a source or feed without one. With [Reader].Order, that
	// finds an order by its id alone.
	Shops(ctx context.Context) ([]Shop, error)
	// Totals returns how much the store holds.
	Totals(ctx context.Context) (Totals, error)
	// Minutes returns the minutes of each shop that have orders or new customers and start at the
	// time from or after it, and before the time to, both in milliseconds since 1970, sorted by
	// their starts and then by their shops. Orders
	// without a time are in no minute unless from is [NoTime]: then they come first.
	Minutes(ctx context.Context, from, to int64) ([]Minute, error)
}

// MostListed is the greatest limit of a list.
const MostListed = 1000

var (
	// ErrLimit says that a list was asked for with a limit that it does not take.
	ErrLimit = fmt.Errorf("a page of a list has from 1 to %d rows", MostListed)
	// ErrCursor says that a list was asked for after a text that did not come with a page of it.
	ErrCursor = errors.New("no page of this list and search ends so: start at the first one")
	// ErrSearch says that a search is not one of those that [Search] describes.
	ErrSearch = fmt.Errorf("a search is for up to %d last digits of a phone, or for the start of a name", MostEnding)
)

// A Search says what a list has. The zero value lists all. At most one of Ending and Name is
// given; any other search is [ErrSearch].
type Search struct {
	// Ending is the last digits of a phone, in order: from 1 to [MostEnding]. All else in a
	// phone is passed over, in the search too, so 5509 and 2-5509 find 732-555-5509. The list is
	// sorted by the digits of the phones from the last to the first, and then by the phones. So
	// is the list of all customers. Items have no Ending.
	Ending string
	// Name is the start of one of the first [MostWords] words of the customer's name, or of the
	// name of an item, and of what follows: "miller" and "ben m" find Ben Miller. Capital
	// letters do not matter, nor how words are set apart. The list is sorted by what was found:
	// names from that word on, in small letters, as far as their first 40 bytes go, and then by the
	// phones of customers, or as without a search. Each customer is found once.
	Name string
}

// MostEnding is how many digits the ending of a phone has at most, and MostWords in how many
// words of a name customers are looked for.
const (
	MostEnding = 64
	MostWords  = 4
)

// A Shop is a shop of a system: the ids of orders are unique in it.
type Shop struct{ System, Name string }

// An Order is what a store knows of an order that has an id. The id is unique in its system and
// shop.
type Order struct {
	System, Shop string
	// State is the latest one. It has no At and no Continues. If the order was erased it has no
	// phone and no name. If it is skipped it has no name and no lines, and the phone is that of
	// the customer whose it is, also if an earlier state brought that.
	State
	// Source is the number of the source, or of the group, that brought the state.
	Source int64
	// Erased reports whether the order never makes a customer again. Then Unseen reports
	// whether an erasure has named it and no state has come.
	Erased, Unseen bool
}

// Totals say how much a store holds.
type Totals struct {
	// Customers and Items are how many records there are, and Orders how many orders that have
	// an id, also those that are skipped or Unseen.
	Customers, Items, Orders int64
	// Mark is another number once a record or an order has changed. It may change if nothing
	// did. All processes that use the store see the same one.
	Mark uint64
	// Due is how many erasures wait for [Store.Scrub], and DueSince the time of the first of
	// them, zero if there are none.
	Due      int64
	DueSince time.Time
	// Bytes is how much the store takes on the disk, with its log if that is a file beside it; 0
	// if that is not known.
	Bytes int64
}
