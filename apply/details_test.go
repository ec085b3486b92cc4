package apply_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/soak"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// detailedOrders are orders in several currencies, with quantities, refunds, totals and times;
// with ids if they are to have some. Some customers, items and prices come again and again.
func detailedOrders(random *rand.Rand, n int, withIDs bool) string {
	var b strings.Builder
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	prices := []int{3, 100, 1000}[random.IntN(3)]
	for range n {
		b.WriteString("{")
		if withIDs && random.IntN(3) > 0 {
			fmt.Fprintf(&b, `"id":%d,`, random.IntN(1e9))
		}
		if random.IntN(4) > 0 {
			fmt.Fprintf(&b, `"timestamp":%d,`, 1_700_000_000+random.IntN([]int{100, 100_000}[random.IntN(2)]))
		} else if random.IntN(4) == 0 {
			b.WriteString(`"timestamp":"1965-02-03T04:05:06Z",`)
		}
		fmt.Fprintf(&b, `%s"phone":"%d","name":"%s","items":[`, pick("", `"currency":"USD",`, `"currency":"eur",`), random.IntN(12), pick("", "Ann", "Bob"))
		for k := range random.IntN(5) {
			b.WriteString(strings.Repeat(",", min(k, 1)))
			fmt.Fprintf(&b, `{"name":"%s","price":%d.%02d%s}`, pick("Tea", "Cake", "Dosa", strings.Repeat("long ", 9)), random.IntN(prices), random.IntN(2)*50,
				pick("", "", `,"quantity":1`, `,"quantity":2.25`, `,"quantity":-1`, `,"currency":"GBP"`, `,"total":7.5`, `,"quantity":12345678901234567890.5`))
		}
		b.WriteString("]}\n")
	}
	return b.String()
}

// detailedMapping reads what detailedOrders has.
func detailedMapping(random *rand.Rand, withIDs bool) *orders.Mapping {
	m := orders.Detailed()
	m.Total = orders.Field{"total"}
	if withIDs {
		m.ID = orders.Field{"id"}
	}
	if random.IntN(2) == 0 {
		m.Later = orders.LaterTime
	}
	return &m
}

// detailsOfRun is all that one run over all sources finds, with the number of new customers and
// the orders of each day.
func detailsOfRun(t *testing.T, sources []input.Source, o records.Options) string {
	t.Helper()
	o.Detail = records.DetailWritten
	all, _, err := records.Process(context.Background(), sources, o)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	var b strings.Builder
	for phone, c := range all.Customers.Details() {
		if c.Name == records.Unknown {
			c.Name = ""
		}
		fmt.Fprintln(&b, phone, c.Name, c.Orders, sumsText(c.Spent), c.First.UTC(), c.Last.UTC())
	}
	for name, i := range all.Items.Details() {
		fmt.Fprintln(&b, name, i.Price, i.Orders, i.Quantity.Trim(0), sumsText(i.Revenue))
		for _, p := range i.Prices {
			fmt.Fprintln(&b, "\t", p.Price, p.Since.UTC())
		}
	}
	a := all.Activity()
	for day, n := range a.Days() {
		fmt.Fprintln(&b, day.Format(time.DateOnly), n)
	}
	revenue := a.Revenue()
	slices.SortFunc(revenue, func(a, b money.Sum) int { return a.Currency.Compare(b.Currency) })
	fmt.Fprintln(&b, a.Lines, "lines,", a.Untimed, "untimed,", sumsText(revenue))
	return b.String()
}

func sumsText(sums []money.Sum) (text string) {
	for _, s := range sums {
		text += fmt.Sprint(s.Currency, " ", s.Amount, " ")
	}
	return text
}

