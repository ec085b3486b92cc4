package orders_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"process-orders/input"
	"process-orders/orders"
)

func ExampleRead() {
	in := strings.NewReader(`
		{"phone": "732-555-5439", "items": [{"name": "Idli", "price": 6.00}]}
		{"phone": "732-555-5509", "items": [{"name": "Idli", "price": "six"}]}`)
	for order, err := range orders.Read(in) {
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
	// input:3:65: order 2: items[0].price: want a decimal number, got a text of 3 characters
}

// A mapping reads the orders of any system. This one gives what a line costs in all, and
// has the customer's phone in one of two places.
func ExampleMapping() {
	mapping := orders.Mapping{
		Orders:     []string{"data.sales"},
		ID:         orders.Field{"no"},
		Phone:      orders.Field{"customer.mobile", "customer.phone"},
		Name:       orders.Field{"customer.first + customer.last"},
		Lines:      []string{"basket[]"},
		LineFields: orders.LineFields{Item: orders.Field{"title"}, Price: orders.Field{"sum"}, Quantity: orders.Field{"pieces"}},
		PriceUnit:  orders.Total,
		Skip:       []orders.Condition{{Reason: "cancelled", Path: "state", Values: []string{"void"}}},
	}
	in := input.Reader("sales.json", strings.NewReader(`{"data": {"sales": [
		{"no": 1, "state": "void"},
		{"no": 2, "customer": {"first": "Ann", "last": "Lee", "mobile": "", "phone": "732-555-5439"},
		 "basket": [{"title": "Idli", "pieces": 3, "sum": 18.00}]}
	]}}`))
	for order, err := range orders.All(context.Background(), []input.Source{in}, orders.Options{Mapping: &mapping}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%s: %s, %s\n", order.ID, order.Name, order.Phone)
		for _, line := range order.Lines {
			fmt.Printf("   %s × %s at %s\n", line.Quantity, line.Item, line.Price)
		}
	}
	// Output:
	// 2: Ann Lee, 732-555-5439
	//    3 × Idli at 6.00
}

// Check finds what is wrong with a mapping before anything is read with it.
func ExampleMapping_Check() {
	mapping := orders.Default()
	mapping.Name = orders.Field{"customer..name"}
	err := mapping.Check()
	fmt.Println(err)

	var path *orders.PathError
	if errors.As(err, &path) {
		fmt.Println("the path is", path.Path)
	}
	// Output:
	// mapping: "customer..name": want keys joined by dots
	// the path is customer..name
}
