// Package fold folds orders into two tables: customers by phone and items by name.
//
// An [Accumulator] does it for one goroutine. Several may fold into the same tables at once,
// and the result does not depend on which of them folds what, because a table keeps the
// position of what it holds, or its version.
package fold

import (
	"process-orders/internal/columns"
	"process-orders/internal/table"
)

// An Accumulator folds columns of orders into tables. The zero value counts the lines of
// items, and folds no details.
type Accumulator struct {
	// OncePerOrder counts an item once for each order, however often the order lists it. A
	// line with a negative quantity, which takes a sale back, is never counted.
	OncePerOrder bool
	// KeepItems says that Fold may keep what it folds of items, for the next Fold with the same
	// table, until Flush. Most lines are of items that earlier ones had too.
	KeepItems bool
	// Details folds the details of tables that keep them. It must be nil for tables that
	// keep none.
	Details Details
	// Grown is how many bytes the tables have grown by. The caller may set it to 0.
	Grown int64

	digest    digest
	versioned bool // whether the orders that are being folded are
	versions  versions
	firstLine int      // of the orders that are being folded
	entries   []entry  // of the orders that are being folded
	sources   []source // of the details of the entries, if those are items and details are folded
	byShard   []uint32 // their indexes, sorted by the shard of the table
	group     [table.GroupSize]table.Lookup
	folds     int   // so far
	taken     []int // the numbers of shards that others hold
	// uncounted reports for each line whether it is not counted: because it is a refund,
	// or, with OncePerOrder, because its order listed the item before. It is empty if all
	// lines are counted.
	uncounted    []bool
	withCustomer []uint32 // of the orders that are being folded: the indexes of those that make a customer
}

// Details fold what tables keep of a customer and an item beyond their records. They belong
// to one [Accumulator].
type Details interface {
	// Prepare is called first. The orders i with from <= i < to are to be folded.
	Prepare(c *columns.Orders, from, to int)
	// Item folds the j-th line of these orders into its item's detail. It is called with
	// the lock of the detail's shard. Each line comes once, to Item or to Items.
	Item(c *columns.Orders, d table.Detail, j int)
	// Items folds the lines from the j-th on, one for each number, into details that it
	// keeps by these numbers. Those of a number come by position, or by version if orders are
	// versioned, until Take.
	Items(c *columns.Orders, numbers []uint16, j int)
	// Take returns the detail of a number, and keeps it no more. It is nil if no line came, and
	// valid until the next one comes.
	Take(number int) table.Detail
	// Complete is called when all lines have come.
	Complete(c *columns.Orders)
	// Customers folds some of the orders, by their indexes among those that are being folded,
	// into the details of their customers, whose records have these numbers. The shard is
	// locked. It is called last.
	Customers(s *table.Shard, numbers, orders []uint32)
}

// An entry is a key to fold in, with how often it came, its first position, and its last
// position and text. If orders are versioned it has
// handles instead of positions.
type entry struct {
	hash      uint64
	key, text columns.Span
	first, at int64
	count     int64
}

// Fold folds in the orders i with from <= i < to; those that are skipped make no customer.
// If c is versioned both tables must keep versions.
func (a *Accumulator) Fold(customers, items *table.Table, c *columns.Orders, from, to int) {
	if from >= to {
		return
	}
	if a.versioned = c.Versioned; a.versioned {
		if !customers.HasVersions() || !items.HasVersions() {
			panic("fold: versions for a table that keeps none")
		}
		a.versions.prepare(c, from, to)
	}
	if a.Details != nil {
		a.Details.Prepare(c, from, to)
	}
	if a.uncounted = a.uncounted[:0]; a.OncePerOrder || c.HasRefunds {
		a.findUncounted(c, from, to)
	}
	// Lines come first: they are still near the core, and customers push them out.
	first, _ := c.LineRange(from)
	_, end := c.LineRange(to - 1)
	a.firstLine = first
	a.digest.fold(a, c, first, end, items)
	if a.Details != nil {
		a.Details.Complete(c)
	}
	n := to - from
	if cap(a.entries) < n {
		a.entries = make([]entry, n, n+n/4)
	}
	a.entries = a.entries[:n]
	for i := from; i < to; i++ {
		key, at := c.PhoneSpan(i), c.Position(i)
		e := &a.entries[i-from]
		e.hash, e.key, e.text, e.first, e.at, e.count = table.Hash(c.Text(key)), key, c.NameSpan(i), at, at, 1
	}
	if a.versioned {
		for i := range a.entries {
			handle := a.versions.handle(i, 0)
			a.entries[i].first, a.entries[i].at = handle, handle
		}
	}
	details := a.customerDetails()
	if c.HasNoPhone || c.HasIDs {
		details = a.dropNoCustomer(c, from, details)
	}
	a.into(customers, c, details)
	a.folds++
}

// Flush folds in the items that were kept. It must be called before they are read.
func (a *Accumulator) Flush(items *table.Table) {
	a.clear()
	a.digest.flush(a, items)
}

// clear forgets the entries.
func (a *Accumulator) clear() { a.entries, a.sources = a.entries[:0], a.sources[:0] }

// keeps reports whether items may be kept: not if their versions refer to the orders' texts.
func (a *Accumulator) keeps() bool { return a.KeepItems && !a.versioned }

// customerDetails is what folds the details of customers, nil if there are none.
func (a *Accumulator) customerDetails() foldDetails {
	if a.Details == nil {
		return nil
	}
	return a.Details.Customers
}

