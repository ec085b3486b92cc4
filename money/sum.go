package money

// A Sum is an exact amount in one currency.
type Sum struct {
	Currency Currency
	Amount   Amount
}
