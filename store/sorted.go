package store

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Sorted returns the places of n keys in the order of the keys' bytes. Stores change
// their rows in this order: so they come to each page of a table once, and two that
// change the same rows do not wait for each other.
func Sorted(n int, key func(i int) string) []int {
	// Nearly all keys differ in their first 16 bytes, which are compared as numbers,
	// without a look at the keys.
	type entry struct {
		head, next uint64
		place      int
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
		return cmp.Or(strings.Compare(key(a.place), key(b.place)), cmp.Compare(a.place, b.place))
	})
	places := make([]int, n)
	for i, e := range all {
		places[i] = e.place
	}
	return places
}
