package extsort_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"process-orders/internal/extsort"
)

// Records come back as a stable sort in memory has them, with any memory.
func TestSorted(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, n := range []int{0, 1, 2, 100, 20_000} {
		for _, memory := range []int64{1, 64 << 10, 1 << 30} {
			dir := t.TempDir()
			s := extsort.New(memory, dir)
			var want []extsort.Record
			for i := range n {
				r := extsort.Record{A: random.Uint64N(10), B: random.Uint64N(50), Data: make([]byte, random.IntN(200))}
				if len(r.Data) >= 8 {
					binary.LittleEndian.PutUint64(r.Data, uint64(i))
				}
				if i == n/2 {
					r.Data = bytes.Repeat([]byte("long"), 100_000)
				}
				want = append(want, r)
				half := len(r.Data) / 2
				if err := s.Add(r.A, r.B, r.Data[:half], r.Data[half:]); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(want, func(x, y extsort.Record) int {
				return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
			})
			i := 0
			var kept [][]byte
			inMemory := s.InMemory()
			if wanted := memory == 1<<30 || n == 0; inMemory != wanted && n != 1 {
				t.Errorf("%d records, memory %d: in memory: %t", n, memory, inMemory)
			}
			for r, err := range s.Sorted() {
				if err != nil {
					t.Fatal(err)
				}
				kept = append(kept, r.Data)
				if i == len(want) || r.A != want[i].A || r.B != want[i].B || !bytes.Equal(r.Data, want[i].Data) {
					t.Fatalf("%d records, memory %d: record %d differs", n, memory, i)
				}
				i++
			}
			if i != n {
				t.Errorf("%d records, memory %d: got %d", n, memory, i)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			for i, data := range kept {
				if inMemory && !bytes.Equal(data, want[i].Data) {
					t.Fatalf("%d records: record %d has changed", n, i)
				}
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("the folder has %v", left)
			}
		}
	}
}

// The loop may end early, and a folder that is missing is an error.
func TestEnds(t *testing.T) {
	s := extsort.New(1, t.TempDir())
	for i := range 10_000 {
		if err := s.Add(uint64(i), 0, []byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	for r, err := range s.Sorted() {
		if err != nil || r.A != 0 || string(r.Data) != "0" {
			t.Errorf("got %v, %v", r, err)
		}
		break
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	s = extsort.New(1, filepath.Join(t.TempDir(), "missing"))
	var err error
	for i := 0; i < 10_000 && err == nil; i++ {
		err = s.Add(uint64(i), 0)
	}
	if err == nil {
		t.Error("records beyond the memory went to a folder that does not exist")
	}
}

// Records with the same numbers are sorted by their bytes if that is wanted, in memory and
// beyond it, also if all have the same numbers.
func TestTies(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const n = 20_000
	key := func(data []byte) []byte { return data[:2] }
	for _, numbers := range []uint64{1, 3} {
		for _, memory := range []int64{1, 64 << 10, 1 << 30} {
			s := extsort.New(memory, t.TempDir())
			s.Ties = func(x, y []byte) int { return bytes.Compare(key(x), key(y)) }
			var want []extsort.Record
			for i := range n {
				r := extsort.Record{A: random.Uint64N(numbers), Data: make([]byte, 6)}
				binary.LittleEndian.PutUint16(r.Data, uint16(random.UintN(1000)))
				binary.LittleEndian.PutUint32(r.Data[2:], uint32(i))
				if i%1000 == 0 {
					r.Data = append(r.Data, make([]byte, 5000)...) // more than a buffer
				}
				want = append(want, r)
				if err := s.Add(r.A, r.B, r.Data); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(want, func(x, y extsort.Record) int {
				return cmp.Or(cmp.Compare(x.A, y.A), bytes.Compare(key(x.Data), key(y.Data)))
			})
			i := 0
			for r, err := range s.Sorted() {
				if err != nil {
					t.Fatal(err)
				}
				if i == n || r.A != want[i].A || !bytes.Equal(r.Data, want[i].Data) {
					t.Fatalf("memory %d: record %d differs", memory, i)
				}
				i++
			}
			if i != n {
				t.Errorf("memory %d: got %d records", memory, i)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Indexes of keys are as slices.Sort has the keys: of those that differ in few bits, in many, or not at
// all.
func TestIndexes(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, n := range []int{0, 1, 2, 99, 100, 3000} {
		for _, letters := range []int{1, 2, 10, 256} {
			for _, length := range []int{1, 4, 9, 16, 40} {
				keys := make([]string, n)
				for i := range keys {
					key := make([]byte, random.IntN(length+1))
					for j := range key {
						key[j] = byte(random.IntN(letters)) + '0'
					}
					keys[i] = string(key)
				}
				var got []string
				last := uint32(0)
				for i, index := range extsort.Indexes(n, func(dst []byte, i int) []byte { return append(dst, keys[i]...) }) {
					got = append(got, keys[index])
					if i > 0 && got[i-1] == got[i] && last > index {
						t.Fatalf("%d keys of %d letters: equal ones are not in their order", n, letters)
					}
					last = index
				}
				if !slices.Equal(got, slices.Sorted(slices.Values(keys))) {
					t.Fatalf("%d keys of %d letters, up to %d bytes, are not sorted", n, letters, length)
				}
			}
		}
	}
}
