package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

func orderRoutes() []*route {
	return []*route{{method: "POST", path: "/v1/orders", scope: ScopeIngest, handle: (*call).postOrders}}
}

// Received is what became of the orders of a request.
type Received struct {
	// Orders were brought or changed, and stand. Skipped do not stand, by their reasons.
	Orders  int64            `json:"orders"`
	Skipped map[string]int64 `json:"skipped,omitempty"`
	// Repeated were known, and Superseded are older than what is known.
	Repeated   int64 `json:"repeated"`
	Superseded int64 `json:"superseded"`
	Rejected   int64 `json:"rejected"`
}

// postOrders takes the orders of a request.
func (c *call) postOrders() error {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, c.server.limits.BodyBytes))
	if err != nil {
		return newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "the body is too large; send a file to /v1/files")
	}
	group, err := c.server.readOrders(c.r, body, c.r.URL.Query().Get("from"), c.key.Shop)
	if err != nil {
		return err
	}
	t := &task{group: group, bytes: int64(len(body))}
	if err := c.server.commits.commit(c.r.Context(), t); err != nil {
		return c.server.storeProblem(err)
	}
	return c.answer(http.StatusCreated, receivedOf(group, &t.outcome))
}

// readOrders reads the orders of a body.
func (s *Server) readOrders(r *http.Request, body []byte, from, shop string) (*apply.Group, error) {
	o := s.options.Apply
	if from != "" {
		m, ok := mappings.Preset(from)
		if !ok {
			return nil, newProblem(http.StatusBadRequest, "no-preset", "there is no preset of that name: see process-orders presets")
		}
		o.Mapping, o.System = &m.Mapping, m.System
	} else {
		m := orders.Detailed()
		m.Later = orders.LaterTime
		o.Mapping = &m
	}
	source := input.Reader("body", bytes.NewReader(body))
	group, err := apply.ReadGroup(r.Context(), []input.Source{source}, apply.Feed{Name: "serve", Shop: shop, Received: s.now()}, o)
	var rejected *records.RejectedError
	switch {
	case errors.As(err, &rejected):
		return nil, newProblem(http.StatusUnprocessableEntity, "rejected", rejected.Error())
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "unreadable", err.Error())
	}
	return group, nil
}

// receivedOf says what became of a group.
func receivedOf(g *apply.Group, o *store.Outcome) *Received {
	return &Received{Orders: g.Totals.Orders - o.Repeated - o.Older, Repeated: o.Repeated, Superseded: o.Older, Skipped: g.Totals.Skipped, Rejected: g.Totals.Rejected}
}

// answer answers with a document.
func (c *call) answer(status int, document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(text, '\n')) // whoever has gone does not read it
	return nil
}
