package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"process-orders/store/internal/sqlstore"
)

const (
	// The column folded is only searched and never read. It is as the Go release folded that wrote
	// it first, and another one may fold a few letters otherwise: that is no damage. It is made of the
	// name alone, so it is not put again: that would write a page of its index each time.
	itemColumns  = `name, price, orders, body`
	priceColumns = `item, price, body`

	putItems    = `items (name, folded, price, orders, body)`
	selectItems = `SELECT ` + itemColumns + ` FROM items WHERE name IN `
	deleteItem  = `DELETE FROM items WHERE name = ?`
	onName      = ` ON CONFLICT (name) DO UPDATE SET price = excluded.price, orders = excluded.orders, body = excluded.body`

	putPrices    = `prices (` + priceColumns + `)`
	selectPrices = `SELECT ` + priceColumns + ` FROM prices WHERE (item, price) IN `
	deletePrice  = `DELETE FROM prices WHERE item = ? AND price = ?`
	onPrice      = ` ON CONFLICT (item, price) DO UPDATE SET body = excluded.body`

	putHours    = `hours (` + sqlstore.HourColumns + `)`
	selectHours = `SELECT ` + sqlstore.HourColumns + ` FROM hours WHERE (start, shop) IN `
	hoursAmong  = `SELECT ` + sqlstore.HourColumns + ` FROM hours WHERE (start, shop) >= (?, ?) AND (start, shop) <= (?, ?) ORDER BY start, shop LIMIT ?`
	deleteHour  = `DELETE FROM hours WHERE start = ? AND shop = ?`
	onHour      = ` ON CONFLICT (start, shop) DO UPDATE SET body = excluded.body`

	putTotals    = `totals (` + sqlstore.TotalColumns + `)`
	selectTotals = `SELECT ` + sqlstore.TotalColumns + ` FROM totals`
	onTotal      = ` ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, sum = excluded.sum, checksum = excluded.checksum`
)

// scanItem reads an item, and checks the row.
func scanItem(r sqlstore.Row) (i sqlstore.Item, err error) {
	if err := r.Scan(&i.Name, &i.Price, &i.Orders, &i.Row.Body); err != nil {
		return i, err
	}
	return i, i.Read()
}

// scanPrice reads a price, and checks the row.
func scanPrice(r sqlstore.Row) (p sqlstore.Price, err error) {
	if err := r.Scan(&p.Item, &p.PriceKey.Price, &p.Row.Body); err != nil {
		return p, err
	}
	return p, p.Read()
}

// scanItemAlone reads an item.
func scanItemAlone(r sqlstore.Row) (sqlstore.ItemPrice, error) {
	i, err := scanItem(r)
	return sqlstore.ItemPrice{Item: &i}, err
}

// scanItemPrice reads an item and one of its prices, which is null if it has none.
func scanItemPrice(r sqlstore.Row) (all sqlstore.ItemPrice, err error) {
	var i sqlstore.Item
	var item, price *string
	var body []byte
	err = r.Scan(&i.Name, &i.Price, &i.Orders, &i.Row.Body, &item, &price, &body)
	if err != nil {
		return all, err
	}
	all.Item = &i
	if err := i.Read(); err != nil || item == nil || price == nil {
		return all, err
	}
	all.Price = &sqlstore.Price{PriceKey: sqlstore.PriceKey{Item: *item, Price: *price}, Row: sqlstore.Sealed{Body: body}}
	return all, all.Price.Read()
}

func (tx *transaction) Items(names []string) ([]sqlstore.Item, error) {
	recent, names, err := tx.c.recent.items.of(names, (*sqlstore.Item).Read)
	if err != nil {
		return nil, err
	}
	found, err := findBy(tx, selectItems, len(names), 1, func(values []any, i int) []any { return append(values, names[i]) }, scanItem)
	return append(recent, found...), err
}

func (tx *transaction) AllItems(details bool) iter.Seq2[sqlstore.ItemPrice, error] {
	if details {
		return selected(tx, allPrices, scanItemPrice)
	}
	return selected(tx, allItems, scanItemAlone)
}

