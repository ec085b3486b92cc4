package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"process-orders/internal/lazy"
	"process-orders/store"
)

// The kinds of documents of the quarantine: what is known of a delivery and its body, under one
// id, and how much all are together. Ids are in the order in which deliveries came.
const (
	quarantineKind     = "quarantine"
	quarantineBodyKind = "quarantine-body"
	quarantineSizeKind = "quarantine-size"
)

// keepQuarantined is for how long a delivery is in quarantine.
const keepQuarantined = 30 * 24 * time.Hour

// A Quarantined is a delivery with a good signature that cannot be accepted as it is, or that
// people must look at. Its body may hold personal data.
type Quarantined struct {
	ID         string    `json:"id"`
	Connection string    `json:"connection"`
	Topic      string    `json:"topic,omitempty"`
	Received   time.Time `json:"received"`
	// Expires is when it is removed.
	Expires time.Time `json:"expires"`
	// Reason says why it is here.
	Reason string `json:"reason"`
	Bytes  int64  `json:"bytes"` // of the body
}

// A QuarantinedBody is a delivery with its body: as a text, or in base64 if it is none.
type QuarantinedBody struct {
	Quarantined
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"body_base64,omitempty"`
}

// A quarantineSize is how much is in quarantine.
type quarantineSize struct {
	Deliveries int64 `json:"deliveries"`
	Bytes      int64 `json:"bytes"`
}

// add adds a delivery of so many bytes.
func (q *quarantineSize) add(bytes int64) {
	q.Deliveries++
	q.Bytes += bytes
}

// isIn reports whether it is within the limits.
func (q *quarantineSize) isIn(l *Limits) bool {
	return q.Deliveries <= l.Quarantined && q.Bytes <= l.QuarantineBytes
}

var (
	errNotInQuarantine = newProblem(http.StatusNotFound, "not-in-quarantine", "there is no such delivery in quarantine")
	errQuarantineFull  = busy(http.StatusServiceUnavailable, "quarantine-full", "the quarantine is full: somebody must look at it; send it again", 5*time.Minute)
)

// quarantine keeps a delivery for people. If it was in quarantine, it stays there.
func (s *Server) quarantine(ctx context.Context, d *delivery, reason string) (*HookAnswer, error) {
	if d.replays != "" || d.isTest {
		return nil, newProblem(http.StatusUnprocessableEntity, "not-accepted", reason)
	}
	if err := s.hasQuarantineRoom(ctx, d); err != nil {
		return nil, err
	}
	q := Quarantined{
		ID: newQuarantineID(d.received), Connection: d.connection.Name, Topic: d.topic,
		Received: d.received.UTC(), Expires: d.received.Add(keepQuarantined).UTC(), Reason: reason, Bytes: int64(len(d.body)),
	}
	put := func(tx store.Transaction) error { return putQuarantined(tx, &s.limits, &q, d.body) }
	state := hookState{Quarantined: 1, LastError: "a delivery went to quarantine", LastErrorAt: q.Received}
	err := s.commitDelivery(d, &task{bytes: q.Bytes}, put, func() hookState { return state })
	if err != nil {
		return nil, err
	}
	s.log.Warn("a delivery went to quarantine", "connection", d.connection.Name, "id", q.ID)
	return &HookAnswer{Result: "quarantined"}, nil
}

// hasQuarantineRoom refuses a delivery that the quarantine has no room for, before it is in a
// transaction of others, which would start over without it. The transaction itself looks again.
func (s *Server) hasQuarantineRoom(ctx context.Context, d *delivery) error {
	size, err := s.quarantineSize(ctx)
	if err != nil {
		return err
	}
	if size.add(int64(len(d.body))); !size.isIn(&s.limits) {
		s.log.Error("the quarantine is full", "connection", d.connection.Name)
		s.hooks.add(d.connection.Name, hookState{LastError: "the quarantine is full", LastErrorAt: s.now().UTC()})
		return errQuarantineFull
	}
	return nil
}

func newQuarantineID(at time.Time) string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // which never fails
	return quarantineTime(at) + hex.EncodeToString(random[:])
}

// quarantineTime is what the ids of deliveries start with that came at a time.
func quarantineTime(at time.Time) string { return fmt.Sprintf("%012x", max(0, at.UnixMilli())) }

var quarantineID = lazy.Regexp(`^[0-9a-f]{28}$`)

// putQuarantined keeps a delivery in quarantine, if there is space.
func putQuarantined(tx store.Transaction, l *Limits, q *Quarantined, body []byte) error {
	if _, isKept, err := tx.Document(quarantineKind, q.ID); err != nil || isKept {
		return err // kept when nobody knew whether it was
	}
	size, err := readQuarantineSize(tx.Document)
	if err != nil {
		return err
	}
	if size.add(q.Bytes); !size.isIn(l) {
		return errQuarantineFull
	}
	value, err := json.Marshal(q)
	if err != nil {
		return err
	}
	at := q.Received.UnixMilli()
	return cmp.Or(
		tx.Put(store.Document{Kind: quarantineKind, Key: q.ID, At: at, Value: value}),
		tx.Put(store.Document{Kind: quarantineBodyKind, Key: q.ID, At: at, Value: body}),
		putQuarantineSize(tx, size),
	)
}

// removeQuarantined removes a delivery from quarantine, and reports whether it was there.
func removeQuarantined(tx store.Transaction, id string) (found bool, err error) {
	d, found, err := tx.Document(quarantineKind, id)
	if err != nil || !found {
		return false, err
	}
	q, err := parseQuarantined(d.Value)
	if err != nil {
		return false, err
	}
	size, err := readQuarantineSize(tx.Document)
	if err != nil {
		return false, err
	}
	size.Deliveries--
	size.Bytes -= q.Bytes
	return true, cmp.Or(tx.Delete(quarantineKind, id), tx.Delete(quarantineBodyKind, id), putQuarantineSize(tx, size))
}

func parseQuarantined(value []byte) (q Quarantined, err error) {
	if json.Unmarshal(value, &q) != nil {
		return q, fmt.Errorf("a delivery in quarantine cannot be read: %w", store.ErrDamaged)
	}
	return q, nil
}

// parseAllQuarantined returns deliveries of a list, and the ids of those that are damaged: they must not
// hide the others.
func (s *Server) parseAllQuarantined(page []store.Document) (all []Quarantined, damaged []string) {
	all = make([]Quarantined, 0, len(page))
	for _, d := range page {
		q, err := parseQuarantined(d.Value)
		if err != nil {
			s.log.Error("the store is damaged", "error", err)
			damaged = append(damaged, d.Key)
			continue
		}
		all = append(all, q)
	}
	return all, damaged
}

// quarantineSize is how much is in quarantine.
func (s *Server) quarantineSize(ctx context.Context) (quarantineSize, error) {
	return readQuarantineSize(s.documents(ctx))
}

// readQuarantineSize reads it with what reads a document.
func readQuarantineSize(document documentReader) (size quarantineSize, err error) {
	d, found, err := document(quarantineSizeKind, "")
	if err == nil && found && json.Unmarshal(d.Value, &size) != nil {
		err = fmt.Errorf("the size of the quarantine cannot be read: %w", store.ErrDamaged)
	}
	return size, err
}

func putQuarantineSize(tx store.Transaction, size quarantineSize) error {
	value, err := json.Marshal(size)
	if err != nil {
		return err
	}
	return tx.Put(store.Document{Kind: quarantineSizeKind, Value: value})
}

// expiredAtOnce is how many deliveries are removed from quarantine in one transaction.
const expiredAtOnce = 100

// expireQuarantined removes deliveries whose time in quarantine is over. One that is damaged stays.
func (s *Server) expireQuarantined(ctx context.Context) error {
	for {
		page, err := s.store.Documents(ctx, quarantineKind, "", false, expiredAtOnce)
		if err != nil {
			return err
		}
		var expired []string
		all, _ := s.parseAllQuarantined(page)
		for i := range all {
			if !s.now().Before(all[i].Expires) {
				expired = append(expired, all[i].ID)
			}
		}
		if len(expired) == 0 {
			return nil
		}
		if err := s.commits.commit(ctx, &task{also: func(tx store.Transaction) error { return removeAllQuarantined(tx, expired) }}); err != nil {
			return err
		}
	}
}

func removeAllQuarantined(tx store.Transaction, ids []string) error {
	for _, id := range ids {
		if _, err := removeQuarantined(tx, id); err != nil {
			return err
		}
	}
	return nil
}
