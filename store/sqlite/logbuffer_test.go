package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// TestSpilledPages makes transactions that do not fit in SQLite's memory, so that it writes pages to
// the log before they are committed, and reads them there again. One of two transactions is not
// committed, and leaves nothing.
func TestSpilledPages(t *testing.T) {
	t.Parallel()
	const documents, rounds = 400, 4
	name := newName(t)
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{CacheBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	value := func(round, i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%d of %d ", i, round), 700) }
	check := func(find func(kind, key string) (store.Document, bool, error), round int) {
		t.Helper()
		for i := range documents {
			d, found, err := find("note", fmt.Sprint(i))
			if err != nil || !found || !bytes.Equal(d.Value, value(round, i)) {
				t.Fatalf("document %d of %d: %v, %v", i, round, found, err)
			}
		}
	}
	undone := errors.New("undone")
	for round := range rounds {
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			for i := range documents {
				if err := tx.Put(store.Document{Kind: "note", Key: fmt.Sprint(i), Value: value(round, i)}); err != nil {
					return err
				}
			}
			check(tx.Document, round)
			if round%2 == 1 {
				return undone
			}
			return nil
		})
		if round%2 == 1 && err != undone || round%2 == 0 && err != nil {
			t.Fatal(round, err)
		}
		check(func(kind, key string) (store.Document, bool, error) { return s.Document(t.Context(), kind, key) }, round&^1)
	}
}
