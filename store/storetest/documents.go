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
			return fmt.Errorf("document %q: %.200s, %v, %v; want %.200s", key, fmt.Sprint(d), found, err, fmt.Sprint(want))
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
					return fmt.Errorf("%d documents after %q, %v; want %d at most", len(page), after, err, limit)
				}
				if len(page) == 0 {
					break
				}
				got, after = append(got, page...), page[len(page)-1].Key
			}
			if !slices.EqualFunc(got, want, sameDocument) {
				return fmt.Errorf("backward %v, %s: %.300s, want %.300s", isBackward, kind, fmt.Sprint(got), fmt.Sprint(want))
			}
			slices.Reverse(want)
		}
	}
	return nil
}

func sameDocument(a, b store.Document) bool {
	return a.Kind == b.Kind && a.Key == b.Key && a.At == b.At && bytes.Equal(a.Value, b.Value)
}

// documents are those that a store must have.
type documents struct {
	t   testing.TB
	o   Opener
	s   store.Store
	all map[documentKey]store.Document
}

func newDocuments(t testing.TB, o Opener) *documents {
	return &documents{t, o, o.Open(t), map[documentKey]store.Document{}}
}

func (d *documents) close() { d.s.Close() }

func (d *documents) commit(do func(store.Transaction) error) {
	d.t.Helper()
	commit(d.t, d.s, do)
}

// put puts a document. Its value belongs to the caller again, who changes it.
func (d *documents) put(tx store.Transaction, one store.Document) error {
	kept := one
	kept.Value = bytes.Clone(one.Value)
	d.all[documentKey{one.Kind, one.Key}] = kept
	err := tx.Put(one)
	clear(one.Value)
	return err
}

// check compares all documents, in pages of several sizes.
func (d *documents) check() {
	d.t.Helper()
	for _, limit := range []int{1, 2, 5, store.MostListed} {
		if err := wantDocuments(d.s, d.all, limit, "note", "note-2", "empty", "equal", "not"); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *documents) reopen() { d.s = d.o.Reopen(d.t, d.s) }

// has checks what a transaction sees of a document.
func (d *documents) has(tx store.Transaction, kind, key string) error {
	got, found, err := tx.Document(kind, key)
	want, isWanted := d.all[documentKey{kind, key}]
	if err != nil || found != isWanted || !sameDocument(got, want) {
		return fmt.Errorf("in the transaction: %v, %v, %v; want %v, %v", got, found, err, want, isWanted)
	}
	return nil
}

// testDocuments puts, lists, replaces and deletes documents.
func testDocuments(t *testing.T, o Opener) {
	d := newDocuments(t, o)
	defer func() { d.close() }()
	d.check()
	if _, found, err := d.s.(store.Service).Document(context.Background(), "note", "a"); found || err != nil {
		t.Fatal(found, err)
	}
	long := strings.Repeat("é", 127) + "x"
	d.commit(func(tx store.Transaction) error {
		for i, key := range []string{"", "b", "a", "B", "é", "z", "zz", "ab", long, "10", "9", "\U0010ffff"} {
			if err := errors.Join(d.put(tx, document("note", key, int64(i), i)), d.put(tx, document("note-2", key, int64(-i), i+100))); err != nil {
				return err
			}
		}
		return errors.Join(d.put(tx, store.Document{Kind: "empty", Key: "none"}), d.put(tx, store.Document{Kind: "empty", Key: "some", Value: []byte{}}))
	})
	d.check()
	d.reopen()
	d.check()
	d.commit(func(tx store.Transaction) error {
		if err := errors.Join(d.put(tx, document("note", "a", 77, 5)), d.has(tx, "note", "a")); err != nil {
			return err
		}
		delete(d.all, documentKey{"note", "B"})
		return errors.Join(tx.Delete("note", "B"), tx.Delete("note", "B"), tx.Delete("unknown", "b"), d.has(tx, "note", "B"))
	})
	d.check()
}

// testDeleteBefore deletes the oldest documents. Of equal times those with the least keys
// come first.
func testDeleteBefore(t *testing.T, o Opener) {
	d := newDocuments(t, o)
	defer d.close()
	d.commit(func(tx store.Transaction) (err error) {
		for i, key := range []string{"", "b", "a", "é", "z", "zz"} {
			err = errors.Join(err, d.put(tx, document("note", key, int64(i), i)), d.put(tx, document("note-2", key, int64(-i), i)))
		}
		for _, key := range []string{"d", "c", "a", "b"} {
			err = errors.Join(err, d.put(tx, document("equal", key, 5, 0)))
		}
		return errors.Join(err, d.put(tx, document("note", "a", 77, 5))) // it is moved in time
	})
	for i, test := range []struct {
		kind    string
		at      int64
		limit   int
		removed []string
	}{
		{"note", 0, 10, nil},
		{"note", 5, 0, nil},
		{"note", 5, 1, []string{""}},
		{"note", 2, 10, []string{"b"}},
		{"note", 5, 10, []string{"é", "z"}},
		{"note", 5, 10, nil},
		{"equal", 6, 2, []string{"a", "b"}},
		{"unknown", 6, 2, nil},
	} {
		d.commit(func(tx store.Transaction) error {
			n, err := tx.DeleteBefore(test.kind, test.at, test.limit)
			if err != nil || n != int64(len(test.removed)) {
				return fmt.Errorf("deletion %d: %d removed, %v; want %q", i, n, err, test.removed)
			}
			return nil
		})
		for _, key := range test.removed {
			delete(d.all, documentKey{test.kind, key})
		}
		d.check()
	}
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
				t.Fatalf("%.200s: %v, want ErrDocument", fmt.Sprint(d), err)
			}
			if _, _, err := tx.Document("note", "good"); !errors.Is(err, store.ErrDocument) {
				t.Fatalf("a transaction that is spoiled goes on: %v", err)
			}
			return nil // which commits nothing
		})
		if !errors.Is(err, store.ErrDocument) {
			t.Fatalf("%.200s: %v, want ErrDocument", fmt.Sprint(d), err)
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
