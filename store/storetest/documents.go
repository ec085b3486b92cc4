package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
)

// document is a document whose value follows from its key and a number.
func document(kind, key string, at int64, n int) store.Document {
	return store.Document{Kind: kind, Key: key, At: at, Value: fmt.Appendf(nil, "%q %d\x00\xff", key, n)}
}

// A documentKey is what a document is known by.
type documentKey struct{ kind, key string }

// wantDocuments checks that a store has these documents, by lists both ways, in pages.
func wantDocuments(s store.Store, all map[documentKey]store.Document, limit int, kinds ...string) error {
	ctx, r := context.Background(), s.(store.Service)
	for key, want := range all {
		d, found, err := r.Document(ctx, key.kind, key.key)
		if err != nil || !found || !sameDocument(d, want) {
			return fmt.Errorf("document %q: %.100v, %v, %w; want %.100v", key, d, found, err, want)
		}
	}
	for _, kind := range kinds {
		var want []store.Document
		for d := range maps.Values(all) {
			if d.Kind == kind && d.Key != "" {
				want = append(want, d)
			}
		}
		slices.SortFunc(want, func(a, b store.Document) int { return strings.Compare(a.Key, b.Key) })
		for _, isBackward := range []bool{false, true} {
			got, after := []store.Document(nil), ""
			for {
				page, err := r.Documents(ctx, kind, after, isBackward, limit)
				if err != nil || len(page) > limit {
					return fmt.Errorf("%d documents after %q, %w; want %d at most", len(page), after, err, limit)
				}
				if len(page) == 0 {
					break
				}
				got, after = append(got, page...), page[len(page)-1].Key
			}
			if !slices.EqualFunc(got, want, sameDocument) {
				return fmt.Errorf("backward %v, %s: %.300v, want %.300v", isBackward, kind, got, want)
			}
			slices.Reverse(want)
		}
	}
	return nil
}

func sameDocument(a, b store.Document) bool {
	return a.Kind == b.Kind && a.Key == b.Key && a.At == b.At && bytes.Equal(a.Value, b.Value)
}

