package sqlite

import (
	"iter"

	"process-orders/store/internal/sqlstore"
)

const (
	insertOrders = `orders (number, ` + sqlstore.OrderColumns + `)`
	skipOrders   = ` ON CONFLICT (shop, id) DO NOTHING`
	lastOrder    = `SELECT coalesce(max(number), 0) FROM orders`

	insertOrdersOf = `orders_of_customers (phone, time, source, at, number)`

	// Rows that were there before: rows get greater numbers as they come.
	knownOrders = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE number <= ? AND shop = ? AND id IN `

	// It leaves all that the order is found by alone.
	updateState = `UPDATE OR FAIL orders SET state = ? WHERE shop = ? AND id = ?
		AND time = ? AND source = ? AND at = ? AND phone IS ?`
	findOrder   = `SELECT number, time, source, at, phone FROM orders WHERE shop = ? AND id = ?`
	updateOrder = `UPDATE OR FAIL orders SET time = ?, source = ?, at = ?, phone = ?, state = ? WHERE number = ?`
	deleteOf    = `DELETE FROM orders_of_customers WHERE phone = ? AND time = ? AND source = ? AND at = ? AND number = ?`
	insertOf    = `INSERT OR FAIL INTO ` + insertOrdersOf + ` VALUES (?, ?, ?, ?, ?)`

	ordersOf = `SELECT o.shop, o.id, o.time, o.source, o.at, o.phone, o.state
		FROM orders_of_customers AS c CROSS JOIN orders AS o ON o.number = c.number WHERE c.phone = ? ORDER BY `
	ofEarliestFirst = `c.time, c.source, c.at`
	ofLatestFirst   = `c.time DESC, c.source DESC, c.at DESC`
	ordersFrom      = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE (time, source, at) >= (?, ?, ?) ORDER BY `
	ordersBackFrom  = `SELECT ` + sqlstore.OrderColumns + ` FROM orders WHERE (time, source, at) <= (?, ?, ?) ORDER BY `
	earliestFirst   = `time, source, at`
	latestFirst     = `time DESC, source DESC, at DESC`
)

func (tx *transaction) InsertOrders(orders []sqlstore.Order) (known []sqlstore.Order, err error) {
	if len(orders) == 0 {
		return nil, nil
	}
	last, err := tx.number(lastOrder)
	if err != nil {
		return nil, err
	}
	before := []any{last, orders[0].Shop}
	isKnown := map[string]bool{}
	row := func(values []any, i int) []any {
		o := &orders[i]
		return append(values, last+1+int64(i), o.Shop, o.ID, o.Time, o.Source, o.At, orNull(o.Phone), o.AppendState(nil))
	}
	err = tx.insert(insertOrders, 8, skipOrders, len(orders), row, func(from, to int, changed int64) error {
		if changed == int64(to-from) {
			return nil // as mostly
		}
		ids := make([]string, 0, rowsAtOnce)
		for _, o := range orders[from:to] {
			ids = append(ids, o.ID)
		}
		found, err := find(tx, knownOrders, before, ids, sqlstore.ScanOrder)
		for i := range found {
			isKnown[found[i].ID] = true
		}
		known = append(known, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	withPhone := make([]int, 0, len(orders)-len(known))
	for i := range orders {
		if orders[i].Phone != "" && !(len(known) > 0 && isKnown[orders[i].ID]) {
			withPhone = append(withPhone, i)
		}
	}
	sorted := sqlstore.Sorted(len(withPhone), func(i int) string { return orders[withPhone[i]].Phone })
	err = tx.insert(insertOrdersOf, 5, "", len(sorted), func(values []any, i int) []any {
		index := withPhone[sorted[i]]
		o := &orders[index]
		return append(values, o.Phone, o.Time, o.Source, o.At, last+1+int64(index))
	}, nil)
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
		state := o.AppendState(nil)
		changed, err := tx.update(updateState, state, o.Shop, o.ID, o.Time, o.Source, o.At, orNull(o.Phone))
		if err == nil && changed == 0 {
			err = tx.updateOrder(o, state)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// updateOrder replaces the row of an order that is found by other values than before.
func (tx *transaction) updateOrder(o *sqlstore.Order, state []byte) error {
	var number, time, source, at int64
	var phone *string
	stmt, err := tx.prepared(findOrder)
	if err == nil {
		err = stmt.QueryRowContext(tx.ctx, o.Shop, o.ID).Scan(&number, &time, &source, &at, &phone)
	}
	if err == nil && phone != nil {
		_, err = tx.update(deleteOf, *phone, time, source, at, number)
	}
	if err == nil {
		_, err = tx.update(updateOrder, o.Time, o.Source, o.At, orNull(o.Phone), state, number)
	}
	if err == nil && o.Phone != "" {
		_, err = tx.update(insertOf, o.Phone, o.Time, o.Source, o.At, number)
	}
	return err
}

func (tx *transaction) OrdersOf(phone string, fromLatest bool) iter.Seq2[sqlstore.Order, error] {
	if fromLatest {
		return selected(tx, ordersOf+ofLatestFirst, sqlstore.ScanOrder, phone)
	}
	return selected(tx, ordersOf+ofEarliestFirst, sqlstore.ScanOrder, phone)
}

func (tx *transaction) OrdersFrom(from sqlstore.Place, fromLatest bool) iter.Seq2[sqlstore.Order, error] {
	if fromLatest {
		return selected(tx, ordersBackFrom+latestFirst, sqlstore.ScanOrder, from.Time, from.Source, from.At)
	}
	return selected(tx, ordersFrom+earliestFirst, sqlstore.ScanOrder, from.Time, from.Source, from.At)
}
