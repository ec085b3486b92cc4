package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

const selectSources = `SELECT s.number, s.id, s.name, shops.system, shops.shop, s.bytes, s.from_offset, s.head, s.head_hash, s.batch_bytes,
	coalesce((SELECT line FROM process_orders.rules WHERE key = 'store'), ''),
	coalesce((SELECT line FROM process_orders.rules WHERE key = shops.rules), ''), s.batches, s.done, s.orders, s.rejected, s.skipped, s.repeated, s.older, s.replaced, s.started, s.changed,
	s.checksum, s.key, s.round, shops.number, shops.key, shops.rules, shops.checksum
	FROM process_orders.sources s LEFT JOIN process_orders.shops ON shops.number = s.shop`

// A sourceRow is a source, with its shop and how often it was started.
type sourceRow struct {
	store.Progress
	shop  sqlstore.Shop
	round int64
}

// scanSource reads a source, and checks its row and that of its shop.
func scanSource(r sqlstore.Row) (s sourceRow, err error) {
	p := &s.Progress
	var checksum, ofShop int64
	var key, shopKey, rulesKey []byte
	err = r.Scan(&p.Number, &p.ID, &p.Name, &p.System, &p.Shop, &p.Bytes, &p.From, &p.Head, &p.HeadHash, &p.BatchBytes,
		&p.Rules, &p.SystemRules, &p.Batches, &p.Done, &p.Orders, &p.Rejected, &p.Skipped, &p.Repeated, &p.Older, &p.Replaced, &p.Started, &p.Changed,
		&checksum, &key, &s.round, &s.shop.Number, &shopKey, &rulesKey, &ofShop)
	if err != nil {
		return s, err
	}
	p.Started, p.Changed = p.Started.UTC(), p.Changed.UTC()
	s.shop.System, s.shop.Name = p.System, p.Shop
	if err := checkShop(s.shop, shopKey, rulesKey, ofShop); err != nil {
		return s, err
	}
	if !isKey(key, p.ID) {
		return s, sqlstore.ErrRow
	}
	return s, sqlstore.CheckSum(checksum, sqlstore.SourceSum(p, s.shop.Number, s.round))
}

// Sources returns how far each source was applied.
func (s *Store) Sources(ctx context.Context) (all []store.Progress, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		all = nil
		for source, err := range rows(tx, selectSources+` ORDER BY s.number`, scanSource) {
			if err != nil {
				return err
			}
			all = append(all, source.Progress)
		}
		return nil
	})
	if err != nil {
		return nil, s.explain(err)
	}
	return all, nil
}

// Rules returns the rules of all orders.
func (s *Store) Rules(ctx context.Context) (line string, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		lines, err := tx.Rules([]string{sqlstore.StoreScope})
		line = lines[sqlstore.StoreScope]
		return err
	})
	if err != nil {
		return "", s.explain(err)
	}
	return line, nil
}

const (
	allCustomers = `SELECT ` + customerColumns + ` FROM process_orders.customers`
	allItems     = `SELECT ` + itemColumns + ` FROM process_orders.items`
	allPrices    = `SELECT i.key, i.folded, i.name, i.price, i.orders, i.body, p.price, p.body
		FROM process_orders.items AS i LEFT JOIN process_orders.prices AS p ON p.item = i.key ORDER BY i.key`
)

// Records reads all records in one transaction, again from the start if that breaks off,
// and then calls read. So no transaction waits for read, and read is called once.
func (s *Store) Records(ctx context.Context, how store.Reading, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) (err error) {
	all := sqlstore.NewGathering(how)
	defer func() {
		if failed := all.Close(); err == nil {
			err = s.explain(failed)
		}
	}()
	err = s.read(ctx, func(tx *transaction) error { return tx.gather(all, how.Details) })
	if err != nil {
		return s.explain(err)
	}
	return all.Read(ctx, read)
}

