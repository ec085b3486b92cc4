package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"process-orders/store"
)

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
	r := s.(store.Reader)
	for _, search := range searches {
		if err := wantFound("customer", search, limit, r.Customers, m.customersBy(search), nil); err != nil {
			return err
		}
		if search.Ending != "" { // items have none
			continue
		}
		if err := wantFound("item", search, limit, r.Items, m.itemsBy(search), nil); err != nil {
			return err
		}
	}
	return errors.Join(wantOrders(r, m, limit), wantSingle(r, m))
}

// A finder is what finds records of a store by a search, page by page.
type finder[T any] func(ctx context.Context, by store.Search, after string, limit int) (page []T, next string, err error)

// wantFound compares what is found by a search with the model. With an order both are sorted by
// it first, as a store may have its own.
func wantFound[T any](thing string, by store.Search, limit int, find finder[T], want []T, order func(a, b T) int) error {
	got, err := pagesOf(limit, func(after string, limit int) ([]T, string, error) {
		return find(context.Background(), by, after, limit)
	})
	if err != nil {
		return fmt.Errorf("each %s by %+v: %w", thing, by, err)
	}
	if order != nil {
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
	}
	if diff := firstDifference(thing, got, want); diff != "" {
		return fmt.Errorf("by %+v, %d a page: %s", by, limit, diff)
	}
	return nil
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
