package main

import (
	"testing"

	"process-orders/orders"
)

// What is said of orders that share an id, with the others in the right number.
func TestSharedIDs(t *testing.T) {
	const first = "two orders share the id and differ in time, phone and lines; only the first counts: a:1:1 and b:2:1"
	for n, want := range map[int64]string{1: first, 2: first + ", and 1 more such order", 3: first + ", and 2 more such orders"} {
		m := newRemarkable(orders.Totals{SharedIDs: n, SharedAt: [2]orders.Place{{Source: "a", Line: 1, Column: 1}, {Source: "b", Line: 2, Column: 1, Order: 5}}})
		all := (&reading{}).remarks(&m)
		if len(all) != 1 || all[0].text != want {
			t.Errorf("%d: got %+v, want %s", n, all, want)
		}
	}
}
