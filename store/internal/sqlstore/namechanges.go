package sqlstore

import (
	"bytes"
	"encoding/binary"
	"iter"

	"process-orders/internal/extsort"
	"process-orders/store"
)

// nameChanges are keys that are to be added or removed, each once. A transaction may have millions
// in the order of the phones, and each block is to be written once. So all of them are sorted
// before the first one is used. Those that do not fit in memory are in a temporary file.
//
// They belong to one goroutine at a time. Close them at the end.
type nameChanges struct {
	folder string          // for the file; "" is the one for temporary files
	sorter *extsort.Sorter // nil if there are none
	count  int64           // how many there are
	record []byte          // memory for the one that is added
	folded []byte          // memory for a name
}

// A nameChange is a key that is to be added or removed.
type nameChange struct {
	key    []byte
	isGone bool
}

// nameChangeBytes is how much memory the changes of names of a transaction take.
var nameChangeBytes int64 = 24 << 20 // a variable for tests

// namesAtOnce is for how many keys blocks are looked up at once.
const namesAtOnce = 4096

// The first byte of a record says what is to be done with the key that follows.
const (
	keyIsAdded = iota
	keyIsGone
)

// addAll adds all keys of a name. They are those of [NameKeys], which makes texts of them.
func (n *nameChanges) addAll(name, phone string) error {
	n.folded = appendFolded(n.folded[:0], name)
	if len(n.folded) > mostNameBytes || bytes.IndexByte(n.folded, 0) >= 0 { // keys may be cut, and be the same
		for _, key := range NameKeys(name) {
			if err := n.add([]byte(key), phone, false); err != nil {
				return err
			}
		}
		return nil
	}
	for rest, word := n.folded, 0; len(rest) > 0 && word < store.MostWords; word++ {
		if err := n.add(rest, phone, false); err != nil {
			return err
		}
		space := bytes.IndexByte(rest, ' ')
		if space < 0 {
			break
		}
		rest = rest[space+1:]
	}
	return nil
}

func (n *nameChanges) add(name []byte, phone string, isGone bool) error {
	if n.sorter == nil {
		n.sorter = extsort.New(nameChangeBytes, n.folder)
		n.sorter.Ties = func(x, y []byte) int { return compareSorted(x[1:], y[1:]) }
	}
	n.count++
	what := byte(keyIsAdded)
	if isGone {
		what = keyIsGone
	}
	n.record = append(append(append(append(n.record[:0], what), name...), 0), phone...)
	// The sorter compares the first bytes as numbers, and the others only if those are the same.
	var head [16]byte
	copy(head[:], sortKey(n.record[1:]))
	return n.sorter.Add(binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), n.record)
}

// sorted yields all changes by the sort keys, namesAtOnce at a time. They belong to the loop's body
// until it ends. Nothing may be added afterwards.
func (n *nameChanges) sorted() iter.Seq2[[]nameChange, error] {
	return func(yield func([]nameChange, error) bool) {
		if n.sorter == nil {
			return
		}
		var some []nameChange
		var text []byte // of some, one after the other
		for r, err := range n.sorter.Sorted() {
			if err != nil {
				yield(nil, err)
				return
			}
			from := len(text)
			text = append(text, r.Data[1:]...) // those before stay where they are
			some = append(some, nameChange{text[from:len(text):len(text)], r.Data[0] == keyIsGone})
			if len(some) == namesAtOnce {
				if !yield(some, nil) {
					return
				}
				some, text = some[:0], text[:0]
			}
		}
		if len(some) > 0 {
			yield(some, nil)
		}
	}
}

func (n *nameChanges) close() {
	if n.sorter != nil {
		_ = n.sorter.Close() // nobody needs the file any more
	}
}
