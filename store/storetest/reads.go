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
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
)

// What the model says of single questions. It goes through all records and orders each time.

// digits are the digits of a phone from the last to the first.
func digits(phone string) (text string) {
	for _, r := range phone {
		if '0' <= r && r <= '9' {
			text = string(r) + text
		}
	}
	return text
}

// words are those of a name in small letters.
func words(name string) []string { return strings.Fields(strings.ToLower(name)) }

// startsOf are the texts by which a name is found: it from each of its first words on.
func startsOf(name string) (all []string) {
	for i := range min(4, len(words(name))) {
		all = append(all, strings.Join(words(name)[i:], " "))
	}
	return all
}

// first40 is the start of a text by which lists are sorted.
func first40(text string) string {
	for n := 40; len(text) > 40; n-- {
		if n == 0 || text[n]&0xc0 != 0x80 { // a character starts there
			return text[:n]
		}
	}
	return text
}

// customersBy are the customers that a search finds.
func (m *model) customersBy(s store.Search) []store.Customer {
	type found struct {
		word string
		store.Customer
	}
	var all []found
	search := strings.Join(words(s.Name), " ")
	for _, c := range m.records().Customers {
		f := found{Customer: c}
		if search != "" {
			starts := slices.DeleteFunc(startsOf(c.Name), func(start string) bool { return !strings.HasPrefix(start, search) })
			if len(starts) == 0 {
				continue
			}
			f.word = first40(slices.Min(starts))
		}
		if strings.HasPrefix(digits(c.Phone), digits(s.Ending)) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		if search != "" {
			return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.Phone, b.Phone))
		}
		return cmp.Or(cmp.Compare(digits(a.Phone), digits(b.Phone)), cmp.Compare(a.Phone, b.Phone))
	})
	var list []store.Customer
	for _, f := range all {
		list = append(list, f.Customer)
	}
	return list
}

