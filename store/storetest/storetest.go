// Package storetest checks that a store keeps the contract of [store.Store]. The tests of
// every store call [Test]; those of a store that several processes may use call the tests
// of [Processes] too.
//
// With SOAK=1 in the environment the tests take much longer, and with SOAK_SECONDS=n each
// of their loops ends after n seconds; see package soak.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
)

// An Opener makes stores for tests, several at once.
type Opener struct {
	// Open makes an empty store, which the test closes or reopens.
	Open func(t testing.TB) store.Store
	// Reopen closes a store and opens it again, with what it holds.
	Reopen func(t testing.TB, s store.Store) store.Store
}

// ByName returns an Opener of stores that have names. NewName returns the name of a store
// that does not exist, and open opens the store with a name.
func ByName(newName func(t testing.TB) string, open func(t testing.TB, name string) store.Store) Opener {
	var names sync.Map
	keep := func(t testing.TB, name string) store.Store {
		s := open(t, name)
		names.Store(s, name)
		return s
	}
	return Opener{
		Open: func(t testing.TB) store.Store { return keep(t, newName(t)) },
		Reopen: func(t testing.TB, s store.Store) store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			name, _ := names.LoadAndDelete(s)
			return keep(t, name.(string))
		},
	}
}

// Test checks that stores keep the contract.
func Test(t *testing.T, opener Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"Empty", testEmpty},
		{"Start", testStart},
		{"StartAgain", testStartAgain},
		{"Rules", testRules},
		{"RulesAtOnce", testRulesAtOnce},
		{"BatchTwice", testBatchTwice},
		{"UnknownSource", testUnknownSource},
		{"SourceDone", testSourceDone},
		{"Missing", testMissing},
		{"OrderIDs", testOrderIDs},
		{"VersionsDecide", testVersionsDecide},
		{"FirstAppearance", testFirstAppearance},
		{"ItemsAlone", testItemsAlone},
		{"NamesNotProvided", testNamesNotProvided},
		{"FoldAgain", testFoldAgain},
		{"FoldFails", testFoldFails},
		{"Cancelled", testCancelled},
		{"CancelledInFold", testCancelledInFold},
		{"Erase", testErase},
		{"Texts", testTexts},
		{"LargeBatch", testLargeBatch},
		{"OneMoment", testOneMoment},
		{"ReadingStops", testReadingStops},
		{"AnyOrder", testAnyOrder},
		{"SameBatchAtOnce", testSameBatchAtOnce},
		{"SameOrdersAtOnce", testSameOrdersAtOnce},
		{"Random", testRandom},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, opener)
		})
	}
}

// start starts a source whose name and size follow from its identity.
func start(t testing.TB, s store.Store, id, kind string) (number int64) {
	t.Helper()
	p, err := s.Start(context.Background(), source(id, kind), false)
	if err != nil {
		t.Fatal(err)
	}
	return p.Number
}

func source(id, kind string) store.Source {
	return store.Source{ID: id, Name: id + ".json", Kind: kind, Bytes: int64(len(id)) * 1000, BatchBytes: int64(len(id))}
}

// fixed returns a Fold that does not look which orders were there before.
func fixed(d store.Delta) store.Fold {
	return func(func(int) bool) (store.Delta, error) { return d, nil }
}

func apply(t testing.TB, s store.Store, b store.Batch) {
	t.Helper()
	if applied, err := s.Apply(context.Background(), b); err != nil || !applied {
		t.Fatalf("batch %s: applied %v, %v; want it applied", b.ID, applied, err)
	}
}

// read returns all records.
func read(t testing.TB, s store.Store) (d store.Delta) {
	t.Helper()
	d, err := records(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func records(ctx context.Context, s store.Store) (d store.Delta, err error) {
	err = s.Records(ctx, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			d.Customers = append(d.Customers, c)
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			d.Items = append(d.Items, i)
		}
		return nil
	})
	return d, err
}

func wantRecords(t testing.TB, s store.Store, want store.Delta) {
	t.Helper()
	if diff := difference(read(t, s), want); diff != "" {
		t.Fatal(diff)
	}
}

