package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Retry says how to retry transient failures, such as another writer or a restarting
// server.
type Retry struct {
	// IsTransient reports whether an error may be gone at the next attempt.
	IsTransient func(error) bool
	// Max is how long to retry, counted from the first failure.
	Max time.Duration
	// FirstPause is the pause after the first failure. Each pause is twice the one
	// before, up to MaxPause. A random part of it is left out, so that two writers that
	// met do not meet again.
	FirstPause, MaxPause time.Duration
}

// Do calls try until it succeeds, fails permanently, or was retried for long enough, and
// returns its last error. If ctx ends, Do returns its error, as each driver reports that in
// its own way.
func (r Retry) Do(ctx context.Context, try func() error) error {
	var deadline time.Time
	for pause := r.FirstPause; ; pause = min(2*pause, r.MaxPause) {
		err := try()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case deadline.IsZero():
			deadline = time.Now().Add(r.Max)
		}
		if !r.IsTransient(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause/2+1)):
		}
	}
}
