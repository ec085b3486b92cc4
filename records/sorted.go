package records

import "context"

// A merger reads sorted segments side by side. It is a heap of their readers, by
// the place of the record that each came to: none is before that of the reader
// half as far along.
type merger []*segmentReader

// down puts the i-th reader, which may be too far ahead, in its place.
func (m merger) down(i int) {
	r := m[i]
	for {
		child := 2*i + 1
		if child >= len(m) {
			break
		}
		if child+1 < len(m) && m[child+1].first < m[child].first {
			child++
		}
		if r.first <= m[child].first {
			break
		}
		m[i] = m[child]
		i = child
	}
	m[i] = r
}

// fromDisk is inOrder for a table that is on disk.
func (t *table) fromDisk(workers int) func(*batch) (bool, error) {
	var m merger
	begun := false
	return func(b *batch) (bool, error) {
		if !begun {
			begun = true
			if err := t.settle(context.Background(), workers); err != nil {
				return false, err
			}
			if err := m.begin(t.disk, t.keep); err != nil {
				return false, err
			}
		}
		b.part.list()
		for len(m) > 0 && b.part.count < batchLength && b.part.texts.size < longText {
			b.part.put(&m[0].stored, t.keep)
			more, err := m[0].next()
			if err != nil {
				return false, err
			}
			if !more {
				last := len(m) - 1
				m[0], m = m[last], m[:last]
			}
			if len(m) > 0 {
				m.down(0)
			}
		}
		return b.part.count > 0, nil
	}
}

// begin opens all segments of a settled disk.
func (m *merger) begin(d *disk, keep keeps) error {
	n := 0
	for _, segments := range d.segments {
		n += len(segments)
	}
	// All buffers together take a quarter of the memory at most.
	buffer := int(min(bufferBytes, max(4<<10, d.room/4/int64(max(n, 1)))))
	for _, segments := range d.segments {
		for _, s := range segments {
			r := s.reader(buffer, keep)
			more, err := r.next()
			if err != nil {
				return err
			}
			if more {
				*m = append(*m, r)
			}
		}
	}
	for i := len(*m)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return nil
}

// list makes the part an empty list, and no hash table: put adds a record behind
// the others.
func (p *part) list() {
	if p.chunks == nil {
		p.chunks = make([]chunk, 1)
	}
	c := &p.chunks[0]
	c.records, c.counts, p.longs = c.records[:0], c.counts[:0], p.longs[:0]
	c.details = c.details[:0]
	p.texts, p.count = texts{}, 0
}

func (p *part) put(s *stored, keep keeps) {
	var l lookup
	l.prepare(s.key, 0)
	c := &p.chunks[0]
	c.records = append(c.records, record{})
	if keep >= keepTimes {
		c.counts = append(c.counts, s.times)
	}
	if keep == keepDetails {
		c.details = append(c.details, s.detail)
	}
	r := &c.records[len(c.records)-1]
	p.make(r, &l, uint64(s.first))
	if len(s.text) > 0 {
		p.write(r, s.text, uint64(s.at))
	}
}

// onDisk returns a part with the key's record alone, or nil where it has none. It
// reads through all segments in which the key can be.
func (t *table) onDisk(l *lookup, key string) (*part, error) {
	if err := t.settle(context.Background(), 1); err != nil {
		return nil, err
	}
	for _, s := range t.disk.segments[l.hash>>(64-partBits)] {
		r := s.reader(bufferBytes, t.keep)
		for {
			more, err := r.next()
			if err != nil {
				return nil, err
			}
			if !more {
				break
			}
			if string(r.key) == key {
				var p part
				r.detailTo(&p, p.add(l, r.text, r.first, r.at, r.times, t.keep), 0)
				return &p, nil
			}
		}
	}
	return nil, nil
}
