package table

import (
	"cmp"
	"context"
	"slices"

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
	before := t.bytes()
	p, err := d.plan(t, workers)
	if err != nil {
		return err
	}
	old := d.file
	d.file = nil
	err = parallel.Each(p.cores, ShardCount, func(k int) (err error) {
		i := p.shards[k]
		if s := &t.shards[i]; k < p.toDisk {
			d.segments[i], err = d.sort(ctx, s, d.segments[i], shardBits, p.merge)
		} else {
			err = s.load(ctx, d.segments[i])
			d.segments[i] = nil
		}
		return err
	})
	if old != nil {
		_ = old.Close() // its space is free again
	}
	d.sorted = true
	d.budget.taken.Add(t.bytes() - before)
	return err
}

// A plan says how shards are merged.
type plan struct {
	// shards are the numbers of the shards in the order in which they are merged. So many of
	// them go to disk, the others stay in memory.
	shards [ShardCount]int
	toDisk int
	cores  int
	merge  int64 // how much memory merging a shard may take
}

// mostForReading is at least as much memory as reading a table needs beside its shards.
const mostForReading = 32 << 20

// plan plans for the memory that there is, and spills what must make room. First come the
// shards that go to disk, and of them first those that have little there: so there is more
// and more room.
func (d *disk) plan(t *Table, workers int) (p plan, err error) {
	var load, all [ShardCount]int64 // the memory that a shard's segments need, and the shard
	var largest int64
	for i := range p.shards {
		load[i] = memoryOf(d.segments[i])
		all[i] = load[i] + t.shards[i].Bytes()
		largest = max(largest, all[i])
		p.shards[i] = i
	}
	limit, taken := d.budget.limit, t.bytes()
	room := limit - (d.budget.taken.Load() - taken) // what others do not take
	// Sorting a shard takes about as much again.
	p.merge = max(room/2, minBudget)
	p.cores = max(1, min(workers, int(room/max(1, 2*largest))))
	room -= int64(p.cores)*2*largest + min(limit/8, mostForReading)

	// The smallest shards stay.
	slices.SortFunc(p.shards[:], func(i, j int) int { return cmp.Compare(all[j], all[i]) })
	p.toDisk = ShardCount
	for stays := int64(0); p.toDisk > 0; p.toDisk-- {
		if stays += all[p.shards[p.toDisk-1]]; stays > room {
			break
		}
	}
	toDisk := p.shards[:p.toDisk]
	slices.SortFunc(toDisk, func(i, j int) int { return cmp.Compare(load[i], load[j]) })
	for _, i := range toDisk {
		if load[i] == 0 {
			taken -= t.shards[i].Bytes()
		} else if taken > room {
			shrunk, err := d.spill(t, i)
			if err != nil {
				return p, err
			}
			taken -= shrunk
		}
	}
	return p, nil
}

// memoryOf returns about how much memory it takes to load segments.
func memoryOf(segments []segment) (n int64) {
	for _, s := range segments {
		n += s.memory + int64(s.count)*4*fullFrom/fullOf // an index that has just grown
	}
	return n
}

// sort merges segments into the shard and writes it, sorted, as one segment, or as several
// that have no key in common, if a merge would take more memory than limit. Then the shard is
// empty. All keys have hashes with the same first bits.
func (d *disk) sort(ctx context.Context, s *Shard, segments []segment, bits int, limit int64) ([]segment, error) {
	if bits < 48 && s.count == 0 && memoryOf(segments) > limit {
		return d.split(ctx, segments, bits, s.keep, limit)
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
func (d *disk) split(ctx context.Context, segments []segment, bits int, keep kept, limit int64) (all []segment, err error) {
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
				if shards[i].Bytes() > limit/hands {
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
		sorted, err := d.sort(ctx, &shards[i], dealt[i], bits+handBits, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, sorted...)
	}
	return all, nil
}
