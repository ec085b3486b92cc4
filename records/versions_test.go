package records_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/orders"
	"process-orders/records"
)

// A dated is a purchase with what says when it is later: seconds since 1970, or none; and an
// id, or none.
type dated struct {
	purchase
	at int64
	id string
}

func (d dated) order() orders.Order {
	o := d.purchase.order()
	o.ID = []byte(d.id)
	if d.at != 0 {
		o.Placed = time.Unix(d.at, 0).UTC()
	}
	return o
}

// byTime are options whose mapping goes by time.
func byTime(detail records.Detail) records.Options {
	m := orders.Detailed()
	m.ID, m.Later = orders.Field{"id"}, orders.LaterTime
	o := records.Options{Detail: detail}
	o.Mapping = &m
	return o
}

// inOrder sorts orders by what is later: those without a time as they come, then by time, and
// of one time those without an id as they come, then by the length of the id and its bytes.
func inOrder(all []dated) []dated {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b dated) int {
		if a.at != b.at || a.at == 0 {
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Or(cmp.Compare(len(a.id), len(b.id)), strings.Compare(a.id, b.id))
	})
	return all
}

func purchasesOf(all []dated) (list []purchase) {
	for _, d := range all {
		list = append(list, d.purchase)
	}
	return list
}

// randomDated are orders with few times, so that many have the same. If each is true all of
// them have a time and an id.
func randomDated(random *rand.Rand, n int, each bool) (all []dated) {
	for i := range n {
		d := dated{purchase: purchase{phone: fmt.Sprint("555-01", random.IntN(20))}}
		if random.IntN(3) > 0 {
			d.name = fmt.Sprint("Name ", random.IntN(9))
		}
		for range random.IntN(4) {
			d.lines = append(d.lines, purchaseLine{fmt.Sprint("Item ", random.IntN(30)), fmt.Sprint(1 + random.IntN(9))})
		}
		if each || random.IntN(4) > 0 {
			d.at = 1_700_000_000 + random.Int64N(6)
		}
		if each || random.IntN(3) > 0 {
			d.id = fmt.Sprint(random.IntN(100), strings.Repeat("-", 30*random.IntN(2)), "/", i)
		}
		all = append(all, d)
	}
	return all
}

func recordsOf(o records.Options, all []dated) *records.Records {
	r := records.New(o)
	for _, d := range all {
		r.Add(d.order())
	}
	return r
}

// Orders that are added in any order, in records of their own that are merged or not, give
// what the plainest fold gives of them, sorted by version.
func TestAddByTime(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, each := range []bool{true, false} {
		for range 40 {
			all := randomDated(random, random.IntN(60), each)
			want := newNaive(purchasesOf(inOrder(all))...)
			same(t, recordsOf(byTime(records.DetailNone), all), want)
			if each { // then what comes first does not matter
				random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			}
			merged := records.New(byTime(records.DetailNone))
			if random.IntN(2) == 0 {
				merged = new(records.Records)
			}
			for left := all; len(left) > 0; {
				n := 1 + random.IntN(len(left))
				part := recordsOf(byTime(records.DetailNone), left[:n])
				merged.Merge(part)
				same(t, part, newNaive(purchasesOf(inOrder(left[:n]))...))
				left = left[n:]
			}
			same(t, merged, want)
		}
	}
}

// Records that know their orders by positions go by time once some that do are merged in. All
// that they have is earlier, and what is added later has its own time.
func TestPositionsAndTimes(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 40 {
		var plain, timed []dated
		for _, d := range randomDated(random, 30, false) {
			d.at, d.id = 0, ""
			plain = append(plain, d)
		}
		timed = randomDated(random, 30, false)
		var got records.Records
		for _, d := range plain {
			got.Add(d.order())
		}
		got.Merge(recordsOf(byTime(records.DetailNone), timed[:15]))
		for _, d := range timed[15:] {
			got.Add(d.order())
		}
		same(t, &got, newNaive(purchasesOf(inOrder(slices.Concat(plain, timed)))...))

		// The other way round: what is merged in has no times.
		got = *recordsOf(byTime(records.DetailNone), timed)
		var other records.Records
		for _, d := range plain {
			other.Add(d.order())
		}
		got.Merge(&other)
		same(t, &got, newNaive(purchasesOf(inOrder(slices.Concat(timed, plain)))...))
	}
}

// Of items that were ordered equally often the one that came first by version is the first of
// the top, and a price is dated by the earliest order that has it.
func TestTopAndPricesByTime(t *testing.T) {
	sale := func(at int64, id, item, price string) dated {
		return dated{purchase{phone: "1", lines: []purchaseLine{{item, price}}}, at, id}
	}
	all := []dated{
		sale(300, "3", "Tea", "3"),
		sale(0, "9", "Cake", "9"),
		sale(200, "2", "Tea", "2"),
		sale(0, "", "Pie", "4"), // the last one before a split
		sale(0, "", "Pie", "5"), // the first one behind it
		sale(100, "1", "Soup", "1"),
		sale(100, "10", "Tea", "3"),
		sale(150, "4", "Soup", "1.5"),
		sale(50, "", "Soup", "1.5"),
		sale(400, "5", "Cake", "2"),
		sale(401, "6", "Cake", "9"),
	}
	price := func(text string, at int64) records.DatedPrice {
		d := records.DatedPrice{Price: text}
		if at != 0 {
			d.Since = time.Unix(at, 0).UTC()
		}
		return d
	}
	want := map[string][]records.DatedPrice{
		"Tea":  {price("3", 100), price("2", 200)},
		"Soup": {price("1.5", 50), price("1", 100)},
		"Cake": {price("9", 0), price("2", 400)},
		"Pie":  {price("4", 0), price("5", 0)},
	}
	for _, split := range []int{0, 4, len(all)} { // in one, or in two that are merged
		got := recordsOf(byTime(records.DetailKept), all[:split])
		got.Merge(recordsOf(byTime(records.DetailKept), all[split:]))
		for name, d := range got.Items.Details() {
			if !reflect.DeepEqual(d.Prices, want[name]) {
				t.Errorf("split at %d: %s has the prices %v, want %v", split, name, d.Prices, want[name])
			}
		}
		var names []string
		for _, item := range got.Items.Top(3) {
			names = append(names, item.Name+" "+item.Price)
		}
		if fmt.Sprint(names) != "[Cake 9 Soup 1.5 Tea 3]" {
			t.Errorf("split at %d: the top is %v", split, names)
		}
	}
	// The prices of items that only had positions are earlier.
	var got = *records.New(records.Options{Detail: records.DetailKept})
	got.Add(sale(900, "", "Tea", "2").order())
	got.Add(sale(800, "", "Tea", "7").order())
	got.Merge(recordsOf(byTime(records.DetailKept), all))
	for name, d := range got.Items.Details() {
		if wantTea := []records.DatedPrice{price("2", 900), price("7", 800), price("3", 100)}; name == "Tea" && !reflect.DeepEqual(d.Prices, wantTea) {
			t.Errorf("merged with positions, tea has the prices %v, want %v", d.Prices, wantTea)
		}
	}
}
