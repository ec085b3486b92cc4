package server

import (
	"context"
	"runtime"
	"sync"
)

// A shared reading is what many want to know at once. Each gets a value that was read after the
// call started, and those who ask while somebody reads wait for the next reading, together.
type shared[T any] struct {
	read func(context.Context) (T, error)

	mu        sync.Mutex
	isReading bool
	next      *sharedResult[T]
}

type sharedResult[T any] struct {
	done  chan struct{}
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
		result.value, result.err = s.read(ctx)
		cancel()
		close(result.done)
	}
}
