package records

import (
	"cmp"
	"slices"

	"process-orders/money"
)

// A TopItem is one of the items that were ordered most.
type TopItem struct {
	Name, Price string
	// Orders counts what Options.Count says.
	Orders money.Amount

	count int64 // is Orders, unless quantities are counted
	first uint64
}

// Top returns the n items that were ordered most, the most ordered one first; of equals,
// the one that came first in the input. It looks at each item once, without sorting them.
func (t *Items) Top(n int) []TopItem {
	if n <= 0 {
		return nil
	}
	top := topItems{n: n, quantity: t.count == CountQuantity}
	if t.table.disk != nil {
		for p, number := range t.table.all() {
			top.add(p, number)
		}
		return top.best
	}
	for i := range t.table.parts {
		p := &t.table.parts[i]
		for number := range p.all() {
			top.add(p, number)
		}
	}
	return top.best
}

// topItems keeps the n items that were ordered most, in their order.
type topItems struct {
	n        int
	quantity bool
	best     []TopItem
}

func (t *topItems) add(p *part, number uint32) {
	r := p.at(number)
	item := TopItem{first: r.first & placeMask}
	if t.quantity {
		item.Orders = p.detail(number).quantity
	} else {
		item.count = *p.times(number)
	}
	if len(t.best) == t.n && compareTop(&t.best[t.n-1], &item) < 0 {
		return
	}
	item.Name, item.Price = string(p.key(nil, r)), string(p.text(nil, r))
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
