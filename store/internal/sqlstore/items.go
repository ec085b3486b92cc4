package sqlstore

import (
	"encoding/binary"
	"strconv"

	"process-orders/money"
	"process-orders/store"
)

// An Item is the row of an item.
type Item struct {
	Name string
	// Fixed is what orders without an id say, and Live what orders with an id say that
	// stand. The versions are empty if there are none.
	Fixed, Live Offer
	// Lines is how many lines of orders with an id have the item, uncounted ones included.
	Lines int64

	// Row is what the database keeps beside the name, with Folded, Price and Orders, which
	// are for searching and for people. See [Item.Seal].
	Row    Sealed
	Folded string
	Price  string
	Orders int64

	latest, first candidates
}

// An Offer is what some orders say of an item.
type Offer struct {
	// Price is the latest price, Priced its version, and First the first appearance.
	Price         string
	Priced, First store.Version
	// Orders is how often the item was ordered. Quantity and Revenue are those of all lines.
	Orders   int64
	Quantity money.Amount
	Revenue  Sums
}

// IsEmpty reports whether no order lists the item.
func (i *Item) IsEmpty() bool { return i.Fixed.First == "" && i.Lines == 0 }

// Record is the item as it is read, without its prices.
func (i *Item) Record(details bool) store.Item {
	r := store.Item{
		Name: i.Name, Price: i.Live.Price, Priced: i.Live.Priced, First: earlier(i.Fixed.First, i.Live.First),
		Orders: i.Fixed.Orders + i.Live.Orders,
	}
	if i.Fixed.Priced > i.Live.Priced {
		r.Price, r.Priced = i.Fixed.Price, i.Fixed.Priced
	}
	if details {
		r.Quantity = i.Fixed.Quantity.Add(i.Live.Quantity).Trim(0)
		r.Revenue = i.Live.Revenue.total(i.Fixed.Revenue.total(nil))
	}
	return r
}

// moreBodyBytes is more than most bodies of items and prices grow by at a time.
const moreBodyBytes = 128

// Seal sets the row to what the item is.
func (i *Item) Seal() {
	shown := i.Record(false)
	i.Folded, i.Price, i.Orders = Folded(i.Name), shown.Price, shown.Orders
	dst := i.Fixed.append(make([]byte, 0, len(i.Row.Body)+moreBodyBytes))
	dst = i.Live.append(dst)
	dst = binary.AppendUvarint(dst, uint64(i.Lines))
	dst = i.first.append(i.latest.append(dst))
	i.Row.Body, i.Row.sum = seal(dst, 0, ItemsTable, i.Name, i.Price, strconv.FormatInt(i.Orders, 10))
}

// Read reads what is in the row, and checks it: Name, Price, Orders and Row.Body are set.
func (i *Item) Read() error {
	body, sum, err := unseal(i.Row.Body, ItemsTable, i.Name, i.Price, strconv.FormatInt(i.Orders, 10))
	if err != nil {
		return err
	}
	i.Folded, i.Row.sum = Folded(i.Name), sum
	in := newBodyReader(body)
	i.Fixed.read(in)
	i.Live.read(in)
	i.Lines = int64(in.unsigned())
	i.first.earliest = true
	i.latest.read(in)
	i.first.read(in)
	return in.err()
}

func (o *Offer) append(dst []byte) []byte {
	dst = appendText(dst, o.First)
	if o.First == "" {
		return dst
	}
	dst = appendText(appendText(dst, o.Price), o.Priced)
	dst = binary.AppendUvarint(dst, uint64(o.Orders))
	return o.Revenue.append(o.Quantity.AppendBinary(dst))
}

func (o *Offer) read(r *bodyReader) {
	if o.First = r.version(); o.First == "" {
		return
	}
	o.Price, o.Priced = r.text(), r.version()
	o.Orders, o.Quantity, o.Revenue = int64(r.unsigned()), r.amount(), r.sums()
}

// merge adds what other orders say.
func (o *Offer) merge(p *Offer) {
	if p.Priced > o.Priced {
		o.Price, o.Priced = p.Price, p.Priced
	}
	o.First = earlier(o.First, p.First)
	o.Orders += p.Orders
	o.Quantity = o.Quantity.Add(p.Quantity)
	o.Revenue = o.Revenue.merge(p.Revenue)
}
