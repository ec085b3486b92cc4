package sqlite_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"process-orders/store"
)

// Hours are added up that are read in a row, that have a few others between, and that have so many
// others between that each is looked up.
func TestHours(t *testing.T) {
	t.Parallel()
	const hours, hour = 1500, 60 * store.MinuteMilliseconds
	s := open(t, newName(t))
	want := map[string]int64{} // orders by the shop and the minute
	for i, shop := range []string{"a", "a", "b", "a", "c", "d", "a", "e", "c"} {
		source, err := s.Start(t.Context(), store.Source{ID: fmt.Sprint(i), Shop: shop, System: "shop"}, false)
		if err != nil {
			t.Fatal(err)
		}
		var minutes []store.Minute
		for n := range int64(hours) {
			if n%100 == 50 && shop == "a" && i > 3 {
				continue
			}
			m := store.Minute{Start: n*hour + int64(i%2)*store.MinuteMilliseconds, Orders: n + 1}
			minutes = append(minutes, m)
			want[fmt.Sprint(shop, m.Start)] += m.Orders
		}
		b := store.Batch{ID: fmt.Sprint(i), Source: source.Number, Delta: store.Delta{Minutes: slices.Values(minutes)}}
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Minutes(t.Context(), store.NoTime, math.MaxInt64)
	if err != nil || len(all) != len(want) {
		t.Errorf("%d minutes, want %d: %v", len(all), len(want), err)
	}
	for _, m := range all {
		if n := want[fmt.Sprint(m.Shop, m.Start)]; m.Orders != n {
			t.Fatalf("the minute %d of the shop %s has %d orders, want %d", m.Start, m.Shop, m.Orders, n)
		}
	}
	examined, err := s.Examine(t.Context())
	if err != nil || len(examined.Faults) > 0 {
		t.Errorf("%v, %v", examined.Faults, err)
	}
}
