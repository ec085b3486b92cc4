package server

import (
	"context"
	"encoding/json"
	"net/http"

	"process-orders/store"
)

func orderRoutes() []*route {
	return []*route{{method: "POST", path: ordersPath, scope: ScopeIngest, isConfirmed: true, handle: (*call).postOrders}}
}

const ordersPath = "/v1/orders"

// postOrders takes the orders of a request. It answers when they are on the disk.
func (c *call) postOrders() error {
	a, isReplay, err := c.takeOnce()
	if isReplay || err != nil && problemOf(err).Status < http.StatusInternalServerError {
		if refused := c.confirm(); refused != nil { // perhaps no transaction has looked at the key
			return refused
		}
	}
	if err != nil {
		return err
	}
	if isReplay {
		c.w.Header().Set("Idempotent-Replayed", "true")
	}
	a.write(c.w)
	return nil
}

// takeOnce takes the orders of a request, or finds that they were taken before.
func (c *call) takeOnce() (a *answer, isReplay bool, err error) {
	how, err := c.newReading(false)
	if err != nil {
		return nil, false, err
	}
	name, err := idempotencyKey(c.r.Header)
	if err != nil {
		return nil, false, err
	}
	b, err := c.readBody()
	if err != nil {
		return nil, false, err
	}
	defer b.release()
	s, key := c.server, c.key
	if name == "" {
		return s.takeOrders(c.r.Context(), key, b, how, nil)
	}
	claim := c.newClaim(name, b.text)
	return s.flights.once(c.r.Context(), claim, func(ctx context.Context) (*answer, bool, error) {
		return s.onceStored(ctx, claim, func() (*answer, bool, error) { return s.takeOrders(ctx, key, b, how, claim) })
	})
}

// takeOrders reads the orders of a body and commits them, with the receipt of their request if it
// makes a claim. If there is a receipt already, the answer is a replay. Key is that of the request, or
// nil if no key brings the orders.
func (s *Server) takeOrders(ctx context.Context, key *Key, b *body, how *reading, claim *claim) (a *answer, isReplay bool, err error) {
	group, rejects, err := s.readOrders(ctx, b, how)
	if err != nil {
		return nil, false, s.storeProblem(err)
	}
	if claim == nil && !how.allowsRepeats && group.HasUnnamed() {
		return nil, false, newProblem(http.StatusBadRequest, "idempotency-key-required",
			"some orders have no id, so they would count twice if the request was sent again: send an Idempotency-Key, or say ?allow-repeats")
	}
	var made, kept *answer // by the committer; they are good once that has committed the task
	t := &task{key: key, group: group, bytes: int64(len(b.text))}
	answer := func() (*answer, error) { return newAnswer(http.StatusCreated, receivedOf(&t.settled, rejects)) }
	if claim != nil {
		t.known = func(tx store.Transaction) (_ bool, err error) {
			kept, err = claim.stored(tx.Document, s.receiptsFrom())
			return kept != nil, err
		}
		t.also = func(tx store.Transaction) (err error) {
			if made, err = answer(); err != nil {
				return err
			}
			return claim.put(tx, made, s.now())
		}
	}
	if err := s.commits.commit(ctx, t); err != nil {
		return nil, false, s.storeProblem(err)
	}
	switch {
	case kept != nil:
		return kept, true, nil
	case claim == nil: // others wait for the committer, so that makes no answer that it does not keep
		made, err = answer()
	}
	return made, false, err
}

// An answer is what a request is answered with.
type answer struct {
	status int
	body   []byte
}

// newAnswer makes an answer of a document.
func newAnswer(status int, document any) (*answer, error) {
	text, err := json.Marshal(document)
	return &answer{status, append(text, '\n')}, err
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever has gone does not read it
}

// answer answers with a document.
func (c *call) answer(status int, document any) error {
	a, err := newAnswer(status, document)
	if err != nil {
		return err
	}
	a.write(c.w)
	return nil
}
