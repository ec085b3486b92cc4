package server

import (
	"context"
	"errors"
	"testing"

	"process-orders/store"
)

// A contended store has transactions that wait until it is their turn.
type contended struct {
	store.Service
	commits int
	wait    func() error
}

func (c *contended) Commit(ctx context.Context, do func(store.Transaction) error) error {
	c.commits++
	if err := c.wait(); err != nil {
		return err
	}
	return c.Service.Commit(ctx, do)
}

// While a transaction waits for its turn more tasks come. They are committed in it, or fail with it.
func TestTurn(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, failed := range []error{nil, gone} {
		srv := newInside(t)
		srv.tidying.shutdown(t.Context()) // it uses the store
		var tasks []*task
		c := &committer{server: srv, wake: make(chan struct{}, 1), try: srv.do}
		come := func() {
			one := &task{done: make(chan struct{}), also: func(tx store.Transaction) error {
				return tx.Put(store.Document{Kind: "test", Key: string(rune('a' + len(tasks)))})
			}}
			if err := c.add(one); err != nil {
				t.Error(err)
			}
			tasks = append(tasks, one)
		}
		busy := &contended{Service: srv.store}
		busy.wait = func() error {
			for range 3 {
				come()
			}
			return failed
		}
		srv.store = busy
		come()
		c.commitWaiting()
		if busy.commits != 1 || len(c.waiting) != 0 || len(tasks) != 4 {
			t.Errorf("%d transactions for %d tasks, of which %d wait", busy.commits, len(tasks), len(c.waiting))
		}
		for _, one := range tasks {
			select {
			case <-one.done:
				if one.err != failed {
					t.Errorf("%v, want %v", one.err, failed)
				}
			default:
				t.Error("a task has not ended")
			}
		}
	}
}
