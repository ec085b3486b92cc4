package table_test

import (
	"fmt"

	"process-orders/internal/table"
)

// A table counts how often each key came, and keeps the text with the greatest position.
func Example() {
	var prices table.Table
	prices.KeepCounts()
	prices.Add([]byte("Idli"), []byte("6.50"), 300, 1, nil)
	prices.Add([]byte("Dosa"), []byte("10.95"), 100, 1, nil)
	prices.Add([]byte("Idli"), []byte("6.00"), 200, 1, nil) // earlier in the input
	for r := range prices.All() {
		fmt.Printf("%s %s %d\n", r.Key(), r.Text(), r.Count())
	}
	// Output:
	// Dosa 10.95 1
	// Idli 6.50 2
}
