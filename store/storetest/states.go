package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"process-orders/store"
)

// testLatest gives a store two states of one order in all ways: the second later, earlier,
// in one batch, in a group.
func testLatest(t *testing.T, o Opener) {
	p := pairing{both: newBoth(t, o)}
	defer func() { p.close() }()
	other := source("b", "")
	other.Shop = source("a", "").Shop
	p.first, p.second, p.feed = p.start(source("a", "")), p.start(other), store.Feed{Name: "feed", Shop: other.Shop}
	for _, pair := range latestPairs() {
		for _, way := range pairWays {
			if shows := p.bring(pair, way); shows != pair.shows {
				t.Errorf("%s, %s: the name is %q, want %q", pair.name, way, shows, pair.shows)
			}
		}
		p.reopen()
	}
}

// A statePair is two states of one order, of which a is in the source of the lower number.
type statePair struct {
	name  string
	a, b  store.State
	shows string // whose name
}

// latestPairs are pairs of all kinds. Each state has the name of its place in the pair.
func latestPairs() []statePair {
	state := func(name string, change func(*store.State)) store.State {
		s := order("id", 1, "1", name)
		if change != nil {
			change(&s)
		}
		return s
	}
	when := func(ms int64) func(*store.State) { return func(s *store.State) { s.Updated = ms } }
	with := func(ms int64, skipped bool, digest uint64) func(*store.State) {
		return func(s *store.State) { s.Updated, s.Skipped, s.Digest = ms, skipped, digest }
	}
	held := func(ms int64, digest uint64) func(*store.State) {
		return func(s *store.State) { with(ms, true, digest)(s); s.Reason = "hold" }
	}
	draft := func(ms int64, digest uint64) func(*store.State) {
		return func(s *store.State) { with(ms, true, digest)(s); s.Reason = "draft" }
	}
	return []statePair{
		{"the greater updated", state("a", when(1)), state("b", when(2)), "b"},
		{"the greater updated, which came first", state("a", when(2)), state("b", when(1)), "a"},
		{"as numbers, not as texts", state("a", when(10)), state("b", when(9)), "a"},
		{"before 1970", state("a", when(-3)), state("b", when(-5)), "a"},
		{"before and after 1970", state("a", when(1<<41)), state("b", when(-5)), "a"},
		{"updated and not", state("a", when(-5)), state("b", nil), "a"},
		{"not updated and updated", state("a", nil), state("b", when(-5)), "b"},
		{"neither updated", state("a", nil), state("b", nil), "b"},
		{"neither updated, and the first skipped", state("a", with(store.NoTime, true, 9)), state("b", with(store.NoTime, false, 1)), "b"},
		{"neither updated, and the digests", state("a", with(store.NoTime, false, 9)), state("b", with(store.NoTime, false, 1)), "b"},
		{"equal, and one skipped", state("a", with(5, true, 1)), state("b", with(5, false, 9)), ""},
		{"equal, and the other skipped", state("a", with(5, false, 9)), state("b", with(5, true, 1)), ""},
		{"equal, and one on hold", state("a", held(5, 9)), state("b", with(5, false, 1)), "b"},
		{"equal, and the other on hold", state("a", with(5, false, 1)), state("b", held(5, 9)), "a"},
		{"equal, on hold and skipped", state("a", held(5, 9)), state("b", with(5, true, 1)), ""},
		{"equal, and one a draft", state("a", draft(5, 9)), state("b", with(5, false, 1)), "b"},
		{"equal, and the other a draft", state("a", with(5, false, 1)), state("b", draft(5, 9)), "a"},
		{"equal, a draft and skipped", state("a", draft(5, 9)), state("b", with(5, true, 1)), ""},
		{"later and on hold", state("a", with(5, true, 9)), state("b", held(6, 1)), ""},
		{"later than one on hold", state("a", held(5, 9)), state("b", with(6, false, 1)), "b"},
		{"neither updated, and the first on hold", state("a", held(store.NoTime, 9)), state("b", with(store.NoTime, false, 1)), "b"},
		{"neither updated, and the second on hold", state("a", with(store.NoTime, false, 1)), state("b", held(store.NoTime, 9)), ""},
		{"later and skipped", state("a", with(5, false, 9)), state("b", with(6, true, 1)), ""},
		{"later and not skipped", state("a", with(5, true, 9)), state("b", with(6, false, 1)), "b"},
		{"equal, and the digests", state("a", with(5, false, 9)), state("b", with(5, false, 1)), "a"},
		{"equal, and the other digests", state("a", with(5, false, 1)), state("b", with(5, false, 9)), "b"},
		{"digests of 64 bits", state("a", with(5, false, 1<<63)), state("b", with(5, false, 1)), "a"},
		{"the largest digest", state("a", with(5, false, 1<<63)), state("b", with(5, false, 1<<64-1)), "b"},
		{"both skipped", state("a", with(5, true, 1)), state("b", with(5, true, 2)), ""},
		{"the same", state("a", with(5, false, 1)), state("a", with(5, false, 1)), "a"},
		{"the same, neither updated", state("a", nil), state("a", nil), "a"},
	}
}

