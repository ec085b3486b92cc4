package server

import (
	"context"
	"errors"
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

// A daily is a time of the day, by the clock of the machine; nil is never.
type daily struct{ hour, minute int }

// noScrub is the value of [Options].ScrubAt that means never.
const noScrub = "off"

func parseDaily(text string) (*daily, error) {
	if text == "" || text == noScrub {
		return nil, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return nil, errors.New(`a time of the day is given as in 03:00, or as off`)
	}
	return &daily{at.Hour(), at.Minute()}, nil
}

// next is when it comes next after a time.
func (d *daily) next(now time.Time) time.Time {
	at := time.Date(now.Year(), now.Month(), now.Day(), d.hour, d.minute, 0, 0, now.Location())
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, d.hour, d.minute, 0, 0, now.Location())
	}
	return at
}

// A scrub that failed is tried again soon, as older transactions of others may be over by then, but
// not until far into the day.
const (
	scrubAgain      = 15 * time.Minute
	mostScrubsAgain = 8
)

// after is when it comes next after a time, at which it has failed so often, one time after the other.
func (d *daily) after(now time.Time, failures int) time.Time {
	next := d.next(now)
	if soon := now.Add(scrubAgain); failures > 0 && failures <= mostScrubsAgain && soon.Before(next) {
		return soon
	}
	return next
}

// until returns a channel on which the time comes that is next after that many failures.
func (d *daily) until(now time.Time, failures int) <-chan time.Time {
	if d == nil {
		return nil
	}
	return time.After(d.after(now, failures).Sub(now))
}

// scrub removes from the bytes of the store what is left of customers who were erased.
func (t *tidying) scrub(ctx context.Context) error {
	s := t.server
	start := time.Now()
	n, err := s.store.Scrub(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.Error("the store cannot be scrubbed; it is tried again later", "error", err)
	case err == nil && n > 0:
		s.log.Info("the store was scrubbed", "erasures", n, "seconds", time.Since(start).Seconds())
	}
	return err
}
