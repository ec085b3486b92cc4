package table

import (
	"slices"
	"sort"

	"process-orders/internal/version"
)

// A table is read by first appearance from several sources, each of which has some of the
// records, sorted: the shards in memory, and the segments on disk. Runs takes one run after
// the other from them, in two steps. The first step runs on one core: each source says which
// of its records come next, some dozens: its window. The smallest last record of all windows
// is the bound. No record outside the windows comes before it, so all records up to the
// bound are a run. Finding where they end takes a few comparisons for each source. In the
// second step whoever reads the run gathers its records, and sorts them.

// A source has records that are sorted by first appearance.
type source interface {
	// look returns how many records the next window has, at most most, and whether there are
	// more behind it.
	look(most int) (n int, more bool, err error)
	// rank returns the rank of a record in the window. It is at hand for the one that
	// atHand says, for each rankEvery-th behind it, and for the last one of the window.
	rank(i int) uint64
	atHand() int
	// version returns the version of the first appearance of a record in the window, if
	// versions are kept. It is valid until look is called.
	version(i int) version.Version
	// take moves the first n records of the window to the run.
	take(n int, r *Run) error
}

// A bound is the rank, and perhaps the version, of the last record that a run may have.
type bound struct {
	rank    uint64
	version version.Version // if versions are kept
}

func boundOf(s source, i int, versions bool) *bound {
	b := &bound{rank: s.rank(i)}
	if versions {
		b.version = s.version(i)
	}
	return b
}

// isBehind reports whether the i-th record of the window of s is behind b.
func (b *bound) isBehind(s source, i int, versions bool) bool {
	if rank := s.rank(i); rank != b.rank || !versions {
		return rank > b.rank
	}
	return s.version(i).Compare(b.version) > 0
}