// A pairing brings pairs of states into a store, each as an order of its own.
type pairing struct {
	*both
	first, second int64 // the numbers of two sources
	feed          store.Feed
	at            int64
}

// The ways in which two states come.
var pairWays = []string{"one after the other", "the other way round", "one batch", "one batch, the other way round", "groups"}

// bring brings a pair in one of the ways, and returns which name the customer has then.
func (p *pairing) bring(pair statePair, way string) (shows string) {
	a, other := pair.a, pair.b
	p.at += 10
	a.ID, a.At, other.At = pair.name+", "+way, p.at, p.at
	other.ID, a.Phone, other.Phone = a.ID, a.ID, a.ID
	later := other
	later.At++
	switch way {
	case "one after the other":
		p.apply(p.first, a)
		p.apply(p.second, other)
	case "the other way round":
		p.apply(p.second, other)
		p.apply(p.first, a)
	case "one batch":
		p.apply(p.first, a, later)
	case "one batch, the other way round":
		p.apply(p.first, later, a)
	case "groups":
		p.applyGroup(p.feed, a)
		p.applyGroup(p.feed, other)
	}
	for _, c := range read(p.t, p.s).Customers {
		if c.Phone == a.Phone {
			shows = c.Name
		}
	}
	return shows
}

// testCounts checks what stores say of the states that came.
func testCounts(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	at := int64(0)
	var sum store.Counts
	states := int64(0)
	step := func(what string, want store.Counts, orders ...store.State) {
		t.Helper()
		for i := range orders {
			at++
			orders[i].At = at
		}
		if got := b.apply(n, orders...); got != want {
			t.Fatalf("%s: %+v, want %+v", what, got, want)
		}
		states += int64(len(orders))
		sum = plus(sum, want)
	}
	state := func(id string, ms int64, name string) store.State { return updated(order(id, 0, "1", name), ms) }
	step("new", store.Counts{}, state("x", 5, "five"), state("y", 5, "y"))
	step("the same", store.Counts{Repeated: 1}, state("x", 5, "five"))
	step("older", store.Counts{Older: 1}, state("x", 4, "four"))
	step("later", store.Counts{Older: 1}, state("x", 6, "six"))
	step("the one before", store.Counts{Older: 1}, state("x", 5, "five"))
	step("the same twice and older", store.Counts{Repeated: 2, Older: 1}, state("x", 6, "six"), state("x", 3, "three"), state("x", 6, "six"))
	step("one batch with four, of which two are the latest", store.Counts{Repeated: 1, Older: 3},
		state("x", 7, "seven"), state("x", 6, "six"), state("x", 8, "eight"), state("x", 8, "eight"))
	step("a new order, three times", store.Counts{Repeated: 1, Older: 1}, state("z", 1, "z"), state("z", 2, "zz"), state("z", 2, "zz"))
	step("two orders", store.Counts{Repeated: 1, Older: 1}, state("y", 9, "yy"), state("x", 8, "eight"))
	step("skipped and the same", store.Counts{Skipped: 1, Repeated: 1, Older: 1}, updated(skipped("x", 0), 9), updated(skipped("x", 0), 9))
	step("restored", store.Counts{Skipped: -1, Older: 1}, state("x", 10, "ten"))
	step("without ids", store.Counts{}, order("", 0, "2", "Bob"), order("", 0, "2", "Bob"))
	states -= 2
	b.reopen()
	want := store.Progress{Source: source("a", ""), Number: n, Batches: int64(b.batches), Orders: states + 2, Counts: sum}
	wantSources(t, b.s, want)
	if known := int64(3); states != known+sum.Repeated+sum.Older+sum.Replaced {
		t.Errorf("%d states, want 3 and %+v", states, sum)
	}
	// The same batch again changes no count.
	batch := batchOf("batch 1", n, state("x", 99, "other"))
	if got, err := b.s.Apply(t.Context(), batch); err != nil || got.Applied || got.Counts != (store.Counts{}) {
		t.Errorf("%+v, %v; want nothing", got, err)
	}
	wantSources(t, b.s, want)
	if got := b.applyGroup(store.Feed{Name: "feed", Shop: "shop of a"}, state("x", 11, "eleven"), state("x", 11, "eleven")); got.Counts != (store.Counts{Repeated: 1, Replaced: 1}) {
		t.Errorf("a group: %+v", got)
	}
	wantSources(t, b.s, want)
}

