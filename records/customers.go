package records

import (
	"io"
	"iter"
)

// Unknown is the name of a customer who never provided one.
const Unknown = "Unknown"

// Customers are the customers' records, by phone.
type Customers struct{ table table }

// Len is the number of customers.
func (c *Customers) Len() int { return c.table.len() }

// Name is the name of the customer with that phone; the second result is false
// where there is none.
func (c *Customers) Name(phone string) (string, bool) {
	p, n := c.table.lookup(phone)
	if p == nil {
		return "", false
	}
	return string(name(nil, p, p.at(n))), true
}

// All yields each customer's phone and name, in the order in which they first
// appeared in the input.
func (c *Customers) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for p, n := range c.table.all() {
			r := p.at(n)
			if !yield(string(p.key(nil, r)), string(name(nil, p, r))) {
				return
			}
		}
	}
}

// name is the customer's name. It may be in room.
func name(room []byte, p *part, r *record) []byte {
	if r.textLength() == 0 {
		return append(room, Unknown...)
	}
	return p.text(room, r)
}

// WriteTo writes the customers as JSON: {"PHONE": "NAME", …}.
func (c *Customers) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { c.write(j, 0) })
}

func (c *Customers) write(j *jsonWriter, indent int) {
	j.object(indent, &c.table, func(t *jsonText, p *part, n uint32) {
		r := p.at(n)
		t.string(p.key(t.room[:0], r))
		t.raw(": ")
		t.string(name(t.room[:0], p, r))
	})
}
