package store

import (
	"context"
	"time"
)

// A Reader answers single questions about what a store holds. All stores of this module are
// readers. Each method reads in a transaction of its own, which takes milliseconds however
// large the store is, and sees what was committed before it was called. Others may write
// meanwhile.
//
// Lists come in pages. The first page is after "", and the next one after what came with the
// page before; "" says that there is none. A list may change between two pages: what was
// there all the time is on one of them, once. A limit is from 1 to [MostListed].
type Reader interface {
	// Customer returns a customer with all details, and whether there is one.
	Customer(ctx context.Context, phone string) (c Customer, found bool, err error)
	// Customers lists customers with all details, see [Search].
	Customers(ctx context.Context, s Search, after string, limit int) (page []Customer, next string, err error)
	// Item returns an item with all details, and whether there is one.
	Item(ctx context.Context, name string) (i Item, found bool, err error)
	// Items lists items without their Prices. They are sorted by how often they were ordered,
	// the most ordered first, and then by name; or, if the search has a Name, by name.
	Items(ctx context.Context, s Search, after string, limit int) (page []Item, next string, err error)
	// Order returns an order that has an id, and whether the store has it.
	Order(ctx context.Context, system, shop, id string) (o Order, found bool, err error)
	// Orders lists orders that have an id, the latest first. Of those without a time, which
	// come last, the one that came last comes first.
	Orders(ctx context.Context, after string, limit int) (page []Order, next string, err error)
	// Totals returns how much the store holds.
	Totals(ctx context.Context) (Totals, error)
	// Minutes returns the minutes that have orders or new customers and start at the time
	// from or after it, and before the time to, both in milliseconds since 1970, sorted. Orders
	// without a time are in no minute unless from is [NoTime]: then they come first.
	Minutes(ctx context.Context, from, to int64) ([]Minute, error)
}

// MostListed is the greatest limit of a list.
const MostListed = 1000

// A Search says what a list has. The zero value lists all.
type Search struct {
	// Ending is the last digits of a phone, in order. All else in a phone is passed over, so
	// 5509 and 25509 find 732-555-5509. The list is sorted by the digits of the phones from the
	// last to the first.
	Ending string
	// Name is the start of a word of the customer's name, or of the name of an item, and of
	// what follows: "miller" and "ben m" find Ben Miller. Capital letters do not matter. The
	// list is sorted by what was found.
	Name string
}

// An Order is what a store knows of an order that has an id.
type Order struct {
	System, Shop, ID string
	// State is the latest one. It has no At and no Continues. If the order was erased it has no
	// phone and no name.
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
	// an id, also skipped ones.
	Customers, Items, Orders int64
	// Due is how many erasures wait for [Store.Scrub], and DueSince the time of the first of
	// them, zero if there are none.
	Due      int64
	DueSince time.Time
	// Bytes is how much the store takes on the disk, 0 if that is not known.
	Bytes int64
}
