package server

import (
	"context"
	"net/http"
	"unicode/utf8"

	"process-orders/store"
)

func quarantineRoutes() []*route {
	return []*route{
		{method: "GET", path: "/v1/quarantine", scope: ScopeAdmin, handle: (*call).listQuarantine},
		{method: "GET", path: "/v1/quarantine/{id}", scope: ScopeAdmin, handle: (*call).getQuarantined},
		{method: "POST", path: "/v1/quarantine/{id}/replay", scope: ScopeAdmin, handle: (*call).replayQuarantined},
		{method: "DELETE", path: "/v1/quarantine/{id}", scope: ScopeAdmin, handle: (*call).deleteQuarantined},
	}
}

// listQuarantine lists what is in quarantine, what came first first, without bodies.
func (c *call) listQuarantine() error {
	after, limit, err := c.pageByID("after", quarantineID())
	if err != nil {
		return err
	}
	page, err := c.server.store.Documents(c.r.Context(), quarantineKind, after, false, limit)
	if err != nil {
		return c.server.readProblem(err)
	}
	answer := struct {
		Quarantine []Quarantined `json:"quarantine"`
		Damaged    []string      `json:"damaged,omitempty"`
		Next       string        `json:"next,omitempty"`
	}{}
	answer.Quarantine, answer.Damaged = c.server.parseAllQuarantined(page)
	if len(page) == limit {
		answer.Next = page[len(page)-1].Key
	}
	return c.answer(http.StatusOK, &answer)
}

// quarantined reads a delivery.
func (s *Server) quarantined(ctx context.Context, id string) (q Quarantined, body []byte, err error) {
	if !quarantineID().MatchString(id) {
		return q, nil, errNotInQuarantine
	}
	about, found, err := s.store.Document(ctx, quarantineKind, id)
	if err != nil {
		return q, nil, s.readProblem(err)
	}
	whole, isWhole, err := s.store.Document(ctx, quarantineBodyKind, id)
	switch {
	case err != nil:
		return q, nil, s.readProblem(err)
	case !found || !isWhole:
		return q, nil, errNotInQuarantine
	}
	if q, err = parseQuarantined(about.Value); err != nil {
		return q, nil, s.readProblem(err)
	}
	return q, whole.Value, nil
}

// readQuarantined reads a delivery that is given out, which it records before.
func (s *Server) readQuarantined(ctx context.Context, id string) (q Quarantined, body []byte, err error) {
	if q, body, err = s.quarantined(ctx, id); err == nil {
		err = s.record(ctx, &Act{What: ActQuarantineRead, Of: q.ID, Connection: q.Connection})
	}
	return q, body, err
}

func (c *call) getQuarantined() error {
	q, body, err := c.server.readQuarantined(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	answer := &QuarantinedBody{Quarantined: q}
	if utf8.Valid(body) {
		answer.Body = string(body)
	} else {
		answer.BodyBase64 = body
	}
	return c.answer(http.StatusOK, answer)
}

func (c *call) replayQuarantined() error {
	answer, err := c.server.replay(c.r.Context(), c.r.PathValue("id"), nil)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}

// replay delivers what is in quarantine again, as if it came now by its connection. It leaves the
// quarantine in the same transaction, or stays there as it is. If mended is not nil, it takes the
// place of the body.
func (s *Server) replay(ctx context.Context, id string, mended []byte) (*HookAnswer, error) {
	q, body, err := s.quarantined(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := s.settings.get(ctx)
	if err != nil {
		return nil, s.readProblem(err)
	}
	connection := all.connection(q.Connection)
	if connection == nil {
		return nil, newProblem(http.StatusConflict, "no-connection", "the connection of the delivery is gone: make one of that name")
	}
	act := &Act{What: ActQuarantineReplay, Of: q.ID, Connection: q.Connection}
	if mended != nil {
		act.What, body = ActQuarantineMend, mended
	}
	d, err := all.delivery(connection, q.Topic, body, q.Received)
	if err != nil {
		return nil, err
	}
	d.replays, d.act = q.ID, act.by(ctx)
	answer, err := s.deliver(ctx, d)
	if err != nil {
		return nil, s.storeProblem(err)
	}
	return answer, nil
}

func (c *call) deleteQuarantined() error {
	if err := c.server.deleteQuarantined(c.r.Context(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteQuarantined removes a delivery from quarantine, and records it.
func (s *Server) deleteQuarantined(ctx context.Context, id string) error {
	if !quarantineID().MatchString(id) {
		return errNotInQuarantine
	}
	act := (&Act{What: ActQuarantineDelete, Of: id}).by(ctx)
	err := s.commitAlso(ctx, func(tx store.Transaction) error {
		return act.once(tx, func() error {
			found, err := removeQuarantined(tx, id)
			if err == nil && !found {
				err = errNotInQuarantine
			}
			return err
		})
	})
	if err != nil {
		return s.storeProblem(err)
	}
	return nil
}
