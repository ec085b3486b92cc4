package detail

import (
	"slices"

	"process-orders/money"
)

// Sums count lines and add up what they cost, by currency. They are for few currencies, and for
// many lines.
type Sums []CurrencySum

// A CurrencySum is how many lines have a currency, and what they cost. There can be one for each
// of very many minutes, so nearly all of them are in few bytes.
type CurrencySum struct {
	Lines int64
	// What they cost is the number of units and places, and rest if that is not nil. Copies
	// share the rest, so it is never changed.
	units    int64
	rest     *money.Amount
	Currency money.Currency
	places   uint8
}

// Amount returns what the lines cost.
func (s *CurrencySum) Amount() money.Amount {
	small := number{units: s.units, places: s.places}
	if s.rest == nil {
		return small.amount()
	}
	return small.amount().Add(*s.rest)
}

// Merge adds all of another sum of the same currency.
func (s *CurrencySum) Merge(other *CurrencySum) {
	s.add(other.Lines, &number{units: other.units, places: other.places})
	if other.rest != nil {
		s.add(0, &number{big: other.rest})
	}
}

func (s *CurrencySum) add(lines int64, cost *number) {
	s.Lines += lines
	if cost.big != nil {
		s.addRest(*cost.big)
		return
	}
	small := number{units: s.units, places: s.places}
	sum, ok := small.plus(cost)
	if !ok { // small is full, and starts again with this
		s.addRest(small.amount())
		sum = *cost
	}
	s.units, s.places = sum.units, sum.places
}

func (s *CurrencySum) addRest(more money.Amount) {
	if s.rest != nil {
		more = more.Add(*s.rest)
	}
	s.rest = &more
}

// AddOrder adds the lines of an order if there are some, and all are in the currency of the sum.
func (s *CurrencySum) AddOrder(o *Order) bool {
	if !o.isEven() || o.currency != s.Currency {
		return false
	}
	if sum := s.units + o.units; -maxUnits < sum && sum < maxUnits {
		s.Lines, s.units, s.places = s.Lines+int64(o.count), sum, morePlaces(s.places, o.places)
	} else {
		cost := o.cost()
		s.add(o.Lines(), &cost)
	}
	return true
}

// Add adds the lines of an order, and returns the sums of all.
func (s Sums) Add(o *Order) Sums {
	if len(s) > 0 && s[0].AddOrder(o) {
		return s
	}
	if o.isEven() {
		cost := o.cost()
		return s.add(o.currency, o.Lines(), &cost)
	}
	for _, l := range o.uneven() {
		s = s.add(l.Currency, 1, &l.cost)
	}
	return s
}

// Merge adds all of other sums, and returns the sums of all.
func (s Sums) Merge(other Sums) Sums {
	for i := range other {
		s = s.With(&other[i])
	}
	return s
}

// With adds one sum, and returns the sums of all.
func (s Sums) With(one *CurrencySum) Sums {
	s, at := s.at(one.Currency)
	s[at].Merge(one)
	return s
}

// AddSum adds so many lines in one currency, and what they cost.
func (s Sums) AddSum(lines int64, sum money.Sum) Sums {
	n := numberOf(sum.Amount)
	return s.add(sum.Currency, lines, &n)
}

func (s Sums) add(c money.Currency, lines int64, cost *number) Sums {
	s, at := s.at(c)
	s[at].add(lines, cost)
	return s
}

// at returns the index of the sum of a currency, which is added if there is none.
func (s Sums) at(c money.Currency) (Sums, int) {
	for i := range s {
		if s[i].Currency == c {
			return s, i
		}
	}
	return append(s, CurrencySum{Currency: c}), len(s)
}

// Sorted returns the sums sorted by currency. It changes their order.
func (s Sums) Sorted() Sums {
	slices.SortFunc(s, func(a, b CurrencySum) int { return a.Currency.Compare(b.Currency) })
	return s
}
