package table

import (
	"context"

	"process-orders/internal/parallel"
)

// Compact merges the segments of each shard with what is in memory of the shard, on so many
// cores. Then a shard is all in memory, or it is all on disk, sorted, with each key once. As
// many shards stay in memory as the budget has room for. Compact does nothing if all that is
// so already. If it fails, the table has lost records, and each further call fails too.
//
// Reading a table compacts it too, and then no context can end that. Two goroutines must
// not do it at once. So compact a table that is on disk before several goroutines read it.
func (t *Table) Compact(ctx context.Context, workers int) error {
	d := t.disk
	if d == nil || d.failed == nil && d.isCompact(t) {
		return nil
	}
	if d.failed == nil {
		d.failed = d.compact(ctx, t, workers)
	}
	return d.failed
}

// isCompact reports whether each shard is all in memory, or all on disk and sorted.
func (d *disk) isCompact(t *Table) bool {
	for i, segments := range d.segments {
		if len(segments) > 0 && (!d.sorted || t.shards[i].count > 0) {
			return false
		}
	}
	return true
}

func (d *disk) compact(ctx context.Context, t *Table, workers int) error {
	b := d.budget
	most, cores := b.forMerging(workers)
	after := b.limit - most*int64(cores) - b.forReading() // may be taken after each merge
	if err := b.spillUntil(ctx, after, t); err != nil {
		return err
	}
	for i := range t.shards { // what must be split must be on disk
		if s := &t.shards[i]; mergeBytes(s, d.segments[i]) > most {
			if err := b.spill(t, i); err != nil {
				return err
			}
		}
	}
	old := d.file
	d.file = nil
	err := parallel.Each(cores, ShardCount, func(i int) (err error) {
		s, segments := &t.shards[i], d.segments[i]
		if len(segments) == 0 {
			return nil
		}
		before := s.Bytes()
		if mergeBytes(s, segments) <= most {
			err, segments = s.load(ctx, segments), nil
		}
		if err == nil && (segments != nil || b.taken.Load()+s.Bytes()-before > after) {
			segments, err = d.sort(ctx, s, segments, shardBits, most)
		}
		d.segments[i] = segments
		b.taken.Add(s.Bytes() - before)
		return err
	})
	if old != nil {
		_ = old.Close() // its space is free again
	}
	d.sorted = true
	return err
}

// mergeBytes returns about how much memory a shard takes with all of its segments merged into
// it, and while it is sorted. It is the same if some of the shard is spilled.
func mergeBytes(s *Shard, segments []segment) int64 {
	n, count := s.Bytes(), s.count
	for _, seg := range segments {
		n += seg.memory
		count += seg.count
	}
	return n + int64(count)*(2*refBytes+slotBytes/2) // an index may just have grown
}

// sort merges segments into the shard and writes it, sorted, as one segment, or as several
// that have no key in common, if a merge would take more than most bytes of memory. Then the shard is
// empty. All keys have hashes with the same first bits.
func (d *disk) sort(ctx context.Context, s *Shard, segments []segment, bits int, most int64) ([]segment, error) {
	if bits < 48 && s.count == 0 && mergeBytes(s, segments) > most {
		return d.split(ctx, segments, bits, s.keep, most)
	}
	if err := s.load(ctx, segments); err != nil || s.count == 0 {
		return nil, err
	}
	file, err := d.open()
	if err != nil {
		return nil, err
	}
	sorted, err := file.write(s, s.sorted(new(buffers)))
	s.empty()
	return []segment{sorted}, err
}

// load adds segments.
func (s *Shard) load(ctx context.Context, segments []segment) error {
	for _, seg := range segments {
		if err := s.loadShifted(ctx, seg, 0); err != nil {
			return err
		}
	}
	return nil
}

// loadShifted adds a segment and moves its positions by shift.
func (s *Shard) loadShifted(ctx context.Context, seg segment, shift int64) error {
	var group [GroupSize]Lookup
	var stored [GroupSize]stored
	var shifted shifter
	r := seg.reader(bufferBytes)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.group(stored[:])
		if n == 0 {
			return err
		}
		for i := range n {
			group[i].Prepare(stored[i].key, Hash(stored[i].key))
		}
		s.Seek(group[:n])
		for i := range n {
			s.addStored(&group[i], &stored[i], shift, &shifted)
		}
	}
}

// split sorts segments whose merged records would not fit into memory: it deals them out
// by the next bits of the hash.
func (d *disk) split(ctx context.Context, segments []segment, bits int, keep kept, most int64) (all []segment, err error) {
	const handBits, hands = 4, 1 << 4
	var shards [hands]Shard
	for i := range shards {
		shards[i].keep = keep
	}
	var dealt [hands][]segment
	var shifted shifter
	file, err := newSpillFile(d.budget.folder)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	put := func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if shards[i].count == 0 {
			return nil
		}
		s, err := file.write(&shards[i], nil)
		dealt[i] = append(dealt[i], s)
		shards[i].empty()
		return err
	}
	var group [GroupSize]stored
	for _, s := range segments {
		r := s.reader(bufferBytes)
		for {
			n, err := r.group(group[:])
			if err != nil {
				return nil, err
			}
			if n == 0 {
				break
			}
			for k := range n {
				var l Lookup
				l.Prepare(group[k].key, Hash(group[k].key))
				i := int(l.hash >> (64 - handBits - bits) % hands)
				shards[i].addStored(&l, &group[k], 0, &shifted)
				if shards[i].Bytes() > most/(2*hands) {
					if err := put(i); err != nil {
						return nil, err
					}
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
		sorted, err := d.sort(ctx, &shards[i], dealt[i], bits+handBits, most)
		if err != nil {
			return nil, err
		}
		all = append(all, sorted...)
	}
	return all, nil
}