// testDocuments puts, replaces, lists and removes documents.
func testDocuments(t *testing.T, o Opener) {
	s := o.Open(t)
	defer func() { s.Close() }()
	if err := wantDocuments(s, nil, 1, "note", "unknown"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.(store.Service).Document(context.Background(), "note", "a"); found || err != nil {
		t.Fatal(found, err)
	}
	all := map[documentKey]store.Document{}
	put := func(tx store.Transaction, all map[documentKey]store.Document, d store.Document) error {
		all[documentKey{d.Kind, d.Key}] = store.Document{Kind: d.Kind, Key: d.Key, At: d.At, Value: bytes.Clone(d.Value)}
		err := tx.Put(d)
		clear(d.Value) // which belongs to the caller again
		return err
	}
	long := strings.Repeat("é", 127) + "x"
	commit(t, s, func(tx store.Transaction) error {
		for i, key := range []string{"", "b", "a", "B", "é", "z", "zz", "ab", long, "10", "9", "\U0010ffff"} {
			if err := errors.Join(put(tx, all, document("note", key, int64(i), i)), put(tx, all, document("note-2", key, int64(-i), i+100))); err != nil {
				return err
			}
		}
		return errors.Join(put(tx, all, store.Document{Kind: "empty", Key: "none"}), put(tx, all, store.Document{Kind: "empty", Key: "some", Value: []byte{}}))
	})
	check := func() {
		t.Helper()
		for _, limit := range []int{1, 2, 5, store.MostListed} {
			if err := wantDocuments(s, all, limit, "note", "note-2", "empty", "not"); err != nil {
				t.Fatal(err)
			}
		}
	}
	check()
	s = o.Reopen(t, s)
	check()
	commit(t, s, func(tx store.Transaction) error {
		if err := put(tx, all, document("note", "a", 77, 5)); err != nil { // it is moved in time
			return err
		}
		if d, found, err := tx.Document("note", "a"); err != nil || !found || !sameDocument(d, all[documentKey{"note", "a"}]) {
			return fmt.Errorf("in the transaction: %v, %v, %w", d, found, err)
		}
		delete(all, documentKey{"note", "B"})
		if err := errors.Join(tx.Delete("note", "B"), tx.Delete("note", "B"), tx.Delete("unknown", "b")); err != nil {
			return err
		}
		if d, found, err := tx.Document("note", "B"); found || err != nil {
			return fmt.Errorf("after it was deleted: %v, %v, %w", d, found, err)
		}
		return nil
	})
	check()
	// Of the least times: 0 is that of the empty key, 1 of b, 2 is gone, as a was moved.
	for i, want := range []struct {
		at      int64
		limit   int
		removed []string
	}{{0, 10, nil}, {5, 0, nil}, {5, 1, []string{""}}, {2, 10, []string{"b"}}, {6, 10, []string{"é", "z"}}, {6, 10, nil}} {
		commit(t, s, func(tx store.Transaction) error {
			n, err := tx.DeleteBefore("note", want.at, want.limit)
			if err != nil || n != int64(len(want.removed)) {
				return fmt.Errorf("deletion %d: %d removed, %w; want %q", i, n, err, want.removed)
			}
			return nil
		})
		for _, key := range want.removed {
			delete(all, documentKey{"note", key})
		}
		check()
	}
	// Of equal times those with the least keys come first.
	commit(t, s, func(tx store.Transaction) error {
		for _, key := range []string{"d", "c", "a", "b"} {
			if err := put(tx, all, document("equal", key, 5, 0)); err != nil {
				return err
			}
		}
		_, err := tx.DeleteBefore("equal", 6, 2)
		delete(all, documentKey{"equal", "a"})
		delete(all, documentKey{"equal", "b"})
		return err
	})
	if err := wantDocuments(s, all, 10, "equal"); err != nil {
		t.Fatal(err)
	}
	check()
}

// testDocumentsRefused gives what a store does not take.
func testDocumentsRefused(t *testing.T, o Opener) {
	s := o.Open(t).(store.Service)
	defer s.Close()
	for _, d := range []store.Document{
		{Kind: "", Key: "a"}, {Kind: "Note", Key: "a"}, {Kind: "a b", Key: "a"}, {Kind: strings.Repeat("a", 65), Key: "a"},
		{Kind: "note", Key: strings.Repeat("a", 256)}, {Kind: "note", Key: "a\x00"}, {Kind: "note", Key: "a\xff"},
		{Kind: "note", Key: "a", Value: make([]byte, store.MostDocumentBytes+1)},
	} {
		err := s.Commit(context.Background(), func(tx store.Transaction) error {
			if err := tx.Put(document("note", "good", 1, 1)); err != nil {
				t.Fatal(err)
			}
			if err := tx.Put(d); !errors.Is(err, store.ErrDocument) {
				t.Fatalf("%.100v: %v, want ErrDocument", d, err)
			}
			if _, _, err := tx.Document("note", "good"); !errors.Is(err, store.ErrDocument) {
				t.Fatalf("a transaction that is spoiled goes on: %v", err)
			}
			return nil // which commits nothing
		})
		if !errors.Is(err, store.ErrDocument) {
			t.Fatalf("%.100v: %v, want ErrDocument", d, err)
		}
	}
	err := s.Commit(context.Background(), func(tx store.Transaction) error {
		_, err := tx.DeleteBefore("note", 1, -1)
		return err
	})
	if !errors.Is(err, store.ErrLimit) {
		t.Fatalf("%v, want ErrLimit", err)
	}
	for _, limit := range []int{-1, 0, store.MostListed + 1} {
		if _, err := s.Documents(context.Background(), "note", "", false, limit); !errors.Is(err, store.ErrLimit) {
			t.Fatalf("%v, want ErrLimit", err)
		}
	}
	if err := wantDocuments(s, nil, 1, "note"); err != nil {
		t.Fatal(err)
	}
}

// testLongDocument keeps a value of many pages, and replaces it by another one.
func testLongDocument(t *testing.T, o Opener) {
	s := o.Open(t)
	defer func() { s.Close() }()
	for i, n := range []int{3 << 20, 5 << 20, 1, 1000, 2 << 20} {
		d := store.Document{Kind: "long", Key: "a", Value: bytes.Repeat([]byte{byte(i), 0xff, 0, 7}, n/4+1)[:n]}
		commit(t, s, func(tx store.Transaction) error { return errors.Join(tx.Put(d), tx.Put(document("long", "b", 1, i))) })
		if i == 2 {
			s = o.Reopen(t, s)
		}
		all := map[documentKey]store.Document{{"long", "a"}: d, {"long", "b"}: document("long", "b", 1, i)}
		if err := wantDocuments(s, all, 1, "long"); err != nil {
			t.Fatalf("%.300s", err)
		}
	}
}
