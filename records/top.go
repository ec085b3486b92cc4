package records

import (
	"cmp"
	"slices"

	"process-orders/internal/detail"
	"process-orders/internal/top"
	"process-orders/internal/version"
	"process-orders/money"
)

// A TopItem is one of the items that were ordered most.
type TopItem struct {
	Name, Price string
	// Orders counts what [Options].Count says.
	Orders money.Amount
}

// Top returns the n items that were ordered most, the most ordered one first; of equals,
// the one that came first, see [Records]. It looks at each item once, without sorting them.
func (items *Items) Top(n int) (best []TopItem) {
	type entry struct {
		TopItem
		count int64
		first version.Version
	}
	list := top.List[entry]{N: n, Compare: func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), b.Orders.Cmp(a.Orders), a.first.Compare(b.first))
	}}
	for r := range items.table.Unsorted() {
		e := entry{first: r.FirstVersion()}
		if items.count == CountQuantity {
			e.Orders = detail.Of(r).Quantity()
		} else {
			e.count = r.Count()
		}
		if list.Wants(e) { // few are: only these are worth a copy of their texts
			e.first.Order = slices.Clone(e.first.Order)
			e.Name, e.Price = string(r.Key()), string(r.Text())
			list.Add(e)
		}
	}
	for _, e := range list.Best {
		if items.count != CountQuantity {
			e.Orders = money.FromInt(e.count)
		}
		best = append(best, e.TopItem)
	}
	return best
}
