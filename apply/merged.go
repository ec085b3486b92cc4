package apply

import (
	"cmp"
	"maps"
	"slices"

	"process-orders/money"
	"process-orders/store"
)

// merged puts together what several parts change, but for the minutes.
type merged struct {
	customers, items map[string]int // the indexes of what is in all
	all              store.Delta
}

func newMerged() *merged {
	return &merged{customers: map[string]int{}, items: map[string]int{}}
}

func (m *merged) delta() store.Delta { return m.all }

func (m *merged) add(d store.Delta) {
	for _, c := range d.Customers {
		if have := found(m.customers, c.Phone, &m.all.Customers, c); have != nil {
			addCustomer(have, c)
		}
	}
	for _, i := range d.Items {
		if have := found(m.items, i.Name, &m.all.Items, i); have != nil {
			addItem(have, i)
		}
	}
}

// found returns what all has with a key. If there is none, it adds one, and returns nil.
func found[T any](indexes map[string]int, key string, all *[]T, one T) *T {
	if i, known := indexes[key]; known {
		return &(*all)[i]
	}
	indexes[key] = len(*all)
	*all = append(*all, one)
	return nil
}

func addCustomer(to *store.Customer, c store.Customer) {
	to.First = min(to.First, c.First)
	if c.Named > to.Named {
		to.Name, to.Named = c.Name, c.Named
	}
	to.Orders += c.Orders
	to.Spent = money.AddSums(to.Spent, c.Spent...)
	if to.FirstPlaced == store.NoTime || c.FirstPlaced != store.NoTime && c.FirstPlaced < to.FirstPlaced {
		to.FirstPlaced = c.FirstPlaced
	}
	to.LastPlaced = max(to.LastPlaced, c.LastPlaced)
}

func addItem(to *store.Item, i store.Item) {
	to.First = min(to.First, i.First)
	to.Orders += i.Orders
	if i.Priced > to.Priced {
		to.Price, to.Priced = i.Price, i.Priced
	}
	to.Quantity = to.Quantity.Add(i.Quantity)
	to.Revenue = money.AddSums(to.Revenue, i.Revenue...)
	to.Prices = addPrices(to.Prices, i.Prices)
}

// addPrices returns the prices of both lists by where they came first, as many as are listed.
func addPrices(a, b []store.Price) []store.Price {
	first := map[string]store.Price{}
	for _, p := range slices.Concat(a, b) {
		if have, known := first[p.Price]; !known || p.First < have.First {
			first[p.Price] = p
		}
	}
	all := slices.SortedFunc(maps.Values(first), func(a, b store.Price) int { return cmp.Compare(a.First, b.First) })
	return all[:min(len(all), store.MostPrices)]
}
