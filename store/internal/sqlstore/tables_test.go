package sqlstore_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// tables are a database in memory with one transaction, which is never rolled back. They
// check that they are used as [sqlstore.Transaction] says.
type tables struct {
	t         testing.TB
	rules     map[string]string
	shops     []sqlstore.Shop
	number    int64
	sources   map[int64]*store.Progress
	batches   map[string]bool
	feeds     map[string]sqlstore.FeedRow
	documents map[[2]string]store.Document
	orders    map[string]sqlstore.Order // by the shop and the id
	customers map[string]sqlstore.Customer
	names     map[string]sqlstore.NameBlock // by their Firsts
	items     map[string]sqlstore.Item
	prices    map[sqlstore.PriceKey]sqlstore.Price
	hours     map[sqlstore.HourKey]sqlstore.Hour
	totals    map[string]sqlstore.Total
	erasures  int
	walked    int              // orders that were read in the order of their versions
	strays    []sqlstore.Order // that are found by an index though nobody asks for them
}

// A nameKey is by what a customer is found.
type nameKey struct{ name, phone string }

func newTables(t testing.TB) *tables {
	return &tables{
		t: t, rules: map[string]string{}, sources: map[int64]*store.Progress{}, batches: map[string]bool{}, feeds: map[string]sqlstore.FeedRow{}, documents: map[[2]string]store.Document{},
		orders: map[string]sqlstore.Order{}, customers: map[string]sqlstore.Customer{}, names: map[string]sqlstore.NameBlock{}, items: map[string]sqlstore.Item{},
		prices: map[sqlstore.PriceKey]sqlstore.Price{}, hours: map[sqlstore.HourKey]sqlstore.Hour{}, totals: map[string]sqlstore.Total{},
	}
}

func (d *tables) Rules(scopes []string) (map[string]string, error) {
	found := map[string]string{}
	for _, scope := range scopes {
		if line, ok := d.rules[scope]; ok {
			found[scope] = line
		}
	}
	return found, nil
}

func (d *tables) InsertRules(scope, line string) error {
	if _, ok := d.rules[scope]; ok || line == "" {
		return fmt.Errorf("the scope %s has rules, or gets none", scope)
	}
	d.rules[scope] = line
	return nil
}

func (d *tables) Shop(system, shop string) (int64, error) {
	for _, s := range d.shops {
		if s.System == system && s.Name == shop {
			return s.Number, nil
		}
	}
	d.shops = append(d.shops, sqlstore.Shop{Number: int64(len(d.shops)) + 1, System: system, Name: shop})
	return int64(len(d.shops)), nil
}

func (d *tables) Shops() (map[int64]sqlstore.Shop, error) {
	all := map[int64]sqlstore.Shop{}
	for _, s := range d.shops {
		all[s.Number] = s
	}
	return all, nil
}

func (d *tables) LastNumber() (int64, error) { return d.number, nil }

func (d *tables) PutNumber(last int64) error { d.number = last; return nil }

func (d *tables) NewestSource(id string) (newest store.Progress, found bool, err error) {
	for _, p := range d.sources {
		if p.ID == id && p.Number > newest.Number {
			newest, found = *p, true
		}
	}
	return newest, found, nil
}

func (d *tables) InsertSource(number, shop int64, s store.Source) error {
	d.sources[number] = &store.Progress{Source: s, Number: number}
	return nil
}

func (d *tables) FindSource(number int64) (sqlstore.Shop, bool, error) {
	p := d.sources[number]
	if p == nil {
		return sqlstore.Shop{}, false, store.ErrUnknownSource
	}
	shop, err := d.Shop(p.System, p.Shop)
	return d.shops[shop-1], p.Done, err
}

func (d *tables) InsertBatch(id string, _ int64) (bool, error) {
	isNew := !d.batches[id]
	d.batches[id] = true
	return isNew, nil
}

func (d *tables) CountBatch(b *store.Batch, c store.Counts) (bool, error) {
	p := d.sources[b.Source]
	if p.Done || b.Batches > 0 && p.Batches+1 != b.Batches {
		return false, nil
	}
	p.Batches++
	p.Done = b.Last
	return true, nil
}

