package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/store"
)

// testNextBest takes away the state that gave a name, a price or a first appearance, until
// none is left. The next best may be further away than any list of candidates is long.
func testNextBest(t *testing.T, o Opener) {
	const orders = 300
	for _, test := range []struct {
		name  string
		order func(i int) store.State
	}{
		{"with times", func(i int) store.State {
			return timed(order(fmt.Sprint(i), 0, "1", fmt.Sprint("name ", i), fmt.Sprint("Dosa ", i)), int64(i/3), 0)
		}},
		{"without times", func(i int) store.State {
			return order(fmt.Sprint(i), 0, "1", fmt.Sprint("name ", i), fmt.Sprint("Dosa ", i))
		}},
		{"few names", func(i int) store.State {
			name := ""
			if i%97 == 5 {
				name = fmt.Sprint("name ", i)
			}
			return timed(order(fmt.Sprint(i), 0, "1", name, fmt.Sprint("Dosa ", i), fmt.Sprint("Idli ", i), fmt.Sprint("-Dosa ", i, ".5")), int64(i), 0)
		}},
		{"many customers and items", func(i int) store.State {
			return timed(order(fmt.Sprint(i), 0, fmt.Sprint(i%3), fmt.Sprint("name ", i), fmt.Sprint("item ", i%2, " ", i), "all 1"), int64(i), 0)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBoth(t, o)
			defer func() { b.close() }()
			n := b.start(source("a", ""))
			at, ms := int64(0), int64(0)
			do := func(edit func(i int) store.State, indexes ...int) {
				t.Helper()
				var all []store.State
				for _, i := range indexes {
					s := edit(i)
					at++
					s.At = at
					if s.Time != store.NoTime || s.Skipped {
						ms++
						s.Updated = ms
					}
					all = append(all, s)
				}
				b.apply(n, all...)
			}
			span := func(from, to int) (indexes []int) {
				for i := from; i < to; i++ {
					indexes = append(indexes, i)
				}
				return indexes
			}
			shuffled := func(indexes []int) []int {
				rand.New(rand.NewPCG(7, 8)).Shuffle(len(indexes), func(i, j int) { indexes[i], indexes[j] = indexes[j], indexes[i] })
				return indexes
			}
			cancel := func(i int) store.State {
				s := skipped(fmt.Sprint(i), 0)
				s.Time = test.order(i).Time
				return s
			}
			move := func(i int) store.State {
				s := test.order(i)
				s.Phone = "moved"
				if s.Time == store.NoTime { // its cancellation was updated
					ms++
					s.Updated = ms
				}
				return sealed(s)
			}
			do(test.order, span(0, orders)...)
			for i := range 12 {
				do(cancel, orders-1-i) // the latest, one by one
				do(cancel, i)          // the earliest
			}
			b.reopen()
			do(cancel, span(orders-220, orders-12)...) // the latest 208 at once
			do(move, shuffled(span(orders-230, orders-210))...)
			do(cancel, shuffled(span(12, 50))...) // the earliest
			b.reopen()
			do(move, orders-1) // the latest comes back
			do(move, 0)        // and the earliest
			do(cancel, orders-1, 0)
			do(cancel, shuffled(span(1, orders-1))...) // all go
			b.shows("", "")
			do(move, 150)
			b.reopen()
			do(move, shuffled(span(100, 200))...)
			do(cancel, span(100, 199)...)
			if got := read(t, b.s); len(got.Customers) != 1 || got.Customers[0].Phone != "moved" || len(got.Items) == 0 {
				t.Fatalf("records %+v, want those of the last order", got)
			}
			do(cancel, 199)
			b.shows("", "")
		})
	}
}

// testMixed has orders with an id, which come and go, and others, which stand for ever.
func testMixed(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	ms := int64(0)
	edit := func(s store.State) {
		t.Helper()
		ms++
		b.apply(n, updated(s, ms))
	}
	edit(order("x", 10, "1", "x", "Dosa 10"))
	edit(order("y", 30, "1", "y", "Dosa 30", "Idli 30"))
	b.apply(n, order("", 20, "1", "fixed", "Dosa 20", "Vada 20"))
	b.shows("1 y", "Dosa 30 3, Vada 20 1, Idli 30 1")
	edit(skipped("y", 31))
	b.shows("1 fixed", "Dosa 20 2, Vada 20 1")
	edit(skipped("x", 32))
	b.shows("1 fixed", "Dosa 20 1, Vada 20 1")
	b.reopen()
	edit(order("y", 33, "1", "", "Idli 33", "Dosa 33"))
	b.shows("1 fixed", "Dosa 33 2, Vada 20 1, Idli 33 1")
	edit(order("x", 34, "2", "x", "Dosa 10"))
	b.shows("2 x, 1 fixed", "Dosa 33 3, Vada 20 1, Idli 33 1")
	b.apply(n, order("", 5, "2", "", "Idli 5")) // its batch comes later
	b.shows("2 x, 1 fixed", "Idli 33 2, Dosa 33 3, Vada 20 1")
	edit(skipped("x", 35))
	edit(skipped("y", 36))
	b.shows("2, 1 fixed", "Idli 5 1, Dosa 20 1, Vada 20 1")
	b.reopen()
	// With a time an order is after all that have none.
	edit(timed(order("x", 37, "1", "timed", "Dosa 37"), -1, 0))
	b.shows("2, 1 timed", "Idli 5 1, Dosa 37 2, Vada 20 1")
	edit(skipped("x", 38))
	b.shows("2, 1 fixed", "Idli 5 1, Dosa 20 1, Vada 20 1")
}
