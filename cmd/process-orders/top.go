package main

import "slices"

// top keeps the first n of many, in the order of compare; of equals, those that came first.
type top[T any] struct {
	n       int
	compare func(a, b T) int
	best    []T
}

func (t *top[T]) add(v T) {
	if len(t.best) == t.n && t.compare(t.best[t.n-1], v) <= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(t.best, v, func(old, v T) int {
		if t.compare(old, v) <= 0 {
			return -1
		}
		return 1
	})
	t.best = slices.Insert(t.best, at, v)
	t.best = t.best[:min(len(t.best), t.n)]
}