func (tx *transaction) PutItems(changes []sqlstore.Change[sqlstore.Item]) error {
	kept, gone := split(changes)
	for _, i := range gone {
		delete(tx.c.recent.items, i.Name)
		if _, err := tx.update(deleteItem, i.Name); err != nil {
			return err
		}
	}
	for _, i := range kept {
		tx.c.recent.keepItem(i)
	}
	return tx.insert(putItems, 5, onName, len(kept), func(values []any, i int) []any {
		one := kept[i]
		return append(values, one.Name, one.Folded, one.Price, one.Orders, one.Row.Body)
	}, nil)
}

func (tx *transaction) Prices(keys []sqlstore.PriceKey) ([]sqlstore.Price, error) {
	recent, keys, err := tx.c.recent.prices.of(keys, (*sqlstore.Price).Read)
	if err != nil {
		return nil, err
	}
	found, err := findBy(tx, selectPrices, len(keys), 2, func(values []any, i int) []any {
		return append(values, keys[i].Item, keys[i].Price)
	}, scanPrice)
	return append(recent, found...), err
}

func (tx *transaction) PutPrices(changes []sqlstore.Change[sqlstore.Price]) error {
	kept, gone := split(changes)
	for _, p := range gone {
		delete(tx.c.recent.prices, p.PriceKey)
		if _, err := tx.update(deletePrice, p.Item, p.PriceKey.Price); err != nil {
			return err
		}
	}
	for _, p := range kept {
		tx.c.recent.keepPrice(p)
	}
	return tx.insert(putPrices, 3, onPrice, len(kept), func(values []any, i int) []any {
		return append(values, kept[i].Item, kept[i].PriceKey.Price, kept[i].Row.Body)
	}, nil)
}

// Hours reads many hours from the first to the last: mostly a batch has orders of each hour between.
// If there are many others between, as those of other shops, it looks each up.
func (tx *transaction) Hours(keys []sqlstore.HourKey) (all []sqlstore.Hour, err error) {
	if len(keys) >= mostRows {
		first, last, most := keys[0], keys[len(keys)-1], 2*len(keys)
		for h, err := range selected(tx, hoursAmong, sqlstore.ScanHour, first.Start, first.Shop, last.Start, last.Shop, int64(most)) {
			if err != nil {
				return nil, err
			}
			all = append(all, h)
		}
		if len(all) < most {
			return all, nil
		}
	}
	return findBy(tx, selectHours, len(keys), 2, func(values []any, i int) []any {
		return append(values, keys[i].Start, keys[i].Shop)
	}, sqlstore.ScanHour)
}

func (tx *transaction) PutHours(changes []sqlstore.Change[sqlstore.Hour]) error {
	kept, gone := split(changes)
	for _, h := range gone {
		if _, err := tx.update(deleteHour, h.Start, h.Shop); err != nil {
			return err
		}
	}
	return tx.insert(putHours, 3, onHour, len(kept), func(values []any, i int) []any {
		return append(values, kept[i].Start, kept[i].Shop, kept[i].Row.Body)
	}, nil)
}

func (tx *transaction) Totals() (map[string]sqlstore.Total, error) {
	return byTable(selected(tx, selectTotals, sqlstore.ScanTotal))
}

// totalsOf returns the totals that a reader sees.
func totalsOf(ctx context.Context, tx *sql.Tx) (map[string]sqlstore.Total, error) {
	return byTable(rows(ctx, tx, selectTotals, sqlstore.ScanTotal, asItIs))
}

func byTable(totals iter.Seq2[sqlstore.Total, error]) (map[string]sqlstore.Total, error) {
	all := map[string]sqlstore.Total{}
	for t, err := range totals {
		if err != nil {
			return nil, err
		}
		all[t.Table] = t
	}
	return all, nil
}

func (tx *transaction) PutTotals(all []sqlstore.Total) error {
	return tx.insert(putTotals, 4, onTotal, len(all), func(values []any, i int) []any {
		t := &all[i]
		return append(values, t.Table, t.Rows, t.Sum, int64(t.Row))
	}, nil)
}

// split returns the rows that are kept, and those that are not there any more.
func split[R any](changes []sqlstore.Change[R]) (kept, gone []*R) {
	for _, c := range changes {
		switch {
		case c.Now != nil:
			kept = append(kept, c.Now)
		case c.Old != nil:
			gone = append(gone, c.Old)
		}
	}
	return kept, gone
}

var _ sqlstore.Transaction = (*transaction)(nil)
