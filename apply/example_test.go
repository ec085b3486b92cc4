package apply_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"strings"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

// A file is applied once, however often it is given. Here the store is in memory; package
// sqlite has one that lasts.
func ExampleApply() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "monday.json")
	text := `[{"phone": "732-555-5509", "name": "Damodhar", "items": [{"name": "Masala Dosa", "price": 10.95}]}]`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}

	ctx, s := context.Background(), memory.New()
	defer s.Close()
	for range 2 {
		file, err := input.File(name)
		if err != nil {
			log.Fatal(err)
		}
		result, err := apply.Apply(ctx, s, file, apply.Options{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d order read, known before: %t\n", result.Totals.Orders, result.Known)
	}

	err = s.Records(ctx, store.Reading{}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			fmt.Println(c.Phone, c.Name)
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			fmt.Println(i.Name, i.Price, i.Orders)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 order read, known before: false
	// 1 order read, known before: true
	// 732-555-5509 Damodhar
	// Masala Dosa 10.95 1
}

// What a store has is written as a run without a store would write it.
func ExampleRecords() {
	ctx, s := context.Background(), memory.New()
	defer s.Close()
	orders := `[{"phone": "732-555-5509", "name": "Damodhar", "items": [{"name": "Masala Dosa", "price": 10.95}]}]`
	if _, err := apply.Apply(ctx, s, input.Reader("monday", strings.NewReader(orders)), apply.Options{}); err != nil {
		log.Fatal(err)
	}
	err := apply.Records(ctx, s, store.Reading{}, func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error {
		if _, err := records.WriteCustomers(os.Stdout, customers, records.Form{}); err != nil {
			return err
		}
		_, err := records.WriteItems(os.Stdout, items, records.Form{})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// {
	//     "732-555-5509": "Damodhar"
	// }
	// {
	//     "Masala Dosa": {
	//         "price": 10.95,
	//         "orders": 1
	//     }
	// }
}
