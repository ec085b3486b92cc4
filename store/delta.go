package store

import (
	"cmp"
	"slices"

	"process-orders/money"
)

// Renumbered returns a copy of the delta of a group, with the number that a store gives the
// group in all versions: see [Batch].Feed. It shares Minutes and sums with the delta.
func (d Delta) Renumbered(number int64) Delta {
	d.Customers, d.Items = slices.Clone(d.Customers), slices.Clone(d.Items)
	for i := range d.Customers {
		c := &d.Customers[i]
		c.Named, c.First = Renumber(c.Named, number), Renumber(c.First, number)
	}
	for i := range d.Items {
		item := &d.Items[i]
		item.Priced, item.First = Renumber(item.Priced, number), Renumber(item.First, number)
		item.Prices = slices.Clone(item.Prices)
		for j := range item.Prices {
			item.Prices[j].First = Renumber(item.Prices[j].First, number)
		}
	}
	return d
}

// Merge adds what other orders say of the same customer. The slices of both stay as they are,
// so others may have them too.
func (c *Customer) Merge(other Customer) {
	if other.Named > c.Named {
		c.Name, c.Named = other.Name, other.Named
	}
	c.First = min(c.First, other.First)
	c.Orders += other.Orders
	c.Spent = money.AddSums(slices.Clone(c.Spent), other.Spent...)
	if c.FirstPlaced == NoTime || other.FirstPlaced != NoTime && other.FirstPlaced < c.FirstPlaced {
		c.FirstPlaced = other.FirstPlaced
	}
	c.LastPlaced = max(c.LastPlaced, other.LastPlaced)
}

// Merge adds what other lines say of the same item. The slices of both stay as they are, so
// others may have them too.
func (i *Item) Merge(other Item) {
	if other.Priced > i.Priced {
		i.Price, i.Priced = other.Price, other.Priced
	}
	i.First = min(i.First, other.First)
	i.Orders += other.Orders
	i.Quantity = i.Quantity.Add(other.Quantity)
	i.Revenue = money.AddSums(slices.Clone(i.Revenue), other.Revenue...)
	i.Prices = mergePrices(i.Prices, other.Prices)
}

// mergePrices returns the prices of both lists, sorted by where they came first: as many as are
// listed. What is left out need not be kept: those before it stay before it.
func mergePrices(known, more []Price) []Price {
	all := slices.Clone(known)
	for _, p := range more {
		at := slices.IndexFunc(all, func(have Price) bool { return have.Price == p.Price })
		if at >= 0 && all[at].First <= p.First {
			continue
		}
		if at >= 0 {
			all = slices.Delete(all, at, at+1)
		}
		at, _ = slices.BinarySearchFunc(all, p.First, func(have Price, first Version) int { return cmp.Compare(have.First, first) })
		all = slices.Insert(all, at, p)
	}
	return all[:min(len(all), MostPrices)]
}
