package fold_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// A sale is one order of a chunk.
type sale struct {
	phone, name, id string
	placed, first   int64
	skipped         bool
	lines           []line
}

type line struct{ item, price string }

// randomSales are orders of one chunk: some with the newest first, some in any order. No two
// have the same id.
func randomSales(random *rand.Rand, n, items int) (all []sale) {
	for i := range n {
		s := sale{phone: fmt.Sprint("555-01", random.IntN(1+n/3)), first: -1, placed: timestamp.None}
		if random.IntN(4) > 0 {
			s.name = fmt.Sprint("Name ", random.IntN(50))
		}
		if random.IntN(5) > 0 {
			s.placed = int64(random.IntN(n)) * 1000
		}
		if random.IntN(4) > 0 {
			s.id = fmt.Sprint(strings.Repeat("x", random.IntN(2)*25), i)
		}
		switch random.IntN(12) {
		case 0:
			s.phone = ""
		case 1:
			s.skipped = true
		}
		if s.id != "" && !s.skipped && random.IntN(8) == 0 {
			s.first = int64(n - i) // before the chunk, and no other one has it
		}
		for range random.IntN(5) {
			item := fmt.Sprint("Item ", random.IntN(items))
			if random.IntN(5) == 0 {
				item += " of a name that is longer than the words that a digest has"
			}
			if !s.skipped {
				s.lines = append(s.lines, line{item, fmt.Sprint(random.IntN(90))})
			}
		}
		all = append(all, s)
	}
	newer := func(a, b sale) int { return cmp.Compare(b.placed, a.placed) }
	if random.IntN(2) == 0 {
		slices.SortStableFunc(all, newer)
	}
	return all
}

// columnsOf fills columns as the reader of orders does.
func columnsOf(all []sale, byTime bool) *columns.Orders {
	c := &columns.Orders{From: 10_000, HasIDs: true, HasTimes: true, HasNoPhone: true, ByTime: byTime, Versioned: true}
	text := func(s string) columns.Span {
		if s == "" {
			return 0
		}
		from := len(c.Data)
		c.Data = append(c.Data, s...)
		return columns.NewSpan(from, len(c.Data))
	}
	c.Data = append(c.Data, "data"...)
	for i, s := range all {
		start := len(c.Data)
		o := columns.Order{Start: uint32(start), Phone: text(s.phone), Name: text(s.name), Number: uint32(i)}
		d := columns.Detail{ID: text(s.id), First: s.first}
		o.Placed = s.placed
		if s.skipped {
			d.Skipped = 1
		}
		for _, l := range s.lines {
			at := len(c.Data)
			c.AllLines = append(c.AllLines, columns.Line{Item: text(l.item), Price: text(l.price), At: uint32(at)})
			c.LineDetails = append(c.LineDetails, columns.LineDetail{})
		}
		c.Data = append(c.Data, ',')
		o.Lines, o.End = uint32(len(c.AllLines)), uint32(len(c.Data))
		c.All, c.Details = append(c.All, o), append(c.Details, d)
	}
	return c
}

// A fact is what a table should have of a key.
type fact struct {
	text            string
	first, textFrom []byte
	count           int64
}

type facts map[string]*fact

func (f facts) add(key, text string, v version.Version) {
	at := v.AppendKey(nil)
	known := f[key]
	if known == nil {
		known = &fact{first: at}
		f[key] = known
	}
	known.count++
	if bytes.Compare(at, known.first) < 0 {
		known.first = at
	}
	if text != "" && (known.text == "" || bytes.Compare(at, known.textFrom) > 0) {
		known.text, known.textFrom = text, at
	}
}

// factsOf folds orders in the plainest way.
func factsOf(all []sale, c *columns.Orders) (customers, items facts) {
	customers, items = facts{}, facts{}
	for i, s := range all {
		v := version.Version{Time: timestamp.None}
		if c.ByTime {
			v.Time = s.placed
		}
		switch {
		case s.id != "" && v.Time != timestamp.None:
			v.Order = version.AppendID(nil, nil, []byte(s.id), nil)
		case s.first >= 0:
			v.Order = version.AppendPosition(nil, 0, s.first)
		default:
			v.Order = version.AppendPosition(nil, 0, c.Position(i))
		}
		if s.phone != "" && !s.skipped {
			customers.add(s.phone, s.name, v)
		}
		for j, l := range s.lines {
			v.Line = int64(j)
			items.add(l.item, l.price, v)
		}
	}
	return customers, items
}

