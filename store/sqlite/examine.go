package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Examiner = (*Store)(nil)

// Examine looks whether the store is well.
func (s *Store) Examine(ctx context.Context) (store.Health, error) {
	var h store.Health
	err := s.read(ctx, func(tx *sql.Tx) error {
		x := examination{sqlstore.NewExamination(), ctx, tx}
		x.Health.Kind = "SQLite"
		x.settings()
		x.sizes()
		x.structure()
		x.rows()
		x.due()
		h = x.Health
		return ctx.Err()
	})
	if err != nil {
		return store.Health{}, explain(s.name, err)
	}
	return h, nil
}

// An examination is one of a file. What cannot be read is a fault.
type examination struct {
	*sqlstore.Examination
	ctx context.Context
	tx  *sql.Tx
}

// text returns the one value that a query finds, or "unknown".
func (x *examination) text(query string) (value string) {
	if err := x.tx.QueryRowContext(x.ctx, query).Scan(&value); err != nil {
		return "unknown"
	}
	return value
}

// number returns the one number that a query finds, or 0.
func (x *examination) number(query string) (n int64) {
	if err := x.tx.QueryRowContext(x.ctx, query).Scan(&n); err != nil {
		return 0
	}
	return n
}

// settings finds what the database is and how it is set.
func (x *examination) settings() {
	x.Health.Version = x.text(`SELECT sqlite_version()`)
	x.Health.Schema = x.number(`PRAGMA user_version`)
	for _, name := range []string{"journal_mode", "synchronous", "page_size", "encoding", "secure_delete", "foreign_keys", "auto_vacuum"} {
		x.Health.Settings = append(x.Health.Settings, store.SettingHealth{Name: name, Value: x.text(`PRAGMA ` + name)})
	}
	size := x.number(`PRAGMA page_size`)
	x.Health.Bytes, x.Health.Free = size*x.number(`PRAGMA page_count`), size*x.number(`PRAGMA freelist_count`)
}

// knownTables are those whose sizes are listed: a damaged schema may have any names.
var knownTables = []string{
	"numbers", "totals", "rules", "shops", "sources", "batches", "feeds", "orders", "orders_of_customers", "customers", "names",
	"items", "prices", "hours", "erasures", "documents",
}

var knownIndexes = []string{
	"sources_by_id", "orders_by_id", "orders_by_version", "items_by_orders", "items_by_folded",
	"documents_by_key", "documents_by_time",
}

func (x *examination) sizes() {
	for _, name := range knownTables {
		x.size(name, x.number(`SELECT count(*) FROM `+name))
	}
	for _, name := range knownIndexes {
		x.size(name, -1)
	}
}

func (x *examination) size(name string, rows int64) {
	bytes := x.number(`SELECT pgsize FROM dbstat('main', 1) WHERE name = '` + name + `'`)
	x.Health.Tables = append(x.Health.Tables, store.TableHealth{Name: name, Rows: rows, Bytes: bytes})
}

// mostFaults is how many faults of the structure are looked for.
const mostFaults = 100

// structure lets SQLite check the pages, and that each row is in all indexes. What SQLite says
// of a fault may hold a name from a damaged schema, so it is counted alone.
func (x *examination) structure() {
	found := 0
	for text, err := range rows(x.ctx, x.tx, fmt.Sprintf(`PRAGMA integrity_check(%d)`, mostFaults), scanText, asItIs) {
		if err != nil {
			x.Fault("SQLite cannot check the structure of the file to its end")
			break
		}
		if text != "ok" {
			found++
		}
	}
	switch {
	case found >= mostFaults:
		x.Fault("SQLite finds %d faults or more in the structure of the file", found)
	case found > 0:
		x.Fault("SQLite finds faults in the structure of the file: %d", found)
	}
}

