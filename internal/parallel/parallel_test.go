package parallel_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"process-orders/internal/parallel"
)

var errBroken = errors.New("broken")

// Each calls once for each number, on no more workers than it may.
func TestEach(t *testing.T) {
	for _, workers := range []int{1, 3, 100} {
		for _, n := range []int{0, 1, 2, 1000} {
			var now, most atomic.Int32
			calls := make([]int32, n)
			err := parallel.Each(workers, n, func(i int) error {
				at := now.Add(1)
				for old := most.Load(); at > old && !most.CompareAndSwap(old, at); old = most.Load() {
				}
				atomic.AddInt32(&calls[i], 1)
				now.Add(-1)
				return nil
			})
			if err != nil || int(most.Load()) > workers || slices.ContainsFunc(calls, func(n int32) bool { return n != 1 }) {
				t.Errorf("%d workers, %d: %v, %d at once, called %v", workers, n, err, most.Load(), calls)
			}
		}
	}
}

// As many run at once as there are workers: each waits for all others.
func TestEachRunsAtOnce(t *testing.T) {
	const workers = 4
	var all sync.WaitGroup
	all.Add(workers)
	if err := parallel.Each(workers, workers, func(int) error {
		all.Done()
		all.Wait()
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// An error is returned, after all calls have returned, and its worker does no more.
func TestEachFails(t *testing.T) {
	calls := 0
	if err := parallel.Each(1, 10, func(i int) error {
		if calls++; i == 3 {
			return errBroken
		}
		return nil
	}); err != errBroken || calls != 4 {
		t.Errorf("%v after %d calls", err, calls)
	}
	var running atomic.Int32
	err := parallel.Each(8, 100, func(i int) error {
		running.Add(1)
		defer running.Add(-1)
		if i%10 == 9 {
			return errBroken
		}
		return nil
	})
	if err != errBroken || running.Load() != 0 {
		t.Errorf("%v, %d still run", err, running.Load())
	}
}

// Turns come in order, whoever is there first.
func TestSequencer(t *testing.T) {
	const n = 1000
	s := parallel.NewSequencer(nil)
	var order []int64 // guarded by the turns
	var group sync.WaitGroup
	for worker := range int64(8) {
		group.Go(func() {
			for index := worker; index < n; index += 8 {
				if err := s.Wait(index); err != nil {
					t.Error(err)
				}
				order = append(order, index)
				s.Pass(nil)
			}
		})
	}
	group.Wait()
	if len(order) != n || !slices.IsSorted(order) || s.Err() != nil {
		t.Errorf("%d turns, sorted: %v, error %v", len(order), slices.IsSorted(order), s.Err())
	}
}

// ends fails the test if the workers do not end.
func ends(t *testing.T, group *sync.WaitGroup) {
	t.Helper()
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("workers wait for ever")
	}
}

// The first error in the order of the turns is the one for all, and those who wait are
// let go.
func TestSequencerFails(t *testing.T) {
	later := errors.New("later")
	s := parallel.NewSequencer(nil)
	var group sync.WaitGroup
	for index := range int64(10) {
		group.Go(func() {
			if err := s.Wait(index); err != nil {
				if err != errBroken || index < 4 {
					t.Errorf("turn %d: %v", index, err)
				}
				return
			}
			if index > 3 {
				t.Errorf("turn %d came after an error", index)
			}
			if index == 3 {
				s.Pass(errBroken)
				s.Pass(later)
				return
			}
			s.Pass(nil)
		})
	}
	ends(t, &group)
	if s.Err() != errBroken {
		t.Errorf("error %v", s.Err())
	}
}

// A worker that ends with an error lets all others go, also those who wait for something
// else. One that ends without does nothing.
func TestSequencerEnds(t *testing.T) {
	elsewhere := make(chan struct{})
	cancelled := 0
	s := parallel.NewSequencer(func() {
		if cancelled++; cancelled == 1 {
			close(elsewhere)
		}
	})
	if err := s.End(nil); err != nil || s.Err() != nil || cancelled != 0 {
		t.Errorf("ended without an error: %v, %v, cancelled %d times", err, s.Err(), cancelled)
	}
	var group sync.WaitGroup
	group.Go(func() { <-elsewhere })
	group.Go(func() {
		if err := s.Wait(5); err != errBroken {
			t.Errorf("waited until %v", err)
		}
	})
	if err := s.End(errBroken); err != errBroken {
		t.Errorf("End returned %v", err)
	}
	ends(t, &group)
	if err := s.End(errors.New("later")); err == errBroken || s.Err() != errBroken {
		t.Errorf("the first error became %v", s.Err())
	}
	if err := s.Wait(0); err != errBroken {
		t.Errorf("a turn after the end: %v", err)
	}
}
