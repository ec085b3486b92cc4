package sqlstore

import (
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"strconv"

	"process-orders/store"
)

// An Examination goes through all rows of a store, which a dialect reads, and notes faults. It
// keeps no rows: what must agree is added up to numbers. Each number is a sum of hashes of keys,
// each as often as the key occurs. If two sums are the same, so are the keys and how often they
// occur, but for an accident in 2^64.
type Examination struct {
	Health store.Health

	totals    map[string]*Total
	unread    map[string]bool // tables that could not be read to their ends
	bad       map[string]int64
	shops     map[int64]bool
	batches   map[int64]int64 // by source
	strangers int64           // orders of shops that are not there

	names, namesOfCustomers    uint64
	orders, ordersOfCustomers  uint64 // what orders are found by their phones, in a table of its own
	customers, standing        uint64 // orders by phone: of the rows of customers, and of orders
	items, lines               uint64 // lines by item
	prices, linesAt            uint64 // lines by item and price
	revenue                    Sums   // revenue of the rows of items, less that of orders
	lastNumber, greatestSource int64
}

// NewExamination returns one of a store that is empty so far.
func NewExamination() *Examination {
	return &Examination{
		totals: map[string]*Total{}, unread: map[string]bool{}, bad: map[string]int64{}, shops: map[int64]bool{},
		batches: map[int64]int64{},
	}
}

// Fault notes a fault. The sentence holds no value of a row.
func (e *Examination) Fault(format string, values ...any) {
	e.Health.Faults = append(e.Health.Faults, fmt.Sprintf(format, values...))
}

// Unread notes that a table could not be read to its end.
func (e *Examination) Unread(table string) {
	e.unread[table] = true
	e.Fault("the table %s cannot be read to its end", table)
}

// Each calls add with the rows of a table. Rows that are damaged are counted, and not
// added. It returns how many rows there are.
func Each[T any](e *Examination, table string, query func(scan func(Row) (*T, error)) iter.Seq2[*T, error], scan func(Row) (T, error), add func(*T)) (rows int64) {
	tolerant := func(r Row) (*T, error) {
		one, err := scan(r)
		if errors.Is(err, store.ErrDamaged) {
			return nil, nil
		}
		return &one, err
	}
	for one, err := range query(tolerant) {
		if err != nil {
			e.Unread(table)
			return rows
		}
		rows++
		if one == nil {
			e.bad[table]++
			continue
		}
		add(one)
	}
	switch n := e.bad[table]; {
	case n == 1:
		e.Fault("1 row of the table %s does not fit its checksum", table)
	case n > 1:
		e.Fault("%d rows of the table %s do not fit their checksums", n, table)
	}
	return rows
}

func (e *Examination) total(table string) *Total {
	if e.totals[table] == nil {
		e.totals[table] = &Total{Table: table}
	}
	return e.totals[table]
}

// sumOfKeys is a hash of what something is known by.
func sumOfKeys(keys ...string) uint64 {
	h := fnv.New64a()
	for _, k := range keys {
		_, _ = h.Write(strconv.AppendInt(nil, int64(len(k)), 10)) // it never fails
		_, _ = h.Write([]byte(":" + k))
	}
	sum := h.Sum64()
	sum ^= sum >> 31
	return sum*0x9e3779b97f4a7c15 ^ sum>>29
}

// Customer adds a row.
func (e *Examination) Customer(c *Customer) {
	e.total(CustomersTable).Add(c.Row)
	e.customers += uint64(c.Live.Orders) * sumOfKeys(c.Phone)
	for _, name := range NameKeys(c.Name) {
		e.namesOfCustomers += sumOfKeys(name, c.Phone)
	}
}

// CustomerBlock adds a row that has several.
func (e *Examination) CustomerBlock(b *CustomerBlock) {
	all, err := b.Append(nil)
	for i := range all {
		e.Customer(&all[i])
	}
	if err != nil {
		e.Fault("a block of customers cannot be read")
	}
}

// NameBlock adds a row.
func (e *Examination) NameBlock(b *NameBlock) {
	e.total(NamesTable).Add(b.Row)
	err := b.Keys(func(name, phone string) bool {
		e.names += sumOfKeys(name, phone)
		return true
	})
	if err != nil {
		e.Fault("a block of names cannot be read")
	}
}

// Item adds a row.
func (e *Examination) Item(i *Item) {
	e.total(ItemsTable).Add(i.Row)
	e.items += uint64(i.Lines) * sumOfKeys(i.Name)
	e.revenue = e.revenue.merge(i.Live.Revenue)
}

// Price adds a row. Item is what the table has of the item, which may be a key.
func (e *Examination) Price(p *Price, item string) {
	e.total(PricesTable).Add(p.Row)
	e.prices += uint64(p.Lines) * sumOfKeys(item, p.PriceKey.Price)
}

