package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/store/internal/sqlstore"
)

func BenchmarkSorted(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([]string, 167_000)
	for i := range keys {
		n := random.IntN(10_000_000)
		keys[i] = fmt.Sprintf("732-%03d-%04d", n/10_000, n%10_000)
	}
	for b.Loop() {
		sqlstore.Sorted(len(keys), func(i int) string { return keys[i] })
	}
}
