package money_test

import (
	"fmt"

	"process-orders/money"
)

// The sum of an order's lines keeps the decimal places of its prices.
func Example() {
	price, _ := money.Parse([]byte("1.10"))
	tip, _ := money.Parse([]byte("2"))
	usd, _ := money.ParseCurrency([]byte("usd"))
	sum := money.Sum{Currency: usd, Amount: price.Mul(money.FromInt(3)).Add(tip)}
	fmt.Println(sum.Amount, sum.Currency)
	// Output: 5.30 USD
}

func ExampleWriteOut() {
	price, ok := money.WriteOut(nil, []byte("1.20e1"), 40)
	fmt.Println(string(price), ok)
	// Output: 12.0 true
}

func ExampleFromMinor() {
	for _, code := range []string{"USD", "JPY", "KWD"} {
		currency, _ := money.ParseCurrency([]byte(code))
		amount, _ := money.FromMinor(nil, []byte("1250"), currency)
		fmt.Println(string(amount), currency)
	}
	// Output:
	// 12.50 USD
	// 1250 JPY
	// 1.250 KWD
}

func ExampleUnit() {
	dollars, _ := money.ParseCurrency([]byte("USD"))
	for _, quantity := range []string{"2", "16", "7"} {
		price, _ := money.Unit(nil, []byte("45.00"), []byte(quantity), dollars)
		fmt.Println(string(price))
	}
	// Output:
	// 22.50
	// 2.8125
	// 6.43
}
