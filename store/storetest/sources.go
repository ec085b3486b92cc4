package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"process-orders/store"
)

func testEmpty(t *testing.T, o Opener) {
	s := o.Open(t)
	for range 2 {
		wantRecords(t, s, store.Delta{})
		wantSources(t, s)
		s = o.Reopen(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func testStart(t *testing.T, o Opener) {
	s := o.Open(t)
	if a, b := start(t, s, "a", "x"), start(t, s, "b", "y"); a != 1 || b != 2 {
		t.Fatalf("the first sources have the numbers %d and %d", a, b)
	}
	if a := start(t, s, "a", "x"); a != 1 {
		t.Fatalf("a source started again has the number %d, want 1", a)
	}
	s = o.Reopen(t, s)
	if b := start(t, s, "b", "y"); b != 2 {
		t.Fatalf("a source started again after reopening has the number %d, want 2", b)
	}
	want := []store.Progress{{Source: source("a", "x"), Number: 1}, {Source: source("b", "y"), Number: 2}}
	wantSources(t, s, want...)
	apply(t, s, store.Batch{ID: "a1", Source: 1, Orders: 3, Rejected: 2})
	apply(t, s, store.Batch{ID: "a2", Source: 1, Orders: 4, Last: true})
	want[0].Batches, want[0].Orders, want[0].Rejected, want[0].Done = 2, 7, 2, true
	s = o.Reopen(t, s)
	wantSources(t, s, want...)
	p, err := s.Start(context.Background(), store.Source{ID: "a", Name: "another name", System: "x", Shop: "another", Bytes: 7, BatchBytes: 8, From: 9, Head: 10, HeadHash: "x"}, false)
	if err != nil || timeless(t, p) != want[0] {
		t.Fatalf("Start returns %+v, %v; want %+v", p, err, want[0])
	}
}

// testTogether applies batches that are brought together.
func testTogether(t *testing.T, o Opener) {
	s := o.Open(t)
	start(t, s, "a", "x")
	one := func(id string) store.State {
		return store.State{ID: id, Updated: 1, Placed: 1, Time: 1, Digest: 7, Phone: id, Lines: store.Lines{}.Append(store.Line{Item: "Tea", Price: "2"})}
	}
	apply(t, s, store.Batch{ID: "2", Source: 1, Orders: 1, States: []store.State{one("b")}})
	some := store.Batch{ID: "1", Also: []string{"2", "3"}, Source: 1, Orders: 3, States: []store.State{one("a"), one("b"), one("c")}}
	if _, err := s.Apply(context.Background(), some); !errors.Is(err, store.ErrSome) {
		t.Fatalf("with a batch that was applied before: %v", err)
	}
	some = store.Batch{ID: "1", Also: []string{"3"}, Source: 1, Orders: 2, Rejected: 1, States: []store.State{one("a"), one("c")}}
	apply(t, s, some)
	s = o.Reopen(t, s)
	for _, again := range []store.Batch{some, {ID: "3", Source: 1, Orders: 1, States: []store.State{one("c")}}} {
		if o, err := s.Apply(context.Background(), again); err != nil || o.Applied {
			t.Fatalf("%s again: %+v, %v", again.ID, o, err)
		}
	}
	last := store.Batch{ID: "4", Also: []string{"5"}, Source: 1, Last: true, Batches: 6}
	if _, err := s.Apply(context.Background(), last); !errors.Is(err, store.ErrMissing) {
		t.Fatalf("the last of 6 batches, of which one was not applied: %v", err)
	}
	last.Batches = 5
	apply(t, s, last)
	want := store.Progress{Source: source("a", "x"), Number: 1, Batches: 5, Done: true, Orders: 3, Rejected: 1}
	wantSources(t, s, want)
	if all, err := s.Sources(context.Background()); err != nil || len(all) != 1 || all[0].Counts != (store.Counts{}) {
		t.Fatalf("got %+v, %v", all, err)
	}
}

func testStartAgain(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	a := source("a", "")
	number := func(again bool) int64 {
		t.Helper()
		p, err := s.Start(ctx, a, again)
		if err != nil {
			t.Fatal(err)
		}
		return p.Number
	}
	if n := number(true); n != 1 {
		t.Fatalf("again at the first time gives %d, want 1", n)
	}
	if n := number(true); n != 1 {
		t.Fatalf("again while it is not done gives %d, want 1", n)
	}
	apply(t, s, store.Batch{ID: "1", Source: 1, Last: true})
	if n := number(false); n != 1 {
		t.Fatalf("not again gives %d, want 1", n)
	}
	if n := number(true); n != 2 {
		t.Fatalf("again gives %d, want 2", n)
	}
	// The one that was started last is now the one to go on with, again or not.
	if n, m := number(true), number(false); n != 2 || m != 2 {
		t.Fatalf("after again it is %d and %d, want 2", n, m)
	}
}

// testRules gives a store rules, which it keeps, and others, which it refuses before it
// takes note of anything.
func testRules(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	defer func() { s.Close() }()
	const lines, counts = "count lines; phones exact", "count orders; phones e164"
	with := func(id, rules string) store.Source {
		a := source(id, "")
		a.Rules = rules
		return a
	}
	accepted := func(id, rules, want string) {
		t.Helper()
		p, err := s.Start(ctx, with(id, rules), false)
		if err != nil || p.Rules != want || p.ID != id {
			t.Fatalf("Start with %q returns %+v, %v; want the rules %q", rules, p, err, want)
		}
	}
	refused := func(id, rules string, again bool) {
		t.Helper()
		before := sources(t, s)
		_, err := s.Start(ctx, with(id, rules), again)
		var wrong *store.RulesError
		if !errors.As(err, &wrong) || *wrong != (store.RulesError{Have: lines, Got: rules}) {
			t.Fatalf("Start with %q: %v, want a RulesError", rules, err)
		}
		if text := fmt.Sprintf("the store keeps %q; this run has %q", lines, rules); !strings.HasSuffix(err.Error(), text) {
			t.Errorf("got %q, want it to end with %q", err, text)
		}
		wantSources(t, s, before...)
	}

	accepted("a", "", "")
	accepted("b", lines, lines)
	for range 2 {
		accepted("a", lines, lines)
		accepted("b", "", lines)
		refused("c", counts, false)
		refused("c", lines+" ", false)
		refused("b", counts, false)
		want := []store.Progress{{Source: with("a", lines), Number: 1}, {Source: with("b", lines), Number: 2}}
		wantSources(t, s, want...)
		s = o.Reopen(t, s)
	}

	// What is done and started again keeps to them too.
	apply(t, s, store.Batch{ID: "b1", Source: 2, Last: true})
	refused("b", counts, true)
	accepted("b", lines, lines)
	accepted("c", "", lines)
}

// testSystemRules gives systems rules of their own.
func testSystemRules(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	defer func() { s.Close() }()
	with := func(id, system, rules, systemRules string) store.Source {
		a := source(id, system)
		a.Rules, a.SystemRules = rules, systemRules
		return a
	}
	accepted := func(a store.Source, rules, systemRules string) {
		t.Helper()
		p, err := s.Start(ctx, a, false)
		if err != nil || p.Rules != rules || p.SystemRules != systemRules || p.ID != a.ID {
			t.Fatalf("Start returns %+v, %v; want the rules %q and %q", p, err, rules, systemRules)
		}
	}
	refused := func(a store.Source, want store.RulesError) {
		t.Helper()
		before := sources(t, s)
		_, err := s.Start(ctx, a, false)
		var wrong *store.RulesError
		if !errors.As(err, &wrong) || *wrong != want {
			t.Fatalf("Start: %v, want %+v", err, want)
		}
		wantSources(t, s, before...)
	}
	const name, number, lines = "id name", "id number", "count lines"
	accepted(with("a", "x", "", ""), "", "")
	accepted(with("b", "x", "", name), "", name)
	accepted(with("c", "", "", number), "", number)
	accepted(with("d", "y", "", ""), "", "")
	for i := range 2 {
		refused(with("a", "x", "", number), store.RulesError{Have: name, Got: number})
		refused(with("e", "x", "", number), store.RulesError{Have: name, Got: number})
		refused(with("e", "", "", name), store.RulesError{Have: number, Got: name})
		if i == 0 {
			// Neither line is kept if one is refused.
			refused(with("e", "x", lines, number), store.RulesError{Have: name, Got: number})
			accepted(with("d", "y", "", ""), "", "")
			accepted(with("a", "x", lines, name), lines, name)
		}
		refused(with("e", "y", "count orders", number), store.RulesError{Have: lines, Got: "count orders"})
		accepted(with("d", "y", "", ""), lines, "")
		wantSources(t, s, store.Progress{Source: with("a", "x", lines, name), Number: 1}, store.Progress{Source: with("b", "x", lines, name), Number: 2},
			store.Progress{Source: with("c", "", lines, number), Number: 3}, store.Progress{Source: with("d", "y", lines, ""), Number: 4})
		s = o.Reopen(t, s)
	}
	// Systems whose names look alike have rules of their own.
	for i, system := range []string{"X", "x ", "xx", "é", "store", "system x"} {
		rules := fmt.Sprint("id ", i)
		accepted(with(fmt.Sprint("like ", i), system, "", rules), lines, rules)
	}
	accepted(with("a", "x", "", name), lines, name)
}

// testRulesAtOnce gives a store two rules at once: it keeps one of them.
func testRulesAtOnce(t *testing.T, o Opener) {
	for range 5 {
		s := o.Open(t)
		var group sync.WaitGroup
		kept := make([]string, 8)
		for i := range kept {
			a := source(fmt.Sprint(i), "")
			a.Rules = []string{"count lines", "count orders"}[i%2]
			group.Go(func() {
				p, err := s.Start(context.Background(), a, false)
				var wrong *store.RulesError
				switch {
				case err == nil:
					kept[i] = p.Rules
				case !errors.As(err, &wrong) || wrong.Got != a.Rules:
					t.Error(err)
				default:
					kept[i] = wrong.Have
				}
			})
		}
		group.Wait()
		for _, rules := range kept {
			if rules == "" || rules != kept[0] {
				t.Fatalf("the store keeps %q, want one and the same", kept)
			}
		}
		all := sources(t, s)
		if len(all) != len(kept)/2 {
			t.Errorf("%d sources were started, want %d", len(all), len(kept)/2)
		}
		for _, p := range all {
			if p.Rules != kept[0] {
				t.Errorf("source %s has the rules %q, want %q", p.ID, p.Rules, kept[0])
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func testBatchTwice(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	d := store.Delta{
		Customers: []store.Customer{{Phone: "1", Name: "Ann", Named: at(n, 5), First: at(n, 2)}},
		Items:     []store.Item{{Name: "Dosa", Price: "10.50", Priced: at(n, 6), First: at(n, 3), Orders: 7}},
	}
	b := store.Batch{ID: "b", Source: n, Last: true, Orders: 2, States: []store.State{order("o1", 1, "", ""), order("o2", 2, "", "")}, Delta: d}
	apply(t, s, b)
	want := store.Progress{Source: source("a", ""), Number: n, Batches: 1, Done: true, Orders: 2}
	for range 3 {
		if applied, err := try(ctx, s, b); applied || err != nil {
			t.Fatalf("the same batch again: applied %v, %v", applied, err)
		}
		wantRecords(t, s, d)
		wantSources(t, s, want)
		s = o.Reopen(t, s)
	}
}

func testUnknownSource(t *testing.T, o Opener) {
	s := o.Open(t)
	start(t, s, "a", "")
	for _, n := range []int64{0, 2, -1} {
		_, err := s.Apply(context.Background(), store.Batch{ID: "b", Source: n})
		if !errors.Is(err, store.ErrUnknownSource) {
			t.Errorf("source %d: %v, want ErrUnknownSource", n, err)
		}
	}
	apply(t, s, store.Batch{ID: "b", Source: 1})
}

func testSourceDone(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	apply(t, s, store.Batch{ID: "1", Source: n})
	apply(t, s, store.Batch{ID: "2", Source: n, Last: true})
	b := store.Batch{ID: "3", Source: n, States: []store.State{order("o", 1, "1", "Ann")}}
	if _, err := s.Apply(ctx, b); !errors.Is(err, store.ErrSourceDone) {
		t.Fatalf("a batch after the last: %v, want ErrSourceDone", err)
	}
	if applied, err := try(ctx, s, store.Batch{ID: "1", Source: n}); applied || err != nil {
		t.Fatalf("an earlier batch once more: applied %v, %v", applied, err)
	}
	// Neither the batch nor its order was taken note of.
	b.Source = start(t, s, "b", "")
	apply(t, s, b)
	if p := sources(t, s)[1]; p.Counts != (store.Counts{}) {
		t.Fatalf("%+v, want no order that was known", p)
	}
}

// testMissing applies a source's last batch to a store that lost one before it.
func testMissing(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	item := func(id string) store.Batch {
		v := at(n, int64(len(id)))
		return store.Batch{ID: id, Source: n, Delta: store.Delta{Items: []store.Item{{Name: id, Price: "1", Priced: v, First: v, Orders: 1}}}}
	}
	apply(t, s, item("1"))
	last := item("333")
	last.Last, last.Batches = true, 3
	for range 2 {
		if applied, err := try(context.Background(), s, last); applied || !errors.Is(err, store.ErrMissing) {
			t.Fatalf("applied %v, %v; want ErrMissing", applied, err)
		}
		wantSources(t, s, store.Progress{Source: source("a", ""), Number: n, Batches: 1})
		if items := read(t, s).Items; len(items) != 1 {
			t.Fatalf("items %+v, want one", items)
		}
	}
	apply(t, s, item("22"))
	apply(t, s, last)
	wantSources(t, s, store.Progress{Source: source("a", ""), Number: n, Batches: 3, Done: true})
}
