package records

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// A table keeps a record for each key: the latest text that came with it, how
// often it came, and where in the input it came first. Customers are a table
// from phones to names, items one from names to prices.
//
// It is split by the keys' hashes into parts that have nothing to do with each
// other, so that several cores can work on one table. As each record knows where
// in the input its text and its first appearance were, it does not matter in
// which order things are folded in.
type table struct {
	// keep says what is kept of a key beside its text.
	keep  keeps
	parts [partCount]part
	// disk is what is not in memory, or nil.
	disk *disk
	err  atomic.Pointer[error] // the first that went wrong while reading from disk
}

// note keeps an error of reading from disk, where there is one.
func (t *table) note(err error) {
	if err != nil {
		t.err.CompareAndSwap(nil, &err)
	}
}

func (t *table) noted() error {
	if err := t.err.Load(); err != nil {
		return *err
	}
	return nil
}

const (
	partBits  = 6
	partCount = 1 << partBits
)

func (t *table) part(hash uint64) *part { return &t.parts[hash>>(64-partBits)] }

// add folds in a key that came with that text at one place in the input. Nothing
// behind key and text is read: it may be somebody else's.
func (t *table) add(key, text []byte, at int64) {
	key, text = slices.Clip(key), slices.Clip(text)
	var l lookup
	l.prepare(key, hashOf(key))
	t.part(l.hash).add(&l, text, at, at, 1, t.keep)
}

// A record is what is known of one key: one line of the processor's cache.
type record struct {
	// key is the key's words; of a long one the hash, and which of the part's
	// long texts it is.
	key [3]uint64
	// text is the text's words, or which of the part's long texts it is.
	text [3]uint64
	// first is where the key came first, at where the text was read; the upper
	// byte of first is the length of the key + 1, so that it is 0 where there
	// is no record, and that of at the length of the text. A text without a
	// length was never provided.
	first, at uint64
}

const (
	lengthShift = 56
	placeMask   = 1<<lengthShift - 1
	// long is the length of a text that is not kept in words.
	long = 254
)

func (r *record) keyLength() uint64  { return r.first>>lengthShift - 1 }
func (r *record) textLength() uint64 { return r.at >> lengthShift }

// A lookup is a key on its way to its record.
type lookup struct {
	words  [3]uint64
	length uint64
	hash   uint64
	long   []byte // the key itself, where it is long
	first  uint64 // of the record where the key's should be
}

// prepare makes l the lookup of a key with that hash.
func (l *lookup) prepare(key []byte, hash uint64) {
	l.hash = hash
	if len(key) > maxShort {
		l.words, l.length, l.long = [3]uint64{hash}, long, key
		return
	}
	l.words[0], l.words[1], l.words[2], _ = words(key)
	l.length = uint64(len(key))
}

// A part is a hash table with open addressing: a record lies where its key's hash
// says, or in the next place behind that which was free.
//
// So looking a key up is one look at memory. In a large table that is a wait for
// something that no cache has; so keys are looked up many at a time, and the
// processor waits for all of them side by side.
//
// The records are in chunks, so that a table that grows needs no memory for a
// copy of itself: an old chunk becomes a new one as soon as its records are in
// their new places.
type part struct {
	sync.Mutex // for who folds in while others do
	chunks     []chunk
	size       uint64 // how many records the chunks have room for
	count      int    // how many there are: at most three quarters of that
	// The hash times the salt, as a fraction of 1, is where in the part a record
	// is at home. Each part has its own salt: going through one table's records
	// in their order while they are put into another with the same homes would
	// fill that one from one side, and make long searches of short ones.
	salt  uint64
	longs []cell
	texts texts
	// detailBytes is about how much memory the details take.
	detailBytes int64
}

// A chunk is some of a part's records.
type chunk struct {
	records []record
	counts  []int64   // how often each record's key came, if that is kept
	details []*detail // of each record, if they are kept
}

const (
	chunkBits    = 14
	chunkRecords = 1 << chunkBits
	// firstRecords is how many records a part has room for at first.
	firstRecords = 16
)

