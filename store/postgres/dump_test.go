package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// TestDump dumps a store with pg_dump while two files and a feed are applied to it, and restores
// that in another database when all is applied. Then the same deliveries come again: those that
// the dump has change nothing, and the others are applied. The restored store is that of the
// whole, to the last detail.
func TestDump(t *testing.T) {
	t.Parallel()
	const batches = 12
	server := pgtest.Start(t)
	url := server.URL("postgres") + "&schema=shop"
	dump := filepath.Join(filepath.Dir(server.Folder()), "shop.dump")
	tool := func(name string, args ...string) {
		t.Helper()
		if err := server.Tool(name, args...); errors.Is(err, exec.ErrNotFound) {
			t.Skipf("NOT CHECKED: a dump that is restored: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
	}

	whole := open(t, url)
	var done atomic.Int64
	var writers sync.WaitGroup
	for _, deliver := range deliveries(t, whole) {
		writers.Go(func() {
			for n := range batches {
				if _, err := whole.Apply(context.Background(), deliver(n)); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}
		})
	}
	err := whole.Commit(context.Background(), func(tx store.Transaction) error {
		return tx.Put(store.Document{Kind: "note", Key: "a", At: 5, Value: []byte("\x00b")})
	})
	if err != nil {
		t.Fatal(err)
	}
	for done.Load() < batches && !t.Failed() { // a third
		recordsOf(t, whole)
	}
	tool("pg_dump", "--format=custom", "--schema=shop", "--file="+dump, "--dbname="+server.URL("postgres"))
	writers.Wait()
	late := func(s store.Store) {
		t.Helper()
		mustApply(t, s, "late", started(t, s, "late"), state("late", 1, 1, "in all 1", "item"))
	}
	late(whole)

	do(t, server.URL("postgres"), `CREATE DATABASE restored`)
	tool("pg_restore", "--exit-on-error", "--dbname="+server.URL("restored"), dump)
	restored := open(t, server.URL("restored")+"&schema=shop")
	repeated, applied := 0, 0
	for _, deliver := range deliveries(t, restored) {
		for n := range batches {
			wasApplied, err := try(restored, deliver(n))
			if err != nil {
				t.Fatalf("the restored store refuses batch %d: %v", n, err)
			}
			if wasApplied {
				applied++
			} else {
				repeated++
			}
		}
	}
	if repeated == 0 || applied == 0 || repeated+applied != 3*batches {
		t.Errorf("the dump had %d batches, and %d were applied", repeated, applied)
	}
	late(restored)
	if got, want := all(t, restored), all(t, whole); !reflect.DeepEqual(got, want) {
		t.Errorf("the restored store has\n%v\nwant\n%v", got, want)
	}
	t.Logf("the dump had %d of %d batches", repeated, 3*batches)
}

// deliveries returns two files and a feed, by the numbers of their batches.
func deliveries(t *testing.T, s store.Store) (all []func(n int) store.Batch) {
	t.Helper()
	for _, file := range []string{"monday", "tuesday"} {
		source := started(t, s, file)
		all = append(all, func(n int) store.Batch { return storetest.Numbered(source, n) })
	}
	return append(all, func(n int) store.Batch {
		v := store.PositionVersion(store.NoTime, 0, int64(n), 0)
		return store.Batch{
			Feed:   &store.Feed{Name: "feed", Offset: int64(n) + 1},
			States: []store.State{state(fmt.Sprint("live ", n/2), 1000, int64(n), "phone", fmt.Sprint("item ", n))},
			Delta: store.Delta{
				Customers: []store.Customer{{Phone: "in all 1", Named: v, Name: "Ann", First: v, Orders: 1, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}},
				Minutes:   slices.Values([]store.Minute{{Start: store.NoTime, Orders: 1}}),
			},
		}
	})
}

// all returns all that a store holds, but for the times at which it was applied.
func all(t *testing.T, s *postgres.Store) (everything []any) {
	t.Helper()
	customers, items := detailsOf(t, s)
	minutes, err := s.Minutes(context.Background(), store.NoTime, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := s.Sources(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range sources {
		sources[i].Started, sources[i].Changed = time.Time{}, time.Time{}
	}
	documents, err := s.Documents(context.Background(), "note", "", false, store.MostListed)
	if err != nil {
		t.Fatal(err)
	}
	return []any{customers, items, minutes, sources, documents}
}
