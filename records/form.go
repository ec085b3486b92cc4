package records

import (
	"io"
	"iter"

	"process-orders/internal/detail"
	"process-orders/money"
)

// The form of the two files and of the document that holds both is here, and nowhere else.

// WriteTo writes both as one JSON document: {"customers": …, "items": …}.
func (r *Records) WriteTo(w io.Writer) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { j.both(r.Customers.write, r.Items.write) })
}

// A Customer is a customer to be written by [WriteCustomers].
type Customer struct {
	Phone string
	// Name is "" if it was never provided; then [Unknown] is written.
	Name string
}

// A NamedItem is an item to be written by [WriteItems].
type NamedItem struct {
	Name string
	Item
}

// WriteCustomers writes customers from anywhere, such as a store, as [Customers.WriteTo]
// writes those of an input: a JSON document, in the order in which they come, each phone
// once. The first error among them ends the writing and is returned; what was written until
// then is no whole document. It returns the number of bytes written.
func WriteCustomers(w io.Writer, customers iter.Seq2[Customer, error]) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { customerMembers(customers).write(j, 0) })
}

// WriteItems writes items from anywhere as [Items.WriteTo] writes those of an input; see
// [WriteCustomers].
func WriteItems(w io.Writer, items iter.Seq2[NamedItem, error]) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { itemMembers(items).write(j, 0) })
}

// WriteDocument writes customers and items from anywhere as one document, as
// [Records.WriteTo] writes those of an input; see [WriteCustomers]. It goes through all
// customers before it starts with the items.
func WriteDocument(w io.Writer, customers iter.Seq2[Customer, error], items iter.Seq2[NamedItem, error]) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) { j.both(customerMembers(customers).write, itemMembers(items).write) })
}

func customerMembers(customers iter.Seq2[Customer, error]) members[Customer] {
	return members[Customer]{customers, func(t *jsonText, _ int, c Customer) {
		if c.Name == "" {
			c.Name = Unknown
		}
		t.customer([]byte(c.Phone), []byte(c.Name))
	}}
}

func itemMembers(items iter.Seq2[NamedItem, error]) members[NamedItem] {
	return members[NamedItem]{items, func(t *jsonText, indent int, i NamedItem) {
		t.item(indent, []byte(i.Name), []byte(i.Price), i.Orders, nil, nil)
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
func (t *jsonText) customerDetail(indent int, phone, name []byte, orders int64, d *detail.Detail) {
	t.string(phone)
	t.raw(": {")
	t.member("", "name", indent+1)
	t.string(name)
	t.member(",", "orders", indent+1)
	t.integer(orders)
	t.member(",", "spent", indent+1)
	t.money(d.Sums(), indent+1)
	first, last := d.Times()
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
// as a member at that indentation. If pieces is not nil, "orders" is that number. If d is
// not nil, "quantity" and "revenue" follow.
func (t *jsonText) item(indent int, name, price []byte, orders int64, pieces *money.Amount, d *detail.Detail) {
	t.string(name)
	t.raw(": {")
	t.member("", "price", indent+1)
	t.text = append(t.text, price...)
	t.member(",", "orders", indent+1)
	if pieces != nil {
		t.decimal(pieces.Trim(0))
	} else {
		t.integer(orders)
	}
	if d != nil {
		t.member(",", "quantity", indent+1)
		t.decimal(d.Quantity().Trim(0))
		t.member(",", "revenue", indent+1)
		t.money(d.Sums(), indent+1)
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
