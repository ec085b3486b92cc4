package storetest

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
)

// testFind finds customers with all kinds of phones and names.
func testFind(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	long := strings.Repeat("Ωmega ", 300)
	names := []string{
		"", "Ann", "ann", "ANN", "Ann Ann", "Ann ann ANN Ann ann", "Ben  Miller", "ben\tmiller-ann", "Dr. Ben van der Miller", "%", "_", "100% Ann_",
		"Ωmega", long, long + "2", strings.Repeat("a", 39) + "Ω tail", strings.Repeat("a", 39) + "Ω other", "İstanbul", "one two three four five", "日本 太郎",
	}
	phones := []string{"732-555-5509", "+1 732 555 5509", "5509", "25509", "none", "x", "--", "٣٢", "0", "00", "000", "1-0", "1 0", "10"}
	n := b.start(source("a", "x"))
	var orders []store.State
	for i := range max(len(names), len(phones)) {
		phone := fmt.Sprint("555-", i)
		if i < len(phones) {
			phone = phones[i]
		}
		name := names[i%len(names)]
		s := order([]string{"", fmt.Sprint(i)}[i%2], int64(i), phone, name, "Dosa 1", name+" 2.50", "Dosa 3")
		if name == "" {
			s = order(fmt.Sprint(i), int64(i), phone, name, "Idli 1")
		}
		orders = append(orders, s)
	}
	b.apply(n, orders...)
	by := []store.Search{
		{Ending: "9"}, {Ending: "5509"}, {Ending: "(2) 5509"}, {Ending: "0"}, {Ending: "00"}, {Ending: "7325555509"}, {Ending: "9999"},
		{Name: "a"}, {Name: "ann"}, {Name: "Ann  ann "}, {Name: "miller"}, {Name: "BEN M"}, {Name: "ben van"}, {Name: "%"}, {Name: "_"}, {Name: "100%"},
		{Name: "ω"}, {Name: long}, {Name: long[:200]}, {Name: strings.Repeat("a", 39)}, {Name: strings.Repeat("A", 39) + "ω T"}, {Name: "i̇s"},
		{Name: "four"}, {Name: "four five"}, {Name: "five"}, {Name: "太"}, {Name: "\u00a0日本"}, {Name: "'; --"}, {Name: "dosa"}, {Name: "zz"},
	}
	b.reads(by...)
	// Names and counts change, orders are cancelled, and customers are forgotten.
	b.apply(n, order("1", 1000, "555-1", "Ben", "Dosa 9"), skipped("3", 1001), order("5", 1002, phones[5], "Bob Ann", "New 1"), order("7", 1003, "none", "Eve", "Dosa 9"))
	b.forget(store.Erasure{Phone: phones[0]})
	b.forget(store.Erasure{Phone: phones[2], System: "x", Shop: "shop of a", IDs: []string{"9", "never seen"}})
	b.reads(by...)
	b.reopen()
	b.reads(by...)
}

