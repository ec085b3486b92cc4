package table

import (
	"encoding/binary"
	"runtime"

	"process-orders/internal/version"
)

// A segment is records of one shard, in a file. Each record is: the lengths of key and text
// as varints, and those of the two Orders if versions are kept; the length of the detail, 4
// bytes, if details are kept; the two positions, or lines, 8 bytes each; the count, 8 bytes,
// if counts are kept; the two times, 8 bytes each, and the Orders, if versions are kept; the
// key, the text and the detail.
type segment struct {
	file         *spillFile
	offset, size int64
	count        int
	keep         kept  // what it has of each key
	memory       int64 // about how much the records take in memory
}

// bufferBytes is how much of a segment is written or read at once.
const bufferBytes = 256 << 10

// headBytes is at least as much as all of a record that is before the Orders.
const headBytes = 4*binary.MaxVarintLen64 + 4 + 5*8

// fixedBytes is the size of what is between the lengths as varints and the Orders.
func (k kept) fixedBytes() int {
	n := 16
	if k.details != nil {
		n += 4
	}
	if k.counts {
		n += 8
	}
	if k.versions {
		n += 16
	}
	return n
}

// write writes all records of a shard: in the order of numbers or, if that is nil, in which
// they are in memory.
func (f *spillFile) write(s *Shard, numbers []uint32) (segment, error) {
	var size int64
	for number, r := range s.records() {
		size += s.storedBytes(number, r)
	}
	// A shard of few records may have memory for many more, and pages for more texts.
	memory := min(s.Bytes(), int64(s.count)*(s.eachBytes()+sortBytes+slotBytes)+size+s.detailBytes)
	seg := segment{file: f, offset: f.end.Add(size) - size, size: size, count: s.count, keep: s.keep, memory: memory}
	buf := make([]byte, 0, min(size, bufferBytes+bufferBytes/4))
	offset := seg.offset
	for i := range s.count {
		number := uint32(i)
		if numbers != nil {
			number = numbers[i]
			if i%GroupSize == 0 {
				s.prefetch(numbers[i:min(i+GroupSize, s.count)])
			}
		}
		buf = s.appendRecord(buf, number)
		if len(buf) >= bufferBytes || i == s.count-1 {
			if _, err := f.WriteAt(buf, offset); err != nil {
				return seg, spillError(err)
			}
			offset += int64(len(buf))
			buf = buf[:0]
		}
	}
	return seg, nil
}

// prefetch asks for the memory of records, without waiting for it.
func (s *Shard) prefetch(numbers []uint32) {
	asked := uint64(0)
	for _, number := range numbers {
		asked += s.at(number).first
		if s.keep.versions {
			asked += uint64(s.versionsAt(number).first.line)
		}
	}
	runtime.KeepAlive(asked)
}

// appendRecord appends a record in the form of segments.
func (s *Shard) appendRecord(dst []byte, number uint32) []byte {
	r := s.at(number)
	key, text := s.key(r), s.text(r)
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	var first, at version.Version
	first.Line, at.Line = int64(r.first&positionMask), int64(r.textAt&positionMask)
	if s.keep.versions {
		first, at = s.firstVersion(number), s.textVersion(number)
		dst = binary.AppendUvarint(dst, uint64(len(first.Order)))
		dst = binary.AppendUvarint(dst, uint64(len(at.Order)))
	}
	detailLength := len(dst)
	if s.keep.details != nil {
		dst = append(dst, 0, 0, 0, 0)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(first.Line))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(at.Line))
	if s.keep.counts {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(*s.countAt(number)))
	}
	if s.keep.versions {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(first.Time))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(at.Time))
		dst = append(append(dst, first.Order...), at.Order...)
	}
	dst = append(append(dst, key...), text...)
	if s.keep.details != nil {
		from := len(dst)
		dst = s.detail(number).Append(dst)
		binary.LittleEndian.PutUint32(dst[detailLength:], uint32(len(dst)-from))
	}
	return dst
}