// itemsBy are the items that a search finds, without their prices.
func (m *model) itemsBy(s store.Search) (all []store.Item) {
	search := strings.Join(words(s.Name), " ")
	folded := func(name string) string { return strings.Join(words(name), " ") }
	for _, i := range m.records().Items {
		if i.Prices = nil; strings.HasPrefix(folded(i.Name), search) {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b store.Item) int {
		if search != "" {
			return cmp.Or(cmp.Compare(folded(a.Name), folded(b.Name)), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// A seenOrder is an order as it is read, with the position of its first state.
type seenOrder struct {
	store.Order
	source, at int64
}

// seenOrders are all orders that have an id, the latest first, and then those that are unseen.
func (m *model) seenOrders() (all []seenOrder) {
	states := m.orders()
	for key, of := range states {
		latest := latestOf(of)
		first := slices.MinFunc(of, func(a, b arrival) int {
			return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.At, b.At))
		})
		o := seenOrder{store.Order{System: key.system, Shop: key.shop, State: latest.State, Source: m.bringers[key], Erased: m.erased[key]}, first.number, first.At}
		o.At, o.Continues = 0, 0
		if o.Phone = ownerOf(of); o.Erased {
			o.Phone, o.Name = "", ""
		}
		if o.Skipped {
			o.Name, o.Lines = "", nil
		} else {
			o.Reason = ""
		}
		all = append(all, o)
	}
	for key := range m.erased {
		if states[key] == nil {
			none := store.State{ID: key.id, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime}
			all = append(all, seenOrder{Order: store.Order{System: key.system, Shop: key.shop, State: none, Erased: true, Unseen: true}})
		}
	}
	slices.SortFunc(all, func(a, b seenOrder) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.source, a.source), cmp.Compare(b.at, a.at),
			cmp.Compare(a.System, b.System), cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// pagesOf returns all of a list, page by page.
func pagesOf[T any](limit int, list func(after string, limit int) ([]T, string, error)) (all []T, err error) {
	const most = 100_000
	after := ""
	for range most {
		page, next, err := list(after, limit)
		if err != nil {
			return nil, err
		}
		if len(page) > limit {
			return nil, fmt.Errorf("a page has %d rows, want %d at most", len(page), limit)
		}
		all = append(all, page...)
		if after = next; next == "" {
			return all, nil
		}
	}
	return nil, errors.New("a list has no end")
}

// searches are some that find customers or items of random tests.
var searches = []store.Search{
	{}, {Ending: "1"}, {Ending: "+(2)"}, {Ending: "77"}, {Name: "ann"}, {Name: " E"}, {Name: "d"}, {Name: "IDLI"}, {Name: "%"}, {Name: "_"},
}

// wantReads compares what a store says of single questions with the model.
func wantReads(s store.Store, m *model, limit int, searches ...store.Search) error {
	r, ctx := s.(store.Reader), context.Background()
	for _, search := range searches {
		customers, err := pagesOf(limit, func(after string, limit int) ([]store.Customer, string, error) {
			return r.Customers(ctx, search, after, limit)
		})
		if err != nil {
			return fmt.Errorf("customers by %+v: %w", search, err)
		}
		if diff := firstDifference("customer", customers, m.customersBy(search)); diff != "" {
			return fmt.Errorf("by %+v, %d a page: %s", search, limit, diff)
		}
		if search.Ending != "" {
			continue
		}
		items, err := pagesOf(limit, func(after string, limit int) ([]store.Item, string, error) {
			return r.Items(ctx, search, after, limit)
		})
		if err != nil {
			return fmt.Errorf("items by %+v: %w", search, err)
		}
		if diff := firstDifference("item", items, m.itemsBy(search)); diff != "" {
			return fmt.Errorf("by %+v, %d a page: %s", search, limit, diff)
		}
	}
	return errors.Join(wantOrders(r, m, limit), wantSingle(r, m))
}

// wantOrders compares all orders.
func wantOrders(r store.Reader, m *model, limit int) error {
	ctx := context.Background()
	orders, err := pagesOf(limit, func(after string, limit int) ([]store.Order, string, error) { return r.Orders(ctx, after, limit) })
	if err != nil {
		return err
	}
	all := m.seenOrders()
	var want []store.Order
	for i := range all {
		o := &all[i]
		one, found, err := r.Order(ctx, o.System, o.Shop, o.ID)
		if !found || err != nil {
			return fmt.Errorf("an order: %v, %v", found, err)
		}
		if o.Source == chance {
			o.Source = one.Source
		}
		if diff := firstDifference("order", []store.Order{one}, []store.Order{o.Order}); diff != "" {
			return errors.New(diff)
		}
		if !o.Unseen {
			want = append(want, o.Order)
		}
	}
	// Those at one place come in any order.
	places := map[orderKey][3]int64{}
	for _, o := range all {
		places[orderKey{o.System, o.Shop, o.ID}] = [3]int64{o.Time, o.source, o.at}
	}
	slices.SortStableFunc(orders, func(a, b store.Order) int {
		if places[orderKey{a.System, a.Shop, a.ID}] != places[orderKey{b.System, b.Shop, b.ID}] {
			return 0
		}
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.ID, b.ID))
	})
	if diff := firstDifference("order", orders, want); diff != "" {
		return fmt.Errorf("%d a page: %s", limit, diff)
	}
	return nil
}

// wantSingle compares customers and items that are asked for by their keys, and the totals.
func wantSingle(r store.Reader, m *model) error {
	ctx, d := context.Background(), m.records()
	for _, c := range d.Customers {
		got, found, err := r.Customer(ctx, c.Phone)
		if !found || err != nil {
			return fmt.Errorf("a customer: %v, %v", found, err)
		}
		if diff := firstDifference("customer", []store.Customer{got}, []store.Customer{c}); diff != "" {
			return errors.New(diff)
		}
	}
	for _, i := range d.Items {
		got, found, err := r.Item(ctx, i.Name)
		if !found || err != nil {
			return fmt.Errorf("an item: %v, %v", found, err)
		}
		if diff := firstDifference("item", []store.Item{got}, []store.Item{i}); diff != "" {
			return errors.New(diff)
		}
	}
	if c, found, err := r.Customer(ctx, "nobody's"); found || err != nil {
		return fmt.Errorf("nobody: %+v, %v, %v", c, found, err)
	}
	if i, found, err := r.Item(ctx, "nothing"); found || err != nil {
		return fmt.Errorf("nothing: %+v, %v, %v", i, found, err)
	}
	if o, found, err := r.Order(ctx, "x", "a", "no id"); found || err != nil {
		return fmt.Errorf("no order: %+v, %v, %v", o, found, err)
	}
	t, err := r.Totals(ctx)
	want := store.Totals{Customers: int64(len(d.Customers)), Items: int64(len(d.Items)), Orders: int64(len(m.seenOrders()))}
	if err != nil || t.Customers != want.Customers || t.Items != want.Items || t.Orders != want.Orders {
		return fmt.Errorf("totals %+v, %v; want %+v", t, err, want)
	}
	return nil
}

// reads compares what the store says of single questions with the model, in pages of few rows
// and of many.
func (b *both) reads(searches ...store.Search) {
	b.t.Helper()
	for _, limit := range []int{1, 2, 3, store.MostListed} {
		if err := wantReads(b.s, &b.model, limit, append(searches, store.Search{})...); err != nil {
			b.t.Fatal(err)
		}
	}
}

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

// testTotals says what is due after erasures, and what the store holds.
func testTotals(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer func() { b.close() }()
	r := func() store.Reader { return b.s.(store.Reader) }
	ctx := context.Background()
	if got, err := r().Totals(ctx); err != nil || got.Customers+got.Items+got.Orders+got.Due != 0 || !got.DueSince.IsZero() || got.Bytes < 0 {
		t.Fatalf("an empty store: %+v, %v", got, err)
	}
	n := b.start(source("a", "x"))
	marks := map[uint64]bool{}
	changed := func() {
		got, err := r().Totals(ctx)
		again, _ := r().Totals(ctx)
		if err != nil || marks[got.Mark] || again.Mark != got.Mark {
			t.Fatalf("%+v and %+v, %v; want another mark after each change", got, again, err)
		}
		marks[got.Mark] = true
	}
	changed()
	for i := range 6 {
		b.apply(n, order(fmt.Sprint(i), int64(i), fmt.Sprint(i), "Ann", "Dosa 1"))
		changed()
	}
	b.apply(n, order("", 6, "0", "Ann", "Dosa 1")) // of a customer and an item that are known
	changed()
	before := time.Now().Add(-time.Second)
	for round := range 2 {
		for i := range 2 {
			b.forget(store.Erasure{Phone: fmt.Sprint(round*2 + i)})
			changed()
		}
		b.reopen()
		got, err := r().Totals(ctx)
		if err != nil || got.Customers != int64(4-2*round) || got.Items != 1 || got.Orders != 6 {
			t.Fatalf("%+v, %v", got, err)
		}
		if got.Due > 0 && (got.DueSince.Before(before) || got.DueSince.After(time.Now().Add(time.Second)) || got.DueSince.Location() != time.UTC) {
			t.Fatalf("%+v at %v", got, time.Now())
		}
		if due, err := b.s.Scrub(ctx); err != nil || due != got.Due || due != 0 && due != 2 {
			t.Fatalf("%d were due, %v; want what the totals say, %+v", due, err, got)
		}
		if got, err := r().Totals(ctx); err != nil || got.Due != 0 || !got.DueSince.IsZero() {
			t.Fatalf("%+v, %v; want nothing due", got, err)
		}
	}
}

// testMinutes asks for minutes between all kinds of times.
func testMinutes(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	const minute, hour = store.MinuteMilliseconds, 60 * store.MinuteMilliseconds
	n := b.start(source("a", "x"))
	placed := []int64{store.NoTime, -hour - 1, -1, 0, 1, minute - 1, minute, hour - 1, hour, 25 * hour, 1_700_000_000_000}
	var orders []store.State
	for i, ms := range placed {
		s := order([]string{"", fmt.Sprint(i)}[i%2], int64(i), fmt.Sprint(i%4), "Ann", "Dosa 1.10")
		s.Placed = ms
		orders = append(orders, sealed(s))
	}
	b.apply(n, orders...)
	times := append([]int64{store.NoTime + 1, store.NoTime + hour, 2, math.MaxInt64}, placed...)
	all := minutesOf(b.records())
	for _, from := range times {
		for _, to := range times {
			got, err := b.s.(store.Reader).Minutes(context.Background(), from, to)
			if err != nil {
				t.Fatal(err)
			}
			var want []store.Minute
			for _, m := range all {
				if m.Start >= from && m.Start < to {
					want = append(want, m)
				}
			}
			if diff := firstDifference("minute", got, want); diff != "" {
				t.Fatalf("from %d to %d: %s", from, to, diff)
			}
		}
	}
}

// AskAll asks a store all single questions of which it tells by lists, and for customers with
// some names, and returns the errors.
func AskAll(s store.Store, names ...string) error {
	r, ctx := s.(store.Reader), context.Background()
	var all []error
	add := func(err error) { all = append(all, err) }
	customers, _, err := r.Customers(ctx, store.Search{}, "", store.MostListed)
	add(err)
	for _, c := range customers {
		_, _, err := r.Customer(ctx, c.Phone)
		add(err)
	}
	for _, name := range names {
		_, _, err = r.Customers(ctx, store.Search{Name: name}, "", store.MostListed)
		add(err)
	}
	items, _, err := r.Items(ctx, store.Search{}, "", store.MostListed)
	add(err)
	for _, i := range items {
		_, _, err := r.Item(ctx, i.Name)
		add(err)
		_, _, err = r.Items(ctx, store.Search{Name: i.Name[:1]}, "", store.MostListed)
		add(err)
	}
	orders, _, err := r.Orders(ctx, "", store.MostListed)
	add(err)
	for _, o := range orders {
		_, _, err := r.Order(ctx, o.System, o.Shop, o.ID)
		add(err)
	}
	_, err = r.Totals(ctx)
	add(err)
	_, err = r.Shops(ctx)
	add(err)
	_, err = r.Minutes(ctx, store.NoTime, math.MaxInt64)
	add(err)
	return errors.Join(all...)
}