// testDropped checks what stores say of the states that were dropped.
func testDropped(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	open := func(id string, at int64, reason string) store.State {
		s := skipped(id, at)
		s.Reason = reason
		s.Digest += uint64(len(reason))
		return s
	}
	paid := func(id string, at int64, phone string) store.State { return order(id, at, phone, "Ann", "Tea 1") }
	type kinds = map[store.Dropped]int64
	wanted := func(what string, number int64, counts store.Counts, want kinds, orders ...store.State) {
		t.Helper()
		b.batches++
		got := b.applyBatch(batchOf(fmt.Sprint("batch ", b.batches), number, orders...), "", "x", orders)
		if got.Counts != counts || !maps.Equal(got.Dropped, want) {
			t.Fatalf("%s: %+v, want %+v and %v", what, got, counts, want)
		}
		b.reopen()
	}
	one := source("one", "")
	one.Shop = "x"
	n := b.start(one)
	wanted("new", n, store.Counts{Skipped: 2}, nil, open("1", 1, "hold"), open("2", 2, "void"), paid("3", 3, ""), paid("4", 4, "1"))
	wanted("of the same source", n, store.Counts{Skipped: -1, Older: 2}, kinds{{Source: n, Reason: "hold"}: 1, {Source: n, NoPhone: true}: 1}, paid("1", 11, "1"), paid("3", 13, "1"))
	two := source("two", "")
	two.Shop = "x"
	k := b.start(two)
	wanted("the same", k, store.Counts{Repeated: 2}, kinds{{Source: k, Reason: "void"}: 1, {Source: k}: 1}, open("2", 1, "void"), paid("4", 2, "1"))
	// The states of before were repeated in this source, and now they are older.
	wanted("of both", k, store.Counts{Skipped: 1, Repeated: -2, Older: 2, Replaced: 2}, kinds{{Source: n, Reason: "void"}: 1, {Source: n}: 1}, paid("2", 11, "2"), open("4", 12, "hold"))
	wanted("in one batch", k, store.Counts{Repeated: 1, Older: 2, Replaced: 1}, kinds{{Source: k, Reason: "hold"}: 1, {Source: k, NoPhone: true}: 1, {Source: k}: 1, {Source: n}: 1},
		open("1", 21, "hold"), paid("1", 22, ""), paid("1", 23, "2"), paid("1", 24, "2"))
	b.forget(store.Erasure{Phone: "2", System: "", Shop: "x", IDs: []string{"4"}})
	three := source("three", "")
	three.Shop = "x"
	m := b.start(three)
	wanted("of one that was forgotten", m, store.Counts{Replaced: 3}, kinds{{Source: k}: 2, {Source: k, Reason: "hold"}: 1}, paid("1", 1, "3"), paid("2", 2, "3"), paid("4", 3, "3"))
}

