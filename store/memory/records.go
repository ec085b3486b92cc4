package memory

import (
	"cmp"
	"maps"
	"slices"

	"process-orders/money"
	"process-orders/store"
)

// records are customers by their phones, items by their names, and minutes by their starts and shops.
// NewCustomers are counted when they are read.
type records struct {
	customers map[string]store.Customer
	items     map[string]store.Item
	minutes   map[minuteID]store.Minute
}

// A minuteID is what a minute is known by.
type minuteID struct {
	start int64
	shop  string
}

func newRecords() records {
	return records{map[string]store.Customer{}, map[string]store.Item{}, map[minuteID]store.Minute{}}
}

// clone returns a copy. That of a store's zero value can be added to, too. What slices hold is
// shared, as it is never changed.
func (r records) clone() records {
	all := newRecords()
	maps.Copy(all.customers, r.customers)
	maps.Copy(all.items, r.items)
	maps.Copy(all.minutes, r.minutes)
	return all
}

// addOrder adds what an order contributes.
func (r records) addOrder(id orderID, o order) error {
	if o.state == nil || o.state.Skipped {
		return nil
	}
	s := o.state
	version := func(line int64) store.Version {
		return s.Version(id.system, id.shop, o.first.source, o.first.at, line)
	}
	var spent []money.Sum
	minute := store.Minute{Start: store.MinuteOf(s.Placed), Shop: id.shop, Orders: 1}
	n := int64(0)
	for line, err := range s.Lines.All() {
		if err != nil {
			return err
		}
		quantity, cost := line.Cost()
		item := store.Item{
			Name: line.Item, Price: line.Price, Priced: version(n), First: version(n), Orders: 1,
			Quantity: quantity, Revenue: []money.Sum{cost},
			Prices: []store.Price{{Price: line.Price, First: version(n), Placed: s.Placed}},
		}
		if line.Uncounted {
			item.Orders = 0
		}
		r.addItem(item)
		spent = addSums(spent, item.Revenue)
		minute.Sums = store.AddMinuteSums(minute.Sums, []store.MinuteSum{{Sum: cost, Lines: 1}})
		n++
	}
	r.addMinute(minute)
	if s.Phone != "" {
		c := store.Customer{
			Phone: s.Phone, First: version(0), Orders: 1, Spent: spent,
			FirstPlaced: s.Placed, LastPlaced: s.Placed,
		}
		if s.Name != "" {
			c.Name, c.Named = s.Name, c.First
		}
		r.addCustomer(c)
	}
	return nil
}

// add adds what the orders without an id of a batch of a shop contribute.
func (r records) add(shop string, d store.Delta) {
	for _, c := range d.Customers {
		r.addCustomer(c)
	}
	for _, i := range d.Items {
		r.addItem(i)
	}
	if d.Minutes != nil {
		for m := range d.Minutes {
			m.Shop = shop
			r.addMinute(m)
		}
	}
}

func (r records) addCustomer(c store.Customer) {
	if known, ok := r.customers[c.Phone]; ok {
		if known.Named > c.Named {
			c.Name, c.Named = known.Name, known.Named
		}
		c.First = min(c.First, known.First)
		c.Orders += known.Orders
		c.Spent = addSums(known.Spent, c.Spent)
		c.FirstPlaced = earlier(c.FirstPlaced, known.FirstPlaced)
		c.LastPlaced = max(c.LastPlaced, known.LastPlaced)
	} else {
		c.Spent = addSums(nil, c.Spent)
	}
	r.customers[c.Phone] = c
}

// earlier returns the earlier of two times of which NoTime is none.
func earlier(a, b int64) int64 {
	if a == store.NoTime || b != store.NoTime && b < a {
		return b
	}
	return a
}

func (r records) addItem(i store.Item) {
	known, ok := r.items[i.Name]
	if ok {
		if known.Priced > i.Priced {
			i.Price, i.Priced = known.Price, known.Priced
		}
		i.First = min(i.First, known.First)
		i.Orders += known.Orders
		i.Quantity = known.Quantity.Add(i.Quantity)
	}
	i.Revenue = addSums(known.Revenue, i.Revenue)
	i.Prices = addPrices(known.Prices, i.Prices)
	r.items[i.Name] = i
}

// addPrices returns all prices of both lists. How many are listed is decided when they are read.
func addPrices(known, more []store.Price) []store.Price {
	all := slices.Clone(known)
	for _, p := range more {
		at := slices.IndexFunc(all, func(have store.Price) bool { return have.Price == p.Price })
		switch {
		case at < 0:
			all = append(all, p)
		case p.First < all[at].First:
			all[at] = p
		}
	}
	return all
}

func (r records) addMinute(m store.Minute) {
	id := minuteID{m.Start, m.Shop}
	known := r.minutes[id]
	m.Orders += known.Orders
	m.Sums = store.AddMinuteSums(known.Sums, m.Sums)
	r.minutes[id] = m
}

// addSums returns the sums of both lists, sorted by currency. It changes neither.
func addSums(known, more []money.Sum) []money.Sum { return money.AddSums(slices.Clone(known), more...) }

// sortedCustomers returns the customers by their first appearance.
func (r records) sortedCustomers() []store.Customer {
	return slices.SortedFunc(maps.Values(r.customers), func(a, b store.Customer) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Phone, b.Phone))
	})
}

// sortedItems returns the items by their first appearance, each with as many prices as are listed.
func (r records) sortedItems() []store.Item {
	all := slices.SortedFunc(maps.Values(r.items), func(a, b store.Item) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Name, b.Name))
	})
	for i := range all {
		all[i].Quantity = all[i].Quantity.Trim(0)
		prices := slices.SortedFunc(slices.Values(all[i].Prices), func(a, b store.Price) int { return cmp.Compare(a.First, b.First) })
		all[i].Prices = prices[:min(len(prices), store.MostPrices)]
	}
	return all
}

// sortedMinutes returns the minutes that have orders or new customers.
func (r records) sortedMinutes() []store.Minute {
	minutes := maps.Clone(r.minutes)
	for _, c := range r.customers {
		id := minuteID{start: store.MinuteOf(c.FirstPlaced)}
		m := minutes[id]
		m.Start = id.start
		m.NewCustomers++
		minutes[id] = m
	}
	return slices.SortedFunc(maps.Values(minutes), store.Minute.Compare)
}
