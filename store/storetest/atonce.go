package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
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
			model.add(n+1, "", "", orders)
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
		counts.Repeated += p.Repeated
		counts.Older += p.Older
		counts.Replaced += p.Replaced
	}
	if want := (store.Counts{Repeated: (files - 1) * orders}); counts != want {
		t.Fatalf("counts %+v, want %+v", counts, want)
	}
}
