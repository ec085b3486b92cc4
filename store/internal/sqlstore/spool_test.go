package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// customer returns a customer with many texts and numbers, and with empty ones.
func customer(i int) store.Customer {
	if i%7 == 0 {
		return store.Customer{Phone: fmt.Sprint(i)}
	}
	return store.Customer{
		Phone: fmt.Sprint(i), Name: strings.Repeat("ü", i%300),
		Named: store.PositionVersion(int64(i), 1, int64(i)<<40, 0), First: store.PositionVersion(0, 1, 2, 3),
	}
}

// TestSpool keeps few records and many, which need a file. They come back as often as asked
// for, and only those since the last Reset.
func TestSpool(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 20_000} {
		dir := t.TempDir()
		s := sqlstore.SpoolCustomers(dir)
		for range 2 {
			s.Reset()
			for i := range n {
				if err := s.Add(customer(i)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				got := 0
				for c, err := range s.All(context.Background()) {
					if err != nil || c != customer(got) {
						t.Fatalf("record %d of %d: %+v, %v", got, n, c, err)
					}
					got++
				}
				if got != n {
					t.Errorf("%d records, want %d", got, n)
				}
			}
		}
		if names, err := os.ReadDir(dir); len(names) > 0 || err != nil {
			t.Errorf("others see %v, %v", names, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSpoolOfItems(t *testing.T) {
	want := store.Item{Name: "Tea", Price: "1.50", Priced: store.PositionVersion(1, 3, 4, 0), First: store.PositionVersion(0, 1, 2, 0), Orders: 1 << 60}
	s := sqlstore.SpoolItems("")
	defer s.Close()
	if err := s.Add(want); err != nil {
		t.Fatal(err)
	}
	for got, err := range s.All(context.Background()) {
		if got != want || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestSpoolEnds ends a context while a spool is read: its error is the last pair.
func TestSpoolEnds(t *testing.T) {
	s := sqlstore.SpoolCustomers("")
	defer s.Close()
	for i := range 10 {
		if err := s.Add(customer(i)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all []error
	for _, err := range s.All(ctx) {
		all = append(all, err)
		cancel()
	}
	if len(all) != 2 || all[0] != nil || !errors.Is(all[1], context.Canceled) {
		t.Errorf("%v, want a record and the error of the context", all)
	}
}

// TestSpoolFails has no folder for its file, which only many records need.
func TestSpoolFails(t *testing.T) {
	s := sqlstore.SpoolCustomers(filepath.Join(t.TempDir(), "none"))
	defer s.Close()
	for i := range 20_000 {
		if err := s.Add(customer(i)); err != nil {
			if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "keep the records in a temporary file") {
				t.Error(err)
			}
			return
		}
	}
	t.Error("it needs no folder")
}
