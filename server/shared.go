package server

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// A shared reading is what many want to know at once. Each gets a value that was read after the
// call started, and those who ask while somebody reads wait for the next reading, together.
type shared[T any] struct {
	read func(context.Context) (T, error)

	mu        sync.Mutex
	isReading bool
	next      *sharedResult[T]
	last      *sharedResult[T] // that is no error; nil if there is none
}

type sharedResult[T any] struct {
	done  chan struct{}
	start time.Time // of the reading
	value T
	err   error
}

// get returns what is read at some time during the call. It must not be changed.
func (s *shared[T]) get(ctx context.Context) (value T, err error) {
	s.mu.Lock()
	if s.next == nil {
		s.next = &sharedResult[T]{done: make(chan struct{})}
		if !s.isReading {
			s.isReading = true
			go s.run()
		}
	}
	result := s.next
	s.mu.Unlock()
	select {
	case <-result.done:
		return result.value, result.err
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

// since is get for those who are content with a value that was read after some time.
func (s *shared[T]) since(ctx context.Context, t time.Time) (T, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil && last.start.After(t) {
		return last.value, nil
	}
	return s.get(ctx)
}

// run reads as long as somebody waits. It lets others run first, so that those of them who come with
// a request share the reading.
func (s *shared[T]) run() {
	for {
		runtime.Gosched()
		s.mu.Lock()
		result := s.next
		if s.next = nil; result == nil {
			s.isReading = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		result.start = time.Now()
		result.value, result.err = s.read(ctx)
		cancel()
		s.keep(result)
		close(result.done)
	}
}

func (s *shared[T]) keep(result *sharedResult[T]) {
	if result.err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = result
}
