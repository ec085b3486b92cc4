package records

import "process-orders/orders"

// A digest folds the lines of one batch by item, before they come to the table.
// A shop sells the same items over and over, so of a batch's thousands of lines
// the table sees the few hundred items that are in them. By the law this is the
// same: the lines of a batch, folded, are folded in.
//
// It is a hash table that is small enough for the core's nearest cache, and that
// compares names as words, without a branch that depends on their length.
type digest struct {
	slots [2 * digestItems]uint16 // the number of an entry + 1
	count int
	items [digestItems]digestItem
}

const (
	digestBits  = 11
	digestItems = 1 << digestBits
)

// A digestItem is an item with a name of up to wordBytes bytes.
type digestItem struct {
	words       [wordBytes / 8]uint64
	length      uint32
	orders      uint32
	first, last uint32 // of its lines in the batch
}

// fold folds a batch's lines from one on up to another into t.
func (d *digest) fold(f *folder, b *orders.Batch, from, to int, t *table) {
	f.entries = f.entries[:0]
	for j := from; j < to; j++ {
		span := b.ItemSpan(j)
		name := b.Text(span)
		if len(name) > wordBytes {
			at := b.LinePosition(j)
			f.entries = append(f.entries, entry{hashOf(name), span, b.PriceSpan(j), at, at, f.counts(j)})
			continue
		}
		w0, w1, w2, w3 := words(name)
		n := uint32(len(name))
		hash := w0*secrets[0] + w1*secrets[1] + w2*secrets[2] + w3*secrets[3] + uint64(n)*secrets[0]
		at := hash >> (64 - digestBits - 1)
		for {
			slot := &d.slots[at%uint64(len(d.slots))]
			if *slot == 0 {
				d.items[d.count] = digestItem{[...]uint64{w0, w1, w2, w3}, n, uint32(f.counts(j)), uint32(j), uint32(j)}
				d.count++
				*slot = uint16(d.count)
				if d.count == digestItems {
					d.empty(f, b)
				}
				break
			}
			i := &d.items[(*slot-1)%digestItems]
			if (i.words[0]^w0)|(i.words[1]^w1)|(i.words[2]^w2)|(i.words[3]^w3) == 0 && i.length == n {
				i.orders += uint32(f.counts(j))
				i.last = uint32(j)
				break
			}
			at++
		}
	}
	d.empty(f, b)
	f.into(t, b, nil)
}

// empty makes entries of what the digest has.
func (d *digest) empty(f *folder, b *orders.Batch) {
	for i := range d.items[:d.count] {
		e := &d.items[i]
		last := int(e.last)
		key := b.ItemSpan(last)
		f.entries = append(f.entries, entry{
			hashOf(b.Text(key)), key, b.PriceSpan(last),
			b.LinePosition(int(e.first)), b.LinePosition(last), int64(e.orders),
		})
	}
	d.slots = [len(d.slots)]uint16{}
	d.count = 0
}
