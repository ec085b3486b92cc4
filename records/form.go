package records

import (
	"io"
	"iter"
	"time"

	"process-orders/money"
)

// The form of the two files and of the document that holds both is here, and nowhere else.

// WriteTo writes both as one JSON document: {"customers": …, "items": …}.
func (r *Records) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { j.both(r.Customers.write, r.Items.write) })
}

// A Form says how much is written of each customer and item. The zero value is what
// [Records.WriteTo] writes without [DetailWritten].
type Form struct {
	// Detail says that all that is known is written, as with [DetailWritten].
	Detail bool
	// Count says what an item's "orders" is: its Quantity with [CountQuantity], and its Orders
	// with all else, whatever these count.
	Count Count
}

// A Customer is a customer to be written by [WriteCustomers].
type Customer struct {
	Phone string
	// Name is "" if it was never provided; then [Unknown] is written.
	Name string
	// The rest is what [CustomerDetail] has. It is written only with [Form].Detail.
	Orders      int64
	Spent       []money.Sum // by currency, and sorted by it
	First, Last time.Time   // zero if it is not known
}

// A NamedItem is an item to be written by [WriteItems].
type NamedItem struct {
	Name string
	Item
	// Quantity is written only with [Form].Detail or [CountQuantity], and Revenue, by currency
	// and sorted by it, only with [Form].Detail.
	Quantity money.Amount
	Revenue  []money.Sum
	// Prices are not written. They are those of [ItemDetail].
	Prices []DatedPrice
}

// WriteCustomers writes customers from anywhere, such as a store, as [Customers.WriteTo]
// writes those of an input: a JSON document, in the order in which they come, each phone
// once. The first error among them ends the writing and is returned; what was written until
// then is no whole document. It returns the number of bytes written.
func WriteCustomers(w io.Writer, customers iter.Seq2[Customer, error], form Form) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { form.customers(customers).write(j, 0) })
}

// WriteItems writes items from anywhere as [Items.WriteTo] writes those of an input; see
// [WriteCustomers].
func WriteItems(w io.Writer, items iter.Seq2[NamedItem, error], form Form) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { form.items(items).write(j, 0) })
}

// WriteDocument writes customers and items from anywhere as one document, as
// [Records.WriteTo] writes those of an input; see [WriteCustomers]. It goes through all
// customers before it starts with the items.
func WriteDocument(w io.Writer, customers iter.Seq2[Customer, error], items iter.Seq2[NamedItem, error], form Form) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { j.both(form.customers(customers).write, form.items(items).write) })
}

func (f Form) customers(customers iter.Seq2[Customer, error]) members[Customer] {
	return members[Customer]{customers, func(t *jsonText, indent int, c Customer) {
		if c.Name == "" {
			c.Name = Unknown
		}
		if f.Detail {
			t.customerDetail(indent, []byte(c.Phone), []byte(c.Name), c.Orders, c.Spent, millisecondsOf(c.First), millisecondsOf(c.Last))
		} else {
			t.customer([]byte(c.Phone), []byte(c.Name))
		}
	}}
}

func (f Form) items(items iter.Seq2[NamedItem, error]) members[NamedItem] {
	return members[NamedItem]{items, func(t *jsonText, indent int, i NamedItem) {
		t.item(indent, []byte(i.Name), []byte(i.Price), i.Orders, i.Quantity, i.Revenue, f)
	}}
}

// both writes {"customers": …, "items": …}.
func (j *jsonWriter) both(customers, items func(j *jsonWriter, indent int)) {
	j.raw("{")
	j.newline(1)
	j.raw(`"customers": `)
	customers(j, 1)
	j.raw(",")
	j.newline(1)
	j.raw(`"items": `)
	items(j, 1)
	j.newline(0)
	j.raw("}")
}

// customer appends "PHONE": "NAME".
func (t *jsonText) customer(phone, name []byte) {
	t.string(phone)
	t.raw(": ")
	t.string(name)
}

// customerDetail appends
//
//	"PHONE": {"name": …, "orders": …, "spent": {"USD": …}, "first": …, "last": …}
//
// as a member at that indentation.
func (t *jsonText) customerDetail(indent int, phone, name []byte, orders int64, spent []money.Sum, first, last int64) {
	t.string(phone)
	t.raw(": {")
	t.member("", "name", indent+1)
	t.string(name)
	t.member(",", "orders", indent+1)
	t.integer(orders)
	t.member(",", "spent", indent+1)
	t.money(spent, indent+1)
	t.member(",", "first", indent+1)
	t.time(first)
	t.member(",", "last", indent+1)
	t.time(last)
	t.newline(indent)
	t.raw("}")
}

// item appends
//
//	"NAME": {"price": 9.50, "orders": 3}
//
// as a member at that indentation. With [CountQuantity], "orders" is the quantity. With
// details, "quantity" and "revenue" follow.
func (t *jsonText) item(indent int, name, price []byte, orders int64, quantity money.Amount, revenue []money.Sum, f Form) {
	t.string(name)
	t.raw(": {")
	t.member("", "price", indent+1)
	t.text = append(t.text, price...)
	t.member(",", "orders", indent+1)
	if f.Count == CountQuantity {
		t.decimal(quantity.Trim(0))
	} else {
		t.integer(orders)
	}
	if f.Detail {
		t.member(",", "quantity", indent+1)
		t.decimal(quantity.Trim(0))
		t.member(",", "revenue", indent+1)
		t.money(revenue, indent+1)
	}
	t.newline(indent)
	t.raw("}")
}

// money appends {"EUR": 1.50, "USD": 2.00}.
func (t *jsonText) money(sums []money.Sum, indent int) {
	t.raw("{")
	comma := ""
	for _, s := range sums {
		t.member(comma, s.Currency.String(), indent+1)
		t.decimal(s.Written())
		comma = ","
	}
	if len(sums) > 0 {
		t.newline(indent)
	}
	t.raw("}")
}
