package records

import (
	"io"
	"iter"
	"time"

	"process-orders/money"
)

// Unknown is the name of a customer who never provided one.
const Unknown = "Unknown"

// Customers are the customers' records, by phone.
type Customers struct {
	table  table
	detail bool // WriteTo writes details
}

// A CustomerDetail is what is known of a customer where Options.Detail says so.
type CustomerDetail struct {
	Name   string
	Orders int64
	// Spent is what the lines of the orders cost, by currency.
	Spent []money.Sum
	// First and Last are the times of the orders, zero where none has one that
	// can be read.
	First, Last time.Time
	// SeveralNames says that orders gave different names.
	SeveralNames bool
}

// Details yields each customer's phone and detail, in the order of All, and nothing
// where details are not kept.
func (c *Customers) Details() iter.Seq2[string, CustomerDetail] {
	return func(yield func(string, CustomerDetail) bool) {
		if c.table.keep != keepDetails {
			return
		}
		for p, n := range c.table.all() {
			r, d := p.at(n), p.detail(n)
			detail := CustomerDetail{string(name(nil, p, r)), *p.times(n), d.money(), timeOf(d.first), timeOf(d.last), d.several}
			if !yield(string(p.key(nil, r)), detail) {
				return
			}
		}
	}
}

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
		if c.detail {
			c.writeDetail(t, indent+2, p, n)
			return
		}
		t.string(name(t.room[:0], p, r))
	})
}

// writeDetail writes {"name": …, "orders": …, "spent": {"USD": …}, "first": …, "last": …}.
func (c *Customers) writeDetail(t *jsonText, indent int, p *part, n uint32) {
	d := p.detail(n)
	t.raw("{")
	t.member("", "name", indent)
	t.string(name(t.room[:0], p, p.at(n)))
	t.member(",", "orders", indent)
	t.integer(*p.times(n))
	t.member(",", "spent", indent)
	t.money(d.sums, indent)
	t.member(",", "first", indent)
	t.time(d.first)
	t.member(",", "last", indent)
	t.time(d.last)
	t.newline(indent - 1)
	t.raw("}")
}
