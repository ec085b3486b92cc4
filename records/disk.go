package records

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// Records beyond the memory they may take go to disk.
//
// While orders are folded in, the largest parts of the tables are written away,
// as segments, and begin anew. A key may so be in several segments of its part,
// and by the law that is fine: they are records of the same input. In the end
// each part's segments are merged, one part after the other, as a part of a table
// is small where a table is not, and each part is written as one more segment,
// sorted by where its keys came first. Reading goes through these side by side.

// disk is what of a table is on disk.
type disk struct {
	folder string
	// segments are those of each part. In a settled disk they are sorted and
	// have each key once, and there is nothing of the table in memory.
	segments [partCount][]segment
	count    int // of the keys of a settled disk
	settled  bool
	room     int64 // how much memory a merge may take
	file     *spillFile
	mu       sync.Mutex // guards file
}

// A spillFile takes one segment behind the other. It has no name, so nobody sees
// it, and it is gone when it is closed or when the process ends, however it ends.
type spillFile struct {
	*os.File
	end   atomic.Int64
	named bool // where the system has no files without a name
}

func newSpillFile(folder string) (*spillFile, error) {
	if file, err := createUnnamed(folder); err == nil {
		return &spillFile{File: file}, nil
	}
	file, err := os.CreateTemp(folder, ".process-orders-*.spill")
	if err != nil {
		return nil, spillError(err)
	}
	f := &spillFile{File: file}
	f.named = os.Remove(file.Name()) != nil // not while it is open: then Close does
	return f, nil
}

