package table

import "encoding/binary"

// A segment is records of one shard, in a file. Each record is: the lengths of key and
// text as varints, key and text, the two positions, the count, 8 bytes each; and if
// details are kept, the length of the detail in 4 bytes, and the detail.
type segment struct {
	file         *spillFile
	offset, size int64
	count        int
}

// bufferBytes is how much of a segment is written or read at once.
const bufferBytes = 256 << 10

// fixedBytes is the size of the two positions and the count.
const fixedBytes = 24

// write writes all records of a shard, in the order of refs.
func (f *spillFile) write(s *Shard, refs []ref) (segment, error) {
	var size int64
	for slot, r := range s.records() {
		size += s.storedBytes(slot, r)
	}
	seg := segment{file: f, offset: f.end.Add(size) - size, size: size, count: len(refs)}
	buf := make([]byte, 0, bufferBytes+bufferBytes/4)
	offset := seg.offset
	for i, n := range refs {
		if i%GroupSize == 0 {
			s.prefetch(refs[i:min(i+GroupSize, len(refs))])
		}
		buf = s.appendRecord(buf, n.slot)
		if len(buf) >= bufferBytes || i == len(refs)-1 {
			if _, err := f.WriteAt(buf, offset); err != nil {
				return seg, spillError(err)
			}
			offset += int64(len(buf))
			buf = buf[:0]
		}
	}
	return seg, nil
}

// appendRecord appends the record in a slot in the form of segments.
func (s *Shard) appendRecord(dst []byte, slot uint32) []byte {
	r := s.at(slot)
	var keyBuf, textBuf [WordBytes]byte
	key, text := s.key(keyBuf[:0], r), s.text(textBuf[:0], r)
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	dst = append(append(dst, key...), text...)
	dst = binary.LittleEndian.AppendUint64(dst, r.first&positionMask)
	dst = binary.LittleEndian.AppendUint64(dst, r.textAt&positionMask)
	count := uint64(0)
	if s.keep.counts {
		count = uint64(*s.countAt(slot))
	}
	dst = binary.LittleEndian.AppendUint64(dst, count)
	if s.keep.newDetail != nil {
		from := len(dst)
		dst = s.detail(slot).Append(append(dst, 0, 0, 0, 0))
		binary.LittleEndian.PutUint32(dst[from:], uint32(len(dst)-from-4))
	}
	return dst
}

// storedBytes returns how many bytes appendRecord appends.
func (s *Shard) storedBytes(slot uint32, r *record) int64 {
	key, text := r.keyLength(), r.textLength()
	if key == long {
		key = uint64(s.overflow[r.key[1]].length)
	}
	if text == long {
		text = uint64(s.overflow[r.text[0]].length)
	}
	var lengths [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(lengths[:], key)
	n += binary.PutUvarint(lengths[n:], text)
	size := int64(n) + int64(key) + int64(text) + fixedBytes
	if s.keep.newDetail != nil {
		size += int64(4 + len(s.detail(slot).Append(nil)))
	}
	return size
}

// A stored record is one that was read from a segment. Its key and text are the reader's;
// its detail, nil if none are kept, is new.
type stored struct {
	key, text            []byte
	first, textAt, count int64
	detail               Detail
}

// addStored adds a stored record and moves its positions by shift.
func (s *Shard) addStored(l *Lookup, r *stored, shift int64) {
	slot := s.Add(l, r.text, r.first+shift, r.textAt+shift, r.count)
	if s.keep.newDetail != nil && r.detail != nil {
		s.Change(slot, func(d Detail) { d.Merge(r.detail, shift) })
	}
}

// A segmentReader reads a segment from start to end. Many are open at once, so a record
// that is larger than the buffer, and each detail, is read in two steps: next tells where
// it came first, and load reads the rest when it is its turn.
type segmentReader struct {
	stored       // the current record
	buffer  int  // the usual size of buf
	size    int  // of the current record, without its detail
	large   bool // load has to read the current record
	segment segment
	known   kept   // what the segment has of each key
	buf     []byte // buf[pos:] is not read yet
	pos     int
	read    int64 // bytes of the segment that were read into buf
	left    int   // records

	keyLength, textLength int // of the current record
	copied                []byte
}

func (s segment) reader(buffer int, known kept) *segmentReader {
	buffer = int(min(int64(buffer), s.size))
	return &segmentReader{segment: s, known: known, buffer: buffer, buf: make([]byte, 0, buffer), left: s.count}
}

// next goes to the next record and reports whether there is one. Of it only first is known
// before load.
func (r *segmentReader) next() (bool, error) {
	if r.left == 0 {
		return false, nil
	}
	r.left--
	r.shrink()
	if err := r.fill(2 * binary.MaxVarintLen64); err != nil {
		return false, err
	}
	keyLength, n := binary.Uvarint(r.buf[r.pos:])
	textLength, m := binary.Uvarint(r.buf[r.pos+n:])
	r.pos += n + m
	r.keyLength, r.textLength = int(keyLength), int(textLength)
	r.size = r.keyLength + r.textLength + fixedBytes
	r.detail = nil
	if r.large = r.size > r.buffer; r.large {
		return true, r.peek()
	}
	return true, r.readRecord()
}

// peek reads where the current record, which is large, came first.
func (r *segmentReader) peek() error {
	var first [8]byte
	at := r.segment.offset + r.read - int64(len(r.buf)-r.pos) + int64(r.size-fixedBytes)
	if _, err := r.segment.file.ReadAt(first[:], at); err != nil {
		return spillError(err)
	}
	r.first = int64(binary.LittleEndian.Uint64(first[:]))
	return nil
}

// load reads the rest of the current record.
func (r *segmentReader) load() error {
	if r.large {
		if err := r.readRecord(); err != nil {
			return err
		}
	}
	if r.known.newDetail != nil {
		return r.readDetail()
	}
	return nil
}

// readRecord reads the current record without its detail.
func (r *segmentReader) readRecord() error {
	if err := r.fill(r.size); err != nil {
		return err
	}
	b := r.buf[r.pos:]
	r.key, b = b[:r.keyLength], b[r.keyLength:]
	r.text, b = b[:r.textLength], b[r.textLength:]
	r.first = int64(binary.LittleEndian.Uint64(b))
	r.textAt = int64(binary.LittleEndian.Uint64(b[8:]))
	r.count = int64(binary.LittleEndian.Uint64(b[16:]))
	r.pos += r.size
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
	r.detail = r.known.newDetail()
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