// testSystems has the same id in systems and shops: each is an order of its own.
func testSystems(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	places := [][2]string{{"", ""}, {"x", ""}, {"", "x"}, {"x", "x"}, {"xx", ""}, {"", "xx"}, {"x", "é"}, {"x", "e\u0301"}, {"X", "x"}, {"x ", ""}, {"x", "\x01"}}
	for i, place := range places {
		a := source(fmt.Sprint("source ", i), place[0])
		a.Shop = place[1]
		n := b.start(a)
		for j, id := range []string{"1", "01", "1 ", " 1", "É", "é", "\x01"} {
			if got := b.apply(n, timed(order(id, int64(j), fmt.Sprint(i), id, "Dosa 1"), 5, 5)); got != (store.Counts{}) {
				t.Fatalf("%q in %q: %+v", id, place, got)
			}
		}
		if i%3 == 0 {
			b.reopen()
		}
	}
	// One of them is cancelled, in a group, and one comes again.
	for i, place := range places {
		feed := store.Feed{Name: fmt.Sprint("feed ", i%2), System: place[0], Shop: place[1], Offset: int64(i + 1)}
		got := b.applyGroup(feed, updated(skipped("1", 0), 6), timed(order("É", 1, fmt.Sprint(i), "É", "Dosa 1"), 5, 5))
		if got.Counts != (store.Counts{Skipped: 1, Repeated: 1, Replaced: 1}) {
			t.Fatalf("%q: %+v", place, got)
		}
	}
	b.reopen()
	if got := read(t, b.s).Items[0].Orders; got != int64(len(places)*6) {
		t.Fatalf("%d orders, want %d", got, len(places)*6)
	}
}

// testEdits changes an order in all ways.
func testEdits(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	ms := int64(0)
	edit := func(s store.State) {
		t.Helper()
		ms++
		s.At, s.Updated = ms, ms
		b.apply(n, s)
	}
	edit(order("1", 0, "1", "Ann", "Dosa 1", "Idli 2", "Dosa 3"))
	b.shows("1 Ann", "Dosa 3 2, Idli 2 1")
	edit(order("2", 0, "2", "Bob", "Dosa 4"))
	b.shows("1 Ann, 2 Bob", "Dosa 4 3, Idli 2 1")
	edit(order("1", 0, "3", "Ann", "Dosa 1", "Idli 2", "Dosa 3"))
	b.shows("3 Ann, 2 Bob", "Dosa 4 3, Idli 2 1") // it moved to another phone
	edit(order("1", 0, "2", "Ann", "Dosa 1", "Idli 2", "Dosa 3"))
	b.shows("2 Bob", "Dosa 4 3, Idli 2 1") // and to one that is there
	edit(order("2", 0, "2", "", "Dosa 4"))
	b.shows("2 Ann", "Dosa 4 3, Idli 2 1") // the later name is not provided any more
	edit(order("1", 0, "", "Ann", "Idli 5"))
	b.shows("2", "Idli 5 1, Dosa 4 1") // fewer lines, without a phone
	edit(skipped("2", 0))
	b.shows("", "Idli 5 1")
	edit(skipped("1", 0))
	b.shows("", "")
	b.reopen()
	edit(order("2", 0, "2", "Bob", "Dosa 6"))
	b.shows("2 Bob", "Dosa 6 1")
	edit(order("1", 0, "1", "Ann", "Vada 1", "Dosa 2"))
	b.shows("1 Ann, 2 Bob", "Vada 1 1, Dosa 6 2")
	edit(order("1", 0, "1", "Ann", "Dosa 2", "Vada 1"))
	b.shows("1 Ann, 2 Bob", "Dosa 6 2, Vada 1 1") // lines in another order
	edit(order("1", 0, "1", "Ann"))
	b.shows("1 Ann, 2 Bob", "Dosa 6 1") // an order without lines makes a customer
	edit(skipped("3", 0))
	b.shows("1 Ann, 2 Bob", "Dosa 6 1") // nobody knew it
	edit(order("3", 0, "1", "Eve", "Dosa 7"))
	b.shows("1 Eve, 2 Bob", "Dosa 7 2")
	b.reopen()
}

