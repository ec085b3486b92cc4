package sqlstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"
	"strings"

	"process-orders/store"
)

// Customers are found by the start of any word of their names. What a customer is found by is a
// key: the name from a word on, a NUL, and the phone. A row for each key costs a database more
// than the customer does. So the keys are sorted, and cut into blocks of some 80 keys. A block is
// a row. Keys that follow each other start alike, so that a block says of each key only what the
// key before does not start with.

// A NameBlock is the row of a block. It has the keys from its first one up to that of the next
// block.
type NameBlock struct {
	// First is the sort key of the first key: see [KeyOf]. That of the first block of all is "":
	// so there is a block for each key as soon as there is any. It may have no keys.
	First string
	Row   Sealed
}

// mostBlockBytes is how large a body is at most that has several keys. PostgreSQL moves the
// values of rows elsewhere that are larger than 2 kB, and a page of SQLite has four such rows.
const mostBlockBytes = 1900

// nameKey is the key of a customer by the start of a name.
func nameKey(name, phone string) string { return name + "\x00" + phone }

// splitName returns what a key is made of.
func splitName(key string) (name, phone string) {
	name, phone, _ = strings.Cut(key, "\x00")
	return name, phone
}

// ScanNameBlock reads a row with the columns of NameColumns, and checks it.
func ScanNameBlock(r Row) (b NameBlock, err error) {
	var first []byte
	if err := r.Scan(&first, &b.Row.Body); err != nil {
		return b, err
	}
	b.First = string(first)
	_, b.Row.sum, err = unseal(b.Row.Body, NamesTable, b.First)
	return b, err
}

// Keys calls add with each key, until that returns false. The row was checked.
func (b *NameBlock) Keys(add func(name, phone string) bool) error {
	keys := keyReader{rest: b.Row.Body[:len(b.Row.Body)-sumBytes]}
	for keys.next() && add(splitName(string(keys.key))) {
	}
	return keys.err
}

// A keyReader reads the keys of a block one after the other.
type keyReader struct {
	rest []byte
	key  []byte // the last one
	err  error
}

// next reports whether there is one more key.
func (r *keyReader) next() bool {
	if len(r.rest) == 0 || r.err != nil {
		return false
	}
	shared, n := binary.Uvarint(r.rest)
	own, m := binary.Uvarint(r.rest[max(n, 0):])
	if n <= 0 || m <= 0 || shared > uint64(len(r.key)) || own > uint64(len(r.rest)-n-m) {
		r.err = ErrRow
		return false
	}
	rest := r.rest[n+m:]
	r.key = append(r.key[:shared], rest[:own]...)
	r.rest = rest[own:]
	return true
}

// A blockWriter cuts sorted keys into blocks.
type blockWriter struct {
	most    int  // how large a body becomes, unless it has one key alone
	isFirst bool // the next block is the first one of all
	blocks  []*NameBlock
	first   string
	body    []byte // of the block that is not finished, which starts at from
	from    int
	last    []byte // the key that was added last
}

func (w *blockWriter) add(key []byte) {
	shared := sharedBytes(w.last, key)
	if size := len(w.body) - w.from; size > 0 && size+len(key)-shared+2 > w.most {
		w.finish()
		shared = 0
	}
	if len(w.body) == w.from && !w.isFirst {
		w.first = string(sortKey(key))
	}
	w.body = binary.AppendUvarint(w.body, uint64(shared))
	w.body = binary.AppendUvarint(w.body, uint64(len(key)-shared))
	w.body = append(w.body, key[shared:]...)
	w.last = append(w.last[:shared], key[shared:]...)
}

func (w *blockWriter) finish() {
	b := &NameBlock{First: w.first}
	w.body, b.Row.sum = seal(w.body, w.from, NamesTable, b.First)
	b.Row.Body = w.body[w.from:len(w.body):len(w.body)]
	w.blocks = append(w.blocks, b)
	w.from, w.last, w.isFirst = len(w.body), w.last[:0], false
}

