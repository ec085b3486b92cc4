package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"process-orders/store"
)

// testFeeds applies groups of feeds and batches of sources in turn. Each group has a number
// of its own, so that what comes later is later.
func testFeeds(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	feed := store.Feed{Name: "feed"}
	group := func(want int64, orders ...store.State) {
		t.Helper()
		if got := b.applyGroup(feed, orders...); got.Number != want {
			t.Fatalf("the group has the number %d, want %d", got.Number, want)
		}
	}
	group(1, order("", 900, "1", "first group", "Dosa 1"))
	b.shows("1 first group", "Dosa 1 1")
	first := b.start(source("first", ""))
	b.apply(first, order("", 5, "1", "first source", "Dosa 2"))
	b.shows("1 first source", "Dosa 2 2")
	b.reopen()
	group(3, order("", 0, "1", "second group", "Dosa 3", "Idli 1"), order("", 1, "2", "", "Idli 2"))
	b.shows("1 second group, 2", "Dosa 3 3, Idli 2 2")
	second := b.start(source("second", ""))
	if first != 2 || second != 4 {
		t.Fatalf("the sources have the numbers %d and %d, want 2 and 4", first, second)
	}
	b.apply(second, order("", 0, "1", "second source", "Dosa 4"))
	b.shows("1 second source, 2", "Dosa 4 4, Idli 2 2")
	b.apply(first, order("", 1000, "1", "first source again", "Dosa 5", "Vada 1"))
	b.shows("1 second source, 2", "Dosa 4 5, Vada 1 1, Idli 2 2")
	group(5, order("x", 0, "1", "third group", "Dosa 6"), order("", 1, "1", "", "Vada 2"))
	b.shows("1 third group, 2", "Dosa 6 6, Vada 2 2, Idli 2 2")
	b.reopen()
	// Orders with a time go by it, and those without an id are before those that have one.
	group(6, timed(order("", 0, "1", "timed", "Dosa 7"), 50, store.NoTime), timed(order("y", 1, "1", "timed y", "Dosa 8"), 50, 50))
	b.shows("1 timed y, 2", "Dosa 8 8, Vada 2 2, Idli 2 2")
	group(7, timed(order("", 0, "1", "not later", "Dosa 9"), 49, store.NoTime), order("x", 1, "1", "x", "Dosa 10"))
	b.shows("1 timed y, 2", "Dosa 8 9, Vada 2 2, Idli 2 2")
	b.reopen()
	if all := sources(t, b.s); len(all) != 2 {
		t.Fatalf("%d sources, want the two that were started", len(all))
	}
}

// testFeedOffsets applies groups again.
func testFeedOffsets(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	item := order("", 0, "1", "", "Dosa 1")
	group := func(name string, offset, want int64) {
		t.Helper()
		f := store.Feed{Name: name, Offset: offset, Received: 5}
		if want > 0 {
			if got := b.applyGroup(f, item); got.Number != want {
				t.Fatalf("the group has the number %d, want %d", got.Number, want)
			}
			return
		}
		batch := batchOf("", 0, item, order("x", 1, "2", ""))
		batch.Feed = &f
		if got, err := b.s.Apply(context.Background(), batch); err != nil || got.Applied || got.Counts != (store.Counts{}) {
			t.Fatalf("%+v, %v; want nothing done", got, err)
		}
		wantRecords(t, b.s, b.records())
	}
	group("a", 5, 1)
	group("a", 5, 0)
	group("a", 4, 0)
	group("b", 4, 2)
	group("a", 6, 3)
	b.reopen()
	group("a", 6, 0)
	group("a", 0, 4) // it makes no statement
	group("a", 0, 5)
	group("a", 5, 0)
	group("a", 7, 6)
	group("c", 0, 7)
	b.reopen()
	group("c", 1, 8)
	group("c", 1, 0)
	group("A", 1, 9)
	group("a", 1<<60, 10)
	group("a", 8, 0)
	group("b", 5, 11)
	if n := b.start(source("s", "")); n != 12 {
		t.Fatalf("the source has the number %d, want 12", n)
	}
	b.shows("1", "Dosa 1 11")
	// A group without orders moves the feed on.
	b.applyGroup(store.Feed{Name: "b", Offset: 9})
	group("b", 9, 0)
}

