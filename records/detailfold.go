package records

import (
	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/money"
	"process-orders/orders"
)

// lineDetail is what a line adds to details.
type lineDetail struct {
	order            int // its index among those of the chunk
	currency         money.Currency
	amount, quantity money.Amount
}

var one = money.FromInt(1)

// newLineDetail computes what a line costs: its total or, if it has none, its price times
// its quantity. A line without a quantity is about one piece.
func newLineDetail(price, quantity, total, code []byte) lineDetail {
	l := lineDetail{quantity: one}
	l.currency, _ = money.ParseCurrency(code) // none if the code is not one
	if len(quantity) > 0 {
		l.quantity, _ = money.Parse(quantity)
	}
	if len(total) > 0 {
		l.amount, _ = money.Parse(total)
	} else {
		p, _ := money.Parse(price)
		l.amount = p.Mul(l.quantity)
	}
	return l
}

// addTo adds the line to its item's detail. ms is the order's time, and at is the line's
// position.
func (l *lineDetail) addTo(d *detail, linePrice []byte, ms, at int64) {
	d.addTimes(ms, ms)
	d.quantity = d.quantity.Add(l.quantity)
	d.add(l.currency, l.amount)
	for i := range d.prices {
		if d.prices[i].text == string(linePrice) && d.prices[i].at < at {
			return // known since before
		}
	}
	d.addPrice(price{string(linePrice), at, ms})
}

// addOrder adds an order with these lines to its customer's detail.
func (d *detail) addOrder(ms int64, lines []lineDetail) {
	d.addTimes(ms, ms)
	for _, l := range lines {
		d.add(l.currency, l.amount)
	}
}

// detailAccumulator folds details, and the activity of all orders, for one accumulator.
type detailAccumulator struct {
	activity Activity
	// These belong to the orders that are being folded. first is the index of the first
	// order, firstLine that of its first line.
	first, firstLine int
	times            []int64
	lines            []lineDetail
}

// Prepare computes the details of the orders i with first <= i < end.
func (a *detailAccumulator) Prepare(c *columns.Orders, first, end int) {
	a.times, a.lines, a.first, a.firstLine = a.times[:0], a.lines[:0], first, 0
	for i := first; i < end; i++ {
		ms := c.Placed(i)
		a.times = append(a.times, ms)
		a.activity.addOrder(ms, c.Name(i), c.ID(i))
		from, to := c.LineRange(i)
		if i == first {
			a.firstLine = from
		}
		for j := from; j < to; j++ {
			l := newLineDetail(c.Price(j), c.Quantity(j), c.Total(j), c.Currency(i, j))
			l.order = i
			a.lines = append(a.lines, l)
			a.activity.addLine(&l, c.Quantity(j), j == from)
		}
	}
}

// Customer folds the i-th of these orders into its customer's detail.
func (a *detailAccumulator) Customer(c *columns.Orders, d table.Detail, i int) {
	from, to := c.LineRange(a.first + i)
	d.(*detail).addOrder(a.times[i], a.lines[from-a.firstLine:to-a.firstLine])
}

// Item folds the j-th line of these orders into its item's detail.
func (a *detailAccumulator) Item(c *columns.Orders, d table.Detail, j int) {
	l := &a.lines[j]
	line := a.firstLine + j
	l.addTo(d.(*detail), c.Price(line), a.times[l.order-a.first], c.LinePosition(line))
}

// placed is when an order was placed: as its reader found, or as its text says. It is
// timestamp.None if neither is known.
func placed(o *orders.Order) int64 {
	if !o.Placed.IsZero() {
		return o.Placed.UnixMilli()
	}
	var usual timestamp.Formats
	ms, _ := usual.Parse(o.Time)
	return ms
}

// addDetailed is the part of Add for records that keep details.
func (r *Records) addDetailed(o *orders.Order, uncounted []bool) {
	ms := placed(o)
	r.activity.addOrder(ms, o.Name, o.ID)
	lines := make([]lineDetail, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = newLineDetail(l.Price, l.Quantity, l.Total, l.Currency)
		r.activity.addLine(&lines[i], l.Quantity, i == 0)
	}
	if len(o.Phone) > 0 {
		r.Customers.table.Add(o.Phone, o.Name, r.end, 1, func(d table.Detail) { d.(*detail).addOrder(ms, lines) })
	}
	for i, l := range o.Lines {
		at := r.end + int64(i)
		r.Items.table.Add(l.Item, l.Price, at, fold.CountOf(uncounted, i), func(d table.Detail) {
			lines[i].addTo(d.(*detail), l.Price, ms, at)
		})
	}
}