// difference returns a line on the first record that is not as wanted, or nothing.
func difference(got, want store.Delta) string {
	if diff := firstDifference("customer", got.Customers, want.Customers); diff != "" {
		return diff
	}
	return firstDifference("item", got.Items, want.Items)
}

func firstDifference[T comparable](what string, got, want []T) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("%s %d is %+.200v, want %+.200v", what, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d of kind %s, want %d", len(got), what, len(want))
	}
	return ""
}

func wantSources(t testing.TB, s store.Store, want ...store.Progress) {
	t.Helper()
	if got := sources(t, s); !slices.Equal(got, want) {
		t.Fatalf("sources %+v, want %+v", got, want)
	}
}

// sources returns all sources without their times.
func sources(t testing.TB, s store.Store) []store.Progress {
	t.Helper()
	all, err := s.Sources(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = timeless(t, all[i])
	}
	return all
}

// timeless checks the times, and returns the rest.
func timeless(t testing.TB, p store.Progress) store.Progress {
	t.Helper()
	now := time.Now()
	if p.Started.Before(now.Add(-time.Hour)) || p.Changed.Before(p.Started) || p.Changed.After(now.Add(time.Hour)) {
		t.Fatalf("source %d was started %v and changed %v, and now it is %v", p.Number, p.Started, p.Changed, now)
	}
	if p.Started.Location() != time.UTC || p.Changed.Location() != time.UTC {
		t.Fatalf("source %d was started %v and changed %v, want UTC", p.Number, p.Started, p.Changed)
	}
	p.Started, p.Changed = time.Time{}, time.Time{}
	return p
}

