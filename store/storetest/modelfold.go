package storetest

import (
	"fmt"
	"slices"

	"process-orders/money"
	"process-orders/store"
)

// records folds the orders that stand, in the order of their versions.
func (m *model) records() store.Delta {
	f := folding{customers: map[string]int{}, items: map[string]int{}, minutes: map[string]*store.Minute{}}
	for _, o := range m.standing() {
		f.order(&o)
	}
	return f.delta()
}

// A folding is the records of some orders, with the places of each customer and each item in the
// lists.
type folding struct {
	store.Delta
	customers, items map[string]int
	minutes          map[string]*store.Minute
}

func (f *folding) delta() store.Delta {
	for _, c := range f.Customers {
		f.minute(c.FirstPlaced, "").NewCustomers++
	}
	var all []store.Minute
	for _, minute := range f.minutes {
		slices.SortFunc(minute.Sums, func(a, b store.MinuteSum) int { return a.Currency.Compare(b.Currency) })
		all = append(all, *minute)
	}
	slices.SortFunc(all, store.Minute.Compare)
	f.Minutes = slices.Values(all)
	return f.Delta
}

// order folds an order that is later than all before.
func (f *folding) order(o *standing) {
	c := f.customer(o)
	minute := f.minute(o.Placed, o.shop)
	minute.Orders++
	for n, line := range linesOf(o.State) {
		f.line(o, n, &line)
		_, cost := line.Cost()
		addSum(&c.Spent, cost)
		addToMinute(minute, cost)
	}
}

// customer counts the order for its customer. That is nobody if the order makes no customer.
func (f *folding) customer(o *standing) *store.Customer {
	c := new(store.Customer)
	if o.Phone != "" {
		i, ok := f.customers[o.Phone]
		if !ok {
			i = len(f.Customers)
			f.customers[o.Phone] = i
			f.Customers = append(f.Customers, store.Customer{Phone: o.Phone, First: o.version(0), FirstPlaced: store.NoTime, LastPlaced: store.NoTime})
		}
		c = &f.Customers[i]
	}
	if o.Name != "" {
		c.Name, c.Named = o.Name, o.version(0)
	}
	c.Orders++
	if o.Placed != store.NoTime {
		if c.FirstPlaced == store.NoTime || o.Placed < c.FirstPlaced {
			c.FirstPlaced = o.Placed
		}
		c.LastPlaced = max(c.LastPlaced, o.Placed)
	}
	return c
}

// line counts the n-th line of an order for its item.
func (f *folding) line(o *standing, n int, line *store.Line) {
	i, ok := f.items[line.Item]
	if !ok {
		i = len(f.Items)
		f.items[line.Item] = i
		f.Items = append(f.Items, store.Item{Name: line.Item, First: o.version(n)})
	}
	item := &f.Items[i]
	item.Price, item.Priced = line.Price, o.version(n)
	if !line.Uncounted {
		item.Orders++
	}
	known := slices.ContainsFunc(item.Prices, func(p store.Price) bool { return p.Price == line.Price })
	if !known && len(item.Prices) < store.MostPrices {
		item.Prices = append(item.Prices, store.Price{Price: line.Price, First: o.version(n), Placed: o.Placed})
	}
	quantity, cost := line.Cost()
	item.Quantity = item.Quantity.Add(quantity).Trim(0)
	addSum(&item.Revenue, cost)
}

// minute returns the minute of a time in a shop.
func (f *folding) minute(placed int64, shop string) *store.Minute {
	start := store.MinuteOf(placed)
	key := fmt.Sprint(start, " ", shop)
	if f.minutes[key] == nil {
		f.minutes[key] = &store.Minute{Start: start, Shop: shop}
	}
	return f.minutes[key]
}

// addToMinute adds what a line costs.
func addToMinute(minute *store.Minute, cost money.Sum) {
	at := slices.IndexFunc(minute.Sums, func(s store.MinuteSum) bool { return s.Currency == cost.Currency })
	if at < 0 {
		at = len(minute.Sums)
		minute.Sums = append(minute.Sums, store.MinuteSum{Sum: money.Sum{Currency: cost.Currency}})
	}
	minute.Sums[at].Amount = minute.Sums[at].Amount.Add(cost.Amount)
	minute.Sums[at].Lines++
}

// addSum adds an amount to sums, which are sorted by their currencies.
func addSum(to *[]money.Sum, more money.Sum) {
	at := slices.IndexFunc(*to, func(s money.Sum) bool { return s.Currency == more.Currency })
	if at >= 0 {
		(*to)[at].Amount = (*to)[at].Amount.Add(more.Amount)
		return
	}
	*to = append(*to, more)
	slices.SortFunc(*to, func(a, b money.Sum) int { return a.Currency.Compare(b.Currency) })
}
