// Package extsort sorts records that may be more than fit in memory.
//
// A record is any bytes, with two numbers that it is sorted by. Records beyond the memory go
// to a file without a name: sorted runs, which are merged in the end. Records with the same
// numbers stay in the order in which they were added, unless [Sorter.Ties] says more.
package extsort

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"slices"

	"process-orders/internal/unnamed"
)

// A Record is some bytes and what they are sorted by: first A, then B.
type Record struct {
	A, B uint64
	Data []byte
}

// A Sorter takes records in any order and gives them back sorted. It belongs to one
// goroutine. Close it at the end.
type Sorter struct {
	// Ties, if not nil, compares the bytes of records that have the same numbers. It is set
	// before the first record is added. Then a merge may hold as many records at once as it reads runs.
	Ties func(x, y []byte) int

	memory int64
	folder string

	// The records that are in memory: their bytes, and where they are in them.
	chunks  [][]byte
	filling int       // the chunk that takes the next one
	bytes   int       // in all chunks
	entries [][]entry // entriesAtOnce each
	count   int       // of the entries
	sorted  []uint32  // the indexes of the entries; nil if they are not sorted

	runs []run
	file *unnamed.File // has the runs, one behind the other
	end  int64         // of what is in the file
}

// An entry is a record that is in memory.
type entry struct {
	a, b uint64
	at   place
}

// entryBytes is what a record takes in memory besides its bytes, while it is sorted.
const entryBytes = 24 + sortingBytes

// A place is where the bytes of a record are: a chunk, from where in it, and how many. The numbers of
// places grow from record to record.
type place uint64

const (
	lengthBits = 19 // chunkBytes is a length
	fromBits   = 18
	wholeChunk = 1<<lengthBits - 1 // the length of a record that has a chunk of its own
)

// A run is a part of a file that holds sorted records.
type run struct {
	file       *unnamed.File
	start, end int64
}

// A merge reads as many runs at once as there is memory for their buffers, but not less
// than minRuns: with few, it would read and write the same records again and again.
const (
	bufferBytes    = 64 << 10
	minBufferBytes = 4 << 10
	minRuns        = 8
)

// New returns a sorter that takes about so many bytes of memory, and the size of its largest
// record. What does not fit goes to the folder; "" means the folder for temporary files.
func New(memory int64, folder string) *Sorter {
	return &Sorter{memory: max(memory, minRuns*minBufferBytes), folder: folder}
}

