// Program reads a file of orders, prints the items that were ordered most, and
// writes the customers to customers.json.
package main

import (
	"fmt"
	"log"
	"os"

	"process-orders/records"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: program FILE")
	}
	all, err := records.ProcessFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for name, item := range all.Items.All() {
		if item.Orders >= 5 {
			fmt.Printf("%s: %s, ordered %d times\n", name, item.Price, item.Orders)
		}
	}
	if err := records.WriteJSON("customers.json", &all.Customers); err != nil {
		log.Fatal(err)
	}
}
