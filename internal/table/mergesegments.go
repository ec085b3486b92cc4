package table

import "context"

// A merger merges sorted segments. It is a min-heap of their readers, ordered by the first
// appearance of the current record.
type merger []*segmentReader

// down restores the heap if the i-th reader may be too high in it.
func (m merger) down(i int) {
	r := m[i]
	for {
		child := 2*i + 1
		if child >= len(m) {
			break
		}
		if child+1 < len(m) && m[child+1].before(&m[child].stored) {
			child++
		}
		if !m[child].before(&r.stored) {
			break
		}
		m[i] = m[child]
		i = child
	}
	m[i] = r
}

// advance moves the first reader to its next record, or removes it after its last one.
func (m *merger) advance() error {
	readers := *m
	more, err := readers[0].next()
	if err != nil {
		return err
	}
	if !more {
		last := len(readers) - 1
		readers[0], *m = readers[last], readers[:last]
	}
	if len(*m) > 0 {
		m.down(0)
	}
	return nil
}

// openMerger opens all segments of a compacted disk.
func openMerger(d *disk) (m merger, err error) {
	n := 0
	for _, segments := range d.segments {
		n += len(segments)
	}
	// All buffers together take at most a quarter of the memory.
	buffer := int(min(bufferBytes, max(4<<10, d.budget/4/int64(max(n, 1)))))
	for _, segments := range d.segments {
		for _, s := range segments {
			r := s.reader(buffer)
			more, err := r.next()
			if err != nil {
				return nil, err
			}
			if more {
				m = append(m, r)
			}
		}
	}
	for i := len(m)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// runBytes ends a run from disk before it has runRecords records: texts can be long, and
// details can be large.
const runBytes = 1 << 20

// runsFromDisk is Runs for a table that is on disk.
func (t *Table) runsFromDisk(workers int) func(*Run) (bool, error) {
	var m merger
	opened := false
	return func(r *Run) (bool, error) {
		if !opened {
			opened = true
			if err := t.Compact(context.Background(), workers); err != nil {
				return false, err
			}
			var err error
			if m, err = openMerger(t.disk); err != nil {
				return false, err
			}
		}
		r.table = nil
		r.shard.startList(t.kept())
		for len(m) > 0 && r.shard.count < runRecords && r.shard.texts.size+r.shard.detailBytes < runBytes {
			if err := m[0].load(); err != nil {
				return false, err
			}
			r.shard.appendStored(&m[0].stored)
			m[0].detail = nil
			if err := m.advance(); err != nil {
				return false, err
			}
		}
		return r.shard.count > 0, nil
	}
}

// startList makes the shard an empty list, without an index. appendStored adds to its end.
func (s *Shard) startList(keep kept) {
	if s.slabs == nil {
		s.slabs = make([]slab, 1)
	}
	only := &s.slabs[0]
	only.records, only.counts, only.details, only.versions = only.records[:0], only.counts[:0], only.details[:0], only.versions[:0]
	clear(only.details[:cap(only.details)]) // they can be large
	s.overflow, s.texts, s.count, s.keep, s.detailBytes = s.overflow[:0], texts{}, 0, keep, 0
}

func (s *Shard) appendStored(r *stored) {
	var l Lookup
	l.Prepare(r.key, 0)
	only := &s.slabs[0]
	only.records = append(only.records, record{})
	if s.keep.counts {
		only.counts = append(only.counts, r.count)
	}
	if s.keep.newDetail != nil {
		only.details = append(only.details, r.detail)
		s.detailBytes += r.detail.Bytes()
	}
	to := &only.records[len(only.records)-1]
	first, at := uint64(r.first.Line), uint64(r.textAt.Line)
	if s.keep.versions {
		first, at = timeWord(r.first.Time), timeWord(r.textAt.Time)
	}
	s.count++
	s.setKey(to, &l, first)
	if len(r.text) > 0 {
		s.setText(to, r.text, at)
	}
	if s.keep.versions {
		only.versions = append(only.versions, versions{})
		v := &only.versions[len(only.versions)-1]
		s.setStamp(&v.first, &r.first)
		if len(r.text) > 0 {
			s.setStamp(&v.text, &r.textAt)
		}
	}
}
