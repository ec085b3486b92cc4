package records

import "process-orders/orders"

// A folder folds batches into records. Several may work on the same records.
type folder struct {
	digest  digest
	entries []entry  // of the batch
	byPart  []uint32 // their numbers, by the table's part that they belong to
	group   [groupSize]lookup
	batches int
	grown   int64 // by so many bytes the records have grown
}

// An entry is one thing to fold in: a key that came some times, first at one place
// of the input, and last with that text at another.
type entry struct {
	hash      uint64
	key, text orders.Span
	first, at int64
	times     int64
}

// fold folds in a batch.
func (f *folder) fold(r *Records, b *orders.Batch) {
	f.entries = f.entries[:0]
	for i := range b.Len() {
		key, at := b.PhoneSpan(i), b.Position(i)
		f.entries = append(f.entries, entry{hashOf(b.Text(key)), key, b.NameSpan(i), at, at, 1})
	}
	f.into(&r.Customers.table, b)
	f.digest.fold(f, b, &r.Items.table)
	f.batches++
}

// into folds the entries into t. They are sorted by the table's parts first, so
// that each part is taken once, and is in the core's cache while it is.
func (f *folder) into(t *table, b *orders.Batch) {
	var ends [partCount]uint32
	for i := range f.entries {
		ends[f.entries[i].hash>>(64-partBits)]++
	}
	sum := uint32(0)
	for i, n := range ends {
		ends[i] = sum
		sum += n
	}
	if cap(f.byPart) < len(f.entries) {
		f.byPart = make([]uint32, cap(f.entries))
	}
	f.byPart = f.byPart[:len(f.entries)]
	for i := range f.entries {
		end := &ends[f.entries[i].hash>>(64-partBits)]
		f.byPart[*end] = uint32(i)
		*end++
	}
	// Not everybody begins with the same part.
	for i := range partCount {
		n := (i + f.batches*7) % partCount
		from := uint32(0)
		if n > 0 {
			from = ends[n-1]
		}
		if numbers := f.byPart[from:ends[n]]; len(numbers) > 0 {
			f.intoPart(&t.parts[n], b, numbers, t.counted)
		}
	}
}

func (f *folder) intoPart(p *part, b *orders.Batch, numbers []uint32, counted bool) {
	p.Lock()
	defer p.Unlock()
	before := p.bytes()
	for len(numbers) > 0 {
		n := min(len(numbers), groupSize)
		for i, number := range numbers[:n] {
			e := &f.entries[number]
			f.group[i].prepare(b.Text(e.key), e.hash)
		}
		p.seek(f.group[:n])
		for i, number := range numbers[:n] {
			e := &f.entries[number]
			p.add(&f.group[i], b.Text(e.text), e.first, e.at, e.times, counted)
		}
		numbers = numbers[n:]
	}
	f.grown += p.bytes() - before
}

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

// fold folds a batch's lines into t.
func (d *digest) fold(f *folder, b *orders.Batch, t *table) {
	f.entries = f.entries[:0]
	for j := range b.Lines() {
		span := b.ItemSpan(j)
		name := b.Text(span)
		if len(name) > wordBytes {
			at := b.LinePosition(j)
			f.entries = append(f.entries, entry{hashOf(name), span, b.PriceSpan(j), at, at, 1})
			continue
		}
		w0, w1, w2, w3 := words(name)
		n := uint32(len(name))
		hash := w0*secrets[0] + w1*secrets[1] + w2*secrets[2] + w3*secrets[3] + uint64(n)*secrets[0]
		at := hash >> (64 - digestBits - 1)
		for {
			slot := &d.slots[at%uint64(len(d.slots))]
			if *slot == 0 {
				d.items[d.count] = digestItem{[...]uint64{w0, w1, w2, w3}, n, 1, uint32(j), uint32(j)}
				d.count++
				*slot = uint16(d.count)
				if d.count == digestItems {
					d.empty(f, b)
				}
				break
			}
			i := &d.items[(*slot-1)%digestItems]
			if (i.words[0]^w0)|(i.words[1]^w1)|(i.words[2]^w2)|(i.words[3]^w3) == 0 && i.length == n {
				i.orders++
				i.last = uint32(j)
				break
			}
			at++
		}
	}
	d.empty(f, b)
	f.into(t, b)
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
