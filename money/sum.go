package money

import "slices"

// A Sum is an exact amount in one currency.
type Sum struct {
	Currency Currency
	Amount   Amount
}

// Written returns the amount with at least the decimal places of the currency's minor unit
// ([Currency.MinorDigits]): 5.1 USD is 5.10, and 153.0999 USD stays as it is. Without a
// currency the amount keeps its places.
func (s Sum) Written() Amount {
	if s.Currency.IsNone() {
		return s.Amount
	}
	return s.Amount.withPlaces(max(s.Amount.places, uint16(s.Currency.MinorDigits())))
}

// AddSums adds sums to others, which are sorted by currency and have each once. It returns all,
// in the same way, and may change to, as append does.
func AddSums(to []Sum, more ...Sum) []Sum {
	for _, s := range more {
		i, found := slices.BinarySearchFunc(to, s.Currency, func(have Sum, c Currency) int { return have.Currency.Compare(c) })
		if found {
			to[i].Amount = to[i].Amount.Add(s.Amount)
		} else {
			to = slices.Insert(to, i, s)
		}
	}
	return to
}
