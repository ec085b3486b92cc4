package sqlite

import (
	"cmp"
	"fmt"
	"iter"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const (
	insertOrders = `orders (` + sqlstore.OrderColumns + `)`
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

// settledAtOnce is of how many orders InsertOrders tells its caller at once.
const settledAtOnce = 50 * mostRows

func (tx *transaction) InsertOrders(orders []sqlstore.Order, settled func(end int, known []sqlstore.Order)) error {
	if len(orders) == 0 {
		return nil
	}
	last, err := tx.number(lastOrder)
	if err != nil {
		return err
	}
	before := []any{last, orders[0].Shop}
	isKnown := map[string]bool{}
	var known []sqlstore.Order
	var states buffer
	row := func(values []any, i int) []any {
		o := &orders[i]
		states.start(values)
		return append(values, o.Shop, o.ID, o.Time, o.Source, o.At, orNull(o.Phone), states.state(o))
	}
	err = tx.insert(insertOrders, 7, skipOrders, len(orders), row, func(from, to int, changed int64) error {
		if changed < int64(to-from) { // as rarely
			ids := make([]string, 0, to-from)
			for _, o := range orders[from:to] {
				ids = append(ids, o.ID)
			}
			found, err := find(tx, knownOrders, before, ids, sqlstore.ScanOrder)
			if err != nil {
				return err
			}
			for i := range found {
				isKnown[found[i].ID] = true
			}
			known = append(known, found...)
		}
		if to%settledAtOnce == 0 || to == len(orders) {
			settled(to, known)
			known = nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	return tx.insertOrdersOf(orders, isKnown, last)
}

// insertOrdersOf inserts, for customers, orders that were just inserted. Each got the next
// number after that which was the last; those that were known got none. With numbers that are
// given, SQLite keeps a journal of each statement.
func (tx *transaction) insertOrdersOf(orders []sqlstore.Order, isKnown map[string]bool, last int64) error {
	type entry struct {
		phone                    string
		time, source, at, number int64
	}
	all := make([]entry, 0, len(orders)-len(isKnown))
	for i := range orders {
		o := &orders[i]
		if len(isKnown) > 0 && isKnown[o.ID] {
			continue
		}
		if last++; o.Phone != "" {
			all = append(all, entry{o.Phone, o.Time, o.Source, o.At, last})
		}
	}
	if is, err := tx.number(lastOrder); err != nil || is != last {
		return cmp.Or(err, fmt.Errorf("the last order has the number %d instead of %d: %w", is, last, store.ErrDamaged))
	}
	sorted := sqlstore.Sorted(len(all), func(i int) string { return all[i].phone })
	return tx.insert(insertOrdersOf, 5, "", len(all), func(values []any, i int) []any {
		e := &all[sorted[i]]
		return append(values, e.phone, e.time, e.source, e.at, e.number)
	}, nil)
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
	_, isFound, err := one(tx, findOrder, func(r sqlstore.Row) (any, error) {
		return nil, r.Scan(&number, &time, &source, &at, &phone)
	}, o.Shop, o.ID)
	if err == nil && !isFound {
		err = sqlstore.ErrRow
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

// ExpectOrdersOf has nothing to do, as a query takes no round trip.
func (tx *transaction) ExpectOrdersOf([]string) {}

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