func check(t *testing.T, what string, got *table.Table, want facts, counts bool) {
	t.Helper()
	if got.Len() != len(want) {
		t.Fatalf("%d %s, want %d", got.Len(), what, len(want))
	}
	for r := range got.All() {
		w := want[string(r.Key())]
		if w == nil {
			t.Fatalf("%s: %q too many", what, r.Key())
		}
		if string(r.Text()) != w.text || counts && r.Count() != w.count || !bytes.Equal(r.FirstVersion().AppendKey(nil), w.first) ||
			w.text != "" && !bytes.Equal(r.TextVersion().AppendKey(nil), w.textFrom) {
			t.Fatalf("%s: %q has %q from %v, %d times, first %v; want %q from %x, %d times, first %x", what, r.Key(),
				r.Text(), r.TextVersion(), r.Count(), r.FirstVersion(), w.text, w.textFrom, w.count, w.first)
		}
	}
}

// details are those of an item or a customer: the indexes that they were folded with.
type details struct{ seen map[int64]bool }

func (d *details) OtherText()               {}
func (d *details) Bytes() int64             { return 100 }
func (d *details) Append(dst []byte) []byte { return dst }
func (d *details) Decode([]byte)            {}

func (d *details) Merge(other table.Detail, _ int64) {
	for i := range other.(*details).seen {
		d.see(i)
	}
}

// see notes an index. None comes twice.
func (d *details) see(i int64) {
	if d.seen[i] {
		panic(fmt.Sprint("the detail ", i, " came twice"))
	}
	d.note(i)
}

// note notes an index, which may come again.
func (d *details) note(i int64) {
	if d.seen == nil {
		d.seen = map[int64]bool{}
	}
	d.seen[i] = true
}

// seeing folds details.
type seeing struct{ keep }

func (seeing) Prepare(*columns.Orders, int, int) {}
func (seeing) Complete(*columns.Orders)          {}
func (seeing) Customers(s *table.Shard, numbers, orders []uint32) {
	all := make([]*details, len(numbers))
	table.DetailsOf(s, numbers, all)
	for i, d := range all {
		d.note(int64(orders[i]))
	}
}
func (seeing) Item(_ *columns.Orders, d table.Detail, j int) { d.(*details).note(int64(j)) }
func (s seeing) Items(c *columns.Orders, numbers []uint16, j int) {
	for i, n := range numbers {
		s.Item(c, s.at(n), j+i)
	}
}

// A keep has details by number.
type keep map[uint16]*details

// at returns the detail of a number. If there is none it makes one.
func (k keep) at(n uint16) *details {
	if k[n] == nil {
		k[n] = new(details)
	}
	return k[n]
}

func (k keep) Take(number int) table.Detail {
	n := uint16(number)
	taken := k[n]
	delete(k, n)
	if taken == nil {
		return nil
	}
	return taken
}

// What an accumulator folds goes by version, however a chunk is sorted, and in however many
// parts it is folded, with the digest of its lines and without.
func TestFoldByVersion(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var plain, detailed fold.Accumulator
	detailed.Details = seeing{keep{}}
	for round := range 60 {
		n := []int{1, 10, 300, 2500}[random.IntN(4)]
		all := randomSales(random, n, []int{3, 40, 5000}[random.IntN(3)])
		c := columnsOf(all, round%2 == 0)
		wantCustomers, wantItems := factsOf(all, c)
		for _, a := range []*fold.Accumulator{&plain, &detailed} {
			var customers, items table.Table
			for _, to := range []*table.Table{&customers, &items} {
				to.KeepVersions()
				to.KeepCounts()
				if a == &detailed {
					table.KeepDetails[details](to)
				}
			}
			for from := 0; from < n; {
				to := min(n, from+1+random.IntN(n))
				a.Fold(&customers, &items, c, from, to)
				from = to
			}
			check(t, "customers", &customers, wantCustomers, true)
			check(t, "items", &items, wantItems, true)
		}
	}
}

// The details of customers are those of their own orders.
func TestDetailsWithoutSkipped(t *testing.T) {
	all := []sale{
		{phone: "1", id: "a", skipped: true, first: -1, placed: 1},
		{phone: "", id: "b", first: -1, placed: 2},
		{phone: "2", id: "c", first: -1, placed: 3},
	}
	var customers, items table.Table
	for _, to := range []*table.Table{&customers, &items} {
		to.KeepVersions()
		table.KeepDetails[details](to)
	}
	a := fold.Accumulator{Details: seeing{keep{}}}
	a.Fold(&customers, &items, columnsOf(all, true), 0, len(all))
	r, ok := customers.Get("2")
	if !ok || customers.Len() != 1 || !r.Detail().(*details).seen[2] {
		t.Errorf("%d customers, %v", customers.Len(), ok)
	}
}

// Versions for tables that do not keep them are a mistake of the program.
func TestVersionsForPlainTables(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("folded")
		}
	}()
	var customers, items table.Table
	customers.KeepVersions()
	new(fold.Accumulator).Fold(&customers, &items, columnsOf([]sale{{phone: "1", first: -1}}, true), 0, 1)
}
