package storetest

import (
	"context"
	"slices"
	"testing"

	"process-orders/store"
)

// testShops compares the minutes of two shops, which have orders at the same time, with what was
// worked out by hand. Two systems that call a shop by one name add to the same minutes.
func testShops(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	const minute = store.MinuteMilliseconds
	of := func(id, system, shop string) int64 {
		s := source(id, system)
		s.Shop = shop
		return b.start(s)
	}
	here, there, too := of("a", "x", "here"), of("b", "x", "there"), of("c", "y", "here")
	tea := func(price string) store.Line { return store.Line{Item: "Tea", Price: price} }
	b.apply(here, detailed("1", 1, minute, "1", tea("1")), detailed("", 2, minute, "2", tea("2")))
	b.apply(there, detailed("1", 1, minute+1, "1", tea("4")), detailed("2", 2, 90*minute, "3", tea("8")))
	b.apply(too, detailed("1", 1, minute+2, "", tea("16")))
	b.shops("1: 0 orders, 2 new; 1 here: 3 orders, 0 new, 19; 1 there: 1 orders, 0 new, 4; 90: 0 orders, 1 new; 90 there: 1 orders, 0 new, 8")
	// What an order takes back is that of its own shop, and a customer who is forgotten takes no
	// sale along.
	again := of("d", "x", "there")
	b.apply(again, updated(skipped("1", 10), 10), detailed("2", 12, 91*minute, "3", tea("32")))
	b.forget(store.Erasure{Phone: "2"})
	b.reopen()
	b.shops("1: 0 orders, 1 new; 1 here: 3 orders, 0 new, 19; 91: 0 orders, 1 new; 91 there: 1 orders, 0 new, 32")
	// Orders that a feed brings, and those that an erasure names, are of shops too.
	if _, err := b.s.Apply(context.Background(), store.Batch{Feed: &store.Feed{Name: "f", System: "z", Shop: "web"}, Orders: 1, States: []store.State{detailed("9", 1, minute, "1", tea("1"))}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.s.Erase(context.Background(), store.Erasure{System: "z", Shop: "named", IDs: []string{"7"}}); err != nil {
		t.Fatal(err)
	}
	shops, err := b.s.(store.Reader).Shops(context.Background())
	want := []store.Shop{{System: "x", Name: "here"}, {System: "y", Name: "here"}, {System: "z", Name: "named"}, {System: "x", Name: "there"}, {System: "z", Name: "web"}}
	if err != nil || !slices.Equal(shops, want) {
		t.Errorf("shops %q, %v, want %q", shops, err, want)
	}
}

// shops checks the minutes of all shops.
func (b *both) shops(want string) {
	b.t.Helper()
	if got := minutesText(minutesOf(read(b.t, b.s)), false); got != want {
		b.t.Fatalf("%s\nwant\n  %s", got, want)
	}
}
