// Package detail keeps what orders say of a customer or an item beyond its record: what the
// lines cost, how many pieces they are about, when the orders were placed, and the prices.
//
// A [Detail] is what a table keeps of a key, and an [Accumulator] folds orders into details.
package detail

import (
	"math"

	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/money"
)

// A Detail is what is kept of a customer or an item beyond its record. Details fold like
// records: the order does not matter, as times, and positions or versions, say what is first
// or last. The zero value is that of no orders.
//
// Those of many customers are in memory. So what nearly all have takes few bytes, and all
// else is in more.
type Detail struct {
	times
	// units are what lines in one currency cost, and places how many decimal places that has,
	// if isUsed: see number.
	units    int64
	currency money.Currency
	places   uint8
	isUsed   bool
	// several reports whether there was more than one text.
	several bool
	more    *more
	_       [16]byte // with its count, a detail takes one line of a processor's cache
}

// more is what few customers have, and all items.
type more struct {
	sums     []money.Sum  // by currency; what a Detail has in units is to be added to them
	ones     int64        // how many lines are about one piece
	quantity money.Amount // of the other lines
	prices
}

// About how many bytes these take.
const (
	moreBytes  = 160
	sumBytes   = 40
	priceBytes = 64
)

// A moment is a time: 0 if there is none, and else a greater number for a later time.
type moment uint64

// times are those of the first and of the last of some orders.
type times struct{ first, last moment }

// add adds a time.
func (t *times) add(m moment) {
	if m-1 < t.first-1 { // 0 is none: it is the greatest here
		t.first = m
	}
	t.last = max(t.last, m)
}

func momentOf(ms int64) moment { return moment(uint64(ms) ^ 1<<63) }

// ms is the time in milliseconds since 1970, or timestamp.None.
func (m moment) ms() int64 { return int64(m ^ 1<<63) }

var _ = [1]struct{}{}[timestamp.None-math.MinInt64] // timestamp.None is the moment 0

// Keep makes a table keep details.
func Keep(t *table.Table) { table.KeepDetails[Detail](t) }

// Of returns a record's detail, which must not be changed: an empty one if none is kept.
func Of(r table.Record) *Detail {
	if d, ok := r.Detail().(*Detail); ok {
		return d
	}
	return new(Detail)
}

// Times returns the times of the first and of the last order, in milliseconds since 1970. They
// are timestamp.None if no order has a time that can be read.
func (d *Detail) Times() (first, last int64) { return d.first.ms(), d.last.ms() }

// Several reports whether there was more than one text.
func (d *Detail) Several() bool { return d.several }

// Sums returns what all lines cost, by currency and sorted by it. The caller may keep it.
func (d *Detail) Sums() []money.Sum { return d.AppendSums(nil) }

// AppendSums appends what Sums returns.
func (d *Detail) AppendSums(to []money.Sum) []money.Sum {
	from := len(to)
	if d.more != nil {
		to = append(to, d.more.sums...)
	}
	if !d.isUsed {
		return to
	}
	used := money.Sum{Currency: d.currency, Amount: (&number{units: d.units, places: d.places}).amount()}
	if len(to) == from {
		return append(to, used)
	}
	return append(to[:from], money.AddSums(to[from:], used)...)
}

// Quantity returns how many pieces the lines of an item are about.
func (d *Detail) Quantity() money.Amount {
	if d.more == nil {
		return money.Amount{}
	}
	return d.more.quantity.Add(money.FromInt(d.more.ones))
}

// Prices returns the different prices of an item, sorted by where they came first. If there
// were more than [MostPrices], these are the first of them.
func (d *Detail) Prices() []Price {
	if d.more == nil {
		return nil
	}
	return d.more.prices.sorted()
}

// extra returns what the detail has in more, for changing it.
func (d *Detail) extra() *more {
	if d.more == nil {
		d.more = new(more)
	}
	return d.more
}

// addTimes adds the times of other orders.
func (d *Detail) addTimes(other times) {
	d.times.add(other.first)
	d.times.add(other.last)
}

// add adds what a line costs.
func (d *Detail) add(c money.Currency, n *number) {
	if n.big != nil || d.isUsed && d.currency != c {
		m := d.extra()
		m.sums = money.AddSums(m.sums, money.Sum{Currency: c, Amount: n.amount()})
		return
	}
	have := number{units: d.units, places: d.places}
	sum, ok := have.plus(n)
	if !ok { // the units are full, and start again with n
		m := d.extra()
		m.sums = money.AddSums(m.sums, money.Sum{Currency: c, Amount: have.amount()})
		sum = *n
	}
	d.units, d.places, d.currency, d.isUsed = sum.units, sum.places, c, true
}

// OtherText takes note that there was more than one text.
func (d *Detail) OtherText() { d.several = true }

// Merge folds in another detail of the same key and moves its positions by shift.
func (d *Detail) Merge(from table.Detail, shift int64) {
	other := from.(*Detail)
	d.addTimes(other.times)
	d.several = d.several || other.several
	if other.isUsed {
		d.add(other.currency, &number{units: other.units, places: other.places})
	}
	if other.more == nil {
		return
	}
	m := d.extra()
	m.sums = money.AddSums(m.sums, other.more.sums...)
	m.ones += other.more.ones
	m.quantity = m.quantity.Add(other.more.quantity)
	m.prices.merge(&other.more.prices, shift)
}

// Bytes returns about how much memory the detail refers to.
func (d *Detail) Bytes() int64 {
	if d.more == nil {
		return 0
	}
	m := d.more
	return moreBytes + sumBytes*int64(cap(m.sums)) + priceBytes*int64(cap(m.prices.list)) + m.prices.textBytes
}
