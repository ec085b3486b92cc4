package records

import (
	"bytes"
	"io"
	"iter"
)

// Items are the items' records, by name.
type Items struct {
	index
	records []item
}

type item struct {
	price   cell
	orders  int64
	priceAt int64 // where the price was read
	first   int64 // where the item first appeared
}

// An Item is what is known of an item.
type Item struct {
	// Price is the latest: a decimal number, as the source writes it.
	Price string
	// Orders counts the order lines with the item.
	Orders int64
}

// add folds in one line of an order.
func (t *Items) add(name, price []byte, at int64) {
	n, fresh := t.put(name)
	if fresh {
		t.records = append(t.records, item{first: at})
	}
	r := &t.records[n]
	r.orders++
	t.reprice(r, price, at)
}

func (t *Items) reprice(r *item, price []byte, at int64) {
	r.priceAt = at
	if !bytes.Equal(t.texts.get(r.price.ref), price) {
		t.texts.set(&r.price, price)
	}
}

// merge folds in other items, whose positions are shift further along.
func (t *Items) merge(other *Items, shift int64) {
	for i := range other.records {
		from := &other.records[i]
		n, fresh := t.put(other.key(uint32(i)))
		if fresh {
			t.records = append(t.records, item{first: from.first + shift, priceAt: -1})
		}
		to := &t.records[n]
		to.orders += from.orders
		to.first = min(to.first, from.first+shift)
		if from.priceAt+shift > to.priceAt {
			t.reprice(to, other.texts.get(from.price.ref), from.priceAt+shift)
		}
	}
}

// Len is the number of items.
func (t *Items) Len() int { return len(t.records) }

// Item is the record of the item with that name; ok is false where there is
// none.
func (t *Items) Item(name string) (record Item, ok bool) {
	n, ok := t.find([]byte(name))
	if !ok {
		return Item{}, false
	}
	return t.record(n), true
}

func (t *Items) record(n uint32) Item {
	r := &t.records[n]
	return Item{string(t.texts.get(r.price.ref)), r.orders}
}

// All yields each item's name and record, in the order in which they first
// appeared in the input.
func (t *Items) All() iter.Seq2[string, Item] {
	return func(yield func(string, Item) bool) {
		for _, n := range t.order() {
			if !yield(string(t.key(n)), t.record(n)) {
				return
			}
		}
	}
}

func (t *Items) order() []uint32 {
	return inOrder(len(t.records), func(i uint32) int64 { return t.records[i].first })
}

// WriteTo writes the items as JSON: {"NAME": {"price": 9.50, "orders": 3}, …}.
func (t *Items) WriteTo(w io.Writer) (int64, error) { return writeDocument(w, t) }

func (t *Items) appendTo(j *jsonWriter, indent int) {
	j.object(indent, t.order(), func(n uint32) {
		r := &t.records[n]
		j.string(t.key(n))
		j.raw(": {")
		j.newline(indent + 2)
		j.raw(`"price": `)
		j.rawBytes(t.texts.get(r.price.ref))
		j.raw(",")
		j.newline(indent + 2)
		j.raw(`"orders": `)
		j.integer(r.orders)
		j.newline(indent + 1)
		j.raw("}")
	})
}

func (t *Items) bytes() int64 { return t.index.bytes() + int64(cap(t.records))*40 }
