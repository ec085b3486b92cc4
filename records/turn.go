package records

import "sync"

// turn lets workers do a thing in the order of what they work on. The first error
// ends it for all: what comes later in the input must not be told before.
type turn struct {
	mutex sync.Mutex
	moved sync.Cond
	next  int64
	err   error
	// cancel lets go of a worker that waits for input.
	cancel func()
}

func newTurn() *turn {
	t := &turn{cancel: func() {}}
	t.moved.L = &t.mutex
	return t
}

// wait returns when it is the turn of the index-th.
func (t *turn) wait(index int64) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for t.next != index && t.err == nil {
		t.moved.Wait()
	}
	return t.err
}

func (t *turn) pass(err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.next++
	if t.err == nil {
		t.err = err
	}
	t.moved.Broadcast()
}

// end lets go of those who wait for a worker that failed.
func (t *turn) end(err error) error {
	if err != nil {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		if t.err == nil {
			t.err = err
		}
		t.moved.Broadcast()
		t.cancel()
	}
	return err
}
