package records_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// soon is far longer than anything here takes, and short enough to wait for if it
// hangs.
const soon = 20 * time.Second

// noLeaks checks that the test leaves no goroutine behind.
func noLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for deadline := time.Now().Add(soon); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
			}
		}
	})
}

type result struct {
	all    *records.Records
	totals orders.Totals
	err    error
}

// promptly processes, and fails if that does not end.
func promptly(t *testing.T, ctx context.Context, sources []input.Source, o records.Options) result {
	t.Helper()
	done := make(chan result, 1)
	go func() {
		all, totals, err := records.Process(ctx, sources, o)
		done <- result{all, totals, err}
	}()
	select {
	case r := <-done:
		return r
	case <-time.After(soon):
		stacks := make([]byte, 1<<20)
		t.Fatalf("Process does not end:\n%s", stacks[:runtime.Stack(stacks, true)])
		panic("unreachable")
	}
}

func eachWorkers(t *testing.T, test func(t *testing.T, o records.Options)) {
	for _, workers := range []int{1, 2, 3, 8} {
		for _, size := range []int{1, 100, 0} {
			o := options(workers, size)
			t.Run(wayName(o), func(t *testing.T) { test(t, o) })
		}
	}
}

// blocked is a source that gives what it has and then keeps its reader waiting,
// until the test ends. Reached is closed when it does.
func blocked(t *testing.T, has []byte) (source input.Source, reached chan struct{}) {
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	reached = make(chan struct{})
	atEnd := onRead(func() { close(reached) })
	return input.Reader("pipe", io.MultiReader(bytes.NewReader(has), atEnd, r)), reached
}

// onRead is an empty reader that calls when it is read.
type onRead func()

func (call onRead) Read([]byte) (int, error) {
	call()
	return 0, io.EOF
}

