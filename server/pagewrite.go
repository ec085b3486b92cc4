package server

import (
	"bytes"

	"process-orders/internal/page"
)

// reader is who asks for a page.
func (c *call) reader() *page.Reader {
	now := c.server.now()
	return &page.Reader{Words: page.English, Language: "en", Zone: now.Location(), Now: now}
}

// writePage answers with a page.
func (c *call) writePage(status int, f *page.Frame) error {
	f.Reader = c.reader()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return c.writeHTML(status, b.Bytes())
}

func (c *call) writeHTML(status int, html []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.w.WriteHeader(status)
	_, err := c.w.Write(html)
	return err
}