func (f *spillFile) Close() error {
	err := f.File.Close()
	if f.named {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// A SpillError says that records beyond Options.MemoryBytes could not be written to
// disk, or not be read back.
type SpillError struct{ Err error }

func (e *SpillError) Error() string {
	return fmt.Sprintf("records that do not fit into memory: %v", e.Err)
}

func (e *SpillError) Unwrap() error { return e.Err }

func spillError(err error) error { return &SpillError{err} }

// A segment is records of one part, in a file.
type segment struct {
	file     *spillFile
	at, size int64
	count    int
}

// minRoom is how much memory a merge may always take: with less it would go from
// disk to disk for ever.
const minRoom = 64 << 10

// bufferBytes is how much of a segment is written or read at once.
const bufferBytes = 256 << 10

// spill writes what a part has in memory to disk and empties it. The part must be
// locked. It returns by how much the memory shrank.
func (d *disk) spill(t *table, i int) (int64, error) {
	p := &t.parts[i]
	if p.count == 0 {
		return 0, nil
	}
	file, err := d.open()
	if err != nil {
		return 0, err
	}
	s, err := file.write(p, t.keep, p.finds(0))
	if err != nil {
		return 0, err
	}
	d.segments[i] = append(d.segments[i], s)
	before := p.bytes()
	p.empty()
	return before - p.bytes(), nil
}

func (t *table) close() error {
	if t.disk == nil || t.disk.file == nil {
		return nil
	}
	return t.disk.file.Close()
}

// open is the file for segments.
func (d *disk) open() (*spillFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if d.file == nil {
		d.file, err = newSpillFile(d.folder)
	}
	return d.file, err
}

// write writes all records of a part, in the order of finds.
func (f *spillFile) write(p *part, keep keeps, finds []find) (segment, error) {
	var size int64
	for n, r := range p.all() {
		size += p.storedBytes(r)
		if keep == keepDetails {
			size += p.storedDetailBytes(n)
		}
	}
	s := segment{file: f, at: f.end.Add(size) - size, size: size, count: len(finds)}
	buf := make([]byte, 0, bufferBytes+bufferBytes/4)
	at := s.at
	for i, n := range finds {
		if i%groupSize == 0 {
			p.ask(finds[i:min(i+groupSize, len(finds))])
		}
		buf = p.appendRecord(buf, n.index, keep)
		if len(buf) >= bufferBytes || i == len(finds)-1 {
			if _, err := f.WriteAt(buf, at); err != nil {
				return s, spillError(err)
			}
			at += int64(len(buf))
			buf = buf[:0]
		}
	}
	return s, nil
}

// appendRecord appends a record as it stands in a segment: the lengths of key and
// text, both texts, the two places, the count.
func (p *part) appendRecord(dst []byte, n uint32, keep keeps) []byte {
	r := p.at(n)
	var keyRoom, textRoom [wordBytes]byte
	key, text := p.key(keyRoom[:0], r), p.text(textRoom[:0], r)
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	dst = append(append(dst, key...), text...)
	dst = binary.LittleEndian.AppendUint64(dst, r.first&placeMask)
	dst = binary.LittleEndian.AppendUint64(dst, r.at&placeMask)
	times := uint64(0)
	if keep >= keepTimes {
		times = uint64(*p.times(n))
	}
	dst = binary.LittleEndian.AppendUint64(dst, times)
	if keep == keepDetails {
		at := len(dst)
		dst = p.detail(n).append(append(dst, 0, 0, 0, 0))
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// storedDetailBytes is how many more appendRecord appends for a detail.
func (p *part) storedDetailBytes(n uint32) int64 { return int64(4 + len(p.detail(n).append(nil))) }

// storedBytes is how many bytes appendRecord appends for a record.
func (p *part) storedBytes(r *record) int64 {
	key, text := r.keyLength(), r.textLength()
	if key == long {
		key = uint64(p.longs[r.key[1]].n)
	}
	if text == long {
		text = uint64(p.longs[r.text[0]].n)
	}
	var lengths [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(lengths[:], key)
	n += binary.PutUvarint(lengths[n:], text)
	return int64(n) + int64(key) + int64(text) + 24
}

// A stored record is one that was read from a segment. Its bytes are the
// reader's.
type stored struct {
	key, text        []byte
	first, at, times int64
	detail           *detail // if details are kept
}

// detailTo folds a stored record's detail in, whose places are shift further
// along.
func (s *stored) detailTo(p *part, n uint32, shift int64) {
	if s.detail != nil {
		p.change(n, func(d *detail) { d.fold(s.detail, shift) })
	}
}

// A segmentReader reads a segment from its begin to its end.
type segmentReader struct {
	stored  // the record that next came to
	segment segment
	keep    keeps
	buf     []byte // buf[pos:] is not read yet
	pos     int
	read    int64 // of the segment, into buf
	left    int
	kept    []byte // key and text, where a detail follows
}

func (s segment) reader(buffer int, keep keeps) *segmentReader {
	return &segmentReader{segment: s, keep: keep, buf: make([]byte, 0, min(int64(buffer), s.size)), left: s.count}
}

// next goes to the next record and says whether there is one.
func (r *segmentReader) next() (bool, error) {
	if r.left == 0 {
		return false, nil
	}
	r.left--
	if err := r.want(2 * binary.MaxVarintLen64); err != nil {
		return false, err
	}
	keyLength, n := binary.Uvarint(r.buf[r.pos:])
	textLength, m := binary.Uvarint(r.buf[r.pos+n:])
	r.pos += n + m
	size := int(keyLength) + int(textLength) + 24
	if err := r.want(size); err != nil {
		return false, err
	}
	b := r.buf[r.pos:]
	r.key, b = b[:keyLength], b[keyLength:]
	r.text, b = b[:textLength], b[textLength:]
	r.first = int64(binary.LittleEndian.Uint64(b))
	r.at = int64(binary.LittleEndian.Uint64(b[8:]))
	r.times = int64(binary.LittleEndian.Uint64(b[16:]))
	r.pos += size
	if r.keep == keepDetails {
		return true, r.readDetail()
	}
	return true, nil
}

// readDetail reads the detail behind a record, of which key and text must stay
// where they are.
func (r *segmentReader) readDetail() error {
	r.kept = append(append(r.kept[:0], r.key...), r.text...)
	r.key, r.text = r.kept[:len(r.key)], r.kept[len(r.key):]
	if err := r.want(4); err != nil {
		return err
	}
	size := int(binary.LittleEndian.Uint32(r.buf[r.pos:]))
	r.pos += 4
	if err := r.want(size); err != nil {
		return err
	}
	r.detail = readDetail(r.buf[r.pos:][:size])
	r.pos += size
	return nil
}

// want reads on until buf has n bytes that are not read yet, or all there are.
func (r *segmentReader) want(n int) error {
	if len(r.buf)-r.pos >= n || r.read == r.segment.size {
		return nil
	}
	rest := copy(r.buf[:cap(r.buf)], r.buf[r.pos:])
	if n > cap(r.buf) {
		r.buf = append(make([]byte, 0, n), r.buf[:rest]...)
	}
	more := min(int64(cap(r.buf)-rest), r.segment.size-r.read)
	r.buf, r.pos = r.buf[:rest+int(more)], 0
	if _, err := r.segment.file.ReadAt(r.buf[rest:], r.segment.at+r.read); err != nil {
		return spillError(err)
	}
	r.read += more
	return nil
}

// settle merges all that is on disk with what is in memory, so that the disk is
// settled.
func (t *table) settle(ctx context.Context, workers int) error {
	d := t.disk
	if d.settled && t.inMemory() == 0 {
		return nil
	}
	d.settled = false
	var largest int64
	for i := range d.segments {
		largest = max(largest, mergeBytes(d.segments[i]))
	}
	workers = max(1, int(min(int64(workers), d.room/max(1, largest))))
	// What is in memory can stay there, each part until its turn comes, if there
	// is a little room for what is merged into it.
	stay := int64(workers)*largest <= d.room/8
	for i := 0; i < partCount && !stay; i++ {
		if _, err := d.spill(t, i); err != nil {
			return err
		}
	}
	old := d.file
	d.file = nil
	var count atomic.Int64
	err := each(workers, partCount, func(i int) error {
		sorted, err := d.sort(ctx, &t.parts[i], d.segments[i], partBits, t.keep)
		d.segments[i] = sorted
		for _, s := range sorted {
			count.Add(int64(s.count))
		}
		return err
	})
	if old != nil {
		_ = old.Close() // its space is free again
	}
	d.count, d.settled = int(count.Load()), err == nil
	return err
}

// mergeBytes is about how much memory it takes to merge segments, if they have no
// key in common.
func mergeBytes(segments []segment) (n int64) {
	for _, s := range segments {
		n += int64(s.count)*2*64 + s.size
	}
	return n
}

// sort merges segments into a part and writes it, sorted, as one segment, or as
// several that have no key in common. The part is empty then. All keys have
// hashes with the same first bits.
func (d *disk) sort(ctx context.Context, p *part, segments []segment, bits int, keep keeps) ([]segment, error) {
	if bits < 48 && p.count == 0 && mergeBytes(segments) > d.room {
		return d.split(ctx, segments, bits, keep)
	}
	for _, s := range segments {
		if err := p.load(ctx, s, 0, keep, keep); err != nil {
			return nil, err
		}
	}
	if p.count == 0 {
		return nil, nil
	}
	file, err := d.open()
	if err != nil {
		return nil, err
	}
	finds := p.finds(0)
	sortFinds(finds)
	sorted, err := file.write(p, keep, finds)
	p.empty()
	return []segment{sorted}, err
}

// load folds a segment in, whose places are shift further along, and which has as
// much of each key as is known.
func (p *part) load(ctx context.Context, s segment, shift int64, keep, known keeps) error {
	var group [groupSize]lookup
	var waiting [groupSize]stored
	var room []byte // what the waiting ones have
	r := s.reader(bufferBytes, known)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		room = room[:0]
		for ; n < groupSize && len(room) < bufferBytes; n++ {
			more, err := r.next()
			if err != nil {
				return err
			}
			if !more {
				break
			}
			from := len(room)
			room = append(append(room, r.key...), r.text...)
			all := room[from:]
			waiting[n] = stored{all[:len(r.key)], all[len(r.key):], r.first + shift, r.at + shift, r.times, r.detail}
			group[n].prepare(waiting[n].key, hashOf(waiting[n].key))
		}
		if n == 0 {
			return nil
		}
		p.seek(group[:n])
		for i := range n {
			w := &waiting[i]
			n := p.add(&group[i], w.text, w.first, w.at, w.times, keep)
			if keep == keepDetails {
				w.detailTo(p, n, shift)
			}
		}
	}
}

// split sorts segments whose merged records would not fit into memory: it deals
// them out by the next bits of the hash.
func (d *disk) split(ctx context.Context, segments []segment, bits int, keep keeps) (all []segment, err error) {
	const hands = 16
	var parts [hands]part
	var dealt [hands][]segment
	file, err := newSpillFile(d.folder)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	put := func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := file.write(&parts[i], keep, parts[i].finds(0))
		dealt[i] = append(dealt[i], s)
		parts[i].empty()
		return err
	}
	for _, s := range segments {
		r := s.reader(bufferBytes, keep)
		for {
			if more, err := r.next(); err != nil {
				return nil, err
			} else if !more {
				break
			}
			var l lookup
			l.prepare(r.key, hashOf(r.key))
			i := int(l.hash >> (64 - 4 - bits) % hands)
			r.detailTo(&parts[i], parts[i].add(&l, r.text, r.first, r.at, r.times, keep), 0)
			if parts[i].bytes() > d.room/(2*hands) {
				if err := put(i); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range parts {
		if err := put(i); err != nil {
			return nil, err
		}
	}
	for i := range dealt {
		sorted, err := d.sort(ctx, &parts[i], dealt[i], bits+4, keep)
		if err != nil {
			return nil, err
		}
		all = append(all, sorted...)
	}
	return all, nil
}
