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
	key                              string // of its version, if versions are kept
}

// first is where the line is.
func (l *sold) first() detail.Appearance {
	if l.key != "" {
		return detail.Appearance{Key: l.key}
	}
	return detail.Appearance{At: l.at}
}

// numbers are texts of all kinds: some are no numbers, or go beyond what is fast.
var numbers = []string{
	"1", "0", "0.00", "2.5", "10.95", "007", ".5", "5.", "", "-1", "-0.50", "1e3", "1000", "x", "1.2.3", "-", "0.0000000000000000001",
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
		at := l.first()
		if have, known := first[l.price]; !known || compareFirst(at, have.First) < 0 {
			first[l.price] = detail.Price{Text: l.price, First: at, Time: l.placed}
		}
	}
	n.prices = slices.SortedFunc(maps.Values(first), func(a, b detail.Price) int { return compareFirst(a.First, b.First) })
	n.prices = n.prices[:min(len(n.prices), detail.MostPrices)]
	return n
}

// compareFirst compares appearances, which have all a key or none.
func compareFirst(a, b detail.Appearance) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.At, b.At))
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

// A line costs what the plain code finds in its price: whatever bytes that has, and whatever
// comes behind it in memory.
func TestPriceTexts(t *testing.T) {
	random := soak.Random(t)
	const usual, all = "0123456789", "0123456789.....0-+e/: \x00\xae\xb0\xff"
	for range 300_000 {
		text := make([]byte, 16)
		for i, from := range random.Perm(len(text)) {
			if text[i] = usual[random.IntN(len(usual))]; from == 0 || random.IntN(8) == 0 {
				text[i] = all[random.IntN(len(all))]
			}
		}
		n := random.IntN(12)
		price := text[: n : n+random.IntN(len(text)-n+1)]
		line := detail.NewLine(price, nil, nil, nil)
		d := new(detail.Detail)
		d.AddLine(&line, price, timestamp.None, 0, nil)
		_, want := money.Cost(price, nil, nil, nil)
		if got := d.Sums(); len(got) != 1 || got[0].Amount.String() != want.Amount.String() {
			t.Fatalf("%q costs %v, want %v", price, got, want)
		}
	}
}

// Sums and revenues that are beyond what units hold are exact too.
func TestGreatSums(t *testing.T) {
	random := soak.Random(t)
	all, want := new(detail.Detail), money.Amount{}
	var sums detail.Sums
	for range 1000 {
		price := fmt.Appendf(nil, "%d.%0*d", 1+random.Int64N(9_999_999_998), 1+random.IntN(8), 7)
		if random.IntN(2) == 0 {
			price = append([]byte("-"), price...)
		}
		amount, _ := money.Parse(price)
		want = want.Add(amount)
		line := detail.NewLine(price, nil, nil, nil)
		all.AddLine(&line, price, timestamp.None, 0, nil)
		order := detail.NewOrder(timestamp.None, []detail.Line{line})
		sums = sums.Add(&order)
	}
	if got := all.Sums(); len(got) != 1 || got[0].Amount.String() != want.String() {
		t.Errorf("a detail has %v, want %v", got, want)
	}
	if got := sums.Sorted()[0].Amount(); got.String() != want.String() {
		t.Errorf("the sum is %v, want %v", got, want)
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
