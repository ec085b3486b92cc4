package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
)

// held opens a store whose next write stands still behind a statement, while it holds the lock,
// until release is called.
func held(t *testing.T, url string, silence int) (s *postgres.Store, standing <-chan struct{}, release func()) {
	t.Helper()
	stands, goOn := make(chan struct{}), make(chan struct{})
	armed := make(chan struct{}, 1)
	o := postgres.Watched(func(statement string) {
		if strings.Contains(statement, "LOCK TABLE") {
			select {
			case <-armed:
				close(stands)
				<-goOn
			default:
			}
		}
	})
	s, err := postgres.Open(context.Background(), url, o.WithSilence(silence))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	armed <- struct{}{}
	return s, stands, func() { close(goOn) }
}

// TestTurns has a transaction stand still that writes. Another one that writes waits for it, and
// those that read do not.
func TestTurns(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	others := open(t, url)
	source := started(t, others, "a")
	mustApply(t, others, "first", source, state("order 1", 1, 1, "phone", "item"))
	standing, stands, release := held(t, url, 60)
	applied := make(chan string, 2)
	go func() {
		mustApply(t, standing, "second", source, state("order 2", 2, 1, "phone", "item"))
		applied <- "second"
	}()
	<-stands
	go func() {
		mustApply(t, others, "third", source, state("order 3", 3, 1, "phone", "item"))
		applied <- "third"
	}()
	waitForLock(t, url)
	if _, items := recordsOf(t, others); items["item"].Orders != 1 {
		t.Errorf("while a transaction writes there are %d orders, want 1", items["item"].Orders)
	}
	if all, err := others.Sources(context.Background()); err != nil || len(all) != 1 || all[0].Batches != 1 {
		t.Errorf("sources %+v, %v", all, err)
	}
	if _, err := others.Minutes(context.Background(), store.NoTime, 1000); err != nil {
		t.Error(err)
	}
	select {
	case which := <-applied:
		t.Errorf("the %s batch was applied while another transaction writes", which)
	default:
	}
	release()
	if first, next := <-applied, <-applied; first != "second" || next != "third" {
		t.Errorf("applied %s, and then %s", first, next)
	}
	if _, items := recordsOf(t, others); items["item"].Orders != 3 || items["item"].Price != "3" {
		t.Errorf("at the end: %+v, want 3 orders", items["item"])
	}
}

// waitForLock waits until a connection of a store waits for the lock.
func waitForLock(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var n int
		err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
			WHERE NOT granted AND mode = 'ShareRowExclusiveLock' AND application_name = $1`, schemaOf(t, url)).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("nobody waits")
		}
	}
}

// TestSilence stops a process for longer than the server waits, while it holds the lock. Others
// write meanwhile. When the process continues, what it was about to write is applied once.
func TestSilence(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	others := open(t, url)
	source := started(t, others, "a")
	silent, stands, release := held(t, url, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		mustApply(t, silent, "of the silent", source, state("order 1", 1, 1, "phone", "item"))
	}()
	<-stands
	mustApply(t, others, "of another", source, state("order 2", 2, 1, "phone", "item"))
	release()
	<-done
	if _, items := recordsOf(t, others); items["item"].Orders != 2 {
		t.Errorf("%d orders, want 2", items["item"].Orders)
	}
}

// TestReadsWhileWriting reads again and again while batches are applied: each reading is of one
// moment.
func TestReadsWhileWriting(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	s, reader := open(t, url), open(t, url)
	source := started(t, s, "a")
	const batches, each = 20, 300 // more than are inserted without COPY
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range batches {
			var some []store.State
			for i := range each {
				some = append(some, state(fmt.Sprint(n, " ", i), int64(n), 1, fmt.Sprint(n, " ", i), "item"))
			}
			mustApply(t, s, fmt.Sprint(n), source, some...)
		}
	}()
	for isDone := false; !isDone; {
		select {
		case <-done:
			isDone = true
		default:
		}
		customers, orders := 0, int64(0)
		err := reader.Records(context.Background(), store.Reading{Details: true}, func(c iter.Seq2[store.Customer, error], i iter.Seq2[store.Item, error]) error {
			for _, err := range c {
				if err != nil {
					return err
				}
				customers++
			}
			for one, err := range i {
				if err != nil {
					return err
				}
				orders += one.Orders
			}
			return nil
		})
		if err != nil || int64(customers) != orders || customers%each != 0 || isDone && customers != batches*each {
			t.Fatalf("%d customers and %d orders, %v", customers, orders, err)
		}
	}
}

// What a server commits is asked for when it is the transaction's turn: what came meanwhile is in it.
func TestCommitTurn(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	others := open(t, url)
	standing, stands, release := held(t, url, 60)
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- standing.Commit(context.Background(), func(store.Transaction) error { return nil }) }()
	<-stands
	var came atomic.Bool
	go func() {
		second <- others.Commit(context.Background(), func(store.Transaction) error {
			if !came.Load() {
				return errors.New("it is not its turn yet")
			}
			return nil
		})
	}()
	waitForLock(t, url)
	came.Store(true)
	release()
	for _, done := range []chan error{first, second} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
