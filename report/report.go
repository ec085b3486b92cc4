// Package report writes a page about orders for people: totals, orders over
// time, the items and customers that matter most, prices that changed, and what
// was left out.
//
// The page is one HTML file that needs nothing else: no script, no network, no
// font. It guarantees that texts from outside stay texts, however hostile they
// are, that amounts are shown digit by digit as they were given, and that the
// same data gives the same bytes.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sync"
	"time"
)

// Data is what the page tells. A part without data is left out of the page, or
// said in a few words.
type Data struct {
	Sources  []string // names of the files that were read
	Orders   int64    // accepted
	Lines    int64    // entries of all orders' items
	Rejected int64    // orders that could not be accepted

	Customers, Items int64 // different ones

	Skipped []Count // orders left out on purpose, for each reason

	// From and To are the times of the first and the last order that has one;
	// zero where none has.
	From, To time.Time
	// Untimed counts the orders without a time that can be read.
	Untimed int64

	// Revenue has an amount for each currency, that with most orders first. It
	// is the main one: bars of revenue show it alone.
	Revenue []Money

	Days []Day // those that have orders, in UTC

	// The top ones, sorted. ItemsByRevenue goes by the main currency.
	ItemsByOrders, ItemsByRevenue []Item
	TopCustomers                  []Customer
	PriceChanges                  []PriceChange
}

// A Count says how many orders were left out for a reason, as in "cancelled".
type Count struct {
	Reason string
	Count  int64
}

// Money is an exact amount: a decimal number as text. The currency is "" where
// the source names none.
type Money struct{ Currency, Amount string }

// A Day is a date and its orders.
type Day struct {
	Date   time.Time
	Orders int64
}

// An Item is one of the top items. Its numbers are decimals as text; those that
// are "" are left out.
type Item struct {
	Name     string
	Orders   string
	Quantity string
	Price    string // the latest
	Revenue  []Money
}

// A Customer is one of the top customers. The phone is written as it is: mask it
// before, as with MaskPhone.
type Customer struct {
	Phone, Name string
	Orders      int64
	Spent       []Money
}

// A PriceChange is an item and its prices, the oldest first. One with fewer than
// two is left out.
type PriceChange struct {
	Item  string
	Steps []PriceStep
}

// A PriceStep is a price and the time of the first order with it; zero where it
// is unknown.
type PriceStep struct {
	From  time.Time
	Price string
}

//go:embed page.html
var pageText string

// pageTemplate is read when a page is written: at every start of a program it would
// cost half a millisecond.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// Write writes the page. An error is one of w; what was written by then is of no
// use. Data stays as it is.
func Write(w io.Writer, d *Data) error {
	var b bytes.Buffer // the page is small, whatever the number of orders
	if err := pageTemplate().Execute(&b, newPage(d)); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}
