package server

import (
	"context"
	"time"
)

// A logKeeper is a store that keeps what was committed in a log, until it is moved to its place.
type logKeeper interface {
	// LogBytes is how large the log is.
	LogBytes() int64
	// TendLog moves what is in the log to its place as far as nobody reads what was before. If
	// empty is true it waits a moment for those who do, and the log is empty then.
	TendLog(ctx context.Context, empty bool) error
}

// Bounds of the log. A store moves the log to its place by itself, as its transactions are
// committed. The log starts again at its front only at a moment at which nobody reads, and there is
// no such moment while clients always read. So from maxLogBytes on the committer makes one.
const (
	maxLogBytes = 64 << 20
	// retryLogAfter is how long a log may grow on that could not be emptied, as while a backup
	// is made: each try may keep requests waiting for a second.
	retryLogAfter = 10 * time.Second
)

// A logTending keeps the log small. It belongs to the goroutine that commits.
type logTending struct{ failed time.Time }

// tend is called after each transaction.
func (l *logTending) tend(s *Server) {
	log := s.logKeeper
	if log == nil || log.LogBytes() < maxLogBytes || time.Since(l.failed) < retryLogAfter {
		return
	}
	if err := log.TendLog(context.Background(), true); err != nil {
		l.failed = time.Now()
	}
}

// tendIdle moves the log to its place if nothing was committed for a moment, so that a quiet store
// is one file to whoever copies it, and starts fast.
func (t *tidying) tendIdle(ctx context.Context) {
	s := t.server
	log := s.logKeeper
	if n := s.metrics.tasks.Load(); n != t.committed {
		t.committed = n // it is busy
		return
	}
	if log == nil || t.tended == t.committed || log.LogBytes() == 0 {
		return
	}
	if err := log.TendLog(ctx, false); err == nil {
		t.tended = t.committed
	}
}
