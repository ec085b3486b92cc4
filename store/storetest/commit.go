package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"process-orders/store"
)

// commit commits, or ends the test.
func commit(t testing.TB, s store.Store, do func(store.Transaction) error) {
	t.Helper()
	if err := s.(store.Service).Commit(context.Background(), do); err != nil {
		t.Fatal(err)
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
	groups := [][]store.State{
		{timed(order("1", 0, "1", "Ann", "Tea 1"), 10, 1), order("", 1, "2", "Bob", "Tea 2", "Cake 1")},
		{timed(order("1", 0, "1", "Ann B", "Tea 3"), 10, 2), timed(order("2", 1, "1", "Ann C", "Pie 1"), 11, 1), timed(skipped("3", 2), 1, 1)},
		{timed(order("2", 0, "1", "Ann D", "Pie 2"), 11, 2), timed(order("4", 1, "3", "Eve", "Pie 3"), 12, 1)},
	}
	outcomes, found := b.commitAll(groups, store.Erasure{Phone: "1", IDs: []string{"4"}})
	for i, orders := range groups {
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

// commitAll applies three groups in one transaction, the last one after an erasure, and puts
// a document. Between them it does what changes nothing.
func (b *both) commitAll(groups [][]store.State, e store.Erasure) (outcomes [3]store.Outcome, found bool) {
	b.t.Helper()
	first, second, third := groups[0], groups[1], groups[2]
	commit(b.t, b.s, func(tx store.Transaction) (err error) {
		if outcomes[0], err = tx.Apply(withRules(groupOf("a", 0, first...), "numbered", "of the system")); err != nil {
			return err
		}
		for _, refused := range []store.Batch{
			withRules(groupOf("a", 0, third...), "others", ""), withRules(groupOf("a", 0, third...), "numbered", "others"),
			withRules(groupOf("b", 5, third...), "", "others"),
		} {
			var wrong *store.RulesError
			if _, err := tx.Apply(refused); !errors.As(err, &wrong) {
				return fmt.Errorf("other rules: %v, want a RulesError", err)
			}
		}
		if outcomes[1], err = tx.Apply(groupOf("a", 7, second...)); err != nil {
			return err
		}
		if found, err = tx.Erase(e); err != nil {
			return err
		}
		if again, err := tx.Erase(store.Erasure{Phone: e.Phone}); again || err != nil {
			return fmt.Errorf("a customer that was erased: %v, %v", again, err)
		}
		if again, err := tx.Apply(groupOf("a", 7, second...)); err != nil || again.Applied || again.Fates != nil {
			return fmt.Errorf("a group that was applied: %+v, %v", again, err)
		}
		if outcomes[2], err = tx.Apply(groupOf("b", 0, third...)); err != nil {
			return err
		}
		return tx.Put(document("note", "a", 1, 1))
	})
	return outcomes, found
}

// withRules returns a group of a feed with rules.
func withRules(g store.Batch, rules, systemRules string) store.Batch {
	g.Feed.Rules, g.Feed.SystemRules = rules, systemRules
	return g
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
			return fmt.Errorf("%v, want a RulesError", err)
		}
		g.Feed.Rules, g.Feed.SystemRules = "another", "of x"
		_, err := tx.Apply(g)
		return err
	})
	if p, err := s.Start(context.Background(), store.Source{ID: "a"}, false); err != nil || p.Rules != "another" {
		t.Fatalf("%+v, %v; want the rules of the group that was applied", p, err)
	}
}

// testCommitFails does things, and then returns an error, panics, ends the context, or applies
// what is wrong. Nothing of it stays.
func testCommitFails(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	b.applyGroup(store.Feed{Name: "a", Offset: 3}, timed(order("1", 0, "1", "Ann", "Tea 1"), 10, 1), order("", 1, "2", "Bob", "Tea 2", "Cake 1"))
	all := map[documentKey]store.Document{{"note", "a"}: document("note", "a", 1, 1), {"note", "b"}: document("note", "b", 1, 1)}
	commit(t, b.s, func(tx store.Transaction) error {
		return errors.Join(tx.Put(all[documentKey{"note", "a"}]), tx.Put(all[documentKey{"note", "b"}]))
	})
	s := b.s.(store.Service)
	failsByError(t, s)
	failsByPanic(t, s)
	failsByContext(t, s)
	failsByBatch(t, s)
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

// doMuch changes all that a transaction can change, and ends the test if that fails.
func doMuch(t *testing.T, tx store.Transaction) {
	t.Helper()
	g := groupOf("a", 9, timed(order("1", 0, "1", "Ann B", "Tea 3"), 10, 2), timed(order("9", 1, "7", "Eve", "Pie 1"), 11, 1), order("", 2, "2", "Bob B", "Cake 5"))
	if o, err := tx.Apply(withRules(g, "rules", "system")); err != nil || !o.Applied {
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

// failsByError returns an error, which comes back as it is. The transaction is over then.
func failsByError(t *testing.T, s store.Service) {
	var kept store.Transaction
	err := s.Commit(context.Background(), func(tx store.Transaction) error {
		kept = tx
		doMuch(t, tx)
		return errOfCaller
	})
	if err != errOfCaller {
		t.Fatalf("%v, want the error as it is", err)
	}
	if _, _, err := kept.Document("note", "a"); err == nil {
		t.Fatal("a transaction goes on after its end")
	}
}

func failsByPanic(t *testing.T, s store.Service) {
	defer func() {
		if recover() == nil {
			t.Fatal("the panic is gone")
		}
	}()
	_ = s.Commit(context.Background(), func(tx store.Transaction) error {
		doMuch(t, tx)
		panic("by the caller")
	})
}

func failsByContext(t *testing.T, s store.Service) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := s.Commit(ctx, func(tx store.Transaction) error {
		doMuch(t, tx)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that of the context", err)
	}
	if err := s.Commit(ctx, func(store.Transaction) error { panic("it is called") }); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that of the context", err)
	}
}

// failsByBatch passes over the error of a batch that cannot be applied. The commit does not.
func failsByBatch(t *testing.T, s store.Service) {
	bad := groupOf("a", 0, order("5", 0, "1", "Ann", "Tea 1"))
	bad.States[0].Lines = bad.States[0].Lines[:len(bad.States[0].Lines)-1]
	for _, wrong := range []store.Batch{bad, batchOf("batch", 1)} {
		err := s.Commit(context.Background(), func(tx store.Transaction) error {
			doMuch(t, tx)
			if o, err := tx.Apply(wrong); err == nil {
				t.Fatalf("%+v was applied", o)
			}
			return nil
		})
		if err == nil {
			t.Fatal("what went wrong is passed over")
		}
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
