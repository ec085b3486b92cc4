package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

var _ store.Examiner = (*Store)(nil)

// Examine looks whether the store is well. That indexes have what their tables have is for
// PostgreSQL's own pg_amcheck.
func (s *Store) Examine(ctx context.Context) (h store.Health, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		x := examination{sqlstore.NewExamination(), ctx, tx.Tx, s}
		x.Health.Kind = "PostgreSQL"
		x.settings()
		x.sizes()
		x.rows()
		x.due()
		h = x.Health
		if err := ctx.Err(); err != nil {
			return err
		}
		return x.lost()
	})
	if err != nil {
		return store.Health{}, s.explain(err)
	}
	return h, nil
}

// An examination is one of a database. What cannot be read is a fault.
type examination struct {
	*sqlstore.Examination
	ctx context.Context
	tx  pgx.Tx
	s   *Store
}

// lost returns an error if the connection is gone, so that all is read again.
func (x *examination) lost() error {
	_, err := x.tx.Exec(x.ctx, `SELECT 1`)
	return err
}

// apart calls do with a part of the transaction that may fail by itself.
func (x *examination) apart(do func(tx pgx.Tx) error) error {
	part, err := x.tx.Begin(x.ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(part), part.Rollback(x.ctx))
}

// value scans the one value that a query finds. It stays as it is if there is none.
func (x *examination) value(into any, query string, values ...any) {
	_ = x.apart(func(tx pgx.Tx) error { // what is not known is left out
		return tx.QueryRow(x.ctx, x.s.in.Replace(query), values...).Scan(into)
	})
}

func (x *examination) settings() {
	x.value(&x.Health.Version, `SHOW server_version`)
	x.value(&x.Health.Schema, `SELECT max(version) FROM process_orders.schema_versions`)
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit", "data_checksums", "server_encoding", "wal_level"} {
		value := "unknown"
		x.value(&value, `SELECT current_setting($1)`, name)
		x.Health.Settings = append(x.Health.Settings, store.SettingHealth{Name: name, Value: value})
	}
}

func (x *examination) sizes() {
	for _, name := range []string{
		"numbers", "totals", "rules", "shops", "sources", "batches", "feeds", "orders", "customers", "names", "items", "prices",
		"hours", "erasures", "documents", "commits",
	} {
		t := store.TableHealth{Name: name}
		x.value(&t.Rows, `SELECT count(*) FROM process_orders.`+name)
		x.value(&t.Bytes, `SELECT pg_total_relation_size('process_orders.`+name+`'::regclass)`)
		x.Health.Tables = append(x.Health.Tables, t)
		x.Health.Bytes += t.Bytes
	}
}

// each calls add with all rows of a query on a table.
func each[T any](x *examination, table, query string, scan func(sqlstore.Row) (T, error), add func(*T)) {
	err := x.apart(func(tx pgx.Tx) error {
		sqlstore.Each(x.Examination, table, func(scan func(sqlstore.Row) (*T, error)) iter.Seq2[*T, error] {
			return sqlstore.All(func() (sqlstore.Rows, func(), error) {
				rows, err := tx.Query(x.ctx, x.s.in.Replace(query))
				return rows, func() { rows.Close() }, err
			}, scan, func(err error) error { return err })
		}, scan, add)
		return nil
	})
	if err != nil {
		x.Unread(table)
	}
}

const selectPricesOfItems = `SELECT i.name, p.item, p.price, p.body FROM process_orders.prices p LEFT JOIN process_orders.items i ON i.key = p.item`

// A keyedPrice is a price with the key of its item.
type keyedPrice struct {
	sqlstore.Price
	item []byte
}

