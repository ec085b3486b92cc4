package records

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"time"

	"process-orders/money"
)

// Items are the items' records, by name.
type Items struct {
	table  table
	count  Count
	detail bool // WriteTo writes details
}

// An ItemDetail is what is known of an item where Options.Detail says so.
type ItemDetail struct {
	Item
	// Quantity is how many were ordered, Revenue what these lines cost.
	Quantity money.Amount
	Revenue  []money.Sum
	// Prices are the different ones, in the order in which they came first: the
	// first 64.
	Prices []PriceTold
}

// A PriceTold is a price and when an order came with it first.
type PriceTold struct {
	Price string
	// Since is the time of that order, zero where it has none.
	Since time.Time
}

// Details yields each item's name and detail, in the order of All, and nothing
// where details are not kept.
func (t *Items) Details() iter.Seq2[string, ItemDetail] {
	return func(yield func(string, ItemDetail) bool) {
		if t.table.keep != keepDetails {
			return
		}
		for p, n := range t.table.all() {
			d := p.detail(n)
			detail := ItemDetail{Item: item(p, n), Quantity: d.quantity, Revenue: d.money()}
			slices.SortFunc(d.told, func(a, b told) int { return cmp.Compare(a.at, b.at) })
			for _, t := range d.told {
				detail.Prices = append(detail.Prices, PriceTold{t.text, timeOf(t.time)})
			}
			if !yield(string(p.key(nil, p.at(n))), detail) {
				return
			}
		}
	}
}

// An Item is what is known of an item.
type Item struct {
	// Price is the latest: a decimal number, as the source writes it.
	Price string
	// Orders counts the order lines with the item, or the orders where
	// Options.Count says so.
	Orders int64
}

// Len is the number of items.
func (t *Items) Len() int { return t.table.len() }

// Item is the record of the item with that name; ok is false where there is
// none.
func (t *Items) Item(name string) (record Item, ok bool) {
	p, n := t.table.lookup(name)
	if p == nil {
		return Item{}, false
	}
	return item(p, n), true
}

func item(p *part, n uint32) Item {
	return Item{string(p.text(nil, p.at(n))), *p.times(n)}
}

// All yields each item's name and record, in the order in which they first
// appeared in the input.
func (t *Items) All() iter.Seq2[string, Item] {
	return func(yield func(string, Item) bool) {
		for p, n := range t.table.all() {
			if !yield(string(p.key(nil, p.at(n))), item(p, n)) {
				return
			}
		}
	}
}

// WriteTo writes the items as JSON: {"NAME": {"price": 9.50, "orders": 3}, …}.
func (t *Items) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { t.write(j, 0) })
}

func (items *Items) write(j *jsonWriter, indent int) {
	j.object(indent, &items.table, func(t *jsonText, p *part, n uint32) {
		r := p.at(n)
		t.string(p.key(t.room[:0], r))
		t.raw(": {")
		t.newline(indent + 2)
		t.raw(`"price": `)
		t.buf = append(t.buf, p.text(t.room[:0], r)...)
		t.member(",", "orders", indent+2)
		if items.count == CountQuantity {
			t.buf = p.detail(n).quantity.Trim(0).Append(t.buf)
		} else {
			t.integer(*p.times(n))
		}
		if items.detail {
			d := p.detail(n)
			t.member(",", "quantity", indent+2)
			t.buf = d.quantity.Trim(0).Append(t.buf)
			t.member(",", "revenue", indent+2)
			t.money(d.sums, indent+2)
		}
		t.newline(indent + 1)
		t.raw("}")
	})
}