func scanText(r sqlstore.Row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// each calls add with all rows of a query on a table.
func each[T any](x *examination, table, query string, scan func(sqlstore.Row) (T, error), add func(*T)) {
	sqlstore.Each(x.Examination, table, func(scan func(sqlstore.Row) (*T, error)) iter.Seq2[*T, error] {
		return rows(x.ctx, x.tx, query, scan, asItIs)
	}, scan, add)
}

// A numbered order is an order with the number of its row.
type numberedOrder struct {
	sqlstore.Order
	number int64
}

// An orderOf is a row of orders_of_customers.
type orderOf struct {
	phone                    string
	time, source, at, number int64
}

func (x *examination) rows() {
	each(x, "rules", `SELECT scope, line, checksum FROM rules ORDER BY scope <> '`+sqlstore.StoreScope+`', scope`, scanRules, func(r *[2]string) {
		x.Health.Rules = append(x.Health.Rules, r[1])
	})
	each(x, "shops", selectShops, scanShop, x.Shop)
	each(x, "batches", `SELECT id, source, checksum FROM batches`, scanBatch, func(source *int64) { x.Batch(*source) })
	each(x, "sources", selectSources, scanProgress, x.Source)
	if missing := x.number(`SELECT (SELECT count(*) FROM sources) - (SELECT count(*) FROM sources JOIN shops ON shops.number = sources.shop)`); missing != 0 {
		x.Fault("a source is of a shop that is not there")
	}
	each(x, "numbers", `SELECT last, checksum FROM numbers WHERE kind = 'source'`, scanNumber, func(n *int64) { x.LastNumber(*n) })
	each(x, "feeds", selectFeeds, scanFeed, func(*sqlstore.FeedRow) {})
	each(x, "erasures", lastErasures, scanErasure, func(*erasure) {})
	each(x, "documents", selectDocuments, sqlstore.ScanDocument[string], func(*store.Document) {})
	each(x, sqlstore.CustomersTable, allCustomers, sqlstore.ScanCustomerBlock, x.CustomerBlock)
	each(x, sqlstore.NamesTable, `SELECT `+sqlstore.NameColumns+` FROM names`, sqlstore.ScanNameBlock, x.NameBlock)
	each(x, sqlstore.ItemsTable, allItems, scanItem, x.Item)
	each(x, sqlstore.PricesTable, `SELECT `+priceColumns+` FROM prices`, scanPrice, func(p *sqlstore.Price) { x.Price(p, p.Item) })
	each(x, sqlstore.HoursTable, `SELECT `+sqlstore.HourColumns+` FROM hours`, sqlstore.ScanHour, x.Hour)
	each(x, sqlstore.OrdersTable, `SELECT `+sqlstore.OrderColumns+`, number FROM orders`, scanNumbered, func(o *numberedOrder) {
		x.Order(&o.Order, func(name string) string { return name })
		x.OrderByPhone(&o.Order, o.number)
	})
	each(x, "orders_of_customers", `SELECT phone, time, source, at, number FROM orders_of_customers`, scanOrderOf, func(o *orderOf) {
		x.OrderOf(o.phone, o.time, o.source, o.at, o.number)
	})
	totals, err := totalsOf(x.ctx, x.tx)
	if err != nil {
		totals = nil
		x.Unread("totals")
	}
	x.Finish(totals)
}

// due says what is to be done.
func (x *examination) due() {
	x.Health.Erasures = x.number(`SELECT count(*) FROM erasures WHERE scrubbed IS NULL`)
	if x.Health.Erasures > 0 {
		x.Health.Since = time.UnixMicro(x.number(`SELECT min(at) FROM erasures WHERE scrubbed IS NULL`)).UTC()
	}
}

func scanBatch(r sqlstore.Row) (source int64, err error) {
	var id string
	var checksum int64
	if err := r.Scan(&id, &source, &checksum); err != nil {
		return 0, err
	}
	return source, sqlstore.CheckSum(checksum, sqlstore.BatchSum(id, source))
}

func scanOrderOf(r sqlstore.Row) (o orderOf, err error) {
	err = r.Scan(&o.phone, &o.time, &o.source, &o.at, &o.number)
	return o, err
}

// scanNumbered reads an order, and the number of its row after that.
func scanNumbered(r sqlstore.Row) (o numberedOrder, err error) {
	o.Order, err = sqlstore.ScanOrder(withMore{r, &o.number})
	return o, err
}

// withMore is a row with one more column.
type withMore struct {
	sqlstore.Row
	more any
}

func (r withMore) Scan(into ...any) error { return r.Row.Scan(append(into, r.more)...) }
