package server

import "context"

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
