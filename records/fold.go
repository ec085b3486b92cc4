package records

import (
	"process-orders/internal/columns"
	"process-orders/internal/table"
)

// An accumulator folds batches into records. Several may work on the same records, each in
// a goroutine of its own.
type accumulator struct {
	digest  digest
	entries []entry  // of the batch
	byShard []uint32 // their indexes, sorted by the table's shard that they belong to
	group   [table.GroupSize]table.Lookup
	batches int
	grown   int64 // the records have grown by so many bytes
	// repeats are the lines whose item the order listed before, if those are not counted.
	repeats []bool
	detailAccumulator
}

// An entry is one thing to fold in: a key that came count times, first at one position of
// the input, and last, with that text, at another.
type entry struct {
	hash      uint64
	key, text columns.Span
	first, at int64
	count     int64
}

// fold folds in a batch.
func (a *accumulator) fold(r *Records, b *columns.Orders) { a.foldRange(r, b, 0, b.Len()) }

// foldRange folds in a batch's orders from one on up to another.
func (a *accumulator) foldRange(r *Records, b *columns.Orders, from, to int) {
	if from >= to {
		return
	}
	detailed := r.Customers.table.HasDetails()
	if detailed {
		a.prepare(b, from, to)
	}
	if a.repeats = a.repeats[:0]; r.Items.count == CountOrders {
		a.findRepeats(b, from, to)
	}
	n := to - from
	if cap(a.entries) < n {
		a.entries = make([]entry, n, n+n/4)
	}
	a.entries = a.entries[:n]
	for i := from; i < to; i++ {
		key, at := b.PhoneSpan(i), b.Position(i)
		e := &a.entries[i-from]
		e.hash, e.key, e.text, e.first, e.at, e.count = table.Hash(b.Text(key)), key, b.NameSpan(i), at, at, 1
	}
	first, _ := b.LineRange(from)
	_, end := b.LineRange(to - 1)
	if detailed {
		a.into(&r.Customers.table, b, a.customer)
		a.foldLines(r, b, first, end)
	} else {
		a.into(&r.Customers.table, b, nil)
		a.digest.fold(a, b, first, end, &r.Items.table)
	}
	a.batches++
}

// foldLines folds in a batch's lines from one on up to another, each by itself, as each
// has a detail.
func (a *accumulator) foldLines(r *Records, b *columns.Orders, from, to int) {
	a.entries = a.entries[:0]
	for j := from; j < to; j++ {
		key, at := b.ItemSpan(j), b.LinePosition(j)
		a.entries = append(a.entries, entry{table.Hash(b.Text(key)), key, b.PriceSpan(j), at, at, countOf(a.repeats, j)})
	}
	a.into(&r.Items.table, b, a.item)
}

// A foldDetail folds the detail of an entry, by its index, into that of its key.
type foldDetail func(b *columns.Orders, d *detail, index int)

// into folds the entries into t. It sorts them by the table's shards first, so that each
// shard is locked once, and is in the core's cache while it is.
func (a *accumulator) into(t *table.Table, b *columns.Orders, details foldDetail) {
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
	// Accumulators start with different shards, so that they do not wait for each other.
	for i := range table.ShardCount {
		n := (i + a.batches*7) % table.ShardCount
		from := uint32(0)
		if n > 0 {
			from = ends[n-1]
		}
		if indexes := a.byShard[from:ends[n]]; len(indexes) > 0 {
			a.intoShard(t.Shard(n), b, indexes, details)
		}
	}
}

func (a *accumulator) intoShard(s *table.Shard, b *columns.Orders, indexes []uint32, details foldDetail) {
	s.Lock()
	defer s.Unlock()
	before := s.Bytes()
	for len(indexes) > 0 {
		n := min(len(indexes), table.GroupSize)
		for i, index := range indexes[:n] {
			e := &a.entries[index]
			a.group[i].Prepare(b.Text(e.key), e.hash)
		}
		s.Seek(a.group[:n])
		for i, index := range indexes[:n] {
			e := &a.entries[index]
			slot := s.Add(&a.group[i], b.Text(e.text), e.first, e.at, e.count)
			if details != nil {
				s.Change(slot, func(d table.Detail) { details(b, d.(*detail), int(index)) })
			}
		}
		indexes = indexes[n:]
	}
	a.grown += s.Bytes() - before
}