func (x *examination) rows() {
	each(x, "rules", `SELECT key, line, checksum FROM process_orders.rules ORDER BY key <> 'store', key`, scanExaminedRules, func(line *string) {
		if *line != "" {
			x.Health.Rules = append(x.Health.Rules, *line)
		}
	})
	each(x, "shops", selectShops, scanShop, x.Shop)
	each(x, "batches", `SELECT key, source, checksum FROM process_orders.batches`, scanExaminedBatch, func(source *int64) { x.Batch(*source) })
	each(x, "sources", selectSources, scanSource, func(s *sourceRow) { x.Source(&s.Progress) })
	var missing int64
	x.value(&missing, `SELECT count(*) FROM process_orders.sources WHERE shop NOT IN (SELECT number FROM process_orders.shops)`)
	if missing != 0 {
		x.Fault("a source is of a shop that is not there")
	}
	each(x, "numbers", `SELECT last, checksum FROM process_orders.numbers`, scanExaminedNumber, func(n *int64) { x.LastNumber(*n) })
	each(x, "feeds", selectFeeds, scanFeed, func(*sqlstore.FeedRow) {})
	each(x, "erasures", `SELECT at, scrubbed, checksum FROM process_orders.erasures`, scanExaminedErasure, func(*time.Time) {})
	each(x, "commits", selectCommits, scanCommit, func(*int64) {})
	each(x, "documents", selectDocuments, scanDocument, func(*store.Document) {})
	each(x, sqlstore.CustomersTable, allCustomers, scanCustomer, x.Customer)
	each(x, sqlstore.NamesTable, `SELECT `+sqlstore.NameColumns+` FROM process_orders.names`, sqlstore.ScanNameBlock, x.NameBlock)
	each(x, sqlstore.ItemsTable, allItems, scanItem, x.Item)
	each(x, sqlstore.PricesTable, selectPricesOfItems, scanKeyedPrice, func(p *keyedPrice) { x.Price(&p.Price, string(p.item)) })
	each(x, sqlstore.HoursTable, `SELECT `+sqlstore.HourColumns+` FROM process_orders.hours`, sqlstore.ScanHour, x.Hour)
	each(x, sqlstore.OrdersTable, selectOrders, scanOrder, func(o *sqlstore.Order) {
		x.Order(o, func(name string) string { return string(keyOf(name)) })
	})
	totals := map[string]sqlstore.Total{}
	each(x, "totals", `SELECT `+sqlstore.TotalColumns+` FROM process_orders.totals`, sqlstore.ScanTotal, func(t *sqlstore.Total) { totals[t.Table] = *t })
	x.Finish(totals)
}

// due says what is to be done.
func (x *examination) due() {
	x.value(&x.Health.Erasures, `SELECT count(*) FROM process_orders.erasures WHERE scrubbed IS NULL`)
	if x.Health.Erasures > 0 {
		x.value(&x.Health.Since, `SELECT min(at) FROM process_orders.erasures WHERE scrubbed IS NULL`)
		x.Health.Since = x.Health.Since.UTC()
	}
}

// scanExaminedRules reads a line of rules. Of a scope that is longer than its key, the row does
// not say what the checksum is made of, and the line is empty.
func scanExaminedRules(r sqlstore.Row) (line string, err error) {
	var scope []byte
	var checksum int64
	if err := r.Scan(&scope, &line, &checksum); err != nil || len(scope) > maxKey {
		return "", err
	}
	return line, sqlstore.CheckSum(checksum, sqlstore.RulesSum(string(scope), line))
}

func scanExaminedBatch(r sqlstore.Row) (source int64, err error) {
	var id []byte
	var checksum int64
	if err := r.Scan(&id, &source, &checksum); err != nil || len(id) > maxKey {
		return source, err
	}
	return source, sqlstore.CheckSum(checksum, sqlstore.BatchSum(string(id), source))
}

func scanExaminedNumber(r sqlstore.Row) (last int64, err error) {
	var checksum int64
	if err := r.Scan(&last, &checksum); err != nil {
		return 0, err
	}
	return last, sqlstore.CheckSum(checksum, sqlstore.NumberSum(last))
}

func scanExaminedErasure(r sqlstore.Row) (at time.Time, err error) {
	var scrubbed *time.Time
	var checksum, scrubbedAt int64
	if err := r.Scan(&at, &scrubbed, &checksum); err != nil {
		return at, err
	}
	if scrubbed != nil {
		scrubbedAt = scrubbed.UnixMicro()
	}
	return at, sqlstore.CheckSum(checksum, sqlstore.ErasureSum(at.UnixMicro(), scrubbedAt))
}

func scanKeyedPrice(r sqlstore.Row) (p keyedPrice, err error) {
	var name *string
	if err := r.Scan(&name, &p.item, &p.PriceKey.Price, &p.Row.Body); err != nil {
		return p, err
	}
	if name == nil {
		return p, fmt.Errorf("a price is of an item that is not there: %w", store.ErrDamaged)
	}
	p.Item = *name
	return p, p.Read()
}