func newChunk(size uint64, keep keeps) chunk {
	c := chunk{records: make([]record, size)}
	if keep >= keepTimes {
		c.counts = make([]int64, size)
	}
	if keep == keepDetails {
		c.details = make([]*detail, size)
	}
	adviseHuge(c.records)
	return c
}

// at is the n-th place for a record.
func (p *part) at(n uint32) *record {
	return &p.chunks[n>>chunkBits].records[n%chunkRecords]
}

// detail is that of the n-th record, if details are kept.
func (p *part) detail(n uint32) *detail {
	d := &p.chunks[n>>chunkBits].details[n%chunkRecords]
	if *d == nil {
		*d = newDetail()
		p.detailBytes += detailBytes
	}
	return *d
}

// change changes the n-th record's detail.
func (p *part) change(n uint32, f func(*detail)) {
	d := p.detail(n)
	before := d.bytes()
	f(d)
	p.detailBytes += d.bytes() - before
}

// times is how often the key of the n-th record came, if that is kept.
func (p *part) times(n uint32) *int64 {
	return &p.chunks[n>>chunkBits].counts[n%chunkRecords]
}

// groupSize is how many keys are looked up together: enough to keep all of a
// core's memory requests busy, few enough for its first cache.
const groupSize = 32

// seek asks for the memory where the keys' records should lie, without waiting
// for it.
func (p *part) seek(group []lookup) {
	for i := range group {
		l := &group[i]
		if n := p.home(l.hash); n < p.size {
			l.first = p.at(uint32(n)).first
		}
	}
}

// add folds in a key that came some times, first at one place of the input and
// last with that text at another. An empty text was not provided. It returns the
// number of the record.
func (p *part) add(l *lookup, text []byte, first, at, times int64, keep keeps) uint32 {
	n := p.place(l, uint64(first), keep)
	if keep >= keepTimes {
		*p.times(n) += times
	}
	r := p.at(n)
	if r.first&placeMask > uint64(first) {
		r.first = r.first&^uint64(placeMask) | uint64(first)
	}
	if keep == keepDetails && len(text) > 0 && r.textLength() > 0 {
		var room [wordBytes]byte
		if !bytes.Equal(p.text(room[:0], r), text) {
			p.detail(n).several = true
		}
	}
	if len(text) > 0 && (r.textLength() == 0 || r.at&placeMask < uint64(at)) {
		p.write(r, text, uint64(at))
	}
	return n
}

func (p *part) home(hash uint64) uint64 {
	home, _ := bits.Mul64(hash*p.salt, p.size)
	return home
}

// after is the place after n.
func (p *part) after(n uint64) uint64 {
	if n++; n < p.size {
		return n
	}
	return 0
}

// place returns where the key's record is, which it makes where there is none.
func (p *part) place(l *lookup, at uint64, keep keeps) uint32 {
	n, found := p.search(l)
	if found {
		return n
	}
	if 4*uint64(p.count+1) > 3*p.size {
		p.grow(keep)
		n, _ = p.search(l)
	}
	p.make(p.at(n), l, at)
	return n
}

// make makes a record for the key.
func (p *part) make(r *record, l *lookup, at uint64) {
	p.count++
	r.key, r.first = l.words, at|(l.length+1)<<lengthShift
	if l.length == long {
		r.key[1] = uint64(len(p.longs))
		p.longs = append(p.longs, cell{ref: p.texts.add(l.long)})
	}
}

// empty forgets all records, and the salt: records that were written in their
// order may come back.
func (p *part) empty() {
	p.chunks, p.size, p.count, p.salt, p.longs, p.texts = nil, 0, 0, 0, nil, texts{}
	p.detailBytes = 0
}

// search goes from the key's home on to its record or, where it has none, to the
// place for it.
func (p *part) search(l *lookup) (n uint32, found bool) {
	for i := p.home(l.hash); i < p.size; i = p.after(i) {
		r := p.at(uint32(i))
		if r.first>>lengthShift == l.length+1 && r.key[0] == l.words[0] && p.is(r, l) {
			return uint32(i), true
		}
		if r.first == 0 {
			return uint32(i), false
		}
	}
	return 0, false
}

