package server

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// How long a form of the page is at most: one of a few words, and one with a text that is mended, of
// which a form makes up to three times as many bytes.
const (
	mostFormBytes     = 16 << 10
	mostTextFormBytes = 3*mostMendedBytes + 64<<10
)

// form reads a form of the page, of so many bytes at most. One with files is refused, which would
// be kept on the disk, and so is one that is compressed, as no browser does that.
func (c *call) form(most int64) (url.Values, error) {
	unreadable := newProblem(http.StatusBadRequest, "form-unreadable", "the form cannot be read; open the page again")
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" || c.r.Header.Get("Content-Encoding") != "" {
		return nil, unreadable
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, most)
	err := c.r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return c.r.PostForm, nil
	case errors.As(err, &large):
		return nil, newProblem(http.StatusRequestEntityTooLarge, "form-too-large", "the form is larger than "+shownBytes(most))
	case isTooSlow(err):
		return nil, errTooSlow()
	}
	return nil, unreadable
}

// textOf is the text of a form, as it was before a browser has sent it.
func textOf(form url.Values) string { return strings.ReplaceAll(form.Get("text"), "\r\n", "\n") }
