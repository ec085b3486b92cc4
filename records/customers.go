package records

import (
	"bytes"
	"io"
	"iter"
)

// Unknown is the name of a customer who never provided one.
const Unknown = "Unknown"

// Customers are the customers' records, by phone.
type Customers struct {
	index
	records []customer
}

type customer struct {
	name   cell
	nameAt int64 // where the name was provided, -1 where it never was
	first  int64 // where the customer first appeared
}

// add folds in an order: phone's name is what it provides, if it does.
func (c *Customers) add(phone, name []byte, at int64) {
	n, fresh := c.put(phone)
	if fresh {
		c.records = append(c.records, customer{nameAt: -1, first: at})
	}
	if len(name) > 0 {
		c.rename(&c.records[n], name, at)
	}
}

func (c *Customers) rename(r *customer, name []byte, at int64) {
	r.nameAt = at
	if !bytes.Equal(c.texts.get(r.name.ref), name) {
		c.texts.set(&r.name, name)
	}
}

// merge folds in other customers, whose positions are shift further along.
func (c *Customers) merge(other *Customers, shift int64) {
	for i := range other.records {
		from := &other.records[i]
		n, fresh := c.put(other.key(uint32(i)))
		if fresh {
			c.records = append(c.records, customer{nameAt: -1, first: from.first + shift})
		}
		to := &c.records[n]
		to.first = min(to.first, from.first+shift)
		if from.nameAt >= 0 && from.nameAt+shift > to.nameAt {
			c.rename(to, other.texts.get(from.name.ref), from.nameAt+shift)
		}
	}
}

func (c *Customers) name(r *customer) []byte {
	if r.nameAt < 0 {
		return []byte(Unknown)
	}
	return c.texts.get(r.name.ref)
}

// Len is the number of customers.
func (c *Customers) Len() int { return len(c.records) }

// Name is the name of the customer with that phone; ok is false where there is
// none.
func (c *Customers) Name(phone string) (name string, ok bool) {
	n, ok := c.find([]byte(phone))
	if !ok {
		return "", false
	}
	return string(c.name(&c.records[n])), true
}

// All yields each customer's phone and name, in the order in which they first
// appeared in the input.
func (c *Customers) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, n := range c.order() {
			if !yield(string(c.key(n)), string(c.name(&c.records[n]))) {
				return
			}
		}
	}
}

func (c *Customers) order() []uint32 {
	return inOrder(len(c.records), func(i uint32) int64 { return c.records[i].first })
}

// WriteTo writes the customers as JSON: {"PHONE": "NAME", …}.
func (c *Customers) WriteTo(w io.Writer) (int64, error) { return writeDocument(w, c) }

func (c *Customers) appendTo(j *jsonWriter, indent int) {
	j.object(indent, c.order(), func(n uint32) {
		j.string(c.key(n))
		j.raw(": ")
		j.string(c.name(&c.records[n]))
	})
}

func (c *Customers) bytes() int64 { return c.index.bytes() + int64(cap(c.records))*32 }
