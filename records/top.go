package records

import (
	"cmp"
	"slices"

	"process-orders/internal/table"
	"process-orders/money"
)

// A TopItem is one of the items that were ordered most.
type TopItem struct {
	Name, Price string
	// Orders counts what [Options].Count says.
	Orders money.Amount

	count int64 // is Orders, unless quantities are counted
	first int64
}

// Top returns the n items that were ordered most, the most ordered one first; of equals,
// the one that came first in the input. It looks at each item once, without sorting them.
func (items *Items) Top(n int) []TopItem {
	if n <= 0 {
		return nil
	}
	top := topItems{n: n, quantity: items.count == CountQuantity}
	for r := range items.table.Unsorted() {
		top.add(r)
	}
	return top.best
}

// topItems keeps the n items that were ordered most, in their order.
type topItems struct {
	n        int
	quantity bool
	best     []TopItem
}

func (t *topItems) add(r table.Record) {
	item := TopItem{first: r.First()}
	if t.quantity {
		item.Orders = detailOf(r).quantity
	} else {
		item.count = r.Count()
	}
	if len(t.best) == t.n && compareTop(&t.best[t.n-1], &item) < 0 {
		return
	}
	item.Name, item.Price = string(r.Key(nil)), string(r.Text(nil))
	if !t.quantity {
		item.Orders = money.FromInt(item.count)
	}
	at, _ := slices.BinarySearchFunc(t.best, item, func(a, b TopItem) int { return compareTop(&a, &b) })
	if len(t.best) == t.n {
		t.best = t.best[:t.n-1]
	}
	t.best = slices.Insert(t.best, at, item)
}

// compareTop puts what was ordered more often first.
func compareTop(a, b *TopItem) int {
	if a.count != b.count {
		return cmp.Compare(b.count, a.count)
	}
	if a.count > 0 {
		return cmp.Compare(a.first, b.first)
	}
	return cmp.Or(b.Orders.Cmp(a.Orders), cmp.Compare(a.first, b.first))
}