func TestCancelledBeforeTheBegin(t *testing.T) {
	eachWorkers(t, func(t *testing.T, o records.Options) {
		noLeaks(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		opened := input.Source{Name: "a.json", Open: func() (io.ReadCloser, error) {
			t.Error("the source was opened")
			return io.NopCloser(strings.NewReader(good)), nil
		}}
		r := promptly(t, ctx, []input.Source{opened}, o)
		if r.all != nil || r.err != context.Canceled || !reflect.DeepEqual(r.totals, orders.Totals{}) {
			t.Errorf("got %+v", r)
		}
	})
}

// endless gives orders without an end, and cancels behind some of them.
type endless struct {
	text   *strings.Reader
	left   int64
	cancel func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.text.Len() == 0 {
		e.text.Reset(someBad(3))
	}
	n, err := e.text.Read(p)
	if e.left -= int64(n); e.left <= 0 {
		e.cancel()
	}
	return n, err
}

func TestCancelledInTheMiddle(t *testing.T) {
	for _, reopens := range []bool{false, true} { // a pipe and a regular file
		eachWorkers(t, func(t *testing.T, o records.Options) {
			noLeaks(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var closed atomic.Int32
			source := input.Source{Name: "endless", Size: -1, Reopens: reopens, Open: func() (io.ReadCloser, error) {
				return countedCloser{&endless{strings.NewReader(""), 10_000, cancel}, &closed}, nil
			}}
			o.Reject = func(*orders.Reject) error { return nil }
			r := promptly(t, ctx, []input.Source{source}, o)
			if r.all != nil || r.err != context.Canceled {
				t.Errorf("got %v, %v", r.all, r.err)
			}
			if closed.Load() != 1 {
				t.Errorf("the source was closed %d times", closed.Load())
			}
		})
	}
}

type countedCloser struct {
	io.Reader
	closed *atomic.Int32
}

func (c countedCloser) Close() error {
	c.closed.Add(1)
	return nil
}

// A source that keeps us waiting at its start, within an order, or within a compressed
// stream.
func TestCancelledWhileASourceBlocks(t *testing.T) {
	var zipped bytes.Buffer
	z, err := zstd.NewWriter(&zipped)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(z, someBad(3000))
	_ = z.Close()
	gzipped := gzipOf(someBad(3000))
	for name, has := range map[string][]byte{
		"before its first byte":     nil,
		"before its shape is known": []byte(" \n {"),
		"within an order":           []byte(someBad(5) + good[:20]),
		"between orders":            []byte("[" + good + ","),
		"behind the array":          []byte(`{"orders": [` + good + `]`),
		"in the magic of gzip":      gzipped[:2],
		"in the head of gzip":       gzipped[:5],
		"in gzip":                   gzipped[:len(gzipped)/2],
		"behind gzip":               gzipped, // another stream may follow
		"in the magic of zstd":      zipped.Bytes()[:4],
		"in zstd":                   zipped.Bytes()[:zipped.Len()/2],
		"behind zstd":               zipped.Bytes(),
		"in bzip2":                  []byte("BZh91AY&SY"),
	} {
		t.Run(name, func(t *testing.T) {
			eachWorkers(t, func(t *testing.T, o records.Options) {
				if o.BlockBytes == 1 && len(has) > 1000 {
					o.BlockBytes = 5000 // so slow that it looks as if it hung
				}
				noLeaks(t)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				source, reached := blocked(t, has)
				go func() {
					<-reached
					cancel()
				}()
				r := promptly(t, ctx, []input.Source{source, input.Reader("next", strings.NewReader("x"))}, o)
				if r.all != nil || !errors.Is(r.err, context.Canceled) {
					t.Fatalf("got %v, %v", r.all, r.err)
				}
				var syntax *orders.SyntaxError
				if errors.As(r.err, &syntax) {
					t.Fatalf("reported a fault of the input: %v", r.err)
				}
			})
		})
	}
}

func TestADeadline(t *testing.T) {
	eachWorkers(t, func(t *testing.T, o records.Options) {
		noLeaks(t)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		source, _ := blocked(t, []byte(someBad(2)))
		if r := promptly(t, ctx, []input.Source{source}, o); r.err != context.DeadlineExceeded {
			t.Errorf("got %v", r.err)
		}
	})
}

// What was rejected before the end of ctx is reported beside it.
func TestRejectsBesideTheEndOfTheContext(t *testing.T) {
	noLeaks(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	source, reached := blocked(t, []byte(someBad(6)+good))
	go func() {
		<-reached
		cancel()
	}()
	r := promptly(t, ctx, []input.Source{source}, options(2, 64))
	var rejected *records.RejectedError
	if !errors.Is(r.err, context.Canceled) || !errors.As(r.err, &rejected) || rejected.Count != r.totals.Rejected {
		t.Errorf("got %v, %+v", r.err, r.totals)
	}
}

// An error ends a run at once, even if the next input is not there yet.
func TestAnErrorDoesNotWaitForASourceThatBlocks(t *testing.T) {
	errFull := errors.New("the disk is full")
	for _, c := range []struct {
		name  string
		texts []string
		set   func(*records.Options)
		is    func(error) bool
	}{
		{"a syntax error", []string{good, "[x"}, nil, func(err error) bool { return errors.As(err, new(*orders.SyntaxError)) }},
		{"an empty source", []string{good, ""}, nil, func(err error) bool { return errors.As(err, new(*orders.SyntaxError)) }},
		{"the handler's error", []string{someBad(9)}, func(o *records.Options) { o.Reject = func(*orders.Reject) error { return errFull } },
			func(err error) bool { return err == errFull }},
		{"no place for the records", []string{good, good}, func(o *records.Options) { o.MemoryBytes, o.SpillFolder = 1, "no/such/folder" },
			func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachWorkers(t, func(t *testing.T, o records.Options) {
				noLeaks(t)
				if c.set != nil {
					c.set(&o)
				}
				source, _ := blocked(t, nil)
				r := promptly(t, context.Background(), append(sourcesOf(documents(c.texts...)), source), o)
				if r.all != nil || r.err == nil || !c.is(r.err) {
					t.Errorf("got %v, %v", r.all, r.err)
				}
			})
		})
	}
}

// Every source is opened once at most, in its turn, and closed whatever happens.
func TestSourcesAreClosed(t *testing.T) {
	for _, c := range []struct {
		name    string
		texts   []string
		unread  int // how many sources at the end must not be opened by a single worker
		succeed bool
	}{
		{"all is well", []string{good, "[]", `{"orders": []}`, string(gzipOf(good))}, 0, true},
		{"a reject", []string{good, bad, good}, 0, false},
		{"a syntax error", []string{good, "[x", good, good}, 2, false},
		{"an empty source", []string{good, "", good}, 1, false},
		{"cut off in the magic of gzip", []string{good, "\x1f\x8b", good}, 1, false},
		{"cut off in gzip", []string{good, string(gzipOf(good)[:20]), good}, 1, false},
		{"cut off in zstd", []string{good, "\x28\xb5\x2f\xfd", good}, 1, false},
		{"no bzip2", []string{good, "BZh9xxxxxxxxxxxx", good}, 1, false},
	} {
		for _, reopens := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", reopens ", reopens), func(t *testing.T) {
				eachWorkers(t, func(t *testing.T, o records.Options) {
					noLeaks(t)
					opened, closed := make([]atomic.Int32, len(c.texts)), make([]atomic.Int32, len(c.texts))
					var sources []input.Source
					for i, text := range c.texts {
						sources = append(sources, input.Source{Name: fmt.Sprint(i), Size: -1, Reopens: reopens, Open: func() (io.ReadCloser, error) {
							opened[i].Add(1)
							return countedCloser{strings.NewReader(text), &closed[i]}, nil
						}})
					}
					r := promptly(t, context.Background(), sources, o)
					if (r.err == nil) != c.succeed || (r.all == nil) == c.succeed {
						t.Fatalf("got %v, %v", r.all, r.err)
					}
					for i := range sources {
						// A source that was being opened when the run ended is
						// closed once it is open.
						for deadline := time.Now().Add(soon); closed[i].Load() < opened[i].Load() && !reopens && time.Now().Before(deadline); {
							time.Sleep(time.Millisecond)
						}
						if opened[i].Load() > 1 || opened[i].Load() != closed[i].Load() {
							t.Errorf("source %d was opened %d times and closed %d times", i, opened[i].Load(), closed[i].Load())
						}
						if o.Workers == 1 && (opened[i].Load() == 0) != (i >= len(sources)-c.unread) {
							t.Errorf("source %d was opened %d times", i, opened[i].Load())
						}
					}
				})
			})
		}
	}
}
