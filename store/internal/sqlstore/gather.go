package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"process-orders/internal/extsort"
	"process-orders/internal/top"
	"process-orders/money"
	"process-orders/store"
)

// A Gathering has all records of a store. A dialect adds all rows, in one transaction that sees
// the store as it is at one moment. When that has ended they are read, sorted by their first
// appearance. So a slow reader does not hold up a database. If a connection breaks, the dialect
// starts over, and the reader sees no record twice.
//
// Records that do not fit in memory are in a temporary file. A Gathering belongs to one
// goroutine. Close it at the end.
type Gathering struct {
	how              store.Reading
	customers, items *extsort.Sorter
	best             top.List[store.Customer] // those that are wanted so far, if not all are
	rows             struct{ customers, items, prices Total }
	item             *Item // that was added last, with its prices
	prices           []store.Price
	buffer           []byte
	spent            []money.Sum // of the customer that is added
}

// gatherBytes is how much memory a gathering takes if nobody says.
const gatherBytes = 16 << 20

// NewGathering returns an empty one.
func NewGathering(how store.Reading) *Gathering {
	how.MemoryBytes = cmp.Or(how.MemoryBytes, gatherBytes)
	g := &Gathering{how: how}
	g.start()
	return g
}

func (g *Gathering) start() {
	half := g.how.MemoryBytes / 2
	g.customers, g.items = extsort.New(half, g.how.Folder), extsort.New(half, g.how.Folder)
	g.customers.Ties, g.items.Ties = compareRecords, compareRecords
	g.rows.customers, g.rows.items, g.rows.prices = Total{}, Total{}, Total{}
	g.item, g.prices = nil, nil
	if choice := g.how.Customers; choice != nil {
		g.best = top.List[store.Customer]{N: choice.N, Compare: func(a, b store.Customer) int {
			if order := choice.Compare(a, b); order != 0 {
				return order
			}
			return cmp.Compare(a.First, b.First)
		}}
	}
}

// Reset makes the gathering empty.
func (g *Gathering) Reset() error {
	err := g.Close()
	g.start()
	return err
}

// Close frees what the gathering holds.
func (g *Gathering) Close() error { return errors.Join(g.customers.Close(), g.items.Close()) }

// AddCustomer adds a row.
func (g *Gathering) AddCustomer(c *Customer) error {
	g.rows.customers.Add(c.Row)
	r := c.record(g.how.Details, g.spent)
	g.spent = r.Spent
	if !isText(r.Phone) || !isText(r.Name) {
		return ErrRow
	}
	if !g.wants(r) {
		return nil
	}
	b := appendText(appendText(appendText(g.buffer[:0], r.First), r.Phone), r.Name)
	if r.Named == r.First { // as mostly
		b = append(b, 1)
	} else {
		b = appendText(append(b, 0), r.Named)
	}
	if g.how.Details {
		b = appendMoney(binary.AppendVarint(b, r.Orders), r.Spent)
		b = binary.AppendVarint(binary.AppendVarint(b, r.FirstPlaced), r.LastPlaced)
	}
	g.buffer = b
	return addSorted(g.customers, r.First, b)
}

// wants reports whether a customer may be one of those who are wanted. Of two million customers it
// wants a few hundred, when it looks for twenty.
func (g *Gathering) wants(c store.Customer) bool {
	if g.how.Customers == nil {
		return true
	}
	c.Phone, c.Name = "", "" // they may be long
	if !g.best.Wants(c) {
		return false
	}
	c.First, c.Named = store.Version(strings.Clone(string(c.First))), "" // which share memory with more
	c.Spent = slices.Clone(c.Spent)
	g.best.Add(c)
	return true
}

// AddItem adds a row. With details, it comes with one of its prices, and then once more with each
// other one; price is nil if there is none. Prices of one item follow each other.
func (g *Gathering) AddItem(i *Item, price *Price) error {
	if g.item == nil || g.item.Name != i.Name {
		if err := g.finishItem(); err != nil {
			return err
		}
		g.rows.items.Add(i.Row)
		g.item, g.prices = i, g.prices[:0]
	}
	if price == nil {
		return nil
	}
	g.rows.prices.Add(price.Row)
	g.prices = AddPrice(g.prices, price)
	return nil
}

// AddPrice adds a price to some of an item. Of many it keeps those that came first.
func AddPrice(some []store.Price, p *Price) []store.Price {
	if some = append(some, p.Record()); len(some) == 4*store.MostPrices {
		some = FirstPrices(some)
	}
	return some
}

// FirstPrices sorts prices by their first appearance, and returns the first of them.
func FirstPrices(all []store.Price) []store.Price {
	slices.SortFunc(all, func(a, b store.Price) int { return cmp.Compare(a.First, b.First) })
	return all[:min(len(all), store.MostPrices)]
}

