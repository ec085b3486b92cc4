package money

var one = FromInt(1)

// Cost returns how many pieces a line of an order is about and what they cost: the total or,
// without one, the price times the quantity. A line without a quantity is about one piece. A
// text that is no number counts as 0, and one that is no code of a currency as none. Cost keeps
// nothing of the texts.
func Cost(price, quantity, total, currency []byte) (pieces Amount, cost Sum) {
	pieces = one
	if len(quantity) > 0 {
		pieces, _ = Parse(quantity)
	}
	cost.Currency, _ = ParseCurrency(currency)
	if len(total) > 0 {
		cost.Amount, _ = Parse(total)
		return pieces, cost
	}
	cost.Amount, _ = Parse(price)
	if len(quantity) > 0 {
		cost.Amount = cost.Amount.Mul(pieces)
	}
	return pieces, cost
}
