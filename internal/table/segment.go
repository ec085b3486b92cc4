package table

import (
	"encoding/binary"
	"runtime"

	"process-orders/internal/version"
)

// A segment is records of one shard, in a file. Each record is: the lengths of key and
// text as varints; the two positions, the count, 8 bytes each; key and text; and if
// details are kept, the length of the detail in 4 bytes, and the detail. If versions are
// kept, the lengths of their two Orders follow the first lengths, the positions are lines,
// and the two times, 8 bytes each, and the Orders follow the count.
type segment struct {
	file         *spillFile
	offset, size int64
	count        int
	keep         kept // what it has of each key
}

// bufferBytes is how much of a segment is written or read at once.
const bufferBytes = 256 << 10

// fixedBytes is the size of the two positions and the count, and timeBytes that of the two
// times.
const (
	fixedBytes = 24
	timeBytes  = 16
)

// write writes all records of a shard: in the order of numbers or, if that is nil, in which
// they are in memory.
func (f *spillFile) write(s *Shard, numbers []uint32) (segment, error) {
	var size int64
	for number, r := range s.records() {
		size += s.storedBytes(number, r)
	}
	seg := segment{file: f, offset: f.end.Add(size) - size, size: size, count: s.count, keep: s.keep}
	buf := make([]byte, 0, bufferBytes+bufferBytes/4)
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
	dst = binary.LittleEndian.AppendUint64(dst, uint64(first.Line))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(at.Line))
	count := uint64(0)
	if s.keep.counts {
		count = uint64(*s.countAt(number))
	}
	dst = binary.LittleEndian.AppendUint64(dst, count)
	if s.keep.versions {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(first.Time))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(at.Time))
		dst = append(append(dst, first.Order...), at.Order...)
	}
	dst = append(append(dst, key...), text...)
	if s.keep.newDetail != nil {
		from := len(dst)
		dst = s.detail(number).Append(append(dst, 0, 0, 0, 0))
		binary.LittleEndian.PutUint32(dst[from:], uint32(len(dst)-from-4))
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
	size := int64(n) + int64(key) + int64(text) + fixedBytes
	if s.keep.versions {
		first, at := len(s.firstVersion(number).Order), len(s.textVersion(number).Order)
		n = binary.PutUvarint(lengths[:], uint64(first))
		n += binary.PutUvarint(lengths[n:], uint64(at))
		size += int64(n) + timeBytes + int64(first) + int64(at)
	}
	if s.keep.newDetail != nil {
		size += int64(4 + len(s.detail(number).Append(nil)))
	}
	return size
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

// before reports whether r came before q, of two that are both with or without versions.
func (r *stored) before(q *stored) bool {
	if r.versioned {
		return r.first.Compare(q.first) < 0
	}
	return r.first.Line < q.first.Line
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
	if s.keep.newDetail != nil && r.detail != nil {
		s.Change(number, func(d Detail) { d.Merge(r.detail, shift) })
	}
}

// A segmentReader reads a segment from start to end. Many are open at once, so a record
// that is larger than the buffer, and each detail, is read in two steps: next tells where
// it came first, and load reads the rest when it is its turn.
type segmentReader struct {
	stored       // the current record
	buffer  int  // the usual size of buf
	large   bool // load has to read key and text of the current record
	segment segment
	buf     []byte // buf[pos:] is not read yet
	pos     int
	read    int64 // bytes of the segment that were read into buf
	left    int   // records

	keyLength, textLength int // of the current record
	orders, copied        []byte
}

func (s segment) reader(buffer int) *segmentReader {
	buffer = int(min(int64(buffer), s.size))
	r := &segmentReader{segment: s, buffer: buffer, buf: make([]byte, 0, buffer), left: s.count}
	r.versioned = s.keep.versions
	return r
}

// next goes to the next record and reports whether there is one. Of it only the positions,
// or versions, and the count are known before load.
func (r *segmentReader) next() (bool, error) {
	if r.left == 0 {
		return false, nil
	}
	r.left--
	r.shrink()
	r.detail = nil
	if err := r.fill(4*binary.MaxVarintLen64 + fixedBytes + timeBytes); err != nil {
		return false, err
	}
	r.keyLength, r.textLength = r.varint(), r.varint()
	var firstLength, atLength int
	if r.versioned {
		firstLength, atLength = r.varint(), r.varint()
	}
	r.first.Line, r.textAt.Line, r.count = r.number(), r.number(), r.number()
	if r.versioned {
		r.first.Time, r.textAt.Time = r.number(), r.number()
		if err := r.fill(firstLength + atLength); err != nil {
			return false, err
		}
		r.orders = append(r.orders[:0], r.buf[r.pos:][:firstLength+atLength]...)
		r.pos += firstLength + atLength
		r.first.Order, r.textAt.Order = r.orders[:firstLength], r.orders[firstLength:]
	}
	if r.large = r.keyLength+r.textLength > r.buffer; r.large {
		return true, nil
	}
	return true, r.readTexts()
}

// varint reads a varint that is in buf.
func (r *segmentReader) varint() int {
	v, n := binary.Uvarint(r.buf[r.pos:])
	r.pos += n
	return int(v)
}

// number reads a number of 8 bytes that is in buf.
func (r *segmentReader) number() int64 {
	v := binary.LittleEndian.Uint64(r.buf[r.pos:])
	r.pos += 8
	return int64(v)
}

// load reads the rest of the current record.
func (r *segmentReader) load() error {
	if r.large {
		if err := r.readTexts(); err != nil {
			return err
		}
	}
	if r.segment.keep.newDetail != nil {
		return r.readDetail()
	}
	return nil
}

// readTexts reads key and text of the current record.
func (r *segmentReader) readTexts() error {
	n := r.keyLength + r.textLength
	if err := r.fill(n); err != nil {
		return err
	}
	both := r.buf[r.pos:][:n]
	r.key, r.text = both[:r.keyLength], both[r.keyLength:]
	r.pos += n
	return nil
}

// shrink gives up what a large record took, once it is done.
func (r *segmentReader) shrink() {
	if rest := r.buf[r.pos:]; cap(r.buf) > r.buffer && len(rest) <= r.buffer {
		r.buf, r.pos = append(make([]byte, 0, r.buffer), rest...), 0
	}
	if cap(r.copied) > r.buffer {
		r.copied = nil
	}
	if cap(r.orders) > r.buffer {
		r.orders = nil
	}
}

// readDetail reads the detail behind a record. It copies key and text first, as reading on
// may overwrite them.
func (r *segmentReader) readDetail() error {
	r.copied = append(append(r.copied[:0], r.key...), r.text...)
	r.key, r.text = r.copied[:len(r.key)], r.copied[len(r.key):]
	if err := r.fill(4); err != nil {
		return err
	}
	size := int(binary.LittleEndian.Uint32(r.buf[r.pos:]))
	r.pos += 4
	if err := r.fill(size); err != nil {
		return err
	}
	r.detail = r.segment.keep.newDetail()
	r.detail.Decode(r.buf[r.pos:][:size])
	r.pos += size
	return nil
}

// fill reads on until buf has n bytes that are not read yet, or all that are left.
func (r *segmentReader) fill(n int) error {
	if len(r.buf)-r.pos >= n || r.read == r.segment.size {
		return nil
	}
	rest := copy(r.buf[:cap(r.buf)], r.buf[r.pos:])
	if n > cap(r.buf) {
		r.buf = append(make([]byte, 0, n), r.buf[:rest]...)
	}
	more := min(int64(cap(r.buf)-rest), r.segment.size-r.read)
	r.buf, r.pos = r.buf[:rest+int(more)], 0
	if _, err := r.segment.file.ReadAt(r.buf[rest:], r.segment.offset+r.read); err != nil {
		return spillError(err)
	}
	r.read += more
	return nil
}
