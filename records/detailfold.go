package records

import (
	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
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

// addTo adds the line to its item's detail. ms is the order's time. at is the line's position,
// or key is its version.
func (l *lineDetail) addTo(d *detail, linePrice []byte, ms, at int64, key []byte) {
	d.addTimes(ms, ms)
	d.quantity = d.quantity.Add(l.quantity)
	d.add(l.currency, l.amount)
	for i := range d.prices {
		if p := &d.prices[i]; p.text == string(linePrice) && p.first.before(at, key) {
			return // known since then
		}
	}
	d.addPrice(price{string(linePrice), appearance{at, string(key)}, ms})
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
	order, key       []byte // of the version of a line
}

// Prepare computes the details of the orders i with first <= i < end.
func (a *detailAccumulator) Prepare(c *columns.Orders, first, end int) {
	a.times, a.lines, a.first, a.firstLine = a.times[:0], a.lines[:0], first, 0
	for i := first; i < end; i++ {
		ms := c.Placed(i)
		a.times = append(a.times, ms)
		if !isSkipped(c, i) {
			a.activity.addOrder(ms, c.Name(i), c.ID(i))
		}
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
	ms := a.times[l.order-a.first]
	if !c.Versioned {
		l.addTo(d.(*detail), c.Price(line), ms, c.LinePosition(line), nil)
		return
	}
	from, _ := c.LineRange(l.order)
	a.order = c.AppendVersionOrder(a.order[:0], l.order)
	a.key = version.Version{Time: c.VersionTime(l.order), Order: a.order, Line: int64(line - from)}.AppendKey(a.key[:0])
	l.addTo(d.(*detail), c.Price(line), ms, 0, a.key)
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

// isSkipped reports whether the i-th order is skipped.
func isSkipped(c *columns.Orders, i int) bool {
	return len(c.Details) > 0 && c.Details[i].Skipped != 0
}

// addDetailed is the part of Add for records that keep details.
func (r *Records) addDetailed(o *orders.Order, uncounted []bool) {
	ms, v := placed(o), r.version(o)
	r.activity.addOrder(ms, o.Name, o.ID)
	lines := make([]lineDetail, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = newLineDetail(l.Price, l.Quantity, l.Total, l.Currency)
		r.activity.addLine(&lines[i], l.Quantity, i == 0)
	}
	if len(o.Phone) > 0 {
		r.add(&r.Customers.table, o.Phone, o.Name, &v, 1, func(d table.Detail) { d.(*detail).addOrder(ms, lines) })
	}
	for i, l := range o.Lines {
		var key []byte
		if v.Line = int64(i); r.versioned() {
			key = v.AppendKey(nil)
		}
		at := r.end + v.Line
		r.add(&r.Items.table, l.Item, l.Price, &v, fold.CountOf(uncounted, i), func(d table.Detail) {
			lines[i].addTo(d.(*detail), l.Price, ms, at, key)
		})
	}
}