// testUncounted has lines that do not add to how often the item was ordered. They have a
// price and an appearance like others.
func testUncounted(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", ""))
	b.apply(n, order("1", 1, "1", "", "Dosa 1", "-Dosa 2"))
	b.shows("1", "Dosa 2 1")
	b.apply(n, order("2", 2, "1", "", "-Idli 1"))
	b.shows("1", "Dosa 2 1, Idli 1 0")
	b.apply(n, order("", 3, "1", "", "-Vada 1", "-Dosa 3"))
	b.shows("1", "Dosa 3 1, Idli 1 0, Vada 1 0")
	b.reopen()
	b.apply(n, skipped("1", 4))
	b.shows("1", "Idli 1 0, Vada 1 0, Dosa 3 0")
	b.apply(n, skipped("2", 5))
	b.shows("1", "Vada 1 0, Dosa 3 0")
	b.apply(n, order("2", 6, "1", "", "-Dosa 5", "Dosa 4"))
	b.shows("1", "Dosa 3 1, Vada 1 0")
	b.reopen()
}

// testVersions has orders with a time and without: those without are before all others.
func testVersions(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	n := b.start(source("a", "x"))
	line := func(price string) string { return "Dosa " + price }
	b.apply(n, timed(order("9", 1, "1", "nine", line("9")), 5, 1))
	b.apply(n, timed(order("10", 2, "2", "ten", line("10")), 5, 1))
	b.apply(n, timed(order("8", 3, "3", "eight", line("8")), 5, 1))
	b.shows("3 eight, 1 nine, 2 ten", "Dosa 10 3") // ids by length, then bytes
	b.apply(n, timed(order("1", 4, "4", "earlier", line("1")), -7, 1))
	b.shows("4 earlier, 3 eight, 1 nine, 2 ten", "Dosa 10 4")
	b.apply(n, order("z", 5, "5", "no time", line("5")))
	b.shows("5 no time, 4 earlier, 3 eight, 1 nine, 2 ten", "Dosa 10 5")
	b.apply(n, order("", 6, "6", "no id and time", line("6")))
	b.shows("5 no time, 6 no id and time, 4 earlier, 3 eight, 1 nine, 2 ten", "Dosa 10 6")
	b.apply(n, timed(order("", 7, "7", "no id", line("7")), 5, store.NoTime))
	b.shows("5 no time, 6 no id and time, 4 earlier, 7 no id, 3 eight, 1 nine, 2 ten", "Dosa 10 7")
	b.apply(n, timed(order("", 8, "1", "later", line("8")), 6, store.NoTime))
	b.shows("5 no time, 6 no id and time, 4 earlier, 7 no id, 3 eight, 1 later, 2 ten", "Dosa 8 8")
	other := source("b", "w")
	other.Shop = "a shop before"
	b.apply(b.start(other), timed(order("99", 1, "8", "other shop", line("99")), 5, 1))
	b.shows("5 no time, 6 no id and time, 4 earlier, 7 no id, 8 other shop, 3 eight, 1 later, 2 ten", "Dosa 8 9")
	other.ID, other.Shop = "c", source("a", "x").Shop
	b.apply(b.start(other), timed(order("9", 1, "9", "other system", line("99")), 5, 1))
	b.shows("5 no time, 6 no id and time, 4 earlier, 7 no id, 8 other shop, 3 eight, 9 other system, 1 later, 2 ten", "Dosa 8 10")
	b.reopen()
	b.apply(n, timed(order("z", 9, "5", "has a time now", line("5")), 7, 2))
	b.apply(n, updated(order("9", 10, "1", "has none now", line("9")), 2))
	b.shows("1 later, 6 no id and time, 4 earlier, 7 no id, 8 other shop, 3 eight, 9 other system, 2 ten, 5 has a time now", "Dosa 5 10")
	b.reopen()
}

