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
	detailFolder
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
func (f *folder) fold(r *Records, b *orders.Batch) { f.foldRun(r, b, 0, b.Len()) }

// foldRun folds in a batch's orders from one on up to another. Details are folded
// in for all of a batch only.
func (f *folder) foldRun(r *Records, b *orders.Batch, from, to int) {
	f.entries = f.entries[:0]
	detailed := r.Customers.table.keep == keepDetails
	if detailed {
		f.prepare(b)
	}
	if f.repeats = f.repeats[:0]; r.Items.count == CountOrders {
		f.findRepeats(b)
	}
	n := to - from
	if cap(f.entries) < n {
		f.entries = make([]entry, n, n+n/4)
	}
	f.entries = f.entries[:n]
	for i := from; i < to; i++ {
		key, at := b.PhoneSpan(i), b.Position(i)
		e := &f.entries[i-from]
		e.hash, e.key, e.text, e.first, e.at, e.times = hashOf(b.Text(key)), key, b.NameSpan(i), at, at, 1
	}
	if detailed {
		f.into(&r.Customers.table, b, f.customer)
		f.foldLines(r, b)
	} else {
		f.into(&r.Customers.table, b, nil)
		if n > 0 {
			first, _ := b.LineRange(from)
			_, end := b.LineRange(to - 1)
			f.digest.fold(f, b, first, end, &r.Items.table)
		}
	}
	f.batches++
}

// foldLines folds in each line by itself, as each has a detail.
func (f *folder) foldLines(r *Records, b *orders.Batch) {
	f.entries = f.entries[:0]
	for j := range b.Lines() {
		key, at := b.ItemSpan(j), b.LinePosition(j)
		f.entries = append(f.entries, entry{hashOf(b.Text(key)), key, b.PriceSpan(j), at, at, f.counts(j)})
	}
	f.into(&r.Items.table, b, f.item)
}

// counts is how often the j-th line counts.
func (f *folder) counts(j int) int64 {
	if len(f.repeats) > 0 && f.repeats[j] {
		return 0
	}
	return 1
}

// A foldDetail folds the detail of an entry, by its number, into that of its key.
type foldDetail func(b *orders.Batch, d *detail, number int)

// into folds the entries into t. They are sorted by the table's parts first, so
// that each part is taken once, and is in the core's cache while it is.
func (f *folder) into(t *table, b *orders.Batch, details foldDetail) {
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
			f.intoPart(&t.parts[n], b, numbers, t.keep, details)
		}
	}
}

func (f *folder) intoPart(p *part, b *orders.Batch, numbers []uint32, keep keeps, details foldDetail) {
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
			n := p.add(&f.group[i], b.Text(e.text), e.first, e.at, e.times, keep)
			if details != nil {
				p.change(n, func(d *detail) { details(b, d, int(number)) })
			}
		}
		numbers = numbers[n:]
	}
	f.grown += p.bytes() - before
}
