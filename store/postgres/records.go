package postgres

import (
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"process-orders/store/internal/sqlstore"
)

const (
	// Each key has one step in the index, and the rows that are found so are read once.
	findNames = `SELECT ` + sqlstore.NameColumns + ` FROM process_orders.names WHERE first = ANY (ARRAY(
		SELECT DISTINCT (SELECT n.first FROM process_orders.names AS n WHERE n.first <= given.key ORDER BY n.first DESC LIMIT 1)
		FROM unnest($1::bytea[]) AS given (key)))`
	// With dense keys, one scan reads all blocks between.
	findDenseNames = `SELECT ` + sqlstore.NameColumns + ` FROM process_orders.names WHERE first <= $2 AND first >= coalesce((
		SELECT first FROM process_orders.names WHERE first <= $1 ORDER BY first DESC LIMIT 1), '')`
	itemColumns = `key, folded, name, price, orders, body`
	findItems   = `SELECT ` + itemColumns + ` FROM process_orders.items WHERE key = ANY($1::bytea[])`
	findPrices  = `SELECT p.item, p.price, p.body FROM unnest($1::bytea[], $2::text[]) AS given (item, price)
		CROSS JOIN LATERAL (SELECT item, price, body FROM process_orders.prices
			WHERE item = given.item AND price = given.price COLLATE "C" LIMIT 1) p`
	findHours = `SELECT h.start, h.shop, h.body FROM unnest($1::bigint[], $2::bigint[]) AS given (start, shop)
		CROSS JOIN LATERAL (SELECT ` + sqlstore.HourColumns + ` FROM process_orders.hours
			WHERE start = given.start AND shop = given.shop LIMIT 1) h`
	hoursAmong = `SELECT ` + sqlstore.HourColumns + ` FROM process_orders.hours
		WHERE (start, shop) >= ($1, $2) AND (start, shop) <= ($3, $4) ORDER BY start, shop LIMIT $5`
	findTotals = `SELECT ` + sqlstore.TotalColumns + ` FROM process_orders.totals`
	putTotals  = `INSERT INTO process_orders.totals (name, rows, sum, checksum)
		SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
		ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, sum = excluded.sum, checksum = excluded.checksum`
)

type (
	customer = sqlstore.Customer
	item     = sqlstore.Item
	price    = sqlstore.Price
	hour     = sqlstore.Hour
	names    = sqlstore.NameBlock
)

// The tables are made when they are first wanted.
var (
	customersTable = sync.OnceValue(func() *table[customer] {
		return newTable(sqlstore.CustomersTable, 1,
			field[customer]{name: "key", bytes: func(c *customer) []byte { return customerKey(c.Phone) }},
			field[customer]{name: "phone", text: func(c *customer) string { return c.Phone }},
			field[customer]{name: "name", text: func(c *customer) string { return c.Name }},
			field[customer]{name: "body", bytes: func(c *customer) []byte { return c.Row.Body }})
	})

	namesTable = sync.OnceValue(func() *table[names] {
		return newTable(sqlstore.NamesTable, 1,
			field[names]{name: "first", bytes: func(n *names) []byte { return []byte(n.First) }},
			field[names]{name: "body", bytes: func(n *names) []byte { return n.Row.Body }})
	})

	itemsTable = sync.OnceValue(func() *table[item] {
		return newTable(sqlstore.ItemsTable, 1,
			field[item]{name: "key", bytes: func(i *item) []byte { return keyOf(i.Name) }},
			field[item]{name: "name", text: func(i *item) string { return i.Name }},
			field[item]{name: "folded", bytes: func(i *item) []byte { return keyOf(i.Folded) }},
			field[item]{name: "price", text: func(i *item) string { return i.Price }},
			field[item]{name: "orders", number: func(i *item) int64 { return i.Orders }},
			field[item]{name: "body", bytes: func(i *item) []byte { return i.Row.Body }})
	})

	pricesTable = sync.OnceValue(func() *table[price] {
		return newTable(sqlstore.PricesTable, 2,
			field[price]{name: "item", bytes: func(p *price) []byte { return keyOf(p.Item) }},
			field[price]{name: "price", text: func(p *price) string { return p.PriceKey.Price }},
			field[price]{name: "body", bytes: func(p *price) []byte { return p.Row.Body }})
	})

	hoursTable = sync.OnceValue(func() *table[hour] {
		return newTable(sqlstore.HoursTable, 2,
			field[hour]{name: "start", number: func(h *hour) int64 { return h.Start }},
			field[hour]{name: "shop", number: func(h *hour) int64 { return h.Shop }},
			field[hour]{name: "body", bytes: func(h *hour) []byte { return h.Row.Body }})
	})
)

func (tx *transaction) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	put(&tx.queue, customersTable(), changes)
	return nil
}

func (tx *transaction) NameBlocks(keys [][]byte, areDense bool) (found []sqlstore.NameBlock, err error) {
	if areDense {
		return collect(tx, collected(sqlstore.ScanNameBlock), findDenseNames, keys[0], keys[len(keys)-1])
	}
	return collect(tx, collected(sqlstore.ScanNameBlock), findNames, keys)
}

