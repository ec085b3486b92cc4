// Package blockstest checks, for tests, that blocks are what they say they are.
package blockstest

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"process-orders/input"
	"process-orders/internal/blocks"
)

// Lines is a cutter that knows only of lines.
func Lines(data []byte) int { return strings.LastIndexByte(string(data), '\n') + 1 }

// Never is a cutter that does not cut.
func Never([]byte) int { return 0 }

// A Reading is what was read from some sources.
type Reading struct {
	Content []string // of each source
	Blocks  []blocks.Block
	Read    int64 // bytes of the sources
	Err     error // of the first block that has one
}

// Read reads sources in blocks of that size, and checks that the blocks are what they
// say they are.
func Read(t *testing.T, size int, cut blocks.Cutter, sources ...input.Source) Reading {
	t.Helper()
	var r Reading
	var count atomic.Int64
	reader := blocks.NewReader(context.Background(), sources, size, cut, &count)
	defer reader.Close()
	var base, offset int64
	cutAfter := true
	for {
		block, err := reader.Next(nil)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if block.First {
			if len(r.Content) > 0 && !r.Blocks[len(r.Blocks)-1].Last {
				t.Errorf("source %d starts before the one before it ends", block.Source)
			}
			base, offset, cutAfter = base+offset, 0, true
			r.Content = append(r.Content, "")
		}
		if block.Source != len(r.Content)-1 || block.Name != sources[block.Source].Name {
			t.Errorf("block %d of source %d is of %d (%s)", len(r.Blocks), len(r.Content)-1, block.Source, block.Name)
		}
		if block.Base != base || block.Offset != offset {
			t.Errorf("block %d is at %d+%d, want %d+%d", len(r.Blocks), block.Base, block.Offset, base, offset)
		}
		if block.Cut != cutAfter {
			t.Errorf("block %d: Cut is %t, and CutAfter of the block before it is not", len(r.Blocks), block.Cut)
		}
		if block.Err != nil && (!block.Last || r.Err != nil) {
			t.Errorf("block %d has an error and is not the last: %v", len(r.Blocks), block.Err)
		}
		if block.CutAfter && block.Last {
			t.Errorf("block %d is the last of its source, and cut", len(r.Blocks))
		}
		if len(block.Data) == 0 && !block.Last {
			t.Errorf("block %d is empty and not the last", len(r.Blocks))
		}
		if block.Err != nil {
			r.Err = block.Err
		}
		cutAfter = block.CutAfter
		offset += int64(len(block.Data))
		r.Content[block.Source] += string(block.Data)
		r.Blocks = append(r.Blocks, block)
	}
	if n := len(r.Blocks); n > 0 && !r.Blocks[n-1].Last {
		t.Errorf("the last block is not marked so")
	}
	if len(r.Content) != len(sources) {
		t.Errorf("%d sources were read, want %d", len(r.Content), len(sources))
	}
	r.Read = count.Load()
	if _, err := reader.Next(nil); err != io.EOF {
		t.Errorf("Next after the end: %v, want io.EOF", err)
	}
	return r
}
