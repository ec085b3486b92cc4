package postgres

import (
	"iter"
	"math"
	"slices"
	"strings"
	"sync"

	"process-orders/store/internal/sqlstore"
)

// orderColumns are those of the table, in the order in which they are scanned.
const orderColumns = `shop, key, time, source, at, customer, id, phone, state`

var ordersTable = sync.OnceValue(func() *table[sqlstore.Order] {
	return newTable(sqlstore.OrdersTable, 2,
		field[sqlstore.Order]{name: "shop", number: func(o *sqlstore.Order) int64 { return o.Shop }},
		field[sqlstore.Order]{name: "key", bytes: func(o *sqlstore.Order) []byte { return keyOf(o.ID) }},
		field[sqlstore.Order]{name: "time", number: func(o *sqlstore.Order) int64 { return o.Time }},
		field[sqlstore.Order]{name: "source", number: func(o *sqlstore.Order) int64 { return o.Source }},
		field[sqlstore.Order]{name: "at", number: func(o *sqlstore.Order) int64 { return o.At }},
		field[sqlstore.Order]{name: "customer", bytes: customerOf},
		field[sqlstore.Order]{name: "id", maybe: func(o *sqlstore.Order) *string { return unlessKey(&o.ID) }},
		field[sqlstore.Order]{name: "phone", maybe: func(o *sqlstore.Order) *string { return unlessKey(&o.Phone) }},
		field[sqlstore.Order]{name: "state", bytes: func(o *sqlstore.Order) []byte { return o.AppendState(make([]byte, 0, 48+len(o.Body))) }})
})

// customerOf returns the key of the customer, or nil if the order makes none.
func customerOf(o *sqlstore.Order) []byte {
	if o.Phone == "" {
		return nil
	}
	return keyOf(o.Phone)
}

// unlessKey returns a text that is not its own key.
func unlessKey(text *string) *string {
	if len(*text) <= maxKey {
		return nil
	}
	return text
}

const (
	selectOrders = `SELECT ` + orderColumns + ` FROM process_orders.orders`

	// Of a table that the server has not analyzed yet it thinks that a shop has few orders, and
	// would read all of them for "key = ANY($2)".
	findOrders = `SELECT o.* FROM unnest($2::bytea[]) AS given (key) CROSS JOIN LATERAL (` +
		selectOrders + ` WHERE shop = $1 AND key = given.key LIMIT 1) o`

	ordersOf   = selectOrders + ` WHERE customer = $5 AND (time, source, at) >= ($1, $2, $3) ORDER BY time, source, at LIMIT $4`
	latestOf   = selectOrders + ` WHERE customer = $5 AND (time, source, at) <= ($1, $2, $3) ORDER BY time DESC, source DESC, at DESC LIMIT $4`
	ordersFrom = selectOrders + ` WHERE (time, source, at) >= ($1, $2, $3) ORDER BY time, source, at LIMIT $4`
	latestFrom = selectOrders + ` WHERE (time, source, at) <= ($1, $2, $3) ORDER BY time DESC, source DESC, at DESC LIMIT $4`
)

// InsertOrders finds those that are there, and inserts the others.
func (tx *transaction) InsertOrders(orders []sqlstore.Order, settled func(end int, known []sqlstore.Order)) error {
	isEmpty, err := tx.isEmpty(sqlstore.OrdersTable)
	if err != nil {
		return err
	}
	look := func(some []sqlstore.Order, found *[]sqlstore.Order) {
		if !isEmpty {
			find(&tx.queue, found, collected(scanOrder), findOrders, some[0].Shop, column(some, func(o *sqlstore.Order) []byte { return keyOf(o.ID) }))
		}
	}
	end := 0
	return ahead(&tx.queue, orders, look, func(some, known []sqlstore.Order) error {
		isKnown := make(map[string]bool, len(known))
		for i := range known {
			isKnown[known[i].ID] = true
		}
		var made []*sqlstore.Order
		for i := range some {
			if !isKnown[some[i].ID] {
				made = append(made, &some[i])
			}
		}
		ordersTable().insert(&tx.queue, made)
		end += len(some)
		settled(end, known) // who keeps them now
		return nil
	})
}

// UpdateOrders replaces rows that are there.
func (tx *transaction) UpdateOrders(orders []sqlstore.Order) error {
	ordersTable().update(&tx.queue, pointers(orders))
	return nil
}

