package sqlstore_test

import (
	"errors"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// TestPageOutOfOrder adds rows as an index gives them that is damaged: one that comes too early or
// too late is an error, as others may be missing then.
func TestPageOutOfOrder(t *testing.T) {
	items := func(s store.Search, rows ...sqlstore.Item) error {
		l, err := sqlstore.ListItems(s, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		p := sqlstore.NewPage[store.Item](l)
		for i := range rows {
			rows[i].Fixed.First, rows[i].Fixed.Orders = "1", rows[i].Orders
			rows[i].Folded = sqlstore.Folded(rows[i].Name)
			if _, err := sqlstore.AddItem(p, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
	customers := func(s store.Search, phones ...string) error {
		l, err := sqlstore.ListCustomers(s, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		p := sqlstore.NewPage[store.Customer](l)
		for _, phone := range phones {
			c := sqlstore.Customer{Phone: phone, Name: "Ann"}
			if _, err := sqlstore.AddCustomer(p, &c, "ann"); err != nil {
				return err
			}
		}
		return nil
	}
	orders := func(rows ...sqlstore.Order) error {
		l, err := sqlstore.ListOrders("", 10)
		if err != nil {
			t.Fatal(err)
		}
		p := sqlstore.NewPage[store.Order](l)
		for i := range rows {
			if _, err := sqlstore.AddOrder(p, &rows[i], sqlstore.Shop{}, int64(i)); err != nil {
				return err
			}
		}
		return nil
	}
	all, ending, name := store.Search{}, store.Search{Ending: "5"}, store.Search{Name: "a"}
	for what, test := range map[string]struct{ right, wrong error }{
		"items by orders": {
			items(all, sqlstore.Item{Name: "b", Orders: 2}, sqlstore.Item{Name: "a", Orders: 1}),
			items(all, sqlstore.Item{Name: "a", Orders: 1}, sqlstore.Item{Name: "b", Orders: 2})},
		"items with equal orders": {
			items(all, sqlstore.Item{Name: "a", Orders: 1}, sqlstore.Item{Name: "b", Orders: 1}),
			items(all, sqlstore.Item{Name: "b", Orders: 1}, sqlstore.Item{Name: "a", Orders: 1})},
		"items by name": {
			items(name, sqlstore.Item{Name: "A"}, sqlstore.Item{Name: "a"}, sqlstore.Item{Name: "ab"}),
			items(name, sqlstore.Item{Name: "ab"}, sqlstore.Item{Name: "A"})},
		"an item twice":          {nil, items(all, sqlstore.Item{Name: "a"}, sqlstore.Item{Name: "a"})},
		"another item":           {nil, items(name, sqlstore.Item{Name: "b"})},
		"customers":              {customers(all, "x", "1", "21", "3"), customers(all, "3", "21")},
		"customers by an ending": {customers(ending, "5", "15"), customers(ending, "5", "51")},
		"customers by a name":    {customers(name, "1", "2"), customers(name, "2", "1")},
		"a customer twice":       {nil, customers(all, "1", "1")},
		"orders":                 {orders(sqlstore.Order{Time: 5}, sqlstore.Order{Time: 4}), orders(sqlstore.Order{Time: 4}, sqlstore.Order{Time: 5})},
		"orders by their source": {orders(sqlstore.Order{Source: 5}, sqlstore.Order{Source: 4, At: 9}), orders(sqlstore.Order{Source: 4, At: 9}, sqlstore.Order{Source: 5})},
	} {
		if test.right != nil {
			t.Errorf("%s: %v", what, test.right)
		}
		if !errors.Is(test.wrong, store.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", what, test.wrong)
		}
	}
}
