package server

import (
	"context"
	"time"
)

// How often what is done beside requests is done.
const (
	writeStatesEvery = 10 * time.Second
	expireEvery      = time.Hour
)

// A tidying does what no request waits for: it writes what became of deliveries and when keys were
// used, and removes from quarantine what has expired, and sessions. It tends the log of the store,
// and scrubs the store.
type tidying struct {
	server *Server
	cancel context.CancelFunc
	ended  chan struct{}
	scrubs *daily

	committed, tended int64 // how many tasks were committed when it looked last, and when the log was moved
}

func newTidying(s *Server, scrubs *daily) *tidying {
	ctx, cancel := context.WithCancel(context.Background())
	t := &tidying{server: s, cancel: cancel, ended: make(chan struct{}), scrubs: scrubs}
	go t.run(ctx)
	return t
}

func (t *tidying) run(ctx context.Context) {
	defer close(t.ended)
	states, expiry := time.NewTicker(writeStatesEvery), time.NewTicker(expireEvery)
	defer states.Stop()
	defer expiry.Stop()
	failures := 0
	scrub := t.scrubs.until(time.Now(), failures)
	t.expire(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-states.C:
			t.writeStates(ctx, false)
			t.tendIdle(ctx)
		case <-expiry.C:
			t.expire(ctx)
		case <-scrub:
			if failures++; t.scrub(ctx) == nil || failures > mostScrubsAgain {
				failures = 0
			}
			scrub = t.scrubs.until(time.Now(), failures)
		}
	}
}

func (t *tidying) writeStates(ctx context.Context, isLast bool) {
	if err := t.server.writeHookStates(ctx); err != nil && ctx.Err() == nil {
		t.server.log.Error("what became of webhooks cannot be saved", "error", err)
	}
	if err := t.server.writeKeyUses(ctx, isLast); err != nil && ctx.Err() == nil {
		t.server.log.Error("when keys were used cannot be saved", "error", err)
	}
}

func (t *tidying) expire(ctx context.Context) {
	if err := t.server.expireQuarantined(ctx); err != nil && ctx.Err() == nil {
		t.server.log.Error("the quarantine cannot be tidied", "error", err)
	}
	if err := t.server.expireSignIns(ctx); err != nil && ctx.Err() == nil {
		t.server.log.Error("sessions that have expired cannot be removed", "error", err)
	}
}

// shutdown ends it, and writes what is not written yet.
func (t *tidying) shutdown(ctx context.Context) {
	t.cancel()
	select {
	case <-t.ended:
		t.writeStates(ctx, true)
	case <-ctx.Done():
	}
}