// dated is a time of a store as a run has it.
func dated(ms int64) time.Time {
	if ms == store.NoTime {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// detailsOfStore is what a store holds, in the form of detailsOfRun.
func detailsOfStore(t *testing.T, s store.Store) string {
	t.Helper()
	var b strings.Builder
	err := s.Records(context.Background(), store.Reading{Details: true}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			fmt.Fprintln(&b, c.Phone, c.Name, c.Orders, sumsText(c.Spent), dated(c.FirstPlaced), dated(c.LastPlaced))
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			fmt.Fprintln(&b, i.Name, i.Price, i.Orders, i.Quantity, sumsText(i.Revenue))
			for _, p := range i.Prices {
				fmt.Fprintln(&b, "\t", p.Price, dated(p.Placed))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	days, untimed, lines := map[string]int64{}, int64(0), int64(0)
	var revenue []money.Sum
	for _, m := range minutesOf(t, s) {
		if m.Start == store.NoTime {
			untimed = m.Orders
		} else if m.Orders > 0 {
			days[dated(m.Start).Format(time.DateOnly)] += m.Orders
		}
		for _, s := range m.Sums {
			lines += s.Lines
			revenue = money.AddSums(revenue, s.Sum)
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		fmt.Fprintln(&b, day, days[day])
	}
	fmt.Fprintln(&b, lines, "lines,", untimed, "untimed,", sumsText(revenue))
	return b.String()
}

func minutesOf(t *testing.T, s store.Store) []store.Minute {
	t.Helper()
	minutes, err := s.(interface {
		Minutes(ctx context.Context, from, to int64) ([]store.Minute, error)
	}).Minutes(context.Background(), store.NoTime, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	return minutes
}

// minutesOfRun are the minutes of all orders, as the plainest code finds them.
func minutesOfRun(t *testing.T, sources []input.Source, o orders.Options) string {
	t.Helper()
	minutes, first := map[int64]*store.Minute{}, map[string]int64{}
	for order, err := range orders.All(context.Background(), sources, o) {
		if err != nil {
			t.Fatal(err)
		}
		placed := int64(store.NoTime)
		if !order.Placed.IsZero() {
			placed = order.Placed.UnixMilli()
		}
		start := int64(store.NoTime)
		if placed != store.NoTime {
			start = order.Placed.Truncate(time.Minute).UnixMilli()
		}
		m := minutes[start]
		if m == nil {
			m = &store.Minute{Start: start}
			minutes[start] = m
		}
		m.Orders++
		if at, known := first[string(order.Phone)]; !known || placed != store.NoTime && (at == store.NoTime || placed < at) {
			first[string(order.Phone)] = placed
		}
		for _, l := range order.Lines {
			_, cost := money.Cost(l.Price, l.Quantity, l.Total, l.Currency)
			i := slices.IndexFunc(m.Sums, func(s store.MinuteSum) bool { return s.Currency == cost.Currency })
			if i < 0 {
				m.Sums = append(m.Sums, store.MinuteSum{Sum: cost, Lines: 1})
			} else {
				m.Sums[i].Amount, m.Sums[i].Lines = m.Sums[i].Amount.Add(cost.Amount), m.Sums[i].Lines+1
			}
		}
	}
	for _, placed := range first {
		minutes[store.MinuteOf(placed)].NewCustomers++
	}
	var all []store.Minute
	for _, m := range minutes {
		slices.SortFunc(m.Sums, func(a, b store.MinuteSum) int { return a.Currency.Compare(b.Currency) })
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b store.Minute) int { return cmp.Compare(a.Start, b.Start) })
	return minutesText(all)
}

func minutesText(all []store.Minute) string {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprint(&b, m.Start, " ", m.Orders, " ", m.NewCustomers)
		for _, s := range m.Sums {
			fmt.Fprint(&b, " ", s.Currency, " ", s.Amount, " ", s.Lines)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// What a store has with details is what one run over the same sources finds: with any number of
// workers, any size of blocks and batches, from files and from groups of a feed.
func TestDetails(t *testing.T) {
	ctx, random := context.Background(), soak.Random(t)
	for l := soak.NewLoop(t, "stores", soak.Rounds{Short: 40, Default: 100, Soak: 10_000}); l.Next(); {
		withIDs := random.IntN(3) == 0
		var o apply.Options
		o.Mapping, o.System = detailedMapping(random, withIDs), "test"
		o.Workers, o.BatchBytes = 1+random.IntN(3), []int64{0, int64(1 + random.IntN(5000))}[random.IntN(2)]
		o.BlockBytes = []int{1 + random.IntN(5000), 50_000, 0}[random.IntN(3)] // large ones have more lines than are folded one by one
		if random.IntN(4) == 0 {
			o.Count = records.CountOrders
		}
		var s store.Store = memory.New()
		if random.IntN(8) == 0 {
			file, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "store.db"), sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			s = file
		}
		var sources []input.Source
		for i := range 1 + random.IntN(3) {
			text := detailedOrders(random, 1+random.IntN([]int{5, 50, 900}[random.IntN(3)]), withIDs) + `{"phone":"last","items":[]}`
			source := file(t, fmt.Sprint(i, ".ndjson"), text)
			sources = append(sources, source)
			if random.IntN(3) > 0 {
				if _, err := apply.Apply(ctx, s, source, o); err != nil {
					t.Fatal(err)
				}
				continue
			}
			cut := strings.Index(text, "\n") + 1
			applyGroup(t, s, apply.Feed{Name: "feed"}, o, text[:cut], text[cut:])
		}
		read := records.Options{Options: o.Options, Count: o.Count}
		if got, want := detailsOfStore(t, s), detailsOfRun(t, sources, read); got != want {
			t.Fatalf("round %d: got\n%s\nwant\n%s", l.Round, got, want)
		}
		if got, want := minutesText(minutesOf(t, s)), minutesOfRun(t, sources, o.Options); got != want {
			t.Fatalf("round %d: got minutes\n%s\nwant\n%s", l.Round, got, want)
		}
	}
}

// The default shape is read with all that is known of it. Its orders have no ids, and go into
// any store.
func TestDetailsOfDefaultShape(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	const text = `{"id":1,"phone":"1","timestamp":"2026-05-04T10:00:30Z","currency":"USD","items":[{"name":"Tea","price":2.50,"quantity":2}]}` + "\n"
	source := file(t, "in.ndjson", text+text)
	r, err := apply.Apply(ctx, s, source, apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Rules != "count lines; phones as written; later position" || r.SystemRules != "ids none; without phone reject" || r.Counts != (store.Counts{}) {
		t.Errorf("got %q, %q, %+v", r.Rules, r.SystemRules, r.Counts)
	}
	if got, want := detailsOfStore(t, s), detailsOfRun(t, []input.Source{source}, records.Options{}); got != want || !strings.Contains(got, "1  2 USD 10.00  2026-05-04 10:00:30") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	byTime := memory.New()
	if _, err := apply.Apply(ctx, byTime, file(t, "first.ndjson", text), apply.Options{Options: orders.Options{Mapping: detailedByTime()}}); err != nil {
		t.Fatal(err)
	}
	if r, err := apply.Apply(ctx, byTime, source, apply.Options{System: "other"}); err != nil || !strings.HasSuffix(r.Rules, "later time") {
		t.Errorf("got %q, %v", r.Rules, err)
	}
}

func detailedByTime() *orders.Mapping {
	m := orders.Detailed()
	m.Later = orders.LaterTime
	return &m
}
