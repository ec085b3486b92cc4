package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// TestVanished loses the network to the server at a statement of a transaction, without any end of
// the connection. Nobody waits long, and when the network is back each batch is applied once, also
// one whose COMMIT came late.
func TestVanished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at string
		cut      pgtest.Cut
	}{
		{"at the start", "begin", pgtest.FreezeBefore},
		{"before the server has the commit", "commit", pgtest.FreezeBefore},
		{"before the answer to the commit", "commit", pgtest.FreezeAfter},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var isArmed atomic.Bool
			p := pgtest.NewProxy(t, fmt.Sprint("127.0.0.1:", pgtest.Shared(t).Port), func(sql string) pgtest.Cut {
				if len(sql) >= len(c.at) && sql[:len(c.at)] == c.at && isArmed.CompareAndSwap(true, false) {
					return c.cut
				}
				return pgtest.Pass
			})
			direct := newURL(t)
			u, err := url.Parse(direct)
			if err != nil {
				t.Fatal(err)
			}
			u.Host = fmt.Sprint("127.0.0.1:", p.Port())
			s, err := postgres.Open(t.Context(), u.String(), postgres.Options{Retry: 50 * time.Millisecond}.WithPatience(200*time.Millisecond, time.Second))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			if _, err := storetest.Start(s); err != nil {
				t.Fatal(err)
			}
			isArmed.Store(true)
			done := make(chan error, 1)
			go func() { _, err := try(s, storetest.Numbered(1, 0)); done <- err }()
			select {
			case err := <-done:
				if err == nil || errors.Is(err, store.ErrDamaged) {
					t.Fatal(err)
				}
			case <-time.After(time.Minute):
				t.Fatal("it waits for a server that is lost")
			}
			p.Thaw()
			for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
				if _, err = try(s, storetest.Numbered(1, 0)); err == nil {
					break
				}
				if time.Since(start) > time.Minute {
					t.Fatal(err)
				}
			}
			if err := storetest.CheckNumbered(open(t, direct), 1, 1, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSlowIsNotVanished lets a transaction wait longer for another one than a server may be silent
// that does not answer new connections.
func TestSlowIsNotVanished(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	first := open(t, url)
	source := started(t, first, "a")
	standing, stands, release := held(t, url, 60)
	applied := make(chan struct{})
	go func() {
		mustApply(t, standing, "first", source, state("order 1", 1, 1, "phone", "item"))
		close(applied)
	}()
	<-stands
	attempts := atomic.Int64{}
	waiting, err := postgres.Open(t.Context(), url, postgres.Watched(func(statement string) {
		if len(statement) > 5 && statement[:5] == "begin" {
			attempts.Add(1)
		}
	}).WithPatience(20*time.Millisecond, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	attempts.Store(0)
	time.AfterFunc(500*time.Millisecond, release)
	mustApply(t, waiting, "second", source, state("order 2", 2, 1, "phone", "item"))
	<-applied
	if n := attempts.Load(); n != 1 {
		t.Errorf("it started %d times", n)
	}
}

// TestListen hears of what another store commits, and not of what is rolled back.
func TestListen(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	s, other := open(t, url), open(t, url)
	ctx, stop := context.WithCancel(t.Context())
	heard, ended := make(chan struct{}, 100), make(chan error, 1)
	go func() { ended <- s.Listen(ctx, func() { heard <- struct{}{} }) }()
	hear := func() {
		t.Helper()
		select {
		case <-heard:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was heard")
		}
	}
	hear() // that it listens
	failed := errors.New("rolled back")
	put := func(err error) error {
		return other.Commit(t.Context(), func(tx store.Transaction) error {
			return errors.Join(tx.Put(store.Document{Kind: "test"}), err)
		})
	}
	if err := put(failed); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	for range 3 {
		if err := put(nil); err != nil {
			t.Fatal(err)
		}
		hear()
	}
	if n := len(heard); n != 0 {
		t.Errorf("%d notices came of nothing", n)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
