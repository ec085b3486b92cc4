package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// TestTwoCommit commits by two stores in one file.
func TestTwoCommit(t *testing.T) {
	t.Parallel()
	name := newName(t)
	storetest.CommitAtOnce(t, open(t, name), open(t, name))
}

// TestCommitWhileHeld commits while another process has the write lock: do is called when it is
// gone, and what it says is what is committed.
func TestCommitWhileHeld(t *testing.T) {
	t.Parallel()
	name := newName(t)
	s, other := open(t, name), db(t, name)
	other.SetMaxOpenConns(1)
	do(t, other, "BEGIN IMMEDIATE")
	released := make(chan struct{})
	go func() {
		defer close(released)
		time.Sleep(50 * time.Millisecond)
		if _, err := other.Exec("COMMIT"); err != nil {
			t.Error(err)
		}
	}()
	calls := 0
	err := s.Commit(t.Context(), func(tx store.Transaction) error {
		calls++
		return tx.Put(store.Document{Kind: "note", Key: "a"})
	})
	if <-released; err != nil || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestDocumentBytes removes documents in the transaction of an erasure. After it is scrubbed no
// file has a byte of them, also if the customer was not known.
func TestDocumentBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "orders.db"))
	random := rand.New(rand.NewPCG(1, 0))
	text := func(i int) string { return fmt.Sprintf("document-of-%05d-", i) }
	for i := range 300 {
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			return tx.Put(store.Document{Kind: "note", Key: fmt.Sprint(random.IntN(1000), i), At: int64(i), Value: []byte(strings.Repeat(text(i), 1+random.IntN(50)*random.IntN(40)))})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	old, err := s.Documents(t.Context(), "note", "", false, store.MostListed)
	if err != nil || !strings.Contains(all(t, dir), text(7)) {
		t.Fatal(err, "or the document is in no file")
	}
	err = s.Commit(t.Context(), func(tx store.Transaction) error {
		_, err := tx.Erase(store.Erasure{Phone: "unknown"})
		for _, d := range old[:100] {
			err = errors.Join(err, tx.Delete(d.Kind, d.Key))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Scrub(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d erasures were scrubbed, %v; want 1", n, err)
	}
	files := all(t, dir)
	for i, d := range old {
		if start, has := string(d.Value[:len(text(0))]), i >= 100; strings.Contains(files, start) != has {
			t.Errorf("the files have document %d: %v, want %v", i, !has, has)
		}
	}
}

// TestBackupDocuments looks for documents in a backup.
func TestBackupDocuments(t *testing.T) {
	t.Parallel()
	s, to := open(t, newName(t)), newName(t)
	want := store.Document{Kind: "note", Key: "a", At: 5, Value: bytes.Repeat([]byte("b"), 50_000)}
	if err := s.Commit(t.Context(), func(tx store.Transaction) error { return tx.Put(want) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	got, found, err := open(t, to).Document(t.Context(), "note", "a")
	if err != nil || !found || got.At != 5 || !bytes.Equal(got.Value, want.Value) {
		t.Errorf("%v, %v, %v", found, got.At, err)
	}
}

// TestReadOnlyDocuments reads documents of a store that is only read.
func TestReadOnlyDocuments(t *testing.T) {
	t.Parallel()
	name := newName(t)
	if err := open(t, name).Commit(t.Context(), func(tx store.Transaction) error { return tx.Put(store.Document{Kind: "note", Key: "a"}) }); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, found, err := s.Document(t.Context(), "note", "a"); !found || err != nil {
		t.Error(found, err)
	}
	err = s.Commit(t.Context(), func(store.Transaction) error { t.Error("it is called"); return nil })
	if !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("%v, want ErrReadOnly", err)
	}
}

// BenchmarkCommit commits groups of orders with an id to a store with some orders, each with the
// receipt of its request: one order; 256 of them in one group; and in 256 groups. It is in memory if
// the system has a place for that, so that it is not the disk that is measured.
func BenchmarkCommit(b *testing.B) {
	const before = 50_000
	folder, err := os.MkdirTemp("/dev/shm", "commit")
	if err != nil {
		folder = b.TempDir()
	}
	defer os.RemoveAll(folder)
	s := open(b, filepath.Join(folder, "orders.db"))
	fill(b, s, "a", before, 25_000)
	random := rand.New(rand.NewPCG(1, 2))
	next := before
	states := func(n int) (all []store.State) {
		for range n {
			all = append(all, someOrder(random, next, 0))
			next++
		}
		return all
	}
	for _, test := range []struct {
		name                    string
		groups, orders, receipt int
	}{{"one", 1, 1, 0}, {"one with a receipt", 1, 1, 1}, {"256 in one group", 1, 256, 0}, {"256 groups", 256, 1, 0}, {"256 groups with receipts", 256, 1, 1}} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				groups := make([]store.Batch, test.groups)
				for i := range groups {
					groups[i] = store.Batch{
						Feed:   &store.Feed{Name: "serve", System: "shop", Rules: "rules", SystemRules: "rules of the system"},
						Orders: int64(test.orders), States: states(test.orders),
					}
				}
				b.StartTimer()
				err := s.Commit(context.Background(), func(tx store.Transaction) error {
					for i := range groups {
						key := "order " + groups[i].States[0].ID
						if test.receipt > 0 {
							if _, found, err := tx.Document("receipt", key); found || err != nil {
								return errors.Join(err, errors.New("the receipt is there"))
							}
						}
						if o, err := tx.Apply(groups[i]); err != nil || len(o.Fates) != test.orders {
							return errors.Join(err, errors.New("not applied"))
						}
						if test.receipt > 0 {
							if err := tx.Put(store.Document{Kind: "receipt", Key: key, At: 1, Value: make([]byte, 200)}); err != nil {
								return err
							}
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*test.groups*test.orders)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// TestDamagedDocument changes a document by hand.
func TestDamagedDocument(t *testing.T) {
	t.Parallel()
	name := newName(t)
	storetest.DamagedDocument(t, open(t, name), func() { do(t, db(t, name), `UPDATE documents SET value = x'00' WHERE key = 'b'`) })
}
