package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

func hookRoutes() []*route {
	return []*route{{method: "POST", path: "/v1/hooks/{name}", isHook: true, handle: (*call).postHook}}
}

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

// A HookAnswer says what became of a delivery. The sender reads no more than the status.
type HookAnswer struct {
	// Result is a word: applied, erased, quarantined, ignored or ping.
	Result string `json:"result"`
	// Orders are those that were applied.
	Orders *Received `json:"orders,omitempty"`
}

// postHook takes a delivery. What has a good signature is answered with 200 when it is on the
// disk, also if it cannot be accepted: then it is in quarantine, as most senders send a refused
// delivery never again, and stop altogether after some.
func (c *call) postHook() (err error) {
	s := c.server
	all, err := s.settings.get(c.r.Context())
	if err != nil {
		return s.readProblem(err)
	}
	connection := all.connection(c.r.PathValue("name"))
	if connection == nil {
		return newProblem(http.StatusNotFound, "no-connection", "there is no connection of that name: process-orders connect makes one")
	}
	c.visit.connection = connection.Name
	if encoding := c.r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return newProblem(http.StatusUnsupportedMediaType, "encoding", "webhooks are not compressed, as their bytes are signed")
	}
	test := testOf(c.r.Context())
	var answer *HookAnswer
	if test == nil {
		defer func() { s.metrics.delivered(connection.Kind, answer, err) }()
	}
	body, release, err := c.readHook()
	if err != nil {
		return err
	}
	defer release()
	kind := hookKinds[connection.Kind]
	if kind.isPing != nil && kind.isPing(c.r.Header, body) {
		answer = &HookAnswer{Result: "ping"}
		return c.answer(http.StatusOK, answer)
	}
	if err := s.verify(connection, c.r.Header, body); err != nil {
		return err
	}
	topic := kind.topic(c.r.Header, body)
	if !plainTopic().MatchString(topic) {
		topic = oddTopic
	}
	d, err := all.delivery(connection, topic, body, s.now())
	if err != nil {
		return err
	}
	d.act, d.isTest = test, test != nil
	answer, err = s.deliver(c.r.Context(), d)
	if err != nil {
		return s.storeProblem(err)
	}
	return c.answer(http.StatusOK, answer)
}

// partOfStranger is which part of the memory for webhooks the bodies of one address may take: the
// others are for those who send what is signed.
const partOfStranger = 4

// strangerOf is the address of who sends a webhook; "" if it is this machine, as a proxy may be on it
// that has all senders behind it.
func strangerOf(r *http.Request) string {
	address := addressOf(r.RemoteAddr)
	if ip, err := netip.ParseAddr(address); err != nil && address == "local" || err == nil && ip.IsLoopback() {
		return ""
	}
	return address
}

// readHook reads the body of a delivery, which anybody may send: who did is known once it is here. So
// all of it must come soon. Release its memory.
func (c *call) readHook() (body []byte, release func(), err error) {
	most, announced := c.server.limits.BodyBytes, c.r.ContentLength
	took, err := c.server.strangers.admit(strangerOf(c.r), min(max(announced, 0), most))
	if err != nil {
		return nil, nil, err
	}
	if slow, ok := c.r.Body.(*slowBody); ok {
		slow.end = time.Now().Add(c.server.limits.HookTime)
	}
	body, err = readSent(took.reader(http.MaxBytesReader(c.w, c.r.Body, most)), announced)
	if err == nil {
		return body, took.release, nil
	}
	took.release()
	var tooLarge *http.MaxBytesError
	var p *problem
	switch {
	case errors.As(err, &tooLarge):
		return nil, nil, newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "the body is too large for a webhook")
	case errors.As(err, &p):
		return nil, nil, p
	case isTooSlow(err):
		return nil, nil, errTooSlow()
	}
	return nil, nil, errIncomplete()
}

// delivery is one with a good signature.
func (all *settings) delivery(c *Connection, topic string, body []byte, received time.Time) (*delivery, error) {
	r, err := all.reader(c)
	if err != nil {
		return nil, fmt.Errorf("the mapping of the connection %s: %w", c.Name, err)
	}
	return &delivery{connection: c, kind: hookKinds[c.Kind], reader: r, topic: topic, body: body, received: received}, nil
}