// testFeedRules gives groups rules as sources have them.
func testFeedRules(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	feed := func(offset int64, system, rules, systemRules string) store.Feed {
		return store.Feed{Name: "feed", Offset: offset, System: system, Rules: rules, SystemRules: systemRules}
	}
	refused := func(f store.Feed, want store.RulesError) {
		t.Helper()
		batch := batchOf("", 0, order("", 0, "1", "", "Dosa 1"), order("x", 0, "1", "", "Dosa 1"))
		batch.Feed = &f
		var wrong *store.RulesError
		if got, err := b.s.Apply(context.Background(), batch); got.Applied || !errors.As(err, &wrong) || *wrong != want {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		wantRecords(t, b.s, b.records())
	}
	item := order("", 0, "1", "", "Dosa 1")
	keeps := func(want string) {
		t.Helper()
		if got, err := b.s.Rules(context.Background()); err != nil || got != want {
			t.Fatalf("the store keeps the rules %q, %v; want %q", got, err, want)
		}
	}
	keeps("")
	b.applyGroup(feed(1, "x", "", ""), item)
	keeps("")
	b.applyGroup(feed(2, "x", "count lines", ""), item)
	keeps("count lines")
	for offset := int64(3); offset < 9; offset += 3 {
		refused(feed(offset, "x", "count orders", "id name"), store.RulesError{Have: "count lines", Got: "count orders"})
		b.applyGroup(feed(offset, "x", "", "id name"), item) // the same offset: nothing was changed
		b.applyGroup(feed(offset+1, "y", "count lines", "id number"), item)
		refused(feed(offset+2, "x", "count lines", "id number"), store.RulesError{Have: "id name", Got: "id number"})
		refused(feed(offset+2, "y", "", "id name"), store.RulesError{Have: "id number", Got: "id name"})
		b.applyGroup(feed(offset+2, "z", "", ""), item)
		b.reopen()
		keeps("count lines")
	}
	a := source("a", "x")
	a.Rules, a.SystemRules = "count lines", "id number"
	var wrong *store.RulesError
	if _, err := b.s.Start(context.Background(), a, false); !errors.As(err, &wrong) || *wrong != (store.RulesError{Have: "id name", Got: "id number"}) {
		t.Fatalf("Start: %v, want a RulesError", err)
	}
	a.Rules, a.SystemRules = "", ""
	p, err := b.s.Start(context.Background(), a, false)
	if err != nil || p.Rules != "count lines" || p.SystemRules != "id name" {
		t.Fatalf("%+v, %v; want the rules that the feed gave", p, err)
	}
	if p.Number != 9 {
		t.Fatalf("the source has the number %d, want 9: refused groups take none", p.Number)
	}
}

// testUnchanged looks whether a store changes the batches that it applies.
func testUnchanged(t *testing.T, o Opener) {
	s := o.Open(t)
	defer s.Close()
	n := start(t, s, "a", "")
	for _, id := range []string{"b", ""} {
		b := batchOf(id, n, order("z", 1, "2", "Bob", "Dosa 1", "Idli 2"), order("", 2, "1", "Ann", "Vada 1", "Dosa 2"),
			order("y", 3, "2", "Bob", "Dosa 1"), order("z", 4, "1", "Ann", "Dosa 1"), order("", 5, "0", "", "Bonda 1"))
		if id == "" {
			b = batchOf(id, 0, order("z", 1, "2", "Bob", "Dosa 1"), order("", 2, "1", "Ann", "Vada 1", "Dosa 2"), order("x", 3, "3", "Eve", "Dosa 1"))
		}
		if b.ID == "" {
			b.Feed = &store.Feed{Name: "feed", Offset: 3}
		}
		same, minutes := b, minutesOf(b.Delta)
		same.States = slices.Clone(b.States)
		for i := range same.States {
			same.States[i].Lines = slices.Clone(same.States[i].Lines)
		}
		same.Delta = store.Delta{Customers: slices.Clone(b.Delta.Customers), Items: slices.Clone(b.Delta.Items)}
		for i := range same.Delta.Items {
			same.Delta.Items[i].Prices = slices.Clone(b.Delta.Items[i].Prices)
		}
		if b.Feed != nil {
			feed := *b.Feed
			same.Feed = &feed
		}
		if applied, err := try(context.Background(), s, b); !applied || err != nil {
			t.Fatalf("applied %v, %v", applied, err)
		}
		now := b
		now.Delta.Minutes = nil
		if !reflect.DeepEqual(now, same) {
			t.Errorf("the batch is %+v, and was %+v", now, same)
		}
		if diff := firstDifference("minute", minutesOf(b.Delta), minutes); diff != "" {
			t.Error(diff)
		}
		// The caller may use its memory again.
		before := read(t, s)
		for i := range b.States {
			clear(b.States[i].Lines)
			b.States[i] = store.State{}
		}
		clear(b.Delta.Customers)
		clear(b.Delta.Items)
		wantRecords(t, s, before)
	}
}
