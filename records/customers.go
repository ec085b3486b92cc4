package records

import (
	"io"
	"iter"
	"time"

	"process-orders/internal/detail"
	"process-orders/internal/table"
	"process-orders/money"
)

// Unknown is the name of a customer who never provided one.
const Unknown = "Unknown"

// Customers are the customers' records, by phone.
type Customers struct {
	table  table.Table
	detail bool // WriteTo writes details
}

// Len returns the number of customers.
func (c *Customers) Len() int { return c.table.Len() }

// Name returns the name of the customer with that phone, and whether there is one.
func (c *Customers) Name(phone string) (name string, ok bool) {
	r, ok := c.table.Get(phone)
	if !ok {
		return "", false
	}
	return string(customerName(r)), true
}

// All yields each customer's phone and name, in the order in which they first appeared.
func (c *Customers) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for r := range c.table.All() {
			if !yield(string(r.Key()), string(customerName(r))) {
				return
			}
		}
	}
}

// customerName returns the customer's name. It must not be changed.
func customerName(r table.Record) []byte {
	if !r.HasText() {
		return unknown
	}
	return r.Text()
}

var unknown = []byte(Unknown)

// A CustomerDetail is what is known of a customer if [Options].Detail says so.
type CustomerDetail struct {
	Name   string
	Orders int64
	// Spent is what the lines of the orders cost, by currency.
	Spent []money.Sum
	// First and Last are the times of the first and of the last order; zero if none has a
	// time that can be read.
	First, Last time.Time
	// SeveralNames reports whether orders gave different names.
	SeveralNames bool
}

// Details yields each customer's phone and detail, in the order of All. It yields nothing
// if details are not kept.
func (c *Customers) Details() iter.Seq2[string, CustomerDetail] {
	return func(yield func(string, CustomerDetail) bool) {
		if !c.table.HasDetails() {
			return
		}
		for r := range c.table.All() {
			d := detail.Of(r)
			first, last := d.Times()
			known := CustomerDetail{string(customerName(r)), r.Count(), d.Sums(), timeOf(first), timeOf(last), d.Several()}
			if !yield(string(r.Key()), known) {
				return
			}
		}
	}
}

// WriteTo writes the customers as a JSON document: {"PHONE": "NAME", …}. With
// [DetailWritten] it writes an object for each customer instead of the name.
func (c *Customers) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { c.write(j, 0) })
}

func (c *Customers) write(j *jsonWriter, indent int) {
	j.records(indent, &c.table, func(t *jsonText, r table.Record) {
		phone, name := r.Key(), customerName(r)
		if c.detail {
			d := detail.Of(r)
			first, last := d.Times()
			t.sums = d.AppendSums(t.sums[:0])
			t.customerDetail(indent+1, phone, name, r.Count(), t.sums, first, last)
		} else {
			t.customer(phone, name)
		}
	})
}
