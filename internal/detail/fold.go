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
	cost     number
	pieces   number
}

// lineKind says what is known of a line.
type lineKind uint8

const (
	severalPieces lineKind = iota // or none, or a part of one
	onePiece                      // and pieces means nothing
	// plainLine is one piece, and costs its price, as parseUnits reads it.
	plainLine
)

// An Order is what an order adds to its customer's detail, and to what all orders say.
//
// Nearly all orders are even: there are lines, which have one currency, and what they cost
// together is a small number.
type Order struct {
	Placed int64  // in milliseconds since 1970; timestamp.None if that is not known
	lines  []Line // of one that is not even
	count  int32  // of its lines
	// added is how many of them have the currency, and their costs are in units and places: see
	// number.
	added    int32
	units    int64
	places   uint8
	currency money.Currency
	own      money.Currency // of all lines without one of their own
}

// NewOrder returns an order with these lines, which it keeps.
func NewOrder(placed int64, lines []Line) Order {
	o := Order{Placed: placed, lines: lines, count: int32(len(lines))}
	for i := range lines {
		o.add(lines[i].Currency, &lines[i].cost)
	}
	return o
}

// add adds what a line costs. If that cannot be, the order is not even.
func (o *Order) add(c money.Currency, cost *number) {
	if o.added == 0 {
		o.currency = c
	} else if o.currency != c {
		return
	}
	have := o.cost()
	if sum, ok := have.plus(cost); ok {
		o.units, o.places = sum.units, sum.places
		o.added++
	}
}

// addUsual is add for a line in the order's own currency.
func (o *Order) addUsual(it *item) {
	if o.added == 0 {
		o.currency = o.own
	}
	if sum := o.units + it.units; o.currency == o.own && -maxUnits < sum && sum < maxUnits {
		o.units, o.places = sum, max(o.places, it.places)
		o.added++
	}
}

// cost is what the lines cost together that are added.
func (o *Order) cost() number { return number{units: o.units, places: o.places} }

func (o *Order) isEven() bool { return o.count > 0 && o.added == o.count }

// Lines returns how many lines the order has.
func (o *Order) Lines() int64 { return int64(o.count) }

// HasCurrency reports whether the first line has a currency.
func (o *Order) HasCurrency() bool {
	if o.isEven() {
		return !o.currency.IsNone()
	}
	return len(o.lines) > 0 && !o.lines[0].Currency.IsNone()
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
	if o.isEven() {
		cost := o.cost()
		d.add(o.currency, &cost)
		return
	}
	for i := range o.lines {
		d.add(o.lines[i].Currency, &o.lines[i].cost)
	}
}

// An Accumulator folds the details of orders for a fold.Accumulator: it is its Details.
//
// Lines come first. Each is read when it comes to its item, and what it costs is added to its
// order there. So a line that is like the one before of its item is not read at all: what it
// costs is known. Then the orders are complete, and come to their customers.
type Accumulator struct {
	// Orders, if not nil, gets all orders.
	Orders Orders

	// These belong to the orders that are being folded. first is the index of the first
	// order, firstLine that of its first line.
	first, firstLine int
	orders           []Order
	orderOf          []uint32 // of each line, its index in orders
	lines            []Line   // of orders that are not even
	items            []item   // by the numbers that a fold gives them
	order, key       []byte   // of the version of a line
}

// Orders take orders.
type Orders interface {
	// AddAll takes orders, of which the first is the one with the index first. Skipped ones
	// are among them. What they have is valid until it returns.
	AddAll(c *columns.Orders, first int, all []Order)
}

