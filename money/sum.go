package money

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
