package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"process-orders/apply"
	"process-orders/store"
)

// A task is what one request asks to be committed.
type task struct {
	// group has orders, and may be nil.
	group *apply.Group
	// also, if not nil, is called in the transaction after the orders were applied. It may be
	// called again. The error that it returns becomes that of the task, and of no other.
	also func(tx store.Transaction) error
	// bytes is about how much memory the task takes until it is committed.
	bytes int64

	outcome store.Outcome // of the group
	err     error
	done    chan struct{}
}

// A committer commits what requests ask for. While one transaction is on its way to the disk
// others wait, and are committed together in the next one. There is no timer: a request that
// comes alone is committed at once, and many share what a commit costs.
type committer struct {
	server *Server

	mu       sync.Mutex
	waiting  []*task
	bytes    int64
	isClosed bool
	wake     chan struct{} // holds a value if there may be something to do
	ended    chan struct{}
}

func newCommitter(s *Server) *committer {
	c := &committer{server: s, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c
}

// commit waits until a task is committed. If the context ends before, it may be committed or not.
func (c *committer) commit(ctx context.Context, t *task) error {
	t.done = make(chan struct{})
	if err := c.add(t); err != nil {
		return err
	}
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errFull is the answer if too much waits.
func errFull() error {
	return busy(http.StatusServiceUnavailable, "busy", "too many requests wait to be saved; send it again", time.Second)
}

func (c *committer) add(t *task) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &c.server.limits
	switch {
	case c.isClosed:
		return busy(http.StatusServiceUnavailable, "stopping", "the server is stopping; send it again", time.Second)
	case len(c.waiting) >= l.Waiting || c.bytes > 0 && c.bytes+t.bytes > l.WaitingBytes:
		return errFull()
	}
	c.waiting = append(c.waiting, t)
	c.bytes += t.bytes
	c.signal()
	return nil
}

func (c *committer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take returns all that waits.
func (c *committer) take() (all []*task, isClosed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, c.waiting, c.bytes = c.waiting, nil, 0
	return all, c.isClosed
}

func (c *committer) run() {
	defer close(c.ended)
	for range c.wake {
		all, isClosed := c.take()
		if len(all) > 0 {
			c.commitAll(all)
		}
		if isClosed {
			return
		}
	}
}

// commitAll commits tasks in one transaction, and ends them.
func (c *committer) commitAll(all []*task) {
	err := c.server.store.Commit(context.Background(), func(tx store.Transaction) error {
		for _, t := range all {
			if t.err = t.do(tx); t.err != nil {
				return t.err
			}
		}
		return nil
	})
	if err != nil && len(all) > 1 { // one of them cannot be done: it must not keep the others
		for _, t := range all {
			c.commitAll([]*task{t})
		}
		return
	}
	for _, t := range all {
		t.err = err
		close(t.done)
	}
}

func (t *task) do(tx store.Transaction) (err error) {
	if t.group != nil {
		if t.outcome, err = t.group.ApplyTo(tx.Apply); err != nil {
			return err
		}
	}
	if t.also != nil {
		return t.also(tx)
	}
	return nil
}

func (c *committer) shutdown(ctx context.Context) error {
	c.mu.Lock()
	c.isClosed = true
	c.mu.Unlock()
	c.signal()
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// storeProblem is what is answered if the store cannot do something.
func (s *Server) storeProblem(err error) error {
	var rules *store.RulesError
	var p *problem
	switch {
	case errors.As(err, &p):
		return err
	case errors.As(err, &rules):
		return newProblem(http.StatusConflict, "other-rules", rules.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return busy(http.StatusServiceUnavailable, "too-slow", "it took too long; send it again", time.Second)
	}
	s.log.Error("the store failed", "error", err)
	return busy(http.StatusServiceUnavailable, "store", "the store cannot save at present; send it again", 5*time.Second)
}