// Prepare makes the orders i with first <= i < end those that are being folded.
func (a *Accumulator) Prepare(c *columns.Orders, first, end int) {
	a.first = first
	a.firstLine, _ = c.LineRange(first)
	_, endLine := c.LineRange(end - 1)
	a.orders, a.orderOf, a.lines = slices.Grow(a.orders[:0], end-first), slices.Grow(a.orderOf[:0], endLine-a.firstLine), a.lines[:0]
	for i := first; i < end; i++ {
		from, to := c.LineRange(i)
		o := Order{Placed: c.Placed(i), count: int32(to - from)}
		if code := c.OrderCurrency(i); len(code) > 0 {
			o.own, _ = money.ParseCurrency(code)
		}
		a.orders = append(a.orders, o)
		for range to - from {
			a.orderOf = append(a.orderOf, uint32(i-first))
		}
	}
}

// Items folds the lines of the orders from the j-th on into the items with these numbers, one
// line for each number.
func (a *Accumulator) Items(c *columns.Orders, numbers []uint16, j int) {
	for i := 0; i < len(numbers); {
		order := int(a.orderOf[j+i])
		_, end := c.LineRange(a.first + order)
		n := min(len(numbers)-i, end-a.firstLine-j-i)
		a.itemsOf(c, order, numbers[i:i+n], j+i)
		i += n
	}
}

// itemsOf is Items for lines of one order.
func (a *Accumulator) itemsOf(c *columns.Orders, order int, numbers []uint16, j int) {
	o, lines, isPlain := &a.orders[order], c.AllLines[a.firstLine+j:], len(c.LineDetails) == 0
	placed := momentOf(o.Placed)
	for i, n := range numbers {
		if int(n) >= len(a.items) {
			a.items = append(a.items, make([]item, int(n)+1-len(a.items))...)
		}
		it := &a.items[n]
		if it.isUsual(c, lines[i].Price, o.own) && (isPlain || c.IsPlainLine(a.firstLine+j+i)) {
			o.addUsual(it)
			it.count++
			it.times.add(placed)
		} else if l := a.add(c, it.others(), j+i); l.kind == plainLine && !c.Versioned {
			it.setUsual(&l, c.Price(a.firstLine+j+i))
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

// add reads the j-th line of the orders, and adds it to its order and to its item's detail.
func (a *Accumulator) add(c *columns.Orders, d *Detail, j int) Line {
	line, order := a.firstLine+j, int(a.orderOf[j])
	o := &a.orders[order]
	l := a.read(c, order, line)
	o.add(l.Currency, &l.cost)
	if !c.Versioned {
		d.AddLine(&l, c.Price(line), o.Placed, c.LinePosition(line), nil)
		return l
	}
	from, _ := c.LineRange(a.first + order)
	a.order = c.AppendVersionOrder(a.order[:0], a.first+order)
	a.key = version.Version{Time: c.VersionTime(a.first + order), Order: a.order, Line: int64(line - from)}.AppendKey(a.key[:0])
	d.AddLine(&l, c.Price(line), o.Placed, 0, a.key)
	return l
}

// read reads a line of an order.
func (a *Accumulator) read(c *columns.Orders, order, line int) (l Line) {
	if c.IsPlainLine(line) {
		l.Currency = a.orders[order].own
		l.setPrice(c.Price(line))
	} else {
		l.set(c.Price(line), c.Quantity(line), c.Total(line), c.Currency(a.first+order, line))
	}
	return l
}

// Complete is called when all lines have come. It reads those of orders that are not even once
// more, as their customers need each of them.
func (a *Accumulator) Complete(c *columns.Orders) {
	for n := range a.orders {
		o, i := &a.orders[n], a.first+n
		if o.added != o.count {
			start := len(a.lines)
			for line, to := c.LineRange(i); line < to; line++ {
				a.lines = append(a.lines, a.read(c, n, line))
			}
			o.lines = a.lines[start:]
		}
	}
	if a.Orders != nil {
		a.Orders.AddAll(c, a.first, a.orders)
	}
}

// Customers folds orders into details of customers, by the numbers of their records.
func (a *Accumulator) Customers(s *table.Shard, numbers, orders []uint32) {
	table.ChangeDetails(s, numbers, func(i int, d *Detail) (grown int64) {
		before := d.Bytes()
		d.AddOrder(&a.orders[orders[i]])
		return d.Bytes() - before
	})
}
