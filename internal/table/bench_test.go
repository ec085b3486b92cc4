package table_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"process-orders/internal/table"
	"process-orders/internal/version"
)

// The order in which records come, by their positions or versions: as in a usual file, the
// newest first, as many lists have them, and in no order at all.
var orders = []struct {
	name string
	of   func(n int) []int
}{
	{"in order", func(n int) []int {
		at := make([]int, n)
		for i := range at {
			at[i] = i
		}
		return at
	}},
	{"newest first", func(n int) []int {
		at := make([]int, n)
		for i := range at {
			at[i] = n - 1 - i
		}
		return at
	}},
	{"two files", func(n int) []int { // the later one is read first
		at := make([]int, n)
		for i := range at {
			at[i] = (i + n/2) % n
		}
		return at
	}},
	{"shuffled", func(n int) []int { return rand.New(rand.NewPCG(1, 1)).Perm(n) }},
}

// BenchmarkOrders adds a million keys and reads them by first appearance.
func BenchmarkOrders(b *testing.B) {
	const n = 1_000_000
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = append(fmt.Appendf(nil, "732-%08d", i*7919%n), make([]byte, table.WordBytes)...)[:12]
	}
	for _, versions := range []bool{false, true} {
		for _, order := range orders {
			at := order.of(n)
			b.Run(fmt.Sprintf("versions=%v/%s", versions, order.name), func(b *testing.B) {
				for b.Loop() {
					all := new(table.Table)
					if versions {
						all.KeepVersions()
					}
					addAll(all, keys, at)
					readAll(b, all, n)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/key")
			})
		}
	}
}

// addAll adds keys as those who fold do it: many together, shard by shard.
func addAll(all *table.Table, keys [][]byte, at []int) {
	const chunk = 64 * table.GroupSize
	var order []byte
	var group [table.GroupSize]table.Lookup
	var members [table.ShardCount][]int
	name := append([]byte("Anna Maria"), make([]byte, table.WordBytes)...)[:10]
	for from := 0; from < len(keys); from += chunk {
		for i := from; i < min(from+chunk, len(keys)); i++ {
			shard := table.ShardOf(table.Hash(keys[i]))
			members[shard] = append(members[shard], i)
		}
		for n := range members {
			s := all.Shard(n)
			for part := range slices.Chunk(members[n], table.GroupSize) {
				for k, i := range part {
					group[k].Prepare(keys[i], table.Hash(keys[i]))
				}
				s.Seek(group[:len(part)])
				for k, i := range part {
					if all.HasVersions() {
						order = strconv.AppendInt(order[:0], int64(at[i]), 10)
						v := version.Version{Time: int64(at[i]) * 1000, Order: order}
						s.AddVersion(&group[k], name, &v, &v, 1)
					} else {
						s.Add(&group[k], name, int64(at[i]), int64(at[i]), 1)
					}
				}
			}
			members[n] = members[n][:0]
		}
	}
}

func readAll(b *testing.B, all *table.Table, n int) {
	var run table.Run
	runs, count := all.Runs(1), 0
	for {
		_, more, err := runs.Next(&run)
		if err != nil {
			b.Fatal(err)
		}
		if !more {
			break
		}
		for i := range run.Len() {
			count += len(run.Record(i).Text()) / 10
		}
	}
	if count != n {
		b.Fatalf("%d records, want %d", count, n)
	}
}

// BenchmarkSpilled adds a million keys, of which half do not fit into memory, and reads them.
func BenchmarkSpilled(b *testing.B) {
	const n = 1_000_000
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = append(fmt.Appendf(nil, "732-%08d", i*7919%n), make([]byte, table.WordBytes)...)[:12]
	}
	at := orders[0].of(n)
	for b.Loop() {
		all := new(table.Table)
		budget := table.NewBudget(32<<20, b.TempDir(), all)
		for from := 0; from < n; from += n / 50 {
			before := bytesOf(all)
			addAll(all, keys[from:from+n/50], at[from:from+n/50])
			if err := budget.Grew(context.Background(), bytesOf(all)-before); err != nil {
				b.Fatal(err)
			}
		}
		readAll(b, all, n)
		_ = all.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/key")
}
