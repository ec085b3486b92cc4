package blocks_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"process-orders/input"
	"process-orders/internal/blocks"
	"process-orders/internal/blocks/blockstest"
)

// The bytes of the blocks are the bytes of the sources, wherever the cuts are.
func TestBlocks(t *testing.T) {
	const seed = 3
	random := rand.New(rand.NewPCG(seed, seed))
	cutters := map[string]blocks.Cutter{
		"never":      blockstest.Never,
		"lines":      blockstest.Lines,
		"everywhere": func(data []byte) int { return len(data) },
		"first byte": func(data []byte) int { return min(1, len(data)) },
		"anywhere":   func(data []byte) int { return random.IntN(len(data) + 1) },
	}
	texts := []string{"", "a", "abcd", "abcde", "\n", "ab\ncd\n\nef", strings.Repeat("0123456789\n", 50), strings.Repeat("x", 700)}
	for name, cut := range cutters {
		for size := 1; size < 60; size += 1 + size/10 {
			var sources []input.Source
			for i, text := range texts {
				if i%2 == 0 {
					sources = append(sources, file(fmt.Sprint(i), text))
				} else {
					sources = append(sources, stream(fmt.Sprint(i), text))
				}
			}
			got := blockstest.Read(t, size, cut, sources...)
			for i, text := range texts {
				if got.Content[i] != text {
					t.Errorf("cut %s, in blocks of %d bytes: source %d is %q, want %q", name, size, i, got.Content[i], text)
				}
			}
			if want := int64(len(strings.Join(texts, ""))); got.Read != want || got.Err != nil {
				t.Errorf("cut %s, in blocks of %d bytes: %d bytes counted and %v, want %d", name, size, got.Read, got.Err, want)
			}
		}
	}
}

// A block ends where the cutter says, and the next one starts there.
func TestCuts(t *testing.T) {
	got := blockstest.Read(t, 10, blockstest.Lines, file("a", "one\ntwo\nthree\nfour\nfive and a long one\nsix"), file("b", "b1\nb2"))
	var all []string
	for _, b := range got.Blocks {
		all = append(all, string(b.Data))
	}
	want := "one\ntwo\n|three\nfour\n|five and a |long one\n|six|b1\nb2"
	if s := strings.Join(all, "|"); s != want {
		t.Errorf("got blocks  %q\nwant        %q", s, want)
	}
}

// A caller's buffer is used again, and what was carried over is not lost in it.
func TestBuffers(t *testing.T) {
	text := strings.Repeat("0123456789abcdef\n", 100)
	for size := 1; size < 80; size += 3 {
		reader := blocks.NewReader(context.Background(), []input.Source{file("a", text)}, size, blockstest.Lines, nil)
		var content strings.Builder
		var buf []byte
		for {
			block, err := reader.Next(buf)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			content.Write(block.Data)
			for i := range block.Data {
				block.Data[i] = '!' // the block is the caller's
			}
			buf = block.Data
		}
		if content.String() != text {
			t.Errorf("in blocks of %d bytes: the content is not the source's", size)
		}
	}
}

// A block is about as large as asked for, even if nothing can be cut.
func TestBlockSizes(t *testing.T) {
	text := strings.Repeat("x", 5000) + strings.Repeat("0123456789\n", 500) + strings.Repeat("y", 5000)
	for _, size := range []int{1, 7, 100, 1000} {
		for _, b := range blockstest.Read(t, size, blockstest.Lines, file("a", text)).Blocks {
			if len(b.Data) > 2*size+11 {
				t.Errorf("a block of %d bytes, where %d were asked for", len(b.Data), size)
			}
		}
	}
	if b := blockstest.Read(t, -1, blockstest.Lines, file("a", strings.Repeat("x", blocks.DefaultBytes+1))).Blocks[0]; len(b.Data) != blocks.DefaultBytes {
		t.Errorf("the default block has %d bytes, want %d", len(b.Data), blocks.DefaultBytes)
	}
}

// No sources are no blocks.
func TestNoSources(t *testing.T) {
	if got := blockstest.Read(t, 0, blockstest.Lines); len(got.Blocks) > 0 {
		t.Errorf("got %d blocks", len(got.Blocks))
	}
}

// Sources are opened in their turn, one at a time, and closed once each.
func TestOpenAndClose(t *testing.T) {
	var log []string
	source := func(name, text string) input.Source {
		return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
			log = append(log, "open "+name)
			return logged{strings.NewReader(text), func() { log = append(log, "close "+name) }}, nil
		}}
	}
	sources := []input.Source{source("a", "a1\na2\n"), source("b", ""), source("c", gzipped("c1\nc2\n")), source("d", gzipped("d1\nd2\n")[:20])}
	blockstest.Read(t, 2, blockstest.Lines, sources...)
	want := "open a, close a, open b, close b, open c, close c, open d, close d"
	if got := strings.Join(log, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	for after := range 4 {
		log = nil
		reader := blocks.NewReader(context.Background(), sources, 2, blockstest.Lines, nil)
		for range after {
			if _, err := reader.Next(nil); err != nil {
				t.Fatal(err)
			}
		}
		reader.Close()
		reader.Close()
		if after > 0 && strings.Join(log[:2], ", ") != "open a, close a" || after == 0 && len(log) > 0 {
			t.Errorf("closed after %d blocks: %s", after, log)
		}
		if n := strings.Count(strings.Join(log, " "), "open"); n != strings.Count(strings.Join(log, " "), "close") {
			t.Errorf("closed after %d blocks: %s", after, log)
		}
		if _, err := reader.Next(nil); err == nil {
			t.Error("a block after Close")
		}
	}
}

type logged struct {
	io.Reader
	close func()
}

func (l logged) Close() error { l.close(); return nil }

// The count grows while a source is read, not at its end only: it is for a
// progress bar.
func TestBytesReadGrows(t *testing.T) {
	var count atomic.Int64
	text := strings.Repeat("0123456789\n", 1000)
	reader := blocks.NewReader(context.Background(), []input.Source{file("a", text)}, 100, blockstest.Lines, &count)
	defer reader.Close()
	if count.Load() != 0 {
		t.Errorf("%d bytes were read before the first block", count.Load())
	}
	for i := range 10 {
		if _, err := reader.Next(nil); err != nil {
			t.Fatal(err)
		}
		if got := count.Load(); got < int64(100*(i+1)) || got > int64(100*(i+1)+4) {
			t.Errorf("after %d blocks of 100 bytes %d are counted", i+1, got)
		}
	}
}

// stream is a source that may make us wait.
func stream(name, text string) input.Source {
	return input.Source{Name: name, Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// file is a source that never makes us wait.
func file(name, text string) input.Source {
	s := stream(name, text)
	s.Size, s.Reopens = int64(len(text)), true
	return s
}

func gzipped(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}
