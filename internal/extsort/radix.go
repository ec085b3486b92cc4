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
	return sortedBy(n, func(i int) (a, b uint64) {
		var head [16]byte
		x = appendKey(x[:0], i)
		copy(head[:], x)
		return binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:])
	}, func(i, j uint32) int {
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
// Numbers that follow from texts are alike in most of their bits. Those in which some differ, and
// 64 of them at most, decide nearly all, and are sorted byte by byte from the last to the first.
func sortedBy(n int, of func(i int) (a, b uint64), compare func(i, j uint32) int) []uint32 {
	sorted := make([]uint32, n)
	if n < fewSorted {
		for i := range sorted {
			sorted[i] = uint32(i)
		}
		slices.SortFunc(sorted, compare)
		return sorted
	}
	all, pick := make([]keyed, n), picked(n, of)
	for i := range all {
		key := pick.key(of(i))
		all[i] = keyed{uint32(key >> 32), uint32(key), uint32(i)}
	}
	all = byKeys(all)
	for i := range all {
		sorted[i] = all[i].i
	}
	for from, to := 0, 1; from < n; from, to = to, to+1 {
		for to < n && all[to].high == all[from].high && all[to].low == all[from].low {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(sorted[from:to], compare)
		}
	}
	return sorted
}

// byKeys sorts by the keys. Equal ones stay in their order.
func byKeys(all []keyed) []keyed {
	other := make([]keyed, len(all))
	all, other = byBytes(all, other, func(k *keyed) uint32 { return k.low })
	all, _ = byBytes(all, other, func(k *keyed) uint32 { return k.high })
	return all
}

// byBytes sorts by a part of the keys, from its last byte to the first. It returns what is sorted, and
// the other memory.
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

// A picker picks the bits of two numbers that make a key.
type picker struct{ a, b []bitRun }

// A bitRun is some bits of a number that follow each other.
type bitRun struct{ shift, length int }

// picked picks the first bits in which some of n pairs of numbers differ: 64 at most.
func picked(n int, of func(i int) (a, b uint64)) (p picker) {
	var a, b, differA, differB uint64
	for i := range n {
		x, y := of(i)
		if i == 0 {
			a, b = x, y
		}
		differA, differB = differA|(x^a), differB|(y^b)
	}
	left := 64
	p.a, left = runsOf(differA, left)
	p.b, _ = runsOf(differB, left)
	return p
}

// runsOf returns the first bits of a mask, most at most, and how many more there may be.
func runsOf(mask uint64, most int) (runs []bitRun, left int) {
	for mask != 0 && most > 0 {
		start := bits.Len64(mask)
		length := min(most, bits.LeadingZeros64(^(mask << (64 - start))))
		runs = append(runs, bitRun{start - length, length})
		most -= length
		mask &= 1<<(start-length) - 1
	}
	return runs, most
}

func (p *picker) key(a, b uint64) (key uint64) {
	for _, r := range p.a {
		key = key<<r.length | a>>r.shift&(1<<r.length-1)
	}
	for _, r := range p.b {
		key = key<<r.length | b>>r.shift&(1<<r.length-1)
	}
	return key
}
