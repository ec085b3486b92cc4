package store_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"process-orders/internal/soak"
	"process-orders/money"
	"process-orders/store"
)

// TestMergeItems merges items of random lines in random order and grouping: the result is the
// same, and neither item of a merge changes.
func TestMergeItems(t *testing.T) {
	random := soak.Random(t)
	eur, _ := money.ParseCurrency([]byte("EUR"))
	usd, _ := money.ParseCurrency([]byte("USD"))
	for range 200 {
		var all []store.Item
		for n := range 1 + random.IntN(300) {
			version := store.PositionVersion(store.NoTime, 1, int64(n), 0)
			price := fmt.Sprint(random.IntN(100))
			cost := money.Sum{Currency: []money.Currency{eur, usd}[random.IntN(2)], Amount: money.FromInt(int64(n))}
			all = append(all, store.Item{
				Name: "Dosa", Price: price, Priced: version, First: version, Orders: 1, Quantity: money.FromInt(2),
				Revenue: []money.Sum{cost}, Prices: []store.Price{{Price: price, First: version}},
			})
		}
		want := folded(all)
		if last := all[len(all)-1]; want.Price != last.Price || want.First != all[0].First || want.Orders != int64(len(all)) {
			t.Fatalf("%+v, want the latest price, the first appearance and %d orders", want, len(all))
		}
		if prices := firstPrices(all); !reflect.DeepEqual(want.Prices, prices) {
			t.Fatalf("prices %+v, want %+v", want.Prices, prices)
		}
		if got := mergedInParts(random, all); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("in parts\n%+v, want\n%+v", got, want)
		}
	}
}

func folded(all []store.Item) store.Item {
	to := all[0]
	for _, i := range all[1:] {
		to.Merge(i)
	}
	return to
}

// firstPrices are the first of the different prices.
func firstPrices(all []store.Item) (prices []store.Price) {
	for _, i := range all {
		isKnown := slices.ContainsFunc(prices, func(p store.Price) bool { return p.Price == i.Price })
		if !isKnown && len(prices) < store.MostPrices {
			prices = append(prices, i.Prices[0])
		}
	}
	return prices
}

// mergedInParts shuffles items, and merges two of them until one is left.
func mergedInParts(random *rand.Rand, given []store.Item) store.Item {
	all := slices.Clone(given)
	for len(all) > 1 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		last := len(all) - 1
		before := fmt.Sprintf("%+v %+v", all[0], all[last])
		to := all[0]
		to.Merge(all[last])
		if after := fmt.Sprintf("%+v %+v", all[0], all[last]); after != before {
			panic("a merge changed what it was given")
		}
		all[0], all = to, all[:last]
	}
	return all[0]
}

// TestMergeCustomers merges customers with and without names and times.
func TestMergeCustomers(t *testing.T) {
	at := func(n int64) store.Version { return store.PositionVersion(store.NoTime, 1, n, 0) }
	ann := store.Customer{Phone: "1", Name: "Ann", Named: at(5), First: at(5), Orders: 1, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}
	unnamed := store.Customer{Phone: "1", First: at(9), Orders: 2, FirstPlaced: 70, LastPlaced: 80}
	bob := store.Customer{Phone: "1", Name: "Bob", Named: at(7), First: at(7), Orders: 4, FirstPlaced: 60, LastPlaced: 65}
	want := store.Customer{Phone: "1", Name: "Bob", Named: at(7), First: at(5), Orders: 7, FirstPlaced: 60, LastPlaced: 80}
	all := []store.Customer{ann, unnamed, bob}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		got := all[order[0]]
		got.Merge(all[order[1]])
		got.Merge(all[order[2]])
		if !reflect.DeepEqual(got, want) {
			t.Errorf("order %v: %+v, want %+v", order, got, want)
		}
	}
}
