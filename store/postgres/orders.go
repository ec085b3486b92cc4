package postgres

import (
	"encoding/binary"
	"errors"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// orderColumns are those of the table, in the order in which they are scanned.
const orderColumns = `shop, key, time, source, at, customer, value`

const (
	// It returns the keys of those that are there already. Their rows are locked, although
	// nothing of them is changed, and the first of two transactions with the same id has ended.
	insertOrders = `WITH made AS (
		INSERT INTO process_orders.orders AS old (` + orderColumns + `)
		SELECT $1::bigint, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[])
		ON CONFLICT (shop, key) DO UPDATE SET value = excluded.value WHERE false RETURNING key)
	SELECT key FROM unnest($2::bytea[]) AS given (key) WHERE key NOT IN (SELECT key FROM made)`

	selectOrders = `SELECT ` + orderColumns + ` FROM process_orders.orders`

	findOrders = selectOrders + ` WHERE shop = $1 AND key = ANY($2::bytea[]) ORDER BY key`
	lockOrders = findOrders + ` FOR UPDATE`

	// The rows are there and locked. A plan for an INSERT … ON CONFLICT is the same for any
	// number of rows, and that for an UPDATE is not.
	updateOrders = `INSERT INTO process_orders.orders AS old (` + orderColumns + `)
		SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[])
		ON CONFLICT (shop, key) DO UPDATE SET time = excluded.time, source = excluded.source, at = excluded.at,
			customer = excluded.customer, value = excluded.value`

	ordersOf   = selectOrders + ` WHERE customer = $5 AND (time, source, at) >= ($1, $2, $3) ORDER BY time, source, at LIMIT $4`
	latestOf   = selectOrders + ` WHERE customer = $5 AND (time, source, at) <= ($1, $2, $3) ORDER BY time DESC, source DESC, at DESC LIMIT $4`
	ordersFrom = selectOrders + ` WHERE (time, source, at) >= ($1, $2, $3) ORDER BY time, source, at LIMIT $4`
	latestFrom = selectOrders + ` WHERE (time, source, at) <= ($1, $2, $3) ORDER BY time DESC, source DESC, at DESC LIMIT $4`
)

// InsertOrders inserts those that are new, and finds and locks the others.
func (tx *transaction) InsertOrders(orders []sqlstore.Order) (known []sqlstore.Order, err error) {
	err = chunks(orders, func(some []sqlstore.Order) error {
		shop := some[0].Shop
		found, err := collect(tx, pgx.RowTo[[]byte], insertOrders, shop, column(some, orderKey), column(some, orderTime),
			column(some, orderSource), column(some, orderAt), column(some, orderCustomer), column(some, orderValue))
		if err != nil || len(found) == 0 {
			return err // none is there, as nearly always
		}
		rows, err := collect(tx, scanOrder, findOrders, shop, found)
		known = append(known, rows...)
		return err
	})
	return known, err
}

func (tx *transaction) Orders(shop int64, ids []string) (found []sqlstore.Order, err error) {
	err = chunks(ids, func(some []string) error {
		rows, err := collect(tx, scanOrder, lockOrders, shop, keysOf(some))
		found = append(found, rows...)
		return err
	})
	return found, err
}

func (tx *transaction) UpdateOrders(orders []sqlstore.Order) error {
	return chunks(orders, func(some []sqlstore.Order) error {
		_, err := tx.exec(updateOrders, column(some, func(o *sqlstore.Order) int64 { return o.Shop }), column(some, orderKey), column(some, orderTime),
			column(some, orderSource), column(some, orderAt), column(some, orderCustomer), column(some, orderValue))
		return err
	})
}

func (tx *transaction) OrdersOf(phone string, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	sql := ordersOf
	if latestFirst {
		sql = latestOf
	}
	if tx.locksOrders {
		sql += ` FOR UPDATE NOWAIT`
	}
	return tx.pages(sql, farthest(latestFirst), keyOf(phone))
}

func (tx *transaction) OrdersFrom(from sqlstore.Place, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	sql := ordersFrom
	if latestFirst {
		sql = latestFrom
	}
	return tx.pages(sql, from)
}

// Pages of orders are short at first, as mostly the first orders are enough.
const (
	firstPage = 16
	mostRows  = 4096
)

// pages yields orders from a place on, page by page: what the server has begun to send must
// be read to its end. A page ends between two places, as several orders may be at one.
func (tx *transaction) pages(sql string, from sqlstore.Place, values ...any) iter.Seq2[sqlstore.Order, error] {
	return func(yield func(sqlstore.Order, error) bool) {
		for limit := firstPage; ; {
			page, err := collect(tx, scanOrder, sql, append([]any{from.Time, from.Source, from.At, limit}, values...)...)
			if err != nil {
				yield(sqlstore.Order{}, err)
				return
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
			if limit < mostRows || end == 0 {
				limit *= 2
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

func orderKey(o *sqlstore.Order) []byte   { return keyOf(o.ID) }
func orderTime(o *sqlstore.Order) int64   { return o.Time }
func orderSource(o *sqlstore.Order) int64 { return o.Source }
func orderAt(o *sqlstore.Order) int64     { return o.At }
func orderCustomer(o *sqlstore.Order) []byte {
	if o.Phone == "" {
		return nil
	}
	return keyOf(o.Phone)
}

// What an order's value starts with says what is in it.
const (
	hasID = 1 << iota // as it is longer than a key
	hasPhone
	hasUpdated
	hasPlaced
)

// orderValue returns what is not in the columns of its own: numbers, as how much they differ
// from others, and the body.
func orderValue(o *sqlstore.Order) []byte {
	bits := byte(0)
	set := func(bit byte, is bool) {
		if is {
			bits |= bit
		}
	}
	set(hasID, len(o.ID) > maxKey)
	set(hasPhone, len(o.Phone) > maxKey)
	set(hasUpdated, o.Updated != store.NoTime)
	set(hasPlaced, o.Placed != store.NoTime)
	value := append(make([]byte, 0, 40+len(o.Body)), bits)
	value = binary.AppendUvarint(value, uint64(o.Flags))
	value = binary.BigEndian.AppendUint64(value, o.Digest)
	value = binary.AppendVarint(value, o.LastSource-o.Source)
	value = binary.AppendVarint(value, o.LastAt-o.At)
	if bits&hasUpdated != 0 {
		value = binary.AppendVarint(value, o.Updated-baseOf(o))
	}
	if bits&hasPlaced != 0 {
		value = binary.AppendVarint(value, o.Placed-baseOf(o))
	}
	if bits&hasID != 0 {
		value = appendText(value, o.ID)
	}
	if bits&hasPhone != 0 {
		value = appendText(value, o.Phone)
	}
	return append(value, o.Body...)
}

// baseOf is what times are told from.
func baseOf(o *sqlstore.Order) int64 {
	if o.Time == store.NoTime {
		return 0
	}
	return o.Time
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// errValue says that a value is not what orderValue makes.
var errValue = errors.New("an order cannot be read: the store is damaged")

func scanOrder(row pgx.CollectableRow) (o sqlstore.Order, err error) {
	var key, customer, value []byte
	if err := row.Scan(&o.Shop, &key, &o.Time, &o.Source, &o.At, &customer, &value); err != nil {
		return o, err
	}
	o.ID, o.Phone, o.Updated, o.Placed = string(key), string(customer), store.NoTime, store.NoTime
	if len(value) == 0 || value[0] >= hasPlaced<<1 {
		return o, permanentError{errValue}
	}
	bits := value[0]
	r := reader{rest: value[1:]}
	o.Flags = sqlstore.Flags(r.uvarint())
	o.Digest = r.fixed()
	o.LastSource, o.LastAt = o.Source+r.varint(), o.At+r.varint()
	if bits&hasUpdated != 0 {
		o.Updated = baseOf(&o) + r.varint()
	}
	if bits&hasPlaced != 0 {
		o.Placed = baseOf(&o) + r.varint()
	}
	if bits&hasID != 0 {
		o.ID = r.text()
	}
	if bits&hasPhone != 0 {
		o.Phone = r.text()
	}
	if r.isBad {
		return o, permanentError{errValue}
	}
	o.Body = r.rest
	return o, nil
}

// A reader reads the parts of a value.
type reader struct {
	rest  []byte
	isBad bool
}

// skip goes on behind a part of n bytes; a part that cannot be read has none.
func (r *reader) skip(n int) {
	if n <= 0 {
		r.isBad, r.rest = true, nil
		return
	}
	r.rest = r.rest[n:]
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	return n
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.rest)
	r.skip(size)
	return n
}

func (r *reader) fixed() (n uint64) {
	if len(r.rest) < 8 {
		r.skip(0)
		return 0
	}
	n = binary.BigEndian.Uint64(r.rest)
	r.skip(8)
	return n
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.skip(0)
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}
