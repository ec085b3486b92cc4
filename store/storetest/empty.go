package storetest

import (
	"context"
	"testing"

	"process-orders/store"
)

// The first batch of a source finds a store empty, and none after it does: not after a batch
// of another source, a group, an order that does not stand, or a customer who was erased.
func testWasEmpty(t *testing.T, o Opener) {
	ctx := context.Background()
	delta := func(n int64) store.Delta {
		return store.Delta{
			Customers: []store.Customer{{Phone: "1", Name: "Ann", Named: at(n, 1), First: at(n, 1), Orders: 1, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}},
			Items:     []store.Item{{Name: "Tea", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}},
		}
	}
	skipped := order("7", 1, "", "")
	skipped.Skipped = true
	for _, c := range []struct {
		name     string
		first    store.Batch
		wasEmpty bool
	}{
		{"nothing", store.Batch{}, true},
		{"a batch", store.Batch{ID: "first", Delta: delta(1)}, false},
		{"a group", store.Batch{Feed: &store.Feed{Name: "web"}, Delta: delta(0)}, false},
		{"a skipped order", store.Batch{ID: "first", States: []store.State{skipped}}, false},
		{"an item", store.Batch{ID: "first", Delta: store.Delta{Items: delta(1).Items}}, false},
	} {
		s := o.Open(t)
		a, b := start(t, s, "a", ""), start(t, s, "b", "")
		if c.first.ID != "" || c.first.Feed != nil {
			if c.first.Feed == nil {
				c.first.Source = a
			}
			if _, err := s.Apply(ctx, c.first); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if _, err := s.Erase(ctx, store.Erasure{Phone: "1"}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Apply(ctx, store.Batch{ID: "b", Source: b, Delta: delta(b)})
		if err != nil || got.WasEmpty != c.wasEmpty {
			t.Errorf("after %s: %+v, %v; want that it was empty: %t", c.name, got, err, c.wasEmpty)
		}
		if again, err := s.Apply(ctx, store.Batch{ID: "b", Source: b, Delta: delta(b)}); err != nil || again.WasEmpty {
			t.Errorf("after %s, again: %+v, %v", c.name, again, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