// dropNoCustomer drops the entries of orders that make no customer: those without a phone,
// and those that are skipped. It returns what folds the details of the others: fold, with
// the number of their order.
func (a *Accumulator) dropNoCustomer(c *columns.Orders, from int, fold foldDetails) foldDetails {
	a.withCustomer = a.withCustomer[:0]
	for i := range a.entries {
		if a.entries[i].key != 0 && !c.IsSkipped(from+i) {
			a.entries[len(a.withCustomer)] = a.entries[i]
			a.withCustomer = append(a.withCustomer, uint32(i))
		}
	}
	a.entries = a.entries[:len(a.withCustomer)]
	if fold == nil {
		return nil
	}
	return func(s *table.Shard, numbers, indexes []uint32) {
		var orders [table.GroupSize]uint32
		for i, index := range indexes {
			orders[i] = a.withCustomer[index]
		}
		fold(s, numbers, orders[:len(indexes)])
	}
}

// A source is where the detail of an entry comes from: the number of a line among those that
// are being folded or, if it is negative, what the digest has of the item with the number ^source.
type source int32

// itemDetails is what folds the details of items, nil if there are none.
func (a *Accumulator) itemDetails(c *columns.Orders) foldDetails {
	if a.Details == nil {
		return nil
	}
	return func(s *table.Shard, numbers, indexes []uint32) {
		for i, index := range indexes {
			s.Change(numbers[i], func(d table.Detail) {
				if from := a.sources[index]; from >= 0 {
					a.Details.Item(c, d, int(from))
				} else if kept := a.Details.Take(int(^from)); kept != nil {
					d.Merge(kept, 0)
				}
			})
		}
	}
}

// addLines adds the lines j with from <= j < to to the entries.
func (a *Accumulator) addLines(c *columns.Orders, from, to int) {
	for j := from; j < to; j++ {
		key, at := c.ItemSpan(j), a.lineAt(c, j)
		a.addItem(entry{table.Hash(c.Text(key)), key, c.PriceSpan(j), at, at, CountOf(a.uncounted, j)}, source(j-a.firstLine))
	}
}

// addItem adds an entry that is an item.
func (a *Accumulator) addItem(e entry, from source) {
	a.entries = append(a.entries, e)
	if a.Details != nil {
		a.sources = append(a.sources, from)
	}
}

// lineAt is the position of the j-th line, or its handle if the orders are versioned.
func (a *Accumulator) lineAt(c *columns.Orders, j int) int64 {
	if a.versioned {
		return a.versions.lineHandle(c, j)
	}
	return c.LinePosition(j)
}

// foldDetails folds the details of entries, by their indexes, into those of the records of a
// shard that have these numbers.
type foldDetails func(s *table.Shard, numbers, indexes []uint32)

// into folds the entries into t. It sorts them by the table's shards first, so that each
// shard is locked once, and is in the core's cache while it is locked.
func (a *Accumulator) into(t *table.Table, c *columns.Orders, details foldDetails) {
	var ends [table.ShardCount]uint32
	for i := range a.entries {
		ends[table.ShardOf(a.entries[i].hash)]++
	}
	sum := uint32(0)
	for i, n := range ends {
		ends[i] = sum
		sum += n
	}
	if cap(a.byShard) < len(a.entries) {
		a.byShard = make([]uint32, cap(a.entries))
	}
	a.byShard = a.byShard[:len(a.entries)]
	for i := range a.entries {
		end := &ends[table.ShardOf(a.entries[i].hash)]
		a.byShard[*end] = uint32(i)
		*end++
	}
	indexesOf := func(n int) []uint32 {
		if n == 0 {
			return a.byShard[:ends[0]]
		}
		return a.byShard[ends[n-1]:ends[n]]
	}
	// Accumulators start with different shards, so that they do not wait for each other. A
	// shard that is taken all the same comes last.
	a.taken = a.taken[:0]
	for i := range table.ShardCount {
		n := (i + a.folds*7) % table.ShardCount
		indexes := indexesOf(n)
		if len(indexes) == 0 {
			continue
		}
		s := t.Shard(n)
		if !s.TryLock() {
			a.taken = append(a.taken, n)
			continue
		}
		a.intoShard(s, c, indexes, details)
	}
	for _, n := range a.taken {
		t.Shard(n).Lock()
		a.intoShard(t.Shard(n), c, indexesOf(n), details)
	}
}

// intoShard folds entries into a shard that is locked, and unlocks it.
func (a *Accumulator) intoShard(s *table.Shard, c *columns.Orders, indexes []uint32, details foldDetails) {
	defer s.Unlock()
	before := s.Bytes()
	var numbers [table.GroupSize]uint32
	for len(indexes) > 0 {
		n := min(len(indexes), table.GroupSize)
		for i, index := range indexes[:n] {
			e := &a.entries[index]
			a.group[i].Prepare(c.Text(e.key), e.hash)
		}
		s.Seek(a.group[:n])
		for i, index := range indexes[:n] {
			e := &a.entries[index]
			if a.versioned {
				first, at := a.versions.at(e.first), a.versions.at(e.at)
				numbers[i] = s.AddVersion(&a.group[i], c.Text(e.text), &first, &at, e.count)
			} else {
				numbers[i] = s.Add(&a.group[i], c.Text(e.text), e.first, e.at, e.count)
			}
		}
		if details != nil {
			details(s, numbers[:n], indexes[:n])
		}
		indexes = indexes[n:]
	}
	a.Grown += s.Bytes() - before
}