func at(source, at int64) store.Version { return store.Version{Source: source, At: at} }

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
	apply(t, s, store.Batch{ID: "a1", Source: 1, Orders: 3, Rejected: 2, Fold: fixed(store.Delta{})})
	apply(t, s, store.Batch{ID: "a2", Source: 1, Orders: 4, Last: true, Fold: fixed(store.Delta{})})
	want[0].Batches, want[0].Orders, want[0].Rejected, want[0].Done = 2, 7, 2, true
	s = o.Reopen(t, s)
	wantSources(t, s, want...)
	p, err := s.Start(context.Background(), store.Source{ID: "a", Name: "another name", Kind: "x", Bytes: 7, BatchBytes: 8}, false)
	if err != nil || timeless(t, p) != want[0] {
		t.Fatalf("Start returns %+v, %v; want %+v", p, err, want[0])
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
	apply(t, s, store.Batch{ID: "1", Source: 1, Last: true, Fold: fixed(store.Delta{})})
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
	apply(t, s, store.Batch{ID: "b1", Source: 2, Last: true, Fold: fixed(store.Delta{})})
	refused("b", counts, true)
	accepted("b", lines, lines)
	accepted("c", "", lines)
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
	b := store.Batch{ID: "b", Source: n, Last: true, Orders: 2, OrderIDs: []string{"o1", "o2"}, Fold: fixed(d)}
	apply(t, s, b)
	want := store.Progress{Source: source("a", ""), Number: n, Batches: 1, Done: true, Orders: 2}
	for range 3 {
		b.Fold = func(func(int) bool) (store.Delta, error) { t.Error("it was folded again"); return d, nil }
		if applied, err := s.Apply(ctx, b); applied || err != nil {
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
		_, err := s.Apply(context.Background(), store.Batch{ID: "b", Source: n, Fold: fixed(store.Delta{})})
		if !errors.Is(err, store.ErrUnknownSource) {
			t.Errorf("source %d: %v, want ErrUnknownSource", n, err)
		}
	}
	apply(t, s, store.Batch{ID: "b", Source: 1, Fold: fixed(store.Delta{})})
}

func testSourceDone(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	apply(t, s, store.Batch{ID: "1", Source: n, Fold: fixed(store.Delta{})})
	apply(t, s, store.Batch{ID: "2", Source: n, Last: true, Fold: fixed(store.Delta{})})
	b := store.Batch{ID: "3", Source: n, OrderIDs: []string{"o"}, Fold: fixed(store.Delta{})}
	if _, err := s.Apply(ctx, b); !errors.Is(err, store.ErrSourceDone) {
		t.Fatalf("a batch after the last: %v, want ErrSourceDone", err)
	}
	if applied, err := s.Apply(ctx, store.Batch{ID: "1", Source: n, Fold: fixed(store.Delta{})}); applied || err != nil {
		t.Fatalf("an earlier batch once more: applied %v, %v", applied, err)
	}
	// Neither the batch nor its order was taken note of.
	b.Source = start(t, s, "b", "")
	b.Fold = func(repeated func(int) bool) (store.Delta, error) {
		if repeated(0) {
			t.Error("the refused batch's order is known")
		}
		return store.Delta{}, nil
	}
	apply(t, s, b)
}

// testMissing applies a source's last batch to a store that lost one before it.
func testMissing(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	item := func(id string) store.Batch {
		v := at(n, int64(len(id)))
		return store.Batch{ID: id, Source: n, Fold: fixed(store.Delta{Items: []store.Item{{Name: id, Price: "1", Priced: v, First: v, Orders: 1}}})}
	}
	apply(t, s, item("1"))
	last := item("333")
	last.Last, last.Batches = true, 3
	for range 2 {
		if applied, err := s.Apply(context.Background(), last); applied || !errors.Is(err, store.ErrMissing) {
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

func testOrderIDs(t *testing.T, o Opener) {
	s := o.Open(t)
	a, b, c := start(t, s, "a", "shop"), start(t, s, "b", "shop"), start(t, s, "c", "till")
	number := 0
	check := func(source int64, ids []string, want ...bool) {
		t.Helper()
		number++
		apply(t, s, store.Batch{ID: fmt.Sprint(number), Source: source, OrderIDs: ids,
			Fold: func(repeated func(int) bool) (store.Delta, error) {
				for i := range ids {
					if repeated(i) != want[i] {
						t.Errorf("batch %d: repeated(%d) is %v", number, i, !want[i])
					}
				}
				return store.Delta{}, nil
			}})
	}
	check(a, []string{"3", "1", "2"}, false, false, false)
	check(a, []string{"4", "2", "5", "1"}, false, true, false, true)
	s = o.Reopen(t, s)
	check(b, []string{"5", "6"}, true, false)
	check(c, []string{"1", "6", "01", "1 ", "É", "é"}, false, false, false, false, false, false)
	check(c, []string{"x", "6", "é"}, false, true, true)

	// Many, of which some in the middle are known.
	var many []string
	var want []bool
	for i := range 1000 {
		many = append(many, fmt.Sprint("many ", i*7919%1000))
		want = append(want, false)
	}
	check(a, many[400:403], want[400:403]...)
	want[400], want[401], want[402] = true, true, true
	check(a, many, want...)
	for i, p := range sources(t, s) {
		if want := []int64{5, 1, 2}[i]; p.Repeated != want {
			t.Errorf("source %d has %d repeated orders, want %d", p.Number, p.Repeated, want)
		}
	}
}

func testVersionsDecide(t *testing.T, o Opener) {
	s := o.Open(t)
	a, b := start(t, s, "a", ""), start(t, s, "b", "")
	one := func(n, offset int64, name, price string, orders int64) store.Delta {
		return store.Delta{
			Customers: []store.Customer{{Phone: "1", Name: name, Named: at(n, offset), First: at(n, offset-1)}},
			Items:     []store.Item{{Name: "Dosa", Price: price, Priced: at(n, offset), First: at(n, offset-1), Orders: orders}},
		}
	}
	apply(t, s, store.Batch{ID: "b1", Source: b, Fold: fixed(one(b, 10, "b10", "2.0", 1))})
	// An earlier source with a greater offset, a greater number that is a shorter text,
	// and the same source before and after.
	apply(t, s, store.Batch{ID: "a1", Source: a, Fold: fixed(one(a, 1<<60, "a", "99", 2))})
	want := one(b, 10, "b10", "2.0", 3)
	want.Customers[0].First, want.Items[0].First = at(a, 1<<60-1), at(a, 1<<60-1)
	wantRecords(t, s, want)
	apply(t, s, store.Batch{ID: "b2", Source: b, Fold: fixed(one(b, 9, "b9", "1.0", 4))})
	want.Items[0].Orders = 7
	wantRecords(t, s, want)
	apply(t, s, store.Batch{ID: "b3", Source: b, Fold: fixed(one(b, 100, "b100", "3", 1))})
	want.Customers[0].Name, want.Customers[0].Named = "b100", at(b, 100)
	want.Items[0].Price, want.Items[0].Priced, want.Items[0].Orders = "3", at(b, 100), 8
	wantRecords(t, s, want)
}

func testFirstAppearance(t *testing.T, o Opener) {
	s := o.Open(t)
	a, b := start(t, s, "a", ""), start(t, s, "b", "")
	var d store.Delta
	add := func(key string, first store.Version) {
		d.Customers = append(d.Customers, store.Customer{Phone: key, First: first})
		d.Items = append(d.Items, store.Item{Name: key, Price: "1", Priced: first, First: first, Orders: 1})
	}
	add("zebra", at(a, 2))
	add("ant", at(a, 10))
	add("bee", at(a, 9))
	apply(t, s, store.Batch{ID: "a", Source: a, Fold: fixed(d)})
	d = store.Delta{}
	add("9", at(b, 1))
	add("10", at(b, 0))
	apply(t, s, store.Batch{ID: "b", Source: b, Fold: fixed(d)})
	d = store.Delta{}
	add("zebra", at(a, 2))
	add("bee", at(a, 9))
	add("ant", at(a, 10))
	add("10", at(b, 0))
	add("9", at(b, 1))
	wantRecords(t, s, d)
	wantRecords(t, o.Reopen(t, s), d)
}

// Orders without a phone have items and no customer, and may have ids.
func testItemsAlone(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "x")
	item := func(offset, orders int64) store.Item {
		return store.Item{Name: "Dosa", Price: "10.50", Priced: at(n, offset), First: at(n, offset), Orders: orders}
	}
	batch := func(id string, i store.Item, orderIDs ...string) store.Batch {
		return store.Batch{ID: id, Source: n, Orders: 1, OrderIDs: orderIDs, Fold: func(known func(int) bool) (store.Delta, error) {
			if len(orderIDs) > 0 && known(0) {
				return store.Delta{}, nil
			}
			return store.Delta{Items: []store.Item{i}}, nil
		}}
	}
	apply(t, s, batch("a1", item(1, 2)))
	want := store.Delta{Items: []store.Item{item(1, 2)}}
	wantRecords(t, s, want)
	apply(t, s, batch("a2", item(5, 1), "7"))
	apply(t, s, batch("a3", item(9, 1), "7")) // it came again
	want.Items[0].Priced, want.Items[0].Orders = at(n, 5), 3
	wantRecords(t, s, want)
	wantRecords(t, o.Reopen(t, s), want)
}

func testNamesNotProvided(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	hold := func(id string, c store.Customer) {
		t.Helper()
		c.Phone = "1"
		apply(t, s, store.Batch{ID: id, Source: n, Fold: fixed(store.Delta{Customers: []store.Customer{c}})})
	}
	want := store.Customer{Phone: "1", First: at(n, 20)}
	check := func() {
		t.Helper()
		wantRecords(t, s, store.Delta{Customers: []store.Customer{want}})
	}
	hold("1", want)
	check()
	hold("2", store.Customer{Name: "Ann", Named: at(n, 10), First: at(n, 10)})
	want.Name, want.Named, want.First = "Ann", at(n, 10), at(n, 10)
	check()
	hold("3", store.Customer{First: at(n, 30)})
	check()
	hold("4", store.Customer{First: at(n, 5)})
	want.First = at(n, 5)
	check()
}

// testFoldAgain has a Fold that fails some times. Each attempt starts from the same.
func testFoldAgain(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	apply(t, s, store.Batch{ID: "0", Source: n, OrderIDs: []string{"y"}, Fold: fixed(store.Delta{})})
	calls := 0
	b := store.Batch{ID: "1", Source: n, OrderIDs: []string{"x", "y"},
		Fold: func(repeated func(int) bool) (store.Delta, error) {
			if calls++; calls < 4 {
				return store.Delta{}, fmt.Errorf("attempt %d", calls)
			}
			if repeated(0) || !repeated(1) || repeated(0) {
				t.Error("an earlier attempt's orders are known")
			}
			return store.Delta{Items: []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}}, nil
		}}
	for range 3 {
		if applied, err := s.Apply(ctx, b); applied || err == nil {
			t.Fatalf("applied %v, %v; want Fold's error", applied, err)
		}
	}
	apply(t, s, b)
	if got := read(t, s).Items; len(got) != 1 || got[0].Orders != 1 {
		t.Fatalf("items %+v, want one order", got)
	}
}

func testFoldFails(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	wrong := errors.New("what Fold says")
	b := store.Batch{ID: "1", Source: n, Last: true, Orders: 5, OrderIDs: []string{"x"},
		Fold: func(func(int) bool) (store.Delta, error) {
			return store.Delta{Customers: []store.Customer{{Phone: "1", First: at(n, 1)}}}, wrong
		}}
	if applied, err := s.Apply(context.Background(), b); applied || !errors.Is(err, wrong) {
		t.Fatalf("applied %v, %v; want Fold's error", applied, err)
	}
	for range 2 {
		wantRecords(t, s, store.Delta{})
		wantSources(t, s, store.Progress{Source: source("a", ""), Number: n})
		s = o.Reopen(t, s)
	}
	b.Fold = fixed(store.Delta{})
	apply(t, s, b)
}

func testCancelled(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	customer := store.Delta{Customers: []store.Customer{{Phone: "1", First: at(n, 1)}}}
	apply(t, s, store.Batch{ID: "1", Source: n, Fold: fixed(customer)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	check := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", what, err)
		}
	}
	_, err := s.Start(ctx, source("b", ""), false)
	check("Start", err)
	_, err = s.Apply(ctx, store.Batch{ID: "2", Source: n, Fold: fixed(store.Delta{})})
	check("Apply", err)
	_, err = s.Sources(ctx)
	check("Sources", err)
	_, err = records(ctx, s)
	check("Records", err)
	_, err = s.Erase(ctx, "1")
	check("Erase", err)
	wantRecords(t, s, customer)
	wantSources(t, s, store.Progress{Source: source("a", ""), Number: n, Batches: 1})
}

// testCancelledInFold ends the context in the middle of a batch. The batch is applied or
// not, and the same call made again settles it.
func testCancelledInFold(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	ctx, cancel := context.WithCancel(context.Background())
	var d store.Delta
	for i := range int64(2000) {
		d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprint(i), First: at(n, i)})
	}
	d.Items = []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}
	b := store.Batch{ID: "1", Source: n, OrderIDs: []string{"x"}, Fold: func(func(int) bool) (store.Delta, error) {
		cancel()
		return d, nil
	}}
	before, err := s.Apply(ctx, b)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want context.Canceled or nothing", err)
	}
	after, err := s.Apply(context.Background(), b)
	if err != nil || before && after {
		t.Fatalf("applied %v and %v, %v", before, after, err)
	}
	wantRecords(t, s, d)
}

