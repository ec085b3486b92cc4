package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// A store is a file. What was applied is there when it is opened again, and so are the
// rules by which its orders are read.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "shop.db")

	s, err := sqlite.Open(ctx, name, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	monday, err := s.Start(ctx, store.Source{ID: "sha256:…", Name: "monday.json", Rules: "count lines"}, false)
	if err != nil {
		log.Fatal(err)
	}
	at := store.PositionVersion(store.NoTime, monday.Number, 12, 0)
	_, err = s.Apply(ctx, store.Batch{
		ID: "monday's first", Source: monday.Number, Orders: 1,
		Delta: store.Delta{Items: []store.Item{{Name: "Masala Dosa", Price: "10.95", Priced: at, First: at, Orders: 1}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}

	s, err = sqlite.Open(ctx, name, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	sources, err := s.Sources(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range sources {
		fmt.Printf("%s: %d of its batches were applied, done: %t\n", p.Name, p.Batches, p.Done)
	}
	_, err = s.Start(ctx, store.Source{ID: "sha256:other", Name: "tuesday.json", Rules: "count orders"}, false)
	if wrong := new(store.RulesError); errors.As(err, &wrong) {
		fmt.Println(wrong)
	}
	// Output:
	// monday.json: 1 of its batches were applied, done: false
	// the store keeps "count lines"; this run has "count orders"
}
