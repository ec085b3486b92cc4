package orders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
)

// manyOrders are n orders, one a line, whose phones are 1, 2, 3 …
func manyOrders(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"phone":"%d","items":[{"name":"Tea","price":1}]}`+"\n", i+1)
	}
	return text.String()
}

// Chunks come in the order of the input, and what is left for later is called for each of
// them.
func TestChunks(t *testing.T) {
	const n = 5000
	for _, workers := range []int{1, 2, 7} {
		next, later := int64(1), atomic.Int64{}
		o := orders.Options{BlockBytes: 1000}
		totals, err := orders.Columns(context.Background(), []input.Source{source("in", manyOrders(n))}, o, workers, func(b *columns.Orders) (func() error, error) {
			for i := range b.Len() {
				if got := string(b.Phone(i)); got != fmt.Sprint(next) || b.Number(i) != next {
					return nil, fmt.Errorf("order %d has the phone %s and the number %d", next, got, b.Number(i))
				}
				next++
			}
			return func() error { later.Add(int64(b.Len())); return nil }, nil
		})
		if err != nil || totals.Orders != n || next != n+1 || later.Load() != n {
			t.Errorf("%d workers: %v, totals of %d orders, %d settled, %d done later, want %d", workers, err, totals.Orders, next-1, later.Load(), n)
		}
	}
}

// Decompressing keeps no core from the work if all cores are used, and takes no more cores
// than were given.
func TestWorkersOfCompressedSources(t *testing.T) {
	plain := manyOrders(5000)
	for _, test := range []struct {
		text                 string
		cores, workers, want int
	}{
		{plain, 2, 1, 1},
		{plain, 2, 2, 2},
		{zstdOf(plain), 2, 1, 1},
		{zstdOf(plain), 3, 2, 2},
		{zstdOf(plain), 1, 1, 2},
		{zstdOf(plain), 2, 2, 4},
		{zstdOf(plain), 2, 3, 6},
		{gzipOf(plain), 2, 2, 4},
	} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(test.cores))
		synctest.Test(t, func(t *testing.T) {
			var working atomic.Int64
			goOn, ended := make(chan bool), make(chan error)
			go func() {
				o := orders.Options{BlockBytes: 1000}
				_, err := orders.Columns(t.Context(), []input.Source{source("in", test.text)}, o, test.workers, func(*columns.Orders) (func() error, error) {
					return func() error { working.Add(1); <-goOn; return nil }, nil
				})
				ended <- err
			}()
			synctest.Wait() // until all that can work does
			if got := working.Load(); got != int64(test.want) {
				t.Errorf("%q…: %d workers of %d cores work on %d chunks at once, want %d", test.text[:4], test.workers, test.cores, got, test.want)
			}
			close(goOn)
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func zstdOf(text string) string {
	return string(must(zstd.NewWriter(nil)).EncodeAll([]byte(text), nil))
}

func gzipOf(text string) string {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	must(w.Write([]byte(text)))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return zipped.String()
}

// A chunk that is retained stays as it is while others are read.
func TestRetain(t *testing.T) {
	const n = 5000
	for _, workers := range []int{1, 3} {
		var kept []*columns.Orders
		used := map[*columns.Orders]bool{}
		o := orders.Options{BlockBytes: 1000}
		_, err := orders.Columns(context.Background(), []input.Source{source("in", manyOrders(n))}, o, workers, func(b *columns.Orders) (func() error, error) {
			used[b] = true
			if len(kept) < 20 {
				b.Retain()
				kept = append(kept, b)
			} else if len(kept) == 20 { // all at once, while others go on
				next := 1
				for _, b := range kept {
					for i := range b.Len() {
						if got := string(b.Phone(i)); got != fmt.Sprint(next) {
							return nil, fmt.Errorf("order %d has the phone %s", next, got)
						}
						next++
					}
				}
				for _, b := range kept {
					b.Release()
				}
				kept = append(kept, nil)
			}
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// What is released is used again.
		if most := 20 + 2*workers; len(used) > most {
			t.Errorf("%d workers used %d chunks, want %d at most", workers, len(used), most)
		}
	}
}

// The first error in the order of the input is returned, whoever it is from, and
// what was left for later is done all the same.
func TestErrorsOfChunks(t *testing.T) {
	broken := errors.New("broken")
	for _, workers := range []int{1, 2, 7} {
		for _, inLater := range []bool{false, true} {
			var left, done atomic.Int64
			chunks, text := 0, manyOrders(1000)
			if !inLater {
				text += "oops" // which comes later
			}
			o := orders.Options{BlockBytes: 1000}
			_, err := orders.Columns(context.Background(), []input.Source{source("in", text)}, o, workers, func(*columns.Orders) (func() error, error) {
				chunks++
				left.Add(1)
				this := chunks
				later := func() error {
					done.Add(1)
					if inLater && this == 3 {
						return broken
					}
					return nil
				}
				if !inLater && this == 3 {
					return later, broken
				}
				return later, nil
			})
			if !errors.Is(err, broken) || left.Load() != done.Load() || chunks < 3 || !inLater && chunks > 3 {
				t.Errorf("%d workers, later %v: %v after %d chunks, %d left for later, %d done", workers, inLater, err, chunks, left.Load(), done.Load())
			}
		}
	}
}
