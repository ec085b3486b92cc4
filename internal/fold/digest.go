package fold

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"

	"process-orders/internal/columns"
	"process-orders/internal/table"
)

// A digest folds lines by item, before they go to the table. A shop sells the same items over
// and over. So the table gets a few hundred items instead of a chunk's thousands of lines.
// With [Accumulator].KeepItems it gets them once instead of with each chunk. The result is the
// same by the law of the fold: lines are folded first, and then folded in.
//
// What is first and last in a chunk is so by the order in which lines come to the digest. If
// orders are versioned, their lines come by version, and not as the chunk has them: lists
// that have the newest order first are common.
//
// It is a hash table that is small enough for the core's nearest caches. It compares names
// as words, without a branch that depends on their length. Nearly every line finds its item
// in the first slot. The processor guesses that, and works on the next lines before it is
// done with this one: see addKnown.
type digest struct {
	slots [2 * digestItems]uint16  // the index of an item; 0 if there is none
	items *[digestItems]digestItem // the one with index 0 has a name that no line has
	kept  *[digestItems]keptItem   // of the same items
	known []uint16                 // the indexes of the items of lines that have just been added
	count int                      // of the items, with that of index 0
	lines int                      // that came since there were no items
	rest  int                      // how many lines are to go to the table by themselves
	end   int64                    // a position behind all that is kept
	texts columns.Orders           // nothing but the texts of what is kept, on their way to the table
}

const (
	digestBits  = 11
	digestItems = 1 << digestBits
	// minDigested is how many lines are worth a look at all items.
	minDigested = 256
	// maxProbes is in how many slots an item is looked for. Only names that somebody
	// prepared need more. They go to the table by themselves.
	maxProbes = 32
	// restLines is how many lines go to the table by themselves once fewer than half of the
	// lines found their item in the digest.
	restLines = 16 * digestItems
	// maxKeptPrice is the greatest length of a price that is kept from chunk to chunk.
	maxKeptPrice = 24
)

// A digestItem is an item with a name of up to table.WordBytes bytes.
type digestItem struct {
	words  [table.WordBytes / 8]uint64
	length uint32
	count  uint32 // in the chunk
	first  uint32 // line of a new item, + 1; 0 if an earlier chunk has the item
	last   uint32 // line of the item in the chunk, + 1; 0 if there is none
}

// A keptItem is what is known of an item beyond the chunk. With the price are its position
// and length.
type keptItem struct {
	hash         uint64
	first, count int64
	at           int64
	length       uint8
	price        [maxKeptPrice]byte
}

// digestSecrets are for hashes: see table.Hash.
var digestSecrets = [2]uint64{rand.Uint64(), rand.Uint64()}

// fold folds the lines j with from <= j < to, which are those of all orders that are being
// folded. They go to t, or are kept for it.
func (d *digest) fold(a *Accumulator, c *columns.Orders, from, to int, t *table.Table) {
	a.clear()
	if to-from < minDigested {
		a.addLines(c, from, to)
		a.into(t, c, a.itemDetails(c))
		return
	}
	if d.items == nil {
		d.items, d.kept = new([digestItems]digestItem), new([digestItems]keptItem)
		d.forget()
	}
	if !a.keeps() || c.LinePosition(from) < d.end {
		d.flush(a, t) // what is kept must be earlier than all that comes
	}
	d.touch()
	if a.versioned && len(a.versions.sorted) > 0 {
		for _, i := range a.versions.sorted {
			first, end := c.LineRange(a.versions.from + i)
			d.add(a, c, first, end, t)
		}
	} else {
		d.add(a, c, from, to, t)
	}
	d.settle(a, c, t)
	if a.keeps() {
		d.end = c.LinePosition(to-1) + 1
	}
}

// touch asks for the memory of the digest, all at once. The chunk has pushed it out of the
// core's nearest cache, and line by line most of it would be a wait.
func (d *digest) touch() {
	sum := uint32(0)
	for n := 0; n < d.count; n++ {
		sum += d.items[n].length
	}
	for n := 0; n < len(d.slots); n += 32 {
		sum += uint32(d.slots[n])
	}
	runtime.KeepAlive(sum)
}

// add adds the lines j with from <= j < to. They are later than all that were added before.
func (d *digest) add(a *Accumulator, c *columns.Orders, from, to int, t *table.Table) {
	d.lines += to - from
	for j := from; j < to; j++ {
		if n := min(d.rest, to-j); n > 0 {
			a.addLines(c, j, j+n)
			d.rest -= n
			j += n - 1
			continue
		}
		if j = d.addKnown(a, c, j, to); j == to {
			break
		}
		if d.count == digestItems {
			if lines := d.lines - (to - j); lines < 2*digestItems {
				d.rest = restLines
			}
			d.settle(a, c, t)
			d.flush(a, t)
			d.lines = to - j
		}
		n := d.seek(c.Item(j), j)
		if n == 0 {
			a.addLines(c, j, j+1)
			continue
		}
		if a.Details != nil {
			d.known = append(d.known[:0], uint16(n))
			a.Details.Items(c, d.known, j-a.firstLine)
		}
		item := &d.items[n]
		item.count += uint32(CountOf(a.uncounted, j))
		item.last = uint32(j) + 1
	}
}

