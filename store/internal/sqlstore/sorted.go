package sqlstore

import "process-orders/internal/extsort"

// Sorted returns the indexes of n keys, sorted by the bytes of the keys. Stores change
// their rows in this order. So they visit each page of a table once, and two that change
// the same rows never wait for each other.
func Sorted(n int, key func(i int) string) []uint32 {
	return SortedBy(n, func(dst []byte, i int) []byte { return append(dst, key(i)...) })
}

// SortedBy is Sorted of keys that are made when they are compared: appendKey appends the i-th.
func SortedBy(n int, appendKey func(dst []byte, i int) []byte) []uint32 {
	return extsort.Indexes(n, appendKey)
}
