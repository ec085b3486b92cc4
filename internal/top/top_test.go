package top_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"process-orders/internal/top"
)

// A list keeps what sorting all values, with equal ones in their order, has first.
func TestList(t *testing.T) {
	type value struct{ n, order int }
	compare := func(a, b value) int { return cmp.Compare(b.n, a.n) }
	random := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		n := random.IntN(20)
		l := top.List[value]{N: n - 1, Compare: compare}
		all := make([]value, random.IntN(50))
		for i := range all {
			all[i] = value{random.IntN(10), i}
			l.Add(all[i])
		}
		slices.SortStableFunc(all, compare)
		if want := all[:min(max(n-1, 0), len(all))]; !slices.Equal(l.Best, want) {
			t.Fatalf("the best %d are %v, want %v", n-1, l.Best, want)
		}
	}
}
