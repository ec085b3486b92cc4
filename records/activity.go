package records

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"process-orders/money"
	"process-orders/orders"
)

// Count is what an item's orders are the number of.
type Count uint8

const (
	CountLines    Count = iota // order lines with the item
	CountOrders                // orders with the item, however often each lists it
	CountQuantity              // pieces, or what the source measures in
)

// Activity is what the orders tell as a whole, where details are kept.
type Activity struct {
	// Lines is how many lines they have, Untimed how many have no time that can
	// be read.
	Lines, Untimed int64
	// With says how many orders have a name, an id and a currency, and how many
	// lines a quantity.
	With struct{ Name, ID, Currency, Quantity int64 }

	days  map[int64]int64
	total detail
	lines map[money.Currency]int64 // of each currency
}

const dayMilliseconds = 24 * 60 * 60 * 1000

// Days yields the days, in UTC, that have orders, and how many.
func (a *Activity) Days() iter.Seq2[time.Time, int64] {
	return func(yield func(time.Time, int64) bool) {
		for _, day := range slices.Sorted(maps.Keys(a.days)) {
			if !yield(time.UnixMilli(day*dayMilliseconds).UTC(), a.days[day]) {
				return
			}
		}
	}
}

// Times are those of the first and of the last order, zero where none has one.
func (a *Activity) Times() (first, last time.Time) {
	if a.days == nil {
		return time.Time{}, time.Time{}
	}
	return timeOf(a.total.first), timeOf(a.total.last)
}

// Revenue is what all lines cost, beginning with the currency of most lines.
func (a *Activity) Revenue() []money.Sum {
	sums := slices.Clone(a.total.sums)
	slices.SortStableFunc(sums, func(s, t sum) int { return cmp.Compare(a.lines[t.currency], a.lines[s.currency]) })
	return (&detail{sums: sums}).money()
}

func (a *Activity) order(ms int64) {
	if ms == noTime {
		a.Untimed++
		return
	}
	if a.days == nil {
		a.days, a.total.first, a.total.last = map[int64]int64{}, noTime, noTime
	}
	day := ms / dayMilliseconds
	if ms%dayMilliseconds < 0 {
		day--
	}
	a.days[day]++
	a.total.when(ms, ms)
}

func (a *Activity) merge(other *Activity) {
	a.Lines += other.Lines
	a.Untimed += other.Untimed
	if other.days != nil {
		if a.days == nil {
			a.days, a.total.first, a.total.last = map[int64]int64{}, noTime, noTime
		}
		a.total.when(other.total.first, other.total.last)
		for day, n := range other.days {
			a.days[day] += n
		}
	}
	for _, s := range other.total.sums {
		a.total.add(s.currency, s.amount)
	}
	a.With.Name += other.With.Name
	a.With.ID += other.With.ID
	a.With.Currency += other.With.Currency
	a.With.Quantity += other.With.Quantity
	for c, n := range other.lines {
		a.count(c, n)
	}
}

// count counts lines of a currency.
func (a *Activity) count(c money.Currency, lines int64) {
	if a.lines == nil {
		a.lines = map[money.Currency]int64{}
	}
	a.lines[c] += lines
}

// tally is 1 where there is a text.
func tally(text []byte) int64 { return int64(min(len(text), 1)) }

// detailFolder is what a folder needs to fold details in.
type detailFolder struct {
	activity Activity
	layout   int     // of the last time
	times    []int64 // of the batch's orders
	lines    []lineDetail
	// repeats are the lines whose item the order listed before, where those are
	// not to be counted.
	repeats []bool
}

// lineDetail is what a line is about.
type lineDetail struct {
	order            int
	currency         money.Currency
	amount, quantity money.Amount
}

// prepare works out the details of a batch.
func (f *detailFolder) prepare(b *orders.Batch) {
	f.times, f.lines = f.times[:0], f.lines[:0]
	for i := range b.Len() {
		ms := parseTime(b.Time(i), &f.layout)
		f.times = append(f.times, ms)
		f.activity.order(ms)
		f.activity.With.Name += tally(b.Name(i))
		f.activity.With.ID += tally(b.ID(i))
		from, to := b.LineRange(i)
		for j := from; j < to; j++ {
			l := lineDetail{order: i, quantity: one}
			l.currency, _ = money.ParseCurrency(b.Currency(i, j)) // an empty one is none
			if quantity := b.Quantity(j); len(quantity) > 0 {
				l.quantity, _ = money.Parse(quantity)
			}
			if total := b.Total(j); len(total) > 0 {
				l.amount, _ = money.Parse(total)
			} else {
				price, _ := money.Parse(b.Price(j))
				l.amount = price.Mul(l.quantity)
			}
			f.lines = append(f.lines, l)
			f.activity.count(l.currency, 1)
			f.activity.With.Quantity += tally(b.Quantity(j))
			if j == from && !l.currency.IsNone() {
				f.activity.With.Currency++
			}
			f.activity.total.add(l.currency, l.amount)
		}
	}
	f.activity.Lines += int64(b.Lines())
}

var one, _ = money.Parse([]byte("1"))

// findRepeats finds the lines whose item the same order listed before.
func (f *detailFolder) findRepeats(b *orders.Batch) {
	f.repeats = slices.Grow(f.repeats[:0], b.Lines())[:b.Lines()]
	for i := range b.Len() {
		from, to := b.LineRange(i)
		if to-from > groupSize {
			f.findManyRepeats(b, from, to)
			continue
		}
		for j := from; j < to; j++ {
			f.repeats[j] = false
			for k := from; k < j && !f.repeats[j]; k++ {
				f.repeats[j] = string(b.Item(k)) == string(b.Item(j))
			}
		}
	}
}

func (f *detailFolder) findManyRepeats(b *orders.Batch, from, to int) {
	seen := map[string]bool{}
	for j := from; j < to; j++ {
		f.repeats[j] = seen[string(b.Item(j))]
		seen[string(b.Item(j))] = true
	}
}

// customer folds the i-th order into its customer's detail.
func (f *detailFolder) customer(b *orders.Batch, d *detail, i int) {
	d.when(f.times[i], f.times[i])
	from, to := b.LineRange(i)
	for _, l := range f.lines[from:to] {
		d.add(l.currency, l.amount)
	}
}

// item folds the j-th line into its item's detail.
func (f *detailFolder) item(b *orders.Batch, d *detail, j int) {
	l := &f.lines[j]
	ms := f.times[l.order]
	d.when(ms, ms)
	d.quantity = d.quantity.Add(l.quantity)
	d.add(l.currency, l.amount)
	price := b.Price(j)
	for i := range d.told {
		if d.told[i].text == string(price) && d.told[i].at < b.LinePosition(j) {
			return
		}
	}
	d.tell(told{string(price), b.LinePosition(j), ms})
}
