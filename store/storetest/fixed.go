package storetest

import (
	"testing"

	"process-orders/store"
)

func testVersionsDecide(t *testing.T, o Opener) {
	s := o.Open(t)
	a, b := start(t, s, "a", ""), start(t, s, "b", "")
	one := func(n, offset int64, name, price string, orders int64) store.Delta {
		return store.Delta{
			Customers: []store.Customer{{Phone: "1", Name: name, Named: at(n, offset), First: at(n, offset-1)}},
			Items:     []store.Item{{Name: "Dosa", Price: price, Priced: at(n, offset), First: at(n, offset-1), Orders: orders}},
		}
	}
	apply(t, s, store.Batch{ID: "b1", Source: b, Delta: one(b, 10, "b10", "2.0", 1)})
	// An earlier source with a greater offset, a greater number that is a shorter text,
	// and the same source before and after.
	apply(t, s, store.Batch{ID: "a1", Source: a, Delta: one(a, 1<<60, "a", "99", 2)})
	want := one(b, 10, "b10", "2.0", 3)
	want.Customers[0].First, want.Items[0].First = at(a, 1<<60-1), at(a, 1<<60-1)
	wantRecords(t, s, want)
	apply(t, s, store.Batch{ID: "b2", Source: b, Delta: one(b, 9, "b9", "1.0", 4)})
	want.Items[0].Orders = 7
	wantRecords(t, s, want)
	apply(t, s, store.Batch{ID: "b3", Source: b, Delta: one(b, 100, "b100", "3", 1)})
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
	apply(t, s, store.Batch{ID: "a", Source: a, Delta: d})
	d = store.Delta{}
	add("9", at(b, 1))
	add("10", at(b, 0))
	apply(t, s, store.Batch{ID: "b", Source: b, Delta: d})
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
	b := newBoth(t, o)
	defer b.close()
	n := b.start(source("a", "x"))
	b.apply(n, order("", 1, "", "", "Dosa 10.50", "Dosa 10.60"))
	b.shows("", "Dosa 10.60 2")
	b.apply(n, order("7", 5, "", "Nobody", "Dosa 11"))
	b.apply(n, order("7", 9, "", "Nobody", "Dosa 11")) // it came again
	b.shows("", "Dosa 11 3")
	b.reopen()
}

func testNamesNotProvided(t *testing.T, o Opener) {
	s := o.Open(t)
	n := start(t, s, "a", "")
	hold := func(id string, c store.Customer) {
		t.Helper()
		c.Phone = "1"
		apply(t, s, store.Batch{ID: id, Source: n, Delta: store.Delta{Customers: []store.Customer{c}}})
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
