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
	for _, test := range []struct {
		name string
		of   func(id string, i int) store.State
	}{
		{"with times", func(id string, i int) store.State {
			return timed(order(id, 0, "1", "name "+id, "Dosa "+id), int64(i/3), 0)
		}},
		{"without times", func(id string, _ int) store.State {
			return order(id, 0, "1", "name "+id, "Dosa "+id)
		}},
		{"few names", func(id string, i int) store.State {
			name := ""
			if i%97 == 5 {
				name = "name " + id
			}
			return timed(order(id, 0, "1", name, "Dosa "+id, "Idli "+id, "-Dosa "+id+".5"), int64(i), 0)
		}},
		{"many customers and items", func(id string, i int) store.State {
			return timed(order(id, 0, fmt.Sprint(i%3), "name "+id, fmt.Sprint("item ", i%2, " ", id), "all 1"), int64(i), 0)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &nextBest{both: newBoth(t, o), of: test.of}
			defer func() { b.close() }()
			b.source = b.start(source("a", ""))
			b.do(b.placed, span(0, nextBestOrders)...)
			b.cancelBestFirst()
			b.cancelManyAtOnce()
			b.comeBack()
		})
	}
}

// nextBestOrders is how many orders testNextBest has: many more than any list of candidates.
const nextBestOrders = 300

// A nextBest applies states of orders that are known by their numbers. Each state that is
// applied comes later than all before it.
type nextBest struct {
	*both
	source int64
	of     func(id string, i int) store.State
	at, ms int64
}

// cancelBestFirst cancels the latest and the earliest orders, one by one.
func (b *nextBest) cancelBestFirst() {
	for i := range 12 {
		b.do(b.cancelled, nextBestOrders-1-i)
		b.do(b.cancelled, i)
	}
	b.reopen()
}

// cancelManyAtOnce takes away more than all candidates in one batch, until no order is left.
func (b *nextBest) cancelManyAtOnce() {
	const last = nextBestOrders - 1
	b.do(b.cancelled, span(last-219, last-11)...) // the latest
	b.do(b.moved, shuffled(span(last-229, last-209))...)
	b.do(b.cancelled, shuffled(span(12, 50))...) // the earliest
	b.reopen()
	b.do(b.moved, last)
	b.do(b.moved, 0)
	b.do(b.cancelled, last, 0)
	b.do(b.cancelled, shuffled(span(1, last))...)
	b.shows("", "")
}

// comeBack moves some that were cancelled to one customer, and takes them away again.
func (b *nextBest) comeBack() {
	b.do(b.moved, 150)
	b.reopen()
	b.do(b.moved, shuffled(span(100, 200))...)
	b.do(b.cancelled, span(100, 199)...)
	if got := read(b.t, b.s); len(got.Customers) != 1 || got.Customers[0].Phone != "moved" || len(got.Items) == 0 {
		b.t.Fatalf("records %+v, want those of the last order", got)
	}
	b.do(b.cancelled, 199)
	b.shows("", "")
}

// do applies a state of each of the orders in one batch.
func (b *nextBest) do(state func(i int) store.State, orders ...int) {
	b.t.Helper()
	var all []store.State
	for _, i := range orders {
		s := state(i)
		b.at++
		s.At = b.at
		if s.Time != store.NoTime || s.Skipped {
			s.Updated = b.next()
		}
		all = append(all, s)
	}
	b.apply(b.source, all...)
}

// next returns a time of a change that is later than all before it.
func (b *nextBest) next() int64 {
	b.ms++
	return b.ms
}

func (b *nextBest) placed(i int) store.State { return b.of(fmt.Sprint(i), i) }

func (b *nextBest) cancelled(i int) store.State {
	s := skipped(fmt.Sprint(i), 0)
	s.Time = b.placed(i).Time
	return s
}

func (b *nextBest) moved(i int) store.State {
	s := b.placed(i)
	s.Phone = "moved"
	if s.Time == store.NoTime { // its cancellation was updated
		s.Updated = b.next()
	}
	return sealed(s)
}

// span is the numbers from one up to another one.
func span(from, to int) (numbers []int) {
	for i := from; i < to; i++ {
		numbers = append(numbers, i)
	}
	return numbers
}

// shuffled shuffles numbers, always in the same way.
func shuffled(numbers []int) []int {
	rand.New(rand.NewPCG(7, 8)).Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	return numbers
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