// ExpectOrdersOf says of whom OrdersOf is to find the first orders at once.
func (tx *transaction) ExpectOrdersOf(phones []string) {
	tx.losing, tx.firsts = phones, [2]map[string][]sqlstore.Order{}
}

// OrdersOf finds the first orders of all customers who lose one at the first of them, as most
// need them, and each query costs a round trip.
func (tx *transaction) OrdersOf(phone string, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	sql := ordersOf
	if latestFirst {
		sql = latestOf
	}
	from, key := farthest(latestFirst), keyOf(phone)
	return func(yield func(sqlstore.Order, error) bool) {
		found := &tx.firsts[0]
		if latestFirst {
			found = &tx.firsts[1]
		}
		if *found == nil && len(tx.losing) > 0 {
			var err error
			if *found, err = tx.firstOrders(sql, from); err != nil {
				yield(sqlstore.Order{}, err)
				return
			}
		}
		tx.pages(sql, from, (*found)[phone], key)(yield)
	}
}

// firstOrders returns the first page of orders of each customer who loses one.
func (tx *transaction) firstOrders(sql string, from sqlstore.Place) (map[string][]sqlstore.Order, error) {
	each := `SELECT o.* FROM unnest($5::bytea[]) AS given (customer) CROSS JOIN LATERAL (` +
		strings.Replace(sql, `customer = $5`, `customer = given.customer`, 1) + `) o`
	found := map[string][]sqlstore.Order{}
	for some := range slices.Chunk(tx.losing, rowsAtOnce) {
		rows, err := collect(tx, collected(scanOrder), each, from.Time, from.Source, from.At, fewRows, keysOf(some))
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			found[o.Phone] = append(found[o.Phone], o)
		}
	}
	return found, nil
}

func (tx *transaction) OrdersFrom(from sqlstore.Place, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	sql := ordersFrom
	if latestFirst {
		sql = latestFrom
	}
	return tx.pages(sql, from, nil)
}

// Pages of orders are short at first, as mostly the first orders are enough.
const (
	fewRows  = 4
	mostRows = 4096
)

// pages yields orders from a place on, page by page: what the server has begun to send must
// be read to its end. A page ends between two places, as several orders may be at one. The
// first page may be there already.
func (tx *transaction) pages(sql string, from sqlstore.Place, page []sqlstore.Order, values ...any) iter.Seq2[sqlstore.Order, error] {
	return func(yield func(sqlstore.Order, error) bool) {
		for limit := fewRows; ; {
			if page == nil {
				var err error
				page, err = collect(tx, collected(scanOrder), sql, append([]any{from.Time, from.Source, from.At, limit}, values...)...)
				if err != nil {
					yield(sqlstore.Order{}, err)
					return
				}
			}
			end := len(page)
			isLast := end < limit
			if !isLast {
				from = placeOf(&page[end-1])
				for end > 0 && placeOf(&page[end-1]) == from {
					end--
				}
			}
			for _, o := range page[:end] {
				if !yield(o, nil) {
					return
				}
			}
			if isLast {
				return
			}
			page = nil
			if limit < mostRows || end == 0 {
				limit *= 4
			}
		}
	}
}

func placeOf(o *sqlstore.Order) sqlstore.Place {
	return sqlstore.Place{Time: o.Time, Source: o.Source, At: o.At}
}

// farthest is the place before all others, or after all.
func farthest(after bool) sqlstore.Place {
	if after {
		return sqlstore.Place{Time: math.MaxInt64, Source: math.MaxInt64, At: math.MaxInt64}
	}
	return sqlstore.Place{Time: math.MinInt64, Source: math.MinInt64, At: math.MinInt64}
}

// scanOrder reads an order, and checks the row. A long id or phone has its key beside it.
func scanOrder(row sqlstore.Row) (o sqlstore.Order, err error) {
	var key, customer, state []byte
	var id, phone *string
	if err := row.Scan(&o.Shop, &key, &o.Time, &o.Source, &o.At, &customer, &id, &phone, &state); err != nil {
		return o, err
	}
	o.ID, o.Phone = string(key), string(customer)
	if id != nil {
		o.ID = *id
	}
	if phone != nil {
		o.Phone = *phone
	}
	if !isKey(key, o.ID) || !isKey(customer, o.Phone) {
		return o, sqlstore.ErrRow
	}
	return o, o.Read(state)
}
