package records

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"process-orders/internal/timestamp"
	"process-orders/money"
)

// Activity is what the orders say as a whole, if details are kept.
type Activity struct {
	// Lines is the number of lines, Untimed the number of orders without a time that can
	// be read.
	Lines, Untimed int64
	// With counts the orders that have a name, an id and a currency, and the lines that
	// have a quantity.
	With struct{ Name, ID, Currency, Quantity int64 }

	// days are the orders of each day since timestamp.Min; nil if no order has a time. An
	// array of all days that there can be takes less than a map of many.
	days  []int64
	total detail // only its sums and, if there are days, its times
	lines map[money.Currency]int64
}

const (
	dayMilliseconds = 24 * 60 * 60 * 1000
	firstDay        = timestamp.Min / dayMilliseconds // since 1970
	allDays         = timestamp.Max/dayMilliseconds - firstDay
)

// Days yields the days, in UTC, that have orders, and how many.
func (a *Activity) Days() iter.Seq2[time.Time, int64] {
	return func(yield func(time.Time, int64) bool) {
		for day, n := range a.days {
			if n > 0 && !yield(time.UnixMilli((firstDay+int64(day))*dayMilliseconds).UTC(), n) {
				return
			}
		}
	}
}

// Times returns the times of the first and of the last order, zero if no order has one.
func (a *Activity) Times() (first, last time.Time) {
	if a.days == nil {
		return time.Time{}, time.Time{}
	}
	return timeOf(a.total.first), timeOf(a.total.last)
}

// Revenue returns what all lines cost. The currency of most lines comes first.
func (a *Activity) Revenue() []money.Sum {
	sums := slices.Clone(a.total.sums)
	slices.SortStableFunc(sums, func(s, t money.Sum) int { return cmp.Compare(a.lines[t.Currency], a.lines[s.Currency]) })
	return sums
}

// AddOrders adds orders that were placed in the same minute, without their lines. If the time
// is zero, or is not of the years 1900 to 2200, they have none. What they have is not counted:
// With stays.
func (a *Activity) AddOrders(placed time.Time, orders int64) {
	ms := millisecondsOf(placed)
	if ms < timestamp.Min || ms >= timestamp.Max {
		a.Untimed += orders
		return
	}
	a.startDays()
	a.days[(ms-timestamp.Min)/dayMilliseconds] += orders
	a.total.addTimes(ms, ms)
}

// AddSum adds lines of one currency, and what they cost.
func (a *Activity) AddSum(lines int64, sum money.Sum) {
	a.Lines += lines
	a.addLines(sum.Currency, lines)
	a.total.add(sum.Currency, sum.Amount)
}

// Orders returns how many orders there are.
func (a *Activity) Orders() int64 {
	orders := a.Untimed
	for _, n := range a.days {
		orders += n
	}
	return orders
}

// addOrder adds an order without its lines.
func (a *Activity) addOrder(ms int64, name, id []byte) {
	a.With.Name += oneIfAny(name)
	a.With.ID += oneIfAny(id)
	if ms == timestamp.None {
		a.Untimed++
		return
	}
	a.startDays()
	a.days[(ms-timestamp.Min)/dayMilliseconds]++
	a.total.addTimes(ms, ms)
}

// addLine adds a line of an order. first reports whether it is the order's first line.
func (a *Activity) addLine(l *lineDetail, quantity []byte, first bool) {
	a.Lines++
	a.With.Quantity += oneIfAny(quantity)
	if first && !l.currency.IsNone() {
		a.With.Currency++
	}
	a.addLines(l.currency, 1)
	a.total.add(l.currency, l.amount)
}

// addLines counts lines of a currency.
func (a *Activity) addLines(c money.Currency, lines int64) {
	if a.lines == nil {
		a.lines = map[money.Currency]int64{}
	}
	a.lines[c] += lines
}

func (a *Activity) startDays() {
	if a.days == nil {
		a.days, a.total.first, a.total.last = make([]int64, allDays), timestamp.None, timestamp.None
	}
}

func (a *Activity) merge(other *Activity) {
	a.Lines += other.Lines
	a.Untimed += other.Untimed
	a.With.Name += other.With.Name
	a.With.ID += other.With.ID
	a.With.Currency += other.With.Currency
	a.With.Quantity += other.With.Quantity
	if other.days != nil {
		a.startDays()
		a.total.addTimes(other.total.first, other.total.last)
		for day, n := range other.days {
			a.days[day] += n
		}
	}
	for _, s := range other.total.sums {
		a.total.add(s.Currency, s.Amount)
	}
	for c, n := range other.lines {
		a.addLines(c, n)
	}
}

// oneIfAny returns 1 if there is a text, else 0.
func oneIfAny(text []byte) int64 { return int64(min(len(text), 1)) }
