package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"process-orders/store"
)

// A held store commits when it may.
type held struct {
	store.Service
	came chan struct{}
	may  chan struct{}
}

func (h *held) Commit(ctx context.Context, do func(store.Transaction) error) error {
	h.came <- struct{}{}
	<-h.may
	return h.Service.Commit(ctx, do)
}

// TestHookStatesOnce ends the wait for a transaction that is on its way: what it counts is counted once.
func TestHookStatesOnce(t *testing.T) {
	t.Parallel()
	srv := newInside(t)
	srv.tidying.shutdown(t.Context()) // it uses the store
	s := srv.store
	if err := changeSettings(t.Context(), s, &Act{What: ActConnect}, func(all *settings) error {
		all.Connections = []Connection{{Name: "shop"}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slow := &held{s, make(chan struct{}, 8), make(chan struct{})}
	srv.store = slow
	srv.hooks.add("shop", hookState{Deliveries: 1, Orders: 2})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- srv.writeHookStates(ctx) }()
	<-slow.came
	end()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(slow.may)
	if err := srv.writeHookStates(t.Context()); err != nil {
		t.Error(err)
	}
	if err := srv.commitAlso(t.Context(), func(store.Transaction) error { return nil }); err != nil { // so those before are committed
		t.Error(err)
	}
	if got, err := srv.hooks.read(t.Context(), s, "shop"); err != nil || got.Deliveries != 1 || got.Orders != 2 {
		t.Error(got, err)
	}
}

// TestPanickedDelivery counts a delivery of which nothing is known, as its handler panics.
func TestPanickedDelivery(t *testing.T) {
	t.Parallel()
	m := newMetrics(time.Now())
	m.delivered("shopify", nil, nil)
	if n := m.hooks[hookLabels{"shopify", "failed"}]; n != 1 {
		t.Error(m.hooks)
	}
}
