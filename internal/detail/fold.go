package detail

import (
	"process-orders/internal/columns"
	"process-orders/internal/table"
	"process-orders/internal/version"
	"process-orders/money"
)

// A Line is what a line adds to details.
type Line struct {
	// Currency is none if the line has no code of one.
	Currency     money.Currency
	order        int // its index among those of the chunk
	cost, pieces number
}

var onePiece = number{units: 1}

// NewLine computes what a line costs by the rule of [money.Cost], and keeps nothing of the texts.
func NewLine(price, quantity, total, currency []byte) (l Line) {
	l.set(price, quantity, total, currency)
	return l
}

func (l *Line) set(price, quantity, total, currency []byte) {
	l.Currency, _ = money.ParseCurrency(currency)
	l.pieces = onePiece
	if len(quantity) > 0 {
		l.pieces = parse(quantity)
	}
	if len(total) > 0 {
		l.cost = parse(total)
		return
	}
	l.cost = parse(price)
	if len(quantity) > 0 {
		l.cost = l.cost.times(&l.pieces)
	}
}

// AddLine adds a line to its item's detail. placed is the order's time. at is the line's
// position, or key is its version.
func (d *Detail) AddLine(l *Line, price []byte, placed, at int64, key []byte) {
	d.addTimes(momentOf(placed), momentOf(placed))
	d.add(l.Currency, &l.cost)
	m := d.extra()
	m.addPieces(&l.pieces)
	m.prices.add(price, placed, at, key)
}

// AddOrder adds an order with these lines to its customer's detail.
func (d *Detail) AddOrder(placed int64, lines []Line) {
	d.addTimes(momentOf(placed), momentOf(placed))
	for i := range lines {
		d.add(lines[i].Currency, &lines[i].cost)
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
	order, key       []byte // of the version of a line
}

// Orders take orders.
type Orders interface {
	// AddOrder takes the i-th order. placed is its time, in milliseconds since 1970, or
	// timestamp.None. The lines are valid until it returns.
	AddOrder(c *columns.Orders, i int, placed int64, lines []Line)
}

// New returns an empty detail.
func (a *Accumulator) New() table.Detail { return new(Detail) }

// Prepare computes the lines of the orders i with first <= i < end.
func (a *Accumulator) Prepare(c *columns.Orders, first, end int) {
	a.lines, a.first = a.lines[:0], first
	a.firstLine, _ = c.LineRange(first)
	for i := first; i < end; i++ {
		from, to := c.LineRange(i)
		for j := from; j < to; j++ {
			a.lines = append(a.lines, Line{order: i})
			a.lines[len(a.lines)-1].set(c.Price(j), c.Quantity(j), c.Total(j), c.Currency(i, j))
		}
		if a.Orders != nil && !isSkipped(c, i) {
			a.Orders.AddOrder(c, i, c.Placed(i), a.linesOf(c, i))
		}
	}
}

// linesOf returns the lines of the i-th order.
func (a *Accumulator) linesOf(c *columns.Orders, i int) []Line {
	from, to := c.LineRange(i)
	return a.lines[from-a.firstLine : to-a.firstLine]
}

// Customer folds the i-th of the orders into its customer's detail.
func (a *Accumulator) Customer(c *columns.Orders, d table.Detail, i int) {
	d.(*Detail).AddOrder(c.Placed(a.first+i), a.linesOf(c, a.first+i))
}

// Item folds the j-th line of the orders into its item's detail.
func (a *Accumulator) Item(c *columns.Orders, d table.Detail, j int) {
	l := &a.lines[j]
	line := a.firstLine + j
	if !c.Versioned {
		d.(*Detail).AddLine(l, c.Price(line), c.Placed(l.order), c.LinePosition(line), nil)
		return
	}
	from, _ := c.LineRange(l.order)
	a.order = c.AppendVersionOrder(a.order[:0], l.order)
	a.key = version.Version{Time: c.VersionTime(l.order), Order: a.order, Line: int64(line - from)}.AppendKey(a.key[:0])
	d.(*Detail).AddLine(l, c.Price(line), c.Placed(l.order), 0, a.key)
}

// isSkipped reports whether the i-th order is skipped.
func isSkipped(c *columns.Orders, i int) bool {
	return len(c.Details) > 0 && c.Details[i].Skipped != 0
}