func (d *tables) Feed(name string) (sqlstore.FeedRow, bool, error) {
	f, found := d.feeds[name]
	return f, found, nil
}

func (d *tables) PutFeed(f *sqlstore.FeedRow) error { d.feeds[f.Name] = *f; return nil }

func (d *tables) Document(kind, key string) (store.Document, bool, error) {
	one, found := d.documents[[2]string{kind, key}]
	return one, found, nil
}

func (d *tables) PutDocument(one *store.Document) error {
	d.documents[[2]string{one.Kind, one.Key}] = *one
	return nil
}

func (d *tables) DeleteDocument(kind, key string) error {
	delete(d.documents, [2]string{kind, key})
	return nil
}

func (d *tables) DeleteDocuments(kind string, at int64, limit int) (int64, error) {
	return 0, errors.New("it is tested with stores")
}

func (d *tables) LogErasure() error { d.erasures++; return nil }

func rowKey(o *sqlstore.Order) string { return fmt.Sprint(o.Shop, " ", o.ID) }

func (d *tables) InsertOrders(orders []sqlstore.Order, settled func(end int, known []sqlstore.Order)) error {
	known := d.strays
	for i := range orders {
		if i > 0 && (orders[i-1].ID >= orders[i].ID || orders[i-1].Shop != orders[i].Shop) {
			d.t.Fatalf("orders are not sorted: %q, %q", orders[i-1].ID, orders[i].ID)
		}
		key := rowKey(&orders[i])
		if old, ok := d.orders[key]; ok {
			known = append([]sqlstore.Order{old}, known...)
		} else {
			d.orders[key] = stored(d.t, &orders[i])
		}
		if i%3 == 2 || i == len(orders)-1 {
			settled(i+1, known)
			known = nil
		}
	}
	return nil
}

// stored is an order as it comes back from its columns.
func stored(t testing.TB, o *sqlstore.Order) sqlstore.Order {
	back := sqlstore.Order{Shop: o.Shop, ID: o.ID, Time: o.Time, Source: o.Source, At: o.At, Phone: o.Phone}
	if err := back.Read(o.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	return back
}

func (d *tables) UpdateOrders(orders []sqlstore.Order) error {
	for i := range orders {
		key := rowKey(&orders[i])
		if _, ok := d.orders[key]; !ok {
			d.t.Fatal("an order is updated that is not there")
		}
		d.orders[key] = stored(d.t, &orders[i])
	}
	return nil
}

// sorted yields orders by their places.
func (d *tables) sorted(latestFirst bool, keep func(sqlstore.Order) bool) iter.Seq2[sqlstore.Order, error] {
	all := slices.SortedFunc(maps.Values(d.orders), func(a, b sqlstore.Order) int {
		c := cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.At, b.At))
		if latestFirst {
			c = -c
		}
		return cmp.Or(c, strings.Compare(a.ID, b.ID))
	})
	return func(yield func(sqlstore.Order, error) bool) {
		for _, o := range all {
			if keep(o) && !yield(o, nil) {
				return
			}
		}
	}
}

func (d *tables) OrdersOf(phone string, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	return d.sorted(latestFirst, func(o sqlstore.Order) bool { return phone != "" && o.Phone == phone })
}

func (d *tables) OrdersFrom(from sqlstore.Place, latestFirst bool) iter.Seq2[sqlstore.Order, error] {
	return d.sorted(latestFirst, func(o sqlstore.Order) bool {
		c := cmp.Or(cmp.Compare(o.Time, from.Time), cmp.Compare(o.Source, from.Source), cmp.Compare(o.At, from.At))
		isIn := c >= 0 && !latestFirst || c <= 0 && latestFirst
		if isIn {
			d.walked++
		}
		return isIn
	})
}

func (d *tables) ExpectOrdersOf(phones []string) {}

