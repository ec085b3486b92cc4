package server

import (
	"io"
	"sync"
)

// An admission counts the memory that bodies take, from the first byte that is read of one until
// its request is answered. What does not fit is refused, so that memory has a bound whatever is
// sent.
type admission struct {
	most int64

	mu    sync.Mutex
	bytes int64
}

// A share is what one request takes of it. It belongs to one goroutine.
type share struct {
	of    *admission
	bytes int64
}

// admit starts a share, for a body of so many bytes. It takes nothing yet, as a slow client may
// take long to send what it announces.
func (a *admission) admit(announced int64) (*share, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes > 0 && a.bytes+announced > a.most {
		return nil, errFull()
	}
	return &share{of: a}, nil
}

// held is how much is taken.
func (a *admission) held() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bytes
}

// grow takes more. A body that is alone may be as large as its own limits say.
func (s *share) grow(n int64) error {
	a := s.of
	a.mu.Lock()
	defer a.mu.Unlock()
	if others := a.bytes - s.bytes; others > 0 && a.bytes+n > a.most {
		return errFull()
	}
	a.bytes += n
	s.bytes += n
	return nil
}

// release gives back all that was taken.
func (s *share) release() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.bytes -= s.bytes
	s.bytes = 0
}

// reader is a reader of which all that is read is taken.
func (s *share) reader(r io.Reader) io.Reader { return &sharing{r, s} }

type sharing struct {
	r     io.Reader
	share *share
}

func (s *sharing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if failed := s.share.grow(int64(n)); failed != nil {
		return 0, failed
	}
	return n, err
}
