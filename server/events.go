package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

func eventRoutes() []*route {
	return []*route{{method: "GET", path: "/v1/events", scope: ScopeRead, handle: (*call).events}}
}

// A snapshot is the first event of each connection.
type snapshot struct {
	Version int64    `json:"version"`
	Summary *Summary `json:"summary"`
}

// events tells a listener of changes, as server-sent events. First comes the whole summary, and
// then the number of each version: a listener that was away misses nothing by it, as it starts
// with a summary again.
func (c *call) events() error {
	query, err := c.query("zone")
	if err != nil {
		return err
	}
	zone, err := zoneOf(query.Get("zone"))
	if err != nil {
		return err
	}
	h := c.server.changes
	heard, version, err := h.join(c.r.Context())
	if err != nil {
		return err
	}
	defer c.visit.atEnd(h.leave)
	summary, err := c.server.summaryFor(c.r.Context(), zone)
	if err != nil {
		return c.server.readProblem(err)
	}
	text, err := json.Marshal(snapshot{version, summary})
	if err != nil {
		return err
	}
	c.startEvents()
	if c.r.Method == http.MethodHead {
		return nil
	}
	if c.send(fmt.Appendf(nil, "event: snapshot\ndata: %s\n\n", text)) == nil {
		c.listen(heard, c.server.whileKey(c.key))
	}
	return nil
}

// startEvents says that events come.
func (c *call) startEvents() {
	header := c.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx keeps nothing back then
	if c.r.ProtoMajor == 1 {
		header.Set("Connection", "close") // at the end: see goOn
	}
}

// listen sends what comes after a frame, until the listener is gone, or too slow, or may not
// listen any more, or the server stops. It returns at once if the
// audience does that: see goOn.
func (c *call) listen(heard *frame, may mayHear) {
	if c.goOn(heard, may) {
		return
	}
	for !heard.isLast {
		select {
		case <-c.r.Context().Done():
			return
		case <-heard.passed:
		}
		heard = heard.next
		if !heard.isLast && (may(heard.made) != nil || c.send(heard.text) != nil) {
			return
		}
	}
	_ = c.send(farewell())
}

// send sends a text at once. A listener that does not take it in time is dropped.
func (c *call) send(text []byte) error {
	control := http.NewResponseController(c.w)
	_ = control.SetWriteDeadline(time.Now().Add(c.server.changes.pace.write)) // which not all connections have
	if _, err := c.w.Write(text); err != nil {
		return err
	}
	return control.Flush()
}

// summaryFor reads the summary for a listener. Those who connect at once share it.
func (s *Server) summaryFor(ctx context.Context, zone *time.Location) (*Summary, error) {
	if zone == time.UTC {
		return s.summaries.get(ctx)
	}
	return s.readSummary(ctx, zone, shopChoice{})
}