// gather adds all rows to a gathering, instead of those of an attempt before.
func (tx *transaction) gather(all *sqlstore.Gathering, details bool) error {
	if err := all.Reset(); err != nil {
		return permanentError{err}
	}
	var scanned scannedCustomer
	var memory []byte // of one row, of which the gathering keeps nothing
	var reader sqlstore.CustomerReader
	scan := func(r sqlstore.Row) (sqlstore.Customer, error) {
		if err := scanned.scan(r); err != nil {
			return sqlstore.Customer{}, err
		}
		memory = scanned.appendTo(memory[:0])
		row := scanned.in(memory)
		return row.customer(&reader)
	}
	for c, err := range rows(tx, allCustomers, scan) {
		if err != nil {
			return err
		}
		if err := all.AddCustomer(&c); err != nil {
			return permanentError{err}
		}
	}
	for i, err := range tx.AllItems(details) {
		if err != nil {
			return err
		}
		if err := all.AddItem(i.Item, i.Price); err != nil {
			return permanentError{err}
		}
	}
	totals, err := tx.Totals()
	if err != nil {
		return err
	}
	return all.Finish(totals)
}

// AllItems yields all items.
func (tx *transaction) AllItems(details bool) iter.Seq2[sqlstore.ItemPrice, error] {
	if details {
		return rows(tx, allPrices, scanItemPrice)
	}
	return rows(tx, allItems, scanItemAlone)
}

// scanItemAlone reads an item.
func scanItemAlone(r sqlstore.Row) (sqlstore.ItemPrice, error) {
	i, err := scanItem(r)
	return sqlstore.ItemPrice{Item: &i}, err
}

// scanItemPrice reads an item and one of its prices, which is null if it has none.
func scanItemPrice(r sqlstore.Row) (all sqlstore.ItemPrice, err error) {
	var i sqlstore.Item
	var price *string
	var key, folded, body []byte
	if err := r.Scan(&key, &folded, &i.Name, &i.Price, &i.Orders, &i.Row.Body, &price, &body); err != nil {
		return all, err
	}
	all.Item = &i
	if err := checkItem(&i, key, folded); err != nil || price == nil {
		return all, err
	}
	all.Price = &sqlstore.Price{PriceKey: sqlstore.PriceKey{Item: i.Name, Price: *price}, Row: sqlstore.Sealed{Body: body}}
	return all, all.Price.Read()
}

// Shops returns all shops.
func (s *Store) Shops(ctx context.Context) ([]store.Shop, error) {
	var shops map[int64]sqlstore.Shop
	err := s.read(ctx, func(tx *transaction) (err error) {
		shops, err = tx.Shops()
		return err
	})
	if err != nil {
		return nil, s.explain(err)
	}
	return sqlstore.SortedShops(shops), nil
}

const hoursBetween = `SELECT ` + sqlstore.HourColumns + ` FROM process_orders.hours WHERE start >= $1 AND start < $2 ORDER BY start`

// Minutes returns the minutes between two times.
func (s *Store) Minutes(ctx context.Context, from, to int64) (all []store.Minute, err error) {
	var hours []sqlstore.Hour
	var shops map[int64]sqlstore.Shop
	err = s.read(ctx, func(tx *transaction) (err error) {
		if shops, err = tx.Shops(); err != nil {
			return err
		}
		hours, err = collect(tx, collected(sqlstore.ScanHour), hoursBetween, sqlstore.FirstHour(from), to)
		return err
	})
	if err == nil {
		all, err = sqlstore.MinutesOf(hours, shops, from, to)
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return all, nil
}

// read calls look with a transaction that sees the database as it is at one moment.
func (s *Store) read(ctx context.Context, look func(*transaction) error) error {
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, look)
}

// rows yields the rows of a query one after the other. Its errors are explained after the
// last attempt.
func rows[T any](tx *transaction, sql string, scan func(sqlstore.Row) (T, error)) iter.Seq2[T, error] {
	query := func() (sqlstore.Rows, func(), error) {
		if err := tx.finish(); err != nil {
			return nil, nil, err
		}
		rows, err := tx.Query(tx.ctx, tx.s.in.Replace(sql))
		return rows, func() { rows.Close() }, err
	}
	return sqlstore.All(query, scan, func(err error) error { return err })
}
