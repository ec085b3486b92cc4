package extsort

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// Indexes returns the indexes of n keys, sorted by the bytes of the keys, and equal ones by their
// indexes. The keys are made when they are compared: appendKey appends the i-th.
func Indexes(n int, appendKey func(dst []byte, i int) []byte) []uint32 {
	var x, y []byte
	heads := make([][2]uint64, n) // nearly all keys differ in these
	for i := range heads {
		var head [16]byte
		x = appendKey(x[:0], i)
		copy(head[:], x)
		heads[i] = [2]uint64{binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:])}
	}
	return sortedBy(n, func(i uint32) (a, b uint64) { return heads[i][0], heads[i][1] }, func(i, j uint32) int {
		x, y = appendKey(x[:0], int(i)), appendKey(y[:0], int(j))
		return cmp.Or(bytes.Compare(x, y), cmp.Compare(i, j))
	})
}

// A keyed is what is sorted instead of the i-th of many: a few bits of it, the first ones in high.
type keyed struct{ high, low, i uint32 }

// sortingBytes is what sortedBy takes for each of those that it sorts.
const sortingBytes = 2*12 + 4

// mostSorted is how many sortedBy sorts at most.
const mostSorted = 1 << 31

// fewSorted take less time if they are compared.
const fewSorted = 100

// sortedBy returns the numbers below n, sorted by two numbers of each: first a, then b. Compare
// compares both too, and what else decides.
//
// Numbers that follow from texts are alike in most of their bits. Only the others are looked at: they
// make a key, or two, and are sorted byte by byte from the last to the first.
func sortedBy(n int, of func(i uint32) (a, b uint64), compare func(i, j uint32) int) []uint32 {
	sorted := make([]uint32, n)
	for i := range sorted {
		sorted[i] = uint32(i)
	}
	if n < fewSorted {
		slices.SortFunc(sorted, compare)
		return sorted
	}
	all, other := make([]keyed, n), make([]keyed, n)
	for i := range all {
		all[i].i = uint32(i)
	}
	for _, bits := range slices.Backward(differing(n, of)) {
		for i := range all {
			key := bits.key(of(all[i].i))
			all[i].high, all[i].low = uint32(key>>32), uint32(key)
		}
		all, other = byKeys(all, other)
	}
	for i := range all {
		sorted[i] = all[i].i
	}
	sortTies(all, sorted, of, compare)
	return sorted
}

// sortTies sorts those with the same numbers by compare. All has the keys of some of their bits.
func sortTies(all []keyed, sorted []uint32, of func(i uint32) (a, b uint64), compare func(i, j uint32) int) {
	isTie := func(x, y keyed) bool {
		if x.high != y.high || x.low != y.low {
			return false
		}
		a, b := of(x.i)
		c, d := of(y.i)
		return a == c && b == d
	}
	for from, to := 0, 1; from < len(all); from, to = to, to+1 {
		for to < len(all) && isTie(all[from], all[to]) {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(sorted[from:to], compare)
		}
	}
}

// byKeys sorts by the keys. Equal ones stay in their order. It returns what is sorted, and the other memory.
func byKeys(all, other []keyed) (sorted, left []keyed) {
	all, other = byBytes(all, other, func(k *keyed) uint32 { return k.low })
	return byBytes(all, other, func(k *keyed) uint32 { return k.high })
}

// byBytes sorts by a part of the keys, from its last byte to the first.
func byBytes(all, other []keyed, part func(*keyed) uint32) (sorted, left []keyed) {
	var counts [4][256]uint32
	for i := range all {
		for b, k := 0, part(&all[i]); b < len(counts); b, k = b+1, k>>8 {
			counts[b][byte(k)]++
		}
	}
	for b := range counts {
		next, shift := &counts[b], 8*b
		if next[byte(part(&all[0])>>shift)] == uint32(len(all)) {
			continue // they are all alike
		}
		from := uint32(0)
		for i, n := range next {
			next[i], from = from, from+n
		}
		for i := range all {
			at := &next[byte(part(&all[i])>>shift)]
			other[*at] = all[i]
			*at++
		}
		all, other = other, all
	}
	return all, other
}

// keyBits are what a key is made of: some bits of two numbers: 64 at most.
type keyBits []bitRun

// A bitRun is some bits of a number that follow each other.
type bitRun struct {
	isOfB         bool
	shift, length int
}

// differing returns the bits in which some of n pairs of numbers differ.
func differing(n int, of func(i uint32) (a, b uint64)) (keys []keyBits) {
	var differA, differB uint64
	a, b := of(0)
	for i := range uint32(n) {
		x, y := of(i)
		differA, differB = differA|(x^a), differB|(y^b)
	}
	left := 0 // bits in the last key
	add := func(mask uint64, isOfB bool) {
		for mask != 0 {
			if left == 0 {
				keys, left = append(keys, nil), 64
			}
			start := bits.Len64(mask)
			length := min(left, bits.LeadingZeros64(^(mask << (64 - start))))
			last := &keys[len(keys)-1]
			*last = append(*last, bitRun{isOfB, start - length, length})
			left -= length
			mask &= 1<<(start-length) - 1
		}
	}
	add(differA, false)
	add(differB, true)
	return keys
}

func (k keyBits) key(a, b uint64) (key uint64) {
	for _, r := range k {
		from := a
		if r.isOfB {
			from = b
		}
		key = key<<r.length | from>>r.shift&(1<<r.length-1)
	}
	return key
}