// addKnown adds the lines from one on, up to the first whose item is not in its first slot,
// or whose name is not in the input with as many bytes behind it as are read at once. It
// returns that line, or to.
//
// Details are folded behind the last of these lines.
func (d *digest) addKnown(a *Accumulator, c *columns.Orders, from, to int) int {
	if a.Details == nil {
		return d.countKnown(c, a.uncounted, nil, from, to)
	}
	d.known = slices.Grow(d.known[:0], to-from)[:to-from]
	end := d.countKnown(c, a.uncounted, d.known, from, to)
	a.Details.Items(c, d.known[:end-from], from-a.firstLine)
	return end
}

// countKnown is addKnown without details. It notes the items in known, if that is not nil.
//
// There is no call in it, and no branch that the processor would not guess.
func (d *digest) countKnown(c *columns.Orders, uncounted []bool, known []uint16, from, to int) int {
	lines, data, items := c.AllLines[:to], c.Data, d.items
	for j := from; j < len(lines); j++ {
		span := lines[j].Item
		at, n := uint64(uint32(span)), int(span>>32) // one in the arena is behind all data
		if n > table.WordBytes || at+table.WordBytes > uint64(len(data)) {
			return j
		}
		w0, w1, w2, w3 := table.Words(data[at : at+uint64(n) : at+table.WordBytes])
		of := d.slots[digestHash(w0, w1, w2, w3)%uint64(len(d.slots))]
		i := &items[of%digestItems]
		if (i.words[0]^w0)|(i.words[1]^w1)|(i.words[2]^w2)|(i.words[3]^w3)|uint64(i.length^uint32(n)) != 0 {
			return j
		}
		if len(uncounted) == 0 || !uncounted[j] {
			i.count++
		}
		i.last = uint32(j) + 1
		if known != nil {
			known[j-from] = of
		}
	}
	return to
}

// digestHash returns a hash of words. Its lower bits are good ones.
func digestHash(w0, w1, w2, w3 uint64) uint64 {
	hi, lo := bits.Mul64(w0^bits.RotateLeft64(w2, 29)^digestSecrets[0], w1^bits.RotateLeft64(w3, 29)^digestSecrets[1])
	return hi ^ lo
}

// seek returns the index of the item of the j-th line, which has that name. If there is none it
// makes one. It returns 0 if the name is too long, or takes too many probes.
func (d *digest) seek(name []byte, j int) int {
	if len(name) > table.WordBytes {
		return 0
	}
	w0, w1, w2, w3 := table.Words(name)
	words, length := [...]uint64{w0, w1, w2, w3}, uint32(len(name))
	hash := digestHash(w0, w1, w2, w3)
	for n := range uint64(maxProbes) {
		slot := &d.slots[(hash+n)%uint64(len(d.slots))]
		if *slot == 0 {
			*slot = uint16(d.count)
			d.items[d.count] = digestItem{words: words, length: length, first: uint32(j) + 1}
			d.kept[d.count] = keptItem{}
			d.count++
		}
		if i := &d.items[*slot%digestItems]; i.words == words && i.length == length {
			return int(*slot)
		}
	}
	return 0
}

// settle takes what the digest has of the chunk's lines, and keeps it if it can. What it cannot
// keep goes to t, with the entries that are there.
func (d *digest) settle(a *Accumulator, c *columns.Orders, t *table.Table) {
	for n := 1; n < d.count; n++ {
		i, k := &d.items[n], &d.kept[n]
		if i.last == 0 {
			continue
		}
		last := int(i.last) - 1
		item, price, at := c.ItemSpan(last), c.Price(last), a.lineAt(c, last)
		if i.first > 0 {
			k.hash, k.first = table.Hash(c.Text(item)), a.lineAt(c, int(i.first)-1)
		}
		if a.keeps() && len(price) <= maxKeptPrice {
			k.count += int64(i.count)
			k.at, k.length = at, uint8(copy(k.price[:], price))
		} else {
			a.addItem(entry{k.hash, item, c.PriceSpan(last), k.first, at, int64(i.count)}, ^source(n))
		}
		i.count, i.first, i.last = 0, 0, 0
	}
	if !a.keeps() {
		d.forget()
	}
	a.into(t, c, a.itemDetails(c))
	a.clear()
}

// flush moves all that is kept to t. A chunk must have been settled before.
func (d *digest) flush(a *Accumulator, t *table.Table) {
	if d.count <= 1 {
		return
	}
	texts := &d.texts
	texts.Data = texts.Data[:0]
	text := func(b []byte) columns.Span {
		from := len(texts.Data)
		texts.Data = append(texts.Data, b...)
		return columns.NewSpan(from, len(texts.Data))
	}
	for n := 1; n < d.count; n++ {
		i, k := &d.items[n], &d.kept[n]
		var name [table.WordBytes]byte
		for at, word := range i.words {
			binary.LittleEndian.PutUint64(name[8*at:], word)
		}
		a.addItem(entry{k.hash, text(name[:i.length]), text(k.price[:k.length]), k.first, k.at, k.count}, ^source(n))
	}
	versioned := a.versioned
	a.versioned = false // what is kept has positions
	a.into(t, texts, a.itemDetails(texts))
	a.versioned = versioned
	a.clear()
	d.forget()
}

// forget forgets all items.
func (d *digest) forget() {
	if d.count != 1 {
		d.slots = [len(d.slots)]uint16{}
		d.items[0].length = math.MaxUint32
	}
	d.count, d.lines = 1, 0
}
