package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"process-orders/internal/page"
)

func quarantinePageRoutes() []*route {
	return []*route{
		{method: "POST", path: "/page/quarantine", scope: ScopeAdmin, isPage: true, handle: (*call).pageQuarantine},
		{method: "POST", path: "/page/quarantine/look", scope: ScopeAdmin, isPage: true, handle: (*call).pageLook},
		{method: "POST", path: "/page/quarantine/mend", scope: ScopeAdmin, isPage: true, handle: (*call).pageMend},
		{method: "POST", path: "/page/quarantine/replay", scope: ScopeAdmin, isPage: true, handle: (*call).pageReplay},
		{method: "POST", path: "/page/quarantine/delete", scope: ScopeAdmin, isPage: true, handle: (*call).pageDelete},
	}
}

const (
	// quarantinedAtOnce is how many deliveries the page shows.
	quarantinedAtOnce = 10
	// mostMendedBytes is how long a text may be that is mended in the page: a large order. A form is
	// up to three times as long.
	mostMendedBytes = 512 << 10
)

func (c *call) quarantinePart(r *page.Reader) (any, error) { return c.quarantineView(r, "") }

// quarantineView lists deliveries, the newest first, from before one of them on; "" is the newest.
func (c *call) quarantineView(r *page.Reader, before string) (view page.Quarantine, err error) {
	s, ctx := c.server, c.r.Context()
	size, err := s.quarantineSize(ctx)
	if err != nil {
		return view, s.readProblem(err)
	}
	found, err := s.store.Documents(ctx, quarantineKind, before, true, quarantinedAtOnce+1)
	if err != nil {
		return view, s.readProblem(err)
	}
	if size.Deliveries > 0 {
		view.Count = r.Count(size.Deliveries)
	}
	if len(found) > quarantinedAtOnce {
		found = found[:quarantinedAtOnce]
		view.Older = found[len(found)-1].Key
	}
	view.IsOlder = before != ""
	all, unread := s.parseAllQuarantined(found)
	if n := int64(len(unread)); n > 0 {
		view.Damaged = r.Counted(r.Words.Quarantine.Damaged, n)
		view.Command = "process-orders doctor --store " + c.storeName()
	}
	for i := range all {
		view.List = append(view.List, quarantinedOf(r, &all[i]))
	}
	return view, nil
}

func quarantinedOf(r *page.Reader, q *Quarantined) page.Quarantined {
	w := &r.Words.Quarantine
	return page.Quarantined{
		ID: q.ID, Connection: q.Connection, Topic: q.Topic, Reason: q.Reason,
		Times: fmt.Sprintf(w.Came, whenText(r, q.Received)) + ", " + fmt.Sprintf(w.Until, dateText(r, q.Expires)),
	}
}

// showQuarantine answers with the list, and what became of something.
func (c *call) showQuarantine(status int, before, says string) error {
	view, err := c.quarantineView(c.reader(), before)
	if err != nil {
		return err
	}
	view.Says = says
	return c.showPart(status, "quarantine", view)
}

func (c *call) pageQuarantine() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	before := form.Get("before")
	if !quarantineID().MatchString(before) {
		before = "" // which is the start of the list
	}
	return c.showQuarantine(http.StatusOK, before, "")
}

// quarantineForm reads the form of one delivery.
func (c *call) quarantineForm() (id, text string, err error) {
	form, err := c.form(mostTextFormBytes)
	if err != nil {
		return "", "", err
	}
	return form.Get("id"), textOf(form), nil
}

// pageLook shows a delivery with what it brought, which is in the log of acts before.
func (c *call) pageLook() error {
	id, _, err := c.quarantineForm()
	if err != nil {
		return err
	}
	return c.showQuarantined(http.StatusOK, id, nil, "")
}

// showQuarantined answers with a delivery, and why it was not accepted. If mended is not nil, it is
// what somebody made of the text.
func (c *call) showQuarantined(status int, id string, mended []byte, says string) error {
	q, body, err := c.server.readQuarantined(c.r.Context(), id)
	if err == errNotInQuarantine {
		return c.showQuarantine(http.StatusNotFound, "", c.reader().Words.Quarantine.Gone)
	}
	if err != nil {
		return err
	}
	r := c.reader()
	one := &page.QuarantinedText{Quarantined: quarantinedOf(r, &q), Says: says}
	if mended == nil {
		mended = indented(body)
	}
	if one.IsPlain = isPlain(mended); one.IsPlain {
		one.Text = string(mended)
	}
	view, err := c.quarantineView(r, "")
	if err != nil {
		return err
	}
	view.List, view.Older, view.One = nil, "", one
	return c.showPart(status, "quarantine", view)
}

// indented is JSON as people read it; another text is as it is.
func indented(body []byte) []byte {
	var all bytes.Buffer
	if len(body) > mostMendedBytes || json.Indent(&all, body, "", "  ") != nil || all.Len() > mostMendedBytes {
		return body
	}
	return all.Bytes()
}

// isPlain reports whether a browser gives back a text as it got it, but for the ends of its lines.
func isPlain(text []byte) bool {
	return len(text) <= mostMendedBytes && utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// pageMend sends a delivery again with another text.
func (c *call) pageMend() error {
	id, text, err := c.quarantineForm()
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return c.showQuarantined(http.StatusUnprocessableEntity, id, nil, c.reader().Words.Quarantine.Empty)
	}
	return c.replayAndShow(id, []byte(text))
}

// pageReplay sends a delivery again as it came.
func (c *call) pageReplay() error {
	id, _, err := c.quarantineForm()
	if err != nil {
		return err
	}
	return c.replayAndShow(id, nil)
}

func (c *call) replayAndShow(id string, mended []byte) error {
	w := &c.reader().Words.Quarantine
	answer, err := c.server.replay(c.r.Context(), id, mended)
	p := asProblem(err)
	switch {
	case p == errNotInQuarantine:
		return c.showQuarantine(http.StatusNotFound, "", w.Gone)
	case p != nil && p.Status < http.StatusInternalServerError:
		return c.showQuarantined(p.Status, id, mended, fmt.Sprintf(w.NotAccepted, p.Detail))
	case err != nil:
		return err
	}
	return c.showQuarantine(http.StatusOK, "", replayText(c.reader(), answer))
}

// replayText says what became of a delivery that was accepted.
func replayText(r *page.Reader, answer *HookAnswer) string {
	w := &r.Words.Quarantine
	switch {
	case answer.Result == "erased":
		return w.Erased
	case answer.Result == "ignored":
		return w.Ignored
	case answer.Orders == nil || answer.Orders.Orders == 0:
		return w.Known
	}
	return r.Counted(w.Applied, answer.Orders.Orders)
}

// pageDelete removes a delivery.
func (c *call) pageDelete() error {
	id, _, err := c.quarantineForm()
	if err != nil {
		return err
	}
	w := &c.reader().Words.Quarantine
	err = c.server.deleteQuarantined(c.r.Context(), id)
	switch {
	case err == errNotInQuarantine:
		return c.showQuarantine(http.StatusNotFound, "", w.Gone)
	case err != nil:
		return err
	}
	return c.showQuarantine(http.StatusOK, "", w.Deleted)
}