// testFirstState has orders without a time: they are where their first states are, also if
// those come later, and do not count.
func testFirstState(t *testing.T, o Opener) {
	for _, way := range []string{"older", "not updated", "the same", "skipped", "a group and a source"} {
		t.Run(way, func(t *testing.T) {
			b := newBoth(t, o)
			defer func() { b.close() }()
			file := func(id string) store.Source {
				a := source(id, "")
				a.Shop = "shop"
				return a
			}
			first, second, third := b.start(file("1")), b.start(file("2")), b.start(file("3"))
			latest := order("x", 50, "1", "Ann", "Dosa 1", "Idli 1")
			if way == "older" || way == "skipped" {
				latest.Updated = 9
			}
			if way == "a group and a source" {
				b.applyGroup(store.Feed{Name: "feed", Shop: "shop"}, latest)
			} else {
				b.apply(third, latest)
			}
			b.apply(second, order("y", 70, "1", "Bob", "Idli 2", "Dosa 2"), order("z", 80, "2", "", "Vada 1"))
			b.shows("1 Ann, 2", "Idli 1 2, Dosa 1 2, Vada 1 1")
			early := latest
			early.At = 900
			switch way {
			case "older":
				early = updated(order("x", 900, "1", "Old", "Other 1"), 8)
			case "not updated", "a group and a source":
				early = order("x", 900, "1", "Old", "Other 1")
			case "skipped":
				early = updated(skipped("x", 900), store.NoTime)
			}
			b.apply(first, early)
			b.shows("1 Bob, 2", "Dosa 2 2, Idli 2 2, Vada 1 1")
			b.reopen()
			// Within the source too.
			b.apply(first, order("z", 899, "2", "", "Vada 9"))
			b.shows("2, 1 Bob", "Vada 1 1, Dosa 2 2, Idli 2 2")
			b.reopen()
		})
	}
}

// testRepeatMovesOn repeats the latest of the states of an order without times: what is
// between the two is older, whichever comes first.
func testRepeatMovesOn(t *testing.T, o Opener) {
	for _, sequence := range [][]int64{{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}} {
		b := newBoth(t, o)
		for i := range 3 {
			a := source(fmt.Sprint(i), "")
			a.Shop = "shop"
			b.start(a)
		}
		for _, n := range sequence {
			name := "Ann"
			if n == 2 {
				name = "Bob"
			}
			b.apply(n, order("x", 10-n, "1", name, "Dosa 1"))
			b.reopen()
		}
		b.shows("1 Ann", "Dosa 1 1")
		b.close()
	}
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", ""))
	b.apply(n, order("x", 1, "1", "Ann"), order("x", 3, "1", "Ann"))
	b.apply(n, order("x", 2, "1", "Bob"))
	b.shows("1 Ann", "")
}

// testBadLines gives a store lines that cannot be read. It refuses them.
func testBadLines(t *testing.T, o Opener) {
	s := o.Open(t)
	defer s.Close()
	n := start(t, s, "a", "")
	bad := order("2", 2, "2", "")
	bad.Lines = store.Lines{0, 200}
	b := batchOf("b", n, order("1", 1, "1", ""), bad)
	if applied, err := try(t.Context(), s, b); applied || err == nil {
		t.Fatalf("applied %v, %v; want an error", applied, err)
	}
	wantRecords(t, s, store.Delta{})
	wantSources(t, s, store.Progress{Source: source("a", ""), Number: n})
	b.States = b.States[:1]
	apply(t, s, b)
}

