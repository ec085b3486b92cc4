package server

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"process-orders/store"
)

// A counting store counts its commits, and fails before them or after the work if it should.
type counting struct {
	store.Service
	commits       atomic.Int64
	before, after error
}

func (c *counting) Commit(ctx context.Context, do func(store.Transaction) error) error {
	c.commits.Add(1)
	if c.before != nil {
		return c.before
	}
	return c.Service.Commit(ctx, func(tx store.Transaction) error {
		if err := do(tx); err != nil {
			return err
		}
		return c.after
	})
}

// Tasks that cannot be committed are found with few transactions, and the others are committed.
// A store that fails is given up after few.
func TestBisection(t *testing.T) {
	t.Parallel()
	bad := errors.New("no")
	for _, c := range []struct {
		what          string
		bad           int // so many tasks cannot be done
		before, after error
		failed        int // so many tasks fail
		most          int64
	}{
		{"all are good", 0, nil, nil, 0, 1},
		{"some are bad", 3, nil, nil, 3, 4},
		{"nothing works", 0, bad, nil, 64, 1},
		{"nothing can be committed", 0, nil, bad, 64, 1},
		{"all are bad", 64, nil, nil, 64, maxFailures},
	} {
		srv := newInside(t)
		srv.tidying.shutdown(t.Context()) // it uses the store
		counts := &counting{Service: srv.store, before: c.before, after: c.after}
		srv.store = counts
		var tasks []*task
		for i := range 64 {
			tasks = append(tasks, &task{done: make(chan struct{}), also: func(tx store.Transaction) error {
				if i%20 == 7 && c.bad == 3 || c.bad == 64 {
					return bad
				}
				return tx.Put(store.Document{Kind: "test", Key: string(rune(' ' + i))})
			}})
		}
		srv.commits.commitSome(tasks, &bisection{})
		failed := 0
		for _, one := range tasks {
			if <-one.done; one.err != nil {
				failed++
			}
		}
		all, err := counts.Documents(t.Context(), "test", "", false, 100)
		if err != nil || failed != c.failed || len(all) != 64-c.failed || counts.commits.Load() > c.most {
			t.Errorf("%s: %d failed, %d are there, %d commits, %v", c.what, failed, len(all), counts.commits.Load(), err)
		}
	}
}

// Halves are tried if it is not known which task is bad.
func TestBisectionInHalves(t *testing.T) {
	t.Parallel()
	srv := newInside(t)
	srv.tidying.shutdown(t.Context()) // it uses the store
	counts := &counting{Service: srv.store}
	srv.store = counts
	bad := errors.New("no")
	b := &bisection{}
	tried := 0
	var all []*task
	for range 64 {
		all = append(all, &task{done: make(chan struct{})})
	}
	srv.commits.try = func(tx store.Transaction, tasks []*task) error {
		tried++
		for _, one := range tasks {
			if one == all[9] || one == all[40] {
				return bad
			}
		}
		return nil
	}
	srv.commits.commitSome(all, b)
	for i, one := range all {
		if <-one.done; (one.err != nil) != (i == 9 || i == 40) {
			t.Errorf("%d: %v", i, one.err)
		}
	}
	if tried > 30 {
		t.Errorf("%d transactions", tried)
	}
}