// finishItem adds the item of which all prices are there.
func (g *Gathering) finishItem() error {
	if g.item == nil {
		return nil
	}
	r := g.item.Record(g.how.Details)
	g.item = nil
	if !isText(r.Name) || !isText(r.Price) {
		return ErrRow
	}
	b := appendText(appendText(appendText(appendText(g.buffer[:0], r.First), r.Name), r.Price), r.Priced)
	b = binary.AppendVarint(b, r.Orders)
	if g.how.Details {
		g.prices = FirstPrices(g.prices)
		b = appendMoney(r.Quantity.AppendBinary(b), r.Revenue)
		b = binary.AppendUvarint(b, uint64(len(g.prices)))
		for _, p := range g.prices {
			b = binary.AppendVarint(appendText(appendText(b, p.Price), p.First), p.Placed)
		}
	}
	g.buffer = b
	return addSorted(g.items, r.First, b)
}

// Finish says that all rows were added, and checks that none is missing.
func (g *Gathering) Finish(want map[string]Total) error {
	err := cmp.Or(g.finishItem(), g.rows.customers.Verify(want[CustomersTable]), g.rows.items.Verify(want[ItemsTable]))
	if err == nil && g.how.Details {
		err = g.rows.prices.Verify(want[PricesTable])
	}
	if g.how.Customers != nil {
		g.how.Customers.Of = g.rows.customers.Rows
	}
	return err
}

// Read calls read with all records, as [store.Store] says of Records.
func (g *Gathering) Read(ctx context.Context, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	return read(
		sorted(ctx, g.customers, func(r *bodyReader, first store.Version) store.Customer {
			c := store.Customer{Phone: r.text(), Name: r.text(), Named: first, First: first, FirstPlaced: store.NoTime, LastPlaced: store.NoTime}
			if r.unsigned() == 0 {
				c.Named = r.version()
			}
			if g.how.Details {
				c.Orders, c.Spent, c.FirstPlaced, c.LastPlaced = r.signed(), r.money(), r.signed(), r.signed()
			}
			return c
		}),
		sorted(ctx, g.items, func(r *bodyReader, first store.Version) store.Item {
			i := store.Item{Name: r.text(), Price: r.text(), Priced: r.version(), First: first, Orders: r.signed()}
			if !g.how.Details {
				return i
			}
			i.Quantity, i.Revenue = r.amount(), r.money()
			for n := r.unsigned(); n > 0 && !r.isBad; n-- {
				i.Prices = append(i.Prices, store.Price{Price: r.text(), First: r.version(), Placed: r.signed()})
			}
			return i
		}))
}

// isText reports whether a text can be one of a store.
func isText(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// addSorted adds a record by its version, with which it starts. The first bytes of that are compared as
// numbers, and all others only if those are the same.
func addSorted(to *extsort.Sorter, first store.Version, record []byte) error {
	var head [16]byte
	copy(head[:], first)
	return to.Add(binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), record)
}

// compareRecords compares the versions of two records, with which they start, and of one version
// their keys, which come next. So the order never depends on where rows are.
func compareRecords(x, y []byte) int {
	version, x := textIn(x)
	other, y := textIn(y)
	if c := bytes.Compare(version, other); c != 0 {
		return c
	}
	key, _ := textIn(x)
	another, _ := textIn(y)
	return bytes.Compare(key, another)
}

// textIn returns the text at the start of a record, and what follows.
func textIn(record []byte) (text, rest []byte) {
	n, size := binary.Uvarint(record)
	if size <= 0 || n > uint64(len(record)-size) {
		return nil, nil // the record is read later, and that is an error
	}
	return record[size:][:n], record[size:][n:]
}

// sorted yields records by their versions.
func sorted[T any](ctx context.Context, from *extsort.Sorter, read func(*bodyReader, store.Version) T) iter.Seq2[T, error] {
	isShared := from.InMemory()
	return func(yield func(T, error) bool) {
		var none T
		in := &bodyReader{}
		for r, err := range from.Sorted() {
			var record T
			if err = cmp.Or(err, ctx.Err()); err == nil {
				in.start(r.Data, isShared)
				record, err = read(in, in.version()), in.err()
			}
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}

func appendMoney(dst []byte, sums []money.Sum) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(sums)))
	for _, s := range sums {
		dst = s.Amount.AppendBinary(append(dst, s.Currency.String()...))
	}
	return dst
}

func (r *bodyReader) money() (all []money.Sum) {
	for n := r.unsigned(); n > 0 && !r.isBad; n-- {
		var s money.Sum
		s.Currency, _ = money.ParseCurrency([]byte(r.bytes(3)))
		s.Amount = r.amount()
		all = append(all, s)
	}
	return all
}

// An ItemPrice is an item with one of its prices, or with none.
type ItemPrice struct {
	Item  *Item
	Price *Price
}
