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
	"runtime"
	"slices"
	"sync"

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
	// before the first record is added, and may be called by two goroutines at once. Then a merge may hold as many records at once as it
	// reads runs.
	Ties func(x, y []byte) int

	memory int64
	folder string

	// The records that are in memory: their bytes, and where they are in them.
	bytes   []byte
	entries []entry
	sorted  bool // whether the entries are

	runs []run
	file *unnamed.File // has the runs, one behind the other
	end  int64         // of what is in the file
}

type entry struct {
	a, b   uint64
	offset int // in Sorter.bytes
	length int
}

// entryBytes is what a record takes in memory besides its bytes.
const entryBytes = 32

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
	if len(s.entries) > 0 && int64(len(s.bytes)+n+(len(s.entries)+1)*entryBytes) > s.memory {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.makeRoom(n)
	s.entries, s.sorted = append(s.entries, entry{a, b, len(s.bytes), n}), false
	for _, p := range parts {
		s.bytes = append(s.bytes, p...)
	}
	if n == 0 {
		s.bytes = append(s.bytes, 0) // no two records have the same offset
	}
	return nil
}

// makeRoom makes room for a record of n bytes, and for as many as there are, as far as there is memory
// for them. A slice that grows by itself is copied three times as often.
func (s *Sorter) makeRoom(n int) {
	left := max(0, int(s.memory)-len(s.bytes)-len(s.entries)*entryBytes)
	if cap(s.bytes)-len(s.bytes) < n+1 {
		s.bytes = slices.Grow(s.bytes, max(n+1, min(len(s.bytes), left)))
	}
	if len(s.entries) == cap(s.entries) {
		s.entries = slices.Grow(s.entries, max(1, min(len(s.entries), left/entryBytes)))
	}
}

// sort sorts what is in memory: many records on two cores.
func (s *Sorter) sort() {
	if s.sorted {
		return
	}
	s.sorted = true
	if len(s.entries) < sortedTogether || runtime.GOMAXPROCS(0) == 1 {
		slices.SortFunc(s.entries, s.compare)
		return
	}
	first, second := s.split()
	var other sync.WaitGroup
	other.Go(func() { slices.SortFunc(second, s.compare) })
	slices.SortFunc(first, s.compare)
	other.Wait()
}

// sortedTogether is how many records are worth another core.
const sortedTogether = 10_000

// split moves the entries that come first before the others, and returns about half of them each.
func (s *Sorter) split() (first, second []entry) {
	var sample [99]entry
	for i := range sample {
		sample[i] = s.entries[i*(len(s.entries)/len(sample))]
	}
	slices.SortFunc(sample[:], s.compare)
	middle, n := sample[len(sample)/2], 0
	for i := range s.entries {
		if s.compare(s.entries[i], middle) < 0 {
			s.entries[n], s.entries[i] = s.entries[i], s.entries[n]
			n++
		}
	}
	return s.entries[:n], s.entries[n:]
}

func (s *Sorter) compare(x, y entry) int {
	if x.a != y.a {
		return cmp.Compare(x.a, y.a)
	}
	if x.b != y.b {
		return cmp.Compare(x.b, y.b)
	}
	if s.Ties != nil {
		if c := s.Ties(s.bytes[x.offset:][:x.length], s.bytes[y.offset:][:y.length]); c != 0 {
			return c
		}
	}
	return cmp.Compare(x.offset, y.offset)
}

// spill makes a run of what is in memory.
func (s *Sorter) spill() error {
	if len(s.entries) == 0 {
		return nil
	}
	if s.file == nil {
		file, err := unnamed.Create(s.folder)
		if err != nil {
			return err
		}
		s.file = file
	}
	s.sort()
	w := newRunWriter(s.file, s.end)
	for i := range s.entries {
		e := &s.entries[i]
		w.add(Record{e.a, e.b, s.bytes[e.offset:][:e.length]})
	}
	made, err := w.finish()
	s.runs, s.end = append(s.runs, made), made.end
	s.entries, s.bytes = s.entries[:0], s.bytes[:0]
	return err
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
			s.sort()
			for some := range slices.Chunk(s.entries, touchedAtOnce) {
				s.touch(some)
				for _, e := range some {
					if !yield(Record{e.a, e.b, s.bytes[e.offset:][:e.length]}, nil) {
						return
					}
				}
			}
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

// touchedAtOnce is of how many records bytes are brought into the cache of the core at once.
const touchedAtOnce = 64

// touch reads the first and the last byte of some records. In the order in which they are sorted
// they lie anywhere in memory. The processor waits for many such places at once if it has nothing
// else to do, and else for one after the other.
//
//go:noinline
func (s *Sorter) touch(some []entry) (sum int) {
	for i := range some {
		if e := &some[i]; e.length > 0 {
			sum += int(s.bytes[e.offset]) + int(s.bytes[e.offset+e.length-1])
		}
	}
	return sum
}

// reduce merges runs until one merge can read all of them.
func (s *Sorter) reduce() error {
	if err := s.spill(); err != nil {
		return err
	}
	s.entries, s.bytes = nil, nil // the buffers of the merge take their place
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
	s.entries, s.bytes, s.runs = nil, nil, nil
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
