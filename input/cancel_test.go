package input_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/internal/blocks"
	"process-orders/internal/blocks/blockstest"
)

// limit is how long a test waits for what should come at once, before it fails.
const limit = 10 * time.Second

// within fails the test if what does not end.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Errorf("%s: still waiting", what)
	}
}

// stalled is a source that gives a text and then nothing more, until the test
// ends.
func stalled(t *testing.T, text string) input.Source {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	go io.Copy(w, strings.NewReader(text))
	return input.Source{Name: "pipe", Size: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(r), nil // one that does not notice that it is closed
	}}
}

// The end of the context ends the wait for a source that gives nothing, wherever
// it is stuck.
func TestCancel(t *testing.T) {
	text := strings.Repeat(order, 30)
	for name, content := range map[string]string{
		"nothing": "", "one byte": "[", "three bytes": "[ \n", "plain": text,
		"gzip": gzipped(text)[:40], "gzip, its magic": gzipped(text)[:2], "gzip, whole": gzipped(text),
		"zstd": zstdCompressed(text)[:20], "zstd, its magic": zstdCompressed(text)[:4], "zstd, whole": zstdCompressed(text),
		"bzip2": unbase64(bzip2One)[:20], "bzip2, its magic": unbase64(bzip2One)[:3], "bzip2, whole": unbase64(bzip2One),
	} {
		ctx, cancel := context.WithCancel(context.Background())
		reader := blocks.NewReader(ctx, []input.Source{stalled(t, content)}, 0, blockstest.Lines, nil)
		var block blocks.Block
		var err error
		within(t, name, func() {
			time.AfterFunc(20*time.Millisecond, cancel)
			block, err = reader.Next(nil)
			reader.Close()
		})
		if !errors.Is(err, context.Canceled) && !errors.Is(block.Err, context.Canceled) {
			t.Errorf("%s: got %v and a block with %v", name, err, block.Err)
		}
		if err == nil && !block.Last {
			t.Errorf("%s: the block is not the last", name)
		}
		cancel()
	}
}

// Close lets go of a source that gives nothing, also with its context alive.
func TestCloseWhileWaiting(t *testing.T) {
	text := strings.Repeat(order, 3000)
	for name, content := range map[string]string{"plain": text, "gzip": flushedGzip(text), "zstd": flushedZstd(text)} {
		ctx, cancel := context.WithCancel(context.Background())
		reader := blocks.NewReader(ctx, []input.Source{stalled(t, content)}, 100, blockstest.Lines, nil)
		within(t, name+", the first block", func() {
			if block, err := reader.Next(nil); err != nil || block.Err != nil || len(block.Data) == 0 {
				t.Errorf("%s: got %q, %v and %v", name, block.Data, block.Err, err)
			}
		})
		within(t, name+", Close", reader.Close)
		cancel()
	}
}

// A cancelled run leaves one goroutine at most, in the read that is stuck, and
// that ends with the read.
func TestCancelLeaksNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	var writers []*io.PipeWriter
	const runs = 20
	for range runs {
		r, w := io.Pipe()
		writers = append(writers, w)
		ctx, cancel := context.WithCancel(context.Background())
		reader := blocks.NewReader(ctx, []input.Source{input.Reader("pipe", r)}, 0, blockstest.Lines, nil)
		time.AfterFunc(time.Millisecond, cancel)
		if block, err := reader.Next(nil); !errors.Is(err, context.Canceled) && !errors.Is(block.Err, context.Canceled) {
			t.Fatalf("got %v and %v", block.Err, err)
		}
		reader.Close()
	}
	if n := fewestGoroutines(before + runs); n > before+runs {
		t.Errorf("%d goroutines for %d reads that are stuck", n-before, runs)
	}
	for _, w := range writers {
		w.Close()
	}
	if n := fewestGoroutines(before); n > before {
		t.Errorf("%d goroutines are left", n-before)
	}
}

// fewestGoroutines waits a second for those that are about to end, until there
// are no more than so many, and returns how many there are.
func fewestGoroutines(enough int) (n int) {
	for range 1000 {
		if n = runtime.NumGoroutine(); n <= enough {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return n
}

// Blocks that are read to their end leave nothing behind with their context.
func TestEndLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, content := range []string{order, "", gzipped(order), zstdCompressed(order), zstdCompressed(order)[:10], unbase64(bzip2One)} {
		ctx, cancel := context.WithCancel(context.Background())
		reader := blocks.NewReader(ctx, []input.Source{stream("a", content), stream("b", content)}, 10, blockstest.Lines, nil)
		for {
			if _, err := reader.Next(nil); err != nil {
				break
			}
		}
		reader.Close()
		cancel()
	}
	if n := fewestGoroutines(before); n > before {
		t.Errorf("%d goroutines are left", n-before)
	}
}

// What was read before the wait is in the block, with the context's error.
func TestCancelKeepsWhatWasRead(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	reader := blocks.NewReader(ctx, []input.Source{stalled(t, order), file("next", order)}, 0, blockstest.Lines, nil)
	defer reader.Close()
	time.AfterFunc(200*time.Millisecond, cancel)
	block, err := reader.Next(nil)
	if err != nil || block.Err != context.Canceled || string(block.Data) != order || !block.Last {
		t.Errorf("got %q, %v and %v", block.Data, block.Err, err)
	}
	if block, err := reader.Next(nil); err != context.Canceled {
		t.Errorf("then got %q and %v", block.Data, err)
	}
}

// A source that is opened after all, when nobody waits for it any more, is closed.
func TestLateOpenIsClosed(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	opening, release, closed := make(chan bool), make(chan bool), make(chan bool)
	source := input.Source{Name: "late", Size: -1, Open: func() (io.ReadCloser, error) {
		close(opening)
		<-release
		return logged{strings.NewReader(order), func() { close(closed) }}, nil
	}}
	reader := blocks.NewReader(ctx, []input.Source{source}, 0, blockstest.Lines, nil)
	go func() {
		<-opening
		cancel()
	}()
	within(t, "Next", func() {
		if block, err := reader.Next(nil); !errors.Is(err, context.Canceled) && !errors.Is(block.Err, context.Canceled) {
			t.Errorf("got %v and %v", err, block.Err)
		}
		reader.Close()
	})
	close(release)
	within(t, "the reader's Close", func() { <-closed })
}

// A source that is opened at once is closed, even if its context ends meanwhile.
func TestOpenAsContextEnds(t *testing.T) {
	for _, reopens := range []bool{false, true} {
		for range 50 {
			ctx, cancel := context.WithCancel(context.Background())
			closed := make(chan bool)
			source := input.Source{Name: "in", Size: -1, Reopens: reopens, Open: func() (io.ReadCloser, error) {
				cancel()
				return logged{strings.NewReader(order), func() { close(closed) }}, nil
			}}
			reader := blocks.NewReader(ctx, []input.Source{source}, 0, blockstest.Lines, nil)
			if block, err := reader.Next(nil); err != nil {
				t.Fatalf("got %v and %v", err, block.Err)
			}
			reader.Close()
			within(t, "the reader's Close", func() { <-closed })
			if t.Failed() {
				return
			}
		}
	}
}

// flushedGzip is a stream that goes on behind the text.
func flushedGzip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return b.String()
}

// flushedZstd is a stream that goes on behind the text.
func flushedZstd(text string) string {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return b.String()
}

// logged is a reader that says when it is closed.
type logged struct {
	io.Reader
	close func()
}

func (l logged) Close() error { l.close(); return nil }
