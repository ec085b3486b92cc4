package money

import "math/big"

// Average returns what one of n orders comes to that cost a sum together. It is rounded to the digits
// of the currency's minor unit ([Currency.MinorDigits]), and half of the last digit away from zero:
// 10 USD for 3 are 3.33. See [Unit] for prices, which keep more digits.
//
// ok is false if n is not greater than 0, or if the result has too many digits for [Parse].
func Average(s Sum, n int64) (average Sum, ok bool) {
	share, ok := new(big.Rat).SetString(s.Amount.String())
	if !ok || n <= 0 {
		return Sum{}, false
	}
	share.Quo(share, new(big.Rat).SetInt64(n))
	amount, ok := Parse([]byte(share.FloatString(s.Currency.MinorDigits())))
	return Sum{Currency: s.Currency, Amount: amount}, ok
}