// verify refuses a delivery whose signature is not good. Of an unreadable secret the log says
// more than the answer.
func (s *Server) verify(c *Connection, header http.Header, body []byte) error {
	secrets, err := c.secrets()
	if err != nil {
		s.log.Error("the secret of a connection cannot be used", "connection", c.Name, "error", err)
		s.hooks.add(c.Name, hookState{LastError: "the secret cannot be used", LastErrorAt: s.now().UTC()})
		return busy(http.StatusServiceUnavailable, "secret", "the secret of the connection cannot be used; the log of the server says why", time.Minute)
	}
	if !hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, s.now()}) {
		s.hooks.add(c.Name, hookState{Refused: 1, LastError: "a signature was not good", LastErrorAt: s.now().UTC()})
		return newProblem(http.StatusUnauthorized, "signature", "the signature is missing or not good")
	}
	return nil
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
	if d.isTest {
		t.also = func(tx store.Transaction) error {
			_ = result() // which says what became of it
			return d.act.put(tx)
		}
		return s.commits.commit(context.Background(), t)
	}
	if d.replays != "" {
		t.known = d.act.isDone // else it would not be found in quarantine
	}
	name := d.connection.Name
	earlier, isDue := s.hooks.take(name, s.now())
	var own hookState
	t.also = func(tx store.Transaction) error {
		if d.replays != "" { // before an erasure, which removes all that has the phone
			if found, err := removeQuarantined(tx, d.replays); err != nil || !found {
				return cmp.Or[error](err, errNotInQuarantine)
			}
			if err := d.act.put(tx); err != nil {
				return err
			}
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		own = result()
		own.LastDelivery = d.received.UTC()
		if d.replays == "" {
			own.Deliveries = 1
		}
		if !isDue {
			return nil
		}
		sum := earlier
		sum.merge(own)
		return putHookState(tx, name, sum)
	}
	err := s.commits.commit(context.Background(), t)
	switch {
	case err != nil:
		earlier.merge(hookState{LastError: "a delivery could not be saved", LastErrorAt: s.now().UTC()})
		s.hooks.giveBack(name, earlier)
	case !isDue:
		s.hooks.add(name, own)
	}
	return err
}

// readOrders reads the orders of a delivery.
func (d *delivery) readOrders(ctx context.Context, o apply.Options) (*apply.Group, error) {
	m := &d.reader.mapping.Mapping
	if readsFrom(m, "data") {
		return d.read(ctx, o, m, d.body)
	}
	return d.read(ctx, o, m, d.within())
}

// within is what the body has in the object around the orders, if there is one that the presets
// do not know.
func (d *delivery) within() []byte {
	if d.kind.orders != nil {
		if within := d.kind.orders(d.body); within != nil {
			return within
		}
	}
	return d.body
}

// readsFrom reports whether a mapping itself names a key of the object around the orders.
func readsFrom(m *orders.Mapping, key string) bool {
	return slices.ContainsFunc(slices.Concat(m.Orders, m.Order), func(path string) bool {
		return path == key || strings.HasPrefix(path, key+".")
	})
}

// deletedKey is the key at which we write when an order was deleted.
const deletedKey = "deleted_at"

// readDeleted reads the id of an order that was deleted: a state that is skipped, and later than
// all that the order had before it came. The body has the id alone, so that nobody deletes an
// order by sending its own signed delivery again under another topic.
func (d *delivery) readDeleted(ctx context.Context, o apply.Options) (*apply.Group, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(d.within(), &object) != nil || len(object) != 1 {
		return nil, errors.New("of an order that was deleted the id alone is expected")
	}
	for key := range object {
		if !slices.Contains(d.reader.mapping.ID, key) {
			return nil, errors.New("of an order that was deleted the id is expected where the mapping has it")
		}
	}
	object[deletedKey], _ = json.Marshal(d.received.UTC().Format(time.RFC3339Nano))
	body, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	gone := d.reader.mapping.Mapping
	gone.Orders, gone.Order = nil, nil
	gone.Updated = []string{deletedKey}
	gone.Skip = []orders.Condition{{Reason: "deleted", Path: deletedKey, Values: []string{"*"}}}
	return d.read(ctx, o, &gone, body)
}

// read reads orders as a mapping says, which is that of the connection or made of it. What it
// returns as an error says why the body cannot be accepted.
func (d *delivery) read(ctx context.Context, o apply.Options, m *orders.Mapping, body []byte) (*apply.Group, error) {
	if input.IsCompressed(body) || bytes.HasPrefix(body, []byte(zipMagic)) { // also if no header said so: nothing bounds what it becomes
		return nil, errors.New("the body is compressed, and webhooks are not")
	}
	o.Mapping, o.System, o.IDs = m, d.reader.mapping.System, d.reader.ids
	o.ByReceipt = goesByReceipt(d.reader.mapping.Name, m)
	feed := apply.Feed{Name: feedName("hooks/"+d.connection.Name, o.System, d.connection.Shop), Shop: d.connection.Shop, Received: d.received}
	source := input.Reader("body", bytes.NewReader(body))
	group, err := apply.ReadGroup(ctx, []input.Source{source}, feed, o)
	var rejected *records.RejectedError
	switch {
	case errors.As(err, &rejected):
		return nil, rejected
	case err != nil:
		return nil, err
	case group.HasUnnamed():
		return nil, errors.New("an order has no id: it would count again if it is sent again")
	case group.Totals.Orders == 0 && len(group.Totals.Skipped) == 0:
		return nil, fmt.Errorf("there is no order in it")
	}
	return group, nil
}
