package records

import (
	"io"
	"iter"
)

// Items are the items' records, by name.
type Items struct{ table table }

// An Item is what is known of an item.
type Item struct {
	// Price is the latest: a decimal number, as the source writes it.
	Price string
	// Orders counts the order lines with the item.
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

func (t *Items) write(j *jsonWriter, indent int) {
	j.object(indent, &t.table, func(t *jsonText, p *part, n uint32) {
		r := p.at(n)
		t.string(p.key(t.room[:0], r))
		t.raw(": {")
		t.newline(indent + 2)
		t.raw(`"price": `)
		t.buf = append(t.buf, p.text(t.room[:0], r)...)
		t.raw(",")
		t.newline(indent + 2)
		t.raw(`"orders": `)
		t.integer(*p.times(n))
		t.newline(indent + 1)
		t.raw("}")
	})
}
