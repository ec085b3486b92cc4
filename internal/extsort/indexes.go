package extsort

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// Indexes returns the indexes of n keys, sorted by the bytes of the keys, and equal ones by their
// indexes. The keys are made when they are compared: appendKey appends the i-th.
func Indexes(n int, appendKey func(dst []byte, i int) []byte) []int {
	// Nearly all keys differ in their first 16 bytes. Those are compared as numbers,
	// without a look at the keys.
	type indexed struct {
		head, next uint64
		index      int
	}
	var x, y []byte
	all := make([]indexed, n)
	for i := range all {
		var head [16]byte
		x = appendKey(x[:0], i)
		copy(head[:], x)
		all[i] = indexed{binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), i}
	}
	slices.SortFunc(all, func(a, b indexed) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		if a.next != b.next {
			return cmp.Compare(a.next, b.next)
		}
		x, y = appendKey(x[:0], a.index), appendKey(y[:0], b.index)
		return cmp.Or(bytes.Compare(x, y), cmp.Compare(a.index, b.index))
	})
	indexes := make([]int, n)
	for i, e := range all {
		indexes[i] = e.index
	}
	return indexes
}