// Add adds a record, whose bytes are copied: those of parts, one after the other.
func (s *Sorter) Add(a, b uint64, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	isFull := int64(s.bytes+n+(s.count+1)*entryBytes) > s.memory || int64(s.count) == mostSorted
	if s.count > 0 && isFull {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.list(entry{a, b, s.keep(n, parts)})
	return nil
}

// entriesAtOnce is how many entries share memory. A slice that grows is copied, so few others grow.
const entriesAtOnce = 1 << 12

// list adds an entry.
func (s *Sorter) list(e entry) {
	i := s.count / entriesAtOnce
	if i == len(s.entries) {
		s.entries = append(s.entries, make([]entry, 0, min(len(s.entries), 1)*entriesAtOnce))
	}
	s.entries[i] = append(s.entries[i], e)
	s.count, s.sorted = s.count+1, nil
}

// entry returns the i-th entry.
func (s *Sorter) entry(i uint32) *entry { return &s.entries[i/entriesAtOnce][i%entriesAtOnce] }

// Each chunk is twice as large as the one before, up to chunkBytes. A record that is larger has one of
// its own.
const firstChunkBytes, chunkBytes = 4 << 10, 1 << fromBits

// keep copies the n bytes of a record.
func (s *Sorter) keep(n int, parts [][]byte) place {
	size := max(n, 1) // no two records have the same place
	for s.filling < len(s.chunks) && cap(s.chunks[s.filling])-len(s.chunks[s.filling]) < size {
		s.filling++
	}
	if s.filling == len(s.chunks) {
		usual := firstChunkBytes
		if s.filling > 0 {
			usual = min(2*cap(s.chunks[s.filling-1]), chunkBytes)
		}
		s.chunks = append(s.chunks, make([]byte, 0, max(usual, size)))
	}
	chunk := &s.chunks[s.filling]
	from, length := len(*chunk), n
	if n > chunkBytes {
		length = wholeChunk
	}
	for _, p := range parts {
		*chunk = append(*chunk, p...)
	}
	*chunk = (*chunk)[:from+size]
	s.bytes += size
	return place(s.filling)<<(fromBits+lengthBits) | place(from)<<lengthBits | place(length)
}

// data returns the bytes of a record.
func (s *Sorter) data(at place) []byte {
	chunk := s.chunks[at>>(fromBits+lengthBits)]
	from, length := int(at>>lengthBits&(1<<fromBits-1)), int(at&(1<<lengthBits-1))
	if length == wholeChunk {
		length = len(chunk)
	}
	return chunk[from:][:length:length]
}

// sort sorts what is in memory.
func (s *Sorter) sort() {
	if s.sorted == nil {
		s.sorted = sortedBy(s.count,
			func(i uint32) (a, b uint64) { e := s.entry(i); return e.a, e.b },
			func(i, j uint32) int { return s.compare(s.entry(i), s.entry(j)) })
	}
}

func (s *Sorter) compare(x, y *entry) int {
	if x.a != y.a {
		return cmp.Compare(x.a, y.a)
	}
	if x.b != y.b {
		return cmp.Compare(x.b, y.b)
	}
	if s.Ties != nil {
		if c := s.Ties(s.data(x.at), s.data(y.at)); c != 0 {
			return c
		}
	}
	return cmp.Compare(x.at, y.at)
}

// each calls do with all records in memory, sorted, until it returns false.
func (s *Sorter) each(do func(Record) bool) {
	s.sort()
	var records [touchedAtOnce]Record
	for some := range slices.Chunk(s.sorted, touchedAtOnce) {
		for i, index := range some {
			e := s.entry(index)
			records[i] = Record{e.a, e.b, s.data(e.at)}
		}
		touch(records[:len(some)])
		for i := range some {
			if !do(records[i]) {
				return
			}
		}
	}
}

// touchedAtOnce is of how many records bytes are brought into the cache of the core at once.
const touchedAtOnce = 64

// touch reads the first and the last byte of some records. In the order in which they are sorted
// they lie anywhere in memory. The processor waits for many such places at once if it has nothing
// else to do, and else for one after the other.
//
//go:noinline
func touch(some []Record) (sum int) {
	for i := range some {
		if b := some[i].Data; len(b) > 0 {
			sum += int(b[0]) + int(b[len(b)-1])
		}
	}
	return sum
}

// spill makes a run of what is in memory.
func (s *Sorter) spill() error {
	if s.count == 0 {
		return nil
	}
	if s.file == nil {
		file, err := unnamed.Create(s.folder)
		if err != nil {
			return err
		}
		s.file = file
	}
	w := newRunWriter(s.file, s.end)
	s.each(func(r Record) bool { w.add(r); return true })
	made, err := w.finish()
	s.runs, s.end = append(s.runs, made), made.end
	s.clear()
	return err
}

// clear drops what is in memory. Its memory stays for the next records.
func (s *Sorter) clear() {
	s.chunks = slices.DeleteFunc(s.chunks, func(chunk []byte) bool { return cap(chunk) > chunkBytes })
	for i := range s.chunks {
		s.chunks[i] = s.chunks[i][:0]
	}
	for i := range s.entries {
		s.entries[i] = s.entries[i][:0]
	}
	s.count, s.sorted, s.filling, s.bytes = 0, nil, 0, 0
}

// InMemory reports whether all records are in memory. Then the bytes of records that are yielded stay
// as they are.
func (s *Sorter) InMemory() bool { return len(s.runs) == 0 }

// Sorted yields all records in order. The bytes of a record belong to the loop's body until
// it ends, unless all records are in memory. The first error ends it. Nothing may be added
// afterwards. Several loops may go over the records side by side, in one goroutine: each takes
// memory of its own.
func (s *Sorter) Sorted() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if s.InMemory() {
			s.each(func(r Record) bool { return yield(r, nil) })
			return
		}
		if err := s.reduce(); err != nil {
			yield(Record{}, err)
			return
		}
		if err := s.merge(s.runs, func(r Record) bool { return yield(r, nil) }); err != nil {
			yield(Record{}, err)
		}
	}
}

// reduce merges runs until one merge can read all of them.
func (s *Sorter) reduce() error {
	if err := s.spill(); err != nil {
		return err
	}
	s.entries, s.chunks = nil, nil // the buffers of the merge take their place
	most := int(max(s.memory/bufferBytes, minRuns))
	for len(s.runs) > most {
		file, err := unnamed.Create(s.folder)
		if err != nil {
			return err
		}
		var longer []run
		end := int64(0)
		for group := range slices.Chunk(s.runs, most) { // neighbours, as equal records keep their order
			w := newRunWriter(file, end)
			err := s.merge(group, func(r Record) bool { w.add(r); return true })
			made, failed := w.finish()
			if err = errors.Join(err, failed); err != nil {
				return errors.Join(err, file.Close())
			}
			longer, end = append(longer, made), made.end
		}
		err = s.file.Close()
		s.file, s.runs = file, longer
		if err != nil {
			return err
		}
	}
	return nil
}

