package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// BenchmarkFind asks a store with 200,000 customers, or 2 million in the soak, single questions:
// while nobody writes, and while a file is applied. It reports how many microseconds half of the
// answers take at most, and 99 of 100.
func BenchmarkFind(b *testing.B) {
	customers := 200_000
	if soak.On() {
		customers = 2_000_000
	}
	s := open(b, filepath.Join(b.TempDir(), "find.db"))
	shop := findShop{customers: customers}
	const atOnce, written = 500_000, 50_000 // customers of a batch
	number := startSource(b, s, "customers")
	for from := 0; from < customers; from += atOnce {
		apply(b, s, store.Batch{ID: fmt.Sprint("customers ", from), Source: number, Delta: shop.delta(number, from, from+atOnce)})
	}
	fill(b, s, "orders", customers/10, 25_000)
	questions := shop.questions(s)
	run := func(b *testing.B, questions []lookup) {
		for _, q := range questions {
			b.Run(q.name, func(b *testing.B) { q.measure(b) })
		}
	}
	b.Run("quiet", func(b *testing.B) { run(b, questions) })
	b.Run("writing", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		var group sync.WaitGroup
		number := startSource(b, s, "more customers")
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				from := i * written % customers
				batch := store.Batch{ID: fmt.Sprint("more ", i), Source: number, Delta: shop.delta(number, from, from+written)}
				if _, err := s.Apply(context.Background(), batch); err != nil {
					b.Error(err)
					return
				}
			}
		})
		run(b, questions)
		cancel()
		group.Wait()
	})
}

// A findShop has customers with usual phones and names, and a few thousand items.
type findShop struct{ customers int }

func (f findShop) phone(i int) string {
	n := int64(i) * 7_368_787 % 10_000_000_000
	return fmt.Sprintf("%03d-%03d-%04d", n/10_000_000, n/10_000%1000, n%10_000)
}

func (f findShop) customerName(i int) string {
	random := rand.New(rand.NewPCG(uint64(i), 1))
	syllables := []string{"an", "be", "mil", "ler", "ka", "to", "ri", "sen", "da", "lo", "vi", "sha"}
	word := func() string {
		text := ""
		for range 2 + random.IntN(3) {
			text += syllables[random.IntN(len(syllables))]
		}
		return text
	}
	return word() + " " + word()
}

func (f findShop) delta(source int64, from, to int) (d store.Delta) {
	for i := from; i < min(to, f.customers); i++ {
		v := store.PositionVersion(firstPlaced+int64(i)*1000, source, int64(i)*300, 0)
		d.Customers = append(d.Customers, store.Customer{
			Phone: f.phone(i), Name: f.customerName(i), Named: v, First: v, Orders: 1,
			FirstPlaced: firstPlaced + int64(i)*1000, LastPlaced: firstPlaced + int64(i)*1000,
		})
	}
	for i := range 2000 {
		v := store.PositionVersion(firstPlaced, source, int64(from*300+i), 0)
		d.Items = append(d.Items, store.Item{
			Name: fmt.Sprint("Item ", i), Price: "10.50", Priced: v, First: v, Orders: int64(i % 100), Prices: []store.Price{{Price: "10.50", First: v, Placed: firstPlaced}},
		})
	}
	return d
}

// A lookup asks with the i-th of its values.
type lookup struct {
	name string
	ask  func(ctx context.Context, i int) (rows int, err error)
}

// measure asks again and again, and reports how long answers take.
func (q lookup) measure(b *testing.B) {
	var took []time.Duration
	rows := 0
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		n, err := q.ask(context.Background(), i)
		took = append(took, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		rows += n
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1000, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100])/1000, "p99-µs")
	b.ReportMetric(float64(rows)/float64(len(took)), "rows")
	b.ReportMetric(0, "ns/op")
}

// questions ask for one record, and for pages of 50, at the start of a list and in its middle.
func (f findShop) questions(s *sqlite.Store) []lookup {
	const limit = 50
	at := func(i int) int { return i * 48_271 % f.customers }
	one := func(found bool, err error) (int, error) {
		if !found && err == nil {
			err = fmt.Errorf("nothing was found")
		}
		return 1, err
	}
	// Each page follows the one before. After the tenth it starts with the first.
	customers := func(search func(i int) store.Search) func(ctx context.Context, i int) (int, error) {
		after := ""
		return func(ctx context.Context, i int) (int, error) {
			if i%10 == 0 {
				after = ""
			}
			page, next, err := s.Customers(ctx, search(i/10), after, limit)
			after = next
			return len(page), err
		}
	}
	items := func(search func(i int) store.Search) func(ctx context.Context, i int) (int, error) {
		after := ""
		return func(ctx context.Context, i int) (int, error) {
			if i%10 == 0 {
				after = ""
			}
			page, next, err := s.Items(ctx, search(i/10), after, limit)
			after = next
			return len(page), err
		}
	}
	after := ""
	return []lookup{
		{"customer", func(ctx context.Context, i int) (int, error) {
			_, found, err := s.Customer(ctx, f.phone(at(i)))
			return one(found, err)
		}},
		{"nobody", func(ctx context.Context, i int) (int, error) {
			_, _, err := s.Customer(ctx, fmt.Sprint("0", i))
			return 0, err
		}},
		{"item", func(ctx context.Context, i int) (int, error) {
			_, found, err := s.Item(ctx, fmt.Sprint("Item ", i%2000))
			return one(found, err)
		}},
		{"order", func(ctx context.Context, i int) (int, error) {
			_, found, err := s.Order(ctx, "shop", "", fmt.Sprint(5_000_000_000_000+int64(at(i)%(f.customers/10))))
			return one(found, err)
		}},
		{"all-customers", customers(func(int) store.Search { return store.Search{} })},
		{"ending-of-4", customers(func(i int) store.Search { return store.Search{Ending: fmt.Sprintf("%04d", at(i)%10_000)} })},
		{"name-3-letters", customers(func(i int) store.Search { return store.Search{Name: f.customerName(at(i))[:3]} })},
		{"whole-name", customers(func(i int) store.Search { return store.Search{Name: f.customerName(at(i))} })},
		{"items", items(func(int) store.Search { return store.Search{} })},
		{"items-by-name", items(func(i int) store.Search { return store.Search{Name: fmt.Sprint("item ", i%10)} })},
		{"orders", func(ctx context.Context, i int) (int, error) {
			if i%10 == 0 {
				after = ""
			}
			page, next, err := s.Orders(ctx, after, limit)
			after = next
			return len(page), err
		}},
		{"minutes-of-an-hour", func(ctx context.Context, i int) (int, error) {
			from := firstPlaced + int64(at(i)/3600)*3_600_000
			minutes, err := s.Minutes(ctx, from, from+3_600_000)
			return len(minutes), err
		}},
		{"totals", func(ctx context.Context, _ int) (int, error) {
			_, err := s.Totals(ctx)
			return 1, err
		}},
	}
}
