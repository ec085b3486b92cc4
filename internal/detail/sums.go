package detail

import (
	"math"
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

// A SmallSum is a CurrencySum of up to four billion lines, as far as that has no rest. It has no
// pointer, so that the garbage collector does not look at a million of them.
type SmallSum struct {
	units    int64
	Lines    uint32
	Currency money.Currency
	places   uint8
}

// Small returns the sum as a SmallSum, or false if it is larger.
func (s *CurrencySum) Small() (small SmallSum, ok bool) {
	return SmallSum{s.units, uint32(s.Lines), s.Currency, s.places}, s.rest == nil && s.Lines <= math.MaxUint32
}

// Sum returns the sum as a CurrencySum.
func (s *SmallSum) Sum() CurrencySum {
	return CurrencySum{Lines: int64(s.Lines), units: s.units, Currency: s.Currency, places: s.places}
}

// AddOrder adds the lines of an order if there are some, all are in the currency of the sum, and
// the sum stays small.
func (s *SmallSum) AddOrder(o *Order) bool {
	return o.isEven() && o.currency == s.Currency && s.Merge(&SmallSum{o.units, uint32(o.count), o.currency, o.places})
}

// Merge adds another sum of the same currency if the sum stays small.
func (s *SmallSum) Merge(other *SmallSum) bool {
	lines, units := s.Lines+other.Lines, s.units+other.units
	if lines < s.Lines || units <= -maxUnits || units >= maxUnits {
		return false
	}
	s.Lines, s.units, s.places = lines, units, morePlaces(s.places, other.places)
	return true
}

// addOrder is [SmallSum.AddOrder] for any sum.
func (s *CurrencySum) addOrder(o *Order) bool {
	units := s.units + o.units
	if !o.isEven() || o.currency != s.Currency || units <= -maxUnits || units >= maxUnits {
		return false
	}
	s.Lines, s.units, s.places = s.Lines+int64(o.count), units, morePlaces(s.places, o.places)
	return true
}

// Add adds the lines of an order, and returns the sums of all.
func (s Sums) Add(o *Order) Sums {
	if len(s) > 0 && s[0].addOrder(o) { // as nearly always
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
	if len(s) == 0 { // as nearly always
		return append(s, *one)
	}
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
	if len(s) < 2 { // as nearly always
		return s
	}
	slices.SortFunc(s, func(a, b CurrencySum) int { return a.Currency.Compare(b.Currency) })
	return s
}
