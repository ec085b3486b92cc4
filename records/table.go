package records

import (
	"bytes"
	"math/bits"
)

// A table keeps a record for each key: the latest text that came with it, how
// often it came, and where in the input it came first. Customers are a table
// from phones to names, items one from names to prices.
//
// It is split by the keys' hashes into parts that have nothing to do with each
// other, so that tables can be merged on several cores.
//
// Looking a key up takes two looks at memory, a slot and a record, and in a
// large table each is a wait for something that no cache has. So keys are looked
// up many at a time: first all their slots, then all their records. The waits of
// different keys do not depend on each other, and the processor waits for them
// side by side.
type table struct {
	// counted says that it is to be counted how often a key came.
	counted bool
	parts   [partCount]part
	waiting int
	entries [entryCount]entry // of which the first waiting are not folded in yet
	lookups [entryCount]lookup
}

const (
	partBits  = 4
	partCount = 1 << partBits
	// entryCount is how many keys are looked up together: enough to keep all
	// of a core's memory requests busy, few enough for its first cache.
	entryCount = 32
)

// An entry is one thing to fold in: a key that came some times, first at one
// place in the input, and last with that text at another.
type entry struct {
	key, text []byte
	first, at int64
	times     int64
}

// A record is what is known of one key: one line of the processor's cache.
type record struct {
	// key is the key's words; of a long one the hash, and which of the part's
	// long texts it is.
	key [3]uint64
	// text is the text's words, or which of the part's long texts it is.
	text [3]uint64
	// first is where the key came first, at where the text was read; the upper
	// byte of each is the length of the key and the text. A text without a
	// length was never provided.
	first, at uint64
}

const (
	lengthShift = 56
	placeMask   = 1<<lengthShift - 1
	// long is the length of a text that is not kept in words.
	long = 255
)

func (r *record) keyLength() uint64  { return r.first >> lengthShift }
func (r *record) textLength() uint64 { return r.at >> lengthShift }

// A lookup is a key on its way to its record.
type lookup struct {
	words  [3]uint64
	length uint64
	hash   uint64
	long   []byte // the key itself, where it is long
	slot   uint64
	number uint32 // of the record, if found
	first  uint64 // the record's, if found
	found  bool
}

// add folds a text in that came with the key at some place in the input, behind
// all before. An empty text was not provided. The bytes must stay as they are
// until flush.
func (t *table) add(key, text []byte, at int64) { t.addTimes(key, text, at, at, 1) }

// addTimes folds in a key that came some times.
func (t *table) addTimes(key, text []byte, first, at, times int64) {
	t.entries[t.waiting] = entry{key, text, first, at, times}
	if t.waiting++; t.waiting == entryCount {
		t.flush()
	}
}

// flush folds in what waits.
func (t *table) flush() {
	entries, lookups := t.entries[:t.waiting], t.lookups[:t.waiting]
	t.waiting = 0
	for i := range entries {
		lookups[i].prepare(entries[i].key)
	}
	t.seek(lookups)
	for i := range entries {
		e := &entries[i]
		p := t.part(lookups[i].hash)
		n := p.place(&lookups[i], uint64(e.first), t.counted)
		if t.counted {
			*p.counter(n) += e.times
		}
		if len(e.text) > 0 {
			p.write(p.record(n), e.text, uint64(e.at))
		}
		e.key, e.text, lookups[i].long = nil, nil, nil // the caller's memory is let go
	}
}

func (t *table) part(hash uint64) *part { return &t.parts[hash>>(64-partBits)] }

func (l *lookup) prepare(key []byte) {
	if len(key) > maxShort {
		l.hash = hashLong(key)
		l.words, l.length, l.long = [3]uint64{l.hash}, long, key
		return
	}
	l.words[0], l.words[1], l.words[2], _ = words(key)
	l.length, l.long = uint64(len(key)), nil
	l.hash = hashWords(l.words[0], l.words[1], l.words[2], l.length)
}

// seek looks all keys up. A key that is not found may be there all the same, in
// a slot further on.
func (t *table) seek(lookups []lookup) {
	for i := range lookups {
		l := &lookups[i]
		l.slot = t.part(l.hash).slot(l.hash)
	}
	for i := range lookups {
		l := &lookups[i]
		if l.found = l.may(l.slot); l.found { // ask for the record, without waiting
			l.number = uint32(l.slot) - 1
			l.first = t.part(l.hash).record(l.number).first
		}
	}
	for i := range lookups {
		l := &lookups[i]
		l.found = l.found && l.first>>lengthShift == l.length && t.part(l.hash).is(l.number, l)
	}
}

