package storetest

import (
	"context"
	"testing"

	"process-orders/store"
)

func testErase(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	customer := func(phone string, offset int64) store.Customer {
		return store.Customer{Phone: phone, Name: "name " + phone, Named: at(n, offset), First: at(n, offset)}
	}
	items := []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}
	apply(t, s, store.Batch{ID: "1", Source: n, Delta: store.Delta{
		Customers: []store.Customer{customer("1", 1), customer("2", 2), customer("3", 3)}, Items: items}})
	if found, err := s.Erase(ctx, store.Erasure{Phone: "2"}); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	for _, phone := range []string{"2", "", "4", "2'"} {
		if found, err := s.Erase(ctx, store.Erasure{Phone: phone}); found || err != nil {
			t.Fatalf("one who is not there: found %v, %v", found, err)
		}
	}
	want := store.Delta{Customers: []store.Customer{customer("1", 1), customer("3", 3)}, Items: items}
	wantRecords(t, s, want)
	s = o.Reopen(t, s)
	wantRecords(t, s, want)

	// The batch that held the customer is still known, and so is its order.
	if applied, err := try(ctx, s, store.Batch{ID: "1", Source: n}); applied || err != nil {
		t.Fatalf("the batch again: applied %v, %v", applied, err)
	}
	// A later batch knows nothing of what was, not even the version.
	again := store.Customer{Phone: "2", First: at(n, 9)}
	apply(t, s, store.Batch{ID: "2", Source: n, Delta: store.Delta{Customers: []store.Customer{again}}})
	want.Customers = append(want.Customers, again)
	wantRecords(t, s, want)
}