// Customers gives the other customers with the last phones, if they are wanted.
func (d *tables) Customers(phones []string, wantsAll bool, do func(some []string, found []sqlstore.Customer, others sqlstore.Others) error) (bool, error) {
	var rest []sqlstore.Customer // as they are yielded while rows are put
	for phone, c := range d.customers {
		if !slices.Contains(phones, phone) {
			rest = append(rest, c)
		}
	}
	others := func(yield func(*sqlstore.Customer, error) bool) {
		for i := range rest {
			if !yield(&rest[i], nil) {
				return
			}
		}
	}
	for some := range slices.Chunk(phones, 2) {
		var found []sqlstore.Customer
		for i, phone := range some {
			if i > 0 && sqlstore.CustomerKey(some[i-1]) >= sqlstore.CustomerKey(phone) {
				d.t.Fatal("phones are not sorted")
			}
			if c, ok := d.customers[phone]; ok {
				found = append([]sqlstore.Customer{c}, found...)
			}
		}
		if err := do(some, found, nil); err != nil {
			return false, err
		}
	}
	if !wantsAll {
		return false, nil
	}
	return true, do(nil, nil, others)
}

// put makes the rows of a table what changes say. Again reads a row as it comes back from its
// columns.
func put[K comparable, R any](d *tables, rows map[K]R, changes []sqlstore.Change[R], key func(*R) K, again func(R) (R, error)) error {
	for _, c := range changes {
		if c.Old != nil {
			if _, ok := rows[key(c.Old)]; !ok {
				d.t.Fatal("a row is changed that is not there")
			}
		}
		switch {
		case c.Now != nil:
			row, err := again(*c.Now)
			if err != nil {
				d.t.Fatal(err)
			}
			if _, ok := rows[key(&row)]; ok && c.Old == nil {
				d.t.Fatal("a row is made that is there")
			}
			rows[key(&row)] = row
		case c.Old != nil:
			delete(rows, key(c.Old))
		}
	}
	return nil
}

func (d *tables) PutCustomers(changes []sqlstore.Change[sqlstore.Customer]) error {
	return put(d, d.customers, changes, func(c *sqlstore.Customer) string { return c.Phone }, func(c sqlstore.Customer) (sqlstore.Customer, error) {
		back := sqlstore.Customer{Phone: c.Phone, Name: c.Name, Row: sqlstore.Sealed{Body: slices.Clone(c.Row.Body)}}
		return back, back.Read()
	})
}

// NameBlocks returns all blocks between the keys if they are dense.
func (d *tables) NameBlocks(keys [][]byte, areDense bool) (found []sqlstore.NameBlock, err error) {
	firsts, last := slices.Sorted(maps.Keys(d.names)), -1
	for i, key := range keys {
		if i > 0 && bytes.Compare(keys[i-1], key) >= 0 {
			d.t.Fatal("keys of names are not sorted")
		}
		at, isFirst := slices.BinarySearch(firsts, string(key))
		if !isFirst {
			at--
		}
		if areDense && len(found) > 0 {
			for last+1 < at {
				last++
				found = append(found, d.names[firsts[last]])
			}
		}
		if at > last {
			found, last = append(found, d.names[firsts[at]]), at
		}
	}
	slices.Reverse(found)
	return found, nil
}

func (d *tables) PutNameBlocks(changes []sqlstore.Change[sqlstore.NameBlock]) error {
	return put(d, d.names, changes, func(b *sqlstore.NameBlock) string { return b.First }, func(b sqlstore.NameBlock) (sqlstore.NameBlock, error) {
		return sqlstore.ScanNameBlock(scanned{[]byte(b.First), slices.Clone(b.Row.Body)})
	})
}

// nameKeys returns the keys of all blocks, and checks that they are sorted.
func (d *tables) nameKeys() map[nameKey]bool {
	all, last := map[nameKey]bool{}, ""
	for _, first := range slices.Sorted(maps.Keys(d.names)) {
		b := d.names[first]
		isFirst := true
		err := b.Keys(func(name, phone string) bool {
			key := string(sqlstore.KeyOf(name + "\x00" + phone))
			if all[nameKey{name, phone}] = true; key <= last || isFirst && first != "" && key != first {
				d.t.Fatalf("key %q comes after %q in the block of %q", key, last, first)
			}
			last, isFirst = key, false
			return true
		})
		if err != nil || isFirst && first != "" {
			d.t.Fatalf("the block of %q: %v", first, err)
		}
	}
	return all
}

