package fold_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/internal/columns"
	"process-orders/internal/fold"
	"process-orders/internal/table"
)

// A purchase is a line of a chunk, and what its item should be known by.
type purchase struct {
	item, price string
	isRefund    bool
}

// randomPurchases are the lines of one order. The greater the menu is, the more of its items
// are new.
func randomPurchases(random *rand.Rand, menu int) (lines []purchase) {
	for range 1 + random.IntN(40) {
		n := random.IntN(menu)
		item := fmt.Sprint("Item ", n)
		switch n % 8 {
		case 0: // the same start, end and length
			item = fmt.Sprintf("A pizza %012d for two", n)
		case 1: // all lengths up to those that are too long, and zero bytes
			item = strings.Repeat("\x00", n%67) + string(rune('a'+n%2))
		case 2: // the same but for the length
			item = strings.Repeat("\x00", n%35)
		case 3: // one hash
			item = collidingName(n % 99)
		case 4: // one byte is different
			b := []byte("0123456789abcdef0123456789abcdef")
			b[n%32] = byte(n % 128)
			item = string(b)
		}
		price := fmt.Sprint(random.IntN(90))
		if random.IntN(8) == 0 {
			price += "." + strings.Repeat("0", random.IntN(40))
		}
		lines = append(lines, purchase{item, price, random.IntN(10) == 0})
	}
	return lines
}

// collidingName is one of many names that are different at the end. In a digest whose first
// secret is collidingSecret they have the same hash.
func collidingName(n int) string {
	return fmt.Sprintf("Item bad12345678%s%02d", strings.Repeat("\x00", 8), n)
}

var collidingSecret = binary.LittleEndian.Uint64([]byte("Item bad"))

// chunkOf fills columns with orders, as the reader of orders does. Some texts are in the arena.
func chunkOf(random *rand.Rand, from int64, all [][]purchase) *columns.Orders {
	c := &columns.Orders{From: from, HasNoPhone: true, HasRefunds: random.IntN(2) == 0}
	text := func(s string) columns.Span {
		if random.IntN(3) == 0 {
			at := len(c.Arena)
			c.Arena = append(c.Arena, s...)
			return columns.NewSpan(at, len(c.Arena)) | columns.InArena
		}
		at := len(c.Data)
		c.Data = append(c.Data, s...)
		return columns.NewSpan(at, len(c.Data))
	}
	c.Data = append(c.Data, '[')
	for _, lines := range all {
		o := columns.Order{Start: uint32(len(c.Data))}
		for _, l := range lines {
			c.Data = append(c.Data, ',')
			var quantity columns.Span
			at := uint32(len(c.Data))
			if l.isRefund {
				quantity = text("-1")
			}
			c.LineDetails = append(c.LineDetails, columns.LineDetail{Quantity: quantity})
			price := text(l.price)
			c.AllLines = append(c.AllLines, columns.Line{Item: text(l.item), Price: price, At: at})
		}
		o.Lines, o.End = uint32(len(c.AllLines)), uint32(len(c.Data))
		c.All = append(c.All, o)
	}
	c.Data, c.Arena = c.Data[:len(c.Data):len(c.Data)], c.Arena[:len(c.Arena):len(c.Arena)]
	return c
}

// A sum is what a table should have of an item.
type sum struct {
	first, at, count int64
	price            string
}

// positions folds the positions of lines as details of items.
type positions struct {
	keep
	firstLine int
}

func (p *positions) Prepare(c *columns.Orders, from, _ int) {
	p.firstLine, _ = c.LineRange(from)
}
func (*positions) Complete(*columns.Orders)                   {}
func (*positions) Customers(*table.Shard, []uint32, []uint32) {}
func (p *positions) Item(c *columns.Orders, d table.Detail, j int) {
	d.(*details).see(c.LinePosition(p.firstLine + j))
}
func (p *positions) Items(c *columns.Orders, numbers []uint16, j int) {
	for i, n := range numbers {
		p.Item(c, p.at(n), j+i)
	}
}

// addTo adds a chunk line by line, in the plainest way.
func addTo(sums map[string]sum, c *columns.Orders, all [][]purchase, once bool) {
	j := 0
	for _, lines := range all {
		counted := map[string]bool{}
		for _, l := range lines {
			at := c.LinePosition(j)
			s, ok := sums[l.item]
			if !ok || at < s.first {
				s.first = at
			}
			if !ok || at > s.at {
				s.at, s.price = at, l.price
			}
			if !(c.HasRefunds && l.isRefund || once && counted[l.item]) {
				s.count++
				counted[l.item] = true
			}
			sums[l.item] = s
			j++
		}
	}
}

