package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
)

// testAnyOrder applies the batches of several sources one after the other, then shuffled
// and by several goroutines at once. The records are the same each time.
func testAnyOrder(t *testing.T, o Opener) {
	random := rand.New(rand.NewPCG(3, 4))
	const files, batches = 4, 12
	var model model
	var all []store.Batch
	for n := range int64(files) {
		for i := range int64(batches) {
			orders := randomOrders(random, i*1000)
			model.add(n+1, "", "shop of "+fmt.Sprint(n), orders)
			all = append(all, batchOf(fmt.Sprint(n, " ", i), n+1, orders...))
		}
	}
	want := model.records()
	for l := soak.NewLoop(t, "shuffles", soak.Rounds{Short: 2, Default: 4, Soak: 200}); l.Next(); {
		s := o.Open(t)
		for n := range files {
			start(t, s, fmt.Sprint(n), "")
		}
		if l.Round > 0 {
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		writers := 1 + l.Round%4
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := w; i < len(all); i += writers {
					if applied, err := try(context.Background(), s, all[i]); !applied || err != nil {
						t.Errorf("applied %v, %v", applied, err)
					}
				}
			})
		}
		group.Wait()
		wantRecords(t, s, want)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// randomOrders returns orders of few customers and items, so that batches overlap.
func randomOrders(random *rand.Rand, from int64) (orders []store.State) {
	for i := range random.Int64N(30) {
		name := ""
		if random.IntN(3) > 0 {
			name = fmt.Sprint("name ", from, " ", i)
		}
		var lines []string
		for range random.IntN(4) {
			lines = append(lines, fmt.Sprint("item ", random.IntN(20), " ", from+i, ".0"))
		}
		orders = append(orders, order("", from+i, fmt.Sprint("+1 ", random.IntN(40)), name, lines...))
	}
	return orders
}