// sharedBytes is how many bytes two keys start with that are the same.
func sharedBytes(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// changeName takes note of what changes of the keys of a customer.
func (c *changes) changeName(row Change[Customer]) error {
	if row.Old == nil && row.Now != nil {
		return c.names.addAll(row.Now.Name, row.Now.Phone)
	}
	gone, added := nameChangesOf(row)
	for _, name := range gone {
		if err := c.names.add([]byte(name), row.Old.Phone, true); err != nil {
			return err
		}
	}
	for _, name := range added {
		if err := c.names.add([]byte(name), row.Now.Phone, false); err != nil {
			return err
		}
	}
	return nil
}

// nameChangesOf returns by what a customer is not found any more, and by what from now on.
func nameChangesOf(c Change[Customer]) (gone, added []string) {
	switch {
	case c.Old != nil && c.Now != nil && c.Old.Name == c.Now.Name:
		return nil, nil
	case c.Old != nil && c.Now != nil:
		old, now := NameKeys(c.Old.Name), NameKeys(c.Now.Name)
		return without(old, now), without(now, old)
	case c.Old != nil:
		return NameKeys(c.Old.Name), nil
	case c.Now != nil:
		return nil, NameKeys(c.Now.Name)
	}
	return nil, nil
}

// without returns those keys that are not among others.
func without(keys, others []string) (left []string) {
	for _, key := range keys {
		if !slices.Contains(others, key) {
			left = append(left, key)
		}
	}
	return left
}

// changeNames changes the blocks of all keys that were noted, from the first one to the last: so
// each block is written about once.
func (c *changes) changeNames() error {
	for some, err := range c.names.sorted() {
		if err != nil {
			return err
		}
		found, err := c.nameBlocks(some)
		if err != nil {
			return err
		}
		if len(found) == 0 { // it is the first block of all
			found = []Change[NameBlock]{{}}
		}
		if err := c.changeBlocks(found, some); err != nil {
			return err
		}
	}
	return nil
}

// nameBlocks returns the blocks to which keys belong, sorted. There are none if the table is empty.
func (c *changes) nameBlocks(some []nameChange) (blocks []Change[NameBlock], err error) {
	keys := make([][]byte, len(some))
	for i := range some {
		keys[i] = sortKey(some[i].key)
	}
	totals, err := c.tx.allTotals()
	if err != nil {
		return nil, err
	}
	rows := totals[NamesTable].Rows + c.totals.names.Rows
	found, err := c.tx.NameBlocks(keys, c.names.count >= rows)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b NameBlock) int { return strings.Compare(a.First, b.First) })
	for i := range found {
		blocks = append(blocks, Change[NameBlock]{Old: &found[i]})
	}
	if len(found) > 0 && found[0].First <= string(keys[0]) {
		return blocks, nil
	}
	if len(found) > 0 || rows > 0 {
		return nil, ErrRows // the first block of all is lost
	}
	return nil, nil
}

// blocksAtOnce is how many blocks are put at once.
const blocksAtOnce = 400

// changeBlocks changes the keys of blocks, to which all of them belong. Blocks to which none belongs
// stay as they are.
func (c *changes) changeBlocks(blocks []Change[NameBlock], keys []nameChange) error {
	var changed []Change[NameBlock]
	for i, b := range blocks {
		mine := len(keys)
		if i+1 < len(blocks) {
			next := []byte(blocks[i+1].Old.First)
			mine = sort.Search(len(keys), func(i int) bool { return bytes.Compare(sortKey(keys[i].key), next) >= 0 })
		}
		if mine > 0 {
			now, err := mergedNames(b.Old, keys[:mine])
			if err != nil {
				return err
			}
			changed = append(changed, c.blockChanges(b.Old, now)...)
		}
		keys = keys[mine:]
		for len(changed) >= blocksAtOnce || i+1 == len(blocks) && len(changed) > 0 {
			some := changed[:min(len(changed), blocksAtOnce)]
			if err := c.tx.PutNameBlocks(some); err != nil {
				return err
			}
			changed = changed[len(some):]
		}
	}
	return nil
}

