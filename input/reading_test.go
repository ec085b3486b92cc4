package input_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"process-orders/input"
)

// lines is a cutter that knows only of lines.
func lines(data []byte) int { return strings.LastIndexByte(string(data), '\n') + 1 }

// never does not cut.
func never([]byte) int { return 0 }

// reading is what was read of some sources.
type reading struct {
	content []string // of each source
	blocks  []input.Block
	read    int64 // bytes of the sources
	err     error // the first block's that has one
}

// read reads sources in blocks of a size and checks that the blocks are what
// they say they are.
func read(t *testing.T, size int, cut input.Cutter, sources ...input.Source) reading {
	t.Helper()
	var r reading
	var count atomic.Int64
	blocks := input.NewBlocks(context.Background(), sources, size, cut, &count)
	defer blocks.Close()
	var base, offset int64
	cutAfter := true
	for {
		block, err := blocks.Next(nil)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if block.First {
			if len(r.content) > 0 && !r.blocks[len(r.blocks)-1].Last {
				t.Errorf("source %d starts before the one before it ends", block.Source)
			}
			base, offset, cutAfter = base+offset, 0, true
			r.content = append(r.content, "")
		}
		if block.Index != int64(len(r.blocks)) || block.Source != len(r.content)-1 || block.Name != sources[block.Source].Name {
			t.Errorf("block %d of source %d is called %d of %d (%s)", len(r.blocks), len(r.content)-1, block.Index, block.Source, block.Name)
		}
		if block.Base != base || block.Offset != offset {
			t.Errorf("block %d is at %d+%d, want %d+%d", block.Index, block.Base, block.Offset, base, offset)
		}
		if block.Cut != cutAfter {
			t.Errorf("block %d: Cut is %t, and CutAfter of the block before it is not", block.Index, block.Cut)
		}
		if block.Err != nil && (!block.Last || r.err != nil) {
			t.Errorf("block %d has an error and is not the last: %v", block.Index, block.Err)
		}
		if block.CutAfter && block.Last {
			t.Errorf("block %d is the last of its source, and cut", block.Index)
		}
		if len(block.Data) == 0 && !block.Last {
			t.Errorf("block %d is empty and not the last", block.Index)
		}
		if block.Err != nil {
			r.err = block.Err
		}
		cutAfter = block.CutAfter
		offset += int64(len(block.Data))
		r.content[block.Source] += string(block.Data)
		r.blocks = append(r.blocks, block)
	}
	if n := len(r.blocks); n > 0 && !r.blocks[n-1].Last {
		t.Errorf("the last block is not marked so")
	}
	if len(r.content) != len(sources) {
		t.Errorf("%d sources were read, want %d", len(r.content), len(sources))
	}
	r.read = count.Load()
	if _, err := blocks.Next(nil); err != io.EOF {
		t.Errorf("Next after the end: %v, want io.EOF", err)
	}
	return r
}

// readOne reads one source in blocks of several sizes, which must all give the
// same.
func readOne(t *testing.T, what string, source input.Source) (string, error) {
	t.Helper()
	first := read(t, 0, never, source)
	for _, size := range []int{1, 3, 10, 1000} {
		if len(first.content[0]) > 100_000 && size < 1000 {
			continue
		}
		again := read(t, size, lines, source)
		if again.content[0] != first.content[0] || message(again.err) != message(first.err) {
			t.Errorf("%s: in blocks of %d bytes %d bytes and %v, in one block %d bytes and %v", what, size,
				len(again.content[0]), again.err, len(first.content[0]), first.err)
		}
	}
	return first.content[0], first.err
}

func message(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// stream is a source that says that it can be opened once and may wait, as a pipe does; the
// tests open it again and again all the same.
func stream(name, text string) input.Source {
	return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// file is a source that can be opened again and waits for nobody.
func file(name, text string) input.Source {
	s := stream(name, text)
	s.Size, s.Reopens = int64(len(text)), true
	return s
}

// via is a source that is read through a reader of the test's own making.
func via(name, text string, wrap func(io.Reader) io.Reader) input.Source {
	return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(wrap(strings.NewReader(text))), nil
	}}
}

var errDisk = errors.New("input/output error")
