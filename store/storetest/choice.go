package storetest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"process-orders/store"
)

// testChoice reads a few customers of many, of whom many are alike.
func testChoice(t *testing.T, o Opener) {
	b := newBoth(t, o)
	defer b.close()
	byOrders := func(a, b store.Customer) int { return cmp.Compare(b.Orders, a.Orders) }
	check := func(n int) {
		t.Helper()
		all := read(t, b.s).Customers
		want := slices.Clone(all)
		slices.SortStableFunc(want, byOrders)
		want = want[:min(n, len(want))]
		choice := &store.Choice{N: n, Compare: byOrders}
		got := chosen(t, b.s, choice)
		if choice.Of != int64(len(all)) {
			t.Errorf("the %d first of %d customers, want of %d", n, choice.Of, len(all))
		}
		if !slices.IsSortedFunc(got, func(a, b store.Customer) int { return cmp.Compare(a.First, b.First) }) {
			t.Errorf("the %d first customers are not sorted by their first appearance", n)
		}
		for _, c := range got {
			if !slices.ContainsFunc(all, func(d store.Customer) bool {
				return firstDifference("", []store.Customer{c}, []store.Customer{d}) == ""
			}) {
				t.Errorf("customer %s was read otherwise than before", c.Phone)
			}
		}
		slices.SortStableFunc(got, byOrders)
		if diff := firstDifference("customer", got[:min(n, len(got))], want); diff != "" {
			t.Errorf("the %d first: %s", n, diff)
		}
		if len(got) > len(all)/2 && len(all) > 100*n {
			t.Errorf("the %d first: %d of %d customers were read", n, len(got), len(all))
		}
	}
	check(3)
	n := b.start(source("a", ""))
	random := rand.New(rand.NewPCG(3, 4))
	var orders []store.State
	for at := range int64(1200) {
		s := order([]string{"", fmt.Sprint(at)}[at%2], at, fmt.Sprint(random.IntN(600)), fmt.Sprint("Ann ", at), "Tea 1")
		orders = append(orders, s)
	}
	b.apply(n, orders...)
	for _, n := range []int{0, 1, 3, 20, 1000} {
		check(n)
	}
	b.forget(store.Erasure{Phone: read(t, b.s).Customers[0].Phone})
	check(20)
}

// chosen returns the customers who are read, with all details.
func chosen(t *testing.T, s store.Store, choice *store.Choice) (all []store.Customer) {
	t.Helper()
	how := store.Reading{Details: true, Customers: choice}
	err := s.Records(context.Background(), how, func(customers iter.Seq2[store.Customer, error], _ iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
