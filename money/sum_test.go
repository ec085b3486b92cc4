package money_test

import (
	"testing"

	"process-orders/money"
)

func TestWritten(t *testing.T) {
	for _, c := range []struct{ currency, amount, want string }{
		{"USD", "5.1", "5.10"}, {"USD", "5", "5.00"}, {"USD", "0", "0.00"}, {"USD", "-5.1", "-5.10"},
		{"USD", "25.0000", "25.0000"}, {"USD", "153.0999", "153.0999"},
		{"JPY", "1200", "1200"}, {"JPY", "1200.00", "1200.00"},
		{"KWD", "1.5", "1.500"}, {"CLF", "1", "1.0000"},
		{"XXX", "5.1", "5.1"}, {"XXX", "5.1000", "5.1000"},
		{"USD", "340282366920938463463374607431768211456.5", "340282366920938463463374607431768211456.50"},
	} {
		currency, _ := money.ParseCurrency([]byte(c.currency))
		sum := money.Sum{Currency: currency, Amount: amount(t, c.amount)}
		if got := sum.Written().String(); got != c.want {
			t.Errorf("%s %s is written %s, want %s", c.currency, c.amount, got, c.want)
		}
		if sum.Amount.Cmp(sum.Written()) != 0 || sum.Amount.String() != c.amount {
			t.Errorf("%s %s was changed", c.currency, c.amount)
		}
	}
}
