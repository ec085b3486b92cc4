package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/store"
)

// commit commits, or ends the test.
func commit(t testing.TB, s store.Store, do func(store.Transaction) error) {
	t.Helper()
	if err := s.(store.Service).Commit(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

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

// groupOf is a group of a feed, with a place.
func groupOf(feed string, offset int64, orders ...store.State) store.Batch {
	b := batchOf("", 0, orders...)
	b.Feed = &store.Feed{Name: feed, Offset: offset}
	return b
}

// testCommit does several things in one transaction. Each sees what those before have done.
func testCommit(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	rules := func(g store.Batch, rules, systemRules string) store.Batch {
		g.Feed.Rules, g.Feed.SystemRules = rules, systemRules
		return g
	}
	first := []store.State{timed(order("1", 0, "1", "Ann", "Tea 1"), 10, 1), order("", 1, "2", "Bob", "Tea 2", "Cake 1")}
	second := []store.State{timed(order("1", 0, "1", "Ann B", "Tea 3"), 10, 2), timed(order("2", 1, "1", "Ann C", "Pie 1"), 11, 1), timed(skipped("3", 2), 1, 1)}
	third := []store.State{timed(order("2", 0, "1", "Ann D", "Pie 2"), 11, 2), timed(order("4", 1, "3", "Eve", "Pie 3"), 12, 1)}
	var outcomes [3]store.Outcome
	found := false
	commit(t, b.s, func(tx store.Transaction) (err error) {
		if outcomes[0], err = tx.Apply(rules(groupOf("a", 0, first...), "numbered", "of the system")); err != nil {
			return err
		}
		for _, refused := range []store.Batch{
			rules(groupOf("a", 0, third...), "others", ""), rules(groupOf("a", 0, third...), "numbered", "others"),
			rules(groupOf("b", 5, third...), "", "others"),
		} {
			var wrong *store.RulesError
			if _, err := tx.Apply(refused); !errors.As(err, &wrong) {
				return fmt.Errorf("other rules: %w", err)
			}
		}
		if outcomes[1], err = tx.Apply(groupOf("a", 7, second...)); err != nil {
			return err
		}
		if found, err = tx.Erase(store.Erasure{Phone: "1", IDs: []string{"4"}}); err != nil {
			return err
		}
		if again, err := tx.Erase(store.Erasure{Phone: "1"}); again || err != nil {
			return fmt.Errorf("a customer that was erased: %v, %w", again, err)
		}
		if again, err := tx.Apply(groupOf("a", 7, second...)); err != nil || again.Applied || again.Fates != nil {
			return fmt.Errorf("a group that was applied: %+v, %w", again, err)
		}
		if outcomes[2], err = tx.Apply(groupOf("b", 0, third...)); err != nil {
			return err
		}
		return tx.Put(document("note", "a", 1, 1))
	})
	for i, orders := range [][]store.State{first, second, third} {
		if i == 2 && b.erase(store.Erasure{Phone: "1", IDs: []string{"4"}}) != found {
			t.Fatalf("found %v", found)
		}
		b.took(outcomes[i], groupOf("", 0, orders...), "", "", orders)
		if outcomes[i].Number != int64(i)+1 {
			t.Fatalf("group %d has the number %d", i, outcomes[i].Number)
		}
	}
	wantRecords(t, b.s, b.records())
	b.reopen()
	b.shows("2 Bob", "Tea 3 2, Cake 1 1, Pie 3 2")
	b.reads()
	var wrong *store.RulesError
	if _, err := b.s.Start(context.Background(), store.Source{ID: "x", Rules: "numbered", SystemRules: "others"}, false); !errors.As(err, &wrong) || wrong.Have != "of the system" {
		t.Fatalf("%v, want the rules of the first group", err)
	}
	if err := wantDocuments(b.s, map[documentKey]store.Document{{"note", "a"}: document("note", "a", 1, 1)}, 1, "note"); err != nil {
		t.Fatal(err)
	}
	if due, err := b.s.Scrub(context.Background()); err != nil || due > 1 {
		t.Fatalf("%d erasures were scrubbed, %v; want 1, or none if the store needs none", due, err)
	}
}

// testCommitRules refuses a group whose second line of rules is another one. The first is not kept.
func testCommitRules(t *testing.T, o Opener) {
	s := o.Open(t).(store.Service)
	defer s.Close()
	if _, err := s.Start(context.Background(), store.Source{ID: "a", System: "x", SystemRules: "of x"}, false); err != nil {
		t.Fatal(err)
	}
	commit(t, s, func(tx store.Transaction) error {
		g := groupOf("feed", 0)
		g.Feed.System, g.Feed.Rules, g.Feed.SystemRules = "x", "one", "others"
		var wrong *store.RulesError
		if _, err := tx.Apply(g); !errors.As(err, &wrong) || wrong.Have != "of x" {
			return fmt.Errorf("%w, want a RulesError", err)
		}
		g.Feed.Rules, g.Feed.SystemRules = "another", "of x"
		_, err := tx.Apply(g)
		return err
	})
	if p, err := s.Start(context.Background(), store.Source{ID: "a"}, false); err != nil || p.Rules != "another" {
		t.Fatalf("%+v, %v; want the rules of the group that was applied", p, err)
	}
}

// testCommitFails does things, and then returns an error, panics, or ends the context. Nothing of
// it stays.
func testCommitFails(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	b.applyGroup(store.Feed{Name: "a", Offset: 3}, timed(order("1", 0, "1", "Ann", "Tea 1"), 10, 1), order("", 1, "2", "Bob", "Tea 2", "Cake 1"))
	all := map[documentKey]store.Document{{"note", "a"}: document("note", "a", 1, 1), {"note", "b"}: document("note", "b", 1, 1)}
	commit(t, b.s, func(tx store.Transaction) error {
		return errors.Join(tx.Put(all[documentKey{"note", "a"}]), tx.Put(all[documentKey{"note", "b"}]))
	})
	do := func(tx store.Transaction) {
		g := groupOf("a", 9, timed(order("1", 0, "1", "Ann B", "Tea 3"), 10, 2), timed(order("9", 1, "7", "Eve", "Pie 1"), 11, 1), order("", 2, "2", "Bob B", "Cake 5"))
		g.Feed.Rules, g.Feed.System, g.Feed.SystemRules = "rules", "", "system"
		if o, err := tx.Apply(g); err != nil || !o.Applied {
			t.Fatalf("%+v, %v", o, err)
		}
		if _, err := tx.Erase(store.Erasure{Phone: "2", IDs: []string{"1", "unknown"}}); err != nil {
			t.Fatal(err)
		}
		n, err := tx.DeleteBefore("note", 5, 1)
		if err = errors.Join(err, tx.Put(document("note", "a", 7, 2)), tx.Delete("note", "b"), tx.Put(document("other", "c", 7, 2))); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	s := b.s.(store.Service)
	mine := errors.New("an error of the caller")
	var kept store.Transaction
	if err := s.Commit(context.Background(), func(tx store.Transaction) error { kept = tx; do(tx); return mine }); err != mine {
		t.Fatalf("%v, want the error as it is", err)
	}
	if _, _, err := kept.Document("note", "a"); err == nil {
		t.Fatal("a transaction goes on after its end")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Fatal("the panic is gone")
			}
		}()
		_ = s.Commit(context.Background(), func(tx store.Transaction) error { do(tx); panic("by the caller") })
	}()
	ctx, cancel := context.WithCancel(context.Background())
	if err := s.Commit(ctx, func(tx store.Transaction) error { do(tx); cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that of the context", err)
	}
	if err := s.Commit(ctx, func(store.Transaction) error { panic("it is called") }); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that of the context", err)
	}
	bad := groupOf("a", 0, order("5", 0, "1", "Ann", "Tea 1"))
	bad.States[0].Lines = bad.States[0].Lines[:len(bad.States[0].Lines)-1]
	for _, wrong := range []store.Batch{bad, batchOf("batch", 1)} {
		err := s.Commit(context.Background(), func(tx store.Transaction) error {
			do(tx)
			if o, err := tx.Apply(wrong); err == nil {
				t.Fatalf("%+v was applied", o)
			}
			return nil
		})
		if err == nil {
			t.Fatal("what went wrong is passed over")
		}
	}
	for range 2 {
		wantRecords(t, b.s, b.records())
		if err := wantDocuments(b.s, all, 1, "note", "other"); err != nil {
			t.Fatal(err)
		}
		b.reopen()
	}
	if p, err := b.s.Start(context.Background(), store.Source{ID: "a"}, false); err != nil || p.Rules != "" || p.SystemRules != "" || p.Number != 2 {
		t.Fatalf("%+v, %v; want no rules, and the next number", p, err)
	}
	b.applyGroup(store.Feed{Name: "a", Offset: 9}, order("", 0, "1", "Ann E", "Tea 9")) // the feed is where it was
	if due, err := b.s.Scrub(context.Background()); err != nil || due != 0 {
		t.Fatalf("%d erasures are due, %v; want none", due, err)
	}
}

// testCommitErases removes a document in the transaction of an erasure that finds no customer. It
// is due to be scrubbed; if no document is removed there is nothing to scrub.
func testCommitErases(t *testing.T, o Opener) {
	s := o.Open(t).(store.Service)
	defer s.Close()
	due := func() int64 {
		all, err := s.Totals(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return all.Due
	}
	commit(t, s, func(tx store.Transaction) error { return tx.Put(document("note", "a", 1, 1)) })
	commit(t, s, func(tx store.Transaction) error { return tx.Delete("note", "b") })
	commit(t, s, func(tx store.Transaction) error { _, err := tx.Erase(store.Erasure{Phone: "1"}); return err })
	if n := due(); n != 0 {
		t.Fatalf("%d erasures are due, want none", n)
	}
	commit(t, s, func(tx store.Transaction) error {
		_, err := tx.Erase(store.Erasure{Phone: "1"})
		return errors.Join(err, tx.Delete("note", "a"))
	})
	want := due()
	if n, err := s.Scrub(context.Background()); err != nil || n != want || want > 1 {
		t.Fatalf("%d erasures were scrubbed, %v; want %d", n, err, want)
	}
}

// testCommitLarge applies groups of many customers in one transaction: the second one changes what
// the first one made.
func testCommitLarge(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	b.applyGroup(store.Feed{Name: "a"}, timed(order("0", 0, "0", "Zoe", "Tea 1"), 5, 1))
	const customers = 20_100
	delta := func(n int64) (d store.Delta) {
		for i := range customers {
			v := store.PositionVersion(store.NoTime, 0, int64(i), 0)
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint("5550", i), Name: fmt.Sprint("Ann ", n), Named: v, First: v, Orders: n, FirstPlaced: store.NoTime, LastPlaced: store.NoTime})
		}
		return d
	}
	commit(t, b.s, func(tx store.Transaction) error {
		for n := range int64(2) {
			if _, err := tx.Apply(store.Batch{Feed: &store.Feed{Name: "a"}, Delta: delta(n + 1)}); err != nil {
				return err
			}
		}
		return nil
	})
	got := read(t, b.s)
	if len(got.Customers) != customers+1 {
		t.Fatalf("%d customers", len(got.Customers))
	}
	for _, c := range got.Customers {
		if c.Phone != "0" && (c.Orders != 3 || c.Name != "Ann 2") {
			t.Fatalf("%+v, want both groups", c)
		}
	}
}

