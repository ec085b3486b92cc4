package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/internal/pgtest"
	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/storetest"
)

// TestTwoCommit commits by two stores in one database.
func TestTwoCommit(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	storetest.CommitAtOnce(t, open(t, url), open(t, url))
}

// TestCutCommit cuts connections at COMMIT, before the server gets it or after. What was done is
// committed once, and what do said last is what is there.
func TestCutCommit(t *testing.T) {
	t.Parallel()
	var cuts [3]atomic.Int64
	var n atomic.Int64
	p := pgtest.NewProxy(t, fmt.Sprint("127.0.0.1:", pgtest.Shared(t).Port), func(sql string) pgtest.Cut {
		if sql != "commit" {
			return pgtest.Pass
		}
		cut := pgtest.Cut(n.Add(1) % 3)
		cuts[cut].Add(1)
		return cut
	})
	u, err := url.Parse(newURL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprint("127.0.0.1:", p.Port())
	s := open(t, u.String())
	calls := 0
	for i := range int64(12) {
		var number int64
		err := s.Commit(context.Background(), func(tx store.Transaction) error {
			calls++
			d, found, err := tx.Document("count", "")
			if err != nil {
				return err
			}
			if found != (i > 0) || found && d.At != i-1 {
				t.Errorf("commit %d finds the number %d", i, d.At)
			}
			o, err := tx.Apply(store.Batch{Feed: &store.Feed{Name: "feed"}, States: []store.State{state(fmt.Sprint(i), i, 1, "phone", "item")}})
			if number = o.Number; err != nil {
				return err
			}
			return tx.Put(store.Document{Kind: "count", At: i})
		})
		if err != nil || number != i+1 {
			t.Fatalf("commit %d has the number %d, %v", i, number, err)
		}
	}
	if _, items := recordsOf(t, s); items["item"].Orders != 12 {
		t.Errorf("%d orders, want 12", items["item"].Orders)
	}
	for cut := range cuts {
		if cuts[cut].Load() < 4 {
			t.Errorf("%d COMMITs of the kind %d", cuts[cut].Load(), cut)
		}
	}
	if calls <= 12 {
		t.Errorf("%d calls: none was made again", calls)
	}
}

// TestCommitTerminated commits while the server terminates all connections again and again.
func TestCommitTerminated(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	s, other := open(t, url), open(t, url)
	terminated := terminating(t, url)
	for l := soak.NewLoop(t, "commits while connections are terminated", soak.Rounds{Short: 1, Default: 3, Soak: 300}); l.Next(); {
		storetest.CommitAtOnce(t, s, other)
	}
	if n := terminated(); n == 0 {
		t.Error("no connection was terminated")
	}
}

// TestCommitCrash commits while the server crashes and comes back.
func TestCommitCrash(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	a, b := open(t, server.URL("postgres")), open(t, server.URL("postgres"))
	for l := soak.NewLoop(t, "crashes", soak.Rounds{Short: 1, Default: 2, Soak: 50}); l.Next(); {
		crashed := make(chan error, 1)
		go func() {
			time.Sleep(100 * time.Millisecond)
			err := server.Stop("immediate")
			if err == nil {
				err = server.Run()
			}
			crashed <- err
		}()
		storetest.CommitAtOnce(t, a, b)
		if err := <-crashed; err != nil {
			t.Fatal(err)
		}
	}
	storetest.CommitAtOnce(t, a, b)
}