// take takes the next records of all sources. The run must be filled then.
func (r *Runs) take(run *Run) error {
	run.pieces, run.raw = run.pieces[:0], run.raw[:0]
	versions := r.table.HasVersions()
	// With a window of 3/2 the bound is mostly at about 1. Of very many sources with smaller
	// windows than rankEvery, a run would have few records.
	most := max(rankEvery, runRecords*3/2/max(1, len(r.sources)))
	var last *bound
	r.windows = r.windows[:0]
	for i := 0; i < len(r.sources); {
		n, more, err := r.sources[i].look(most)
		if err != nil {
			return err
		}
		if n == 0 { // it is at its end
			r.sources = slices.Delete(r.sources, i, i+1)
			continue
		}
		r.windows = append(r.windows, n)
		if more && (last == nil || !last.isBehind(r.sources[i], n-1, versions)) {
			last = boundOf(r.sources[i], n-1, versions)
		}
		i++
	}
	for i, s := range r.sources {
		n := r.windows[i]
		if last != nil {
			n = last.upTo(s, n, versions)
		}
		if n > 0 {
			if err := s.take(n, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// upTo returns how many of the first n records of the window of s are not behind b.
func (b *bound) upTo(s source, n int, versions bool) int {
	from := 0
	for i := s.atHand(); i < n; i += rankEvery {
		if b.isBehind(s, i, versions) {
			n = i
			break
		}
		from = i + 1
	}
	return from + sort.Search(n-from, func(i int) bool { return b.isBehind(s, from+i, versions) })
}

// rankEvery is the distance of the records whose ranks a source knows at once: to look at
// each of a few records in memory is a wait for it.
const rankEvery = 8

// A memorySource is a shard in memory.
type memorySource struct {
	piece          // all of it
	ranks []uint64 // of the last one of each rankEvery records
	taken int      // how many records were taken
	shard *Shard
}

func (m *memorySource) look(most int) (n int, more bool, err error) {
	if rest := len(m.numbers) - m.taken; rest <= most {
		return rest, false, nil
	}
	return (m.taken+most)/rankEvery*rankEvery - m.taken, true, nil
}

func (m *memorySource) atHand() int { return rankEvery - 1 - m.taken%rankEvery }

func (m *memorySource) rank(i int) uint64 {
	if i += m.taken; i%rankEvery == rankEvery-1 {
		return m.ranks[i/rankEvery]
	}
	return m.shard.rank(m.numbers[i])
}

func (m *memorySource) version(i int) version.Version {
	return m.shard.firstVersion(m.numbers[m.taken+i])
}

func (m *memorySource) take(n int, r *Run) error {
	r.pieces = append(r.pieces, piece{m.i, m.numbers[m.taken:][:n]})
	m.taken += n
	return nil
}

// A diskSource is a sorted segment.
type diskSource struct {
	segmentReader
	windowBytes int     // what is the most for a window of several records
	known       []known // the records of the window, and perhaps more
}

// A known record is one of a segment that was looked at.
type known struct {
	rank uint64
	end  int64 // where in the segment it ends
}

// start returns where in the segment what was not taken starts.
func (d *diskSource) start() int64 { return d.fetched - int64(len(d.buf)-d.pos) }

// look makes a window of records of which the buffer has all, or of one large one of which
// it has the head.
func (d *diskSource) look(most int) (n int, more bool, err error) {
	if len(d.buf)-d.pos < d.windowBytes {
		if err := d.fill(min(d.windowBytes, d.buffer)); err != nil {
			return 0, false, err
		}
	}
	keep, start := d.segment.keep, d.start()
	end := start
	if len(d.known) > 0 {
		end = d.known[len(d.known)-1].end
	}
	for len(d.known) < min(most, d.left) {
		if len(d.known) == 0 {
			if err := d.fillHead(); err != nil {
				return 0, false, err
			}
		} else if d.fetched-end < headBytes && d.fetched < d.segment.size {
			break
		}
		b := d.buf[d.pos+int(end-start):]
		h := keep.head(b)
		if len(d.known) > 0 && (h.size() > len(b) || end-start+int64(h.size()) > int64(d.windowBytes)) {
			break
		}
		first := keep.firstVersion(&h, b)
		end += int64(h.size())
		d.known = append(d.known, known{keep.rankOf(&first), end})
	}
	n = min(most, len(d.known))
	return n, n < d.left, nil
}

// fillHead makes sure that the buffer has the next record up to its key.
func (d *diskSource) fillHead() error {
	if err := d.fill(headBytes); err != nil {
		return err
	}
	h := d.segment.keep.head(d.buf[d.pos:])
	return d.fill(h.rest())
}

func (d *diskSource) rank(i int) uint64 { return d.known[i].rank }

func (d *diskSource) atHand() int { return rankEvery - 1 }

func (d *diskSource) version(i int) version.Version {
	at := d.pos
	if i > 0 {
		at += int(d.known[i-1].end - d.start())
	}
	h := d.segment.keep.head(d.buf[at:])
	return d.segment.keep.firstVersion(&h, d.buf[at:])
}

func (d *diskSource) take(n int, r *Run) error {
	end := d.known[n-1].end
	size := int(end - d.start())
	buffered := min(size, len(d.buf)-d.pos)
	r.raw = append(r.raw, d.buf[d.pos:][:buffered]...)
	d.pos += buffered
	if rest := size - buffered; rest > 0 { // of one that is large
		from := len(r.raw)
		r.raw = slices.Grow(r.raw, rest)[:from+rest]
		if _, err := d.segment.file.ReadAt(r.raw[from:], d.segment.offset+d.fetched); err != nil {
			return spillError(err)
		}
		d.fetched += int64(rest)
	}
	d.known = d.known[:copy(d.known, d.known[n:])]
	d.left -= n
	return nil
}

// runBytes is about how many bytes of a run may come from disk: texts can be long, and
// details can be large.
const runBytes = 1 << 20

// sources returns the sources of the table, which must be compacted. Shards are sorted on
// so many cores.
func (t *Table) sources(workers int) []source {
	all := t.inMemory(workers)
	if t.disk == nil {
		return all
	}
	n := 0
	for _, segments := range t.disk.segments {
		n += len(segments)
	}
	buffer := t.disk.budget.readBytes(n)
	for _, segments := range t.disk.segments {
		for _, s := range segments {
			r := s.reader(buffer)
			all = append(all, &diskSource{segmentReader: *r, windowBytes: max(minWindowBytes, min(buffer/4, runBytes/n))})
		}
	}
	return all
}

// minWindowBytes is the least that windowBytes can be. It is less than what a buffer has.
const minWindowBytes = 2 << 10

// startList makes the shard an empty list, without an index. appendStored adds to its end.
func (s *Shard) startList(keep kept) {
	for i := range s.slabs {
		if d := s.slabs[i].details; d != nil {
			d.clear() // they can be large
		}
	}
	s.overflow, s.texts, s.count, s.keep, s.longOrders = s.overflow[:0], texts{}, 0, keep, false
}

func (s *Shard) appendStored(r *stored) {
	var l Lookup
	l.Prepare(r.key, 0)
	s.grow()
	number := uint32(s.count)
	s.count++
	to := s.at(number)
	first, at := uint64(r.first.Line), uint64(r.textAt.Line)
	if s.keep.versions {
		first, at = timeWord(r.first.Time), timeWord(r.textAt.Time)
	}
	s.setKey(to, &l, first)
	to.textAt = 0
	if len(r.text) > 0 {
		s.setText(to, r.text, at)
	}
	if s.keep.counts {
		*s.countAt(number) = r.count
	}
	if s.keep.details != nil {
		s.slabs[number>>slabBits].details.set(number%slabRecords, r.detail)
	}
	if s.keep.versions {
		v := s.versionsAt(number)
		*v = versions{}
		s.setStamp(&v.first, &r.first)
		if len(r.text) > 0 {
			s.setStamp(&v.text, &r.textAt)
		}
	}
}
