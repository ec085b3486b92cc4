package sqlstore

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Sorted returns the indexes of n keys, sorted by the bytes of the keys. Stores change
// their rows in this order. So they visit each page of a table once, and two that change
// the same rows never wait for each other.
func Sorted(n int, key func(i int) string) []int {
	// Nearly all keys differ in their first 16 bytes. Those are compared as numbers,
	// without a look at the keys.
	type entry struct {
		head, next uint64
		index      int
	}
	all := make([]entry, n)
	for i := range all {
		var head [16]byte
		copy(head[:], key(i))
		all[i] = entry{binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), i}
	}
	slices.SortFunc(all, func(a, b entry) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		if a.next != b.next {
			return cmp.Compare(a.next, b.next)
		}
		return cmp.Or(strings.Compare(key(a.index), key(b.index)), cmp.Compare(a.index, b.index))
	})
	indexes := make([]int, n)
	for i, e := range all {
		indexes[i] = e.index
	}
	return indexes
}
