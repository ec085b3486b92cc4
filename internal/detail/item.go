package detail

import "process-orders/money"

// An item is what lines of one item come to. Nearly every line is like the one before: it is
// about one piece, at the same price. Such lines are known by the bytes of their price and are
// only counted; what they cost is multiplied when somebody asks.
type item struct {
	// The usual line: its price as a word and its length, 0 if there is none; and what it costs.
	// All that come are later than it, so a line like it has no other news than its time.
	price    uint64
	cost     number
	currency money.Currency
	length   uint8
	// count and times are of the lines like it that are not in the detail yet.
	count int64
	times times
	// detail is of all other lines; nil if there was no line.
	detail *Detail
}

// isUsual reports whether a line is like the usual one, if it has nothing but a
// price and a currency.
func (it *item) isUsual(price []byte, c money.Currency) bool {
	return len(price) == int(it.length) && it.length > 0 && wordOf(price) == it.price && c == it.currency
}

// setUsual makes a line that was just added the usual one. None like the one before is left.
func (it *item) setUsual(l *Line, price []byte) {
	it.price, it.length = wordOf(price), uint8(len(price))
	it.cost, it.currency = l.cost, l.Currency
}

// others returns the detail, with all lines that were only counted.
func (it *item) others() *Detail {
	if it.detail == nil {
		it.detail = new(Detail)
	}
	if it.count > 0 {
		d := it.detail
		d.addTimes(it.times)
		pieces := numberOf(money.FromInt(it.count))
		cost := it.cost.times(&pieces)
		d.add(it.currency, &cost)
		d.extra().ones += it.count
		it.count, it.times = 0, times{}
	}
	return it.detail
}
