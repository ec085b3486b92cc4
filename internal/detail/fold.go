package detail

import (
	"encoding/binary"
	"math"
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
// together is a small number. Then that is in units and places: see number.
type Order struct {
	Placed   int64 // in milliseconds since 1970; timestamp.None if that is not known
	units    int64
	lines    *[]Line        // of an order that is not even
	count    uint32         // of its lines
	currency money.Currency // of its first line
	places   uint8          // or unevenPlaces
}

// unevenPlaces are the places of an order that has lines, but is not even. They are more than
// any others, so adding lines does not change them.
const unevenPlaces = math.MaxUint8

// NewOrder returns an order with these lines, which it keeps.
func NewOrder(placed int64, lines []Line) Order {
	o := Order{Placed: placed, count: uint32(len(lines))}
	if len(lines) > 0 {
		o.currency = lines[0].Currency
	}
	for i := range lines {
		o.add(&lines[i])
	}
	if o.places == unevenPlaces {
		kept := lines
		o.lines = &kept
	}
	return o
}

// add adds what a line costs. If that cannot be, the order is not even.
func (o *Order) add(l *Line) {
	have := o.cost()
	if sum, ok := have.plus(&l.cost); ok && l.Currency == o.currency {
		o.units, o.places = sum.units, sum.places
	} else {
		o.places = unevenPlaces
	}
}

// addUsual is add for a usual line, which has the currency of the order. It adds nothing if it
// returns false.
func (o *Order) addUsual(it *item) (ok bool) {
	sum := o.units + it.units
	if -maxUnits < sum && sum < maxUnits {
		o.units, o.places = sum, morePlaces(o.places, it.places)
		return true
	}
	return false
}

// cost is what the lines of an even order cost together.
func (o *Order) cost() number { return number{units: o.units, places: o.places} }

func (o *Order) isEven() bool { return o.count > 0 && o.places != unevenPlaces }

// uneven returns the lines of an order that is not even.
func (o *Order) uneven() []Line {
	if o.lines == nil {
		return nil
	}
	return *o.lines
}

// Lines returns how many lines the order has.
func (o *Order) Lines() int64 { return int64(o.count) }

// HasCurrency reports whether the first line has a currency.
func (o *Order) HasCurrency() bool { return !o.currency.IsNone() }

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
	if isOnePiece(quantity) && len(total) == 0 {
		l.setPrice(price)
		return
	}
	if l.kind = onePiece; !isOnePiece(quantity) {
		l.kind, l.pieces = severalPieces, parse(quantity)
	}
	if len(total) > 0 {
		l.cost = parse(total)
		return
	}
	one := parse(price)
	l.cost = one.times(&l.pieces)
}

// isOnePiece reports whether a quantity is written as one piece mostly is.
func isOnePiece(quantity []byte) bool { return len(quantity) == 0 || string(quantity) == "1" }

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
	if d.addEven(o) {
		return
	}
	d.times.add(momentOf(o.Placed))
	if o.isEven() {
		cost := o.cost()
		d.add(o.currency, &cost)
		return
	}
	for _, l := range o.uneven() {
		d.add(l.Currency, &l.cost)
	}
}

// addEven is AddOrder for what nearly always comes: an even order in the currency of those
// before, or the first one. It adds nothing if it returns false.
func (d *Detail) addEven(o *Order) bool {
	sum := d.units + o.units
	if !o.isEven() || d.isUsed && d.currency != o.currency || -maxUnits >= sum || sum >= maxUnits {
		return false
	}
	d.times.add(momentOf(o.Placed))
	d.units, d.places, d.currency, d.isUsed = sum, morePlaces(d.places, o.places), o.currency, true
	return true
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
	orderOf          []uint32 // of each line, its index in orders; see unusual
	hasUneven        bool     // among the orders, once their lines have come
	items            []item   // by the numbers that a fold gives them
	order, key       []byte   // of the version of a line
}

// Orders take orders.
type Orders interface {
	// AddAll takes orders, of which the first is the one with the index first. Skipped ones
	// are among them. What they have is valid until it returns.
	AddAll(c *columns.Orders, first int, all []Order)
}

// usualLines is how many lines nearly all orders have at most.
const usualLines = 4

// Prepare makes the orders i with first <= i < end those that are being folded.
func (a *Accumulator) Prepare(c *columns.Orders, first, end int) {
	from, _ := c.LineRange(first)
	_, last := c.LineRange(end - 1)
	n := last - from
	a.first, a.firstLine, a.hasUneven = first, from, false
	a.orders = slices.Grow(a.orders[:0], end-first)[:end-first]
	a.orderOf = slices.Grow(a.orderOf[:0], n+usualLines)[:n+usualLines]
	for i := range a.orders {
		to := int(c.All[first+i].Lines)
		a.orders[i] = Order{Placed: c.Placed(first + i), count: uint32(to - from)}
		// These are written whether there are so many lines or not, as the processor cannot
		// guess how many there are. Those of the next order come over what is too much.
		few := a.orderOf[from-a.firstLine:][:usualLines]
		for k := range few {
			few[k] = uint32(i)
		}
		for k := from + usualLines; k < to; k++ {
			a.orderOf[k-a.firstLine] = uint32(i)
		}
		from = to
	}
	if len(c.Details)+len(c.LineDetails) > 0 {
		a.readCurrencies(c)
	}
}

