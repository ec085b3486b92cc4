package server

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"process-orders/internal/page"
)

// pagePolicy is the Content-Security-Policy of pages.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types page"

// reader is who asks for a page.
func (c *call) reader() *page.Reader {
	zone := c.server.zone
	if c.session != nil && c.session.Zone != "" {
		if chosen, err := zoneOf(c.session.Zone); err == nil { // another version may know it no more
			zone = chosen
		}
	}
	return page.NewReader(strings.Join(c.r.Header.Values("Accept-Language"), ","), zone, c.server.now())
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

// maxSmallForm is how many bytes a form has at most that anybody may send.
const maxSmallForm = 16 << 10

// smallForm reads a form of a few words.
func (c *call) smallForm() (url.Values, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxSmallForm)
	err := c.r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return c.r.PostForm, nil
	case errors.As(err, &tooLarge):
		return nil, newProblem(http.StatusRequestEntityTooLarge, "form-too-large", "the form is larger than 16 KiB")
	case isTooSlow(err):
		return nil, errTooSlow()
	}
	return nil, newProblem(http.StatusBadRequest, "form-unreadable", "the form cannot be read")
}