func (d *tables) Items(names []string) (found []sqlstore.Item, err error) {
	for i, name := range names {
		if i > 0 && names[i-1] >= name {
			d.t.Fatal("items are not sorted")
		}
		if item, ok := d.items[name]; ok {
			found = append(found, item)
		}
	}
	return found, nil
}

func (d *tables) AllItems(details bool) iter.Seq2[sqlstore.ItemPrice, error] {
	return func(yield func(sqlstore.ItemPrice, error) bool) {
		for _, i := range d.items {
			if !yield(sqlstore.ItemPrice{Item: &i}, nil) {
				return
			}
			for _, p := range d.prices {
				if details && p.Item == i.Name && !yield(sqlstore.ItemPrice{Item: &i, Price: &p}, nil) {
					return
				}
			}
		}
	}
}

func (d *tables) PutItems(changes []sqlstore.Change[sqlstore.Item]) error {
	return put(d, d.items, changes, func(i *sqlstore.Item) string { return i.Name }, func(i sqlstore.Item) (sqlstore.Item, error) {
		back := sqlstore.Item{Name: i.Name, Price: i.Price, Orders: i.Orders, Row: sqlstore.Sealed{Body: slices.Clone(i.Row.Body)}}
		return back, back.Read()
	})
}

func (d *tables) Prices(keys []sqlstore.PriceKey) (found []sqlstore.Price, err error) {
	for _, key := range keys {
		if p, ok := d.prices[key]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

func (d *tables) PutPrices(changes []sqlstore.Change[sqlstore.Price]) error {
	return put(d, d.prices, changes, func(p *sqlstore.Price) sqlstore.PriceKey { return p.PriceKey }, func(p sqlstore.Price) (sqlstore.Price, error) {
		back := sqlstore.Price{PriceKey: p.PriceKey, Row: sqlstore.Sealed{Body: slices.Clone(p.Row.Body)}}
		return back, back.Read()
	})
}

func (d *tables) Hours(keys []sqlstore.HourKey) (found []sqlstore.Hour, err error) {
	for _, key := range keys {
		if h, ok := d.hours[key]; ok {
			found = append(found, h)
		}
	}
	return found, nil
}

// scanned are the columns of a row.
type scanned []any

func (s scanned) Scan(into ...any) error {
	for i, to := range into {
		reflect.ValueOf(to).Elem().Set(reflect.ValueOf(s[i]))
	}
	return nil
}

func (d *tables) PutHours(changes []sqlstore.Change[sqlstore.Hour]) error {
	return put(d, d.hours, changes, func(h *sqlstore.Hour) sqlstore.HourKey { return h.HourKey }, func(h sqlstore.Hour) (sqlstore.Hour, error) {
		return sqlstore.ScanHour(scanned{h.Start, h.Shop, slices.Clone(h.Row.Body)})
	})
}

func (d *tables) Totals() (map[string]sqlstore.Total, error) { return maps.Clone(d.totals), nil }

func (d *tables) PutTotals(all []sqlstore.Total) error {
	for _, t := range all {
		back, err := sqlstore.ScanTotal(scanned{t.Table, t.Rows, t.Sum, int64(t.Row)})
		if err != nil {
			return err
		}
		d.totals[t.Table] = back
	}
	return nil
}

// records are those that a store reads from its rows. The totals fit them.
func (d *tables) records() (r records) {
	all := sqlstore.NewGathering(store.Reading{Details: true, MemoryBytes: 1})
	defer all.Close()
	must := func(err error) {
		if err != nil {
			d.t.Fatal(err)
		}
	}
	for _, c := range d.customers {
		must(all.AddCustomer(&c))
	}
	prices := slices.Collect(maps.Values(d.prices))
	for _, i := range d.items {
		must(all.AddItem(&i, nil))
		for _, p := range prices {
			if p.Item == i.Name {
				must(all.AddItem(&i, &p))
			}
		}
	}
	must(all.Finish(d.totals))
	must(all.Read(context.Background(), r.read))
	hours := slices.SortedFunc(maps.Values(d.hours), func(a, b sqlstore.Hour) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Shop, b.Shop))
	})
	shops, err := d.Shops()
	must(err)
	r.Minutes, err = sqlstore.MinutesOf(hours, shops, store.NoTime, math.MaxInt64)
	must(err)
	r.sort()
	return r
}
