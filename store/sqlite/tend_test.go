package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// While somebody always reads, the log grows, and TendLog bounds it: those who start to read after
// all was moved to the file do not look at the log.
func TestLogHasABound(t *testing.T) {
	t.Parallel()
	const document, limit, puts = 1 << 20, 8 << 20, 32 // a server has a larger limit
	const readTime = 100 * time.Millisecond
	for name, isTended := range map[string]bool{"tended": true, "not tended": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := soak.Random(t)
			path := filepath.Join(t.TempDir(), "shop.db")
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			value := make([]byte, document)
			put := func(i int) {
				t.Helper()
				for i := range value { // what stays as it is would not be written
					value[i] = byte(random.Uint32())
				}
				err := s.Commit(t.Context(), func(tx store.Transaction) error {
					return tx.Put(store.Document{Kind: "test", Key: strconv.Itoa(i % 4), Value: value})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			put(0)
			ctx, cancel := context.WithCancel(t.Context())
			var readers sync.WaitGroup
			other, err := sql.Open("sqlite", path) // as another program reads it
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			defer readers.Wait()
			defer cancel()
			for i := range 4 { // of whom some start before others end
				readers.Go(func() {
					time.Sleep(time.Duration(i) * readTime / 4)
					for ctx.Err() == nil {
						readFor(t, other, readTime)
					}
				})
			}
			var most int64
			emptied := 0
			for i := range puts {
				put(i)
				most = max(most, s.LogBytes())
				if isTended && s.LogBytes() >= limit {
					if err := s.TendLog(t.Context(), true); err != nil {
						t.Log(err) // the readers were slow; the next call comes soon
					} else if emptied++; s.LogBytes() != 0 {
						t.Errorf("the log has %d bytes after it was emptied", s.LogBytes())
					}
				}
			}
			t.Logf("the log had %d bytes at most, and was emptied %d times", most, emptied)
			if isTended != (emptied > 0) || !isTended && most <= 2*limit {
				t.Errorf("the log had %d bytes, with a limit of %d, and was emptied %d times", most, limit, emptied)
			}
		})
	}
}

// readFor reads what the file has at one moment for some time.
func readFor(t *testing.T, db *sql.DB, took time.Duration) {
	tx, err := db.Begin()
	if err != nil {
		t.Error(err)
		return
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM customers`).Scan(&n); err != nil {
		t.Error(err)
	}
	time.Sleep(took)
}

// A quiet store has all in its file, though its log stays.
func TestLogIsMoved(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(tx store.Transaction) error {
		return tx.Put(store.Document{Kind: "test", Key: "1", Value: []byte("x")})
	}
	if err := s.Commit(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if s.LogBytes() == 0 {
		t.Fatal("a transaction is not in the log")
	}
	if err := s.TendLog(t.Context(), false); err != nil {
		t.Error(err)
	}
	if d, found, err := s.Document(t.Context(), "test", "1"); !found || err != nil || string(d.Value) != "x" {
		t.Error(d, found, err)
	}
}

// What a large batch writes to the log is moved to the file before anybody else writes, and SQLite
// moves what comes after it by itself.
func TestLargeBatchIsMoved(t *testing.T) {
	t.Parallel()
	const customers, documents, document = 20_000, 48, 1 << 20
	path := newName(t)
	s := open(t, path)
	b := store.Batch{ID: "large", Source: startIn(t, s)}
	for i := range customers {
		v := store.PositionVersion(store.NoTime, b.Source, int64(i), 0)
		b.Delta.Customers = append(b.Delta.Customers, store.Customer{Phone: strconv.Itoa(i), Name: "Ann", Named: v, First: v, Orders: 1})
	}
	if _, err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(t.Context(), store.Source{ID: "next"}, false); err != nil { // it waits for that
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() < 1<<20 {
		t.Fatalf("the file has %d bytes: %v", info.Size(), err)
	}
	for i := range byte(documents) {
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			return tx.Put(store.Document{Kind: "test", Key: "same", Value: bytes.Repeat([]byte{i}, document)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if log := s.LogBytes(); log > documents*document/2 {
		t.Errorf("the log has %d bytes after small transactions", log)
	}
}