func testErase(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	customer := func(phone string, offset int64) store.Customer {
		return store.Customer{Phone: phone, Name: "name " + phone, Named: at(n, offset), First: at(n, offset)}
	}
	items := []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}
	apply(t, s, store.Batch{ID: "1", Source: n, OrderIDs: []string{"x"}, Fold: fixed(store.Delta{
		Customers: []store.Customer{customer("1", 1), customer("2", 2), customer("3", 3)}, Items: items})})
	if found, err := s.Erase(ctx, "2"); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	for _, phone := range []string{"2", "", "4", "2'"} {
		if found, err := s.Erase(ctx, phone); found || err != nil {
			t.Fatalf("one who is not there: found %v, %v", found, err)
		}
	}
	want := store.Delta{Customers: []store.Customer{customer("1", 1), customer("3", 3)}, Items: items}
	wantRecords(t, s, want)
	s = o.Reopen(t, s)
	wantRecords(t, s, want)

	// The batch that held the customer is still known, and so is its order.
	if applied, err := s.Apply(ctx, store.Batch{ID: "1", Source: n, Fold: fixed(store.Delta{})}); applied || err != nil {
		t.Fatalf("the batch again: applied %v, %v", applied, err)
	}
	// A later batch knows nothing of what was, not even the version.
	again := store.Customer{Phone: "2", First: at(n, 9)}
	apply(t, s, store.Batch{ID: "2", Source: n, Fold: fixed(store.Delta{Customers: []store.Customer{again}})})
	want.Customers = append(want.Customers, again)
	wantRecords(t, s, want)
}

