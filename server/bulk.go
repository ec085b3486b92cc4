package server

import (
	"context"
	"errors"
	"time"
)

// A slice is a part of a larger work that writes, as an upload does. It runs between two
// transactions of the committer.
type slice struct {
	starts chan struct{} // is closed when the slice may run
	over   chan struct{} // is closed when it has run, or is not wanted any more
}

// bulk calls do between two transactions, so that neither requests nor those who call bulk wait
// long for each other: do should take 50 ms at most. Those who call bulk are served in the order
// in which they came, and a transaction of requests is between two of them. If the context ends
// before that, do is not called.
func (c *committer) bulk(ctx context.Context, do func() error) error {
	s := &slice{starts: make(chan struct{}), over: make(chan struct{})}
	defer close(s.over)
	if err := c.addSlice(s); err != nil {
		return err
	}
	select {
	case <-s.starts:
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *committer) addSlice(s *slice) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return errStopping()
	}
	c.slices = append(c.slices, s)
	c.signal()
	return nil
}

// run lets a slice run, if there is one, and waits until it is over.
func (s *slice) run() {
	if s != nil {
		close(s.starts)
		<-s.over
	}
}

// errWanted ends what runs in a slice when a request has come.
var errWanted = errors.New("a request has come")

// unlessWanted calls do in a slice that may take long. If a request comes, and do has not ended
// some 50 ms later, the context of do ends. It reports whether do has failed for that.
func (c *committer) unlessWanted(ctx context.Context, do func(context.Context) error) (isGivenUp bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	giveUp := func() { time.AfterFunc(longest, func() { cancel(errWanted) }) }
	c.mu.Lock()
	if c.giveUp = giveUp; len(c.waiting) > 0 {
		c.giveUpSlice()
	}
	c.mu.Unlock()
	err = do(ctx)
	c.mu.Lock()
	c.giveUp = nil
	c.mu.Unlock()
	return err != nil && context.Cause(ctx) == errWanted, err
}

// giveUpSlice ends what runs in a slice, soon. The lock is held.
func (c *committer) giveUpSlice() {
	if c.giveUp != nil {
		c.giveUp()
		c.giveUp = nil
	}
}

// quiet is for how long no request must have come for slices to become longer.
const quiet = time.Second

// isQuiet reports whether no request has come for a while.
func (c *committer) isQuiet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.came) >= quiet
}
