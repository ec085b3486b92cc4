package detail

import "process-orders/money"

// An item is what lines of one item come to. Nearly every line is like the one before: it is
// about one piece, at the same price. Such lines are only counted, and what they cost is
// multiplied when somebody asks.
type item struct {
	// The usual line. It was added at a position. From there on its price is known, and a line
	// like it has no other news than its time.
	units    int64
	at       int64
	currency money.Currency
	places   uint8
	hasUsual bool
	// count and times are of the lines like it that are not in the detail yet.
	count int64
	times times
	// detail is of all other lines; nil if there was no line.
	detail *Detail
}

// isUsual reports whether a line at a position is like the usual one.
func (it *item) isUsual(l *Line, at int64) bool {
	return it.hasUsual && l.kind == plainLine && l.cost.units == it.units && l.cost.places == it.places &&
		l.Currency == it.currency && at >= it.at
}

// setUsual makes a line that was added at a position the usual one. None like the one before
// is left.
func (it *item) setUsual(l *Line, at int64) {
	it.units, it.places, it.currency, it.at, it.hasUsual = l.cost.units, l.cost.places, l.Currency, at, true
}

// others returns the detail, with all lines that were only counted.
func (it *item) others() *Detail {
	if it.detail == nil {
		it.detail = new(Detail)
	}
	if it.count > 0 {
		d := it.detail
		d.addTimes(it.times)
		pieces, one := numberOf(money.FromInt(it.count)), number{units: it.units, places: it.places}
		cost := one.times(&pieces)
		d.add(it.currency, &cost)
		d.extra().ones += it.count
		it.count, it.times = 0, times{}
	}
	return it.detail
}
