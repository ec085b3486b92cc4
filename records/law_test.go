package records_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"process-orders/records"
)

// The law: the records of A followed by B are those of A merged with those of B.

func TestMergeOfPartsIsTheFoldOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t, 2, 5)
		var merged records.Records
		for _, part := range parts {
			merged.Merge(part.records())
		}
		var all []purchase
		for _, part := range parts {
			all = append(all, part.purchases...)
		}
		same(t, &merged, newNaive(all...))
		same(t, folded(all), newNaive(all...))
	})
}

func TestMergeIsAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t, 3, 3)
		left := parts[0].records()
		left.Merge(parts[1].records())
		left.Merge(parts[2].records())

		tail := parts[1].records()
		tail.Merge(parts[2].records())
		right := parts[0].records()
		right.Merge(tail)

		if got, want := written(right), written(left); got != want {
			t.Fatalf("A·(B·C):\n%s\n(A·B)·C:\n%s", got, want)
		}
	})
}

func TestTheZeroValueIsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := drawParts(t, 1, 1)[0]
		want := newNaive(part.purchases...)

		var fromLeft records.Records
		fromLeft.Merge(part.records())
		same(t, &fromLeft, want)

		fromRight := part.records()
		fromRight.Merge(&records.Records{})
		same(t, fromRight, want)
	})
}

// What was merged stays as it was, and both go on without each other.
func TestMergeSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t, 2, 2)
		a, b := parts[0].records(), parts[1].records()
		a.Merge(b)
		same(t, b, newNaive(parts[1].purchases...))

		more := drawn(t, "more", func(a author) []purchase { return a.purchases(4) })
		for _, p := range more {
			b.Add(p.order())
		}
		same(t, a, newNaive(slices.Concat(parts[0].purchases, parts[1].purchases)...))
		for _, p := range more {
			a.Add(p.order())
		}
		same(t, a, newNaive(slices.Concat(parts[0].purchases, parts[1].purchases, more)...))
		same(t, b, newNaive(slices.Concat(parts[1].purchases, more)...))
	})
}

// Any mix of adding, merging and merging with itself, against the naive fold.
func TestRandomOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var got records.Records
		var want []purchase
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				p := drawn(t, "purchase", author.purchase)
				got.Add(p.order())
				want = append(want, p)
			},
			"merge": func(t *rapid.T) {
				part := drawParts(t, 1, 1)[0]
				got.Merge(part.records())
				want = append(want, part.purchases...)
			},
			"merge with itself": func(t *rapid.T) {
				if len(want) > 50 {
					t.Skip("large enough")
				}
				got.Merge(&got)
				want = append(want, want...)
			},
			"": func(t *rapid.T) { same(t, &got, newNaive(want...)) },
		})
	})
}

// A part is some purchases and how their records are made.
type part struct {
	purchases []purchase
	processed bool // by Process, for which a position is one in the text
	workers   int
}

func drawParts(t *rapid.T, atLeast, atMost int) []part {
	return drawn(t, "parts", func(a author) (parts []part) {
		for range atLeast + a.roll(atMost-atLeast+1) {
			parts = append(parts, part{a.purchases(6), a.oneIn(2), 1 + a.roll(4)})
		}
		return parts
	})
}

func (p part) records() *records.Records {
	if !p.processed {
		return folded(p.purchases)
	}
	var texts []string
	for _, p := range p.purchases {
		texts = append(texts, p.json())
	}
	document := documents("[" + strings.Join(texts, ",") + "]")
	all, _, err := records.Process(context.Background(), sourcesOf(document), options(p.workers, 64))
	if err != nil {
		panic(err)
	}
	return all
}

func folded(list []purchase) *records.Records {
	var all records.Records
	for _, p := range list {
		all.Add(p.order())
	}
	return &all
}

// same compares everything that records return with the naive ones.
func same(t rapid.TB, got *records.Records, want *naive) {
	t.Helper()
	if text := written(got); text != want.recordsJSON() {
		t.Fatalf("records:\n%s\nwant:\n%s", text, want.recordsJSON())
	}
	if text := written(&got.Customers); text != want.customersJSON() {
		t.Fatalf("customers:\n%s\nwant:\n%s", text, want.customersJSON())
	}
	if text := written(&got.Items); text != want.itemsJSON() {
		t.Fatalf("items:\n%s\nwant:\n%s", text, want.itemsJSON())
	}
	sameCustomers(t, &got.Customers, want)
	sameItems(t, &got.Items, want)
}

func sameCustomers(t rapid.TB, got *records.Customers, want *naive) {
	t.Helper()
	var phones []string
	for phone, name := range got.All() {
		phones = append(phones, phone)
		if found, ok := got.Name(phone); found != name || !ok {
			t.Fatalf("All yields %q as %q, Name returns %q, %v", phone, name, found, ok)
		}
	}
	if !slices.Equal(phones, want.phones) || !maps.Equal(maps.Collect(got.All()), want.names) {
		t.Fatalf("All: %q, want the phones %q", maps.Collect(got.All()), want.phones)
	}
	if got.Len() != len(want.phones) {
		t.Fatalf("Len: %d, want %d", got.Len(), len(want.phones))
	}
}

func sameItems(t rapid.TB, got *records.Items, want *naive) {
	t.Helper()
	var items []string
	for name, item := range got.All() {
		items = append(items, name)
		if found, ok := got.Item(name); found != item || !ok {
			t.Fatalf("All yields %q as %v, Item returns %v, %v", name, item, found, ok)
		}
		if item.Price != want.prices[name] || item.Orders != want.orders[name] {
			t.Fatalf("%q is %v, want %s, %d", name, item, want.prices[name], want.orders[name])
		}
	}
	if !slices.Equal(items, want.items) || got.Len() != len(items) {
		t.Fatalf("All: %q, want %q; Len: %d", items, want.items, got.Len())
	}
}
