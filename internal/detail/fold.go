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
	kind     lineKind
	order    int32 // its index among those of the chunk
	cost     number
	pieces   number
}

// lineKind says what is known of a line.
type lineKind uint8

const (
	severalPieces lineKind = iota // or none, or a part of one
	onePiece                      // and pieces means nothing
	// plainLine is one piece, and costs its price, of which cost says how it is written: see
	// parseUnits.
	plainLine
)

// An Order is what an order adds to its customer's detail, and to what all orders say.
type Order struct {
	Placed int64 // in milliseconds since 1970; timestamp.None if that is not known
	// Lines are those of the order. If isEven, there are some, they all have one currency, and
	// cost what is in cost together.
	Lines    []Line
	isEven   bool
	currency money.Currency
	cost     number
}

// NewOrder returns an order with these lines, which it keeps.
func NewOrder(placed int64, lines []Line) (o Order) {
	o.set(placed, lines)
	return o
}

func (o *Order) set(placed int64, lines []Line) {
	o.Placed, o.Lines = placed, lines
	if o.isEven = len(lines) > 0; !o.isEven {
		return
	}
	o.currency = lines[0].Currency
	var cost number
	for i := range lines {
		sum, ok := cost.plus(&lines[i].cost)
		if !ok || lines[i].Currency != o.currency {
			o.isEven = false
			return
		}
		cost = sum
	}
	o.cost = cost
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
	if len(quantity) == 0 && len(total) == 0 {
		l.setPrice(price)
		return
	}
	if l.kind = onePiece; len(quantity) > 0 {
		l.kind, l.pieces = severalPieces, parse(quantity)
	}
	if len(total) > 0 {
		l.cost = parse(total)
		return
	}
	one := parse(price)
	l.cost = one.times(&l.pieces)
}

// setPrice sets what a line costs that is about one piece and has no total.
func (l *Line) setPrice(price []byte) {
	n, ok := parseUnits(price)
	if l.kind, l.cost = plainLine, n; !ok {
		l.kind, l.cost = onePiece, parse(price)
	}
}

// AddLine adds a line to its item's detail. placed is the order's time. at is the line's
// position, or key is its version.
func (d *Detail) AddLine(l *Line, price []byte, placed, at int64, key []byte) {
	d.times.add(momentOf(placed))
	d.add(l.Currency, &l.cost)
	m := d.extra()
	if l.kind != severalPieces {
		m.ones++
	} else {
		m.quantity = m.quantity.Add(l.pieces.amount())
	}
	m.prices.add(price, placed, at, key)
}

// AddOrder adds an order to its customer's detail.
func (d *Detail) AddOrder(o *Order) {
	d.times.add(momentOf(o.Placed))
	if o.isEven {
		d.add(o.currency, &o.cost)
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
	items            []item // by the numbers that a fold gives them
	order, key       []byte // of the version of a line
}

// Orders take orders.
type Orders interface {
	// AddOrder takes the i-th order. Its lines are valid until it returns.
	AddOrder(c *columns.Orders, i int, o *Order)
}

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
		var currency money.Currency // of most lines
		if code := c.OrderCurrency(i); len(code) > 0 {
			currency, _ = money.ParseCurrency(code)
		}
		for k := range lines {
			j, l := from+k, &lines[k]
			if l.order = int32(i); c.IsPlainLine(j) {
				l.Currency = currency
				l.setPrice(c.Price(j))
			} else {
				l.set(c.Price(j), c.Quantity(j), c.Total(j), c.Currency(i, j))
			}
		}
		o := &a.orders[i-first]
		o.set(c.Placed(i), lines)
		if a.Orders != nil && !isSkipped(c, i) {
			a.Orders.AddOrder(c, i, o)
		}
	}
}

// Customer folds the i-th of the orders into its customer's detail.
func (a *Accumulator) Customer(c *columns.Orders, d table.Detail, i int) {
	d.(*Detail).AddOrder(&a.orders[i])
}

// Items folds the lines of the orders from the j-th on into the items with these numbers, one
// line for each number.
func (a *Accumulator) Items(c *columns.Orders, numbers []uint16, j int) {
	for i, n := range numbers {
		if int(n) >= len(a.items) {
			a.items = append(a.items, make([]item, int(n)+1-len(a.items))...)
		}
		l, it := &a.lines[j+i], &a.items[n]
		at := c.LinePosition(a.firstLine + j + i)
		if it.isUsual(l, at) {
			it.count++
			it.times.add(momentOf(a.orders[int(l.order)-a.first].Placed))
			continue
		}
		a.add(c, it.others(), j+i)
		if l.kind == plainLine && !c.Versioned {
			it.setUsual(l, at)
		}
	}
}

// Take returns what the lines of a number came to, and forgets it.
func (a *Accumulator) Take(number int) table.Detail {
	if number >= len(a.items) || a.items[number].detail == nil {
		return nil
	}
	taken := a.items[number].others()
	a.items[number] = item{}
	return taken
}

// Item folds the j-th line of the orders into its item's detail.
func (a *Accumulator) Item(c *columns.Orders, d table.Detail, j int) { a.add(c, d.(*Detail), j) }

func (a *Accumulator) add(c *columns.Orders, d *Detail, j int) {
	l := &a.lines[j]
	line, order := a.firstLine+j, int(l.order)
	placed := a.orders[order-a.first].Placed
	if !c.Versioned {
		d.AddLine(l, c.Price(line), placed, c.LinePosition(line), nil)
		return
	}
	from, _ := c.LineRange(order)
	a.order = c.AppendVersionOrder(a.order[:0], order)
	a.key = version.Version{Time: c.VersionTime(order), Order: a.order, Line: int64(line - from)}.AppendKey(a.key[:0])
	d.AddLine(l, c.Price(line), placed, 0, a.key)
}

// isSkipped reports whether the i-th order is skipped.
func isSkipped(c *columns.Orders, i int) bool {
	return len(c.Details) > 0 && c.Details[i].Skipped != 0
}
