package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"process-orders/apply"
	"process-orders/store"
)

// A delivery is what a webhook brought. Its signature is good.
type delivery struct {
	connection *Connection
	kind       *hookKind
	reader     *connectionReader
	topic      string
	body       []byte
	received   time.Time
	// replays is the id of what the delivery was in quarantine by; "" if it has just come.
	replays string
	act     *Act // which the replay or the test is
	// isTest reports whether we have sent it ourselves, to see whether the way is open. It changes
	// no record, and is none of the deliveries of its connection.
	isTest bool
}

// delivery is one with a good signature.
func (all *settings) delivery(c *Connection, topic string, body []byte, received time.Time) (*delivery, error) {
	r, err := all.reader(c)
	if err != nil {
		return nil, fmt.Errorf("the mapping of the connection %s: %w", c.Name, err)
	}
	return &delivery{connection: c, kind: hookKinds[c.Kind], reader: r, topic: topic, body: body, received: received}, nil
}

// deliver does what a delivery asks for. The delivery is on the disk when it returns no error.
func (s *Server) deliver(ctx context.Context, d *delivery) (*HookAnswer, error) {
	switch d.kind.asks(d.topic) {
	case asksOrders:
		return s.deliverOrders(ctx, d, d.readOrders)
	case asksDeletion:
		return s.deliverOrders(ctx, d, d.readDeleted)
	case asksErasure:
		return s.redact(ctx, d)
	case asksPeople:
		return s.quarantine(ctx, d, "it is for people: somebody must decide, and answer the sender")
	}
	s.hooks.add(d.connection.Name, hookState{LastDelivery: d.received.UTC(), Deliveries: 1, Ignored: 1})
	return &HookAnswer{Result: "ignored"}, nil
}

// deliverOrders applies the orders of a delivery by the law of all orders.
func (s *Server) deliverOrders(ctx context.Context, d *delivery, read func(context.Context, apply.Options) (*apply.Group, error)) (*HookAnswer, error) {
	var group *apply.Group
	err := s.readers.read(ctx, uint64(len(d.body)), func() (err error) {
		group, err = read(ctx, s.options.Apply)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isOfDisk(err):
		return nil, s.diskProblem(err)
	case err != nil:
		return s.quarantine(ctx, d, err.Error())
	case d.isTest && group.Totals.Orders > 0:
		return nil, errTestCounts
	}
	t := &task{group: group, bytes: int64(len(d.body))}
	var received *Received
	err = s.commitDelivery(d, t, nil, func() hookState {
		received = receivedOf(&t.settled, new(keptRejects))
		state := hookState{Orders: received.Orders, Repeated: received.Repeated, Superseded: received.Superseded}
		for _, n := range received.Skipped {
			state.Skipped += n
		}
		return state
	})
	var rules *store.RulesError
	if errors.As(err, &rules) {
		return s.quarantine(ctx, d, rules.Error())
	}
	if err != nil {
		return nil, err
	}
	return &HookAnswer{Result: "applied", Orders: received}, nil
}

// commitDelivery commits a task, what also is to be done, what becomes of the delivery in the
// counts of its connection, and that it is no longer in quarantine. It waits for the disk,
// whether the sender waits or not.
func (s *Server) commitDelivery(d *delivery, t *task, also func(store.Transaction) error, result func() hookState) error {
	ctx := context.Background()
	if d.isTest {
		t.also = func(tx store.Transaction) error {
			_ = result() // which says what became of it
			return d.act.put(tx)
		}
		return s.commits.commit(ctx, t)
	}
	if d.replays != "" {
		t.known = d.act.isDone // else it would not be found in quarantine
	}
	name := d.connection.Name
	earlier, isDue := s.hooks.take(name, s.now())
	var own hookState
	t.also = func(tx store.Transaction) error {
		if err := d.leaveQuarantine(tx); err != nil { // before an erasure, which removes all that has the phone
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if own = d.stateOf(result()); !isDue {
			return nil
		}
		sum := earlier
		sum.merge(own)
		return putHookState(tx, name, sum)
	}
	err := s.commits.commit(ctx, t)
	switch {
	case err != nil:
		earlier.merge(hookState{LastError: "a delivery could not be saved", LastErrorAt: s.now().UTC()})
		s.hooks.giveBack(name, earlier)
	case !isDue:
		s.hooks.add(name, own)
	}
	return err
}

// leaveQuarantine takes a delivery that is replayed out of quarantine, which is an act.
func (d *delivery) leaveQuarantine(tx store.Transaction) error {
	if d.replays == "" {
		return nil
	}
	if found, err := removeQuarantined(tx, d.replays); err != nil || !found {
		return cmp.Or[error](err, errNotInQuarantine)
	}
	return d.act.put(tx)
}

// stateOf is what a delivery adds to the counts of its connection. One that is replayed was counted when it
// came.
func (d *delivery) stateOf(result hookState) hookState {
	result.LastDelivery = d.received.UTC()
	if d.replays == "" {
		result.Deliveries = 1
	}
	return result
}
