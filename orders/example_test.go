package orders_test

import (
	"fmt"
	"strings"

	"process-orders/orders"
)

func ExampleRead() {
	input := strings.NewReader(`
		{"phone": "732-555-5439", "items": [{"name": "Idli", "price": 6.00}]}
		{"phone": "732-555-5509", "items": [{"name": "Idli", "price": "six"}]}`)
	for order, err := range orders.Read(input) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%d: %s\n", order.Number, order.Phone)
		for _, line := range order.Lines {
			fmt.Printf("   %s %s\n", line.Item, line.Price)
		}
	}
	// Output:
	// 1: 732-555-5439
	//    Idli 6.00
	// input:3:65: order 2: items[0].price: want a decimal number, got "six"
}
