package detail_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/detail"
	"process-orders/internal/soak"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
	"process-orders/money"
)

// A sold is a line as the tests make it.
type sold struct {
	price, quantity, total, currency string
	placed, at                       int64
}

// numbers are texts of all kinds: some are no numbers, or go beyond what is fast.
var numbers = []string{
	"1", "0", "0.00", "2.5", "10.95", "007", ".5", "5.", "", "-1", "-0.50", "1e3", "x", "1.2.3", "-", "0.0000000000000000001",
	"999999999999999999", "99999999999999999.9", "0.0000000000000001", "123456789012345678901234567890.12", "1,5", "/", ":",
}

func randomLine(random *rand.Rand) sold {
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	l := sold{price: pick(numbers), currency: pick([]string{"", "USD", "usd", "EUR", "no code"}), placed: timestamp.None, at: random.Int64N(1e6)}
	if random.IntN(3) == 0 {
		l.quantity = pick(numbers)
	}
	if random.IntN(4) == 0 {
		l.total = pick(numbers)
	}
	if random.IntN(2) == 0 {
		l.price = fmt.Sprintf("%d.%02d", random.IntN(20), random.IntN(20))
	}
	if random.IntN(3) > 0 {
		l.placed = random.Int64N(1e12) - 5e11
	}
	return l
}

// naive is what some lines say, as the plainest code finds it.
type naive struct {
	sums        []money.Sum
	quantity    money.Amount
	first, last int64
	prices      []detail.Price
}

func naiveOf(lines []sold) (n naive) {
	n.first, n.last = timestamp.None, timestamp.None
	first := map[string]detail.Price{}
	for _, l := range lines {
		pieces, cost := money.Cost([]byte(l.price), []byte(l.quantity), []byte(l.total), []byte(l.currency))
		n.quantity = n.quantity.Add(pieces)
		n.sums = money.AddSums(n.sums, cost)
		if l.placed != timestamp.None && (n.first == timestamp.None || l.placed < n.first) {
			n.first = l.placed
		}
		n.last = max(n.last, l.placed)
		if have, known := first[l.price]; !known || l.at < have.First.At {
			first[l.price] = detail.Price{Text: l.price, First: detail.Appearance{At: l.at}, Time: l.placed}
		}
	}
	n.prices = slices.SortedFunc(maps.Values(first), func(a, b detail.Price) int { return cmp.Compare(a.First.At, b.First.At) })
	n.prices = n.prices[:min(len(n.prices), detail.MostPrices)]
	return n
}

// newLine is a line of its texts.
func (l *sold) newLine() detail.Line {
	return detail.NewLine([]byte(l.price), []byte(l.quantity), []byte(l.total), []byte(l.currency))
}

// Details that are folded in any parts, written and read, and merged in any order are those of
// all lines.
func TestDetail(t *testing.T) {
	random := soak.Random(t)
	for l := soak.NewLoop(t, "folds", soak.Rounds{Short: 200, Default: 1000, Soak: 100_000}); l.Next(); {
		lines := make([]sold, random.IntN([]int{5, 300}[random.IntN(2)]))
		parts := make([]detail.Detail, 1+random.IntN(4))
		taken := map[int64]bool{}
		for i := range lines {
			lines[i] = randomLine(random)
			for taken[lines[i].at] {
				lines[i].at++
			}
			taken[lines[i].at] = true
			one := lines[i].newLine()
			parts[random.IntN(len(parts))].AddLine(&one, []byte(lines[i].price), lines[i].placed, lines[i].at, nil)
		}
		all := new(detail.Detail)
		for _, i := range random.Perm(len(parts)) {
			part := &parts[i]
			if random.IntN(2) == 0 {
				part = new(detail.Detail)
				part.Decode(parts[i].Append(nil))
			}
			all.Merge(part, 0)
		}
		want := naiveOf(lines)
		if first, last := all.Times(); first != want.first || last != want.last {
			t.Fatalf("%+v: times %d, %d, want %d, %d", lines, first, last, want.first, want.last)
		}
		if got := all.Quantity(); got.String() != want.quantity.String() {
			t.Fatalf("%+v: quantity %v, want %v", lines, got, want.quantity)
		}
		if got := all.Sums(); fmt.Sprint(got) != fmt.Sprint(want.sums) {
			t.Fatalf("%+v: sums %v, want %v", lines, got, want.sums)
		}
		if got := all.Prices(); !reflect.DeepEqual(got, want.prices) && len(got)+len(want.prices) > 0 {
			t.Fatalf("prices %v, want %v", got, want.prices)
		}
	}
}

// What orders cost, and what all lines cost, is what their lines cost.
func TestOrders(t *testing.T) {
	random := soak.Random(t)
	var sums, other detail.Sums
	customer := new(detail.Detail)
	var all []sold
	for range 3000 {
		lines := make([]sold, random.IntN(4))
		var made []detail.Line
		for i := range lines {
			lines[i] = randomLine(random)
			made = append(made, lines[i].newLine())
		}
		all = append(all, lines...)
		o := detail.NewOrder(timestamp.None, made)
		customer.AddOrder(&o)
		if random.IntN(2) == 0 {
			sums = sums.Add(&o)
		} else {
			other = other.Add(&o)
		}
	}
	want := naiveOf(all).sums
	if got := customer.Sums(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("a customer has %v, want %v", got, want)
	}
	n := int64(0)
	for i, s := range sums.Merge(other).Sorted() {
		n += s.Lines
		if got := (money.Sum{Currency: s.Currency, Amount: s.Amount()}); fmt.Sprint(got) != fmt.Sprint(want[i]) {
			t.Errorf("the sum is %v, want %v", got, want[i])
		}
	}
	if n != int64(len(all)) {
		t.Errorf("%d lines, want %d", n, len(all))
	}
}

// Prices go by version if there are some, and by position else; a position is a version
// without a time.
func TestPricesByVersion(t *testing.T) {
	random := soak.Random(t)
	for range 300 {
		d, first := new(detail.Detail), map[string]string{}
		line := detail.NewLine([]byte("1"), nil, nil, nil)
		for i := range random.IntN(400) {
			price := strings.Repeat("1", 1+random.IntN(90))
			v := version.Version{Time: random.Int64N(50), Order: version.AppendPosition(nil, 0, int64(i))}
			d.AddLine(&line, []byte(price), v.Time, 0, v.AppendKey(nil))
			if key := string(v.AppendKey(nil)); first[price] == "" || key < first[price] {
				first[price] = key
			}
		}
		want := slices.SortedFunc(maps.Keys(first), func(a, b string) int { return cmp.Compare(first[a], first[b]) })
		want = want[:min(len(want), detail.MostPrices)]
		var got []string
		for _, p := range d.Prices() {
			got = append(got, p.Text)
			if p.First.Key != first[p.Text] {
				t.Fatalf("a price is first at %q, want %q", p.First.Key, first[p.Text])
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