// mergedNames returns the blocks that become of one by changes of its keys, of which some may be made
// already: another Go release may have folded a name otherwise.
func mergedNames(old *NameBlock, changes []nameChange) ([]*NameBlock, error) {
	w := blockWriter{isFirst: old == nil || old.First == ""}
	var keys keyReader
	if old != nil {
		keys.rest = old.Row.Body[:len(old.Row.Body)-sumBytes]
	}
	// All blocks become about as large as each other, so that each takes more keys.
	size := len(keys.rest)
	for _, c := range changes {
		if !c.isGone {
			size += len(c.key) + 2
		}
	}
	w.most = size/(1+size/mostBlockBytes) + 1
	w.body = make([]byte, 0, size+size/100+64)
	has := keys.next()
	for _, c := range changes {
		order := +1
		for has {
			if order = compareSorted(keys.key, c.key); order >= 0 {
				break
			}
			w.add(keys.key)
			has = keys.next()
		}
		if has && order == 0 {
			has = keys.next()
		}
		if !c.isGone {
			w.add(c.key)
		}
	}
	for ; has; has = keys.next() {
		w.add(keys.key)
	}
	if len(w.body) > w.from || w.isFirst {
		w.finish()
	}
	return w.blocks, keys.err
}

// blockChanges returns what becomes of the row of a block. Old is nil if there was none.
func (c *changes) blockChanges(old *NameBlock, now []*NameBlock) (rows []Change[NameBlock]) {
	if old != nil {
		c.totals.names.lose(old.Row)
		if len(now) == 0 || now[0].First != old.First {
			rows = append(rows, Change[NameBlock]{Old: old})
			old = nil
		}
	}
	for _, b := range now {
		c.totals.names.gain(b.Row)
		rows = append(rows, Change[NameBlock]{Old: old, Now: b})
		old = nil
	}
	return rows
}

// FindNamed returns the page of customers who are found by a name. Blocks returns the block to
// which a sort key belongs, and those that follow, as many as are wanted. Customers returns rows
// by phones, each of which is there once; it is called after the blocks were read.
func FindNamed(l *List, blocks func(from []byte, limit int) ([]NameBlock, error), customers func(phones []string) ([]Customer, error)) (*Page[store.Customer], error) {
	found, err := l.keys(blocks)
	if err != nil {
		return nil, err
	}
	page := NewPage[store.Customer](l)
	// Most customers have one key that is found. So as many as a page has are enough mostly.
	for some := range slices.Chunk(found, l.Limit+1) {
		var phones []string
		for _, m := range some {
			phones = append(phones, m.Of)
		}
		slices.SortFunc(phones, func(a, b string) int { return strings.Compare(CustomerKey(a), CustomerKey(b)) })
		rows, err := customers(slices.Compact(phones))
		if err != nil {
			return nil, err
		}
		byPhone := make(map[string]*Customer, len(rows))
		for i := range rows {
			byPhone[rows[i].Phone] = &rows[i]
		}
		for _, m := range some {
			c := byPhone[m.Of]
			if c == nil {
				return nil, ErrEntry
			}
			if isComplete, err := AddCustomer(page, c, m.Text); isComplete || err != nil {
				return page, err
			}
		}
	}
	return page, nil
}

// keys returns the keys of the list that follow its start, as many as are read for a page.
func (l *List) keys(blocks func(from []byte, limit int) ([]NameBlock, error)) (found []Mark, err error) {
	last := l.From.sortKey()
	// The last block that was read is read again. Its keys that were found are passed over.
	limit := 2 + l.Rows()/64
	for from := last; ; {
		some, err := blocks(from, limit)
		if err != nil {
			return nil, err
		}
		for i := range some {
			isEnd := false
			err := some[i].Keys(func(name, phone string) bool {
				m := Mark{Text: name, Of: phone}
				if key := m.sortKey(); bytes.Compare(key, last) > 0 {
					isEnd = !strings.HasPrefix(name, l.prefix) || len(found) == l.Rows()
					if !isEnd {
						found, last = append(found, m), key
					}
				}
				return !isEnd
			})
			if isEnd || err != nil {
				return found, err
			}
		}
		if len(some) < limit {
			return found, nil
		}
		from = []byte(some[limit-1].First)
	}
}

// sortKey is what the keys of names are sorted by: that of a mark, or what keys start with.
func (m *Mark) sortKey() []byte {
	if m.Of == "" {
		return []byte(m.Text)
	}
	return KeyOf(nameKey(m.Text, m.Of))
}
