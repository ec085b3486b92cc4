package storetest

import (
	"context"
	"errors"
	"testing"

	"process-orders/store"
)

// A store that is empty says ahead what it will have, which is the first batch. If it says so
// after a batch of another source, a group, an order that does not stand, or a customer who was
// erased, it is right too.
func testAhead(t *testing.T, o Opener) {
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
		name  string
		first store.Batch
		taken bool // for certain
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
		batch := store.Batch{ID: "b", Source: b, Delta: delta(b)}
		got := applyAhead(t, s, batch)
		if c.taken && !got.Taken {
			t.Errorf("after %s: nothing was taken", c.name)
		}
		if again := applyAhead(t, s, batch); again.Taken {
			t.Errorf("after %s, again: %+v", c.name, again)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A failer is a test, as rapid has it too.
type failer interface {
	Helper()
	Fatal(...any)
}

// applyAhead applies a batch that asks for all records, and compares what it took with what the store
// has then.
func applyAhead(t failer, s store.Store, b store.Batch) store.Outcome {
	t.Helper()
	ctx := context.Background()
	var taken store.All
	b.Ahead = &store.Ahead{Reading: store.Reading{Details: true}, Take: func(all store.All) { taken = all }}
	got, err := s.Apply(ctx, b)
	if err != nil || got.Taken && taken == nil {
		t.Fatal(got, err)
	}
	if taken == nil {
		return got
	}
	var ahead store.Delta
	if err := errors.Join(taken.Read(ctx, adding(&ahead)), taken.Close()); err != nil {
		t.Fatal(err)
	}
	have, err := records(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	ahead.Minutes = have.Minutes
	if diff := difference(ahead, have); diff != "" && got.Taken {
		t.Fatal("ahead ", diff)
	}
	return got
}
