package table

import (
	"context"
	"sync/atomic"

	"process-orders/internal/parallel"
)

// Compact merges all that is on disk with what is in memory, on so many cores. Then what is
// on disk is sorted and has each key once. Compact does nothing if that is so already, or
// if nothing is on disk.
//
// Reading a table compacts it too, and then no context can end that. Two goroutines must
// not do it at once. So compact a table that is on disk before several goroutines read it.
func (t *Table) Compact(ctx context.Context, workers int) error {
	d := t.disk
	if d == nil || d.compacted && t.inMemory() == 0 {
		return nil
	}
	d.compacted = false
	var largest int64
	for i := range d.segments {
		largest = max(largest, mergeBytes(d.segments[i], t.kept()))
	}
	workers = max(1, int(min(int64(workers), d.budget/max(1, largest))))
	// What is in memory can stay there, each shard until its turn comes, if what is merged
	// into it is small beside the budget.
	stay := int64(workers)*largest <= d.budget/8
	for i := 0; i < ShardCount && !stay; i++ {
		if _, err := d.spill(t, i); err != nil {
			return err
		}
	}
	old := d.file
	d.file = nil
	var count atomic.Int64
	err := parallel.Each(workers, ShardCount, func(i int) error {
		sorted, err := d.sort(ctx, t.shards[i:i+1], d.segments[i], shardBits)
		d.segments[i] = sorted
		for _, s := range sorted {
			count.Add(int64(s.count))
		}
		return err
	})
	if old != nil {
		_ = old.Close() // its space is free again
	}
	d.count, d.compacted = int(count.Load()), err == nil
	return err
}

// mergeBytes returns about how much memory it takes to merge segments, if they have no key
// in common.
func mergeBytes(segments []segment, keep kept) (n int64) {
	// Of an index that has just grown, few slots are taken.
	each := int64(recordBytes + 2*4*fullFrom/fullOf + 2*refBytes)
	if keep.versions {
		each += 64
	}
	for _, s := range segments {
		n += int64(s.count)*each + s.size
	}
	return n
}

// sort merges segments into the shard of a sorter of one, and writes it, sorted, as one segment, or as several
// that have no key in common. Then the shard is empty. All keys have hashes with the same
// first bits.
func (d *disk) sort(ctx context.Context, one sorter, segments []segment, bits int) ([]segment, error) {
	s := &one[0]
	if bits < 48 && s.count == 0 && mergeBytes(segments, s.keep) > d.budget {
		return d.split(ctx, segments, bits, s.keep)
	}
	for _, seg := range segments {
		if err := s.load(ctx, seg, 0); err != nil {
			return nil, err
		}
	}
	if s.count == 0 {
		return nil, nil
	}
	file, err := d.open()
	if err != nil {
		return nil, err
	}
	sorted, err := file.write(s, numbersOf(one.all(0, new(buffers))))
	s.empty()
	return []segment{sorted}, err
}

// load adds a segment and moves its positions by shift.
func (s *Shard) load(ctx context.Context, seg segment, shift int64) error {
	var group [GroupSize]Lookup
	var waiting [GroupSize]stored
	var buf []byte // keys, texts and versions of the waiting ones
	var shifted shifter
	r := seg.reader(bufferBytes)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		buf = buf[:0]
		for ; n < GroupSize && len(buf) < bufferBytes; n++ {
			more, err := r.next()
			if err != nil {
				return err
			}
			if !more {
				break
			}
			if err := r.load(); err != nil {
				return err
			}
			from := len(buf)
			buf = append(append(buf, r.key...), r.text...)
			both := buf[from:]
			w := &waiting[n]
			*w = r.stored
			w.key, w.text = both[:len(r.key)], both[len(r.key):]
			if w.versioned {
				from = len(buf)
				buf = append(append(buf, r.first.Order...), r.textAt.Order...)
				both = buf[from:]
				w.first.Order, w.textAt.Order = both[:len(r.first.Order)], both[len(r.first.Order):]
			}
			group[n].Prepare(waiting[n].key, Hash(waiting[n].key))
		}
		if n == 0 {
			return nil
		}
		s.Seek(group[:n])
		for i := range n {
			s.addStored(&group[i], &waiting[i], shift, &shifted)
		}
	}
}

// split sorts segments whose merged records would not fit into memory: it deals them out
// by the next bits of the hash.
func (d *disk) split(ctx context.Context, segments []segment, bits int, keep kept) (all []segment, err error) {
	const handBits, hands = 4, 1 << 4
	var shards [hands]Shard
	for i := range shards {
		shards[i].keep = keep
	}
	var dealt [hands][]segment
	var shifted shifter
	file, err := newSpillFile(d.folder)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	put := func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := file.write(&shards[i], nil)
		dealt[i] = append(dealt[i], s)
		shards[i].empty()
		return err
	}
	for _, s := range segments {
		r := s.reader(bufferBytes)
		for {
			if more, err := r.next(); err != nil {
				return nil, err
			} else if !more {
				break
			} else if err := r.load(); err != nil {
				return nil, err
			}
			var l Lookup
			l.Prepare(r.key, Hash(r.key))
			i := int(l.hash >> (64 - handBits - bits) % hands)
			shards[i].addStored(&l, &r.stored, 0, &shifted)
			if shards[i].Bytes() > d.budget/(2*hands) {
				if err := put(i); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range shards {
		if err := put(i); err != nil {
			return nil, err
		}
	}
	for i := range dealt {
		sorted, err := d.sort(ctx, shards[i:i+1], dealt[i], bits+handBits)
		if err != nil {
			return nil, err
		}
		all = append(all, sorted...)
	}
	return all, nil
}