// testCommitAtOnce commits from several goroutines.
func testCommitAtOnce(t *testing.T, o Opener) {
	s := o.Open(t)
	defer func() { s.Close() }()
	CommitAtOnce(t, s, s, s, s)
	s = o.Reopen(t, s)
	CommitAtOnce(t, s)
}

// CommitAtOnce commits by several stores at once, which are of one database. Each transaction reads
// a number, puts the next one, and applies a group. It may be called again.
func CommitAtOnce(t testing.TB, stores ...store.Store) {
	const each = 25
	ctx := context.Background()
	number := func(d store.Document) (n int64) {
		if len(d.Value) > 0 {
			_, _ = fmt.Sscan(string(d.Value), &n)
		}
		return n
	}
	before, _, err := stores[0].(store.Service).Document(ctx, "count", "")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, s := range stores {
		group.Go(func() {
			for range each {
				err := s.(store.Service).Commit(ctx, func(tx store.Transaction) error {
					d, _, err := tx.Document("count", "")
					if err != nil {
						return err
					}
					n := number(d) + 1
					_, err = tx.Apply(groupOf("feed", 0, order(fmt.Sprint(n), n, "1", fmt.Sprint("name ", n), "Tea 1")))
					return errors.Join(err, tx.Put(store.Document{Kind: "count", Value: fmt.Append(nil, n)}))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	d, _, err := stores[0].(store.Service).Document(ctx, "count", "")
	want := number(before) + int64(each*len(stores))
	if err != nil || number(d) != want {
		t.Fatalf("%d commits were counted, %v; want %d", number(d), err, want)
	}
	got := read(t, stores[0])
	if got.Items[0].Orders != want || got.Customers[0].Orders != want || got.Customers[0].Name != fmt.Sprint("name ", want) {
		t.Fatalf("%+v and %+v, want %d orders", got.Items[0], got.Customers[0], want)
	}
}

// A step is something that a transaction of a [machine] does, and what the model says to it.
type step struct {
	do    func(tx store.Transaction) error
	enter func(t *rapid.T)
}

var errOfCaller = errors.New("an error of the caller")

// commit does several things in one transaction, which may end with an error.
func (m *machine) commit(t *rapid.T) {
	var steps []step
	for range rapid.IntRange(0, 5).Draw(t, "steps") {
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0, 1:
			steps = append(steps, m.groupStep(t))
		case 2:
			steps = append(steps, m.eraseStep(t))
		default:
			steps = append(steps, m.documentStep(t))
		}
	}
	fails := rapid.IntRange(0, 3).Draw(t, "fails") == 0
	err := m.s.(store.Service).Commit(context.Background(), func(tx store.Transaction) error {
		for _, s := range steps {
			if err := s.do(tx); err != nil {
				return err
			}
		}
		if fails {
			return errOfCaller
		}
		return nil
	})
	if fails {
		if err != errOfCaller {
			t.Fatalf("%v, want the error as it is", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		s.enter(t)
	}
}

func (m *machine) groupStep(t *rapid.T) step {
	b := m.group(t)
	isRefused := m.rules != "" && rapid.IntRange(0, 3).Draw(t, "is refused") == 0
	if isRefused {
		b.Feed.Rules = m.rules + " "
	}
	var got store.Outcome
	return step{
		func(tx store.Transaction) (err error) {
			got, err = tx.Apply(b.Batch)
			if refused := (*store.RulesError)(nil); isRefused && errors.As(err, &refused) {
				return nil
			}
			return err
		},
		func(t *rapid.T) {
			f := b.Feed
			if want := !isRefused && (f.Offset == 0 || f.Offset > m.feeds[f.Name]); got.Applied != want {
				t.Fatalf("%+v, want applied: %v", got, want)
			}
			if got.Applied {
				m.took(t, got.Number)
				m.enter(t, b, got, false)
			}
		},
	}
}

func (m *machine) eraseStep(t *rapid.T) step {
	e := drawErasure(t)
	found := false
	return step{
		func(tx store.Transaction) (err error) { found, err = tx.Erase(e); return err },
		func(t *rapid.T) {
			if want := m.erase(e); found != want {
				t.Fatalf("found %v, want %v", found, want)
			}
		},
	}
}

var documentKinds = []string{"a", "b-2"}

func (m *machine) documentStep(t *rapid.T) step {
	d := document(rapid.SampledFrom(documentKinds).Draw(t, "kind"), rapid.SampledFrom([]string{"", "a", "é", "b", "ba"}).Draw(t, "key"),
		rapid.Int64Range(0, 3).Draw(t, "at"), rapid.IntRange(0, 9).Draw(t, "value"))
	key := documentKey{d.Kind, d.Key}
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		return step{func(tx store.Transaction) error { return tx.Delete(d.Kind, d.Key) }, func(*rapid.T) { delete(m.documents, key) }}
	case 1:
		limit, removed := rapid.IntRange(0, 3).Draw(t, "limit"), int64(0)
		return step{
			func(tx store.Transaction) (err error) {
				removed, err = tx.DeleteBefore(d.Kind, d.At, limit)
				return err
			},
			func(t *rapid.T) {
				if n := m.deleteDocuments(d.Kind, d.At, limit); removed != n {
					t.Fatalf("%d documents were removed, want %d", removed, n)
				}
			},
		}
	case 2:
		var got store.Document
		var found bool
		return step{
			func(tx store.Transaction) (err error) { got, found, err = tx.Document(d.Kind, d.Key); return err },
			func(t *rapid.T) {
				if want, has := m.documents[key]; found != has || !sameDocument(got, want) {
					t.Fatalf("%v, %v; want %v, %v", got, found, want, has)
				}
			},
		}
	}
	return step{func(tx store.Transaction) error { return tx.Put(d) }, func(*rapid.T) { m.documents[key] = d }}
}

// deleteDocuments removes the first documents of a kind, as a sorted list has them.
func (m *machine) deleteDocuments(kind string, at int64, limit int) (removed int64) {
	var old []string
	for d := range maps.Values(m.documents) {
		if d.Kind == kind && d.At < at {
			old = append(old, fmt.Sprintf("%d %s", d.At, d.Key)) // times of one digit
		}
	}
	slices.Sort(old)
	for _, text := range old[:min(limit, len(old))] {
		delete(m.documents, documentKey{kind, text[2:]})
		removed++
	}
	return removed
}
