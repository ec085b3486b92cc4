package server

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"process-orders/store"
)

// hookStateKind is the kind of the documents that say what became of deliveries: one for each
// connection, under its name.
const hookStateKind = "hook-state"

// A hookState says what became of the deliveries of a connection.
type hookState struct {
	LastDelivery time.Time `json:"last_delivery,omitzero"` // with a good signature
	LastError    string    `json:"last_error,omitempty"`
	LastErrorAt  time.Time `json:"last_error_at,omitzero"`
	// Deliveries had a good signature, and Refused had none.
	Deliveries int64 `json:"deliveries"`
	Refused    int64 `json:"refused"`
	// Orders and what follows are states of orders, see [Received].
	Orders      int64 `json:"orders"`
	Skipped     int64 `json:"skipped"`
	Repeated    int64 `json:"repeated"`
	Superseded  int64 `json:"superseded"`
	Erased      int64 `json:"erased"`
	Quarantined int64 `json:"quarantined"`
	Ignored     int64 `json:"ignored"`
}

// merge adds what another state counts, and takes from it what is later.
func (h *hookState) merge(o hookState) {
	if o.LastDelivery.After(h.LastDelivery) {
		h.LastDelivery = o.LastDelivery
	}
	if o.LastErrorAt.After(h.LastErrorAt) {
		h.LastError, h.LastErrorAt = o.LastError, o.LastErrorAt
	}
	h.Deliveries += o.Deliveries
	h.Refused += o.Refused
	h.Orders += o.Orders
	h.Skipped += o.Skipped
	h.Repeated += o.Repeated
	h.Superseded += o.Superseded
	h.Erased += o.Erased
	h.Quarantined += o.Quarantined
	h.Ignored += o.Ignored
}

// writeEvery is how often the state of one connection is written at most. A delivery that comes
// alone writes its own in the same transaction.
const writeEvery = time.Second

// hookStates have what is not written yet of the states of connections. If the process dies, that
// is lost: it is for people, and decides nothing.
type hookStates struct {
	mu      sync.Mutex
	pending map[string]hookState
	written map[string]time.Time // when each was written last
}

func newHookStates() *hookStates {
	return &hookStates{pending: map[string]hookState{}, written: map[string]time.Time{}}
}

// add adds to what is to be written.
func (h *hookStates) add(name string, s hookState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sum := h.pending[name]
	sum.merge(s)
	h.pending[name] = sum
}

// take returns what is to be written for a connection, if that is due. The caller writes it, or
// gives it back.
func (h *hookStates) take(name string, now time.Time) (s hookState, isDue bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.written[name]; ok && now.Sub(last).Abs() < writeEvery {
		return hookState{}, false
	}
	h.written[name] = now
	s = h.pending[name]
	delete(h.pending, name)
	return s, true
}

// giveBack is for what was taken and could not be written.
func (h *hookStates) giveBack(name string, s hookState) {
	h.add(name, s)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.written, name)
}

// takeAll returns all that is to be written.
func (h *hookStates) takeAll() (all map[string]hookState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all, h.pending = h.pending, map[string]hookState{}
	return all
}

// read returns the state of a connection, with what this process has not written yet.
func (h *hookStates) read(ctx context.Context, s store.Service, name string) (hookState, error) {
	d, _, err := s.Document(ctx, hookStateKind, name)
	if err != nil {
		return hookState{}, err
	}
	state, err := parseHookState(d.Value)
	if err != nil {
		return hookState{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	state.merge(h.pending[name])
	return state, nil
}

func parseHookState(value []byte) (state hookState, err error) {
	if len(value) > 0 && json.Unmarshal(value, &state) != nil {
		return state, fmt.Errorf("what is kept of a connection cannot be read: %w", store.ErrDamaged)
	}
	return state, nil
}

// putHookState adds to the state of a connection in the store.
func putHookState(tx store.Transaction, name string, more hookState) error {
	d, _, err := tx.Document(hookStateKind, name)
	if err != nil {
		return err
	}
	state, err := parseHookState(d.Value)
	if err != nil {
		return err
	}
	state.merge(more)
	value, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: hookStateKind, Key: name, At: state.LastDelivery.UnixMilli(), Value: value})
}

// writeHookStates writes what is not written yet. What waits to be committed when the context ends is
// committed all the same, and so is not given back.
func (s *Server) writeHookStates(ctx context.Context) error {
	all := s.hooks.takeAll()
	if len(all) == 0 {
		return nil
	}
	err := s.commits.commit(ctx, &task{also: func(tx store.Transaction) error {
		settings, _, err := tx.Document(settingsKind, "")
		if err != nil {
			return err
		}
		known, err := parseSettings(settings.Value)
		if err != nil {
			return err
		}
		for name, state := range all {
			if known.connection(name) == nil {
				continue // it was disconnected
			}
			if err := putHookState(tx, name, state); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil && ctx.Err() == nil {
		for name, state := range all {
			s.hooks.giveBack(name, state)
		}
	}
	return err
}
