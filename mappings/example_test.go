package mappings_test

import (
	"fmt"

	"process-orders/mappings"
)

// A mapping file can be part of a program.
func ExampleParse() {
	m, err := mappings.Parse("lantern.toml", []byte(`
title = "The Lantern: tickets of a day"
phone = ["guest.mobile", "delivery.phone"]
lines = "entries[]"
line  = { item = "dish", price = "each" }

[skip.void]
state = "void"
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.System, m.Phone, m.Reasons())
	// Output: lantern [guest.mobile delivery.phone] [void]
}

func ExampleGuess() {
	fmt.Println(mappings.Guess([]byte(`{"orders": [{
		"id": 450789469, "created_at": "2026-05-04T16:15:47-04:00", "phone": "+12125550101",
		"line_items": [{"name": "Tea", "price": "2.50", "quantity": 1}]
	}]}`)))
	// Output: shopify
}
