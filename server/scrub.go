package server

import (
	"context"
	"errors"
	"time"
)

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