// Hour adds a row.
func (e *Examination) Hour(h *Hour) {
	e.total(HoursTable).Add(h.Row)
	if _, err := h.minutes(new(minuteBuffer)); err != nil {
		e.Fault("an hour holds minutes that cannot be read")
	}
}

// Shop adds a row.
func (e *Examination) Shop(s *Shop) { e.shops[s.Number] = true }

// Order adds a row. ItemKey is what the table of prices has of an item.
func (e *Examination) Order(o *Order, itemKey func(name string) string) {
	e.total(OrdersTable).Add(o.row)
	if !e.shops[o.Shop] {
		e.strangers++
	}
	if !o.stands() {
		return
	}
	if o.Phone != "" {
		e.standing += sumOfKeys(o.Phone)
	}
	_, all, err := o.body()
	if err != nil {
		e.Fault("an order holds lines that cannot be read")
		return
	}
	for line, err := range all.All() {
		if err != nil {
			e.Fault("an order holds lines that cannot be read")
			return
		}
		e.lines += sumOfKeys(line.Item)
		e.linesAt += sumOfKeys(itemKey(line.Item), line.Price)
		_, cost := line.Cost()
		e.revenue = e.revenue.add(-1, cost.Currency, cost.Amount.Neg())
	}
}

func orderOf(phone string, time, source, at, number int64) uint64 {
	return sumOfKeys(phone, numbers(time, source, at, number))
}

// OrderByPhone adds a row of the orders, if there is a table of orders by their phones, and OrderOf
// one of that table.
func (e *Examination) OrderByPhone(o *Order, number int64) {
	if o.Phone != "" {
		e.orders += orderOf(o.Phone, o.Time, o.Source, o.At, number)
	}
}

func (e *Examination) OrderOf(phone string, time, source, at, number int64) {
	e.ordersOfCustomers += orderOf(phone, time, source, at, number)
}

// Batch adds a row. The batches come before the sources.
func (e *Examination) Batch(source int64) { e.batches[source]++ }

// Source adds a source.
func (e *Examination) Source(p *store.Progress) {
	e.Health.Sources++
	if !p.Done {
		e.Health.Unfinished++
	}
	e.greatestSource = max(e.greatestSource, p.Number)
	if !e.unread["batches"] && e.bad["batches"] == 0 && e.batches[p.Number] != p.Batches {
		e.Fault("source %d has counted %d batches, and the store has %d of it", p.Number, p.Batches, e.batches[p.Number])
	}
	delete(e.batches, p.Number)
}

// LastNumber is the number that a source or a group got last.
func (e *Examination) LastNumber(n int64) { e.lastNumber = n }

// Finish compares what must agree. Totals are those that the store has; nil if they cannot be read.
func (e *Examination) Finish(totals map[string]Total) {
	isWhole := func(tables ...string) bool {
		for _, table := range tables {
			if e.unread[table] || e.bad[table] > 0 {
				return false
			}
		}
		return true
	}
	for _, table := range []string{CustomersTable, NamesTable, ItemsTable, PricesTable, HoursTable, OrdersTable} {
		if totals != nil && isWhole(table) && e.total(table).Verify(totals[table]) != nil {
			e.Fault("the table %s has other rows than were stored: %d instead of %d", table, e.total(table).Rows, totals[table].Rows)
		}
	}
	if e.strangers > 0 && isWhole("shops") {
		e.Fault("orders are of shops that are not there: %d", e.strangers)
	}
	if len(e.batches) > 0 && isWhole("sources") {
		e.Fault("there are batches of sources that are not there")
	}
	if e.lastNumber < e.greatestSource && isWhole("numbers", "sources") {
		e.Fault("the number that was given last is less than that of a source")
	}
	for _, pair := range []struct {
		agree bool
		of    []string
		say   string
	}{
		{e.names == e.namesOfCustomers, []string{CustomersTable, NamesTable}, "the names by which customers are found are not those of the customers"},
		{e.orders == e.ordersOfCustomers, []string{OrdersTable, "orders_of_customers"}, "the orders that are found by their customers are not those that are there"},
		{e.customers == e.standing, []string{CustomersTable, OrdersTable}, "the customers do not have the orders that are there"},
		{e.items == e.lines, []string{ItemsTable, OrdersTable}, "the items do not have the lines of the orders that are there"},
		{e.prices == e.linesAt, []string{PricesTable, OrdersTable}, "the prices of items are not those of the orders that are there"},
		{len(e.revenue) == 0, []string{ItemsTable, OrdersTable}, "what the items have brought is not what the orders say that are there"},
	} {
		if !pair.agree && isWhole(pair.of...) {
			e.Fault("%s", pair.say)
		}
	}
}
