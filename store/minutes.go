package store

import (
	"cmp"
	"slices"

	"process-orders/money"
)

// A Minute is what the orders say as a whole that were placed in one minute.
type Minute struct {
	// Start is when the minute starts, in milliseconds since 1970. NoTime is the "minute" of
	// all orders without a time.
	Start int64
	// Shop is that of the orders. In a batch it is "", as the store knows whose orders it has.
	Shop string
	// Orders are those that stand, also those that make no customer.
	Orders int64
	// NewCustomers are the customers whose FirstPlaced is in this minute. In a batch it is 0,
	// as the store knows who is new. Customers are those of all shops: they are in the minute
	// whose Shop is "", and in no other.
	NewCustomers int64
	// Sums say what the lines cost, by currency and sorted by it.
	Sums []MinuteSum
}

// A MinuteSum is how many lines have a currency, and what they cost.
type MinuteSum struct {
	money.Sum
	Lines int64
}

// MinuteMilliseconds is how long a minute is.
const MinuteMilliseconds = 60_000

// MinuteOf returns the start of the minute of a time. That of NoTime is NoTime.
func MinuteOf(placed int64) int64 {
	if placed == NoTime {
		return NoTime
	}
	minute := placed / MinuteMilliseconds
	if placed%MinuteMilliseconds < 0 {
		minute--
	}
	return minute * MinuteMilliseconds
}

// Compare compares minutes by their starts, and then by their shops.
func (m Minute) Compare(o Minute) int {
	return cmp.Or(cmp.Compare(m.Start, o.Start), cmp.Compare(m.Shop, o.Shop))
}

// AddMinutes sorts minutes, and adds those up that are of one time and shop. It uses the memory
// of all, but not that of their Sums.
func AddMinutes(all []Minute) []Minute {
	slices.SortFunc(all, Minute.Compare)
	kept := all[:0]
	for _, m := range all {
		last := len(kept) - 1
		if last < 0 || kept[last].Compare(m) != 0 {
			kept = append(kept, m)
			continue
		}
		to := &kept[last]
		to.Orders += m.Orders
		to.NewCustomers += m.NewCustomers
		to.Sums = AddMinuteSums(to.Sums, m.Sums)
	}
	return kept
}

// AddMinuteSums returns the sums of both lists, sorted by currency. It changes neither.
func AddMinuteSums(known, more []MinuteSum) []MinuteSum {
	all := slices.Clone(known)
	for _, s := range more {
		at := slices.IndexFunc(all, func(have MinuteSum) bool { return have.Currency == s.Currency })
		if at < 0 {
			all = append(all, s)
			continue
		}
		all[at].Amount = all[at].Amount.Add(s.Amount)
		all[at].Lines += s.Lines
	}
	slices.SortFunc(all, func(a, b MinuteSum) int { return a.Currency.Compare(b.Currency) })
	return all
}
