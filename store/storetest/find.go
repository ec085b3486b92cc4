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
	r, ctx := b.s.(store.Reader), context.Background()
	if err := errors.Join(wantSingle(r, &b.model), wantOrders(r, &b.model, 2)); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 5, 100} {
		for _, search := range []store.Search{{}, {Ending: strings.Repeat("7", store.MostEnding)}, {Name: strings.Repeat("7", 39)}, {Name: strings.Repeat("7", 262)}} {
			got, err := pagesOf(limit, func(after string, limit int) ([]store.Customer, string, error) {
				return r.Customers(ctx, search, after, limit)
			})
			if err != nil {
				t.Fatal(err)
			}
			want := b.customersBy(search)
			byPhone := func(a, b store.Customer) int { return cmp.Compare(a.Phone, b.Phone) }
			slices.SortFunc(got, byPhone)
			slices.SortFunc(want, byPhone)
			if diff := firstDifference("customer", got, want); diff != "" || len(want) == 0 {
				t.Fatalf("by %+v: %s", search, diff)
			}
			if search.Ending != "" {
				continue
			}
			items, err := pagesOf(limit, func(after string, limit int) ([]store.Item, string, error) { return r.Items(ctx, search, after, limit) })
			if err != nil {
				t.Fatal(err)
			}
			wantItems := b.itemsBy(search)
			byName := func(a, b store.Item) int { return cmp.Compare(a.Name, b.Name) }
			slices.SortFunc(items, byName)
			slices.SortFunc(wantItems, byName)
			if diff := firstDifference("item", items, wantItems); diff != "" || len(wantItems) == 0 {
				t.Fatalf("by %+v: %s", search, diff)
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
	r, ctx := b.s.(store.Reader), context.Background()
	type list struct {
		name string
		page func(after string, limit int) (next string, err error)
	}
	customers := func(s store.Search) list {
		return list{fmt.Sprintf("customers %+v", s), func(after string, limit int) (string, error) {
			_, next, err := r.Customers(ctx, s, after, limit)
			return next, err
		}}
	}
	items := func(s store.Search) list {
		return list{fmt.Sprintf("items %+v", s), func(after string, limit int) (string, error) {
			_, next, err := r.Items(ctx, s, after, limit)
			return next, err
		}}
	}
	lists := []list{
		customers(store.Search{}), customers(store.Search{Ending: "0"}), customers(store.Search{Name: "a"}), customers(store.Search{Name: "ann"}),
		items(store.Search{}), items(store.Search{Name: "dosa"}),
		{"orders", func(after string, limit int) (string, error) {
			_, next, err := r.Orders(ctx, after, limit)
			return next, err
		}},
	}
	for _, l := range lists {
		for _, limit := range []int{0, -1, store.MostListed + 1, math.MinInt, math.MaxInt} {
			if next, err := l.page("", limit); !errors.Is(err, store.ErrLimit) || next != "" {
				t.Errorf("%s, %d a page: %q, %v; want ErrLimit", l.name, limit, next, err)
			}
		}
		next, err := l.page("", 2)
		if err != nil || next == "" {
			t.Fatalf("%s: %q, %v", l.name, next, err)
		}
		raw, _ := base64.RawURLEncoding.DecodeString(next)
		wrong := []string{"x", "!", "AAAA", next + "AAAA", next[:len(next)-4], next + "=", strings.Repeat("A", 100_000), "5509", "\x00"}
		for i := range raw {
			flipped := slices.Clone(raw)
			flipped[i] ^= 1 << (i % 8)
			wrong = append(wrong, base64.RawURLEncoding.EncodeToString(flipped))
		}
		for _, text := range wrong {
			if got, err := l.page(text, 2); !errors.Is(err, store.ErrCursor) || got != "" {
				t.Errorf("%s after %.80q: %q, %v; want ErrCursor", l.name, text, got, err)
			}
		}
		for _, other := range lists {
			got, err := other.page(next, 2)
			if other.name != l.name && (!errors.Is(err, store.ErrCursor) || got != "") {
				t.Errorf("%s after a page of %s: %q, %v; want ErrCursor", other.name, l.name, got, err)
			}
			if other.name == l.name && err != nil {
				t.Errorf("%s: %v", l.name, err)
			}
		}
	}
	for _, s := range []store.Search{{Ending: "x"}, {Ending: strings.Repeat("1", store.MostEnding+1)}, {Name: " \t"}, {Ending: "1", Name: "a"}} {
		if _, err := customers(s).page("", 1); !errors.Is(err, store.ErrSearch) {
			t.Errorf("customers by %+v: %v, want ErrSearch", s, err)
		}
	}
	for _, s := range []store.Search{{Ending: "1"}, {Name: " "}, {Ending: "1", Name: "a"}} {
		if _, err := items(s).page("", 1); !errors.Is(err, store.ErrSearch) {
			t.Errorf("items by %+v: %v, want ErrSearch", s, err)
		}
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

// testFindAtOnce reads lists page by page while others write. What is there all the time comes
// once, at its place.
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
	defer cancel()
	var group sync.WaitGroup
	group.Go(func() {
		for i := int64(0); ctx.Err() == nil; i++ {
			k := i % 50
			s := timed(order(fmt.Sprint("come ", k), i, fmt.Sprint(k, "-50"), fmt.Sprint("Stay or go ", i), fmt.Sprint("Stay", i, " 1")), 1000+i*7%600, i)
			s.Skipped = i/50%2 == 1
			group := store.Batch{Feed: &store.Feed{Name: "feed", System: "x", Shop: "shop of a"}, States: []store.State{sealed(s)}, Orders: 1}
			if _, err := b.s.Apply(context.Background(), group); err != nil {
				t.Error(err)
				return
			}
			if k == 17 {
				if _, err := b.s.Erase(context.Background(), store.Erasure{Phone: fmt.Sprint(k, "-50")}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	defer group.Wait()
	defer cancel()
	r := b.s.(store.Reader)
	for l := soak.NewLoop(t, "readings", soak.Rounds{Short: 3, Default: 10, Soak: 2000}); l.Next(); {
		limit := 1 + l.Round%13
		seen := map[string][]string{}
		see := func(list, name string) {
			if i := strings.TrimPrefix(name, "Stay "); i != name && !strings.HasPrefix(i, "or") {
				seen[list] = append(seen[list], i)
			}
		}
		for _, s := range []store.Search{{}, {Ending: "0"}, {Name: "stay"}} {
			all, err := pagesOf(limit, func(after string, limit int) ([]store.Customer, string, error) {
				return r.Customers(context.Background(), s, after, limit)
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				see(fmt.Sprintf("customers %+v", s), c.Name)
			}
			if s.Ending != "" {
				continue
			}
			items, err := pagesOf(limit, func(after string, limit int) ([]store.Item, string, error) {
				return r.Items(context.Background(), s, after, limit)
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				see(fmt.Sprintf("items %+v", s), i.Name)
			}
		}
		latest, err := pagesOf(limit, func(after string, limit int) ([]store.Order, string, error) {
			return r.Orders(context.Background(), after, limit)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range latest {
			see("orders", o.Name)
		}
		for list, some := range seen {
			all := slices.Clone(some)
			slices.Sort(all)
			if len(slices.Compact(all)) != stay || len(some) != stay {
				t.Fatalf("%s, %d a page: %d rows, %d different, want %d", list, limit, len(some), len(slices.Compact(all)), stay)
			}
		}
		if len(seen) != 6 {
			t.Fatalf("%d lists", len(seen))
		}
	}
}
