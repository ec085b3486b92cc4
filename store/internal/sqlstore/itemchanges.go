package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"process-orders/money"
	"process-orders/store"
)

// An itemChange is what orders with an id change of an item.
type itemChange struct {
	// All of these are of lines that are gained, less those that are lost.
	orders, lines int64
	quantity      money.Amount
	revenue       Sums
	latest, first candidates // of lines that are gained
	lost          map[store.Version]bool
	prices        map[string]*priceChange
}

func (c *changes) item(name string) *itemChange {
	change := c.items[name]
	if change == nil {
		change = &itemChange{first: candidates{earliest: true}}
		c.items[name] = change
	}
	return change
}

// gainLines takes note of the lines that an order gains.
func (c *changes) gainLines(of *contribution) error {
	n := int64(0)
	for line, err := range of.lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.count(&line, +1)
		price := i.price(line.Price)
		price.lines++
		// Of most lines the time says that they are no candidates.
		latest, first := !i.latest.timeIsBeyond(of.version), !i.first.timeIsBeyond(of.version)
		firstPrice := !price.first.timeIsBeyond(of.version)
		if latest || first || firstPrice {
			one := candidate{lineVersion(of.version, n), line.Price, of.placed}
			if latest {
				i.latest.add(one)
			}
			if first {
				i.first.add(one)
			}
			if firstPrice {
				price.first.add(one)
			}
		}
		n++
	}
	return nil
}

// loseLines takes note of the lines that an order loses.
func (c *changes) loseLines(of *contribution) error {
	n := int64(0)
	for line, err := range of.lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.count(&line, -1)
		price := i.price(line.Price)
		price.lines--
		version := lineVersion(of.version, n)
		i.lose(version)
		price.lose(version)
		n++
	}
	return nil
}

// count adds a line, or takes it back: n is 1 or -1.
func (i *itemChange) count(line *store.Line, n int64) {
	i.lines += n
	if !line.Uncounted {
		i.orders += n
	}
	quantity, cost := line.Cost()
	if n < 0 {
		quantity, cost.Amount = quantity.Neg(), cost.Amount.Neg()
	}
	i.quantity = i.quantity.Add(quantity)
	i.revenue = i.revenue.add(n, cost.Currency, cost.Amount)
}

func (i *itemChange) lose(of store.Version) {
	if i.lost == nil {
		i.lost = map[store.Version]bool{}
	}
	i.lost[of] = true
}

// An itemPart is what a transaction changes of an item: what orders without an id say, and what
// orders with an id change; either may be nil.
type itemPart struct {
	name  string
	fixed *store.Item
	live  *itemChange
}

// itemParts returns the changes of all items, sorted by their names.
func (c *changes) itemParts(delta []store.Item) []itemPart {
	all := make([]itemPart, 0, max(len(delta), len(c.items)))
	for i := range delta {
		name := delta[i].Name
		all = append(all, itemPart{name, &delta[i], c.items[name]})
		delete(c.items, name)
	}
	for name, live := range c.items {
		all = append(all, itemPart{name, nil, live})
	}
	clear(c.items)
	slices.SortFunc(all, func(a, b itemPart) int { return strings.Compare(a.name, b.name) })
	return all
}

// changeItems changes the rows of items and of their prices.
func (c *changes) changeItems(delta []store.Item) error {
	for some := range slices.Chunk(c.itemParts(delta), itemsAtOnce) {
		if err := c.changeSome(some); err != nil {
			return err
		}
	}
	return nil
}

// itemsAtOnce is how many items are changed at once. It bounds the memory that rows take.
var itemsAtOnce = 4096 // fewer in tests

// changeSome changes the rows of some items and of their prices.
func (c *changes) changeSome(parts []itemPart) error {
	names := make([]string, len(parts))
	for i := range parts {
		names[i] = parts[i].name
	}
	found, err := c.tx.Items(names)
	if err != nil {
		return err
	}
	known := make(map[string]*Item, len(found))
	for i := range found {
		known[found[i].Name] = &found[i]
	}
	rows := make([]Change[Item], len(names))
	var empty []emptyList
	for i, name := range names {
		row := &rows[i]
		row.Old, row.Now = known[name], &Item{Name: name}
		if row.Old != nil {
			*row.Now = *row.Old
			row.Now.Fixed.Revenue, row.Now.Live.Revenue = slices.Clone(row.Old.Fixed.Revenue), slices.Clone(row.Old.Live.Revenue)
			row.Now.latest.lines, row.Now.first.lines = slices.Clone(row.Old.latest.lines), slices.Clone(row.Old.first.lines)
		}
		row.Now.first.earliest = true
		row.Now.change(&parts[i])
		if row.Now.Lines < 0 {
			return fmt.Errorf("an item of an order is not there: %w", store.ErrDamaged)
		}
		if row.Now.Lines > 0 {
			empty = appendEmpty(empty, listKey{item: name}, &row.Now.latest)
			empty = appendEmpty(empty, listKey{item: name}, &row.Now.first)
		}
	}
	if err := c.refill(empty); err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.Old != nil {
			c.totals.items.lose(row.Old.Row)
		}
		if row.Now.IsEmpty() {
			row.Now = nil
			continue
		}
		if err := row.Now.settle(); err != nil {
			return err
		}
		row.Now.Seal()
		c.totals.items.gain(row.Now.Row)
	}
	if err := c.tx.PutItems(rows); err != nil {
		return err
	}
	return c.changePrices(parts)
}

func (i *Item) change(part *itemPart) {
	if f := part.fixed; f != nil {
		i.Fixed.merge(&Offer{f.Price, f.Priced, f.First, f.Orders, f.Quantity, Sums(nil).addFixed(f.Revenue)})
	}
	by := part.live
	if by == nil {
		return
	}
	i.Live.Orders += by.orders
	i.Live.Quantity = i.Live.Quantity.Add(by.quantity)
	i.Live.Revenue = i.Live.Revenue.merge(by.revenue)
	i.Lines += by.lines
	i.latest.remove(by.lost)
	i.latest.merge(&by.latest)
	i.first.remove(by.lost)
	i.first.merge(&by.first)
}

// settle sets what the candidates say.
func (i *Item) settle() error {
	if i.Lines == 0 {
		i.Live, i.latest, i.first = Offer{}, candidates{}, candidates{earliest: true}
		return nil
	}
	if len(i.latest.lines) == 0 || len(i.first.lines) == 0 {
		return errOrdersOfItem
	}
	latest := i.latest.lines[0]
	i.Live.Price, i.Live.Priced, i.Live.First = latest.price, latest.version, i.first.lines[0].version
	return nil
}

var errOrdersOfItem = fmt.Errorf("the orders of an item are not there: %w", store.ErrDamaged)

// refill looks up new candidates for lists that lost all that were known, in walks along the
// orders: first for the latest, and then for the earliest.
func (c *changes) refill(empty []emptyList) error {
	for _, earliest := range []bool{false, true} {
		w := walk{c: c, earliest: earliest}
		for _, l := range empty {
			if l.list.earliest == earliest {
				if err := w.add(l); err != nil {
					return err
				}
			}
		}
		slices.SortFunc(w.waiting, func(a, b emptyList) int { return w.compare(a.from, b.from) })
		for len(w.waiting) > 0 {
			if err := w.walk(); err != nil {
				return err
			}
		}
	}
	return nil
}
