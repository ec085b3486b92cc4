package money_test

import (
	"testing"

	"process-orders/money"
)

func TestAverage(t *testing.T) {
	for _, test := range []struct {
		amount, currency string
		n                int64
		want             string
	}{
		{"10", "USD", 3, "3.33"}, {"45.00", "USD", 16, "2.81"}, {"0.01", "USD", 2, "0.01"}, {"-0.01", "USD", 2, "-0.01"}, {"10", "JPY", 4, "3"},
		{"1", "KWD", 3, "0.333"}, {"153.0999", "USD", 1, "153.10"}, {"7", "", 2, "3.50"}, {"7", "USD", 0, ""}, {"7", "USD", -1, ""},
	} {
		amount, _ := money.Parse([]byte(test.amount))
		s := money.Sum{Amount: amount}
		if test.currency != "" {
			s.Currency, _ = money.ParseCurrency([]byte(test.currency))
		}
		got, ok := money.Average(s, test.n)
		if ok != (test.want != "") || ok && (got.Amount.String() != test.want || got.Currency != s.Currency) {
			t.Errorf("%+v: %s, %t", test, got.Amount, ok)
		}
	}
}
