package storetest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"process-orders/store"
)

// testTotals says what is due after erasures, and what the store holds.
func testTotals(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	r := func() store.Reader { return b.s.(store.Reader) }
	ctx := context.Background()
	if got, err := r().Totals(ctx); err != nil || got.Customers+got.Items+got.Orders+got.Due != 0 || !got.DueSince.IsZero() || got.Bytes < 0 {
		t.Fatalf("an empty store: %+v, %v", got, err)
	}
	n := b.start(source("a", "x"))
	marks := map[uint64]bool{}
	changed := func() {
		got, err := r().Totals(ctx)
		again, _ := r().Totals(ctx)
		if err != nil || marks[got.Mark] || again.Mark != got.Mark {
			t.Fatalf("%+v and %+v, %v; want another mark after each change", got, again, err)
		}
		marks[got.Mark] = true
	}
	changed()
	for i := range 6 {
		b.apply(n, order(fmt.Sprint(i), int64(i), fmt.Sprint(i), "Ann", "Dosa 1"))
		changed()
	}
	b.apply(n, order("", 6, "0", "Ann", "Dosa 1")) // of a customer and an item that are known
	changed()
	before := time.Now().Add(-time.Second)
	for round := range 2 {
		for i := range 2 {
			b.forget(store.Erasure{Phone: fmt.Sprint(round*2 + i)})
			changed()
		}
		b.reopen()
		got, err := r().Totals(ctx)
		if err != nil || got.Customers != int64(4-2*round) || got.Items != 1 || got.Orders != 6 {
			t.Fatalf("%+v, %v", got, err)
		}
		if got.Due > 0 && (got.DueSince.Before(before) || got.DueSince.After(time.Now().Add(time.Second)) || got.DueSince.Location() != time.UTC) {
			t.Fatalf("%+v at %v", got, time.Now())
		}
		if due, err := b.s.Scrub(ctx); err != nil || due != got.Due || due != 0 && due != 2 {
			t.Fatalf("%d were due, %v; want what the totals say, %+v", due, err, got)
		}
		if got, err := r().Totals(ctx); err != nil || got.Due != 0 || !got.DueSince.IsZero() {
			t.Fatalf("%+v, %v; want nothing due", got, err)
		}
	}
}

// testMinutes asks for minutes between all kinds of times.
func testMinutes(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	const minute, hour = store.MinuteMilliseconds, 60 * store.MinuteMilliseconds
	n := b.start(source("a", "x"))
	placed := []int64{store.NoTime, -hour - 1, -1, 0, 1, minute - 1, minute, hour - 1, hour, 25 * hour, 1_700_000_000_000}
	var orders []store.State
	for i, ms := range placed {
		s := order([]string{"", fmt.Sprint(i)}[i%2], int64(i), fmt.Sprint(i%4), "Ann", "Dosa 1.10")
		s.Placed = ms
		orders = append(orders, sealed(s))
	}
	b.apply(n, orders...)
	times := append([]int64{store.NoTime + 1, store.NoTime + hour, 2, math.MaxInt64}, placed...)
	all := minutesOf(b.records())
	for _, from := range times {
		for _, to := range times {
			got, err := b.s.(store.Reader).Minutes(context.Background(), from, to)
			if err != nil {
				t.Fatal(err)
			}
			var want []store.Minute
			for _, m := range all {
				if m.Start >= from && m.Start < to {
					want = append(want, m)
				}
			}
			if diff := firstDifference("minute", got, want); diff != "" {
				t.Fatalf("from %d to %d: %s", from, to, diff)
			}
		}
	}
}
