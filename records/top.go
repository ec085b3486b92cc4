package records

import (
	"cmp"

	"process-orders/internal/top"
	"process-orders/money"
)

// A TopItem is one of the items that were ordered most.
type TopItem struct {
	Name, Price string
	// Orders counts what [Options].Count says.
	Orders money.Amount
}

// Top returns the n items that were ordered most, the most ordered one first; of equals,
// the one that came first in the input. It looks at each item once, without sorting them.
func (items *Items) Top(n int) (best []TopItem) {
	type entry struct {
		TopItem
		count, first int64
	}
	list := top.List[entry]{N: n, Compare: func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), b.Orders.Cmp(a.Orders), cmp.Compare(a.first, b.first))
	}}
	for r := range items.table.Unsorted() {
		e := entry{first: r.First()}
		if items.count == CountQuantity {
			e.Orders = detailOf(r).quantity
		} else {
			e.count = r.Count()
		}
		if list.Wants(e) { // few are: only these are worth a copy of their texts
			e.Name, e.Price = string(r.Key(nil)), string(r.Text(nil))
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
