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
		spent = money.AddSums(spent, cost)
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
		known.Merge(c)
		c = known
	} else {
		c.Spent = slices.Clone(c.Spent) // the batch belongs to the caller
	}
	r.customers[c.Phone] = c
}

func (r records) addItem(i store.Item) {
	if known, ok := r.items[i.Name]; ok {
		known.Merge(i)
		i = known
	} else {
		i.Revenue, i.Prices = slices.Clone(i.Revenue), slices.Clone(i.Prices)
	}
	r.items[i.Name] = i
}

func (r records) addMinute(m store.Minute) {
	id := minuteID{m.Start, m.Shop}
	known := r.minutes[id]
	m.Orders += known.Orders
	m.Sums = store.AddMinuteSums(known.Sums, m.Sums)
	r.minutes[id] = m
}

// sortedCustomers returns the customers by their first appearance.
func (r records) sortedCustomers() []store.Customer {
	return slices.SortedFunc(maps.Values(r.customers), func(a, b store.Customer) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Phone, b.Phone))
	})
}

// sortedItems returns the items by their first appearance.
func (r records) sortedItems() []store.Item {
	all := slices.SortedFunc(maps.Values(r.items), func(a, b store.Item) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Name, b.Name))
	})
	for i := range all {
		all[i].Quantity = all[i].Quantity.Trim(0)
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