// readCurrencies reads the currencies of the orders. Most have the one of the order before. It
// marks the lines that cannot be usual ones.
func (a *Accumulator) readCurrencies(c *columns.Orders) {
	var code []byte
	var currency money.Currency
	for i := range a.orders {
		from, end := c.LineRange(a.first + i)
		if from == end {
			continue
		}
		if next := c.Currency(a.first+i, from); string(next) != string(code) {
			code = next
			currency, _ = money.ParseCurrency(code)
		}
		a.orders[i].currency = currency
		for line := from; line < end && len(c.LineDetails) > 0; line++ {
			if !isOnePiece(c.Quantity(line)) || len(c.Total(line)) > 0 || string(c.Currency(a.first+i, line)) != string(code) {
				a.orderOf[line-a.firstLine] |= unusual
			}
		}
	}
}

// unusual is set in orderOf for a line that is not about one piece, has a total, or another
// currency than its order.
const unusual = 1 << 31

// Items folds the lines of the orders from the j-th on into the items with these numbers, one
// line for each number.
func (a *Accumulator) Items(c *columns.Orders, numbers []uint16, j int) {
	for i := 0; ; i++ {
		if i += a.countUsual(c, numbers[i:], j+i); i == len(numbers) {
			return
		}
		n := int(numbers[i])
		if n >= len(a.items) {
			a.items = append(a.items, make([]item, n+1-len(a.items))...)
		}
		a.addLine(c, &a.items[n], j+i)
	}
}

// countUsual is Items up to the first line that it does not know to be a usual one. It returns
// how many lines come before.
//
// There is no call in it, and no branch that the processor would not guess.
func (a *Accumulator) countUsual(c *columns.Orders, numbers []uint16, j int) int {
	lines, orderOf := c.AllLines[a.firstLine+j:][:len(numbers)], a.orderOf[j:][:len(numbers)]
	items, orders, data := a.items, a.orders, c.Data
	for i, n := range numbers {
		order, price := orderOf[i], lines[i].Price
		at := uint64(uint32(price)) // one in the arena is behind all data
		if int(n) >= len(items) || uint(order) >= uint(len(orders)) || at+8 > uint64(len(data)) {
			return i
		}
		it, o := &items[n], &orders[order]
		if !it.isUsual(binary.LittleEndian.Uint64(data[at:]), uint64(price>>32)) || it.currency != o.currency || !o.addUsual(it) {
			return i
		}
		it.count++
		it.times.add(momentOf(o.Placed))
	}
	return len(numbers)
}

// addLine adds the j-th line of the orders to its item and to its order.
func (a *Accumulator) addLine(c *columns.Orders, it *item, j int) {
	price, o := c.Price(a.firstLine+j), &a.orders[a.orderOf[j]&^unusual]
	isPlain := a.orderOf[j]&unusual == 0
	if isPlain && len(price) <= 8 && it.isUsual(wordOf(price), uint64(len(price))) && it.currency == o.currency && o.addUsual(it) {
		it.count++
		it.times.add(momentOf(o.Placed))
	} else if l := a.add(c, it.others(), j); l.kind == plainLine {
		it.setUsual(&l, price)
	}
}

// Take returns what the lines of a number came to, and forgets it. It is valid until another
// line of the number comes.
func (a *Accumulator) Take(number int) table.Detail {
	if number >= len(a.items) || !a.items[number].hasLines() {
		return nil
	}
	it := &a.items[number]
	taken := it.others()
	*it = item{detail: taken, isTaken: true}
	return taken
}

// Item folds the j-th line of the orders into its item's detail.
func (a *Accumulator) Item(c *columns.Orders, d table.Detail, j int) { a.add(c, d.(*Detail), j) }

// add reads the j-th line of the orders, and adds it to its order and to its item's detail.
func (a *Accumulator) add(c *columns.Orders, d *Detail, j int) Line {
	line, order := a.firstLine+j, int(a.orderOf[j]&^unusual)
	o := &a.orders[order]
	l := a.read(c, order, line)
	o.add(&l)
	a.hasUneven = a.hasUneven || o.places == unevenPlaces
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
func (a *Accumulator) read(c *columns.Orders, order, line int) Line {
	return NewLine(c.Price(line), c.Quantity(line), c.Total(line), c.Currency(a.first+order, line))
}

// Complete is called when all lines have come. It reads those of orders that are not even once
// more, as their customers need each of them.
func (a *Accumulator) Complete(c *columns.Orders) {
	for n := 0; a.hasUneven && n < len(a.orders); n++ {
		if o := &a.orders[n]; o.places == unevenPlaces {
			var lines []Line
			for line, to := c.LineRange(a.first + n); line < to; line++ {
				lines = append(lines, a.read(c, n, line))
			}
			*o = NewOrder(o.Placed, lines)
		}
	}
	if a.Orders != nil {
		a.Orders.AddAll(c, a.first, a.orders)
	}
}

// Customers folds orders into details of customers, by the numbers of their records.
func (a *Accumulator) Customers(s *table.Shard, numbers, orders []uint32) {
	var details [table.GroupSize]*Detail
	table.DetailsOf(s, numbers, details[:])
	for i, d := range details[:len(numbers)] {
		if o := &a.orders[orders[i]]; !d.addEven(o) {
			before := d.Bytes()
			d.AddOrder(o)
			s.GrowDetails(d.Bytes() - before)
		}
	}
}
