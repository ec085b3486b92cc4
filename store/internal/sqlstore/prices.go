package sqlstore

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"process-orders/store"
)

// A PriceKey is what a price is known by.
type PriceKey struct{ Item, Price string }

// A Price is the row of one of the prices of an item.
type Price struct {
	PriceKey
	// Fixed is the first appearance in orders without an id. Its version is empty if there is
	// none.
	Fixed Appearance
	// Lines is how many lines of orders with an id have the price.
	Lines int64

	Row   Sealed // what the database keeps beside the key
	first candidates
}

// An Appearance is where something came first.
type Appearance struct {
	Version store.Version
	Placed  int64
}

// IsEmpty reports whether no order has the price.
func (p *Price) IsEmpty() bool { return p.Fixed.Version == "" && p.Lines == 0 }

// First is where the price came first.
func (p *Price) First() Appearance {
	if p.Lines == 0 {
		return p.Fixed
	}
	live := Appearance{p.first.lines[0].version, p.first.lines[0].placed}
	if earlier(p.Fixed.Version, live.Version) == live.Version {
		return live
	}
	return p.Fixed
}

// Record is the price as it is read.
func (p *Price) Record() store.Price {
	first := p.First()
	return store.Price{Price: p.PriceKey.Price, First: first.Version, Placed: first.Placed}
}

// A priceChange is what orders with an id change of a price.
type priceChange struct {
	lines int64      // that are gained, less those that are lost
	first candidates // of lines that are gained
	lost  map[store.Version]bool
}

func (i *itemChange) price(text string) *priceChange {
	p := i.prices[text]
	if p == nil {
		if i.prices == nil {
			i.prices = map[string]*priceChange{}
		}
		p = &priceChange{first: candidates{earliest: true}}
		i.prices[text] = p
	}
	return p
}

func (p *priceChange) lose(of store.Version) {
	if p.lost == nil {
		p.lost = map[store.Version]bool{}
	}
	p.lost[of] = true
}

// changePrices changes the rows of the prices of some items.
func (c *changes) changePrices(parts []itemPart) error {
	var keys []PriceKey
	var of []*itemPart // of each key
	for i := range parts {
		keys = parts[i].appendPrices(keys)
		for len(of) < len(keys) {
			of = append(of, &parts[i])
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := c.tx.Prices(keys)
	if err != nil {
		return err
	}
	known := make(map[PriceKey]*Price, len(found))
	for i := range found {
		known[found[i].PriceKey] = &found[i]
	}
	rows := make([]Change[Price], len(keys))
	var empty []emptyList
	for i, key := range keys {
		row := &rows[i]
		now := &Price{PriceKey: key}
		if row.Old = known[key]; row.Old != nil {
			*now = *row.Old
			now.first.lines = slices.Clone(row.Old.first.lines)
			c.totals.prices.lose(row.Old.Row)
		}
		now.first.earliest = true
		now.change(of[i])
		if now.Lines < 0 {
			return fmt.Errorf("a price of an order is not there: %w", store.ErrDamaged)
		}
		if now.Lines > 0 {
			empty = appendEmpty(empty, listKey{key.Item, key.Price, true}, &now.first)
		}
		row.Now = now
	}
	if err := c.refill(empty); err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		switch now := row.Now; {
		case now.IsEmpty():
			row.Now = nil
		case now.Lines > 0 && len(now.first.lines) == 0:
			return errOrdersOfItem
		default:
			if now.Lines == 0 {
				now.first = candidates{earliest: true}
			}
			now.seal()
			c.totals.prices.gain(now.Row)
		}
	}
	return c.tx.PutPrices(rows)
}

// appendPrices appends the prices that change, sorted.
func (i *itemPart) appendPrices(keys []PriceKey) []PriceKey {
	from := len(keys)
	if i.live != nil {
		for price := range i.live.prices {
			keys = append(keys, PriceKey{i.name, price})
		}
	}
	if i.fixed != nil {
		for j := range i.fixed.Prices {
			keys = append(keys, PriceKey{i.name, i.fixed.Prices[j].Price})
		}
	}
	slices.SortFunc(keys[from:], func(a, b PriceKey) int { return strings.Compare(a.Price, b.Price) })
	return append(keys[:from], slices.Compact(keys[from:])...)
}

func (p *Price) change(by *itemPart) {
	if by.fixed != nil {
		for j := range by.fixed.Prices {
			f := &by.fixed.Prices[j]
			if f.Price == p.PriceKey.Price && (p.Fixed.Version == "" || f.First < p.Fixed.Version) {
				p.Fixed = Appearance{f.First, f.Placed}
			}
		}
	}
	if by.live == nil || by.live.prices[p.PriceKey.Price] == nil {
		return
	}
	live := by.live.prices[p.PriceKey.Price]
	p.Lines += live.lines
	p.first.remove(live.lost)
	p.first.merge(&live.first)
}

func (p *Price) seal() {
	dst := appendText(make([]byte, 0, len(p.Row.Body)+moreBodyBytes), p.Fixed.Version)
	if p.Fixed.Version != "" {
		dst = binary.AppendVarint(dst, p.Fixed.Placed)
	}
	dst = p.first.append(binary.AppendUvarint(dst, uint64(p.Lines)))
	p.Row.Body, p.Row.sum = seal(dst, 0, PricesTable, p.Item, p.PriceKey.Price)
}

// Read reads what is in the row, and checks it: PriceKey and Row.Body are set.
func (p *Price) Read() error {
	body, sum, err := unseal(p.Row.Body, PricesTable, p.Item, p.PriceKey.Price)
	if err != nil {
		return err
	}
	p.Row.sum = sum
	in := newBodyReader(body)
	if p.Fixed.Version = in.version(); p.Fixed.Version != "" {
		p.Fixed.Placed = in.signed()
	}
	p.Lines = int64(in.unsigned())
	p.first.earliest = true
	p.first.read(in)
	in.isBad = in.isBad || p.Lines > 0 && len(p.first.lines) == 0
	return in.err()
}
