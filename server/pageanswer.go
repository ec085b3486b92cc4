package server

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"process-orders/internal/page"
)

// pagePolicy is the Content-Security-Policy of pages.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types page"

// reader returns how a page is shown: in the time zone of the session, else in that of the server, and
// in a language that the request accepts.
func (c *call) reader() *page.Reader {
	zone := c.server.zone
	if c.session != nil && c.session.Zone != "" {
		if chosen, err := zoneOf(c.session.Zone); err == nil { // another version may know it no more
			zone = chosen
		}
	}
	return page.NewReader(strings.Join(c.r.Header.Values("Accept-Language"), ","), zone, c.server.now())
}

// partHeader is in requests of the page's own script, and names the part that it puts the answer
// into. The answer has it too, with the name of the part that it is.
const partHeader = "X-Part"

// showPart answers what somebody did in a part: with that part alone if the script of the page
// asks, and else with the whole page, in which the part has this view.
func (c *call) showPart(status int, name string, view any) error {
	part := page.Part{Name: name, View: view}
	if c.r.Header.Get(partHeader) == "" {
		return c.showPage(status, part)
	}
	return c.writePart(status, part)
}

// showPage answers with the whole page. The part that has the name of one of its parts takes the
// place of that.
func (c *call) showPage(status int, changed page.Part) error {
	reader := c.reader()
	f, figures, err := c.frame(reader)
	if err != nil {
		return err
	}
	f.IsAnswer = changed.Name != ""
	for _, one := range c.server.pageParts() {
		part := page.Part{Name: one.name}
		switch {
		case one.name == changed.Name:
			part = changed
		case one.live != nil:
			part.View = one.live(figures, reader)
		default:
			if part.View, err = c.viewOf(&one, reader); err != nil {
				return err
			}
		}
		f.Parts = append(f.Parts, part)
	}
	return c.writePage(status, f)
}

// viewOf is what a part shows. One that is damaged in the store says so, and hides none of the others.
func (c *call) viewOf(one *pagePart, r *page.Reader) (any, error) {
	view, err := one.view(c, r)
	p := asProblem(err)
	if p == nil || p.Type != storeDamaged {
		return view, err
	}
	within := c.problemPart(p).View.(page.Problem)
	within.IsWithin = true
	return within, nil
}

// answerPart answers what somebody did in a part, or wanted to do. Without the script of the page
// that is the page itself, at its own address, so that looking at it again sends nothing again.
// It is for files and rejects: they are kept, with what went wrong. What another act has found is in its own
// answer: see showPart.
func (c *call) answerPart(name string, part func(*call, *page.Reader) (any, error), failed error) error {
	status, trouble := http.StatusOK, ""
	if failed != nil {
		p := asProblem(failed)
		if p == nil {
			return failed
		}
		status = p.Status
		c.visit.note(c.w, p)
		if !errors.As(failed, new(*stillWrong)) {
			trouble = p.Detail
		}
	}
	files := c.server.files
	if c.r.Header.Get(partHeader) == "" && c.r.Method == http.MethodPost {
		files.keepTrouble(c.key.ID, name, trouble)
		return c.toPage("#" + name)
	}
	view, err := part(c, c.reader())
	if err != nil {
		return err
	}
	if trouble != "" {
		view = withTrouble(view, trouble)
	}
	return c.showPart(status, name, view)
}

func withTrouble(view any, trouble string) any {
	switch v := view.(type) {
	case *page.Files:
		v.Trouble = trouble
	case *page.Rejects:
		if v == nil {
			v = new(page.Rejects)
		}
		v.Trouble = trouble
		return v
	}
	return view
}

// writePage answers with a page. One without a reader is of no shop.
func (c *call) writePage(status int, f *page.Frame) error {
	if f.Reader == nil {
		f.Reader = c.reader()
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return c.writeHTML(status, b.Bytes())
}

// writePart answers with a part alone, and names it. It may be another one than was asked for: the
// part problem says what went wrong.
func (c *call) writePart(status int, part page.Part) error {
	reader := c.reader()
	reader.Shop = c.knownShop()
	html, err := reader.Part(part)
	if err != nil {
		return err
	}
	c.w.Header().Set(partHeader, part.Name)
	return c.writeHTML(status, []byte(html))
}

func (c *call) writeHTML(status int, html []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(html)))
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	// With no-referrer, a form would not say of which site it is, and some browsers say so in no other
	// way: it would be refused as one of another site.
	h.Set("Referrer-Policy", "same-origin")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(html) // whoever has gone does not read it
	return nil
}
