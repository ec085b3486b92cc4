package fold

import (
	"process-orders/internal/columns"
	"process-orders/internal/table"
)

// A digest folds the lines of one chunk by item, before they go to the table. A shop sells
// the same items over and over. So the table gets a few hundred items instead of a chunk's
// thousands of lines. The result is the same by the law of the fold: the lines of a chunk
// are folded first, and then folded in.
//
// What is first and last in a chunk is so by the order in which lines come to the digest. If
// orders are versioned, their lines come by version, and not as the chunk has them: lists
// that have the newest order first are common.
//
// It is a hash table that is small enough for the core's nearest cache. It compares names
// as words, without a branch that depends on their length.
type digest struct {
	slots [2 * digestItems]uint16 // the index of an item + 1
	count int
	items [digestItems]digestItem
}

const (
	digestBits  = 11
	digestItems = 1 << digestBits
)

// A digestItem is an item with a name of up to table.WordBytes bytes.
type digestItem struct {
	words       [table.WordBytes / 8]uint64
	length      uint32
	count       uint32
	first, last uint32 // of its lines
}

// fold folds the lines j with from <= j < to, which are those of all orders that are being
// folded, into t.
func (d *digest) fold(a *Accumulator, c *columns.Orders, from, to int, t *table.Table) {
	a.entries = a.entries[:0]
	if a.versioned && len(a.versions.sorted) > 0 {
		for _, i := range a.versions.sorted {
			first, end := c.LineRange(a.versions.from + i)
			d.add(a, c, first, end)
		}
	} else {
		d.add(a, c, from, to)
	}
	d.empty(a, c)
	a.into(t, c, nil)
}

// add adds the lines j with from <= j < to. They are later than all that were added before.
func (d *digest) add(a *Accumulator, c *columns.Orders, from, to int) {
	for j := from; j < to; j++ {
		span := c.ItemSpan(j)
		name := c.Text(span)
		if len(name) > table.WordBytes {
			at := a.lineAt(c, j)
			a.entries = append(a.entries, entry{table.Hash(name), span, c.PriceSpan(j), at, at, CountOf(a.uncounted, j)})
			continue
		}
		w0, w1, w2, w3 := table.Words(name)
		n := uint32(len(name))
		slot := table.QuickHash(w0, w1, w2, w3, uint64(n)) >> (64 - digestBits - 1)
		for {
			s := &d.slots[slot%uint64(len(d.slots))]
			if *s == 0 {
				d.items[d.count] = digestItem{[...]uint64{w0, w1, w2, w3}, n, uint32(CountOf(a.uncounted, j)), uint32(j), uint32(j)}
				d.count++
				*s = uint16(d.count)
				if d.count == digestItems {
					d.empty(a, c)
				}
				break
			}
			i := &d.items[(*s-1)%digestItems]
			if (i.words[0]^w0)|(i.words[1]^w1)|(i.words[2]^w2)|(i.words[3]^w3) == 0 && i.length == n {
				i.count += uint32(CountOf(a.uncounted, j))
				i.last = uint32(j)
				break
			}
			slot++
		}
	}
}

// empty moves the digest's items to the entries.
func (d *digest) empty(a *Accumulator, c *columns.Orders) {
	for i := range d.items[:d.count] {
		e := &d.items[i]
		last := int(e.last)
		key := c.ItemSpan(last)
		a.entries = append(a.entries, entry{
			table.Hash(c.Text(key)), key, c.PriceSpan(last),
			a.lineAt(c, int(e.first)), a.lineAt(c, last), int64(e.count),
		})
	}
	d.slots = [len(d.slots)]uint16{}
	d.count = 0
}
