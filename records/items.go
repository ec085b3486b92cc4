package records

import (
	"bytes"
	"io"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/money"
	"process-orders/orders"
)

// Count says what an item's Orders counts.
type Count uint8

const (
	CountLines    Count = iota // order lines with the item
	CountOrders                // orders with the item, however often each lists it
	CountQuantity              // pieces, or what the source measures in
)

// Items are the items' records, by name.
type Items struct {
	table  table.Table
	count  Count // CountQuantity only if the table has details
	detail bool  // WriteTo writes details
	// oddPrices were found when the items were written last.
	oddPrices atomic.Pointer[OddPrices]
}

// An Item is what is known of an item.
type Item struct {
	// Price is the latest, see [Records]: a decimal number, as the source writes it.
	Price string
	// Orders is the number of order lines with the item, or of orders if [Options].Count
	// is [CountOrders]. A line with a negative quantity takes a sale back, and is not
	// counted.
	Orders int64
}

// Len returns the number of items.
func (items *Items) Len() int { return items.table.Len() }

// Item returns the record of the item with that name, and whether there is one.
func (items *Items) Item(name string) (record Item, ok bool) {
	r, ok := items.table.Get(name)
	if !ok {
		return Item{}, false
	}
	return itemOf(r), true
}

func itemOf(r table.Record) Item { return Item{string(r.Text()), r.Count()} }

// All yields each item's name and record, in the order in which they first appeared.
func (items *Items) All() iter.Seq2[string, Item] {
	return func(yield func(string, Item) bool) {
		for r := range items.table.All() {
			if !yield(string(r.Key()), itemOf(r)) {
				return
			}
		}
	}
}

// An ItemDetail is what is known of an item if [Options].Detail says so.
type ItemDetail struct {
	Item
	// Quantity is how many were ordered, Revenue what these lines cost, by currency.
	Quantity money.Amount
	Revenue  []money.Sum
	// Prices are the different prices, in the order in which they came first. If there
	// were more than 64, these are the first 64.
	Prices []DatedPrice
}

// A DatedPrice is a price, and since when orders have it.
type DatedPrice struct {
	Price string
	// Since is the time of the first order with the price: see [Records] for what is first.
	// It is zero if that order has no time.
	Since time.Time
}

// Details yields each item's name and detail, in the order of All. It yields nothing if
// details are not kept.
func (items *Items) Details() iter.Seq2[string, ItemDetail] {
	return func(yield func(string, ItemDetail) bool) {
		if !items.table.HasDetails() {
			return
		}
		for r := range items.table.All() {
			d := detail.Of(r)
			known := ItemDetail{Item: itemOf(r), Quantity: d.Quantity(), Revenue: d.Sums()}
			for _, p := range d.Prices() {
				known.Prices = append(known.Prices, DatedPrice{p.Text, timeOf(p.Time)})
			}
			if !yield(string(r.Key()), known) {
				return
			}
		}
	}
}

// WriteTo writes the items as a JSON document: {"NAME": {"price": 9.50, "orders": 3}, …}.
// With [DetailWritten] each item has more members.
func (items *Items) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { items.write(j, 0) })
}

func (items *Items) write(j *jsonWriter, indent int) {
	form := Form{Detail: items.detail, Count: items.count}
	hasDetails := form.Detail || form.Count == CountQuantity
	odd := new(OddPrices)
	j.records(indent, &items.table, func(t *jsonText, r table.Record) {
		price := r.Text()
		odd.lookAt(r)
		var quantity money.Amount
		var revenue []money.Sum
		if hasDetails {
			d := detail.Of(r)
			quantity, revenue = d.Quantity(), d.Sums()
		}
		t.item(indent+1, r.Key(), price, r.Count(), quantity, revenue, form)
	})
	items.oddPrices.Store(odd)
}

// OddPrices returns which items had an odd price when they were written last, by
// [Items.WriteTo] or [Records.WriteTo]. Before that it knows of none.
func (items *Items) OddPrices() *OddPrices {
	if found := items.oddPrices.Load(); found != nil {
		return found
	}
	return new(OddPrices)
}

// uncounted returns which of an order's lines are not counted: refunds and, if orders are
// counted, those with an item that the order listed before. It is nil if all are counted.
func (items *Items) uncounted(lines []orders.Line) []bool {
	if items.count != CountOrders && !slices.ContainsFunc(lines, func(l orders.Line) bool { return bytes.HasPrefix(l.Quantity, []byte("-")) }) {
		return nil
	}
	uncounted := make([]bool, len(lines))
	fold.MarkRefunds(uncounted, func(i int) []byte { return lines[i].Quantity })
	if items.count == CountOrders {
		fold.MarkRepeats(uncounted, func(i int) []byte { return lines[i].Item })
	}
	return uncounted
}