func testTexts(t *testing.T, o Opener) {
	s := o.Open(t)
	long := strings.Repeat("10 kB \u2713 ", 1000)
	texts := []string{"'", `"`, `'; DROP TABLE customers; --`, `\`, "%_*?$1:a@b", "\n\r\t\x01\x7f", "😀👩‍👩‍👧‍👦", "é", "e\u0301",
		" x", "x ", "X", "x", "1e3", "0010.50", "10.50", "10.5", "-0", "9223372036854775808", "null", "true", "\ufeff", "\u2028", "\U0010ffff",
		strings.Repeat("9", 40) + ".0", long, long + "x", "x" + long}
	n := start(t, s, long, long)
	var d store.Delta
	for i, text := range texts {
		v := at(n, int64(i))
		d.Customers = append(d.Customers, store.Customer{Phone: text, Name: text, Named: v, First: v})
		d.Items = append(d.Items, store.Item{Name: text, Price: text, Priced: v, First: v, Orders: 1})
	}
	b := store.Batch{ID: long, Source: n, OrderIDs: texts, Fold: fixed(d)}
	apply(t, s, b)
	wantRecords(t, s, d)
	s = o.Reopen(t, s)
	wantRecords(t, s, d)
	if applied, err := s.Apply(context.Background(), b); applied || err != nil {
		t.Fatalf("again: applied %v, %v", applied, err)
	}
	apply(t, s, store.Batch{ID: "x" + long, Source: n, OrderIDs: texts, Fold: func(repeated func(int) bool) (store.Delta, error) {
		for i := range texts {
			if !repeated(i) {
				t.Errorf("order %d is not known", i)
			}
		}
		return store.Delta{}, nil
	}})
	wantSources(t, s, store.Progress{Source: source(long, long), Number: n, Batches: 2, Repeated: int64(len(texts))})
	for _, text := range texts {
		if found, err := s.Erase(context.Background(), text); !found || err != nil {
			t.Fatalf("erase %.20q: found %v, %v", text, found, err)
		}
	}
	wantRecords(t, s, store.Delta{Items: d.Items})
}

// testLargeBatch applies many shuffled records in two batches that overlap.
func testLargeBatch(t *testing.T, o Opener) {
	const customers = 20_000
	s := o.Open(t)
	n := start(t, s, "a", "")
	random := rand.New(rand.NewPCG(1, 2))
	var model model
	for batch := range 2 {
		var d store.Delta
		var ids []string
		for _, i := range random.Perm(customers * 3 / 2)[:customers] {
			v := at(n, int64(batch*10*customers+i+1))
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprintf("732-%07d", i), Name: fmt.Sprint(i), Named: v, First: v})
			d.Items = append(d.Items, store.Item{Name: fmt.Sprint(i), Price: "1.50", Priced: v, First: v, Orders: 1})
			ids = append(ids, fmt.Sprint("order ", batch, " ", i))
		}
		model.merge(d)
		apply(t, s, store.Batch{ID: fmt.Sprint(batch), Source: n, OrderIDs: ids, Fold: fixed(d)})
	}
	wantRecords(t, s, model.records())
}

// testOneMoment writes while it reads. All that is read is of one moment.
func testOneMoment(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	one := func(i int64) store.Batch {
		v := at(n, i)
		return store.Batch{ID: fmt.Sprint(i), Source: n, Fold: fixed(store.Delta{
			Customers: []store.Customer{{Phone: fmt.Sprint(i), First: v}},
			Items:     []store.Item{{Name: fmt.Sprint(i), Price: "1", Priced: v, First: v, Orders: 1}},
		})}
	}
	apply(t, s, one(1))
	err := s.Records(context.Background(), func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		apply(t, s, one(2))
		seen := 0
		for _, err := range customers {
			if err != nil {
				return err
			}
			seen++
		}
		apply(t, s, one(3))
		for _, err := range items {
			if err != nil {
				return err
			}
			seen++
		}
		if seen != 2 {
			t.Errorf("%d records were read, want 2", seen)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := read(t, s); len(d.Customers) != 3 || len(d.Items) != 3 {
		t.Fatalf("records %+v, want 3 and 3", d)
	}
}

// testReadingStops stops reading in all ways. The store goes on working.
func testReadingStops(t *testing.T, o Opener) {
	ctx, s := context.Background(), o.Open(t)
	n := start(t, s, "a", "")
	var model model
	for i := range int64(100) {
		v := at(n, i)
		model.merge(store.Delta{
			Customers: []store.Customer{{Phone: fmt.Sprint(i), First: v}},
			Items:     []store.Item{{Name: fmt.Sprint(i), Price: "1", Priced: v, First: v, Orders: 1}},
		})
	}
	apply(t, s, store.Batch{ID: "1", Source: n, Fold: fixed(model.records())})
	enough := errors.New("enough")
	for range 20 { // more than there may be connections
		err := s.Records(ctx, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
			for range customers {
				break
			}
			for i, err := range items {
				if err != nil || i.Name != "0" {
					t.Errorf("the first item is %+v, %v", i, err)
				}
				break
			}
			return enough
		})
		if !errors.Is(err, enough) {
			t.Fatalf("%v, want the reader's error", err)
		}
		if err := s.Records(ctx, func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error { return nil }); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithCancel(ctx)
		err = s.Records(short, func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
			failed := false
			for _, err := range customers {
				if failed {
					t.Error("there is something after an error")
				}
				if err != nil {
					failed = true
				}
				cancel()
			}
			for _, err := range customers {
				if err == nil {
					t.Error("read after the context ended")
				}
				return err
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want context.Canceled", err)
		}
	}
	wantRecords(t, s, model.records())
}

// testAnyOrder applies the batches of several sources one after the other, then shuffled
// and by several goroutines at once. The records are the same each time.
func testAnyOrder(t *testing.T, o Opener) {
	random := rand.New(rand.NewPCG(3, 4))
	const files, batches = 4, 12
	var model model
	var all []store.Batch
	for n := range int64(files) {
		for i := range int64(batches) {
			d := randomDelta(random, n+1, i*1000, 40)
			model.merge(d)
			all = append(all, store.Batch{ID: fmt.Sprint(n, " ", i), Source: n + 1, Orders: 1, Fold: fixed(d)})
		}
	}
	want := model.records()
	for l := soak.NewLoop(t, "shuffles", soak.Rounds{Short: 2, Default: 4, Soak: 200}); l.Next(); {
		s := o.Open(t)
		for n := range files {
			start(t, s, fmt.Sprint(n), "")
		}
		if l.Round > 0 {
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		writers := 1 + l.Round%4
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := w; i < len(all); i += writers {
					if applied, err := s.Apply(context.Background(), all[i]); !applied || err != nil {
						t.Errorf("applied %v, %v", applied, err)
					}
				}
			})
		}
		group.Wait()
		wantRecords(t, s, want)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// randomDelta returns a delta of few customers and items, so that batches overlap.
func randomDelta(random *rand.Rand, source, from int64, most int) (d store.Delta) {
	offset := from
	for _, i := range random.Perm(most)[:random.IntN(most)] {
		offset += 2
		c := store.Customer{Phone: fmt.Sprint("+1 ", i), First: at(source, offset)}
		if random.IntN(3) > 0 {
			c.Name, c.Named = fmt.Sprint("name ", source, " ", offset), at(source, offset+1)
		}
		d.Customers = append(d.Customers, c)
	}
	for _, i := range random.Perm(most)[:random.IntN(most)] {
		offset += 2
		d.Items = append(d.Items, store.Item{Name: fmt.Sprint("item ", i), Price: fmt.Sprint(offset, ".0"), Priced: at(source, offset+1),
			First: at(source, offset), Orders: 1 + random.Int64N(5)})
	}
	return d
}

// testSameBatchAtOnce applies a batch by many goroutines at once. One of them does it.
func testSameBatchAtOnce(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	d := store.Delta{Items: []store.Item{{Name: "Dosa", Price: "1", Priced: at(n, 1), First: at(n, 1), Orders: 1}}}
	for batch := range int64(10) {
		var group sync.WaitGroup
		did := make([]bool, 8)
		for i := range did {
			group.Go(func() {
				var err error
				did[i], err = s.Apply(context.Background(), store.Batch{ID: fmt.Sprint(batch), Source: n, Fold: fixed(d)})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := count(did); n != 1 {
			t.Fatalf("%d applied the batch, want 1", n)
		}
	}
	if got := read(t, s).Items[0].Orders; got != 10 {
		t.Fatalf("%d orders, want 10", got)
	}
}

func count(all []bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// testSameOrdersAtOnce applies the same orders in batches of several sources at once.
// Each order counts once.
func testSameOrdersAtOnce(t *testing.T, o Opener) {
	s := o.Open(t)
	const files, orders = 6, 200
	ids := make([]string, orders)
	for i := range ids {
		ids[i] = fmt.Sprint("order ", i)
	}
	var group sync.WaitGroup
	for i := range files {
		n := start(t, s, fmt.Sprint(i), "shop")
		group.Go(func() {
			for from := 0; from < orders; from += 50 {
				mine := ids[from : from+50]
				_, err := s.Apply(context.Background(), store.Batch{ID: fmt.Sprint(i, from), Source: n, Orders: 50, OrderIDs: mine,
					Fold: func(repeated func(int) bool) (d store.Delta, err error) {
						for j, id := range mine {
							if !repeated(j) {
								d.Items = append(d.Items, store.Item{Name: id, Price: "1", Priced: at(n, 1), First: at(n, int64(from+j)), Orders: 1})
							}
						}
						return d, nil
					}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	items := read(t, s).Items
	if len(items) != orders {
		t.Fatalf("%d items, want %d", len(items), orders)
	}
	for _, item := range items {
		if item.Orders != 1 {
			t.Fatalf("%s counts %d times", item.Name, item.Orders)
		}
	}
	var repeated int64
	for _, p := range sources(t, s) {
		repeated += p.Repeated
	}
	if repeated != (files-1)*orders {
		t.Fatalf("%d repeated orders, want %d", repeated, (files-1)*orders)
	}
}

// A model is the plainest way to know the records: the latest value wins, the first
// version stays.
type model struct {
	customers map[string]store.Customer
	items     map[string]store.Item
}

func (m *model) merge(d store.Delta) {
	if m.customers == nil {
		m.customers, m.items = map[string]store.Customer{}, map[string]store.Item{}
	}
	for _, c := range d.Customers {
		if old, ok := m.customers[c.Phone]; ok {
			if c.Named.Before(old.Named) {
				c.Name, c.Named = old.Name, old.Named
			}
			if old.First.Before(c.First) {
				c.First = old.First
			}
		}
		m.customers[c.Phone] = c
	}
	for _, i := range d.Items {
		if old, ok := m.items[i.Name]; ok {
			if i.Priced.Before(old.Priced) {
				i.Price, i.Priced = old.Price, old.Priced
			}
			if old.First.Before(i.First) {
				i.First = old.First
			}
			i.Orders += old.Orders
		}
		m.items[i.Name] = i
	}
}

func (m *model) records() (d store.Delta) {
	for _, c := range m.customers {
		d.Customers = append(d.Customers, c)
	}
	for _, i := range m.items {
		d.Items = append(d.Items, i)
	}
	slices.SortFunc(d.Customers, func(a, b store.Customer) int { return a.First.Compare(b.First) })
	slices.SortFunc(d.Items, func(a, b store.Item) int { return a.First.Compare(b.First) })
	return d
}
