package table_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"process-orders/internal/table"
)

// A shard with more records than a number has bits takes bits from the tags, up to all of
// them, and still finds each key.
func TestFewerTags(t *testing.T) {
	const n = 40_000
	for _, bits := range []int{5, 10, 31} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			defer table.SetNumberBits(bits)()
			all := new(table.Table)
			for round := range 2 {
				for i := range n {
					all.Add([]byte(fmt.Sprint(i)), []byte(fmt.Sprint(i+round)), int64(round*n+i), 1, nil)
				}
			}
			if all.Len() != n {
				t.Fatalf("%d keys, want %d", all.Len(), n)
			}
			for i := range n {
				r, ok := all.Get(fmt.Sprint(i))
				if !ok || string(r.Text()) != fmt.Sprint(i+1) || r.First() != int64(i) {
					t.Fatalf("key %d has %q", i, r.Text())
				}
				if _, ok := all.Get(fmt.Sprint(n + i)); ok {
					t.Fatalf("a record of %d", n+i)
				}
			}
		})
	}
}

// A slot has room for the number of every record that its index can have.
func TestLargeIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 192 MiB of address space")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, slots := range []int{1 << 10, 1 << 24, 1 << 25} {
		most := uint32(slots/8*5 - 1)
		for _, number := range []uint32{0, 1, most / 2, most} {
			if got, tagged := table.LargeIndex(slots, random.Uint64(), number); got != number || !tagged {
				t.Errorf("%d slots: got %d, with its tag: %v; want %d", slots, got, tagged, number)
			}
		}
	}
}
