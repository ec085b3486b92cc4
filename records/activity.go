package records

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"process-orders/internal/columns"
	"process-orders/internal/detail"
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
	days        []int64
	first, last int64 // if there are days
	sums        detail.Sums
}

const (
	dayMilliseconds = 24 * 60 * 60 * 1000
	firstDay        = timestamp.Min / dayMilliseconds // since 1970
	allDays         = timestamp.Max/dayMilliseconds - firstDay
)

// dayOf is the index of the day of a time.
func dayOf(ms int64) int64 { return (ms - timestamp.Min) / dayMilliseconds }

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
	return timeOf(a.first), timeOf(a.last)
}

// Revenue returns what all lines cost. The currency of most lines comes first.
func (a *Activity) Revenue() []money.Sum {
	all := slices.Clone(a.sums).Sorted()
	slices.SortStableFunc(all, func(s, t detail.CurrencySum) int { return cmp.Compare(t.Lines, s.Lines) })
	var sums []money.Sum
	for i := range all {
		sums = append(sums, money.Sum{Currency: all[i].Currency, Amount: all[i].Amount()})
	}
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
	a.days[dayOf(ms)] += orders
	a.addTimes(ms, ms)
}

// AddSum adds lines of one currency, and what they cost.
func (a *Activity) AddSum(lines int64, sum money.Sum) {
	a.Lines += lines
	a.sums = a.sums.AddSum(lines, sum)
}

// Orders returns how many orders there are.
func (a *Activity) Orders() int64 {
	orders := a.Untimed
	for _, n := range a.days {
		orders += n
	}
	return orders
}

// AddAll adds the orders from the one with the index first on.
func (a *Activity) AddAll(c *columns.Orders, first int, all []detail.Order) {
	for i := range all {
		if c.IsSkipped(first + i) {
			continue
		}
		a.addOrder(&all[i], c.Name(first+i), c.ID(first+i))
		if len(c.LineDetails) > 0 {
			from, to := c.LineRange(first + i)
			for j := from; j < to; j++ {
				a.With.Quantity += oneIfAny(c.Quantity(j))
			}
		}
	}
}

// addOrder adds an order, but for who has a quantity.
func (a *Activity) addOrder(o *detail.Order, name, id []byte) {
	a.With.Name += oneIfAny(name)
	a.With.ID += oneIfAny(id)
	a.Lines += o.Lines()
	if o.HasCurrency() {
		a.With.Currency++
	}
	a.sums = a.sums.Add(o)
	if o.Placed == timestamp.None {
		a.Untimed++
		return
	}
	a.startDays()
	a.days[dayOf(o.Placed)]++
	a.addTimes(o.Placed, o.Placed)
}

// addTimes adds the times of the first and of the last of some orders.
func (a *Activity) addTimes(first, last int64) {
	if first != timestamp.None && (a.first == timestamp.None || first < a.first) {
		a.first = first
	}
	a.last = max(a.last, last)
}

func (a *Activity) startDays() {
	if a.days == nil {
		a.days, a.first, a.last = make([]int64, allDays), timestamp.None, timestamp.None
	}
}

func (a *Activity) merge(other *Activity) {
	a.Lines += other.Lines
	a.Untimed += other.Untimed
	a.With.Name += other.With.Name
	a.With.ID += other.With.ID
	a.With.Currency += other.With.Currency
	a.With.Quantity += other.With.Quantity
	a.sums = a.sums.Merge(other.sums)
	if other.days == nil {
		return
	}
	a.startDays()
	a.addTimes(other.first, other.last)
	for day := dayOf(other.first); day <= dayOf(other.last); day++ { // others are not touched
		a.days[day] += other.days[day]
	}
}

// oneIfAny returns 1 if there is a text, else 0.
func oneIfAny(text []byte) int64 { return int64(min(len(text), 1)) }

// timeOf returns a time as the library gives it: in UTC, zero if there is none.
func timeOf(ms int64) time.Time {
	if ms == timestamp.None {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
