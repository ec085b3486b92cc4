package memory_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"process-orders/store"
	"process-orders/store/memory"
)

// A batch is applied once, however often it is given. Package apply makes batches of
// files; this is what a store sees of them.
func Example() {
	ctx, s := context.Background(), memory.New()
	defer s.Close()

	monday, err := s.Start(ctx, store.Source{ID: "sha256:…", Name: "monday.json"}, false)
	if err != nil {
		log.Fatal(err)
	}
	at := store.PositionVersion(store.NoTime, monday.Number, 12, 0)
	batch := store.Batch{
		ID: "monday's first", Source: monday.Number, Last: true, Orders: 1,
		Delta: store.Delta{
			Customers: []store.Customer{{Phone: "732-555-5509", Name: "Damodhar", Named: at, First: at}},
			Items:     []store.Item{{Name: "Masala Dosa", Price: "10.95", Priced: at, First: at, Orders: 3}},
		},
	}
	for range 2 {
		outcome, err := s.Apply(ctx, batch)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("applied:", outcome.Applied)
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
	// applied: true
	// applied: false
	// 732-555-5509 Damodhar
	// Masala Dosa 10.95 3
}
