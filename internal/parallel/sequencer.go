package parallel

import "sync"

// A Sequencer lets workers do a thing in the order of what they work on, from 0 on.
// The first error ends it for all of them: nothing that comes later in that order may
// be reported before.
type Sequencer struct {
	cancel func()

	mu    sync.Mutex
	moved sync.Cond
	next  int64
	err   error
}

// NewSequencer returns a Sequencer that calls cancel when a worker ends with an error,
// to let go of workers that wait for something else.
func NewSequencer(cancel func()) *Sequencer {
	s := &Sequencer{cancel: cancel}
	s.moved.L = &s.mu
	return s
}

// Wait returns when it is the turn of the index-th, or with the error that ended all.
// A worker that Wait returned nil to must call Pass.
func (s *Sequencer) Wait(index int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.next != index && s.err == nil {
		s.moved.Wait()
	}
	return s.err
}

// Pass ends the turn. An error, if it is the first, ends the turns of all.
func (s *Sequencer) Pass(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	if s.err == nil {
		s.err = err
	}
	s.moved.Broadcast()
}

// End is called with what a worker ended with. If that is an error, it lets go of all
// others. It returns err.
func (s *Sequencer) End(err error) error {
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.moved.Broadcast()
	s.cancel()
	return err
}

// Err is the first error.
func (s *Sequencer) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