// storedBytes returns how many bytes appendRecord appends.
func (s *Shard) storedBytes(number uint32, r *record) int64 {
	key, text := r.keyLength(), r.textLength()
	if key == long {
		key = uint64(s.overflow[r.keyIndex()].length)
	}
	if text == long {
		text = uint64(s.overflow[r.textIndex()].length)
	}
	var lengths [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(lengths[:], key)
	n += binary.PutUvarint(lengths[n:], text)
	size := int64(n) + int64(key) + int64(text) + int64(s.keep.fixedBytes())
	if s.keep.versions {
		first, at := len(s.firstVersion(number).Order), len(s.textVersion(number).Order)
		n = binary.PutUvarint(lengths[:], uint64(first))
		n += binary.PutUvarint(lengths[n:], uint64(at))
		size += int64(n) + int64(first) + int64(at)
	}
	if s.keep.details != nil {
		size += int64(len(s.detail(number).Append(nil)))
	}
	return size
}

// A head is what a record in a segment starts with.
type head struct {
	key, text, first, at, detail int // lengths
	fixed                        int // where the positions are
	orders                       int // where the Orders are
}

// head reads the head of a record. b has all of the record before the Orders.
func (k kept) head(b []byte) (h head) {
	varint := func() int {
		if c := b[h.fixed]; c < 0x80 { // mostly
			h.fixed++
			return int(c)
		}
		v, n := binary.Uvarint(b[h.fixed:])
		h.fixed += n
		return int(v)
	}
	h.key, h.text = varint(), varint()
	if k.versions {
		h.first, h.at = varint(), varint()
	}
	h.orders = h.fixed + k.fixedBytes()
	if k.details != nil {
		h.detail = int(binary.LittleEndian.Uint32(b[h.fixed:]))
		h.fixed += 4
	}
	return h
}

// rest returns where the key is, behind the Orders.
func (h *head) rest() int { return h.orders + h.first + h.at }

// size returns the size of the record.
func (h *head) size() int { return h.rest() + h.key + h.text + h.detail }

func number(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }

// firstVersion reads the version of the first appearance; only the line, as a position, if
// the segment has no versions. b has all of the record before the key.
func (k kept) firstVersion(h *head, b []byte) version.Version {
	v := version.Version{Line: number(b[h.fixed:])}
	if k.versions {
		v.Time, v.Order = number(b[h.orders-16:]), b[h.orders:][:h.first]
	}
	return v
}

// A stored record is one that was read from a segment. Its key, its text and the Orders of
// its versions are the reader's; its detail, nil if none are kept, is new.
type stored struct {
	key, text []byte
	// first and textAt are versions; only the lines of them, as positions, if the segment
	// has no versions.
	first, textAt version.Version
	versioned     bool
	count         int64
	detail        Detail
}

// read reads a record, of which b has all.
func (k kept) read(h *head, b []byte) (r stored) {
	r.versioned, r.first = k.versions, k.firstVersion(h, b)
	r.textAt.Line = number(b[h.fixed+8:])
	if k.counts {
		r.count = number(b[h.fixed+16:])
	}
	if k.versions {
		r.textAt.Time, r.textAt.Order = number(b[h.orders-8:]), b[h.orders+h.first:][:h.at]
	}
	b = b[h.rest():h.size()]
	r.key, r.text = b[:h.key], b[h.key:][:h.text]
	if k.details != nil {
		r.detail = k.details.one()
		r.detail.Decode(b[h.key+h.text:])
	}
	return r
}

// addStored adds a stored record and moves its positions by shift.
func (s *Shard) addStored(l *Lookup, r *stored, shift int64, shifted *shifter) {
	var number uint32
	switch {
	case !r.versioned:
		number = s.Add(l, r.text, r.first.Line+shift, r.textAt.Line+shift, r.count)
	case shift == 0:
		number = s.AddVersion(l, r.text, &r.first, &r.textAt, r.count)
	default:
		first, at := shifted.both(r.first, r.textAt, shift)
		number = s.AddVersion(l, r.text, &first, &at, r.count)
	}
	if s.keep.details != nil && r.detail != nil {
		s.Change(number, func(d Detail) { d.Merge(r.detail, shift) })
	}
}

// A segmentReader reads a segment from start to end.
type segmentReader struct {
	segment segment
	buffer  int // the usual size of buf
	buf     []byte
	pos     int   // buf[pos:] is not read yet
	fetched int64 // bytes of the segment that came into buf
	left    int   // records
}

func (s segment) reader(buffer int) *segmentReader {
	buffer = int(min(int64(buffer), s.size))
	return &segmentReader{segment: s, buffer: buffer, buf: make([]byte, 0, buffer), left: s.count}
}

// group reads the next records, at most as many as into has room for. They are valid until
// the next call. It returns 0 after the last record.
func (r *segmentReader) group(into []stored) (n int, err error) {
	keep := r.segment.keep
	for ; n < len(into) && r.left > 0; n++ {
		if n == 0 {
			err = r.fill(headBytes)
		} else if len(r.buf)-r.pos < headBytes {
			break // the buffer must stay as it is
		}
		if err != nil {
			return 0, err
		}
		h := keep.head(r.buf[r.pos:])
		if n == 0 {
			err = r.fill(h.size())
		} else if len(r.buf)-r.pos < h.size() {
			break
		}
		if err != nil {
			return 0, err
		}
		into[n] = keep.read(&h, r.buf[r.pos:])
		r.pos += h.size()
		r.left--
	}
	return n, nil
}

// fill reads on until buf has n bytes that are not read yet, or all that are left. It gives
// up what a large record took before.
func (r *segmentReader) fill(n int) error {
	if len(r.buf)-r.pos >= n || r.fetched == r.segment.size {
		return nil
	}
	rest := r.buf[r.pos:]
	if size := max(n, r.buffer); size != cap(r.buf) {
		r.buf = make([]byte, size)
	}
	known := copy(r.buf[:cap(r.buf)], rest)
	more := min(int64(cap(r.buf)-known), r.segment.size-r.fetched)
	r.buf, r.pos = r.buf[:known+int(more)], 0
	if _, err := r.segment.file.ReadAt(r.buf[known:], r.segment.offset+r.fetched); err != nil {
		return spillError(err)
	}
	r.fetched += more
	return nil
}
