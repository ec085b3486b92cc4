package parallel

import "sync"

// A Sequencer lets workers do one thing in the order of what they work on: each waits for
// the turn of its index, does the thing, and passes the turn on. The first error in that
// order ends it for all, so that what is later in the input is never reported first.
//
// For each index, from 0 without gaps, one worker calls [Sequencer.Wait] and then
// [Sequencer.Pass]. A worker that stops elsewhere calls [Sequencer.End] with the reason.
type Sequencer struct {
	mutex  sync.Mutex
	moved  sync.Cond
	next   int64
	err    error
	cancel func()
}

// NewSequencer returns a sequencer whose first turn is that of index 0. Cancel, if it is
// not nil, is called when a worker ends with an error; it should wake workers that wait for
// something other than their turn.
func NewSequencer(cancel func()) *Sequencer {
	s := &Sequencer{cancel: cancel}
	s.moved.L = &s.mutex
	return s
}

// Wait returns when it is the turn of the index. If there was an error, it returns that
// error at once: there are no more turns.
func (s *Sequencer) Wait(index int64) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.next != index && s.err == nil {
		s.moved.Wait()
	}
	return s.err
}

// Pass passes the turn on to the next index. With an error there are no more turns.
func (s *Sequencer) Pass(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.next++
	if s.err == nil {
		s.err = err
	}
	s.moved.Broadcast()
}

// End takes the error with which a worker ended, and returns it. An error ends all turns,
// wakes the workers that wait for one, and calls cancel. Nil does nothing.
func (s *Sequencer) End(err error) error {
	if err == nil {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.moved.Broadcast()
	if s.cancel != nil {
		s.cancel()
	}
	return err
}

// Err returns the first error, nil if there was none.
func (s *Sequencer) Err() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}
