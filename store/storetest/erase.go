package storetest

import (
	"context"
	"testing"
	"time"

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

	// The batch that held the customer is still known.
	if applied, err := try(ctx, s, store.Batch{ID: "1", Source: n}); applied || err != nil {
		t.Fatalf("the batch again: applied %v, %v", applied, err)
	}
	// A later batch knows nothing of what was, not even the version.
	again := store.Customer{Phone: "2", First: at(n, 9)}
	apply(t, s, store.Batch{ID: "2", Source: n, Delta: store.Delta{Customers: []store.Customer{again}}})
	want.Customers = append(want.Customers, again)
	wantRecords(t, s, want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// testEraseOrders erases a customer who has orders with an id. They never make a customer
// again, and their items stay.
func testEraseOrders(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	b.apply(n,
		timed(order("x", 1, "1", "Ann", "Dosa 1"), 10, 1),
		timed(order("y", 2, "1", "Anna", "Idli 1"), 20, 1),
		timed(order("z", 3, "2", "Bob", "Dosa 2"), 30, 1),
		order("w", 4, "1", "Annie", "Vada 1"),
		order("", 5, "1", "An", "Vada 2"))
	held := timed(order("held", 6, "1", "Ann", "Dosa 3"), 40, 1)
	held.Skipped = true
	b.apply(n, held)
	b.shows("1 Anna, 2 Bob", "Vada 2 2, Dosa 2 2, Idli 1 1")
	if !b.forget(store.Erasure{Phone: "1"}) {
		t.Fatal("the customer was not found")
	}
	const items = "Vada 2 2, Dosa 2 2, Idli 1 1"
	b.shows("2 Bob", items)
	if b.forget(store.Erasure{Phone: "1"}) {
		t.Fatal("the customer was found twice")
	}
	b.reopen()
	b.apply(n, timed(order("x", 11, "1", "Ann", "Dosa 1"), 10, 1)) // the same
	b.apply(n, timed(order("y", 12, "1", "Old", "Idli 1"), 20, 0)) // an older one
	b.apply(n, order("w", 13, "1", "Annie", "Vada 1"))             // the same, later
	b.shows("2 Bob", items)
	b.apply(n, timed(order("x", 14, "1", "Ann", "Dosa 5"), 50, 2)) // a later one
	b.apply(n, timed(order("y", 15, "3", "Eve", "Idli 5"), 50, 2)) // of another phone
	b.apply(n, timed(order("held", 16, "1", "Ann", "Dosa 3"), 40, 2))
	b.shows("2 Bob", "Vada 2 2, Dosa 5 3, Idli 5 1")
	b.reopen()
	b.apply(n, updated(skipped("x", 17), 3), updated(skipped("w", 18), 3))
	b.shows("2 Bob", "Vada 2 1, Dosa 3 2, Idli 5 1")
	b.apply(n, timed(order("x", 19, "2", "Ann", "Dosa 1"), 60, 4), order("w", 20, "1", "Annie", "Vada 1"))
	b.shows("2 Bob", "Vada 2 1, Dosa 1 3, Idli 5 1")
	b.applyGroup(store.Feed{Name: "feed", Shop: source("a", "").Shop}, timed(order("x", 1, "1", "Ann", "Dosa 1"), 60, 5))
	b.shows("2 Bob", "Vada 2 1, Dosa 1 3, Idli 5 1")
	// Orders that the store did not know make the customer again, and know nothing of what
	// was.
	b.apply(n, timed(order("new", 21, "1", "", "Dosa 6"), 70, 1))
	b.shows("2 Bob, 1", "Vada 2 1, Dosa 6 4, Idli 5 1")
	b.apply(n, order("", 22, "1", "Anu"))
	b.shows("1 Anu, 2 Bob", "Vada 2 1, Dosa 6 4, Idli 5 1")
	if !b.forget(store.Erasure{Phone: "1"}) || !b.forget(store.Erasure{Phone: "2"}) {
		t.Fatal("a customer was not found")
	}
	b.shows("", "Vada 2 1, Dosa 6 4, Idli 5 1")
	b.reopen()
}

// testEraseMoved erases a customer whose order has moved to another one, who keeps it.
func testEraseMoved(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	b.apply(n, timed(order("x", 1, "1", "Ann", "Dosa 1"), 10, 1), timed(order("y", 2, "1", "Ann", "Dosa 1"), 20, 1))
	b.apply(n, timed(order("x", 3, "2", "Bob", "Dosa 1"), 10, 2))
	b.forget(store.Erasure{Phone: "1"})
	b.shows("2 Bob", "Dosa 1 2")
	b.apply(n, timed(order("x", 4, "2", "Bobby", "Dosa 1"), 10, 3))
	b.shows("2 Bobby", "Dosa 1 2")
	b.apply(n, timed(order("x", 5, "1", "Ann", "Dosa 1"), 10, 4))
	b.shows("1 Ann", "Dosa 1 2")
	// It is cancelled, by a state that does not say whose it is, when its customer is erased.
	// Then it is restored: it was an order of that customer all the same.
	b.apply(n, updated(skipped("x", 6), 5))
	if b.forget(store.Erasure{Phone: "1"}) {
		t.Fatal("a customer was found who has no order that stands")
	}
	b.apply(n, timed(order("x", 7, "1", "Ann", "Dosa 1"), 10, 6))
	b.shows("", "Dosa 1 2")
	b.reopen()
}

// testEraseNamed erases orders by their ids, also such that the store does not know yet.
func testEraseNamed(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	a, other := source("a", "x"), source("b", "x")
	other.Shop = "other"
	n, m := b.start(a), b.start(other)
	x := func(phone string) store.State { return timed(order("x", 1, phone, "Ann", "Dosa 1"), 10, 1) }
	b.apply(n, x("1"), timed(order("y", 2, "2", "Best", "Dosa 2"), 20, 1), timed(order("z", 3, "2", "Next", "Dosa 3"), 15, 1))
	b.apply(m, x("3"))
	b.shows("3 Ann, 1 Ann, 2 Best", "Dosa 2 4")
	if b.forget(store.Erasure{Phone: "unknown", System: "x", Shop: a.Shop, IDs: []string{"y", "new", "y", "x ", "new"}}) {
		t.Fatal("a customer was found")
	}
	b.shows("3 Ann, 1 Ann, 2 Next", "Dosa 2 4")
	b.reopen()
	if got := b.apply(n, timed(order("new", 4, "4", "Eve", "Idli 1"), 30, 1)); got != (store.Counts{}) {
		t.Fatalf("a new order that was erased: %+v", got)
	}
	b.shows("3 Ann, 1 Ann, 2 Next", "Dosa 2 4, Idli 1 1")
	if got := b.apply(n, timed(order("new", 5, "4", "Eve", "Idli 1"), 30, 1)); got != (store.Counts{Repeated: 1}) {
		t.Fatalf("it again: %+v", got)
	}
	b.apply(n, timed(order("new", 6, "4", "Eve", "Idli 2"), 30, 2), timed(order("y", 7, "2", "Best", "Dosa 2"), 20, 2))
	b.shows("3 Ann, 1 Ann, 2 Next", "Dosa 2 4, Idli 2 1")
	b.apply(m, timed(order("new", 2, "5", "Other", "Idli 3"), 40, 1)) // another shop's
	b.shows("3 Ann, 1 Ann, 2 Next, 5 Other", "Dosa 2 4, Idli 3 2")
	// A customer and named orders at once; without a phone the named ones alone.
	if !b.forget(store.Erasure{Phone: "1", System: "x", Shop: "other", IDs: []string{"x", "later"}}) {
		t.Fatal("the customer was not found")
	}
	b.shows("2 Next, 5 Other", "Dosa 2 4, Idli 3 2")
	b.apply(m, timed(order("nobody", 3, "", "", "Idli 4"), 50, 1))
	if b.forget(store.Erasure{System: "x", Shop: "other", IDs: []string{"new"}}) {
		t.Fatal("a customer without a phone was found")
	}
	b.apply(m, timed(order("nobody", 4, "6", "Now", "Idli 4"), 50, 2))
	b.shows("2 Next, 6 Now", "Dosa 2 4, Idli 4 3")
	// Positions: an order that was erased before it came is where its first state is.
	b.apply(m, order("later", 50, "7", "Late", "Vada 1"))
	b.apply(m, order("w", 60, "8", "W", "Vada 2"))
	b.apply(n, order("w", 70, "9", "W", "Vada 3"))
	b.shows("9 W, 8 W, 2 Next, 6 Now", "Vada 2 3, Dosa 2 4, Idli 4 3")
	b.reopen()
	// A shop that no source has had.
	b.forget(store.Erasure{System: "y", Shop: "unknown", IDs: []string{"1"}})
	if got := b.applyGroup(store.Feed{Name: "feed", System: "y", Shop: "unknown"}, timed(order("1", 1, "10", "No", "Dosa 9"), 60, 1)); got.Counts != (store.Counts{}) {
		t.Fatalf("%+v", got)
	}
	b.shows("9 W, 8 W, 2 Next, 6 Now", "Vada 2 3, Dosa 9 5, Idli 4 3")
}

// testScrub erases customers and scrubs what is left of them. A store that leaves nothing has
// nothing due. The records are the same before and after.
func testScrub(t *testing.T, o Opener) {
	ctx, b := context.Background(), newBoth(t, o)
	defer func() { b.close() }()
	due := func() int64 {
		t.Helper()
		totals, err := b.s.(store.Reader).Totals(ctx)
		n, since := totals.Due, totals.DueSince
		if err != nil || since.IsZero() != (n == 0) || n > 0 && (time.Since(since) > time.Hour || since.After(time.Now())) {
			t.Fatalf("%d erasures are due since %v, %v", n, since, err)
		}
		return n
	}
	scrub := func(want int64) {
		t.Helper()
		if n, err := b.s.Scrub(ctx); n != want || err != nil {
			t.Fatalf("%d erasures were scrubbed, %v; want %d", n, err, want)
		}
		if n := due(); n != 0 {
			t.Fatalf("%d erasures are due after scrubbing", n)
		}
		wantRecords(t, b.s, b.records())
	}
	scrub(0)
	n := b.start(source("a", ""))
	b.apply(n,
		timed(order("x", 1, "1", "Ann", "Dosa 1"), 10, 1), timed(order("y", 2, "2", "Bob", "Idli 1"), 20, 1),
		order("", 3, "3", "Ann", "Dosa 2"), order("", 4, "4", "Bob", "Dosa 3"))
	b.forget(store.Erasure{Phone: "nobody"})
	scrub(0)
	b.forget(store.Erasure{Phone: "1"})
	each := due() // 0, or 1 for each erasure
	b.forget(store.Erasure{Phone: "3"})
	b.forget(store.Erasure{Phone: "3"}) // nothing more is left
	if got := due(); got != 2*each {
		t.Fatalf("%d erasures are due, want %d", got, 2*each)
	}
	b.reopen()
	scrub(2 * each)
	scrub(0)
	b.forget(store.Erasure{Phone: "2"})
	scrub(each)
	b.reopen()
	b.apply(n, timed(order("x", 5, "1", "Ann", "Dosa 1"), 10, 2), order("", 6, "3", "Ann", "Dosa 2"))
	b.shows("4 Bob, 3 Ann", "Dosa 1 4, Idli 1 1")
}
