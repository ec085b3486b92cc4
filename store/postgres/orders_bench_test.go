package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/store"
)

// benchState returns the i-th of many orders: six for each customer, with three lines of 200
// items.
func benchState(i int, updated int64) store.State {
	random := rand.New(rand.NewPCG(uint64(i), 1))
	s := store.State{
		ID: fmt.Sprint(int64(5_000_000_000) + int64(i)), Placed: 1_700_000_000_000 + int64(i)*1000, Updated: 1_700_000_000_000 + int64(i)*1000 + updated,
		Digest: random.Uint64(), At: int64(i) * 700, Phone: fmt.Sprintf("+1732%07d", random.IntN(benchOrders/6)), Name: fmt.Sprint("Some Name ", i%1000),
	}
	s.Time = s.Placed
	for range 3 {
		s.Lines = s.Lines.Append(store.Line{Item: fmt.Sprint("Item ", random.IntN(200)), Price: "10.50", Quantity: "2", Currency: "USD"})
	}
	return s
}

const (
	benchOrders = 100_000
	benchBatch  = 10_000
	benchEdits  = 1000
)

// BenchmarkOrders applies orders with an id to an empty store, and then edits of some of the
// latest and of some of the first of them, which cancel half and change the others.
func BenchmarkOrders(b *testing.B) {
	ctx := context.Background()
	var batches []store.Batch
	for from := 0; from < benchOrders; from += benchBatch {
		batch := store.Batch{ID: fmt.Sprint(from), Source: 1, Orders: benchBatch}
		for i := range benchBatch {
			batch.States = append(batch.States, benchState(from+i, 0))
		}
		batches = append(batches, batch)
	}
	edits := func(from int) (states []store.State) {
		for i := range benchEdits {
			s := benchState(from+i, 1)
			s.Skipped = i%2 == 0
			s.Name = "Another Name"
			s.Digest++
			states = append(states, s)
		}
		return states
	}
	for b.Loop() {
		b.StopTimer()
		s := open(b, newURL(b))
		if _, err := s.Start(ctx, store.Source{ID: "a"}, false); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		before := b.Elapsed()
		for _, batch := range batches {
			if _, err := s.Apply(ctx, batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(benchOrders/(b.Elapsed()-before).Seconds(), "orders/s")
		for _, of := range []struct {
			what string
			from int
		}{{"latest", benchOrders - benchEdits}, {"oldest", 0}} {
			group := store.Batch{Feed: &store.Feed{Name: "feed"}, States: edits(of.from)}
			before := b.Elapsed()
			o, err := s.Apply(ctx, group)
			if err != nil || o.Replaced != benchEdits {
				b.Fatal(o, err)
			}
			b.ReportMetric(float64((b.Elapsed() - before).Milliseconds()), "ms/1000-edits-of-"+of.what)
		}
		s.Close()
	}
}