// slot is the first or, if that one is another key's, the second of the slots
// that a hash may be in.
func (p *part) slot(hash uint64) uint64 {
	if len(p.slots) == 0 {
		return 0
	}
	mask := uint32(len(p.slots) - 1)
	slot, second := p.slots[uint32(hash)&mask], p.slots[(uint32(hash)+1)&mask]
	if uint32(second>>32) == uint32(hash) { // no branch: the compiler makes it a conditional move
		slot = second
	}
	return slot
}

// may says whether a slot may be the key's.
func (l *lookup) may(slot uint64) bool {
	return slot>>32 == l.hash&0xffffffff && uint32(slot) != 0
}

// A part is a hash table with open addressing.
type part struct {
	// slots are a power of two, at most half of them taken. The upper half of a slot is
	// the lower half of a key's hash, the lower half the number of its record
	// + 1; 0 is a free slot.
	slots []uint64
	pages [][]record // never moved; each is as long as all before, and a bit
	// counts are how often the keys came, in pages like those of the records.
	counts [][]int64
	count  int
	longs  []cell
	texts  texts
}

const (
	firstSlots = 16
	// The first page of records is small, as many tables stay so.
	firstPageBits = 4
	firstPage     = 1 << firstPageBits
)

// where is the page of a record, and its place there: page n begins with the
// record firstPage<<n - firstPage.
func where(number uint32) (page int, at uint32) {
	number += firstPage
	page = bits.Len32(number) - 1
	return page - firstPageBits, number - 1<<page
}

func (p *part) record(number uint32) *record {
	page, at := where(number)
	return &p.pages[page][at]
}

func (p *part) counter(number uint32) *int64 {
	page, at := where(number)
	return &p.counts[page][at]
}

// is says whether the record is the key's.
func (p *part) is(number uint32, l *lookup) bool {
	r := p.record(number)
	if r.first>>lengthShift != l.length || r.key[0] != l.words[0] {
		return false
	}
	if l.length == long {
		return bytes.Equal(p.texts.get(p.longs[r.key[1]].ref), l.long)
	}
	return r.key[1] == l.words[1] && r.key[2] == l.words[2]
}

// place returns the number of the key's record, which it makes where there is
// none.
func (p *part) place(l *lookup, at uint64, counted bool) uint32 {
	if l.found {
		return l.number
	}
	if 2*(p.count+1) > len(p.slots) {
		p.grow()
	}
	slot, found := p.search(l)
	if !found {
		l.number = uint32(p.count)
		p.slots[slot] = l.hash<<32 | uint64(l.number+1)
		p.make(l, at, counted)
	}
	return l.number
}

// search goes from slot to slot to the key's record or, where it has none, to
// the slot for it.
func (p *part) search(l *lookup) (slot uint32, found bool) {
	mask := uint32(len(p.slots) - 1)
	for i := uint32(l.hash) & mask; ; i = (i + 1) & mask {
		if p.slots[i] == 0 {
			return i, false
		}
		l.number = uint32(p.slots[i]) - 1
		if l.may(p.slots[i]) && p.is(l.number, l) {
			return i, true
		}
	}
}

func (p *part) make(l *lookup, at uint64, counted bool) {
	if page, at := where(l.number); at == 0 {
		p.pages = append(p.pages, make([]record, firstPage<<page))
		if counted {
			p.counts = append(p.counts, make([]int64, firstPage<<page))
		}
	}
	r := p.record(l.number)
	p.count++
	r.key, r.first = l.words, at|l.length<<lengthShift
	if l.length == long {
		r.key[1] = uint64(len(p.longs))
		p.longs = append(p.longs, cell{ref: p.texts.add(l.long)})
	}
}

// grow doubles the slots. A slot knows enough of its key's hash to find its new
// place alone.
func (p *part) grow() {
	old := p.slots
	p.slots = make([]uint64, max(firstSlots, 2*len(old)))
	mask := uint32(len(p.slots) - 1)
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		i := uint32(slot>>32) & mask
		for p.slots[i] != 0 {
			i = (i + 1) & mask
		}
		p.slots[i] = slot
	}
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

// appendKey appends the record's key.
func (p *part) appendKey(dst []byte, r *record) []byte {
	if n := r.keyLength(); n != long {
		return appendWords(dst, int(n), &r.key)
	}
	return append(dst, p.texts.get(p.longs[r.key[1]].ref)...)
}

// appendText appends the record's text.
func (p *part) appendText(dst []byte, r *record) []byte {
	if n := r.textLength(); n != long {
		return appendWords(dst, int(n), &r.text)
	}
	return append(dst, p.texts.get(p.longs[r.text[0]].ref)...)
}
