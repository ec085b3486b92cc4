package sqlite_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/money"
	"process-orders/store"
)

// BenchmarkApply applies the records of 2 million orders without an id as one batch, to an
// empty store and to one that has them.
func BenchmarkApply(b *testing.B) {
	const customers, items, minutes = 167_000, 200, 60_000
	delta := func(source int64) (d store.Delta) {
		random := rand.New(rand.NewPCG(1, 2))
		for i, n := range random.Perm(customers) {
			v := store.PositionVersion(store.NoTime, source, int64(i)*300, 0)
			placed := firstPlaced + int64(i)*15_000
			d.Customers = append(d.Customers, store.Customer{
				Phone: fmt.Sprintf("%03d-555-%04d", n/10_000, n%10_000), Name: someName(n), Named: v, First: v,
				Orders: 12, Spent: someSums(int64(n)), FirstPlaced: placed, LastPlaced: placed + 1_000_000_000,
			})
		}
		for i := range items {
			v := store.PositionVersion(store.NoTime, source, int64(i), 0)
			d.Items = append(d.Items, store.Item{
				Name: fmt.Sprint("Item ", i), Price: "10.50", Priced: v, First: v, Orders: 10000, Quantity: money.FromInt(12_000), Revenue: someSums(126_000),
				Prices: []store.Price{{Price: "10.50", First: v, Placed: firstPlaced}},
			})
		}
		var all []store.Minute
		for i := range int64(minutes) {
			all = append(all, store.Minute{Start: store.MinuteOf(firstPlaced) + i*store.MinuteMilliseconds, Orders: 4, Sums: []store.MinuteSum{{Sum: someSums(40)[0], Lines: 8}}})
		}
		d.Minutes = slices.Values(all)
		return d
	}
	for _, test := range []struct {
		name   string
		before int
	}{{"empty", 0}, {"merge", 1}} {
		b.Run(test.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				s := open(b, filepath.Join(b.TempDir(), fmt.Sprint(i)))
				run := func(n int64, timed bool) {
					d := delta(n)
					startSource(b, s, fmt.Sprint(n))
					if timed {
						b.StartTimer()
					}
					apply(b, s, store.Batch{ID: fmt.Sprint(n), Source: n, Delta: d})
					b.StopTimer()
				}
				for n := range test.before {
					run(int64(n+1), false)
				}
				run(int64(test.before+1), true)
				b.StartTimer()
			}
		})
	}
}

// someName returns a name of two words.
func someName(n int) string {
	const letters = "bcdfghjklmnpqrst"
	word := func(n int) string {
		return fmt.Sprintf("%c%co%c%c", letters[n&15]-'a'+'A', "aeiou"[n>>4%5], letters[n>>7&15], "aeiou"[n>>11%5])
	}
	return word(n*7919) + " " + word(n*104_729+13)
}

func someSums(n int64) []money.Sum {
	usd, _ := money.ParseCurrency([]byte("USD"))
	return []money.Sum{{Currency: usd, Amount: money.FromInt(n)}}
}

func startSource(b *testing.B, s store.Store, id string) (number int64) {
	b.Helper()
	p, err := s.Start(context.Background(), store.Source{ID: id, System: "shop"}, false)
	if err != nil {
		b.Fatal(err)
	}
	return p.Number
}

// The shop of the benchmarks: every fifteen seconds an order of two or three lines.
const (
	someCustomers = 170_000
	someItems     = 400
	firstPlaced   = int64(1_700_000_000_000)
)

// someOrder returns the i-th order of the shop, as it is after some edits. They change its
// lines, and move one in ten to another phone.
func someOrder(random *rand.Rand, i, edits int) store.State {
	placed := firstPlaced + int64(i)*15_000
	c := int(int64(i) * 104_729 % someCustomers)
	if i%10 == 0 {
		c = (c + edits) % someCustomers
	}
	s := store.State{
		ID: fmt.Sprint(5_000_000_000_000 + int64(i)), Updated: placed + 1000 + int64(edits)*60_000, Placed: placed, Time: placed,
		At: int64(i) * 900, Phone: fmt.Sprintf("%03d-555-%06d", c%1000, c), Name: fmt.Sprint("Some Name ", c),
	}
	for range 2 + random.IntN(2) {
		s.Lines = s.Lines.Append(store.Line{Item: fmt.Sprintf("Masala Dosa %03d", random.IntN(someItems)), Price: "10.50"})
	}
	hash := fnv.New64a()
	hash.Write(s.Lines)
	s.Digest = hash.Sum64()
	return s
}

// fill applies n orders, and returns how long that took without making them.
func fill(b *testing.B, s store.Store, source string, n, batch int) (took time.Duration) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	number := startSource(b, s, source)
	for from := 0; from < n; from += batch {
		of := store.Batch{ID: fmt.Sprint(source, from), Source: number, Orders: int64(batch)}
		for i := from; i < min(from+batch, n); i++ {
			of.States = append(of.States, someOrder(random, i, 0))
		}
		start := time.Now()
		apply(b, s, of)
		took += time.Since(start)
	}
	return took
}

// BenchmarkOrders applies orders with an id to an empty store: 200,000, and 2 million in the
// soak. Then it edits 1,000 of them in one group: the latest, those of the first days, and
// some from everywhere; and brings what is there already.
func BenchmarkOrders(b *testing.B) {
	n := 200_000
	if soak.On() {
		n = 2_000_000
	}
	const batch = 25_000
	s := open(b, filepath.Join(b.TempDir(), "orders.db"))
	took := fill(b, s, "a", n, batch)
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(float64(n)/took.Seconds(), "orders/s")
	})
	b.Run("repeated", func(b *testing.B) {
		for b.Loop() {
		}
		took := fill(b, s, "b", min(n, 4*batch), batch)
		b.ReportMetric(float64(min(n, 4*batch))/took.Seconds(), "orders/s")
	})
	const edited = 1000
	edits := 0
	for _, test := range []struct {
		name string
		at   func(random *rand.Rand, i int) int
	}{
		{"recent", func(_ *rand.Rand, i int) int { return n - edited + i }},
		{"oldest", func(_ *rand.Rand, i int) int { return i }},
		{"anywhere", func(random *rand.Rand, i int) int { return random.IntN(n/edited) + i*(n/edited) }},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				edits++
				random := rand.New(rand.NewPCG(uint64(edits), 3))
				group := store.Batch{Feed: &store.Feed{Name: "feed", System: "shop"}, Orders: edited}
				for i := range edited {
					o := someOrder(random, test.at(random, i), edits)
					o.At = int64(i)
					group.States = append(group.States, o)
				}
				b.StartTimer()
				o, err := s.Apply(context.Background(), group)
				if err != nil || o.Replaced != edited {
					b.Fatalf("%+v, %v", o, err)
				}
			}
		})
	}
}
