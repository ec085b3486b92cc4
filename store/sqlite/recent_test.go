package sqlite_test

import (
	"errors"
	"fmt"
	"testing"

	"process-orders/store"
)

// TestRecentRows changes the rows of one item in two stores of one file, in a transaction that is not
// committed, and until it is gone. Whatever a store keeps of rows, it counts as if it kept none.
func TestRecentRows(t *testing.T) {
	t.Parallel()
	name := newName(t)
	a, b := open(t, name), open(t, name)
	standing, n := int64(0), 0
	apply := func(tx func(store.Batch) (store.Outcome, error), updated int64, isSkipped bool) {
		t.Helper()
		state := store.State{
			ID: fmt.Sprint(n), Phone: fmt.Sprint("555-", n), Updated: updated, Placed: firstPlaced, Time: firstPlaced, At: int64(n),
			Digest: uint64(updated), Skipped: isSkipped,
		}
		if !isSkipped {
			state.Lines = state.Lines.Append(store.Line{Item: "Tea", Price: "2.50"})
		}
		feed := &store.Feed{Name: "serve", System: "shop"}
		if _, err := tx(store.Batch{Feed: feed, Orders: 1, States: []store.State{state}}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(s store.Reader) {
		t.Helper()
		item, found, err := s.Item(t.Context(), "Tea")
		if err != nil || found != (standing > 0) || item.Orders != standing {
			t.Fatalf("after %d orders it is there: %v, and has %d lines, %v; want %d", n, found, item.Orders, err, standing)
		}
	}
	add := func(s store.Service) {
		t.Helper()
		err := s.Commit(t.Context(), func(tx store.Transaction) error { apply(tx.Apply, 1, false); return nil })
		if err != nil {
			t.Fatal(err)
		}
		n, standing = n+1, standing+1
		check(s)
	}
	undone := errors.New("undone")
	for _, s := range []store.Service{a, a, b, a, b, b, a, a} {
		add(s)
		err := s.Commit(t.Context(), func(tx store.Transaction) error { apply(tx.Apply, 1, false); return undone })
		if err != undone {
			t.Fatal(err)
		}
	}
	added := n
	for n = range added {
		s := []store.Service{a, b}[n/2%2]
		err := s.Commit(t.Context(), func(tx store.Transaction) error { apply(tx.Apply, 2, true); return nil })
		if err != nil {
			t.Fatal(err)
		}
		standing--
		check(s)
	}
	for n = added; n < added+4; {
		add(b)
		add(a)
	}
	if h := examine(t, name); len(h.Faults) > 0 { // the totals fit the rows
		t.Error(h.Faults)
	}
}
