package server

import (
	"io"
	"sync"
)

// An admission counts the memory that bodies take, from the first byte that is read of one until
// its request is answered. What does not fit is refused, so that memory has a bound whatever is
// sent. So has that of one sender, so that there is room for the others.
type admission struct {
	most      int64
	mostOfOne int64 // of one sender that has a name

	mu    sync.Mutex
	bytes int64
	of    map[string]int64 // of senders that have a name, and take some
}

// A share is what one request takes of it. It belongs to one goroutine.
type share struct {
	of     *admission
	sender string
	bytes  int64
}

// admit starts a share of a sender, for a body of so many bytes. It takes nothing yet, as a slow
// client may take long to send what it announces. A sender "" is bounded by what all take together.
func (a *admission) admit(sender string, announced int64) (*share, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &share{of: a, sender: sender}
	if !s.fits(announced) {
		return nil, errFull()
	}
	return s, nil
}

// fits reports whether a share may take more. A body that is alone may be as large as its own limits
// say.
func (s *share) fits(more int64) bool {
	a := s.of
	isFull := a.bytes > s.bytes && a.bytes+more > a.most
	ofSender := a.of[s.sender] // 0 of a sender without a name
	return !isFull && (ofSender <= s.bytes || ofSender+more <= a.mostOfOne)
}

// take takes more, or gives back if it is less than 0.
func (s *share) take(more int64) {
	a := s.of
	a.bytes += more
	s.bytes += more
	if s.sender == "" {
		return
	}
	if a.of == nil {
		a.of = map[string]int64{}
	}
	if a.of[s.sender] += more; a.of[s.sender] == 0 {
		delete(a.of, s.sender)
	}
}

// held is how much is taken.
func (a *admission) held() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bytes
}

// grow takes more, if it fits.
func (s *share) grow(n int64) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if !s.fits(n) {
		return errFull()
	}
	s.take(n)
	return nil
}

// release gives back all that was taken.
func (s *share) release() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.take(-s.bytes)
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
