package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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

// TestCommitTerminated loses the connection at each place of a transaction in turn. All is done
// again, and once.
func TestCommitTerminated(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	s := open(t, url)
	killer, err := pgx.Connect(t.Context(), pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer killer.Close(context.Background())
	const places = 4
	for i := range int64(places) {
		calls := 0
		err := s.Commit(t.Context(), func(tx store.Transaction) error {
			calls++
			at := func(place int64) {
				if calls > 1 || place != i {
					return
				}
				_, err := killer.Exec(t.Context(), `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1`, schemaOf(t, url))
				if err != nil {
					t.Error(err)
				}
			}
			at(0)
			d, _, err := tx.Document("count", "")
			if err != nil {
				return fmt.Errorf("in words of the caller: %w", err)
			}
			at(1)
			if _, err = tx.Apply(store.Batch{Feed: &store.Feed{Name: "feed"}, States: []store.State{state(fmt.Sprint(i), i, 1, "phone", "item")}}); err != nil {
				return err
			}
			at(2)
			err = tx.Put(store.Document{Kind: "count", At: d.At + 1})
			at(3)
			return err
		})
		if err != nil || calls != 2 && i > 0 {
			t.Errorf("place %d: %d calls, %v", i, calls, err)
		}
	}
	d, _, err := s.Document(t.Context(), "count", "")
	if _, items := recordsOf(t, s); err != nil || d.At != places || items["item"].Orders != places {
		t.Errorf("%d are counted, and there are %d orders, %v; want %d", d.At, items["item"].Orders, err, places)
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

// TestDamagedDocumentIsNamedOnce reads a document that is damaged: the error names the store once.
func TestDamagedDocumentIsNamedOnce(t *testing.T) {
	t.Parallel()
	at := newURL(t)
	s := open(t, at)
	err := s.Commit(t.Context(), func(tx store.Transaction) error {
		return tx.Put(store.Document{Kind: "count", Key: "a", Value: []byte("1")})
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, pgtest.Shared(t).URL("postgres"), `UPDATE `+pgx.Identifier{schemaOf(t, at)}.Sanitize()+`.documents SET value = '2'`)
	if _, _, err := s.Document(t.Context(), "count", "a"); !errors.Is(err, store.ErrDamaged) || strings.Count(err.Error(), "store postgres") != 1 {
		t.Errorf("got %v", err)
	}
}