// merge calls do with the records of the runs, in order, until do returns false.
func (s *Sorter) merge(runs []run, do func(Record) bool) error {
	size := int(min(bufferBytes, max(minBufferBytes, s.memory/int64(len(runs)))))
	all := heads{ties: s.Ties}
	for i, r := range runs {
		h := &head{run: i, r: bufio.NewReaderSize(io.NewSectionReader(r.file, r.start, r.end-r.start), size)}
		if ok, err := h.next(); err != nil {
			return err
		} else if ok {
			all.heads = append(all.heads, h)
		}
	}
	heap.Init(&all)
	for len(all.heads) > 0 && all.err == nil {
		h := all.heads[0]
		if err := h.read(&all.shared); err != nil {
			return err
		}
		if !do(Record{h.a, h.b, h.data}) {
			return nil
		}
		if ok, err := h.next(); err != nil {
			return err
		} else if ok {
			heap.Fix(&all, 0)
		} else {
			heap.Pop(&all)
		}
	}
	return all.err
}

// Close frees what the sorter holds.
func (s *Sorter) Close() error {
	s.clear()
	s.entries, s.chunks, s.runs = nil, nil, nil
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

// headerBytes is how long the numbers of a record are in a run: A, B and the length.
const headerBytes = 8 + 8 + 8

// A runWriter writes a run. Its finish returns the first error.
type runWriter struct {
	made run
	w    *bufio.Writer
	err  error
}

func newRunWriter(file *unnamed.File, start int64) *runWriter {
	return &runWriter{
		made: run{file, start, start},
		w:    bufio.NewWriterSize(io.NewOffsetWriter(file, start), bufferBytes),
	}
}

func (w *runWriter) add(r Record) {
	var header [headerBytes]byte
	binary.LittleEndian.PutUint64(header[:], r.A)
	binary.LittleEndian.PutUint64(header[8:], r.B)
	binary.LittleEndian.PutUint64(header[16:], uint64(len(r.Data)))
	_, _ = w.w.Write(header[:])
	_, w.err = w.w.Write(r.Data) // it keeps the first error
	w.made.end += headerBytes + int64(len(r.Data))
}

func (w *runWriter) finish() (run, error) {
	return w.made, errors.Join(w.err, w.w.Flush())
}

// A head is the next record of a run. Its bytes are read when they are needed: those of all
// heads may be more than fit in memory.
type head struct {
	run    int
	r      *bufio.Reader
	a, b   uint64
	length int
	data   []byte // the bytes, if isRead
	isRead bool
	own    []byte // memory for them, of heads that were compared by them
}

// next goes to the next record and reports whether there is one.
func (h *head) next() (bool, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(h.r, header[:]); err == io.EOF {
		return false, nil
	} else if err != nil {
		return false, cutShort(err)
	}
	h.a, h.b = binary.LittleEndian.Uint64(header[:]), binary.LittleEndian.Uint64(header[8:])
	h.length = int(binary.LittleEndian.Uint64(header[16:]))
	h.isRead = false
	return true, nil
}

// read reads the bytes of the record into a buffer, if they are not read yet.
func (h *head) read(buffer *[]byte) error {
	if h.isRead {
		return nil
	}
	*buffer = slices.Grow((*buffer)[:0], h.length)[:h.length]
	h.data, h.isRead = *buffer, true
	_, err := io.ReadFull(h.r, h.data)
	return cutShort(err)
}

// cutShort makes an error of an end within a record.
func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// heads are a heap: the first is the least, and of equal ones that of the earlier run.
type heads struct {
	heads  []*head
	ties   func(x, y []byte) int // nil if bytes are not compared
	shared []byte                // memory for the bytes of the first head
	err    error                 // the first one in a comparison
}

func (h *heads) Len() int      { return len(h.heads) }
func (h *heads) Swap(i, j int) { h.heads[i], h.heads[j] = h.heads[j], h.heads[i] }
func (h *heads) Less(i, j int) bool {
	x, y := h.heads[i], h.heads[j]
	c := cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	if c == 0 && h.ties != nil {
		c = h.compareBytes(x, y)
	}
	return cmp.Or(c, cmp.Compare(x.run, y.run)) < 0
}

func (h *heads) compareBytes(x, y *head) int {
	for _, one := range []*head{x, y} {
		if err := one.read(&one.own); err != nil {
			h.err = cmp.Or(h.err, err)
			return 0
		}
	}
	return h.ties(x.data, y.data)
}

func (h *heads) Push(x any) { h.heads = append(h.heads, x.(*head)) }
func (h *heads) Pop() any {
	last := h.heads[len(h.heads)-1]
	h.heads = h.heads[:len(h.heads)-1]
	return last
}
