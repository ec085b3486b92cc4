package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"process-orders/internal/finding"
	"process-orders/internal/page"
	"process-orders/internal/shown"
)

func pageRejectRoutes() []*route {
	return []*route{
		{method: "GET", path: "/page/rejects", scope: ScopeAdmin, isPage: true, handle: (*call).getRejects},
		{method: "POST", path: "/page/rejects", scope: ScopeAdmin, isPage: true, handle: (*call).openRejects},
		{method: "POST", path: "/page/rejects/send", scope: ScopeAdmin, isPage: true, handle: (*call).sendReject},
		{method: "POST", path: "/page/rejects/file", scope: ScopeAdmin, isPage: true, handle: (*call).downloadRejects},
		{method: "POST", path: "/page/rejects/close", scope: ScopeAdmin, isPage: true, handle: (*call).closeRejects},
	}
}

// rejectsPart shows the rejects of the file that the session has opened last, if it has.
func (c *call) rejectsPart(*page.Reader) (any, error) {
	files, v := c.server.files, (*page.Rejects)(nil)
	files.mu.Lock()
	id := files.opened[c.key.ID]
	files.mu.Unlock()
	if one, err := files.get(c.key.ID, id); err == nil {
		if r := one.rejectsOf(); r != nil {
			v = r.view(one)
		}
	}
	if trouble := files.takeTrouble(c.key.ID, "rejects"); trouble != "" {
		return withTrouble(v, trouble), nil
	}
	return v, nil
}

func (one *pageFile) rejectsOf() *pageRejects {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.rejects
}

func (c *call) getRejects() error { return c.answerPart("rejects", (*call).rejectsPart, nil) }

// rejectsOfForm are the rejects of the file that a form of a few words names, and rejectsOf those of
// any form.
func (c *call) rejectsOfForm() (*pageFile, *pageRejects, error) {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return nil, nil, err
	}
	return c.rejectsOf(form)
}

func (c *call) rejectsOf(form url.Values) (*pageFile, *pageRejects, error) {
	one, err := c.server.files.get(c.key.ID, form.Get("file"))
	if err != nil {
		return nil, nil, err
	}
	if r := one.rejectsOf(); r != nil {
		return one, r, nil
	}
	return nil, nil, errFileGone
}

// openRejects shows the texts of rejects, which is an act: they may hold personal data.
func (c *call) openRejects() error {
	one, _, err := c.rejectsOfForm()
	if err == nil {
		err = c.server.record(c.r.Context(), &Act{What: ActRejectsRead, Of: one.id})
	}
	if err == nil {
		files := c.server.files
		files.mu.Lock()
		files.opened[c.key.ID] = one.id
		files.mu.Unlock()
	}
	return c.answerPart("rejects", (*call).rejectsPart, err)
}

func (c *call) closeRejects() error {
	files := c.server.files
	files.mu.Lock()
	delete(files.opened, c.key.ID)
	files.mu.Unlock()
	return c.answerPart("rejects", (*call).rejectsPart, nil)
}

// downloadRejects gives out all rejects of a file, as the command writes them. If it cannot write
// them all, the client sees that the file is not whole: the connection breaks.
func (c *call) downloadRejects() error {
	one, r, err := c.rejectsOfForm()
	var all *io.SectionReader
	if err == nil {
		all, err = r.all()
	}
	if err == nil {
		defer r.endDownload()
		err = c.server.record(c.r.Context(), &Act{What: ActRejectsRead, Of: one.id})
	}
	if err != nil {
		return c.answerPart("rejects", (*call).rejectsPart, err)
	}
	c.w.Header().Set("Content-Type", "application/x-ndjson")
	c.w.Header().Set("Content-Disposition", `attachment; filename="rejects.jsonl"`)
	c.w.Header().Set("Content-Length", strconv.FormatInt(all.Size(), 10))
	if _, err := io.CopyN(c.w, all, all.Size()); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// sendReject takes an order that was mended: as one of the system and the shop of its file. It is
// answered when it is on the disk, and counts once, however often it is sent.
func (c *call) sendReject() error {
	return c.answerPart("rejects", (*call).rejectsPart, c.mendReject())
}

func (c *call) mendReject() error {
	form, err := c.form(c.server.limits.BodyBytes)
	if err != nil {
		return err
	}
	one, r, err := c.rejectsOf(form)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(form.Get("number"))
	if err != nil || number < 0 || number >= len(r.kept.first) {
		return errFileGone
	}
	return c.sendMended(one, r, number, textOf(form))
}

// sendMended takes the order, and keeps in the state of the reject what became of it.
func (c *call) sendMended(one *pageFile, r *pageRejects, number int, text string) error {
	took, err := c.server.bodies.admit("", int64(len(text)))
	if err != nil {
		return err
	}
	defer took.release()
	if err := took.grow(int64(len(text))); err != nil {
		return err
	}
	how := r.how
	how.aside, how.charset, how.sheet, how.content = false, "", "", anyContent
	claim := r.claim(number, text)
	a, isReplay, err := c.server.flights.once(c.r.Context(), claim, func(ctx context.Context) (*answer, bool, error) {
		return c.server.onceStored(ctx, claim, func() (*answer, bool, error) {
			return c.server.takeOrders(ctx, nil, &body{text: []byte(text)}, &how, claim)
		})
	})
	p := asProblem(err)
	state := &rejectState{text: text}
	switch {
	case err == nil:
		state.isSent = true
	case p != nil && p.Type == keyReused:
		state.wrong = "an order was sent in its place before, mended otherwise, and counts as it was then"
	case p != nil && p.Status < http.StatusInternalServerError:
		state.wrong = wrongText(p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.state[number]
	if was == nil || !was.isSent {
		r.state[number] = state
	}
	if err == nil {
		r.sent = sentText(a, isReplay)
	} else if r.sent = ""; state.wrong != "" && was != nil && was.isSent { // it is not shown any more
		return newProblem(http.StatusConflict, p.Type, state.wrong)
	} else if state.wrong != "" {
		return &stillWrong{p}
	}
	return err
}

// A stillWrong is the problem of an order that is not accepted as it was mended. The reject has the
// words.
type stillWrong struct{ *problem }

func (e *stillWrong) Unwrap() error { return e.problem }

// wrongText says why an order is not accepted, at which place of its own text.
func wrongText(p *problem) string {
	if len(p.Errors) == 0 {
		return p.Detail
	}
	f := p.Errors[0]
	text := f.Detail
	if f.Pointer != "" {
		text = shown.Text(f.Pointer) + ": " + text
	}
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, text)
}

// sentText says what became of an order that was sent.
func sentText(a *answer, isReplay bool) string {
	var r Received
	_ = json.Unmarshal(a.body, &r) // it is an answer of our own
	if isReplay {
		return "It was sent before, and counts once."
	}
	return "Saved: " + finding.Count(r.Orders, "order") + finding.LeftOut(r.Skipped, nil, r.Repeated, r.Superseded) + "."
}
