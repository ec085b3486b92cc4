package parts

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"process-orders/internal/detail"
	"process-orders/money"
	"process-orders/store"
)

// TestMinutes adds orders to several logs, and compares them with minutes of a map.
func TestMinutes(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	currencies := []string{"", "USD", "EUR", "JPY", "GBP"}
	prices := []string{"1", "2.50", "0.125", "", "999999999999999999", "123456789012345678901234567890.5"}
	for round := range 40 {
		logs := make([]minuteLog, 1+random.IntN(4))
		want := map[int64]*store.Minute{}
		spread := int64(1) << random.IntN(32)
		for i := range random.Int64N(3000) {
			placed := random.Int64N(spread) - spread/2
			switch round % 3 {
			case 0:
				placed = i*60_000/(1+spread%7) + placed%1000 // nearly sorted
			case 1:
				if i%5 == 0 {
					placed = store.NoTime
				}
			}
			start := store.MinuteOf(placed)
			if want[start] == nil {
				want[start] = &store.Minute{Start: start}
			}
			w := want[start]
			w.Orders++
			lines := make([]detail.Line, random.IntN(4))
			for j := range lines {
				price, code := prices[random.IntN(len(prices))], currencies[random.IntN(1+random.IntN(len(currencies)))]
				lines[j] = detail.NewLine([]byte(price), nil, nil, []byte(code))
				_, cost := money.Cost([]byte(price), nil, nil, []byte(code))
				at := slices.IndexFunc(w.Sums, func(s store.MinuteSum) bool { return s.Currency == cost.Currency })
				if at < 0 {
					at = len(w.Sums)
					w.Sums = append(w.Sums, store.MinuteSum{Sum: money.Sum{Currency: cost.Currency}})
				}
				w.Sums[at].Lines++
				w.Sums[at].Amount = w.Sums[at].Amount.Add(cost.Amount)
			}
			o := detail.NewOrder(placed, lines)
			logs[int(i)*len(logs)/3000].addOrder(&o)
			if random.IntN(2) == 0 { // or one after the other
				logs[0], logs[len(logs)-1] = logs[len(logs)-1], logs[0]
			}
		}
		var got Minutes
		entries := 0
		for i := range logs {
			one := logs[i].minutes()
			entries = max(entries, one.logs[0].n)
			got.Merge(one)
		}
		if most := len(currencies) * len(want); entries > most {
			t.Fatalf("seed %d: a log has %d entries, want at most %d", seed, entries, most)
		}
		for range 2 { // the second time is as the first
			var have []string
			for m := range got.All() {
				have = append(have, fmt.Sprintf("%+v", m))
			}
			var wanted []string
			for _, start := range slices.Sorted(maps.Keys(want)) {
				w := want[start]
				slices.SortFunc(w.Sums, func(a, b store.MinuteSum) int { return a.Currency.Compare(b.Currency) })
				wanted = append(wanted, fmt.Sprintf("%+v", *w))
			}
			if d := slices.Compare(have, wanted); d != 0 {
				i := 0
				for i < min(len(have), len(wanted)) && have[i] == wanted[i] {
					i++
				}
				t.Fatalf("seed %d, round %d: %d minutes, want %d; from the %d-th on\n%.300s, want\n%.300s",
					seed, round, len(have), len(wanted), i, have[i:], wanted[i:])
			}
		}
	}
}

// A log of orders that come in no order of time does not grow with them.
func TestMinutesInNoOrder(t *testing.T) {
	var l minuteLog
	const orders, minutes = 50_000, 60
	for i := range int64(orders) {
		o := detail.NewOrder(i*7%minutes*store.MinuteMilliseconds, nil)
		if l.addOrder(&o); l.n > mostUnsorted {
			t.Fatalf("after %d orders of %d minutes the log has %d entries", i+1, minutes, l.n)
		}
	}
}

// An entry counts up to four billion orders, and another one the next.
func TestFullEntry(t *testing.T) {
	var l minuteLog
	for range 2 {
		l.add(entry{orders: math.MaxUint32})
		o := detail.NewOrder(0, nil)
		l.addOrder(&o)
	}
	l.isUnsorted = true
	for m := range l.minutes().All() {
		if want := int64(2 * (math.MaxUint32 + 1)); m.Orders != want {
			t.Errorf("%d orders, want %d", m.Orders, want)
		}
	}
}

// BenchmarkMinutes adds a million orders of half as many minutes to two logs, and reads the minutes.
func BenchmarkMinutes(b *testing.B) {
	usd := []detail.Line{detail.NewLine([]byte("12.50"), nil, nil, []byte("USD"))}
	for _, order := range []string{"earliest first", "latest first", "nearly sorted", "shuffled"} {
		placed := make([]int64, 1_000_000)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range placed {
			switch at := int64(i) * 30_000; order {
			case "latest first":
				placed[i] = -at
			case "nearly sorted":
				placed[i] = at + random.Int64N(300_000)
			default:
				placed[i] = at
			}
		}
		if order == "shuffled" {
			random.Shuffle(len(placed), func(i, j int) { placed[i], placed[j] = placed[j], placed[i] })
		}
		b.Run(order, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var logs [2]minuteLog
				o := detail.NewOrder(0, usd)
				for i, ms := range placed {
					o.Placed = ms
					logs[i/4000%2].addOrder(&o)
				}
				var all Minutes
				all.Merge(logs[0].minutes())
				all.Merge(logs[1].minutes())
				orders := int64(0)
				for m := range all.All() {
					orders += m.Orders
				}
				if orders != int64(len(placed)) {
					b.Fatal(orders)
				}
			}
		})
	}
}
