package sqlite

import (
	"iter"

	"process-orders/store/internal/sqlstore"
)

const (
	insertOrders = `orders (` + sqlstore.OrderColumns + `)`
	skipOrders   = ` ON CONFLICT (shop, id) DO NOTHING`

	// Rows that were there before: rows get greater numbers as they come.
	knownOrders = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE number <= ? AND shop = ? AND id IN `

	updateOrder = `UPDATE OR FAIL orders SET time = ?, source = ?, at = ?, phone = ?, state = ? WHERE shop = ? AND id = ?`
	// It leaves the indexes alone.
	updateState = `UPDATE OR FAIL orders SET state = ? WHERE shop = ? AND id = ?
		AND time = ? AND source = ? AND at = ? AND phone IS ?`

	ordersOf       = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE phone = ? ORDER BY `
	ordersFrom     = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE (time, source, at) >= (?, ?, ?) ORDER BY `
	ordersBackFrom = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE (time, source, at) <= (?, ?, ?) ORDER BY `
	earliestFirst  = `time, source, at`
	latestFirst    = `time DESC, source DESC, at DESC`
)

func (tx *transaction) InsertOrders(orders []sqlstore.Order) (known []sqlstore.Order, err error) {
	if len(orders) == 0 {
		return nil, nil
	}
	last, err := tx.number(`SELECT coalesce(max(number), 0) FROM orders`)
	if err != nil {
		return nil, err
	}
	before := []any{last, orders[0].Shop}
	row := func(values []any, i int) []any {
		o := &orders[i]
		return append(values, o.Shop, o.ID, o.Time, o.Source, o.At, orNull(o.Phone), o.AppendState(nil))
	}
	err = tx.insert(insertOrders, 7, skipOrders, len(orders), row, func(from, to int, changed int64) error {
		if changed == int64(to-from) {
			return nil // as mostly
		}
		ids := make([]string, 0, rowsAtOnce)
		for _, o := range orders[from:to] {
			ids = append(ids, o.ID)
		}
		found, err := find(tx, knownOrders, before, ids, sqlstore.ScanOrder)
		known = append(known, found...)
		return err
	})
	return known, err
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (tx *transaction) UpdateOrders(orders []sqlstore.Order) error {
	for i := range orders {
		o := &orders[i]
		state, phone := o.AppendState(nil), orNull(o.Phone)
		changed, err := tx.update(updateState, state, o.Shop, o.ID, o.Time, o.Source, o.At, phone)
		if err == nil && changed == 0 {
			_, err = tx.update(updateOrder, o.Time, o.Source, o.At, phone, state, o.Shop, o.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) OrdersOf(phone string, fromLatest bool) iter.Seq2[sqlstore.Order, error] {
	if fromLatest {
		return selected(tx, ordersOf+latestFirst, sqlstore.ScanOrder, phone)
	}
	return selected(tx, ordersOf+earliestFirst, sqlstore.ScanOrder, phone)
}

func (tx *transaction) OrdersFrom(from sqlstore.Place, fromLatest bool) iter.Seq2[sqlstore.Order, error] {
	if fromLatest {
		return selected(tx, ordersBackFrom+latestFirst, sqlstore.ScanOrder, from.Time, from.Source, from.At)
	}
	return selected(tx, ordersFrom+earliestFirst, sqlstore.ScanOrder, from.Time, from.Source, from.At)
}
