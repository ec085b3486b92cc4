package detail

import (
	"math"

	"process-orders/money"
)

// An item is what lines of one item come to. Nearly every line is like the one before: it is
// about one piece, at the same price. Such lines are known by the bytes of their price and are
// only counted; what they cost is multiplied when somebody asks.
type item struct {
	// The usual line: its price as a word and its length, 0 if there is none; and what it costs.
	// All that come are later than it, so a line like it has no other news than its time.
	price, mask uint64 // mask has the bits of a word that belong to the price
	length      uint8
	currency    money.Currency
	places      uint8
	units       int64
	// count and times are of the lines like it that are not in the detail yet.
	count int64
	times times
	// detail is of all other lines; nil if there was no line.
	detail *Detail
}

// isUsual reports whether a price of so many bytes is that of the usual line. The price is a word,
// which may have more bytes behind it.
func (it *item) isUsual(price, length uint64) bool {
	return (price^it.price)&it.mask|(length^uint64(it.length)) == 0 && it.mask != 0
}

// setUsual makes a line that was just added the usual one. None like the one before is left.
func (it *item) setUsual(l *Line, price []byte) {
	it.price, it.length, it.mask = wordOf(price), uint8(len(price)), math.MaxUint64>>(64-8*uint(len(price)))
	it.units, it.places, it.currency = l.cost.units, l.cost.places, l.Currency
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
		one := number{units: it.units, places: it.places}
		cost := one.times(&pieces)
		d.add(it.currency, &cost)
		d.extra().ones += it.count
		it.count, it.times = 0, times{}
	}
	return it.detail
}