// testFindLong finds phones, names and ids that are longer than keys of indexes may be. Those
// that have the same start come in any order.
func testFindLong(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", "x"))
	var orders []store.State
	for i := range 12 {
		long := strings.Repeat("7", 250+i*3)
		orders = append(orders, order([]string{"", long}[i%2], int64(i), fmt.Sprint("x", i, long), long+" "+long, long+" 1", fmt.Sprint(long, "é", i, " 2")))
	}
	b.apply(n, orders...)
	r := b.s.(store.Reader)
	if err := errors.Join(wantSingle(r, &b.model), wantOrders(r, &b.model, 2)); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 5, 100} {
		for _, search := range []store.Search{{}, {Ending: strings.Repeat("7", store.MostEnding)}, {Name: strings.Repeat("7", 39)}, {Name: strings.Repeat("7", 262)}} {
			customers, items := b.customersBy(search), b.itemsBy(search)
			if len(customers) == 0 || len(items) == 0 {
				t.Fatalf("nothing is to be found by %+v", search)
			}
			err := wantFound("customer", search, limit, r.Customers, customers, func(a, b store.Customer) int { return cmp.Compare(a.Phone, b.Phone) })
			if err == nil && search.Ending == "" {
				err = wantFound("item", search, limit, r.Items, items, func(a, b store.Item) int { return cmp.Compare(a.Name, b.Name) })
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// testFindMany reads lists whose rows are equal in what they are sorted by, in pages.
func testFindMany(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", "x"))
	var orders []store.State
	for i := range 150 {
		orders = append(orders, order(fmt.Sprint(i), int64(i), fmt.Sprint(i), "Ann Ann Andrews", fmt.Sprint("Dosa ", i%70, " 1")))
		if i%3 == 0 {
			orders[i] = timed(orders[i], int64(i/10), 0)
			orders[i].At = 0
		}
	}
	b.apply(n, orders...)
	for _, limit := range []int{1, 7, 150, 151} {
		if err := wantReads(b.s, &b.model, limit, store.Search{}, store.Search{Name: "an"}, store.Search{Name: "dosa"}); err != nil {
			t.Fatal(err)
		}
	}
}

// testFindRefuses asks for what no list has: it is refused by an error that says why.
func testFindRefuses(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", "x"))
	for i := range 5 {
		b.apply(n, order(fmt.Sprint(i), int64(i), fmt.Sprint("1-", i, "-0"), fmt.Sprint("Ann ", i), fmt.Sprint("Dosa ", i, " 1")))
	}
	r := b.s.(store.Reader)
	lists := []list{
		customerList(r, store.Search{}), customerList(r, store.Search{Ending: "0"}), customerList(r, store.Search{Name: "a"}), customerList(r, store.Search{Name: "ann"}),
		itemList(r, store.Search{}), itemList(r, store.Search{Name: "dosa"}), orderList(r),
	}
	for _, l := range lists {
		l.refusesLimits(t)
		l.refusesCursors(t, lists)
	}
	for _, s := range []store.Search{{Ending: "x"}, {Ending: strings.Repeat("1", store.MostEnding+1)}, {Name: " \t"}, {Ending: "1", Name: "a"}} {
		customerList(r, s).refusesSearch(t)
	}
	for _, s := range []store.Search{{Ending: "1"}, {Name: " "}, {Ending: "1", Name: "a"}} {
		itemList(r, s).refusesSearch(t)
	}
}

// A list is one of those that a store gives out page by page.
type list struct {
	name string
	// page returns the names on the page after a cursor, and the next cursor.
	page func(after string, limit int) (names []string, next string, err error)
}

func customerList(r store.Reader, s store.Search) list {
	return foundList("customers", r.Customers, s, func(c store.Customer) string { return c.Name })
}

func itemList(r store.Reader, s store.Search) list {
	return foundList("items", r.Items, s, func(i store.Item) string { return i.Name })
}

func orderList(r store.Reader) list {
	orders := func(ctx context.Context, _ store.Search, after string, limit int) ([]store.Order, string, error) {
		return r.Orders(ctx, after, limit)
	}
	return foundList("orders", orders, store.Search{}, func(o store.Order) string { return o.Name })
}

func foundList[T any](things string, find finder[T], by store.Search, nameOf func(T) string) list {
	return list{fmt.Sprintf("%s by %+v", things, by), func(after string, limit int) (names []string, next string, err error) {
		all, next, err := find(context.Background(), by, after, limit)
		for _, one := range all {
			names = append(names, nameOf(one))
		}
		return names, next, err
	}}
}

func (l list) refusesLimits(t *testing.T) {
	for _, limit := range []int{0, -1, store.MostListed + 1, math.MinInt, math.MaxInt} {
		if _, next, err := l.page("", limit); !errors.Is(err, store.ErrLimit) || next != "" {
			t.Errorf("%s, %d a page: %q, %v; want ErrLimit", l.name, limit, next, err)
		}
	}
}

// refusesCursors gives a list what is no cursor, and its cursor to each list: it is good for
// this one only.
func (l list) refusesCursors(t *testing.T, lists []list) {
	_, cursor, err := l.page("", 2)
	if err != nil || cursor == "" {
		t.Fatalf("%s: %q, %v", l.name, cursor, err)
	}
	for _, text := range spoiled(cursor) {
		if _, next, err := l.page(text, 2); !errors.Is(err, store.ErrCursor) || next != "" {
			t.Errorf("%s after %.80q: %q, %v; want ErrCursor", l.name, text, next, err)
		}
	}
	for _, other := range lists {
		_, next, err := other.page(cursor, 2)
		if other.name != l.name && (!errors.Is(err, store.ErrCursor) || next != "") {
			t.Errorf("%s after a page of %s: %q, %v; want ErrCursor", other.name, l.name, next, err)
		}
		if other.name == l.name && err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}

// spoiled are texts that are no cursors. Some differ from a good one by one bit.
func spoiled(cursor string) []string {
	all := []string{"x", "!", "AAAA", cursor + "AAAA", cursor[:len(cursor)-4], cursor + "=", strings.Repeat("A", 100_000), "5509", "\x00"}
	raw, _ := base64.RawURLEncoding.DecodeString(cursor)
	for i := range raw {
		flipped := slices.Clone(raw)
		flipped[i] ^= 1 << (i % 8)
		all = append(all, base64.RawURLEncoding.EncodeToString(flipped))
	}
	return all
}

func (l list) refusesSearch(t *testing.T) {
	if _, _, err := l.page("", 1); !errors.Is(err, store.ErrSearch) {
		t.Errorf("%s: %v, want ErrSearch", l.name, err)
	}
}

// testFindCancelled asks with a context that has ended.
func testFindCancelled(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	b.apply(b.start(source("a", "x")), order("1", 1, "1", "Ann", "Dosa 1"))
	r := b.s.(store.Reader)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, ask := range map[string]func() error{
		"Customer":  func() error { _, _, err := r.Customer(ctx, "1"); return err },
		"Customers": func() error { _, _, err := r.Customers(ctx, store.Search{}, "", 1); return err },
		"Item":      func() error { _, _, err := r.Item(ctx, "Dosa"); return err },
		"Items":     func() error { _, _, err := r.Items(ctx, store.Search{}, "", 1); return err },
		"Order":     func() error { _, _, err := r.Order(ctx, "x", "shop of a", "1"); return err },
		"Orders":    func() error { _, _, err := r.Orders(ctx, "", 1); return err },
		"Totals":    func() error { _, err := r.Totals(ctx); return err },
		"Shops":     func() error { _, err := r.Shops(ctx); return err },
		"Minutes":   func() error { _, err := r.Minutes(ctx, 0, 1); return err },
	} {
		if err := ask(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
	b.reads()
}

// testFindAtOnce reads lists page by page while others write. What is there all the time
// comes once.
func testFindAtOnce(t *testing.T, o Opener) {
	const stay = 60
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", "x"))
	var orders []store.State
	for i := range stay {
		s := timed(order(fmt.Sprint("stay ", i), int64(i), fmt.Sprint(i, "-00"), fmt.Sprint("Stay ", i), fmt.Sprint("Stay ", i, " 1")), int64(1000+10*i), 0)
		orders = append(orders, s)
	}
	b.apply(n, orders...)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		for i := int64(0); ctx.Err() == nil && !t.Failed(); i++ {
			if err := comeOrGo(b.s, i); err != nil {
				t.Error(err)
			}
		}
	})
	defer group.Wait()
	defer cancel()
	r := b.s.(store.Reader)
	for l := soak.NewLoop(t, "readings", soak.Rounds{Short: 3, Default: 10, Soak: 2000}); l.Next(); {
		limit := 1 + l.Round%13
		for _, of := range []list{
			customerList(r, store.Search{}), customerList(r, store.Search{Ending: "0"}), customerList(r, store.Search{Name: "stay"}),
			itemList(r, store.Search{}), itemList(r, store.Search{Name: "stay"}), orderList(r),
		} {
			if err := of.hasOnce(limit, stay); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// comeOrGo applies one of 50 orders that come, and go the next time. Now and then its
// customer is erased.
func comeOrGo(s store.Store, i int64) error {
	k := i % 50
	phone := fmt.Sprint(k, "-50")
	state := timed(order(fmt.Sprint("come ", k), i, phone, fmt.Sprint("Stay or go ", i), fmt.Sprint("Stay", i, " 1")), 1000+i*7%600, i)
	state.Skipped = i/50%2 == 1
	group := store.Batch{Feed: &store.Feed{Name: "feed", System: "x", Shop: "shop of a"}, States: []store.State{sealed(state)}, Orders: 1}
	_, err := s.Apply(context.Background(), group)
	if err == nil && k == 17 {
		_, err = s.Erase(context.Background(), store.Erasure{Phone: phone})
	}
	return err
}

// hasOnce reads a list in pages, and checks that it has each of those that stay once.
func (l list) hasOnce(limit, stay int) error {
	all, err := pagesOf(limit, l.page)
	if err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	seen := map[string]int{}
	for _, name := range all {
		seen[name]++
	}
	for i := range stay {
		if name := fmt.Sprint("Stay ", i); seen[name] != 1 {
			return fmt.Errorf("%s, %d a page: %q comes %d times, want once", l.name, limit, name, seen[name])
		}
	}
	return nil
}