func (tx *transaction) PutNameBlocks(changes []sqlstore.Change[sqlstore.NameBlock]) error {
	put(&tx.queue, namesTable(), changes)
	return nil
}

// lookUp returns the rows that there are of some keys, of a table that has a total.
func lookUp[K, R any](tx *transaction, table string, keys []K, look func(some []K, found *[]R)) (found []R, err error) {
	isEmpty, err := tx.isEmpty(table)
	if err != nil || isEmpty {
		return nil, err
	}
	for some := range slices.Chunk(keys, rowsAtOnce) {
		look(some, &found)
	}
	err = tx.finish()
	return found, err
}

func (tx *transaction) Items(names []string) ([]sqlstore.Item, error) {
	return lookUp(tx, sqlstore.ItemsTable, names, func(some []string, found *[]sqlstore.Item) {
		find(&tx.queue, found, collected(scanItem), findItems, keysOf(some))
	})
}

// scanItem reads an item, and checks the row.
func scanItem(r sqlstore.Row) (i sqlstore.Item, err error) {
	var key, folded []byte
	if err := r.Scan(&key, &folded, &i.Name, &i.Price, &i.Orders, &i.Row.Body); err != nil {
		return i, err
	}
	return i, checkItem(&i, key, folded)
}

// checkItem reads what is in the row of an item, and checks the row and its keys.
func checkItem(i *sqlstore.Item, key, folded []byte) error {
	if err := i.Read(); err != nil {
		return err
	}
	if !isKey(key, i.Name) || !isKey(folded, i.Folded) {
		return sqlstore.ErrRow
	}
	return nil
}

func (tx *transaction) PutItems(changes []sqlstore.Change[sqlstore.Item]) error {
	put(&tx.queue, itemsTable(), changes)
	return nil
}

func (tx *transaction) Prices(keys []sqlstore.PriceKey) ([]sqlstore.Price, error) {
	return lookUp(tx, sqlstore.PricesTable, keys, func(some []sqlstore.PriceKey, found *[]sqlstore.Price) {
		names := make(map[string]string, len(some)) // of items, by their keys
		for _, k := range some {
			names[string(keyOf(k.Item))] = k.Item
		}
		scan := func(r pgx.CollectableRow) (p sqlstore.Price, err error) {
			var key []byte
			if err := r.Scan(&key, &p.PriceKey.Price, &p.Row.Body); err != nil {
				return p, err
			}
			p.Item = names[string(key)]
			return p, p.Read()
		}
		find(&tx.queue, found, scan, findPrices,
			column(some, func(k *sqlstore.PriceKey) []byte { return keyOf(k.Item) }),
			column(some, func(k *sqlstore.PriceKey) string { return k.Price }))
	})
}

func (tx *transaction) PutPrices(changes []sqlstore.Change[sqlstore.Price]) error {
	put(&tx.queue, pricesTable(), changes)
	return nil
}

// Hours reads many hours from the first to the last: mostly a batch has orders of each hour between.
// If there are many others between, as those of other shops, it looks each up.
func (tx *transaction) Hours(keys []sqlstore.HourKey) (found []sqlstore.Hour, err error) {
	if isEmpty, err := tx.isEmpty(sqlstore.HoursTable); isEmpty || err != nil {
		return nil, err
	}
	if len(keys) >= manyHours {
		first, last, most := keys[0], keys[len(keys)-1], 2*len(keys)
		found, err = collect(tx, collected(sqlstore.ScanHour), hoursAmong, first.Start, first.Shop, last.Start, last.Shop, most)
		if err != nil || len(found) < most {
			return found, err
		}
	}
	return collect(tx, collected(sqlstore.ScanHour), findHours,
		column(keys, func(k *sqlstore.HourKey) int64 { return k.Start }),
		column(keys, func(k *sqlstore.HourKey) int64 { return k.Shop }))
}

// manyHours is from how many on hours are read with those between.
const manyHours = 100

func (tx *transaction) PutHours(changes []sqlstore.Change[sqlstore.Hour]) error {
	put(&tx.queue, hoursTable(), changes)
	return nil
}

// Totals are read once, as they were at the start.
func (tx *transaction) Totals() (map[string]sqlstore.Total, error) {
	if tx.totals != nil {
		return tx.totals, nil
	}
	rows, err := collect(tx, collected(sqlstore.ScanTotal), findTotals)
	if err != nil {
		return nil, err
	}
	tx.totals = map[string]sqlstore.Total{}
	for _, t := range rows {
		tx.totals[t.Table] = t
	}
	return tx.totals, nil
}

// isEmpty reports whether a table had no rows when the transaction started, and got none since.
// Then there is nothing to look up.
func (tx *transaction) isEmpty(table string) (bool, error) {
	all, err := tx.Totals()
	return all[table].Rows == 0 && !tx.filled[table], err
}

func (tx *transaction) PutTotals(all []sqlstore.Total) error {
	tx.later(putTotals,
		column(all, func(t *sqlstore.Total) string { return t.Table }),
		column(all, func(t *sqlstore.Total) int64 { return t.Rows }),
		column(all, func(t *sqlstore.Total) int64 { return t.Sum }),
		column(all, func(t *sqlstore.Total) int64 { return int64(t.Row) }))
	return nil
}

var _ sqlstore.Transaction = (*transaction)(nil)
