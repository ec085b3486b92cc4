//go:build unix

package input_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"process-orders/input"
	"process-orders/internal/blocks"
	"process-orders/internal/blocks/blockstest"
)

func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	return name
}

// A named pipe is read to its end, and nobody knows how much it holds.
func TestFIFO(t *testing.T) {
	name := fifo(t)
	source, err := input.File(name)
	if err != nil || source.Size != -1 || source.Reopens {
		t.Fatalf("size %d, %v", source.Size, err)
	}
	go func() {
		w, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		for range 3 {
			if _, err := w.WriteString(order); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	got := blockstest.Read(t, 0, blockstest.Lines, source)
	if got.Content[0] != order+order+order || got.Err != nil {
		t.Errorf("got %q and %v", got.Content, got.Err)
	}
}

// The end of the context ends the wait for somebody to write to a named pipe: to
// open it takes as long as that.
func TestCancelFIFO(t *testing.T) {
	name := fifo(t)
	source, err := input.File(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	reader := blocks.NewReader(ctx, []input.Source{source}, 0, blockstest.Lines, nil)
	time.AfterFunc(20*time.Millisecond, cancel)
	done := make(chan error)
	go func() {
		block, err := reader.Next(nil)
		reader.Close()
		done <- errors.Join(err, block.Err)
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(2 * time.Second):
		t.Error("still waiting for the pipe, 2 s after the end of its context")
		w, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0) // lets it go
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		<-done
	}
}
