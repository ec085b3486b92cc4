package detail

import (
	"slices"

	"process-orders/money"
)

// Sums count lines and add up what they cost, by currency. They are for few currencies, and for
// many lines.
type Sums []CurrencySum

// A CurrencySum is how many lines have a currency, and what they cost.
type CurrencySum struct {
	Currency money.Currency
	Lines    int64
	small    number // a part of what they cost, never big
	rest     money.Amount
}

// Amount returns what the lines cost.
func (s *CurrencySum) Amount() money.Amount { return s.small.amount().Add(s.rest) }

// Add adds the lines of an order, and returns the sums of all.
func (s Sums) Add(o *Order) Sums {
	if o.isEven {
		return s.add(o.currency, int64(len(o.Lines)), &o.cost)
	}
	for i := range o.Lines {
		s = s.add(o.Lines[i].Currency, 1, &o.Lines[i].cost)
	}
	return s
}

// Merge adds all of other sums, and returns the sums of all.
func (s Sums) Merge(other Sums) Sums {
	for i := range other {
		s = s.AddSum(other[i].Lines, money.Sum{Currency: other[i].Currency, Amount: other[i].Amount()})
	}
	return s
}

// AddSum adds so many lines in one currency, and what they cost.
func (s Sums) AddSum(lines int64, sum money.Sum) Sums {
	n := numberOf(sum.Amount)
	return s.add(sum.Currency, lines, &n)
}

func (s Sums) add(c money.Currency, lines int64, cost *number) Sums {
	at := 0
	for at < len(s) && s[at].Currency != c {
		at++
	}
	if at == len(s) {
		s = append(s, CurrencySum{Currency: c})
	}
	to := &s[at]
	to.Lines += lines
	if cost.big != nil {
		to.rest = to.rest.Add(*cost.big)
		return s
	}
	sum, ok := to.small.plus(cost)
	if !ok { // small is full, and starts again with this
		to.rest = to.rest.Add(to.small.amount())
		sum = *cost
	}
	to.small = sum
	return s
}

// Sorted returns the sums sorted by currency. It changes their order.
func (s Sums) Sorted() Sums {
	slices.SortFunc(s, func(a, b CurrencySum) int { return a.Currency.Compare(b.Currency) })
	return s
}
