// Package report writes a page about orders for people: totals, orders over time,
// the items and customers that matter most, prices that changed, and what was left
// out. [Write] is all of it.
//
// The page is one HTML file that needs nothing else: no script, no network, no font.
// The package guarantees that texts from outside stay texts, however hostile they
// are; that amounts are shown with every digit that they were given; and that the
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

	"process-orders/internal/look"
	"process-orders/money"
)

// Data is what the page shows. A part without data is left out of the page, or
// replaced by a few words.
type Data struct {
	Sources  []string // names of the files that were read
	Orders   int64    // accepted
	Lines    int64    // entries of all orders' items
	Rejected int64    // orders that could not be accepted

	Customers, Items int64 // how many different ones

	Skipped []Count // orders left out on purpose, by reason

	// From and To are the times of the first and the last order that has one. They
	// are zero if no order has one.
	From, To time.Time
	// Untimed is how many orders have no time that can be read.
	Untimed int64

	// Revenue has a sum for each currency. The currency of most orders is first. It is
	// the main currency: bars of revenue show no other.
	Revenue []money.Sum

	Days []Day // the days in UTC that have orders

	// The top items, customers and changes, sorted. ItemsByRevenue is sorted by the
	// main currency.
	ItemsByOrders, ItemsByRevenue []Item
	TopCustomers                  []Customer
	PriceChanges                  []PriceChange
}

// A Count is how many orders were left out for a reason, such as "cancelled".
type Count struct {
	Reason string
	Count  int64
}

// A Day is a date and how many orders it has.
type Day struct {
	Date   time.Time
	Orders int64
}

// An Item is one of the top items. Its numbers are decimals as text. Those that are
// empty are left out.
type Item struct {
	Name     string
	Orders   string
	Quantity string
	Price    string // the latest
	Revenue  []money.Sum
}

// A Customer is one of the top customers. The phone is shown as it is given: mask it
// first.
type Customer struct {
	Phone, Name string
	Orders      int64
	Spent       []money.Sum
}

// A PriceChange is an item and its prices, the oldest first. An item with fewer than
// two prices is left out.
type PriceChange struct {
	Item  string
	Steps []PriceStep
}

// A PriceStep is a price and the time of the first order with it, which is zero if it
// is unknown.
type PriceStep struct {
	From  time.Time
	Price string
}

//go:embed page.html
var pageText string

// pageTemplate is parsed when the first page is written. At the start of a program it
// would cost half a millisecond.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(look.AddTo(template.New("page")).Parse(pageText))
})

// Write writes the page about d, which it does not change or keep. An error is one of
// w. What w has by then is of no use.
func Write(w io.Writer, d *Data) error {
	var b bytes.Buffer // the page is small, however many orders there are
	if err := pageTemplate().Execute(&b, newPage(d)); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}