// testFates applies groups and says what becomes of each state. The model must agree.
func testFates(t *testing.T, o Opener) {
	const brought, changed, repeated, older = store.Brought, store.Changed, store.Repeated, store.Older
	a, b, c := order("1", 0, "1", "Ann", "Tea 1"), order("1", 0, "1", "Ann", "Tea 2"), order("1", 0, "2", "Bob", "Tea 3")
	with := func(s store.State, at, time int64) store.State {
		s.At = at
		return updated(s, time)
	}
	const none = store.NoTime
	for i, test := range []struct {
		groups [][]store.State
		want   [][]store.Fate
	}{
		{[][]store.State{{with(a, 0, 1)}, {with(a, 0, 1)}, {with(b, 0, 2)}, {with(a, 0, 1)}, {with(b, 0, 2), with(c, 1, 1)}},
			[][]store.Fate{{brought}, {repeated}, {changed}, {older}, {repeated, older}}},
		// Of several in one group.
		{[][]store.State{{with(a, 0, 1), with(b, 1, 2), with(b, 2, 2), with(c, 3, 0)}, {with(b, 0, 2), with(c, 1, 3), with(c, 2, 3)}},
			[][]store.Fate{{older, brought, repeated, older}, {older, changed, repeated}}},
		// Without a time the last one counts, and the first of its copies is what was brought.
		{[][]store.State{{with(a, 0, none), with(a, 1, none)}, {with(a, 0, none)}, {with(b, 0, none), with(a, 1, none)},
			{with(a, 0, none), with(b, 1, none), with(a, 2, none), with(b, 3, none)}},
			[][]store.Fate{{brought, repeated}, {repeated}, {older, repeated}, {older, changed, older, repeated}}},
		{[][]store.State{{with(a, 0, none), with(b, 1, none), with(a, 2, none)}, {with(c, 5, none), with(c, 6, none), with(b, 7, none)}},
			[][]store.Fate{{brought, older, repeated}, {older, older, changed}}},
		// A skipped state is later than one that is not, of one time.
		{[][]store.State{{with(a, 0, 1)}, {with(skipped("1", 0), 0, 1)}, {with(a, 0, 1), with(skipped("1", 0), 1, 1)}},
			[][]store.Fate{{brought}, {changed}, {older, repeated}}},
		// One that is on hold is earlier than both.
		{[][]store.State{{with(a, 0, 1)}, {with(held("1", 0), 0, 1)}, {with(skipped("1", 0), 0, 1)}, {with(held("1", 0), 0, 1), with(a, 1, 1)}},
			[][]store.Fate{{brought}, {older}, {changed}, {older, older}}},
		{[][]store.State{{with(held("1", 0), 0, 1)}, {with(held("1", 0), 0, 1), with(a, 1, 1)}, {with(held("1", 0), 0, 1), with(skipped("1", 0), 1, 1), with(a, 2, 1)}},
			[][]store.Fate{{brought}, {older, changed}, {older, changed, older}}},
	} {
		both := newBoth(t, o)
		for j, group := range test.groups {
			// Others of the group are in between, and have fates of their own.
			var all []store.State
			var want []store.Fate
			for k, s := range group {
				all = append(all, s, with(order(fmt.Sprint("other ", j, k), 0, "", "", "Pie 1"), 100+int64(k), 1))
				want = append(want, test.want[j][k], brought)
			}
			if got := both.applyGroup(store.Feed{Name: "feed"}, all...); !slices.Equal(got.Fates, want) {
				t.Errorf("test %d, group %d: %v, want %v", i, j, got.Fates, want)
			}
		}
		both.close()
	}
	// What is only known from an erasure is brought, and so is not what was erased itself.
	both := newBoth(t, o)
	defer both.close()
	both.forget(store.Erasure{IDs: []string{"1"}})
	if got := both.applyGroup(store.Feed{Name: "feed"}, with(a, 0, 1)); !slices.Equal(got.Fates, []store.Fate{brought}) {
		t.Errorf("after an erasure: %v", got.Fates)
	}
	if got := both.applyGroup(store.Feed{Name: "feed"}, with(a, 0, 1), with(b, 1, 2)); !slices.Equal(got.Fates, []store.Fate{older, changed}) {
		t.Errorf("of an order that was erased: %v", got.Fates)
	}
}
