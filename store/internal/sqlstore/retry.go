package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Retry says how long and how often something is tried again that failed for a reason
// which passes: another process that writes, a server that starts again.
type Retry struct {
	// IsTransient reports whether an error may be gone at the next attempt.
	IsTransient func(error) bool
	// Max is for how long it is tried again. It counts from the first failure.
	Max time.Duration
	// FirstPause is the pause after the first failure. Each pause is twice the one
	// before, up to MaxPause, and a random part of it is left out: so two that met do
	// not meet again.
	FirstPause, MaxPause time.Duration
}

// Do calls try until it succeeds, fails for good, or was tried for long enough, and
// returns its last error. If the context ends, Do returns the error of the context
// instead, as what a driver makes of that is of no use to anybody.
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
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}