// is says whether a record whose key has the right length and the right first
// word is the key's.
func (p *part) is(r *record, l *lookup) bool {
	if l.length == long {
		return bytes.Equal(p.texts.get(p.longs[r.key[1]].ref), l.long)
	}
	return r.key[1] == l.words[1] && r.key[2] == l.words[2]
}

// grow makes room for more: twice as many, or half as many more once there are
// several chunks. As homes stay in their order, this goes through old and new
// memory from begin to end.
func (p *part) grow(keep keeps) {
	old := p.chunks
	if p.size < chunkRecords {
		p.size = max(firstRecords, 2*p.size)
	} else {
		p.size += (p.size/2 + chunkRecords - 1) &^ (chunkRecords - 1)
	}
	if p.salt == 0 {
		p.salt = rand.Uint64() | 1
	}
	p.chunks = make([]chunk, (p.size+chunkRecords-1)/chunkRecords)
	var free []chunk
	for _, c := range old {
		for n := range c.records {
			if r := &c.records[n]; r.first != 0 {
				to := p.free(p.home(r.hash()), &free, keep)
				*p.at(to) = *r
				if keep >= keepTimes {
					*p.times(to) = c.counts[n]
				}
				if keep == keepDetails {
					p.chunks[to>>chunkBits].details[to%chunkRecords] = c.details[n]
				}
			}
		}
		if len(c.records) == chunkRecords {
			clear(c.records)
			clear(c.counts)
			clear(c.details)
			free = append(free, c)
		}
	}
	for n := range p.chunks {
		p.fill(uint64(n)<<chunkBits, &free, keep)
	}
}

// free is the first free place from n on.
func (p *part) free(n uint64, free *[]chunk, keep keeps) uint32 {
	for p.fill(n, free, keep); p.at(uint32(n)).first != 0; p.fill(n, free, keep) {
		n = p.after(n)
	}
	return uint32(n)
}

// fill sees to it that there is the chunk in which n is.
func (p *part) fill(n uint64, free *[]chunk, keep keeps) {
	c := &p.chunks[n>>chunkBits]
	switch last := len(*free) - 1; {
	case c.records != nil:
	case last >= 0:
		*c, *free = (*free)[last], (*free)[:last]
	default:
		*c = newChunk(min(p.size, chunkRecords), keep)
	}
}

// hash is that of the record's key.
func (r *record) hash() uint64 {
	if n := r.keyLength(); n != long {
		return hashWords(r.key[0], r.key[1], r.key[2], n)
	}
	return r.key[0]
}

// write sets a record's text. One that was long once keeps its cell: texts that
// become long and short again must not take more and more memory.
func (p *part) write(r *record, text []byte, at uint64) {
	if n := len(text); n <= maxShort && r.textLength() != long {
		r.text[0], r.text[1], r.text[2], _ = words(text)
		r.at = at | uint64(n)<<lengthShift
		return
	}
	p.writeLong(r, text, at)
}

func (p *part) writeLong(r *record, text []byte, at uint64) {
	if r.textLength() != long {
		r.text[0] = uint64(len(p.longs))
		p.longs = append(p.longs, cell{})
	}
	r.at = at | long<<lengthShift
	p.texts.set(&p.longs[r.text[0]], text)
}

// key is a record's key. It may be in room.
func (p *part) key(room []byte, r *record) []byte {
	if n := r.keyLength(); n != long {
		return appendWords(room, int(n), &r.key)
	}
	return p.texts.get(p.longs[r.key[1]].ref)
}

// text is a record's text. It may be in room.
func (p *part) text(room []byte, r *record) []byte {
	if n := r.textLength(); n != long {
		return appendWords(room, int(n), &r.text)
	}
	return p.texts.get(p.longs[r.text[0]].ref)
}