// testRetractAtOnce takes away the best of a customer and an item, the second best and more,
// all at once, and moves orders between two customers in both directions.
func testRetractAtOnce(t *testing.T, o Opener) {
	const orders, writers = 48, 8
	random := soak.Random(t)
	for l := soak.NewLoop(t, "retractions", soak.Rounds{Short: 2, Default: 4, Soak: 300}); l.Next(); {
		b := newBoth(t, o)
		n := b.start(source("a", ""))
		shop := source("a", "").Shop
		var all []store.State
		for i := range orders {
			// Each batch changes two customers, and two items in another order.
			all = append(all, order(fmt.Sprint(i), int64(i), fmt.Sprint(1+i%2), fmt.Sprint("name ", i), fmt.Sprint("Dosa ", i), fmt.Sprint("Idli ", i)))
		}
		b.apply(n, all...)
		batches := make([][]store.State, writers)
		for i := range orders - 8 {
			index := orders - 1 - i // the latest first, one for each writer
			if l.Round%2 == 1 {
				index = i // the earliest first
			}
			s := skipped(fmt.Sprint(index), 1000)
			if random.IntN(3) == 0 {
				s = order(fmt.Sprint(index), 1000, fmt.Sprint(2-index%2), fmt.Sprint("moved ", index), fmt.Sprint("Idli ", index), fmt.Sprint("Vada ", index))
			}
			s = updated(s, 1)
			batches[i%writers] = append(batches[i%writers], s)
		}
		outcomes := make([]store.Outcome, writers)
		var group sync.WaitGroup
		for w := range writers {
			random.Shuffle(len(batches[w]), func(i, j int) { batches[w][i], batches[w][j] = batches[w][j], batches[w][i] })
			batch := batchOf("", 0, batches[w]...)
			batch.Feed = &store.Feed{Name: fmt.Sprint("feed ", w), Shop: shop, Offset: 1}
			group.Go(func() {
				var err error
				if outcomes[w], err = b.s.Apply(context.Background(), batch); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for w, got := range outcomes {
			if want := b.add(got.Number, "", shop, batches[w]); got.Counts != want || got.Counts.Replaced != int64(len(batches[w])) {
				t.Fatalf("writer %d: %+v, want %+v", w, got, want)
			}
		}
		wantRecords(t, b.s, b.records())
		b.close()
	}
}

// testFeedsAtOnce applies two feeds and a source at once. The records are those of the order
// of the numbers, as if one had come after the other.
func testFeedsAtOnce(t *testing.T, o Opener) {
	for l := soak.NewLoop(t, "feeds", soak.Rounds{Short: 2, Default: 4, Soak: 300}); l.Next(); {
		const groups = 8
		b := newBoth(t, o)
		n := b.start(source("a", ""))
		shop := source("a", "").Shop
		orders := func(from int) []store.State {
			var all []store.State
			for i := range 6 {
				at := int64(from*10 + i)
				name := fmt.Sprint("name ", from, " ", i)
				all = append(all, order([]string{"", fmt.Sprint((from + i) % 7)}[i%2], at, fmt.Sprint((from+i)%5), name, fmt.Sprint("Dosa ", at), fmt.Sprint("item ", i, " ", at)))
			}
			return all
		}
		var mu sync.Mutex
		var group sync.WaitGroup
		for w := range 3 {
			group.Go(func() {
				last := int64(0)
				for i := range groups {
					all := orders(w*groups + i)
					batch := batchOf(fmt.Sprint("of the source ", i), n, all...)
					if w < 2 {
						batch = batchOf("", 0, all...)
						batch.Feed = &store.Feed{Name: fmt.Sprint("feed ", w), Shop: shop, Offset: int64(i + 1)}
					}
					got, err := b.s.Apply(context.Background(), batch)
					if err != nil || !got.Applied || w < 2 && got.Number <= last || w == 2 && got.Number != n {
						t.Errorf("%+v, %v; want it applied, after number %d", got, err, last)
						return
					}
					last = got.Number
					mu.Lock()
					b.put(got.Number, "", shop, all)
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if t.Failed() {
			t.FailNow()
		}
		wantRecords(t, b.s, b.records())
		b.reopen()
		// The next source is later than all of them.
		next := b.start(source("next", ""))
		b.apply(next, order("", 0, "1", "last", "Dosa 999"))
		d := read(t, b.s)
		i := slices.IndexFunc(d.Customers, func(c store.Customer) bool { return c.Phone == "1" })
		if j := slices.IndexFunc(d.Items, func(i store.Item) bool { return i.Name == "Dosa" }); d.Customers[i].Name != "last" || d.Items[j].Price != "999" {
			t.Fatalf("%+v and %+v are not of the last source", d.Customers[i], d.Items[j])
		}
		b.close()
	}
}

// testSameBatchAtOnce applies a batch by many goroutines at once. One of them does it.
func testSameBatchAtOnce(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	d := store.Delta{Items: []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}}
	for batch := range int64(10) {
		var group sync.WaitGroup
		did := make([]bool, 8)
		for i := range did {
			group.Go(func() {
				var err error
				did[i], err = try(context.Background(), s, store.Batch{ID: fmt.Sprint(batch), Source: n, Delta: d})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := count(did); n != 1 {
			t.Fatalf("%d applied the batch, want 1", n)
		}
	}
	if got := read(t, s).Items[0].Orders; got != 10 {
		t.Fatalf("%d orders, want 10", got)
	}
}

func count(all []bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// testSameOrdersAtOnce applies the same orders in batches of several sources at once.
// Each order counts once.
func testSameOrdersAtOnce(t *testing.T, o Opener) {
	s := o.Open(t)
	const files, orders = 6, 200
	var group sync.WaitGroup
	for i := range files {
		a := source(fmt.Sprint(i), "system")
		a.Shop = "shop"
		p, err := s.Start(context.Background(), a, false)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for from := 0; from < orders; from += 50 {
				var mine []store.State
				for j := range 50 {
					id := fmt.Sprint("order ", from+j)
					mine = append(mine, order(id, int64(from+j), "", "", id+" 1", "all 1"))
				}
				if _, err := s.Apply(context.Background(), batchOf(fmt.Sprint(i, from), p.Number, mine...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	items := read(t, s).Items
	if len(items) != orders+1 {
		t.Fatalf("%d items, want %d", len(items), orders+1)
	}
	for _, item := range items {
		want := int64(1)
		if item.Name == "all" {
			want = orders
		}
		if item.Orders != want {
			t.Fatalf("%s counts %d times, want %d", item.Name, item.Orders, want)
		}
	}
	var counts store.Counts
	for _, p := range sources(t, s) {
		counts = plus(counts, p.Counts)
	}
	if want := (store.Counts{Repeated: (files - 1) * orders}); counts != want {
		t.Fatalf("counts %+v, want %+v", counts, want)
	}
}
