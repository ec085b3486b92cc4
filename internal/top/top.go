// Package top keeps the best of many values, without sorting them all.
package top

import "slices"

// A List keeps the first N of all values that are added, in the order of Compare. Of equal
// values it keeps those that were added first.
type List[T any] struct {
	N       int
	Compare func(a, b T) int
	// Best are the values so far, the best first.
	Best []T
}

// Wants reports whether a value would be among the best. It takes constant time.
func (l *List[T]) Wants(v T) bool {
	return l.N > 0 && (len(l.Best) < l.N || l.Compare(l.Best[l.N-1], v) > 0)
}

// Add adds a value.
func (l *List[T]) Add(v T) {
	if !l.Wants(v) {
		return
	}
	at, _ := slices.BinarySearchFunc(l.Best, v, func(old, v T) int {
		if l.Compare(old, v) <= 0 {
			return -1
		}
		return 1
	})
	l.Best = slices.Insert(l.Best, at, v)
	l.Best = l.Best[:min(len(l.Best), l.N)]
}
