package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"process-orders/apply"
	"process-orders/store"
)

// A task is what one request asks to be committed.
type task struct {
	// key, if not nil, is that of the request. If it is not good any more in the transaction, the task
	// is refused, and does nothing.
	key *Key
	// group has orders, and may be nil.
	group *apply.Group
	// known, if not nil, is called in the transaction before the orders are applied. It reports
	// whether all of the task was committed before, so that nothing is to be done. It changes
	// nothing.
	known func(tx store.Transaction) (bool, error)
	// also, if not nil, is called in the transaction after the orders were applied. Both may
	// be called again, and start over then. The error that one returns becomes that of the
	// task, and of no other.
	also func(tx store.Transaction) error
	// bytes is about how much memory the task takes until it is committed.
	bytes int64

	// settled is what became of the group. It may be read in also, and after the commit.
	settled apply.Settled
	err     error
	done    chan struct{}
}

// work is about how much work a task is: one for itself, and one for each order.
func (t *task) work() int64 {
	if t.group == nil {
		return 1
	}
	return 1 + t.group.Totals.Orders
}

// A committer commits what requests ask for. While one transaction is on its way to the disk
// others wait, and are committed together in the next one. There is no timer: a request that
// comes alone is committed at once, and many share what a commit costs.
//
// Between two transactions others may write, see bulk.
type committer struct {
	server *Server

	mu       sync.Mutex
	waiting  []*task
	bytes    int64 // of those
	slices   []*slice
	came     time.Time // when the last task came
	giveUp   func()    // ends the slice that runs, if it may be ended
	isClosed bool
	wake     chan struct{} // holds a value if there may be something to do
	ended    chan struct{}

	pace pace // of the goroutine that commits
	log  logTending
	try  func(store.Transaction, []*task) error
}

func newCommitter(s *Server) *committer {
	c := &committer{server: s, wake: make(chan struct{}, 1), ended: make(chan struct{}), try: s.do}
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
		if t.group != nil {
			t.group.Release()
		}
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitAlso commits what is done in a transaction.
func (s *Server) commitAlso(ctx context.Context, do func(store.Transaction) error) error {
	return s.commits.commit(ctx, &task{also: do})
}

// errFull is the answer if too much waits.
func errFull() error {
	return busy(http.StatusServiceUnavailable, "busy", "too many requests wait to be saved; send it again", time.Second)
}

func errStopping() error {
	return busy(http.StatusServiceUnavailable, "stopping", "the server is stopping; send it again", time.Second)
}

func (c *committer) add(t *task) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.isClosed:
		return errStopping()
	case c.hasNoRoom(t.bytes):
		return errFull()
	}
	c.waiting = append(c.waiting, t)
	c.bytes += t.bytes
	c.came = time.Now()
	c.giveUpSlice()
	c.signal()
	return nil
}

// isFull reports whether a task of so many bytes would be refused now.
func (c *committer) isFull(bytes int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hasNoRoom(bytes)
}

func (c *committer) hasNoRoom(bytes int64) bool {
	l := &c.server.limits
	return len(c.waiting) >= l.Waiting || c.bytes > 0 && c.bytes+bytes > l.WaitingBytes
}

func (c *committer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// run commits what waits, and lets one slice of other work run after each transaction.
func (c *committer) run() {
	defer close(c.ended)
	for range c.wake {
		for {
			isWanted, one, isClosed := c.next()
			if isWanted {
				c.commitWaiting()
			}
			c.log.tend(c.server)
			one.run()
			if !isWanted && one == nil {
				if isClosed {
					return
				}
				break
			}
		}
	}
}

// next reports whether a transaction is wanted, and takes the slice that comes after it.
func (c *committer) next() (isWanted bool, one *slice, isClosed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.slices) > 0 {
		one, c.slices = c.slices[0], c.slices[1:]
	}
	return len(c.waiting) > 0, one, c.isClosed
}

// The most that one transaction takes.
const (
	maxTasks     = 4096
	maxTaskBytes = 16 << 20
)

// take returns the tasks of the next transaction.
func (c *committer) take() []*task {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, bytes, work := 0, int64(0), int64(0)
	for n < min(len(c.waiting), maxTasks) {
		t := c.waiting[n]
		bytes += t.bytes
		if work += t.work(); n > 0 && (bytes > maxTaskBytes || work > c.pace.most()) {
			break
		}
		c.bytes -= t.bytes
		n++
	}
	tasks := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	return tasks
}

// shutdown waits until all that was accepted is committed.
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

// A pace is how fast a transaction does its work, without what its commit takes.
type pace struct{ perWork time.Duration }

const (
	// longest is how long the work of one transaction may take, about.
	longest = 50 * time.Millisecond
	// usualPerWork is how long one order takes, until it is known better.
	usualPerWork = 25 * time.Microsecond
	// leastWork is what a transaction may take in any case.
	leastWork = 16
)

// most is how much work fits into a transaction.
func (p *pace) most() int64 {
	each := p.perWork
	if each == 0 {
		each = usualPerWork
	}
	return max(leastWork, int64(longest/each))
}

// took takes note of how long some work took.
func (p *pace) took(work int64, d time.Duration) {
	each := max(d/time.Duration(max(work, 1)), 1)
	if p.perWork == 0 {
		p.perWork = each
	}
	p.perWork = (3*p.perWork + each) / 4
}
