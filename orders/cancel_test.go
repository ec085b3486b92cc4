package orders_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/orders"
)

// within fails the test if f does not end. It waits long, to be sure that f never does.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Errorf("%s: still waiting", what)
	}
}

// stalled gives a text and then nothing more, until the test ends.
func stalled(t *testing.T, text string) input.Source {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	go io.Copy(w, strings.NewReader(text))
	return input.Reader("pipe", io.NopCloser(r))
}

// The end of the context is the error, also while a pipe keeps us waiting.
func TestCancel(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a start": "[", "orders": order("1") + "\n" + order("2") + "\n", "half an order": order("1")[:9]} {
		ctx, cancel := context.WithCancel(context.Background())
		var err error
		within(t, name, func() {
			time.AfterFunc(20*time.Millisecond, cancel)
			for _, err = range orders.All(ctx, []input.Source{stalled(t, text)}, orders.Options{BlockBytes: 7}) {
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
		cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for o, err := range orders.All(ctx, []input.Source{source("in", order("1"))}, orders.Options{}) {
		if n++; n > 1 || o.Phone != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: got %v and %v", o, err)
		}
	}
}

// A loop that ends, by itself or for an error, does not wait for more input.
func TestEndWhileWaiting(t *testing.T) {
	plain := strings.Repeat(order("1")+"\n", 1000) + "oops\n" + strings.Repeat(order("1")+"\n", 10)
	var zipped bytes.Buffer
	w := must(zstd.NewWriter(&zipped))
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"plain": plain, "zstd": zipped.String()} {
		within(t, name+", break", func() {
			for range orders.All(context.Background(), []input.Source{stalled(t, text)}, orders.Options{BlockBytes: 64}) {
				break
			}
		})
		within(t, name+", an error", func() {
			var last error
			for _, last = range orders.All(context.Background(), []input.Source{stalled(t, text)}, orders.Options{BlockBytes: 64}) {
			}
			var syntax *orders.SyntaxError
			if !errors.As(last, &syntax) || syntax.Line != 1001 {
				t.Errorf("%s: got %v", name, last)
			}
		})
	}
}

// What a source's own error cuts short is no error of its content: the whole
// orders before it come out, and then that error.
func TestSourceErrors(t *testing.T) {
	disk := errors.New("input/output error")
	for _, shape := range shapes {
		text, _ := unmark(shape.text)
		for n := range len(text) + 1 {
			var got reading
			s := setup{ahead: n % 4, Options: orders.Options{BlockBytes: 1 + n%31}}
			failing := input.Source{Name: "in", Size: 1, Reopens: true, Open: func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(disk))), nil
			}}
			got = s.readAll(source("first", order("0")), failing, source("last", order("9")))
			if !errors.Is(got.err, disk) || got.err.Error() != "in: input/output error" || len(got.rejects) > 0 {
				t.Errorf("%s, an error after %s: got %v, want the source's", shape.name, abridged(text[:n]), got)
				break
			}
			if !strings.HasPrefix("0 1 2 3", got.phones()) {
				t.Errorf("%s, an error after %s: got orders %s", shape.name, abridged(text[:n]), got.phones())
				break
			}
		}
		// What is not JSON before the error is reported first: it is first in the input.
		failing := input.Source{Name: "in", Size: 1, Reopens: true, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("[{}, oops "), iotest.ErrReader(disk))), nil
		}}
		got := setup{Options: orders.Options{BlockBytes: 3}}.readAll(failing)
		got.wantSyntaxError(t, "not JSON before an error")
	}
}

// A source that cannot be opened is reported in its turn.
func TestOpenErrors(t *testing.T) {
	gone := input.Source{Name: "gone", Size: -1, Open: func() (io.ReadCloser, error) { return nil, errors.New("not today") }}
	for ahead := range 4 {
		got := setup{ahead: ahead, Options: orders.Options{BlockBytes: 9}}.readAll(source("a", order("1")+"\n"+order("2")), gone, source("b", order("3")))
		if got.phones() != "1 2" || got.err == nil || got.err.Error() != "gone: not today" {
			t.Errorf("%d ahead: got\n%s", ahead, got)
		}
	}
}
