package sqlstore_test

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
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
	feeds     map[string]int64
	orders    map[string]sqlstore.Order // by the shop and the id
	customers map[string]sqlstore.Customer
	items     map[string]sqlstore.Item
	erasures  int
	walked    int // orders that were read in the order of their versions
}

func newTables(t testing.TB) *tables {
	return &tables{
		t: t, rules: map[string]string{}, sources: map[int64]*store.Progress{}, batches: map[string]bool{}, feeds: map[string]int64{},
		orders: map[string]sqlstore.Order{}, customers: map[string]sqlstore.Customer{}, items: map[string]sqlstore.Item{},
	}
}

func (d *tables) KeepRules(scope, line string) (string, error) {
	if _, ok := d.rules[scope]; !ok {
		d.rules[scope] = line
	}
	return d.rules[scope], nil
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

func (d *tables) TakeNumber() (int64, error) { d.number++; return d.number, nil }

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

func (d *tables) InsertBatch(b *store.Batch) (bool, error) {
	isNew := !d.batches[b.ID]
	d.batches[b.ID] = true
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

func (d *tables) Feed(f *store.Feed, shop int64) (int64, error) { return d.feeds[f.Name], nil }

func (d *tables) CountGroup(b *store.Batch, c store.Counts) error {
	d.feeds[b.Feed.Name] = max(d.feeds[b.Feed.Name], b.Feed.Offset)
	return nil
}

func (d *tables) LogErasure() error { d.erasures++; return nil }

func rowKey(o *sqlstore.Order) string { return fmt.Sprint(o.Shop, " ", o.ID) }

func (d *tables) InsertOrders(orders []sqlstore.Order, settled func(end int, known []sqlstore.Order)) error {
	var known []sqlstore.Order
	for i := range orders {
		if i > 0 && (orders[i-1].ID >= orders[i].ID || orders[i-1].Shop != orders[i].Shop) {
			d.t.Fatalf("orders are not sorted: %q, %q", orders[i-1].ID, orders[i].ID)
		}
		key := rowKey(&orders[i])
		if old, ok := d.orders[key]; ok {
			known = append([]sqlstore.Order{old}, known...)
		} else {
			d.orders[key] = stored(d.t, orders[i])
		}
		if i%3 == 2 || i == len(orders)-1 {
			settled(i+1, known)
			known = nil
		}
	}
	return nil
}

// stored is an order as it comes back from its columns.
func stored(t testing.TB, o sqlstore.Order) sqlstore.Order {
	back := sqlstore.Order{Shop: o.Shop, ID: o.ID, Time: o.Time, Source: o.Source, At: o.At, Phone: o.Phone}
	if err := back.ReadState(o.AppendState(nil)); err != nil {
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
		d.orders[key] = stored(d.t, orders[i])
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

func (d *tables) LockCustomers(phones []string) error {
	if !slices.IsSorted(phones) {
		d.t.Fatal("phones are not sorted")
	}
	return nil
}

func (d *tables) Customers(phones []string) (found []sqlstore.Customer, err error) {
	for _, phone := range phones {
		if c, ok := d.customers[phone]; ok {
			found = append(found, c)
		}
	}
	return found, d.LockCustomers(phones)
}

func (d *tables) AddCustomers(customers []sqlstore.Customer) error {
	for _, c := range customers {
		old := d.customers[c.Phone]
		old.Phone = c.Phone
		for _, of := range []struct{ old, add *sqlstore.Person }{{&old.Fixed, &c.Fixed}, {&old.Live, &c.Live}} {
			if of.add.Named > of.old.Named {
				of.old.Name, of.old.Named = of.add.Name, of.add.Named
			}
			if of.old.First == "" || of.add.First != "" && of.add.First < of.old.First {
				of.old.First = of.add.First
			}
		}
		old.Orders += c.Orders
		d.customers[c.Phone] = old
	}
	return nil
}

func (d *tables) PutCustomers(customers []sqlstore.Customer) error {
	for _, c := range customers {
		if d.customers[c.Phone] = c; c.IsEmpty() {
			delete(d.customers, c.Phone)
		}
	}
	return nil
}

func (d *tables) DeleteCustomer(phone string) (bool, error) {
	_, found := d.customers[phone]
	delete(d.customers, phone)
	return found, nil
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

func (d *tables) AddItems(items []sqlstore.Item) error {
	for _, i := range items {
		old := d.items[i.Name]
		old.Name = i.Name
		if i.Fixed.Priced > old.Fixed.Priced {
			old.Fixed.Price, old.Fixed.Priced = i.Fixed.Price, i.Fixed.Priced
		}
		if old.Fixed.First == "" || i.Fixed.First < old.Fixed.First {
			old.Fixed.First = i.Fixed.First
		}
		old.FixedOrders += i.FixedOrders
		d.items[i.Name] = old
	}
	return nil
}

func (d *tables) PutItems(items []sqlstore.Item) error {
	for _, i := range items {
		if d.items[i.Name] = i; i.IsEmpty() {
			delete(d.items, i.Name)
		}
	}
	return nil
}

// records are those that a store reads from its rows.
func (d *tables) records() (r store.Delta) {
	first := func(v, w store.Version) store.Version {
		if v == "" || w != "" && w < v {
			return w
		}
		return v
	}
	for _, c := range d.customers {
		p := c.Live
		if c.Fixed.Named > p.Named {
			p = c.Fixed
		}
		r.Customers = append(r.Customers, store.Customer{Phone: c.Phone, Name: p.Name, Named: p.Named, First: first(c.Fixed.First, c.Live.First)})
	}
	for _, i := range d.items {
		o := i.Live
		if i.Fixed.Priced > o.Priced {
			o = i.Fixed
		}
		r.Items = append(r.Items, store.Item{Name: i.Name, Price: o.Price, Priced: o.Priced, First: first(i.Fixed.First, i.Live.First), Orders: i.FixedOrders + i.LiveOrders})
	}
	slices.SortFunc(r.Customers, func(a, b store.Customer) int { return strings.Compare(a.Phone, b.Phone) })
	slices.SortFunc(r.Items, func(a, b store.Item) int { return strings.Compare(a.Name, b.Name) })
	return r
}
