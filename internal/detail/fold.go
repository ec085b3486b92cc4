package detail

import (
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/table"
	"process-orders/internal/version"
	"process-orders/money"
)

// A Line is what a line adds to details.
type Line struct {
	// Currency is none if the line has no code of one.
	Currency money.Currency
	isOne    bool  // it is about one piece, and pieces means nothing
	order    int32 // its index among those of the chunk
	cost     number
	pieces   number
}

// An Order is what an order adds to its customer's detail, and to what all orders say.
type Order struct {
	Placed int64 // in milliseconds since 1970; timestamp.None if that is not known
	// Lines are those of the order. If isEven, they all have one currency and cost what is in
	// cost together.
	Lines  []Line
	isEven bool
	cost   number
}

// NewOrder returns an order with these lines, which it keeps.
func NewOrder(placed int64, lines []Line) Order {
	o := Order{Placed: placed, Lines: lines, isEven: true}
	for i := range lines {
		if lines[i].Currency != lines[0].Currency {
			o.isEven = false
			break
		}
		sum, ok := o.cost.plus(&lines[i].cost)
		if !ok {
			o.isEven = false
			break
		}
		o.cost = sum
	}
	return o
}

// NewLine computes what a line costs by the rule of [money.Cost], and keeps nothing of the texts.
func NewLine(price, quantity, total, currency []byte) (l Line) {
	l.set(price, quantity, total, currency)
	return l
}

func (l *Line) set(price, quantity, total, currency []byte) {
	l.Currency = money.Currency{}
	if len(currency) > 0 {
		l.Currency, _ = money.ParseCurrency(currency)
	}
	if l.isOne = len(quantity) == 0; !l.isOne {
		l.pieces = parse(quantity)
	}
	switch {
	case len(total) > 0:
		l.cost = parse(total)
	case l.isOne:
		l.cost = parse(price)
	default:
		one := parse(price)
		l.cost = one.times(&l.pieces)
	}
}

// AddLine adds a line to its item's detail. placed is the order's time. at is the line's
// position, or key is its version.
func (d *Detail) AddLine(l *Line, price []byte, placed, at int64, key []byte) {
	d.addTimes(momentOf(placed), momentOf(placed))
	d.add(l.Currency, &l.cost)
	m := d.extra()
	if l.isOne {
		m.ones++
	} else {
		m.quantity = m.quantity.Add(l.pieces.amount())
	}
	m.prices.add(price, placed, at, key)
}

// AddOrder adds an order to its customer's detail.
func (d *Detail) AddOrder(o *Order) {
	d.addTimes(momentOf(o.Placed), momentOf(o.Placed))
	if len(o.Lines) > 0 && o.isEven {
		d.add(o.Lines[0].Currency, &o.cost)
		return
	}
	for i := range o.Lines {
		d.add(o.Lines[i].Currency, &o.Lines[i].cost)
	}
}

// An Accumulator folds the details of orders for a fold.Accumulator: it is its Details.
type Accumulator struct {
	// Orders, if not nil, gets each order that stands.
	Orders Orders

	// These belong to the orders that are being folded. first is the index of the first
	// order, firstLine that of its first line.
	first, firstLine int
	lines            []Line
	orders           []Order
	order, key       []byte // of the version of a line
}

// Orders take orders.
type Orders interface {
	// AddOrder takes the i-th order. Its lines are valid until it returns.
	AddOrder(c *columns.Orders, i int, o *Order)
}

// New returns an empty detail.
func (a *Accumulator) New() table.Detail { return new(Detail) }

// Prepare computes the lines of the orders i with first <= i < end.
func (a *Accumulator) Prepare(c *columns.Orders, first, end int) {
	a.first = first
	a.firstLine, _ = c.LineRange(first)
	_, endLine := c.LineRange(end - 1)
	n := endLine - a.firstLine
	a.lines = slices.Grow(a.lines[:0], n)[:n]
	a.orders = slices.Grow(a.orders[:0], end-first)[:end-first]
	for i := first; i < end; i++ {
		from, to := c.LineRange(i)
		lines := a.lines[from-a.firstLine : to-a.firstLine]
		for k := range lines {
			j, l := from+k, &lines[k]
			l.order = int32(i)
			l.set(c.Price(j), c.Quantity(j), c.Total(j), c.Currency(i, j))
		}
		o := &a.orders[i-first]
		*o = NewOrder(c.Placed(i), lines)
		if a.Orders != nil && !isSkipped(c, i) {
			a.Orders.AddOrder(c, i, o)
		}
	}
}

// Customer folds the i-th of the orders into its customer's detail.
func (a *Accumulator) Customer(c *columns.Orders, d table.Detail, i int) {
	d.(*Detail).AddOrder(&a.orders[i])
}

// Item folds the j-th line of the orders into its item's detail.
func (a *Accumulator) Item(c *columns.Orders, d table.Detail, j int) {
	l := &a.lines[j]
	line, order := a.firstLine+j, int(l.order)
	placed := a.orders[order-a.first].Placed
	if !c.Versioned {
		d.(*Detail).AddLine(l, c.Price(line), placed, c.LinePosition(line), nil)
		return
	}
	from, _ := c.LineRange(order)
	a.order = c.AppendVersionOrder(a.order[:0], order)
	a.key = version.Version{Time: c.VersionTime(order), Order: a.order, Line: int64(line - from)}.AppendKey(a.key[:0])
	d.(*Detail).AddLine(l, c.Price(line), placed, 0, a.key)
}

// isSkipped reports whether the i-th order is skipped.
func isSkipped(c *columns.Orders, i int) bool {
	return len(c.Details) > 0 && c.Details[i].Skipped != 0
}
