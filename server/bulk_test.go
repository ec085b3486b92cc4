package server

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"process-orders/store"
	"process-orders/store/sqlite"
)

func newInside(t *testing.T) *Server {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(srv.Shutdown(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// Slices of other work and transactions alternate, and never run at once. So do slices of several
// works.
func TestBulk(t *testing.T) {
	t.Parallel()
	c := newInside(t).commits
	var mu sync.Mutex
	var log []string
	running := 0
	note := func(what string) func() {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, what)
		if running++; running > 1 {
			t.Error("two write at once")
		}
		return func() {
			mu.Lock()
			defer mu.Unlock()
			running--
		}
	}
	var group sync.WaitGroup
	slice := func(name string) func() error {
		return func() error { defer note(name)(); time.Sleep(2 * time.Millisecond); return nil }
	}
	stop := make(chan struct{})
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			task := &task{also: func(store.Transaction) error { defer note("task")(); return nil }}
			if err := c.commit(t.Context(), task); err != nil {
				t.Error(err)
			}
		}
	})
	var works sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		works.Go(func() {
			for range 30 {
				if err := c.bulk(t.Context(), slice(name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	works.Wait()
	close(stop)
	group.Wait()
	row, last := 0, ""
	for _, what := range log {
		if row++; what != last {
			row, last = 1, what
		}
		if what != "task" && row > 3 { // one may have come too late
			t.Fatalf("%d slices of %s in a row: %v", row, what, log)
		}
	}
	failed := errors.New("no")
	if err := c.bulk(t.Context(), func() error { return failed }); err != failed {
		t.Errorf("got %v", err)
	}
}

// A slice that nobody wants any more keeps nobody, and after the end there is none.
func TestBulkEnds(t *testing.T) {
	t.Parallel()
	srv := newInside(t)
	c := srv.commits
	runs, leave := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() { first <- c.bulk(context.Background(), func() error { close(runs); <-leave; return nil }) }()
	<-runs
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.bulk(ctx, func() error { t.Error("it was called"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := c.commit(t.Context(), &task{}); err != nil {
		t.Error(err)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.bulk(t.Context(), func() error { return nil }); err == nil {
		t.Error("it was called after the end")
	}
}

// A transaction takes so many tasks, bytes and orders as it should, and one in any case.
func TestTake(t *testing.T) {
	t.Parallel()
	c := &committer{server: &Server{}}
	for range 3 * maxTasks {
		c.waiting = append(c.waiting, &task{})
	}
	c.pace.perWork = time.Nanosecond
	if tasks := c.take(); len(tasks) != maxTasks {
		t.Errorf("%d tasks", len(tasks))
	}
	c.pace.perWork = time.Millisecond
	if tasks := c.take(); len(tasks) != int(longest/time.Millisecond) {
		t.Errorf("%d tasks of a millisecond", len(tasks))
	}
	c.waiting = []*task{{bytes: 2 * maxTaskBytes}, {bytes: maxTaskBytes}, {bytes: 1}}
	c.bytes = 3*maxTaskBytes + 1
	for i := range 3 {
		if tasks := c.take(); len(tasks) != 1 {
			t.Errorf("%d: %d tasks", i, len(tasks))
		}
	}
	if c.bytes != 0 || len(c.waiting) != 0 {
		t.Errorf("%d bytes of %d tasks wait", c.bytes, len(c.waiting))
	}
}

// A panic of one task is its error, and the committer goes on.
func TestPanicOfTask(t *testing.T) {
	t.Parallel()
	c := newInside(t).commits
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			err := c.commit(t.Context(), &task{also: func(tx store.Transaction) error {
				if i == 3 {
					panic("no")
				}
				return tx.Put(store.Document{Kind: "test", Key: string(rune('a' + i))})
			}})
			if (err != nil) != (i == 3) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	group.Wait()
	if all, err := c.server.store.Documents(t.Context(), "test", "", false, 10); err != nil || len(all) != 7 {
		t.Errorf("%d documents, %v", len(all), err)
	}
}