// What a digest folds is what its lines are one by one: whoever folds which chunk, in whatever
// order and parts, with items that are kept and without.
func TestDigest(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	setSecret(t)
	for range 25 {
		menu := []int{5, 300, 3000, 1 << 30}[random.IntN(4)]
		once := random.IntN(2) == 0
		sums, linesOf := map[string]sum{}, map[string]int{}
		customers, items := new(table.Table), new(table.Table)
		items.KeepCounts()
		hasDetails := random.IntN(2) == 0
		if hasDetails {
			table.KeepDetails[details](customers)
			table.KeepDetails[details](items)
		}
		if random.IntN(2) == 0 {
			customers.KeepVersions()
			items.KeepVersions()
		}
		accumulators := make([]fold.Accumulator, 1+random.IntN(3))
		for i := range accumulators {
			accumulators[i].OncePerOrder, accumulators[i].KeepItems = once, random.IntN(4) > 0
			if hasDetails {
				accumulators[i].Details = &positions{keep: keep{}}
			}
		}
		chunks := 1 + random.IntN(8)
		for _, n := range random.Perm(chunks) {
			var all [][]purchase
			for range random.IntN(400) {
				all = append(all, randomPurchases(random, menu))
			}
			c := chunkOf(random, int64(n)<<30, all)
			if items.HasVersions() {
				c.Versioned = random.IntN(2) == 0
			}
			addTo(sums, c, all, once)
			for j := range c.Lines() {
				linesOf[string(c.Item(j))]++
			}
			a := &accumulators[random.IntN(len(accumulators))]
			for from := 0; from < len(all); {
				to := min(len(all), from+1+random.IntN(len(all)))
				a.Fold(customers, items, c, from, to)
				from = to
			}
		}
		for i := range accumulators {
			accumulators[i].Flush(items)
			accumulators[i].Flush(items) // has nothing to do
		}
		if items.Len() != len(sums) {
			t.Fatalf("menu %d: %d items, want %d", menu, items.Len(), len(sums))
		}
		for r := range items.All() {
			want := sums[string(r.Key())]
			got := sum{r.First(), r.TextAt(), r.Count(), string(r.Text())}
			if items.HasVersions() {
				got.first, got.at = want.first, want.at // that is another test's
			}
			if got != want {
				t.Fatalf("menu %d: %q has %v, want %v", menu, r.Key(), got, want)
			}
			if hasDetails && len(r.Detail().(*details).seen) != linesOf[string(r.Key())] {
				t.Fatalf("menu %d: %q has details of %d lines, want %d", menu, r.Key(), len(r.Detail().(*details).seen), linesOf[string(r.Key())])
			}
		}
	}
}

// setSecret sets the digest's first secret for one test.
func setSecret(t *testing.T) {
	before := *fold.DigestSecrets
	t.Cleanup(func() { *fold.DigestSecrets = before })
	fold.DigestSecrets[0] = collidingSecret
}

// Names that were prepared to collide take no more than so many probes: the others are not in
// the digest.
func TestCollidingNames(t *testing.T) {
	setSecret(t)
	var lines []purchase
	for n := range 297 {
		lines = append(lines, purchase{item: collidingName(n % 99), price: "1"})
	}
	customers, items := new(table.Table), new(table.Table)
	a := fold.Accumulator{KeepItems: true}
	a.Fold(customers, items, chunkOf(rand.New(rand.NewPCG(1, 1)), 0, [][]purchase{lines}), 0, 1)
	if kept := fold.DigestCount(&a); kept != 32 || items.Len() != 99-32 {
		t.Errorf("%d items are kept and %d are not, want 32 of 99", kept, items.Len())
	}
}

// Lines that each have an item of their own are all there, before the digest rests, while it
// does, and afterwards.
func TestDigestRests(t *testing.T) {
	var lines []purchase
	for n := range 80_000 {
		lines = append(lines, purchase{item: fmt.Sprint("Item ", n), price: "1"})
	}
	customers, items := new(table.Table), new(table.Table)
	a := fold.Accumulator{KeepItems: true}
	a.Fold(customers, items, chunkOf(rand.New(rand.NewPCG(1, 1)), 0, [][]purchase{lines}), 0, 1)
	a.Flush(items)
	if items.Len() != len(lines) {
		t.Errorf("%d items, want %d", items.Len(), len(lines))
	}
}
